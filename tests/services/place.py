"""Where the services of this machine live: their folder, user, ports, secrets and processes.

Only the standard library: this runs before anything is installed. The services are `postgres`, `elastic`
and `seaweed` beside this module; nothing here knows what they are.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
USER = "kho-services"
READY_SECONDS = 120


class Trouble(SystemExit):
    """What cannot be done, in one line a person can act on."""


@dataclass
class Place:
    """`folder` holds programs and data, `owner` is the user the services run as (None: ourselves)."""

    folder: Path
    env_file: Path
    owner: pwd.struct_passwd | None
    state: dict[str, Any] = field(default_factory=dict)
    _guard: threading.RLock = field(default_factory=threading.RLock)

    # -- what is remembered ------------------------------------------------------------------------

    @property
    def _state_file(self) -> Path:
        return self.folder / "state.json"

    def keep(self) -> None:
        with self._guard:
            write_private(self._state_file, json.dumps(self.state, indent=1))

    def secret(self, name: str) -> str:
        """A password made once and kept; letters and digits only, so that it fits into a URL as it is."""
        with self._guard:
            kept: dict[str, str] = self.state.setdefault("secrets", {})
            if name not in kept:
                kept[name] = secrets.token_hex(16)
                self.keep()
            return kept[name]

    def port(self, name: str, usual: int) -> int:
        """The port of the last start, else the usual one, else any: whichever is free now."""
        with self._guard:
            kept: dict[str, int] = self.state.setdefault("ports", {})
            taken = {port for other, port in kept.items() if other != name}
            for wanted in (kept.get(name, usual), usual, 0, 0, 0, 0):
                found = free_port(wanted)
                if found and found not in taken:
                    kept[name] = found
                    self.keep()
                    return found
            raise Trouble(f"no free port for {name}")

    # -- folders and processes ---------------------------------------------------------------------

    def own(self, *parts: str) -> Path:
        """A folder below ours that belongs to the services' user, and to nobody else."""
        path = self.folder.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return path

    def give(self, path: Path) -> None:
        """Hand a file or a whole folder to the services' user."""
        if self.owner is None:
            return
        for item in [path, *(path.rglob("*") if path.is_dir() else ())]:
            os.chown(item, self.owner.pw_uid, self.owner.pw_gid, follow_symlinks=False)

    def _as_owner(self, env: dict[str, str] | None) -> dict[str, Any]:
        clean = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        clean["HOME"] = str(self.folder)
        told: dict[str, Any] = {"env": clean | (env or {}), "cwd": "/"}
        if self.owner:
            told |= {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return told

    def run(self, argv: list[str], env: dict[str, str] | None = None, stdin: str = "") -> str:
        """Run a tool as the services' user; its output, or Trouble with the end of it."""
        done = subprocess.run(
            argv,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self._as_owner(env),
        )
        if done.returncode:
            raise Trouble(f"{Path(argv[0]).name} failed:\n{done.stdout[-2000:]}")
        return done.stdout

    def spawn(self, name: str, argv: list[str], env: dict[str, str] | None = None) -> None:
        """Start a server that outlives us; its output goes to its own log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_owner(env),
            )
        self.remember(name, process.pid)

    def remember(self, name: str, pid: int) -> None:
        with self._guard:
            self.state.setdefault("processes", {})[name] = {"pid": pid, "born": _born(pid)}
            self.keep()

    def pid(self, name: str) -> int | None:
        """The process started under this name, if that very process still runs."""
        known = self.state.get("processes", {}).get(name)
        if known and known["born"] is not None and _born(known["pid"]) == known["born"]:
            return int(known["pid"])
        return None

    def stop(self, name: str, number: signal.Signals, seconds: float = 20) -> bool:
        """End the process started under this name and no other; True when there was one."""
        pid = self.pid(name)
        if pid is None:
            return False
        for wanted, limit in ((number, seconds), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, wanted)
            end = time.monotonic() + limit
            while time.monotonic() < end:
                _reap(pid)
                if self.pid(name) is None:
                    return True
                time.sleep(0.05)
        raise Trouble(f"{name} (process {pid}) does not end")

    def wait(self, name: str, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Wait until `ready()` is true; Trouble with the end of its log when it ends or takes too long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _reap(self.state["processes"][name]["pid"])
            if self.pid(name) is None:
                break
            if ready():
                return
            time.sleep(0.1)
        log = self.folder / f"{name}.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise Trouble(f"{name} does not come up; the end of {log}:\n{tail}")


@contextlib.contextmanager
def opened(data_dir: Path) -> Iterator[Place]:
    """The place of this data folder, held against a second start or stop."""
    os.umask(0o022)
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    folder, owner = data_dir / "services", None
    if os.geteuid() == 0:
        owner = _system_user()
        if not _reachable(data_dir):
            # The system user cannot walk into, say, /root: the data stands elsewhere, by a fixed name.
            digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
            folder = Path("/var/lib") / USER / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = Place(folder, data_dir / "services.env", owner)
        with contextlib.suppress(FileNotFoundError, ValueError):
            place.state = json.loads(place._state_file.read_text())
        yield place


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or ROOT / "var")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.replace(path)


def free_port(wanted: int) -> int | None:
    """`wanted` when nobody listens there; with 0 any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def install(needed: dict[str, Callable[[], bool]]) -> None:
    """Install the Debian packages whose check fails; Trouble with the command where we may not.

    A name may hold alternatives (`a|b`): the first that this release of the system offers is taken.
    """
    missing = {names: present for names, present in needed.items() if not present()}
    if not missing:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise Trouble(f"missing on this machine; as root: apt-get install {' '.join(missing)}")
    _apt("update")
    packages = [next(filter(_offered, names.split("|")), names.split("|")[0]) for names in missing]
    say(f"apt-get install {' '.join(packages)}")
    _apt("install", "-y", "--no-install-recommends", *packages)
    still = [names for names, present in missing.items() if not present()]
    if still:
        raise Trouble(f"installed, yet not found: {', '.join(still)}")


def _offered(package: str) -> bool:
    told = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=False).stdout
    return "Candidate:" in told and "Candidate: (none)" not in told


def _apt(*argv: str) -> None:
    done = subprocess.run(
        ["apt-get", "-qq", "-o", "Dpkg::Options::=--force-confold", *argv],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Trouble(f"apt-get {argv[0]} failed:\n{done.stdout[-2000:]}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER], check=True)
        return pwd.getpwnam(USER)


def _reachable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _reap(pid: int) -> None:
    """A child of ours that ended leaves an entry until it is asked for."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _born(pid: int) -> str | None:
    """When a process began, as an opaque word; None when it does not run."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if after_name[0] in "ZX" else after_name[19]
