"""HTTP towards repositories of partners: which addresses may be called, sizes, times, what a refusal means.

A name is resolved once, every address it has is checked, and the connection goes to one of those checked:
a name that answers differently the second time changes nothing. Redirects are followed by hand, each one
checked anew. Nothing here knows the database or what OAI-PMH is.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from urllib.parse import urlencode, urljoin

import httpx

MOST_REDIRECTS = 5
CONNECT_S, SILENCE_S, WHOLE_PAGE_S = 10.0, 60.0, 240.0
SLOWEST_DOWNLOAD = 100_000
"""Bytes per second below which a download is given up."""
LARGEST_PAGE = 64 * 1024**2
LONGEST_PAUSE_S = 3600
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Trouble(Exception):
    """Why an answer could not be had. `code` is for machines and for the words shown to people;
    `detail` never holds a part of what the other side sent."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class Temporary(Trouble):
    """Worth another try, not before `pause_s` seconds when the other side named a time."""

    def __init__(self, code: str, pause_s: float | None = None, **detail: object) -> None:
        super().__init__(code, **detail)
        self.pause_s = pause_s


class Final(Trouble):
    """No use in trying the same again."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


# ---------------------------------------------------------------- addresses


def is_private(text: str) -> bool:
    """Whether an IP address lies outside the public internet, also when wrapped in an IPv6 one."""
    address = _unwrapped(text)
    return not address.is_global or address.is_multicast


def is_forbidden(text: str) -> bool:
    """Addresses that no setting opens: link-local ones, where clouds keep their secrets, and the like."""
    address = _unwrapped(text)
    return address.is_link_local or address.is_multicast or address.is_unspecified


def _unwrapped(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address.teredo:
            return address.teredo[1]
        if address in _NAT64 or address.packed[:12] == bytes(12) and int(address) > 0xFFFF:
            return ipaddress.IPv4Address(address.packed[-4:])
    return address


def parsed(url: str) -> httpx.URL:
    """The address taken apart; raises Final for what is no plain http or https address."""
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise Final("bad_url") from None
    if found.scheme not in ("http", "https") or not found.host or found.userinfo:
        raise Final("bad_url")
    if found.port is not None and not 0 < found.port < 65536:
        raise Final("bad_url")
    return found


def resolve(url: httpx.URL, private_allowed: bool) -> str:
    """One checked address of the host. Every address is checked, not only the one taken."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Temporary("no_such_host", host=url.host) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise Temporary("no_such_host", host=url.host)
    for address in addresses:
        if is_forbidden(address) or (is_private(address) and not private_allowed):
            raise Final("private_address", host=url.host)
    return addresses[0]


# ---------------------------------------------------------------- asking


