"""Signing in and out, by page and by token."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import service
from app.accounts.models import ApiToken, LoginSession, LoginThrottle, User
from app.core import db, errors

As = Callable[[str], FlaskClient]
PASSWORD = "hoc-lieu-2026"


def test_a_session_dies_on_logout(app: Flask, signed_in: As) -> None:
    browser = signed_in("giaovien")
    assert browser.get("/me").status_code == 200
    stolen = browser.get_cookie("kho_session")
    assert stolen is not None
    assert browser.post("/signout").status_code == 303
    thief = app.test_client()
    thief.set_cookie("kho_session", stolen.value)
    assert thief.get("/api/v1/me").status_code == 401
    assert thief.get("/me").status_code == 302


def test_a_disabled_account_is_out_at_once(app: Flask, signed_in: As, as_user: As) -> None:
    browser, program = signed_in("giaovien"), as_user("giaovien")
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(User).where(User.login == "giaovien").values(active=False))
    assert browser.get("/me").status_code == 302
    assert program.get("/api/v1/me").status_code == 401


def test_an_expired_token_is_refused(app: Flask, as_user: As) -> None:
    program = as_user("giaovien")
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(ApiToken).values(expires_at=db.now()))
    answer = program.get("/api/v1/me")
    assert answer.status_code == 401
    assert "hết hạn" in answer.json["detail"]


def test_tokens_by_the_api(client: FlaskClient) -> None:
    good = client.post("/api/v1/tokens", json={"login": "GiaoVien", "password": PASSWORD})
    assert good.status_code == 201
    header = {"Authorization": f"Bearer {good.json['token']}"}
    me = client.get("/api/v1/me", headers=header)
    assert [role["role"] for role in me.json["roles"]] == ["teacher"]
    assert client.delete("/api/v1/tokens/current", headers=header).status_code == 204
    assert client.get("/api/v1/me", headers=header).status_code == 401
    bad = client.post("/api/v1/tokens", json={"login": "giaovien", "password": "sai"})
    nobody = client.post("/api/v1/tokens", json={"login": "khong-co", "password": "sai"})
    assert bad.status_code == nobody.status_code == 401
    assert bad.json["detail"] == nobody.json["detail"]


def test_failures_slow_the_account_not_the_school(app: Flask, client: FlaskClient) -> None:
    for _ in range(service.FREE_TRIES):
        client.post("/api/v1/tokens", json={"login": "hocsinh", "password": "sai"})
    answer = client.post("/api/v1/tokens", json={"login": "hocsinh", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/api/v1/tokens", json={"login": "hocsinh2", "password": PASSWORD}).status_code == 201
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(LoginThrottle).values(blocked_until=None))
    assert client.post("/api/v1/tokens", json={"login": "hocsinh", "password": PASSWORD}).status_code == 201
    with app.app_context():
        assert db.session().get(LoginThrottle, "hocsinh") is None


def test_only_hashes_of_secrets_are_kept(app: Flask, client: FlaskClient, signed_in: As) -> None:
    token = client.post("/api/v1/tokens", json={"login": "giaovien", "password": PASSWORD}).json["token"]
    signed_in("giaovien")
    with app.app_context():
        kept = [row.secret_hash for row in db.session().scalars(sa.select(ApiToken))]
        kept += [row.secret_hash for row in db.session().scalars(sa.select(LoginSession))]
    assert all(len(value) == 64 and value not in token for value in kept)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_goes_back_to_our_own_pages_only(client: FlaskClient, target: str) -> None:
    answer = client.post("/signin", data={"login": "giaovien", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_pages_send_guests_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/me?x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/signin?next=/me%3Fx%3D1"


def test_language_and_theme_are_kept(client: FlaskClient) -> None:
    client.post("/preferences", data={"locale": "en", "theme": "dark", "next": "/signin"})
    page = client.get("/signin").text
    assert '<html lang="en"' in page
    assert 'data-bs-theme="dark"' in page
    assert "Sign in" in page


def test_short_passwords_and_taken_logins(app: Flask, people: dict[str, User]) -> None:
    with app.app_context():
        with pytest.raises(errors.Invalid):
            service.add_user("moi", "Mới", "ngan", [])
        with pytest.raises(errors.Invalid):
            service.add_user("giaovien", "Trùng", PASSWORD, [])


def test_a_new_password_ends_sessions_and_tokens(app: Flask, signed_in: As, as_user: As) -> None:
    browser, program = signed_in("giaovien"), as_user("giaovien")
    with app.app_context():
        service.set_password("giaovien", "mat-khau-moi-1")
    assert browser.get("/api/v1/me").status_code == 401
    assert program.get("/api/v1/me").status_code == 401
