"""What the benchmarks share: a fresh application, calls without a network, results against a floor."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from flask import Flask

from app import create_app
from app.core.cli import upgrade
from app.core.settings import Settings


@dataclass(frozen=True)
class Result:
    """`ratio` is the application's figure over the floor's, measured in the same run; `good` judges it."""

    name: str
    ours: str
    floor: str
    ratio: float
    wanted: str
    good: bool

    def __str__(self) -> str:
        mark = "ok" if self.good else "MISSED"
        return f"{self.name:<34} {self.ours:>20} {self.floor:>20} {self.ratio:>7.2f} {self.wanted:>9}  {mark}"


HEADING = f"{'':<34} {'application':>20} {'floor':>20} {'ratio':>7} {'wanted':>9}"


def at_least(name: str, ours: float, floor: float, least: float, unit: str, ratio: float | None = None) -> Result:
    """Rates: more is better."""
    ratio = ours / floor if ratio is None else ratio
    return Result(name, f"{ours:,.0f} {unit}", f"{floor:,.0f} {unit}", ratio, f">= {least}", ratio >= least)


def at_most(name: str, ours: float, floor: float, most: float, ratio: float | None = None) -> Result:
    """Times in seconds: less is better."""
    ratio = ours / floor if ratio is None else ratio
    return Result(name, f"{ours * 1000:,.2f} ms", f"{floor * 1000:,.2f} ms", ratio, f"<= {most}", ratio <= most)


def told(name: str, ours: float, floor: float) -> Result:
    """Times in seconds that are reported and asserted by nobody."""
    return Result(name, f"{ours * 1000:,.2f} ms", f"{floor * 1000:,.2f} ms", ours / floor, "reported", True)


@contextmanager
def application(urls: dict[str, str] | None = None) -> Iterator[Flask]:
    """An application on an empty, migrated database in a folder of its own, as `make run` has it; `urls` are
    engines by the names of their settings.
    """
    folder = Path(tempfile.mkdtemp(prefix="kho-bench-"))
    made: Flask | None = None
    # The log is written as in service, but not into the results.
    screen, log = os.dup(2), os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    try:
        environ = {"DATA_DIR": str(folder), "WORKER": "none", "PUBLIC_URL": "http://127.0.0.1:8000", **(urls or {})}
        made = create_app(replace(Settings.from_environment(environ), testing=False))
        with made.app_context():
            upgrade()
        yield made
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(log)
        if made is not None:
            made.extensions["kho"].engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)


def call(wsgi: Callable[..., Any], path: str, query: str) -> bytes:
    """One GET straight into a WSGI application: no server, no network, no client library."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    status: list[str] = []
    parts = wsgi(environ, lambda code, _headers, _error=None: status.append(code))
    answer = b"".join(parts)
    close = getattr(parts, "close", None)
    if close:
        close()
    if not status[0].startswith("2"):
        raise RuntimeError(f"{path}?{query}: {status[0]} {answer[:300]!r}")
    return answer


ROOT = Path(__file__).parent.parent
GRANIAN = (
    "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--blocking-threads", "16", "--no-ws",
    "--log-level", "warning",
)  # fmt: skip
"""As `serve` starts it."""
PATIENCE = 60


@contextmanager
def served(command: list[str], environ: dict[str, str]) -> Iterator[int]:
    """The command with `--port N` behind it, once `/healthz` answers; gives the port."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    environ = {**environ, "PORT": str(port), "PYTHONPATH": f"{Path(__file__).parent}{os.pathsep}{ROOT}"}
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.perf_counter() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                if process.poll() is not None or time.perf_counter() > end:
                    raise RuntimeError(f"no answer from {' '.join(command)}") from None
                time.sleep(0.02)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def main(run: Callable[[], list[Result]]) -> None:
    """For one benchmark on its own."""
    print(HEADING)
    results = run()
    for result in results:
        print(result)
    sys.exit(0 if all(result.good for result in results) else 1)
