"""A circuit breaker: after some failures in a row callers are turned away at once, until a lone try succeeds."""

from __future__ import annotations

import threading
import time


class Breaker:
    """Opens after `most` failures in a row. It rests `rest` seconds, twice as long each time, `longest` at most."""

    def __init__(self, most: int = 3, rest: float = 2.0, longest: float = 8.0) -> None:
        self._most = most
        self._first_rest = rest
        self._longest = longest
        self._guard = threading.Lock()
        self._failures = 0
        self._rest = rest
        self._closed_until = 0.0
        self._trying = False

    def lets_through(self) -> bool:
        """May this caller try? When a rest is over one caller may, the others after its success."""
        with self._guard:
            if self._failures < self._most:
                return True
            moment = time.monotonic()
            if moment < self._closed_until:
                return False
            self._closed_until = moment + self._rest
            self._trying = True
            return True

    def failed(self) -> None:
        with self._guard:
            self._failures += 1
            if self._failures < self._most:
                return
            if self._trying:  # many who were let through before may fail together: that is one failure
                self._rest = min(self._longest, self._rest * 2)
                self._trying = False
            self._closed_until = time.monotonic() + self._rest

    def worked(self) -> None:
        with self._guard:
            self._failures = 0
            self._trying = False
            self._rest = self._first_rest
