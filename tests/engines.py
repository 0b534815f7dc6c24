"""Where a test keeps its rows, its documents and its bytes.

By default all three stand in the test's own folder. Where `DATABASE_URL`, `SEARCH_URL` or `STORAGE_URL` name
real engines, each test gets a database copied from a template, an index name and a key prefix of its own
there, and clears them away.
"""

from __future__ import annotations

import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg

from app.core.settings import Settings
from storage.open import open_store

DATABASE_URL = os.environ.get("DATABASE_URL", "")
SEARCH_URL = os.environ.get("SEARCH_URL", "")
STORAGE_URL = os.environ.get("STORAGE_URL", "")
ON_POSTGRES = DATABASE_URL.startswith("postgresql")
ON_ELASTIC = SEARCH_URL.startswith("http")
ON_S3 = STORAGE_URL.startswith("s3:")


@dataclass
class Engines:
    """The addresses for one application, as settings name them; empty where the embedded default stands."""

    name: str
    urls: dict[str, str] = field(default_factory=dict)


@contextmanager
def engines(template: str | None = None) -> Iterator[Engines]:
    """Addresses of one test's own; the database is a copy of the database `template`, or empty."""
    made = Engines(f"t{uuid.uuid4().hex[:16]}")
    if ON_POSTGRES:
        made.urls["DATABASE_URL"] = _database(made.name, template)
    if ON_ELASTIC:
        made.urls["SEARCH_URL"] = _with_query(SEARCH_URL, index=f"kho-{made.name}", timeout="20")
    if ON_S3:
        parts = urlsplit(STORAGE_URL)
        made.urls["STORAGE_URL"] = parts._replace(path=f"{parts.path.rstrip('/')}/{made.name}").geturl()
    try:
        yield made
    finally:
        if ON_POSTGRES:
            _drop(database_of(made.name))
        if ON_ELASTIC:
            _forget_indices(f"kho-{made.name}*")
        if ON_S3:
            store = open_store(made.urls["STORAGE_URL"])
            for key in list(store.keys()):
                store.drop(key)


def database_of(name: str) -> str:
    return f"{urlsplit(DATABASE_URL).path.strip('/')}_{name}"


def _database(name: str, template: str | None) -> str:
    source = f'TEMPLATE "{database_of(template)}"' if template else ""
    _administer(f'CREATE DATABASE "{database_of(name)}" {source}')
    return urlsplit(DATABASE_URL)._replace(path=f"/{database_of(name)}").geturl()


def _drop(name: str) -> None:
    for last in [False] * 50 + [True]:
        try:
            return _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg.errors.InsufficientPrivilege:
            # The server's own vacuum is at work in it, which only it may end.
            if last:
                raise
            time.sleep(0.1)


def _administer(statement: str) -> None:
    with psycopg.connect(DATABASE_URL.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(statement)


def _with_query(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | changes)).geturl()


def in_the_index(settings: Settings) -> bytes:
    """Everything that the index of this application holds: its files, or all documents and all their terms."""
    if not ON_ELASTIC:
        return b"".join(path.read_bytes() for path in settings.data_dir.glob("search.sqlite3*"))
    name = dict(parse_qsl(urlsplit(settings.search_url).query))["index"]
    _ask("POST", f"/{name}/_refresh")
    documents = _ask("GET", f"/{name}/_search?size=1000&q=*:*")
    ids = [hit["_id"] for hit in json.loads(documents)["hits"]["hits"]]
    return documents + b"".join(_ask("GET", f"/{name}/_termvectors/{quote(id, safe='')}?fields=*") for id in ids)


def lose_index(settings: Settings) -> None:
    """Take the whole index away, as a lost disk does."""
    if ON_ELASTIC:
        _forget_indices(dict(parse_qsl(urlsplit(settings.search_url).query))["index"] + "*")
    for path in settings.data_dir.glob("search.sqlite3*"):
        path.unlink()


def _forget_indices(pattern: str) -> None:
    """Delete by full names: production servers refuse a deletion by pattern."""
    names = [row["index"] for row in json.loads(_ask("GET", f"/_cat/indices/{pattern}?format=json") or b"[]")]
    for name in names:
        _ask("DELETE", f"/{name}")


def _ask(method: str, path: str) -> bytes:
    parts = urlsplit(SEARCH_URL)
    host = parts.netloc.rpartition("@")[2].split(",")[0]
    request = urllib.request.Request(f"{parts.scheme}://{host}{path}", method=method)
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: bytes = answer.read()
            return found
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return b""
        raise
