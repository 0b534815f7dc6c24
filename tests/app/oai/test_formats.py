"""LOM, AMB and MARC 21 of one lesson: valid, saying the same, and understood by our own harvester."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.harvest.check import check
from app.harvest.mapping import _reader
from app.oai.crosswalk import FORMATS, JSON_LD, LOM, MARC, Lesson, LessonFile, least
from app.vocabularies import queries as vocabularies
from tests.app.oai.conftest import SCHEMA

SHA = "a" * 64
WHOLE = Lesson(
    url="https://kho.example.edu.vn/lessons/0190f5fe-7c00-7a00-8000-000000000001",
    title="Định lí Pythagore & ứng dụng",
    description="Bài học và phiếu về tam giác vuông: a < b & c.",
    subject="TOAN",
    grades=(8, 9),
    resource_type="BGDT",
    language="vi",
    licence="CC BY-SA",
    authors=("Đỗ Ngọc Ánh", "Lê, Văn; Tám"),
    keywords=("tam giác vuông",),
    topics=(vocabularies.topics()[0].code,),
    textbook_series="KNTT",
    publishers=("Trường THCS Chu Văn An",),
    published_at=datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC),
    files=(LessonFile("https://kho.example.edu.vn/api/v1/resources/1/files/2/content", "application/pdf", 1234, SHA),),
)
TEXT = st.text(max_size=20)
ANY = st.builds(
    Lesson,
    url=st.just(WHOLE.url),
    title=TEXT,
    description=TEXT,
    subject=st.sampled_from([None, "TOAN", "MON_CU"]),
    grades=st.lists(st.integers(1, 12), max_size=3).map(tuple),
    resource_type=st.sampled_from([None, "BGDT", "LOAI_CU"]),
    language=st.sampled_from(["vi", "en", "mul", "cjm"]),
    licence=st.sampled_from([None, "CC BY", "CC0", "SECTOR", "GIAY_PHEP_CU"]),
    authors=st.lists(TEXT, max_size=3).map(tuple),
    keywords=st.lists(TEXT, max_size=3).map(tuple),
    topics=st.just(()),
    textbook_series=st.sampled_from([None, "KNTT"]),
    publishers=st.lists(TEXT, max_size=2).map(tuple),
    published_at=st.sampled_from([None, WHOLE.published_at]),
    files=st.sampled_from([(), WHOLE.files, WHOLE.files * 3]),
)


def valid(prefix: str, xml: str) -> Any:
    root = etree.fromstring(xml)
    if prefix != "oai_dc":  # its root is named by the envelope's schema only
        SCHEMA.assertValid(root)
    if prefix == "amb":
        keeps_to_amb(json.loads(root.text))
    return root


def keeps_to_amb(said: dict[str, Any]) -> None:
    """What the JSON Schema of AMB requires and how it types what we write."""
    assert said["@context"][0] == "https://w3id.org/kim/amb/context.jsonld"
    assert said["type"] == ["LearningResource"]
    assert said["name"].strip()
    assert urlsplit(said["id"]).scheme == "https"
    for page in said["mainEntityOfPage"]:
        assert page["id"].startswith("https://")
    for name in ("about", "teaches", "educationalLevel", "learningResourceType", "audience"):
        for one in said.get(name, []):
            assert one["type"] == "Concept"
            assert urlsplit(one["id"]).scheme in ("http", "https")
            assert isinstance(one["prefLabel"]["vi"], str)
    for name in ("creator", "publisher"):
        for one in said.get(name, []):
            assert one["type"] in ("Person", "Organization")
            assert isinstance(one["name"], str)
    for one in said.get("encoding", []):
        assert one["type"] == "MediaObject"
        assert one["contentUrl"].startswith("https://")
        assert one["contentSize"].isdigit()
    if "license" in said:
        assert said["license"]["id"].startswith("https://")
    assert isinstance(said["inLanguage"], list)
    if "datePublished" in said:
        datetime.strptime(said["datePublished"], "%Y-%m-%d")


@settings(max_examples=150, deadline=None)
@given(lesson=ANY)
def test_whatever_a_lesson_says_all_formats_are_valid(lesson: Lesson) -> None:
    for prefix, form in FORMATS.items():
        valid(prefix, form.write(lesson))


@pytest.mark.parametrize("prefix", FORMATS)
def test_the_least_is_valid_too(prefix: str) -> None:
    valid(prefix, least(prefix, WHOLE.url, ""))


@pytest.mark.parametrize("prefix", FORMATS)
def test_our_harvester_reads_the_same_from_every_format(prefix: str) -> None:
    root = valid(prefix, FORMATS[prefix].write(WHOLE))
    reader = _reader(root)
    assert reader is not None
    said = reader(root)
    assert [title for title, _language in said.titles] == [WHOLE.title]
    assert said.descriptions == [WHOLE.description]
    assert "Đỗ Ngọc Ánh" in said.authors
    assert {"Toán", "Lớp 8", "Lớp 9", "tam giác vuông"} <= set(said.subjects)
    assert "Bài giảng điện tử (e-Learning)" in said.types
    assert any("licenses/by-sa/4.0" in text for text in said.rights)
    assert WHOLE.url in said.links
    assert [url for url, *_rest in said.files] == [WHOLE.files[0].url]
    assert WHOLE.publishers[0] in said.publishers


def test_every_word_of_lom_has_its_source() -> None:
    root = etree.fromstring(FORMATS["lom"].write(WHOLE))
    values = list(root.iter(f"{{{LOM}}}value"))
    assert len(values) > 8
    assert all(value.getprevious().tag == f"{{{LOM}}}source" for value in values)
    assert root.findtext(f"{{{LOM}}}technical/{{{LOM}}}size") == "1234"
    assert root.findtext(f".//{{{LOM}}}typicalAgeRange/{{{LOM}}}string") == "13-15"


def test_a_file_carries_its_hash() -> None:
    said = json.loads(etree.fromstring(FORMATS["amb"].write(WHOLE)).text)
    assert said["encoding"][0]["sha256"] == SHA
    assert said["encoding"][0]["contentSize"] == "1234"


def test_marc_fields() -> None:
    root = etree.fromstring(FORMATS["marc21"].write(WHOLE))
    fixed = root.findtext(f"{{{MARC}}}controlfield[@tag='008']")
    assert len(fixed) == 40
    assert (fixed[:6], fixed[6:11], fixed[35:38]) == ("260302", "s2026", "vie")
    assert len(root.findtext(f"{{{MARC}}}leader")) == 24


def test_a_schema_that_is_broken_is_noticed() -> None:
    root = etree.fromstring(FORMATS["lom"].write(WHOLE))
    source = next(root.iter(f"{{{LOM}}}source"))
    source.getparent().remove(source)
    assert not SCHEMA.validate(root)


@pytest.mark.parametrize("prefix", FORMATS)
def test_a_page_in_every_format(ask: Callable[..., Any], shelf: Any, prefix: str) -> None:
    for n in range(3):
        shelf.put(f"Bài {n}")
    shelf.put("Bài dùng nội bộ", licence="SECTOR")
    shelf.feed()
    page = ask("ListRecords", metadataPrefix=prefix)
    assert len(page.headers) == 4
    references = [
        one.get("ref") for one in page.root.iter("{http://www.openarchives.org/OAI/2.0/rights/}rightsReference")
    ]
    assert references == ["https://creativecommons.org/licenses/by-sa/4.0/deed.vi"] * 3


def test_the_schema_named_for_json_ld_is_served(client: FlaskClient, ask: Callable[..., Any]) -> None:
    found = [one.text for one in ask("ListMetadataFormats").root.iter("{http://www.openarchives.org/OAI/2.0/}schema")]
    assert "http://localhost/oai/schemas/json-ld.xsd" in found
    answer = client.get("/oai/schemas/json-ld.xsd")
    assert JSON_LD.encode() in answer.data
    assert client.get("/oai/schemas/OAI-PMH.xsd").status_code == 404


def test_our_own_check_finds_nothing_in_our_own_feed(live: str, shelf: Any) -> None:
    lessons = [shelf.put(f"Bài {n}", subject=("TOAN", "NGUVAN")[n % 2]) for n in range(7)]
    shelf.withdraw(lessons[3])
    shelf.feed()
    report = check(live)
    assert report.findings == []
    assert report.grade == "A"
