"""MinIO as a second S3 server for the storage tests, built by Go from its last release.

A separate program under the AGPL, used as a server and no part of the product; its repository is archived.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

from tests.services.place import Place, Trouble, say

NAME = "minio"
MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"


def prepare(place: Place) -> None:
    binary = place.folder / "bin" / "minio"
    if binary.exists():
        return
    go = shutil.which("go")
    if go is None:
        raise Trouble("MinIO is built with Go, which is not on this machine")
    say(f"go install {MODULE} (some minutes)")
    binary.parent.mkdir(exist_ok=True)
    env = os.environ | {"GOBIN": str(binary.parent)}
    done = subprocess.run([go, "install", MODULE], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"go install failed:\n{done.stderr[-2000:]}")


def start(place: Place) -> str:
    """Start it where it does not run; its STORAGE_URL."""
    user, password = "kho", place.secret("minio")
    if place.pid(NAME) is None:
        home = place.own(NAME, "data")
        port, console = place.port("minio", 9002), place.port("minio-console", 9003)
        argv = [str(place.folder / "bin" / "minio"), "server", "--address", f"127.0.0.1:{port}"]
        argv += ["--console-address", f"127.0.0.1:{console}", str(home)]
        env = {"MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password, "MINIO_UPDATE": "off"}
        place.spawn(NAME, argv, env)
    port = place.state["ports"]["minio"]
    place.wait(NAME, lambda: _ready(port))
    return f"s3://{user}:{password}@127.0.0.1:{port}/kho?secure=0"


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/minio/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def stop(place: Place) -> bool:
    return place.stop(NAME, signal.SIGTERM)
