"""The JSON door of harvests, what the worker makes of it, and how lessons from elsewhere are found and shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.oai_servers import Reply, Small, served, some_items

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class WithFiles(Small):
    """Two lessons described in our words, one with a file."""

    etag = hashlib.sha256(PDF).hexdigest()
    licence = "https://creativecommons.org/licenses/by-sa/4.0/"

    def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
        if "verb=" not in query + form:
            return Reply(PDF, 200, {"Content-Type": "application/pdf", "ETag": f'"{self.etag}"'})
        return super().reply(method, query, form, headers)

    def metadata(self, item: Any) -> str:
        item.more = (
            "<dc:subject>Vật lí</dc:subject><dc:subject>Lớp 11</dc:subject><dc:type>Bài trình chiếu</dc:type>"
            "<dc:creator>Trần Văn An</dc:creator><dc:publisher>Sở GD&amp;ĐT Đồng Nai</dc:publisher>"
            f"<dc:rights>{self.licence}</dc:rights><dc:language>vi</dc:language><dc:date>2023-05-06</dc:date>"
            f"<dc:relation>{self.base_url.removesuffix('/oai')}/files/{item.identifier[-1]}/content</dc:relation>"
            "<dc:format>application/pdf</dc:format>"
        )
        return super().metadata(item)


@pytest.fixture
def librarian(as_user: Callable[[str], FlaskClient], private: None) -> FlaskClient:
    return as_user("thuvien")


def test_a_harvest_by_the_door(
    app: Flask, librarian: FlaskClient, client: FlaskClient, drain: Callable[[], None]
) -> None:
    provider = WithFiles(some_items(3))
    provider.items["oai:small.example.org:0"].title = "Dao động điều hòa của con lắc"
    with served(provider) as url:
        answer = librarian.post(
            "/api/v1/harvests",
            json={"base_url": url, "metadata_prefix": "oai_dc", "set": None, "files": "none", "token": "secret-1"},
        )
        assert answer.status_code == 201, answer.text
        made = answer.get_json()
        assert "secret-1" not in answer.text
        assert made["has_token"]
        assert answer.headers["Location"] == f"/api/v1/harvests/{made['id']}"
        begun = librarian.post(f"/api/v1/harvests/{made['id']}/run")
        assert begun.status_code == 202
        assert begun.get_json()["state"] == "running"
        again = librarian.post(f"/api/v1/harvests/{made['id']}/run", json={})
        assert again.get_json()["id"] == begun.get_json()["id"]
        drain()
    (run,) = librarian.get(f"/api/v1/harvests/{made['id']}/runs").get_json()["items"]
    assert (run["state"], run["records"], run["deleted"], run["skipped"], run["message"]) == ("done", 3, 0, 0, "")
    (listed,) = librarian.get("/api/v1/harvests").get_json()["items"]
    assert listed["last_run"]["id"] == run["id"]
    assert listed["name"] == "Kho nhỏ"

    found = client.get("/api/v1/search?q=con lac dao dong&type=resource").get_json()
    assert found["total"] == 1
    (hit,) = found["items"]
    assert hit["type"] == "resource"
    assert hit["title"] == "Dao động điều hòa của con lắc"
    assert (hit["subject"], hit["grades"], hit["resource_type"], hit["licence"]) == (
        "VATLI", [11], "TRINHCHIEU", "CC BY-SA",
    )  # fmt: skip
    assert hit["origin"]["source"] == "Kho nhỏ"
    assert hit["origin"]["identifier"] == "oai:small.example.org:0"
    page = client.get(hit["url"]).text
    assert "Thu từ Kho nhỏ" in page
    assert "Sở GD&amp;ĐT Đồng Nai" in page
    assert "Đã thẩm định" not in page
    assert "Kho nhỏ" in client.get("/search?q=con+lac").text
    document = client.get(f"/api/v1/resources/{hit['id']}").get_json()
    assert document["origin"]["identifier"] == "oai:small.example.org:0"
    assert document["authors"] == ["Trần Văn An"]
    assert librarian.get(f"/api/v1/resources/{hit['id']}").get_json()["may"]["edit"] is False
    # It is not ours to pass on.
    assert "noRecordsMatch" in client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text


def test_who_may(as_user: Callable[[str], FlaskClient], client: FlaskClient, private: None) -> None:
    body = {"base_url": "http://127.0.0.1:9/oai"}
    assert client.post("/api/v1/harvests", json=body).status_code == 401
    for login in ("giaovien", "hocsinh", "doitac", "totruong", "sogd"):
        assert as_user(login).post("/api/v1/harvests", json=body).status_code == 403
        assert as_user(login).get("/api/v1/harvests").status_code == 403
    made = as_user("quantri").post("/api/v1/harvests", json=body)
    assert made.status_code == 201
    place = f"/api/v1/harvests/{made.get_json()['id']}"
    assert as_user("thuvien").get(place).status_code == 200
    assert as_user("giaovien").post(f"{place}/run").status_code == 403
    assert as_user("quantri").get("/api/v1/harvests/00000000-0000-7000-8000-000000000000").status_code == 404


def test_wrong_values(librarian: FlaskClient) -> None:
    for body, name in (
        ({}, "base_url"),
        ({"base_url": "ftp://a.example.org/"}, "base_url"),
        ({"base_url": "http://user:pw@example.org/oai"}, "base_url"),
        ({"base_url": "http://127.0.0.1/oai", "metadata_prefix": "mods"}, "metadata_prefix"),
        ({"base_url": "http://127.0.0.1/oai", "files": "some"}, "files"),
        ({"base_url": "http://127.0.0.1/oai", "every_s": 5}, "every_s"),
        ({"base_url": "http://127.0.0.1/oai", "province": "xx"}, "province"),
        ({"base_url": "http://127.0.0.1/oai", "colour": "red"}, "colour"),
    ):
        answer = librarian.post("/api/v1/harvests", json=body)
        assert answer.status_code == 422, body
        assert name in answer.get_json()["errors"], answer.text


def test_changing_and_pausing(librarian: FlaskClient) -> None:
    made = librarian.post("/api/v1/harvests", json={"base_url": "http://127.0.0.1:9/oai"})
    place = f"/api/v1/harvests/{made.get_json()['id']}"
    changed = librarian.patch(
        place, json={"active": False, "name": "Kho A"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert changed.get_json()["name"] == "Kho A"
    assert changed.get_json()["next_at"] is None
    stale = librarian.patch(place, json={"name": "Kho B"}, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert librarian.post(f"{place}/run").status_code == 409


def test_files_in_advance(librarian: FlaskClient, client: FlaskClient, drain: Callable[[], None]) -> None:
    provider = WithFiles(some_items(2))
    with served(provider) as url:
        made = librarian.post("/api/v1/harvests", json={"base_url": url, "files": "all"}).get_json()
        librarian.post(f"/api/v1/harvests/{made['id']}/run")
        drain()
        for hit in client.get("/api/v1/search?q=Bài số").get_json()["items"]:
            (file,) = client.get(f"/api/v1/resources/{hit['id']}").get_json()["files"]
            assert file["sha256"] == provider.etag
            assert client.get(file["url"]).data == PDF
        assert librarian.get(f"/api/v1/harvests/{made['id']}").get_json()["used_bytes"] == 2 * len(PDF)


def test_files_that_may_not_be_copied_or_do_not_match(
    app: Flask, librarian: FlaskClient, client: FlaskClient, drain: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.harvest.service.filing.TRIES", 1)
    provider = WithFiles(some_items(1))
    provider.etag = "0" * 64
    with served(provider) as url:
        made = librarian.post("/api/v1/harvests", json={"base_url": url, "files": "all"}).get_json()
        librarian.post(f"/api/v1/harvests/{made['id']}/run")
        drain()
        (hit,) = client.get("/api/v1/search?q=Bài số").get_json()["items"]
        assert client.get(f"/api/v1/resources/{hit['id']}").get_json()["files"] == []
    other = WithFiles(some_items(1, "other.example.org"))
    other.licence = "Bảo lưu mọi quyền"
    with served(other) as url:
        made = librarian.post("/api/v1/harvests", json={"base_url": url, "files": "all"}).get_json()
        librarian.post(f"/api/v1/harvests/{made['id']}/run")
        drain()
        assert not [one for one in other.requests if not one]
        assert librarian.get(f"/api/v1/harvests/{made['id']}").get_json()["used_bytes"] == 0


def test_words_that_wait_for_a_decision(librarian: FlaskClient, client: FlaskClient, drain: Callable[[], None]) -> None:
    provider = Small(some_items(2))
    for item in provider.items.values():
        item.more = (
            "<dc:subject>Cơ học cổ điển</dc:subject><dc:type>Bài toán mẫu</dc:type><dc:language>vi</dc:language>"
        )
    with served(provider) as url:
        made = librarian.post("/api/v1/harvests", json={"base_url": url}).get_json()
        librarian.post(f"/api/v1/harvests/{made['id']}/run")
        drain()
    place = f"/api/v1/harvests/{made['id']}/terms"
    terms = {one["field"]: one for one in librarian.get(place).get_json()["items"]}
    assert {name: (one["text"], one["records"]) for name, one in terms.items()} == {
        "subject": ("Cơ học cổ điển", 2),
        "resource_type": ("Bài toán mẫu", 2),
    }
    wrong = librarian.patch(f"/api/v1/harvests/terms/{terms['subject']['id']}", json={"code": "LOITHOI"})
    assert wrong.status_code == 422
    decided = librarian.patch(f"/api/v1/harvests/terms/{terms['subject']['id']}", json={"code": "VATLI"})
    assert decided.get_json()["state"] == "decided"
    librarian.patch(f"/api/v1/harvests/terms/{terms['resource_type']['id']}", json={"code": None})
    drain()
    assert librarian.get(place).get_json()["items"] == []
    found = client.get("/api/v1/search?subject=VATLI").get_json()
    assert found["total"] == 2
