"""Words of other repositories in our vocabularies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from app.harvest import mapping

LATEST = datetime(2026, 6, 1, tzinfo=UTC)


def dc(**fields: Any) -> Any:
    inner = "".join(
        f"<dc:{name}>{text}</dc:{name}>"
        for name, texts in fields.items()
        for text in (texts if isinstance(texts, list) else [texts])
    )
    return etree.fromstring(
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{inner}</oai_dc:dc>'
    )


def read(metadata: Any, sets: tuple[str, ...] = (), decisions: mapping.Decisions | None = None) -> mapping.Mapped:
    found = mapping.mapped(metadata, sets, decisions or {}, "oai:x:1", LATEST)
    assert found is not None
    return found


def test_an_english_record() -> None:
    made = read(
        dc(
            title="Newton&#39;s laws", creator=["Isaac N.", "Isaac N."], subject=["Physics", "Grade 10", "mechanics"],
            type="Presentation", language="en_US", rights="http://creativecommons.org/licenses/by-nc-sa/3.0/vn/",
            date=["2019", "2020-05-06T07:08:09Z"], publisher="OpenPhys", description="&lt;p&gt;Three &lt;b&gt;laws&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;And more&lt;/p&gt;",
            identifier=["doi:10.1/2", "https://phys.example.org/item/7", "https://phys.example.org/item/7/newton.pdf"],
            coverage="Cần Thơ",
        )
    )  # fmt: skip
    assert made.fields == {
        "title": "Newton's laws",
        "description": "Three laws.\nAnd more",
        "subject": "VATLI",
        "grades": [10],
        "resource_type": "TRINHCHIEU",
        "language": "en",
        "licence": "CC BY-NC-SA",
        "authors": ["Isaac N."],
        "keywords": ["mechanics"],
        "topics": [],
        "textbook_series": None,
    }
    assert made.url == "https://phys.example.org/item/7"
    assert [link.url for link in made.files] == ["https://phys.example.org/item/7/newton.pdf"]
    assert made.published_at == datetime(2019, 1, 1, tzinfo=UTC)
    assert made.province == "92"
    assert made.publisher == "OpenPhys"
    assert made.unmapped == ()


def test_what_is_unknown_is_named_and_kept_as_a_keyword() -> None:
    made = read(dc(title="a", subject=["Alchemy", "gold"], type=["Text", "Grimoire"], rights="Ask me", language="tlh"))
    assert made.fields["subject"] is None
    assert made.fields["keywords"] == ["Alchemy", "gold"]
    assert set(made.unmapped) == {
        ("subject", "Alchemy"),
        ("subject", "gold"),
        ("resource_type", "Grimoire"),
        ("licence", "Ask me"),
        ("language", "tlh"),
    }
    decided = {
        ("subject", "alchemy"): "HOAHOC",
        ("resource_type", "grimoire"): None,
        ("licence", "ask me"): "PERMISSION",
        ("language", "tlh"): "mul",
    }
    again = read(dc(title="a", subject=["Alchemy", "gold"], type=["Text", "Grimoire"], rights="Ask me", language="tlh"),
                 decisions=decided)  # fmt: skip
    assert again.unmapped == ()
    assert (again.fields["subject"], again.fields["licence"], again.fields["language"]) == (
        "HOAHOC",
        "PERMISSION",
        "mul",
    )
    assert again.fields["keywords"] == ["gold"]


@pytest.mark.parametrize(
    "text,code",
    [
        ("Toán", "TOAN"), ("TOÁN HỌC", "TOAN"), ("toan", "TOAN"), ("Mathematics", "TOAN"), ("Vật lý", "VATLI"),
        ("Vật lí", "VATLI"), ("Hoá học", "HOAHOC"), ("Hóa học", "HOAHOC"), ("Education::Biology", "SINHHOC"),
        ("Lịch sử", "LICHSU"), ("Computer science", "TINHOC"), ("Ngữ văn", "NGUVAN"),
    ],
)  # fmt: skip
def test_subjects(text: str, code: str) -> None:
    assert read(dc(title="a", subject=text)).fields["subject"] == code


@pytest.mark.parametrize(
    "text,grades",
    [("Lớp 8", [8]), ("lop 12", [12]), ("Grade 3", [3]), ("Lớp 10-12", [10, 11, 12]), ("Khối 6", [6]), ("Lớp 13", [])],
)
def test_grades(text: str, grades: list[int]) -> None:
    assert read(dc(title="a", subject=["Toán", text])).fields["grades"] == grades


@pytest.mark.parametrize(
    "text,code",
    [
        ("https://creativecommons.org/licenses/by/4.0/deed.vi", "CC BY"),
        ("CC-BY-SA-4.0", "CC BY-SA"), ("CC BY-NC-ND 4.0", "CC BY-NC-ND"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"), ("All rights reserved", "ARR"),
        ("Ghi công - Chia sẻ tương tự", "CC BY-SA"), ("Dùng nội bộ ngành giáo dục (các sở tham gia)", "SECTOR"),
        ("info:eu-repo/semantics/openAccess", None), ("http://example.org/rights", None),
    ],
)  # fmt: skip
def test_licences(text: str, code: str | None) -> None:
    assert read(dc(title="a", rights=text)).fields["licence"] == code


def test_sets_of_our_vocabularies_say_more_than_words() -> None:
    made = read(
        dc(title="a", subject="Toán cao cấp", rights="?"),
        ("subject:VATLI", "province:74", "type:VIDEO", "licence:CC-BY-SA", "level:THPT", "subject:LOITHOI"),
    )
    assert (made.fields["subject"], made.fields["resource_type"], made.fields["licence"], made.province) == (
        "VATLI", "VIDEO", "CC BY-SA", "74",
    )  # fmt: skip
    assert made.unmapped == ()


def test_nothing_said() -> None:
    made = read(dc())
    assert made.fields["title"] == "oai:x:1"
    assert made.url is None
    assert made.published_at is None
    assert mapping.mapped(etree.fromstring("<mods xmlns='http://www.loc.gov/mods/v3'/>"), (), {}, "x", LATEST) is None


def test_limits() -> None:
    made = read(
        dc(title="t" * 1000, description="d" * 50_000, creator=[f"{n} {'a' * 500}" for n in range(80)],
           subject=[f"k{n}" for n in range(200)], identifier=[f"http://a.b/{n}.pdf" for n in range(200)],
           date="2031-01-01")
    )  # fmt: skip
    assert len(made.fields["title"]) == 300
    assert len(made.fields["description"]) == 20_000
    assert len(made.fields["authors"]) == 50
    assert max(map(len, made.fields["authors"])) == 200
    assert len(made.fields["keywords"]) == 50
    assert len(made.files) == 50
    assert made.published_at is None


def test_scripts_and_controls_do_not_come_along() -> None:
    made = read(
        dc(
            title="A\u202eB &lt;script&gt;alert(1)&lt;/script&gt;",
            description="&lt;img src=x onerror=alert(1)&gt;text",
        )
    )
    assert made.fields["title"] == "AB"
    assert made.fields["description"] == "text"


LOM = """<lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><identifier><catalog>URI</catalog>
<entry>https://edu.example.org/node/5</entry></identifier>
<title><string language="en">Circle</string><string language="vi">Đường tròn</string></title><language>vi</language>
<description><string language="vi">Bài về đường tròn</string></description><keyword><string>tiếp tuyến</string></keyword>
</general><lifeCycle><contribute><role><source>LOMv1.0</source><value>author</value></role>
<entity>BEGIN:VCARD
VERSION:3.0
FN:Lê Văn Ba
N:Ba;Lê
END:VCARD</entity></contribute></lifeCycle>
<technical><format>application/pdf</format><location>https://edu.example.org/f/5.pdf</location></technical>
<educational><learningResourceType><source>x</source><value>lesson plan</value></learningResourceType></educational>
<rights><description><string>https://creativecommons.org/licenses/by/4.0/</string></description></rights>
<classification><taxonPath><taxon><id>TOAN</id><entry><string>Toán</string></entry></taxon></taxonPath>
<taxonPath><taxon><entry><string>Lớp 9</string></entry></taxon></taxonPath></classification></lom>"""

MARC = """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>x</leader>
<datafield tag="245" ind1="0" ind2="0"><subfield code="a">Sóng cơ /</subfield></datafield>
<datafield tag="100" ind1="0" ind2="0"><subfield code="a">Trần Thị Tư,</subfield></datafield>
<datafield tag="041" ind1="0" ind2=" "><subfield code="a">vie</subfield></datafield>
<datafield tag="650" ind1=" " ind2="0"><subfield code="a">Vật lí</subfield></datafield>
<datafield tag="521" ind1=" " ind2=" "><subfield code="a">Lớp 11</subfield></datafield>
<datafield tag="655" ind1=" " ind2="7"><subfield code="a">Video</subfield></datafield>
<datafield tag="540" ind1=" " ind2=" "><subfield code="a">CC BY</subfield></datafield>
<datafield tag="856" ind1="4" ind2="0"><subfield code="u">https://lib.example.org/bib/9</subfield></datafield></record>"""

