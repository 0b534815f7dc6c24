"""From `make run`'s last command to the first answer, on a data folder that is already there. Reported only.

Floor: the interpreter importing Flask and SQLAlchemy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

import measure


def run() -> list[measure.Result]:
    with tempfile.TemporaryDirectory(prefix="kho-bench-", ignore_cleanup_errors=True) as folder:
        environ = {**os.environ, "DATA_DIR": folder, "DEMO_PASSWORD": "hoc-lieu-2026"}
        for name in ("DATABASE_URL", "SEARCH_URL", "STORAGE_URL", "PUBLIC_URL"):
            environ.pop(name, None)
        for command in (["migrate"], ["demo", "seed"]):
            subprocess.run(
                [sys.executable, "wsgi.py", *command], cwd=measure.ROOT, env=environ, check=True, capture_output=True
            )
        times = []
        for _time in range(2):
            began = time.perf_counter()
            with measure.served([sys.executable, "wsgi.py", "serve"], environ):
                times.append(time.perf_counter() - began)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], check=True)
        least = time.perf_counter() - began
    return [measure.told("start to first answer", min(times), least)]


if __name__ == "__main__":
    measure.main(run)
