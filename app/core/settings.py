"""Configuration: the environment, read once, checked at start."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(SystemExit):
    """A setting that stops the start, told in one line that names it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str
    search_url: str
    storage_url: str
    secret_key: str = field(repr=False)
    public_url: str = "http://127.0.0.1:8000"
    content_url: str = ""
    max_upload_bytes: int = 300 * 1024 * 1024
    worker: str = "thread"
    testing: bool = False
    admin_email: str = "kho@kho-chung.edu.vn"
    repository_id: str = "kho-chung.edu.vn"
    harvest_private: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check the settings; raises BadSetting naming the first wrong one."""
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("DATA_DIR") or "var").resolve()
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadSetting("DATA_DIR", f"cannot be made: {error.strerror}") from None
        database = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'kho.sqlite3'}"
        if urlsplit(database).scheme not in ("sqlite", "postgresql+psycopg"):
            raise BadSetting("DATABASE_URL", "must begin with sqlite:/// or postgresql+psycopg://")
        search = env.get("SEARCH_URL") or f"embedded:///{data_dir / 'search.sqlite3'}"
        if urlsplit(search).scheme not in ("embedded", "http", "https"):
            raise BadSetting("SEARCH_URL", "must begin with embedded:///, http:// or https://")
        storage = env.get("STORAGE_URL") or f"file:///{data_dir / 'files'}"
        if urlsplit(storage).scheme not in ("file", "s3"):
            raise BadSetting("STORAGE_URL", "must begin with file:/// or s3://")
        port = env.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise BadSetting("PORT", "must be a number from 1 to 65535")
        public = (env.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
        for name, value in (("PUBLIC_URL", public), ("CONTENT_URL", env.get("CONTENT_URL") or public)):
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise BadSetting(name, "must be a full http or https address")
        limit = env.get("MAX_UPLOAD_BYTES") or str(300 * 1024 * 1024)
        if not limit.isdigit() or int(limit) < 1:
            raise BadSetting("MAX_UPLOAD_BYTES", "must be a whole number of bytes")
        private = env.get("HARVEST_PRIVATE") or "0"
        if private not in ("0", "1"):
            raise BadSetting("HARVEST_PRIVATE", "must be 0 or 1")
        worker = env.get("WORKER") or "thread"
        if worker not in ("thread", "none"):
            raise BadSetting("WORKER", "must be thread or none")
        return cls(
            data_dir=data_dir,
            database_url=database,
            search_url=search,
            storage_url=storage,
            secret_key=env.get("SECRET_KEY") or _kept_secret(data_dir),
            public_url=public,
            content_url=(env.get("CONTENT_URL") or "").rstrip("/"),
            max_upload_bytes=int(limit),
            worker=worker,
            admin_email=env.get("ADMIN_EMAIL") or "kho@kho-chung.edu.vn",
            repository_id=env.get("REPOSITORY_ID") or "kho-chung.edu.vn",
            harvest_private=private == "1",
        )


def _kept_secret(data_dir: Path) -> str:
    """The secret of an embedded installation: made once, kept readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        # Written aside and linked: of several processes that start at once all read the same whole secret.
        aside = data_dir / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_text().strip()
