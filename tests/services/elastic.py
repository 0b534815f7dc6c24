"""Elasticsearch 8 as Elastic publishes it to Maven Central for integration tests.

The stock server with security and without most modules: whatever works here works on a full one. Several
nodes can be started (`start_node`), which the tests of a lost node do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.services.place import Place, Trouble, install, say

NAME = "elastic"
VERSION = "8.19.21"
SHA256 = "215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a"
GROUP = "org.elasticsearch.distribution.integ-test-zip"
JAVA_OLDEST, JAVA_NEWEST = 17, 24
HEAP = "512m"
ROLES = """
kho:
  cluster: [monitor]
  indices:
    - names: ["kho*"]
      privileges: [all]
"""


def _java() -> Path | None:
    """Home of a Java that this Elasticsearch runs on."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if on_path := shutil.which("java"):
        homes.append(Path(on_path).resolve().parent.parent)
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    for home in homes:
        if not (home / "bin" / "java").exists():
            continue
        told = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', told.stderr)
        if version and JAVA_OLDEST <= int(version[1]) <= JAVA_NEWEST:
            return home
    return None


def _program(place: Place) -> Path:
    return place.folder / f"elasticsearch-{VERSION}"


def prepare(place: Place) -> None:
    unpacked = _program(place)
    needed = {"openjdk-17-jre-headless|openjdk-21-jre-headless": lambda: _java() is not None}
    archive = _repository() / GROUP.replace(".", "/") / "elasticsearch" / VERSION / f"elasticsearch-{VERSION}.zip"
    if not unpacked.exists() and not archive.exists():
        needed["maven"] = lambda: shutil.which("mvn") is not None
    install(needed)
    if unpacked.exists():
        return
    if not archive.exists():
        say(f"mvn dependency:get {GROUP}:elasticsearch:{VERSION}:zip")
        argv = ["mvn", "-q", "-B", "dependency:get", f"-Dartifact={GROUP}:elasticsearch:{VERSION}:zip"]
        argv += ["-Dtransitive=false", f"-Dmaven.repo.local={_repository()}"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"mvn failed:\n{(done.stdout + done.stderr)[-2000:]}")
    with archive.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if found != SHA256:
        raise Trouble(f"{archive}: sha256 is {found}, not {SHA256}")
    half = unpacked.with_name(unpacked.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            path = Path(packed.extract(entry, half))
            path.chmod(0o755 if entry.is_dir() or (entry.external_attr >> 16) & 0o100 else 0o644)
    (half / unpacked.name).replace(unpacked)
    shutil.rmtree(half)


def _repository() -> Path:
    return Path(os.environ.get("MAVEN_REPO") or Path.home() / ".m2" / "repository")


def start(place: Place) -> str:
    """Start one node where none runs; SEARCH_URL."""
    if place.pid(NAME) is None:
        launch(place, NAME, place.port("elastic", 9200), place.port("elastic-transport", 9300))
    port = place.state["ports"]["elastic"]
    place.wait(NAME, lambda: healthy(place, port))
    return f"http://kho:{place.secret('elastic')}@127.0.0.1:{port}/?index=kho"


def launch(
    place: Place, name: str, port: int, transport: int, seeds: Sequence[int] = (), first: Sequence[str] = ()
) -> None:
    """Start a node in the background. `seeds` are transport ports and `first` names of a cluster's nodes."""
    home = place.own(name)
    config = place.own(name, "config")
    program = _program(place)
    env = configure(place, name)
    (config / "jvm.options.d").mkdir(exist_ok=True)
    (config / "jvm.options.d" / "heap.options").write_text(f"-Xms{HEAP}\n-Xmx{HEAP}\n")
    settings: dict[str, Any] = {
        "cluster.name": "kho-services" if name == NAME else f"kho-{name.rpartition('-')[0]}",
        "node.name": name,
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport,
        "path.data": str(home / "data"),
        "path.logs": str(home / "logs"),
        "xpack.security.enabled": True,
        # A build machine's nearly full disk must not turn indices read-only.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    if seeds:
        settings["discovery.seed_hosts"] = [f"127.0.0.1:{seed}" for seed in seeds]
        settings["cluster.initial_master_nodes"] = list(first)
    else:
        settings["discovery.type"] = "single-node"
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in settings.items()]
    (config / "elasticsearch.yml").write_text("".join(lines))
    place.give(config)
    pid_file = home / "pid"
    pid_file.unlink(missing_ok=True)
    place.run([str(program / "bin" / "elasticsearch"), "-d", "-p", str(pid_file)], env)
    place.remember(name, int(pid_file.read_text()))


def configure(place: Place, name: str) -> dict[str, str]:
    """A node's configuration with roles and users, made once; the environment its programs want."""
    config = place.own(name, "config")
    program = _program(place)
    env = {"ES_PATH_CONF": str(config), "ES_JAVA_HOME": str(_java())}
    made = config / "made"
    if not made.exists():
        for item in (program / "config").iterdir():
            if item.is_file():
                shutil.copy(item, config / item.name)
        (config / "roles.yml").write_text(ROLES)
        place.give(config)
        tool = str(program / "bin" / "elasticsearch-users")
        known = next(place.folder.glob("*/config/made"), None)
        if known:
            for item in ("users", "users_roles"):
                shutil.copy(known.with_name(item), config / item)
        else:
            place.run([tool, "useradd", "admin", "-p", place.secret("elastic-admin"), "-r", "superuser"], env)
            place.run([tool, "useradd", "kho", "-p", place.secret("elastic"), "-r", "kho"], env)
        made.touch()  # a first start that is cut short is begun anew
    return env


def ask(place: Place, port: int, method: str, path: str, body: Any = None, user: str = "admin") -> Any:
    """One call as administrator (or as `kho`); the JSON answer, None when there is none."""
    password = place.secret("elastic" if user == "kho" else "elastic-admin")
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except (OSError, ValueError, urllib.error.HTTPError):
        return None


def healthy(place: Place, port: int, nodes: int = 1) -> bool:
    told = ask(place, port, "GET", "/_cluster/health", user="kho")
    return bool(told) and told["status"] in ("green", "yellow") and told["number_of_nodes"] >= nodes


def stop(place: Place) -> bool:
    return place.stop(NAME, signal.SIGTERM, seconds=40)


def wait_for_nodes(place: Place, port: int, nodes: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not healthy(place, port, nodes):
        if time.monotonic() > end:
            raise Trouble(f"no cluster of {nodes} nodes after {seconds:.0f} s")
        time.sleep(0.2)
