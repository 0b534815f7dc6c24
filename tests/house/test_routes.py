"""Every route says who may use it, and it is so: each is asked as a guest and as each role."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.core import access

UNKNOWN = uuid.UUID("00000000-0000-7000-8000-000000000000")
FILLING = {"uuid": UNKNOWN, "int": 1, "path": "theme.css", "string": "x", "default": "x", "any": "csv"}
PEOPLE = ("quantri", "sogd", "thuvien", "totruong", "giaovien", "hocsinh", "doitac")
# These end the session or token that asks.
FAREWELLS = {"accounts.sign_out", "accounts_api.sign_out"}


def asked(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every method of every route with ids that nobody has: endpoint, method, address."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address(app, rule)


def address(app: Flask, rule: Rule) -> str:
    values = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        values[name] = FILLING.get({"unicode": "string", "integer": "int"}.get(kind, kind), "x")
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)
    return str(built)


def test_every_route_declares_who_may(app: Flask) -> None:
    assert len(list(asked(app))) > 100
    assert [rule.endpoint for rule in app.url_map.iter_rules() if access.allowed(app, rule.endpoint) is None] == []


def test_undeclared_route_stops_the_start(app: Flask) -> None:
    app.view_functions["planted"] = lambda: "open to all"
    with pytest.raises(RuntimeError, match="planted"):
        access.check_routes(app)


def test_undeclared_route_answers_nobody(app: Flask) -> None:
    """Were one added behind the check's back, it would be as if it were not there."""
    app._got_first_request = False
    app.add_url_rule("/planted", "planted", lambda: "open to all")
    assert app.test_client().get("/planted").status_code == 404


def test_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="headmaster"):
        access.allow("headmaster")
    with pytest.raises(ValueError, match="unknown"):
        access.allow()


def test_guests(app: Flask, client: FlaskClient) -> None:
    for endpoint, method, url in asked(app):
        answer = client.open(url, method=method)
        who = access.allowed(app, endpoint) or ()
        assert answer.status_code < 500, (method, url)
        if access.ANYONE in who:
            continue
        if url.startswith("/api/"):
            assert answer.status_code == 401, (method, url)
            assert answer.mimetype == "application/problem+json"
        elif method == "GET":
            assert answer.status_code == 302, (method, url)
            assert answer.location.startswith("/signin"), (method, url)
        else:
            assert answer.status_code in (302, 303, 401), (method, url)


@pytest.mark.parametrize("login", PEOPLE)
def test_roles(app: Flask, as_user: Callable, signed_in: Callable, viewer_for: Callable, login: str) -> None:
    by_token, by_page, viewer = as_user(login), signed_in(login), viewer_for(login)
    for endpoint, method, url in asked(app):
        if endpoint in FAREWELLS:
            continue
        who = access.allowed(app, endpoint) or ()
        answer = (by_token if url.startswith("/api/") else by_page).open(url, method=method)
        assert answer.status_code < 500, (method, url, answer.text[:500])
        if access.ANYONE not in who and access.SIGNED_IN not in who and not viewer.has(*who):
            assert answer.status_code == 403, (method, url)
        elif answer.status_code == 401 and "sign_in" not in endpoint:
            pytest.fail(f"{method} {url} does not know {login}")
