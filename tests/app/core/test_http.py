"""What all doors share: bad documents, languages, idempotency, tokens before cookies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core import access
from app.core.settings import BadSetting, Settings

As = Callable[[str], FlaskClient]
LESSON = {"title": "Hàm số bậc nhất", "subject": "TOAN", "grades": [9], "resource_type": "BGDT", "licence": "CC BY-SA"}


def test_broken_documents_are_refused_and_never_crash(as_user: As, corpora: Path) -> None:
    teacher = as_user("giaovien")
    seen = 0
    for path in sorted((corpora / "hostile" / "jsontestsuite").rglob("*.json")):
        answer = teacher.post("/api/v1/resources", data=path.read_bytes(), content_type="application/json")
        if path.name.startswith("n_"):
            assert answer.status_code in (400, 422), path.name
            assert answer.mimetype == "application/problem+json"
        assert answer.status_code < 500, path.name
        seen += 1
    assert seen > 150


def test_not_a_number_is_bad_json(as_user: As) -> None:
    answer = as_user("giaovien").post("/api/v1/resources", data='{"title": NaN}', content_type="application/json")
    assert answer.status_code == 400


def test_deep_nesting_is_refused(as_user: As) -> None:
    deep = "[" * 500 + "]" * 500
    answer = as_user("giaovien").post("/api/v1/resources", data=deep, content_type="application/json")
    assert answer.status_code == 400


def test_messages_come_in_the_callers_language(as_user: As) -> None:
    teacher = as_user("giaovien")
    vi = teacher.post("/api/v1/resources", json={}, headers={"Accept-Language": "vi"}).json
    en = teacher.post("/api/v1/resources", json={}, headers={"Accept-Language": "en"}).json
    assert vi["errors"]["title"] == ["Mục này là bắt buộc."]
    assert en["errors"]["title"] == ["This field is required."]
    assert vi["status"] == en["status"] == 422


def test_a_repeated_post_makes_one_thing(as_user: As) -> None:
    teacher = as_user("giaovien")
    key = {"Idempotency-Key": "k-1"}
    first = teacher.post("/api/v1/resources", json=LESSON, headers=key)
    second = teacher.post("/api/v1/resources", json=LESSON, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json["id"] == second.json["id"]
    other = teacher.post("/api/v1/resources", json={**LESSON, "title": "Khác"}, headers=key)
    assert other.status_code == 422
    assert as_user("giaovien2").post("/api/v1/resources", json=LESSON, headers=key).json["id"] != first.json["id"]


def test_a_failed_post_can_be_tried_again_with_its_key(as_user: As) -> None:
    teacher = as_user("giaovien")
    key = {"Idempotency-Key": "k-2"}
    assert teacher.post("/api/v1/resources", json={}, headers=key).status_code == 422
    assert teacher.post("/api/v1/resources", json=LESSON, headers=key).status_code == 201


def test_a_wrong_token_beats_a_good_cookie(signed_in: As) -> None:
    browser = signed_in("giaovien")
    assert browser.get("/api/v1/me").json["login"] == "giaovien"
    assert browser.get("/api/v1/me", headers={"Authorization": "Bearer kho_no"}).status_code == 401
    assert browser.get("/api/v1/me", headers={"Authorization": "Basic Zzz"}).status_code == 401


def test_unknown_addresses(client: FlaskClient) -> None:
    api, page = client.get("/api/v1/nothing"), client.get("/nothing")
    assert (api.status_code, api.mimetype) == (404, "application/problem+json")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert client.put("/api/v1/tokens").status_code == 405


def test_every_route_says_who_may(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert access.allowed(app, rule.endpoint), rule


def test_a_route_that_does_not_say_stops_the_start(app: Flask) -> None:
    app.view_functions["planted"] = lambda: "?"
    with pytest.raises(RuntimeError, match="planted"):
        access.check_routes(app)


def test_forms_need_their_token(settings: Settings) -> None:
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = True
    answer = made.test_client().post("/signin", data={"login": "giaovien", "password": "hoc-lieu-2026"})
    assert answer.status_code == 400
    made.extensions["kho"].engine.dispose()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("SEARCH_URL", "redis://x"),
        ("STORAGE_URL", "ftp://x"),
        ("PORT", "eight"),
        ("PUBLIC_URL", "kho"),
        ("MAX_UPLOAD_BYTES", "-1"),
        ("WORKER", "maybe"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({"DATA_DIR": str(tmp_path), name: value})


def test_the_secret_is_kept_and_private(tmp_path: Path) -> None:
    first = Settings.from_environment({"DATA_DIR": str(tmp_path)})
    assert Settings.from_environment({"DATA_DIR": str(tmp_path)}).secret_key == first.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)


def test_health_and_metrics(client: FlaskClient) -> None:
    health = client.get("/healthz")
    assert health.status_code == 200
    assert health.json["status"] == "ok"
    assert set(health.json["outbox"]) == {"waiting", "oldest_s", "dead"}
    assert b"kho_requests_total" in client.get("/metrics").data
    far = client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert far.status_code == 404
