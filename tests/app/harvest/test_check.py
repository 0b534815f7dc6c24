"""`oai-check`: every single fault of a provider is found under its name, and a right provider has none."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.harvest.check import RULES, Report, check
from tests import oai_servers
from tests.oai_servers import LikeDspace, LikeEprints, LikeInvenio, Small, served, some_items

FAULTS = {
    "fraction": "response_date",
    "offset_date": "response_date",
    "no_schema_location": "no_schema_location",
    "content_type": "content_type",
    "no_post": "post",
    "request_attributes": "request_attributes",
    "error_status": "http_status",
    "repeated": "repeated_argument",
    "bad_verb_code": "bad_verb_code",
    "unknown_argument": "unknown_argument",
    "token_not_exclusive": "token_not_exclusive",
    "base_url": "base_url",
    "admin_email": "admin_email",
    "earliest": "earliest_datestamp",
    "deleted_no": "deleted_but_no",
    "gzip_never": "gzip_not_sent",
    "element_order": "envelope_invalid",
    "granularity": "granularity",
    "formats_of_unknown": "formats_of_unknown",
    "deleted_missing": "deleted_missing",
    "unknown_id_code": "unknown_id_code",
    "get_header_differs": "header_differs",
    "unknown_prefix_code": "unknown_prefix_code",
    "bad_token_code": "bad_token_code",
    "token_single_use": "token_not_replayable",
    "token_other_verb": "token_other_verb",
    "mixed_granularity": "mixed_granularity",
    "from_after_until": "from_after_until",
    "from_ignored": "from_ignored",
    "until_ignored": "until_ignored",
    "set_ignored": "set_ignored",
    "day_until": "day_until",
    "malformed_date": "malformed_date",
    "set_flat": "set_flat",
    "skipped_record": "skipped_record",
    "empty_list": "empty_list",
    "extra_empty_page": "extra_empty_page",
    "no_empty_token": "no_empty_token",
    "list_size": "list_size",
    "cursor": "cursor",
    "token_loses_set": "token_loses_set",
    "token_loses_until": "token_loses_until",
    "only_asked_set": "set_specs",
    "deleted_with_metadata": "deleted_with_metadata",
    "illegal_character": "not_well_formed",
    "payload": "payload_invalid",
}
ON_THE_EDGE = {"extra_empty_page"}
"""Faults that only show when the last page is full."""


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def checked(provider: Any) -> Report:
    with served(provider) as url:
        return check(url, pause=lambda _s: None)


def test_every_fault_of_the_servers_is_looked_for() -> None:
    source = inspect.getsource(oai_servers.Small)
    assert set(re.findall(r'has\("([a-z_]+)"\)', source)) - {"gzip"} == FAULTS.keys()
    assert len(FAULTS) > 31
    assert set(FAULTS.values()) <= RULES.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_single_fault_is_found_under_its_name(fault: str) -> None:
    count = 20 if fault in ON_THE_EDGE else 23
    report = checked(Small(some_items(count), broken=fault))
    assert FAULTS[fault] in codes(report), [(one.code, one.said) for one in report.findings]
    assert report.errors
    assert report.grade in "CD"


@pytest.mark.parametrize("count", [1, 10, 20, 23, 61])
@pytest.mark.parametrize("broken", ["", "gzip"])
def test_a_right_server_has_no_findings(count: int, broken: str) -> None:
    report = checked(Small(some_items(count), broken=broken))
    assert report.findings == []
    assert (report.grade, report.records, report.whole) == ("A", count, True)


def test_a_long_list_is_not_read_to_its_end() -> None:
    with served(Small(some_items(90))) as url:
        report = check(url, most_pages=3)
    assert report.findings == []
    assert (report.records, report.whole) == (30, False)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (LikeDspace, {"deletes_not_kept", "token_needs_encoding", "token_other_verb"}),
        (LikeInvenio, {"deletes_not_kept", "http_status", "token_not_replayable"}),
        (LikeEprints, {"day_granularity", "not_well_formed", "token_needs_encoding"}),
    ],
)
def test_known_software_is_graded(kind: Callable[..., Any], expected: set[str]) -> None:
    report = checked(kind(some_items(23)))
    assert expected <= codes(report), codes(report)
    assert report.listed


def test_nobody_there() -> None:
    with served(Small(some_items(3))) as url:
        pass
    report = check(url, pause=lambda _s: None)
    assert (report.grade, codes(report)) == ("F", {"unreachable"})


def test_the_command(app: Flask) -> None:
    runner = app.test_cli_runner()
    with served(Small(some_items(3))) as url:
        found = runner.invoke(args=["oai-check", url])
        assert found.exit_code == 0, found.output
        assert "Kho nhỏ: grade A; 0 errors" in found.output
    with served(Small(some_items(3), broken="admin_email")) as url:
        found = runner.invoke(args=["oai-check", "--json", url])
        assert found.exit_code == 1
        assert '"code": "admin_email"' in found.output
