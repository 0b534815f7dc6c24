"""The hosts of a cluster: where they are, how long they may take, and what their failures are called here.

Nothing but the port's errors leaves this module; no message holds a password.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from elastic_transport import ConnectionError as Unreachable
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.serializer import OrjsonSerializer

from search.elastic.breaker import Breaker
from search.port import SearchUnavailable

Answer = TypeVar("Answer")
log = logging.getLogger("search.elastic")
# The client tells every request; what goes wrong is told here, once.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)

READ_SECONDS = 0.7
"""All that a reader waits for, so that a page stands within a second when the engine hangs."""
WRITE_SECONDS = 8.0
BULK_SECONDS = 60.0
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")
_BUSY = (429, 502, 503, 504)


@dataclass(frozen=True)
class Address:
    """A search URL taken apart: `http://user:password@one:9200,two:9200/?index=kho`."""

    hosts: tuple[str, ...]
    login: tuple[str, str] | None = field(default=None, repr=False)
    name: str = "kho"
    shards: int = 1
    seconds: float = READ_SECONDS
    ca: str | None = None

    @classmethod
    def read(cls, url: str) -> Address:
        """Raises ValueError that says what is wrong, without the password."""
        parts = urlsplit(url)
        user, _, places = parts.netloc.rpartition("@")
        hosts = []
        for place in places.split(","):
            if not re.fullmatch(r"(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?", place):
                raise ValueError("search URL: hosts must be host:port,host:port")
            port = "" if re.search(r":\d+$", place) else (":443" if parts.scheme == "https" else ":9200")
            hosts.append(f"{parts.scheme}://{place}{port}{parts.path.rstrip('/')}")
        login = None
        if user:
            name, _, password = user.partition(":")
            login = (unquote(name), unquote(password))
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        index = asked.pop("index", "kho")
        if not _NAME.fullmatch(index) or re.search(r"-(?:next|\d{6})$", index):
            raise ValueError("search URL: index must be small letters, digits, - and _, not ending in -next")
        try:
            shards, seconds = int(asked.pop("shards", "1")), float(asked.pop("timeout", READ_SECONDS))
        except ValueError:
            raise ValueError("search URL: shards and timeout must be numbers") from None
        if not 1 <= shards <= 100 or not 0.05 <= seconds <= 60:
            raise ValueError("search URL: shards must be 1 to 100, timeout 0.05 to 60 (seconds)")
        ca = asked.pop("ca", None)
        if asked:
            raise ValueError(f"search URL: {sorted(asked)[0]} is not known; use index, shards, timeout, ca")
        return cls(tuple(hosts), login, index, shards, seconds, ca)


class Engine:
    """Asks the hosts, by turns. Safe to share between threads; a forked process gets connections of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._guard = threading.Lock()
        self._held: tuple[int, Elasticsearch] | None = None
        self._reading = Breaker()
        self._writing = Breaker()

    def _client(self) -> Elasticsearch:
        with self._guard:
            if self._held is None or self._held[0] != os.getpid():
                more: dict[str, Any] = {"ca_certs": self.address.ca} if self.address.ca else {}
                made = Elasticsearch(
                    list(self.address.hosts),
                    basic_auth=self.address.login,
                    serializer=OrjsonSerializer(),
                    connections_per_node=32,
                    max_retries=0,
                    **more,
                )
                self._held = (os.getpid(), made)
            return self._held[1]

    def close(self) -> None:
        with self._guard:
            held, self._held = self._held, None
        if held is not None and held[0] == os.getpid():
            held[1].close()

    def read(self, ask: Callable[[Elasticsearch], Answer]) -> Answer:
        """Ask for something somebody waits for."""
        return self._through(self._reading, ask, self.address.seconds, once=len(self.address.hosts) == 1)

    def write(self, ask: Callable[[Elasticsearch], Answer], seconds: float = WRITE_SECONDS) -> Answer:
        """Ask for a change; must be harmless when asked twice."""
        return self._through(self._writing, ask, seconds * 2, once=False)

    def _through(self, breaker: Breaker, ask: Callable[[Elasticsearch], Answer], seconds: float, once: bool) -> Answer:
        if not breaker.lets_through():
            raise SearchUnavailable("the search engine is given a rest after failures")
        try:
            answer = self._within(ask, seconds, once)
        except ApiError as error:
            if error.meta.status in (400, 404, 409):
                breaker.worked()
                raise
            breaker.failed()
            raise self._told(error, f"{error.meta.status} {error.message} {_reason(error)}") from error
        except (TransportError, OSError) as error:
            breaker.failed()
            raise self._told(error, f"{type(error).__name__}: {error}") from error
        breaker.worked()
        return answer

    def _within(self, ask: Callable[[Elasticsearch], Answer], seconds: float, once: bool) -> Answer:
        """Ask one host after another until one answers or the time is over; slowness of one is not all of it."""
        end = time.monotonic() + seconds
        tries = max(3, len(self.address.hosts) + 1)
        share = 1.0 if once else 0.5
        while True:
            tries -= 1
            left = max(0.05, end - time.monotonic())
            try:
                return ask(self._client().options(request_timeout=left * share))
            except Unreachable:
                # Perhaps a kept connection of before a restart, perhaps one host of several.
                if tries <= 0 or time.monotonic() >= end:
                    raise
            except ConnectionTimeout:
                if once or tries <= 0 or time.monotonic() + 0.1 >= end:
                    raise
            except ApiError as error:
                if once or error.meta.status not in _BUSY or tries <= 0 or time.monotonic() + 0.1 >= end:
                    raise
                time.sleep(0.05)
            share = 1.0

    def _told(self, error: Exception, why: str) -> SearchUnavailable:
        log.warning("search engine: %s", why[:300])
        return SearchUnavailable(f"search engine: {why[:300]}")


def _reason(error: ApiError) -> str:
    """What the engine says about the first cause."""
    told = error.body.get("error", {}) if isinstance(error.body, dict) else {}
    causes = told.get("root_cause") if isinstance(told, dict) else None
    return str((causes or [told])[0])[:300]