class Client:
    """Calls one partner, one connection at a time. Use it as a context manager.

    The token goes to the origin of `home` only, wherever links and redirects lead.
    """

    def __init__(
        self, home: str, agent: str, contact: str, token: str | None = None, private_allowed: bool = False
    ) -> None:
        self._headers = {"User-Agent": agent, "From": contact, "Accept-Encoding": "gzip"}
        self._home = _origin(parsed(home))
        self._token = token
        self._private_allowed = private_allowed
        self._clients: dict[str, httpx.Client] = {}
        self.hops = 0
        """How many redirects the last call followed."""

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            client.close()

    def get(
        self,
        url: str,
        query: Mapping[str, str] | None = None,
        largest: int = LARGEST_PAGE,
        form: Sequence[tuple[str, str]] | None = None,
        packed: bool = True,
    ) -> Reply:
        """The answer with its whole body; with `form` it is asked for by POST, not `packed` without gzip.

        Raises Temporary, Final; other statuses than 2xx come back too, but for those that speak for
        themselves (401, 403, 429, 5xx)."""
        body = bytearray()
        with self._open(url, query, form, packed) as response:
            status, headers = response.status_code, dict(response.headers)
            for piece in _pieces(response, largest, WHOLE_PAGE_S):
                body += piece
        _judge(status, headers)
        return Reply(status, headers, bytes(body))

    def download(self, url: str, write: Callable[[bytes], object], largest: int) -> Mapping[str, str]:
        """Hand the bytes on as they come; returns the headers. Raises Temporary, Final."""
        with self._open(url, None) as response:
            status, headers = response.status_code, dict(response.headers)
            _judge(status, headers)
            if status != 200:
                raise Final("http_status", status=status)
            if headers.get("content-length", "").isdigit() and int(headers["content-length"]) > largest:
                raise Final("too_large")
            for piece in _pieces(response, largest, WHOLE_PAGE_S + largest / SLOWEST_DOWNLOAD):
                write(piece)
        return headers

    @contextmanager
    def _open(
        self,
        url: str,
        query: Mapping[str, str] | None,
        form: Sequence[tuple[str, str]] | None = None,
        packed: bool = True,
    ) -> Iterator[httpx.Response]:
        target = parsed(url)
        if query:
            target = target.copy_merge_params(query)
        for self.hops in range(MOST_REDIRECTS + 1):
            response = self._send(target, _origin(target) == self._home, form, packed)
            try:
                place = response.headers.get("location")
                if response.status_code not in (301, 302, 303, 307, 308) or not place:
                    yield response
                    return
            finally:
                response.close()
            target = parsed(urljoin(str(target), place))
        raise Final("redirects")

    def _send(
        self, target: httpx.URL, with_token: bool, form: Sequence[tuple[str, str]] | None, packed: bool
    ) -> httpx.Response:
        address = resolve(target, self._private_allowed)
        name = target.raw_host.decode("ascii")
        headers = {**self._headers, "Host": target.netloc.decode("ascii")}
        if self._token and with_token:
            headers["Authorization"] = f"Bearer {self._token}"
        # The certificate is checked against the name, whatever address is dialled.
        extensions = {"sni_hostname": name} if target.scheme == "https" else {}
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = httpx.Client(
                follow_redirects=False,
                trust_env=False,
                timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
                limits=httpx.Limits(max_connections=1),
            )
        content = None
        if not packed:
            headers["Accept-Encoding"] = "identity"
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        request = client.build_request(
            "GET" if form is None else "POST",
            target.copy_with(host=address),
            headers=headers,
            content=content,
            extensions=extensions,
        )
        try:
            return client.send(request, stream=True)
        except httpx.TimeoutException as error:
            raise Temporary("connect" if isinstance(error, httpx.ConnectTimeout) else "slow") from None
        except httpx.ConnectError as error:
            raise Temporary("certificate" if "CERTIFICATE" in str(error).upper() else "connect") from None
        except httpx.HTTPError:
            raise Temporary("broken_answer") from None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _pieces(response: httpx.Response, largest: int, seconds: float) -> Iterator[bytes]:
    """The body unpacked, as it comes: at most `largest` bytes, in at most so many seconds."""
    end = time.monotonic() + seconds
    size = 0
    try:
        for piece in response.iter_bytes():
            size += len(piece)
            if size > largest:
                raise Final("too_large")
            if time.monotonic() > end:
                raise Temporary("slow")
            yield piece
    except httpx.TimeoutException:
        raise Temporary("slow") from None
    except httpx.HTTPError:
        raise Temporary("broken_answer") from None


def _judge(status: int, headers: Mapping[str, str]) -> None:
    if status in (429, 503):
        raise Temporary("busy", pause_s=pause_of(headers.get("retry-after")))
    if status >= 500:
        raise Temporary("server_error", status=status)
    if status in (401, 403):
        raise Final("forbidden", status=status)


def pause_of(text: str | None, now: datetime | None = None) -> float | None:
    """Seconds named by Retry-After, a number or a date (RFC 9110, 10.2.3), not more than an hour."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:6]), LONGEST_PAUSE_S))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()), float(LONGEST_PAUSE_S))
