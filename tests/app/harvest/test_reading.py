"""Answers read strictly, repaired where they must be, refused where they are something else."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.harvest import reading

HEAD = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-02T03:04:05Z</responseDate><request/>'
)
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></oai_dc:dc>'
)


def record(n: int, title: str) -> str:
    return (
        f"<record><header><identifier>oai:a:{n}</identifier><datestamp>2026-01-01</datestamp></header>"
        f"<metadata>{DC.format(title)}</metadata></record>"
    )


def page(*records: str, end: str = "") -> bytes:
    return f"{HEAD}<ListRecords>{''.join(records)}{end}</ListRecords></OAI-PMH>".encode()


def titles(answer: reading.Answer) -> list[str]:
    return ["".join(one.metadata.itertext()) for one in answer.records]


def test_a_clean_page() -> None:
    end = '<resumptionToken completeListSize="9" cursor="0"> a/b+c= </resumptionToken>'
    answer = reading.read(page(record(1, "Một"), record(2, "Hai"), end=end))
    assert titles(answer) == ["Một", "Hai"]
    assert (answer.token, answer.size, answer.recovered) == ("a/b+c=", 9, False)
    assert answer.date == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert answer.records[0].xml.startswith("<record")
    again = reading.reread(answer.records[0].xml)
    assert again is not None
    assert "".join(again.metadata.itertext()) == "Một"


def test_ends_of_lists() -> None:
    assert reading.read(page(record(1, "a"))).token is None
    assert reading.read(page(record(1, "a"), end='<resumptionToken cursor="3"/>')).token == ""
    assert reading.read(page(record(1, "a"), end="<resumptionToken>  </resumptionToken>")).token == ""


@pytest.mark.parametrize(
    "broken,mended",
    [
        ("Hai & ba", "Hai & ba"),
        ("Hai&nbsp;ba", "Hai\xa0ba"),
        ("Hai &eacute; ba", "Hai é ba"),
        ("Hai\x03ba", "Haiba"),
        ("Hai\ufffeba", "Haiba"),
        ("Hai&#3;ba", "Haiba"),
        ("Hai&#xFFFF;ba", "Haiba"),
        ("Hai &khongco; ba", "Hai &khongco; ba"),
        ("Hai &amp; ba", "Hai & ba"),
    ],
)
def test_repairs(broken: str, mended: str) -> None:
    answer = reading.read(page(record(1, broken), record(2, "Sau")))
    assert titles(answer) == [mended, "Sau"]
    assert answer.recovered == (broken != "Hai &amp; ba")
    assert answer.lost == ()


def test_wrong_bytes_and_encodings() -> None:
    answer = reading.read(page(record(1, "Hai")).replace(b"Hai", b"H\xe9i"))
    assert answer.recovered
    assert titles(answer) == ["H\ufffdi"]
    declared = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + page(record(1, "Hai")).replace(b"Hai", b"H\xe9i")
    assert titles(reading.read(declared)) == ["Héi"]
    unknown = b'<?xml version="1.0" encoding="x-unknown"?>' + page(record(1, "Hai"))
    assert titles(reading.read(unknown)) == ["Hai"]


def test_what_is_lost_in_repair_is_named() -> None:
    bad = record(2, "Hai").replace("</header>", "</heeder>")
    answer = reading.read(page(record(1, "Một"), bad, record(3, "Ba")))
    assert answer.recovered
    read = {one.identifier for one in answer.records} | set(answer.lost)
    assert {"oai:a:1", "oai:a:3"} <= read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml at all",
        b"<html><body>404</body></html>",
        b"\x00\x01\x02",
        b"<rss/>",
        b'<!DOCTYPE OAI-PMH [<!ENTITY a "b">]><OAI-PMH>&a;</OAI-PMH>',
        b'<!DOCTYPE OAI-PMH SYSTEM "http://evil.example.org/x.dtd"><OAI-PMH/>',
    ],
)
def test_something_else(body: bytes) -> None:
    with pytest.raises(reading.Unreadable):
        reading.read(body)


def test_bombs_and_files_stay_shut(tmp_path: object) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><OAI-PMH>&l8;</OAI-PMH>'.encode()
    outside = (
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><OAI-PMH><responseDate>&f;</responseDate></OAI-PMH>'
    )
    for body in (bomb, outside):
        with pytest.raises(reading.Unreadable):
            reading.read(body)


def test_errors_and_headers() -> None:
    answer = reading.read(f'{HEAD}<error code="noRecordsMatch">none</error></OAI-PMH>'.encode())
    assert answer.error == ("noRecordsMatch", "none")
    header = (
        '<header status="deleted"><identifier> oai:a:1 </identifier><datestamp>2026-01-01T00:00:00Z</datestamp>'
        "<setSpec>a</setSpec><setSpec>a:b</setSpec></header>"
    )
    answer = reading.read(f"{HEAD}<ListIdentifiers>{header}</ListIdentifiers></OAI-PMH>".encode())
    (one,) = answer.records
    assert (one.identifier, one.deleted, one.sets) == ("oai:a:1", True, ("a", "a:b"))


@pytest.mark.parametrize(
    "text,wanted",
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T10:04:05+07:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+07:00", None),
        ("2026-13-02", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(text: str | None, wanted: datetime | None) -> None:
    assert reading.moment(text) == wanted


@given(st.binary(max_size=300))
def test_no_bytes_break_it(body: bytes) -> None:
    for text in (body, page(record(1, "a")).replace(b"a", body, 1)):
        with contextlib.suppress(reading.Unreadable):
            reading.read(text)
