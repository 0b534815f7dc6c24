"""PostgreSQL 15 or newer from the system's packages, in a cluster of its own."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path

from tests.services.place import Place, Trouble, install

NAME = "postgres"
OLDEST = 15
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
"""


def _programs() -> Path | None:
    """The folder with the newest `postgres` that is new enough."""
    found: list[tuple[int, Path]] = []
    folders = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if not all((folder / tool).exists() for tool in ("postgres", "initdb", "psql")):
            continue
        told = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"(\d+)", told)
        if version and int(version[1]) >= OLDEST:
            found.append((int(version[1]), folder))
    return max(found)[1] if found else None


def prepare(place: Place) -> None:
    config = Path("/etc/postgresql-common/createcluster.conf")
    if _programs() is None and Path("/etc/debian_version").exists() and not config.exists() and place.owner:
        # The package would start a cluster of its own beside ours.
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text("create_main_cluster = false\n")
    install({"postgresql": lambda: _programs() is not None})


def start(place: Place) -> str:
    """Start it where it does not run; DATABASE_URL."""
    programs = _programs()
    if programs is None:
        raise Trouble("no PostgreSQL 15 or newer")
    home = place.own(NAME)
    data = home / "data"
    if data.exists() and not (data / "kho.conf").exists():
        shutil.rmtree(data)  # an initdb that was cut short
    if not data.exists():
        password_file = home / "password"
        password_file.write_text(place.secret("postgres-admin"))
        password_file.chmod(0o600)
        place.give(password_file)
        argv = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "--pwfile", str(password_file)]
        place.run([*argv, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
        password_file.unlink()
        with (data / "postgresql.conf").open("a") as out:
            out.write("include = 'kho.conf'\n")
        (data / "kho.conf").write_text(SETTINGS)
        place.give(data)
    if place.pid(NAME) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)
        port = place.port(NAME, 5432)
        place.spawn(NAME, [str(programs / "postgres"), "-D", str(data), "-p", str(port)])
    place.wait(NAME, lambda: _sql(place, programs, "SELECT 1") is not None)
    password = place.secret("postgres")
    made = _sql(place, programs, "SELECT count(*) FROM pg_database WHERE datname = 'kho'")
    if made == "0":
        for line in (
            f"CREATE ROLE kho LOGIN CREATEDB PASSWORD '{password}'",
            "CREATE DATABASE kho OWNER kho",
        ):
            if _sql(place, programs, line) is None:
                raise Trouble(f"PostgreSQL refuses: {line.split(' PASSWORD')[0]}")
    return f"postgresql+psycopg://kho:{password}@127.0.0.1:{place.state['ports'][NAME]}/kho"


def _sql(place: Place, programs: Path, line: str) -> str | None:
    """One statement as the cluster's administrator; None when it fails."""
    argv = [programs / "psql", "-h", "127.0.0.1", "-p", str(place.state["ports"][NAME]), "-U", "postgres"]
    done = subprocess.run(
        [*argv, "-AtXq", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f", "-"],
        input=line,
        env={"PGPASSWORD": place.secret("postgres-admin"), "PGCONNECT_TIMEOUT": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def stop(place: Place) -> bool:
    return place.stop(NAME, signal.SIGINT)
