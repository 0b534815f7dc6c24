"""Which addresses are called, what is refused on the way, how long is waited."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.harvest import client
from app.harvest.client import Client, Final, Temporary
from tests.oai_servers import Reply, served


class Echo:
    """Says what it was asked, or does what the path names."""

    def __init__(self) -> None:
        self.base_url = ""
        self.heard: list[dict[str, str]] = []
        self.replies: list[Reply] = []

    def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
        self.heard.append(dict(headers.items()))
        return self.replies.pop(0) if self.replies else Reply("well")


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    with served(made):
        yield made


def asking(echo: Echo, **more: Any) -> Client:
    return Client(echo.base_url, "KhoChung/1", "kho@example.edu.vn", **{"private_allowed": True, **more})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
        "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::127.0.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "198.18.0.1", "192.0.0.1", "fe80::1%eth0",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert client.is_private(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.162.0.181", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert not client.is_private(address)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"])
def test_some_addresses_stay_closed_whatever_the_setting(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", (address, 80))])
    with pytest.raises(Final, match="private_address"):
        client.resolve(client.parsed("http://cloud.example.org/"), private_allowed=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/oai", "http://localhost/oai", "https://[::1]/oai", "http://2130706433/oai",
        "http://0x7f.1/oai", "http://127.1/oai", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/",
    ],
)  # fmt: skip
def test_the_door_refuses_private_addresses(as_user: Callable[[str], FlaskClient], url: str) -> None:
    answer = as_user("thuvien").post("/api/v1/harvests", json={"base_url": url})
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"]["base_url"] == ["Địa chỉ này nằm trong mạng nội bộ nên kho không gọi tới."]


def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    with pytest.raises(Final, match="private_address"):
        client.resolve(client.parsed("http://two.example.org/"), private_allowed=False)


@contextmanager
def resolving(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> Iterator[list[str]]:
    """Names with the addresses they give, one after another; yields the names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in answers:
            asked.append(name)
            address = answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        return real(host, port, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", answer)
        yield asked


def test_a_name_is_resolved_once_and_that_address_is_dialled(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that would answer with another address the second time is not asked a second time."""
    port = client.parsed(echo.base_url).port
    with resolving(monkeypatch, {"rebind.example.org": ["127.0.0.1", "10.255.255.1"]}) as asked:
        with asking(echo) as calling:
            assert calling.get(f"http://rebind.example.org:{port}/oai").status == 200
    assert asked == ["rebind.example.org"]
    assert echo.heard[0]["Host"] == f"rebind.example.org:{port}"


def test_redirects_are_checked_each(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public address may not lead inside. (The first hop stands for a public one by an exception here.)"""
    real = client.is_private
    first = client.parsed(echo.base_url).host
    monkeypatch.setattr(client, "is_private", lambda address: address != first and real(address))
    for place in ("http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "ftp://a.b/"):
        echo.replies = [Reply("", 302, {"Location": place})]
        with asking(echo, private_allowed=False) as calling, pytest.raises(Final, match="private_address|bad_url"):
            calling.get(echo.base_url)


def test_redirects_end(echo: Echo) -> None:
    echo.replies = [Reply("", 301, {"Location": echo.base_url})] * 10
    with asking(echo) as calling, pytest.raises(Final, match="redirects"):
        calling.get(echo.base_url)
    echo.replies = [Reply("", 307, {"Location": "/other"})]
    with asking(echo) as calling:
        assert calling.get(echo.base_url).body == b"well"


def test_the_token_stays_at_home(echo: Echo) -> None:
    stranger = Echo()
    with served(stranger):
        echo.replies = [Reply("", 302, {"Location": stranger.base_url})]
        with asking(echo, token="t-123") as calling:
            calling.get(echo.base_url)
            calling.download(stranger.base_url, lambda _piece: None, 100)
    assert echo.heard[0]["Authorization"] == "Bearer t-123"
    assert all("Authorization" not in heard for heard in stranger.heard)
    assert len(stranger.heard) == 2


def test_who_we_are(echo: Echo) -> None:
    with asking(echo) as calling:
        calling.get(echo.base_url, {"verb": "Identify", "set": "a:b"})
    assert echo.heard[0]["User-Agent"] == "KhoChung/1"
    assert echo.heard[0]["From"] == "kho@example.edu.vn"


def test_large_answers_are_cut_off(echo: Echo) -> None:
    echo.replies = [Reply(b"x" * 5000)]
    with asking(echo) as calling, pytest.raises(Final, match="too_large"):
        calling.get(echo.base_url, largest=4000)


def test_packed_answers_count_unpacked(echo: Echo) -> None:
    import gzip

    echo.replies = [Reply(gzip.compress(b"x" * 3_000_000), 200, {"Content-Encoding": "gzip"})]
    with asking(echo) as calling, pytest.raises(Final, match="too_large"):
        calling.get(echo.base_url, largest=2_000_000)


def test_slow_answers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    monkeypatch.setattr(client, "SILENCE_S", 0.3)
    monkeypatch.setattr(client, "WHOLE_PAGE_S", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def trickle() -> None:
        for _n in range(2):
            held, _from = listener.accept()
            held.recv(1000)
            held.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _piece in range(50):
                if stop.wait(0.1):
                    return
                try:
                    held.sendall(b"x")
                except OSError:
                    break

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/oai"
    began = time.monotonic()
    with Client(url, "a", "b", private_allowed=True) as calling, pytest.raises(Temporary, match="slow"):
        calling.get(url)
    assert time.monotonic() - began < 3
    stop.set()
    listener.close()
    thread.join()


@pytest.mark.parametrize(
    "status,headers,code,pause",
    [
        (503, {"Retry-After": "7"}, "busy", 7.0),
        (429, {"Retry-After": "999999"}, "busy", 3600.0),
        (503, {"Retry-After": "soon"}, "busy", None),
        (500, {}, "server_error", None),
        (502, {}, "server_error", None),
    ],
)
def test_temporary_trouble(echo: Echo, status: int, headers: dict[str, str], code: str, pause: float | None) -> None:
    echo.replies = [Reply("", status, headers)]
    with asking(echo) as calling, pytest.raises(Temporary, match=code) as caught:
        calling.get(echo.base_url)
    assert caught.value.pause_s == pause


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert client.pause_of("Thu, 01 Jan 2026 12:01:30 GMT", now) == 90.0
    assert client.pause_of("Thu, 01 Jan 2026 11:00:00 GMT", now) == 0.0
    assert client.pause_of("-5") is None
    assert client.pause_of(None) is None


@pytest.mark.parametrize("status", [401, 403])
def test_refusals_are_final(echo: Echo, status: int) -> None:
    echo.replies = [Reply("", status)]
    with asking(echo) as calling, pytest.raises(Final, match="forbidden"):
        calling.get(echo.base_url)


def test_nobody_there() -> None:
    with Client("http://127.0.0.1:1/", "a", "b", private_allowed=True) as calling:
        with pytest.raises(Temporary, match="connect"):
            calling.get("http://127.0.0.1:1/")
        with pytest.raises(Temporary, match="no_such_host"):
            calling.get("http://no-such-host.invalid/")


@pytest.mark.parametrize(
    "url", ["", "oai.example.org", "javascript:alert(1)", "http://", "http://a:b@c/", "http://x:99999/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Final, match="bad_url"):
        client.parsed(url)
