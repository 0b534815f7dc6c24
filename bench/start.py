"""From `make run`'s last command to the first answer, on a data folder that is already there. Reported only.

Floor: the interpreter importing Flask and SQLAlchemy.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import measure

ROOT = Path(__file__).parent.parent
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


def first_answer(environ: dict[str, str], port: int) -> float:
    """Seconds until /healthz answers."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "wsgi.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < PATIENCE:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    return time.perf_counter() - began
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"no answer within {PATIENCE} s")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def run() -> list[measure.Result]:
    with tempfile.TemporaryDirectory(prefix="kho-bench-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        environ = {**os.environ, "DATA_DIR": folder, "PORT": str(port), "DEMO_PASSWORD": "hoc-lieu-2026"}
        for name in ("DATABASE_URL", "SEARCH_URL", "STORAGE_URL", "PUBLIC_URL"):
            environ.pop(name, None)
        for command in (["migrate"], ["demo", "seed"]):
            subprocess.run(
                [sys.executable, "wsgi.py", *command], cwd=ROOT, env=environ, check=True, capture_output=True
            )
        took = min(first_answer(environ, port) for _time in range(2))
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], check=True)
        least = time.perf_counter() - began
    return [measure.told("start to first answer", took, least)]


if __name__ == "__main__":
    measure.main(run)