AMB = """<amb xmlns="urn:x">{"@context": ["https://w3id.org/kim/amb/context.jsonld"], "id": "https://oer.example.org/7",
"name": "Tế bào", "creator": [{"type": "Person", "name": "Năm"}], "about": [{"id": "x", "prefLabel": {"vi": "Sinh học"}}],
"educationalLevel": ["Lớp 10"], "learningResourceType": [{"prefLabel": {"en": "Worksheet"}}], "inLanguage": ["vi"],
"license": {"id": "https://creativecommons.org/licenses/by-sa/4.0/"},
"encoding": [{"contentUrl": "https://oer.example.org/7/file", "encodingFormat": "application/pdf", "sha256": "ab"}]}</amb>"""


@pytest.mark.parametrize(
    "xml,wanted",
    [
        (LOM, ("Đường tròn", ["Lê Văn Ba"], "TOAN", [9], "KHBD", "CC BY", "https://edu.example.org/node/5")),
        (MARC, ("Sóng cơ", ["Trần Thị Tư"], "VATLI", [11], "VIDEO", "CC BY", "https://lib.example.org/bib/9")),
        (AMB, ("Tế bào", ["Năm"], "SINHHOC", [10], "PHIEU", "CC BY-SA", "https://oer.example.org/7")),
    ],
    ids=["lom", "marc21", "amb"],
)
def test_other_formats(xml: str, wanted: tuple[Any, ...]) -> None:
    made = read(etree.fromstring(xml))
    fields = made.fields
    assert (fields["title"], fields["authors"], fields["subject"], fields["grades"], fields["resource_type"],
            fields["licence"], made.url) == wanted  # fmt: skip
    assert fields["language"] == "vi"
