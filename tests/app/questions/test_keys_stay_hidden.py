"""Keys are for those who may edit or review. A marker is planted and sought everywhere else, as everyone else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter

from app.questions import queries
from tests import engines

MARKER = "Dấu-vết-7q4z"
KEY = "7,39"
OTHERS = ("hocsinh", "hocsinh2", "doitac", "giaovien2", "totruong2", "thuvien")


def planted(as_user: Callable[[str], FlaskClient]) -> list[str]:
    """One approved question with the marker in its explanation, one whose key is a rare number, one draft."""
    teacher, reviewer = as_user("giaovien"), as_user("totruong")
    base = {"explanation": MARKER, "subject": "TOAN", "grade": 12, "level": "HIEU", "topic": None, "tags": []}
    bodies: list[dict[str, Any]] = [
        {
            **base,
            "kind": "true_false_group",
            "stem": "Xét bốn ý",
            "choices": [{"id": i, "text": i} for i in "abcd"],
            "answer": {"a": True, "b": False, "c": True, "d": False},
        },
        {**base, "kind": "short_answer", "stem": "Tính giá trị gần đúng", "choices": [], "answer": KEY},
        {**base, "kind": "short_answer", "stem": "Bản nháp", "choices": [], "answer": KEY},
    ]
    ids = []
    for n, body in enumerate(bodies):
        made = teacher.post("/api/v1/questions", json=body)
        assert made.status_code == 201, made.text
        ids.append(made.json["id"])  # type: ignore[index]
        if n < 2:
            assert teacher.post(f"/api/v1/questions/{ids[-1]}/submit").status_code == 200
            done = reviewer.post(f"/api/v1/questions/{ids[-1]}/reviews", json={"decision": "approve"})
            assert done.status_code == 200, done.text
    return ids


def addresses(app: Flask, ids: list[str]) -> Iterator[str]:
    """Every GET route, with the questions' ids wherever a route takes an id."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for one in ids:
            values: dict[str, Any] = dict.fromkeys(rule.arguments, one)
            for name, converter in rule._converters.items():
                if isinstance(converter, IntegerConverter):
                    values[name] = 1
                elif isinstance(converter, AnyConverter):
                    values[name] = sorted(converter.items)[0]
            with app.test_request_context():
                built = rule.build(values)
            if built:
                yield built[1]
            if not rule.arguments:
                break
    for form in ("gift", "csv", "xlsx"):
        yield f"/api/v1/questions/export?format={form}"
        yield f"/api/v1/questions/export/report?format={form}&ids={','.join(ids)}"
    for query in (MARKER, "7q4z", KEY, "gần đúng", ""):
        yield f"/api/v1/search?q={query}"
        yield f"/api/v1/search?q={query}&type=question"
        yield f"/search?q={query}"
        yield f"/api/v1/suggest?q={query}"
        yield f"/questions?q={query}"
    for verb in ("Identify", "ListSets", "ListIdentifiers&metadataPrefix=oai_dc", "ListRecords&metadataPrefix=oai_dc"):
        yield f"/oai?verb={verb}"


def holds_a_key(value: Any) -> bool:
    """Is there an `answer` or an `explanation` with something in it, anywhere in this document?"""
    if isinstance(value, dict):
        said = any(value.get(name) not in (None, "", [], {}) for name in ("answer", "explanation"))
        return said or any(holds_a_key(v) for v in value.values())
    return isinstance(value, list) and any(holds_a_key(v) for v in value)


def leaks(body: str) -> bool:
    shown = body.replace(f'value="{MARKER}"', "").replace(f'value="{KEY}"', "")
    return "7q4z" in shown or KEY in shown or "7.39" in shown


@pytest.mark.parametrize("login", ["", *OTHERS])
def test_no_key_in_any_answer_to_others(
    app: Flask,
    as_user: Callable[[str], FlaskClient],
    signed_in: Callable[[str], FlaskClient],
    client: FlaskClient,
    drain: Callable[[], None],
    login: str,
) -> None:
    ids = planted(as_user)
    drain()
    clients = [as_user(login), signed_in(login)] if login else [client]
    seen = 0
    for address in addresses(app, ids):
        for one in clients:
            answer = one.get(address)
            assert answer.status_code < 500, (address, answer.status_code)
            if answer.status_code != 200 or address.startswith(("/metrics", "/api/v1/openapi")):
                continue
            seen += 1
            if answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
                import io

                import python_calamine

                book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
                body = json.dumps(book.get_sheet_by_index(0).to_python(), ensure_ascii=False, default=str)
            else:
                body = answer.get_data(as_text=True)
            # A search echoes the words that were sought: those addresses name the marker themselves.
            if "q=" not in address:
                assert not leaks(body), (address, login)
            if answer.mimetype == "application/json":
                assert "7q4z" not in json.dumps(json.loads(body).get("items", []), ensure_ascii=False), address
                assert not holds_a_key(json.loads(body)), (address, login)
    assert seen > 5


def test_the_author_and_the_reviewer_see_it(
    as_user: Callable[[str], FlaskClient], signed_in: Callable[[str], FlaskClient]
) -> None:
    ids = planted(as_user)
    for login in ("giaovien", "totruong", "sogd", "quantri"):
        got = as_user(login).get(f"/api/v1/questions/{ids[1]}").json
        assert got is not None and got["answer"] == KEY and got["explanation"] == MARKER, login
        assert "7q4z" in signed_in(login).get(f"/questions/{ids[1]}").text


def test_the_index_holds_no_key(
    app: Flask, as_user: Callable[[str], FlaskClient], drain: Callable[[], None], settings: Any
) -> None:
    planted(as_user)
    drain()
    held = engines.in_the_index(settings)
    assert held
    assert b"7q4z" not in held and KEY.encode() not in held
    with app.app_context():
        for name in queries.approved_ids():
            found = queries.approved_for_index(name)
            assert found is not None and not hasattr(found, "answer")
