"""Harvesters that others wrote, over HTTP, against the served application."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from oaipmh_scythe import Scythe
from oaipmh_scythe.exceptions import NoRecordsMatch as ScytheNothing

with warnings.catch_warnings():
    # Sickle's source has an escape that Python warns of when it compiles it.
    warnings.simplefilter("ignore")
    from sickle import Sickle
    from sickle.oaiexceptions import BadArgument, IdDoesNotExist, NoRecordsMatch


@pytest.fixture
def shelved(shelf: Any) -> list[str]:
    lessons = [shelf.put(f"Bài {n}", subject=("TOAN", "NGUVAN")[n % 2]) for n in range(230)]
    shelf.feed()
    for lesson_id in lessons[:5]:
        shelf.withdraw(lesson_id)
    shelf.feed()
    return [f"oai:kho-chung.edu.vn:resource/{lesson_id}" for lesson_id in lessons]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sickle(live: str, shelved: list[str], method: str) -> None:
    sickle = Sickle(live, http_method=method)
    assert sickle.Identify().baseURL == live
    assert [form.metadataPrefix for form in sickle.ListMetadataFormats()] == ["oai_dc", "lom", "amb", "marc21"]
    assert "subject:TOAN" in [one.setSpec for one in sickle.ListSets()]
    records = list(sickle.ListRecords(metadataPrefix="oai_dc", ignore_deleted=False))
    assert sorted(r.header.identifier for r in records) == sorted(shelved)
    assert sum(r.header.deleted for r in records) == 5
    assert {r.metadata["language"][0] for r in records if not r.header.deleted} == {"vi"}
    headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc", set="subject:NGUVAN", ignore_deleted=False))
    assert len(headers) == 115
    one = sickle.GetRecord(identifier=shelved[9], metadataPrefix="oai_dc")
    assert one.metadata["title"] == ["Bài 9"]
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(metadataPrefix="oai_dc", until="2001-01-01")
    with pytest.raises(IdDoesNotExist):
        sickle.GetRecord(identifier="oai:kho-chung.edu.vn:resource/0", metadataPrefix="oai_dc")
    with pytest.raises(BadArgument):
        sickle.ListRecords(metadataPrefix="oai_dc", **{"from": "hôm qua"})


def test_scythe(live: str, shelved: list[str]) -> None:
    with Scythe(live, timeout=60) as scythe:
        assert scythe.identify().baseURL == live  # type: ignore[attr-defined]
        records = list(scythe.list_records(metadata_prefix="oai_dc"))
        assert sorted(r.header.identifier for r in records) == sorted(shelved)
        assert sum(bool(r.header.deleted) for r in records) == 5
        part = list(scythe.list_identifiers(metadata_prefix="oai_dc", set_="subject:TOAN"))
        assert len(part) == 115
        with pytest.raises(ScytheNothing):
            list(scythe.list_records(metadata_prefix="oai_dc", until="2001-01-01"))
