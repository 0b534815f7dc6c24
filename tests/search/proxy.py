"""A wire to a server that can be cut, held or made one-way: real faults of a network, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Proxy:
    """Listens on `port` of this machine and passes all on to the server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._guard = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._held = threading.Event()
        self._held.set()
        self._deaf_to = b""
        self._listener: socket.socket | None = None
        self.port = 0
        self.pass_on()

    def pass_on(self) -> None:
        """All is well."""
        self._deaf_to = b""
        self._held.set()
        if self._listener is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            self._listener.listen(128)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Nobody listens, and all connections are cut."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._guard:
            held, self._sockets = self._sockets, set()
        for one in held:
            _cut(one)

    def hang(self) -> None:
        """Connections are taken, and nothing moves."""
        self._held.clear()

    def lose_answer_to(self, request: bytes) -> None:
        """The next request that holds these bytes reaches the server, but its connection is cut before the answer."""
        self._deaf_to = request

    def close(self) -> None:
        self.refuse()
        self._held.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._guard:
                self._sockets |= {client, server}
            for one, other, asking in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(one, other, asking), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, asking: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._held.wait()
                if asking and self._deaf_to and self._deaf_to in data:
                    self._deaf_to = b""
                    other.sendall(data)
                    time.sleep(1.0)
                    _cut(one)
                    break
                other.sendall(data)
        for end in (one, other):
            _cut(end)
        with self._guard:
            self._sockets -= {one, other}


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        one.close()
