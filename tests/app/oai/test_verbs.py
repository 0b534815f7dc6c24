"""Every verb and every error of OAI-PMH 2.0; each answer is valid by the schemas, metadata included."""

from __future__ import annotations

import gzip
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.oai.conftest import OAI, Page, Shelf, valid

Ask = Callable[..., Page]
NOWHERE = "oai:kho-chung.edu.vn:resource/00000000-0000-7000-8000-000000000000"


def identifier_of(lesson_id: uuid.UUID) -> str:
    return f"oai:kho-chung.edu.vn:resource/{lesson_id}"


def test_identify(client: FlaskClient, shelf: Shelf) -> None:
    shelf.put()
    shelf.feed()
    answer = client.get("/oai?verb=Identify")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    page = valid(answer.data)
    found = {element.tag.removeprefix(OAI): element.text for element in page.root.find(f"{OAI}Identify")}
    assert found["baseURL"] == page.root.findtext(f"{OAI}request") == "http://localhost/oai"
    assert found["deletedRecord"] == "persistent"
    assert found["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    assert "@" in found["adminEmail"] and "localhost" not in found["adminEmail"]
    assert found["earliestDatestamp"] <= page.date
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page.date)


def test_identify_of_an_empty_repository(ask: Ask) -> None:
    page = ask("Identify")
    assert page.root.findtext(f".//{OAI}earliestDatestamp") == page.date


def test_formats(ask: Ask, shelf: Shelf) -> None:
    lesson = shelf.put()
    shelf.feed()
    assert [e.text for e in ask("ListMetadataFormats").root.iter(f"{OAI}metadataPrefix")] == [
        "oai_dc",
        "lom",
        "amb",
        "marc21",
    ]
    page = ask("ListMetadataFormats", identifier=identifier_of(lesson))
    assert page.request == {"verb": "ListMetadataFormats", "identifier": identifier_of(lesson)}
    assert ask("ListMetadataFormats", identifier=NOWHERE).error == "idDoesNotExist"


def test_sets_of_vocabularies_and_of_the_past(ask: Ask, shelf: Shelf) -> None:
    shelf.put(subject="MON_CU", province="72")
    shelf.feed()
    page = ask("ListSets")
    names = {s.findtext(f"{OAI}setSpec"): s.findtext(f"{OAI}setName") for s in page.root.iter(f"{OAI}set")}
    assert names["subject:TOAN"] == "Môn học: Toán"
    assert {"subject", "province:79", "level:THPT", "type:BGDT", "licence:CC-BY-SA"} <= names.keys()
    assert names["subject:MON_CU"] == "Môn học: MON_CU"
    assert "Tây Ninh" in names["province:72"]
    assert page.token is None
    assert ask("ListSets", resumptionToken="x").error == "badResumptionToken"


def test_record(ask: Ask, shelf: Shelf) -> None:
    lesson = shelf.put(
        "Định lí Pythagore & <ứng dụng>",
        description="Chứng minh **bằng diện tích**.",
        grades=[8, 10],
        keywords=["tam giác vuông", "tam giác vuông", " "],
    )
    shelf.feed()
    page = ask("GetRecord", identifier=identifier_of(lesson), metadataPrefix="oai_dc")
    assert page.error is None
    assert page.dc("identifier")[0] == f"http://localhost/lessons/{lesson}"
    assert page.dc("title") == ["Định lí Pythagore & <ứng dụng>"]
    assert page.dc("creator") == ["Đỗ Ngọc Ánh"]
    assert page.dc("subject") == ["Toán", "Lớp 8", "Lớp 10", "tam giác vuông"]
    assert page.dc("description") == ["Chứng minh bằng diện tích."]
    assert page.dc("rights")[0].startswith("https://creativecommons.org/licenses/by-sa/4.0/")
    assert page.dc("publisher") == ["Trường THPT Sông Sài Gòn", "Sở GD&ĐT Thành phố Hồ Chí Minh"]
    assert page.dc("language") == ["vi"]
    specs = [e.text for e in page.headers[0].iter(f"{OAI}setSpec")]
    assert specs == ["level:THCS", "level:THPT", "licence:CC-BY-SA", "province:79", "subject:TOAN", "type:BGDT"]


def test_record_errors(ask: Ask, shelf: Shelf) -> None:
    lesson = shelf.put()
    shelf.feed()
    assert ask("GetRecord", identifier=NOWHERE, metadataPrefix="oai_dc").error == "idDoesNotExist"
    assert ask("GetRecord", identifier="không có", metadataPrefix="oai_dc").error == "idDoesNotExist"
    page = ask("GetRecord", identifier=identifier_of(lesson), metadataPrefix="mods")
    assert page.error == "cannotDisseminateFormat"
    assert page.request["metadataPrefix"] == "mods"
    assert ask("GetRecord", identifier=identifier_of(lesson)).error == "badArgument"
    assert ask("GetRecord", metadataPrefix="oai_dc").error == "badArgument"


