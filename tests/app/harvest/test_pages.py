"""The pages for librarians."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.harvest.conftest import Desk
from tests.oai_servers import LikeDspace, LikeInvenio, Small, served, some_items


@pytest.fixture
def browser(signed_in: Callable[[str], FlaskClient], private: None) -> FlaskClient:
    return signed_in("thuvien")


def test_add_run_and_look(browser: FlaskClient, drain: Callable[[], None]) -> None:
    assert "Chưa có nguồn nào" in browser.get("/harvests").text
    with served(Small(some_items(12))) as url:
        answer = browser.post("/harvests", data={"base_url": url, "files": "none", "every_s": "0"})
        assert answer.status_code == 303, answer.text
        place = answer.location
        assert "Đang thu" in browser.get(place).text
        drain()
        page = browser.get(place).text
        assert "Kho nhỏ" in page
        assert "Xong" in page
        assert "Đang theo dõi nguồn này" in page
        line = browser.get("/harvests").text
        assert "Kho nhỏ" in line
        assert "0 phút" in line
        assert browser.post(f"{place}/run").status_code == 303
        drain()
        assert browser.get(place).text.count("Xong</span>") >= 2


def test_errors_are_told_in_words(browser: FlaskClient, drain: Callable[[], None]) -> None:
    def told(place: str) -> str:
        """The page once its run is over: the harvester pauses between tries."""
        for _turn in range(400):
            drain()
            if "Đang thu" not in (page := browser.get(place).text):
                break
            time.sleep(0.02)
        return page

    wrong = browser.post("/harvests", data={"base_url": "ftp://x"})
    assert wrong.status_code == 422
    assert "Địa chỉ phải bắt đầu bằng http://" in wrong.text
    assert 'value="ftp://x"' in wrong.text
    provider = LikeDspace(some_items(30))
    provider.poisoned = frozenset({"oai:small.example.org:4"})
    with served(provider) as url:
        page = told(browser.post("/harvests", data={"base_url": url, "every_s": "0"}).location)
    assert "1 bản ghi chưa lấy được; lần sau kho hỏi lại." in page
    assert "oai:small.example.org:4" in page
    down = told(browser.post("/harvests", data={"base_url": "http://127.0.0.1:1/oai", "every_s": "0"}).location)
    assert "Không kết nối được với máy chủ của nguồn." in down


def test_a_decision_about_words(browser: FlaskClient, drain: Callable[[], None], client: FlaskClient) -> None:
    provider = Small(some_items(3))
    for item in provider.items.values():
        item.more = "<dc:subject>Cơ học cổ điển</dc:subject>"
    with served(provider) as url:
        place = browser.post("/harvests", data={"base_url": url, "every_s": "0"}).location
        drain()
    page = browser.get(place).text
    assert "Cơ học cổ điển" in page
    term = page.split("/harvests/terms/")[1].split('"')[0]
    assert browser.post(f"/harvests/terms/{term}", data={"code": "VATLI"}).status_code == 303
    drain()
    assert "Từ chưa rõ nghĩa" not in browser.get(place).text
    assert client.get("/api/v1/search?subject=VATLI").get_json()["total"] == 3


def test_missing_records_are_decided_on(browser: FlaskClient, desk: Desk, client: FlaskClient) -> None:
    provider = LikeInvenio(some_items(20))
    with served(provider) as url:
        source = desk.source(url)
        desk.run(source)
        count = len(desk.titles())
        for n in range(10):
            provider.items[f"oai:small.example.org:{n}"].deleted = True
        desk.run(source, "check")
    place = f"/harvests/{source}"
    assert "Kho chưa gỡ gì" in browser.get(place).text
    assert browser.post(f"{place}/missing", data={"decision": "keep"}).status_code == 303
    assert len(desk.titles()) == count


def test_settings(browser: FlaskClient, desk: Desk) -> None:
    source = desk.source("http://127.0.0.1:1/oai", token="first")
    place = f"/harvests/{source}"
    answer = browser.post(place, data={"name": "Kho mới", "files": "all", "every_s": "604800", "followed": "1"})
    assert answer.status_code == 303
    stored = desk.stored(source)
    assert (stored.name, stored.files, stored.every_s, stored.active) == ("Kho mới", "all", 604_800, True)
    assert stored.token == "first"
    assert "first" not in browser.get(place).text


def test_who_sees_them(signed_in: Callable[[str], FlaskClient], client: FlaskClient, desk: Desk) -> None:
    source = desk.source("http://127.0.0.1:1/oai")
    for path in ("/harvests", f"/harvests/{source}"):
        assert client.get(path).status_code == 302
        assert signed_in("giaovien").get(path).status_code == 403
        assert signed_in("quantri").get(path).status_code == 200


def test_files_when_somebody_needs_them(
    browser: FlaskClient, signed_in: Callable[[str], FlaskClient], client: FlaskClient, drain: Callable[[], None]
) -> None:
    from tests.app.harvest.test_doors import PDF, WithFiles

    with served(WithFiles(some_items(1))) as url:
        browser.post("/harvests", data={"base_url": url, "files": "on_demand", "every_s": "0"})
        drain()
        (hit,) = client.get("/api/v1/search?q=Bài số").get_json()["items"]
        teacher = signed_in("giaovien")
        assert "Lấy tệp về kho này" not in client.get(hit["url"]).text
        assert "Lấy tệp về kho này" in teacher.get(hit["url"]).text
        assert signed_in("hocsinh").post(f"/harvests{hit['url']}/files").status_code == 403
        assert teacher.post(f"/harvests{hit['url']}/files").status_code == 303
        drain()
        (file,) = client.get(f"/api/v1/resources/{hit['id']}").get_json()["files"]
        assert client.get(file["url"]).data == PDF
        assert "Lấy tệp về kho này" not in teacher.get(hit["url"]).text


def test_english(browser: FlaskClient, desk: Desk) -> Any:
    source = desk.source("http://127.0.0.1:1/oai")
    browser.post("/preferences", data={"locale": "en", "next": "/"})
    assert "Harvest lessons from other repositories" in browser.get("/harvests").text
    assert "Look through the whole list" in browser.get(f"/harvests/{source}").text