def test_header_is_the_same_everywhere(ask: Ask, shelf: Shelf) -> None:
    lesson = shelf.put()
    shelf.feed()

    def header(page: Page) -> list[tuple[str, str]]:
        return [(element.tag, element.text) for element in page.headers[0]]

    one = header(ask("GetRecord", identifier=identifier_of(lesson), metadataPrefix="oai_dc"))
    assert one == header(ask("ListRecords", metadataPrefix="oai_dc"))
    assert one == header(ask("ListIdentifiers", metadataPrefix="oai_dc"))
    assert one == header(ask("ListIdentifiers", metadataPrefix="oai_dc", set="subject:TOAN"))
    assert one == header(ask("ListIdentifiers", metadataPrefix="oai_dc", set="subject"))


@pytest.mark.parametrize(
    "query",
    ["", "verb=", "verb=identify", "verb=Xoa", "verb=Identify&verb=Identify", "verb=Identify&verb=ListSets"],
)
def test_bad_verbs(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/oai?{query}")
    page = valid(answer.data)
    assert answer.status_code == 200
    assert page.error == "badVerb"
    assert page.request == {}


@pytest.mark.parametrize(
    "query",
    [
        "verb=Identify&x=1",
        "verb=Identify&metadataPrefix=oai_dc",
        "verb=ListRecords",
        "verb=ListIdentifiers&set=subject",
        "verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc",
        "verb=ListRecords&metadataPrefix=",
        "verb=ListRecords&metadataPrefix=oai dc",
        "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=abc",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-13-01",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-1-1",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30",
        "verb=ListRecords&metadataPrefix=oai_dc&from=0000-01-01",
        "verb=ListRecords&metadataPrefix=oai_dc&from=hôm nay",
        "verb=ListRecords&metadataPrefix=oai_dc&from=",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00.5Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T24:00:00Z",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00%2B07:00",
        "verb=ListRecords&metadataPrefix=oai_dc&until=٢٠٢٤-٠١-٠١",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01",
        "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-01-02T00:00:00Z",
        "verb=ListRecords&metadataPrefix=oai_dc&set=",
        "verb=ListRecords&metadataPrefix=oai_dc&set=a::b",
        "verb=ListRecords&metadataPrefix=oai_dc&set=môn",
        "verb=ListRecords&metadataPrefix=oai_dc&limit=10",
        "verb=GetRecord&identifier=&metadataPrefix=oai_dc",
        "verb=ListMetadataFormats&identifier=",
    ],
)
def test_bad_arguments(client: FlaskClient, shelf: Shelf, query: str) -> None:
    shelf.put()
    shelf.feed()
    answer = client.get(f"/oai?{query}")
    page = valid(answer.data)
    assert answer.status_code == 200
    assert page.error == "badArgument"
    assert page.request == {}


def test_no_records_match(ask: Ask, shelf: Shelf) -> None:
    assert ask("ListRecords", metadataPrefix="oai_dc").error == "noRecordsMatch"
    shelf.put()
    shelf.feed()
    for arguments in (
        {"until": "1999-01-01"},
        {"from_": "2999-01-01T00:00:00Z"},
        {"set": "subject:KHONGCO"},
        {"set": "province:01"},
        {"from_": "1990-01-01", "until": "1990-12-31"},
        {"until": "0001-01-01"},
    ):
        for verb in ("ListRecords", "ListIdentifiers"):
            page = ask(verb, metadataPrefix="oai_dc", **arguments)
            assert page.error == "noRecordsMatch", arguments
            assert page.request["metadataPrefix"] == "oai_dc"
    assert ask("ListRecords", metadataPrefix="mods").error == "cannotDisseminateFormat"
    assert ask("ListIdentifiers", metadataPrefix="mods").error == "cannotDisseminateFormat"


def test_dates_are_inclusive_and_a_day_lasts_to_its_end(ask: Ask, shelf: Shelf) -> None:
    shelf.put()
    shelf.feed()
    stamp = ask("ListIdentifiers", metadataPrefix="oai_dc").headers[0].findtext(f"{OAI}datestamp")
    for arguments in (
        {"from_": stamp, "until": stamp},
        {"from_": stamp[:10], "until": stamp[:10]},
        {"until": stamp[:10]},
        {"from_": stamp},
        {"until": stamp},
    ):
        assert ask("ListRecords", metadataPrefix="oai_dc", **arguments).error is None, arguments
    second = datetime.fromisoformat(stamp).timestamp()
    before = datetime.fromtimestamp(second - 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    after = datetime.fromtimestamp(second + 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ask("ListRecords", metadataPrefix="oai_dc", until=before).error == "noRecordsMatch"
    assert ask("ListRecords", metadataPrefix="oai_dc", from_=after).error == "noRecordsMatch"


def test_paging(ask: Ask, shelf: Shelf) -> None:
    lessons = [shelf.put(f"Bài {n}") for n in range(7)]
    shelf.feed()
    for per_page, pages in ((3, [3, 3, 1]), (7, [7]), (8, [7]), (1, [1] * 7)):
        seen: list[str] = []
        page = ask("ListRecords", per_page, metadataPrefix="oai_dc")
        for n, length in enumerate(pages):
            assert len(page.headers) == length
            if len(pages) == 1:
                assert page.token is None
            else:
                assert page.token.get("completeListSize") == "7"
                assert page.token.get("cursor") == str(len(seen))
                assert page.token.get("expirationDate") is None
            seen += page.identifiers
            if n + 1 < len(pages):
                token = page.token.text
                assert re.fullmatch(r"[A-Za-z0-9_-]+", token) and len(token) < 300
                page = ask("ListRecords", per_page, resumptionToken=token)
                again = ask("ListRecords", per_page, resumptionToken=token)
                assert again.identifiers == page.identifiers, "a token may be replayed"
            elif len(pages) > 1:
                assert not page.token.text, "the last page says so"
        assert sorted(seen) == sorted(map(identifier_of, lessons))


def test_a_token_keeps_set_and_dates(ask: Ask, shelf: Shelf) -> None:
    inside = {identifier_of(shelf.put(f"Toán {n}")) for n in range(4)}
    for n in range(4):
        shelf.put(f"Văn {n}", subject="NGUVAN")
    shelf.feed()
    seen: set[str] = set()
    page = ask("ListIdentifiers", 1, metadataPrefix="oai_dc", set="subject:TOAN", from_="2000-01-01")
    while True:
        assert all("subject:TOAN" in [e.text for e in header.iter(f"{OAI}setSpec")] for header in page.headers)
        seen |= set(page.identifiers)
        if not page.token.text:
            break
        page = ask("ListIdentifiers", 1, resumptionToken=page.token.text)
    assert seen == inside


def test_tokens_of_others(ask: Ask, shelf: Shelf) -> None:
    for n in range(3):
        shelf.put(f"Bài {n}")
    shelf.feed()
    token = ask("ListRecords", 1, metadataPrefix="oai_dc").token.text
    assert ask("ListIdentifiers", 1, resumptionToken=token).error == "badResumptionToken"
    last = "A" if token[-1] != "A" else "Q"
    for wrong in ("", "x", token[:-1], token + "A", token[:-1] + last, "A" + token, token * 9, token + "=", "đ"):
        page = ask("ListRecords", 1, resumptionToken=wrong)
        assert page.error == "badResumptionToken", wrong
        assert page.request["resumptionToken"] == wrong


def test_post_answers_as_get_does(client: FlaskClient, shelf: Shelf) -> None:
    shelf.put()
    shelf.feed()
    fields = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    by_get, by_post = client.get("/oai", query_string=fields), client.post("/oai", data=fields)
    date = re.compile(rb"<responseDate>[^<]+</responseDate>")
    assert date.sub(b"", by_get.data) == date.sub(b"", by_post.data)
    assert valid(client.post("/oai").data).error == "badVerb"
    assert client.get("/oai/?verb=Identify").status_code == 200


def test_post_needs_no_csrf_token(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert valid(client.post("/oai", data={"verb": "Identify"}).data).error is None


def test_gzip_is_announced_and_really_sent(client: FlaskClient, shelf: Shelf) -> None:
    for n in range(5):
        shelf.put(f"Bài {n}")
    shelf.feed()
    assert valid(client.get("/oai?verb=Identify").data).root.findtext(f".//{OAI}compression") == "gzip"
    address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(valid(gzip.decompress(packed.data)).headers) == 5
    for said in ("identity", "gzip;q=0", ""):
        assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": said}).headers


def test_characters_that_xml_forbids(ask: Ask, shelf: Shelf) -> None:
    lesson = shelf.put("Bài\x0b có\ufffe kí tự\x01 lạ", description="a\x1fb\uffff", authors=["\x03"])
    shelf.feed()
    page = ask("GetRecord", identifier=identifier_of(lesson), metadataPrefix="oai_dc")
    assert page.dc("title") == ["Bài có kí tự lạ"]
    assert page.dc("creator") == []
    assert ask("GetRecord", identifier="oai:a\x00b\ud800", metadataPrefix="oai_dc").error == "idDoesNotExist"


def test_a_record_without_metadata_does_not_break_its_page(app: Flask, ask: Ask, shelf: Shelf) -> None:
    import sqlalchemy as sa

    from app.core import db
    from app.oai.models import OaiMetadata

    lesson = shelf.put()
    shelf.feed()
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.delete(OaiMetadata))
    assert ask("ListRecords", metadataPrefix="oai_dc").dc("identifier") == [f"http://localhost/lessons/{lesson}"]


NAMES = st.sampled_from(["verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken", "x", ""])
VALUES = st.one_of(
    st.sampled_from(
        ["Identify", "ListRecords", "ListIdentifiers", "GetRecord", "ListSets", "ListMetadataFormats", "oai_dc"]
    ),
    st.sampled_from(["2024-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "subject:TOAN", "a:b", "%zz", "::", "#[]"]),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(NAMES, VALUES), max_size=4), verb=VALUES)
def test_whatever_is_asked_the_answer_is_valid(app: Flask, pairs: list[tuple[str, str]], verb: str) -> None:
    from app.oai import verbs
    from app.oai.pages import repository

    with app.app_context():
        valid(verbs.answer([("verb", verb), *pairs], repository()))
