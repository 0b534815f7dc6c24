"""The embedded engine: SQLite FTS5 in a file of its own, good to about 50,000 documents.

Folded and exact columns stand side by side. Each word is sought in every column as a phrase of its own, since
bm25 gives nothing to a phrase that stands in over half the rows, and each column has an idf of its own so.
Documents that carry the accents as typed come first, then by bm25.
"""

# The SQL is put together from constants and counts of question marks; every value is bound.
# ruff: noqa: S608

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from pathlib import Path

from search.abbreviations import Expander, Part
from search.asking import accented, begun, neighbours, parts_of
from search.folding import exact, fold, nfc, sort_key
from search.marking import Marker, Text
from search.port import PUBLIC, Document, Hit, Page, Query, SearchUnavailable, Sort

FACET_ROWS = 20_000
"""Facets are counted over at most this many hits, the best ones."""
BATCH = 200
LAYOUT = 3

# What every hit is asked for stands in narrow rows; long texts stand apart, or each look would drag them along.
_TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS doc (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
    generation INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, audience INTEGER NOT NULL DEFAULT 0,
    demoted INTEGER NOT NULL DEFAULT 0, suggest INTEGER NOT NULL DEFAULT 0, sort_at TEXT,
    sort_title TEXT NOT NULL DEFAULT '', UNIQUE (kind, id));
CREATE TABLE IF NOT EXISTS content (
    n INTEGER PRIMARY KEY, url TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audience (a INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS term (
    t INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (name, value));
CREATE TABLE IF NOT EXISTS facet (n INTEGER NOT NULL, t INTEGER NOT NULL, PRIMARY KEY (n, t)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS fts USING fts5 (
    title_f, words_f, body_f, title_x, words_x, body_x,
    prefix = '2 3', tokenize = 'unicode61 remove_diacritics 0');
"""
_COLUMNS = ("title", "words", "body")
_BM25 = "bm25(fts, 8.0, 4.0, 1.0, 4.0, 1.0, 0.5)"
_DEMOTED = "iif(d.demoted, 0.4, 1.0)"


class EmbeddedIndex:
    """An index in `path`, or in a private temporary file when None. One connection per thread."""

    def __init__(self, path: Path | None, expander: Expander | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="kho-search-") if path is None else None
        self._path = Path(self._temporary.name) / "index.sqlite3" if self._temporary else Path(path or "")
        self._expander = expander or Expander()
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._rebuilding = threading.Lock()

    # -- connections ---------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            return held[1]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        made = sqlite3.connect(self._path, timeout=15, isolation_level=None, check_same_thread=False)
        try:
            made.execute("PRAGMA busy_timeout = 15000")
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            made.execute("PRAGMA temp_store = MEMORY")
            made.execute("PRAGMA cache_size = -16000")
            self._lay_out(made)
            made.execute(
                "CREATE TEMP TABLE found (n INTEGER PRIMARY KEY, exactly INTEGER NOT NULL, score REAL NOT NULL)"
            )
        except BaseException:
            made.close()
            raise
        self._local.held = (os.getpid(), made)
        with self._guard:
            for thread, connection in self._opened:
                if not thread.is_alive():
                    connection.close()
            self._opened = [pair for pair in self._opened if pair[0].is_alive()]
            self._opened.append((threading.current_thread(), made))
        return made

    @staticmethod
    def _lay_out(connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone()[0] == LAYOUT:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, LAYOUT):
                for table in ("state", "doc", "content", "audience", "term", "facet", "reader", "fts"):
                    connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("INSERT OR IGNORE INTO state VALUES ('generation', 1)")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _unit(self, mode: str) -> Iterator[sqlite3.Connection]:
        """A transaction; whatever SQLite or the disk complains of leaves as SearchUnavailable."""
        try:
            connection = self._connection()
            connection.execute(f"BEGIN {mode}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise SearchUnavailable(f"embedded index {self._path.name}: {error}") from error

    def close(self) -> None:
        with self._guard:
            for _thread, connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()
        if self._temporary:
            self._temporary.cleanup()

    # -- writing -------------------------------------------------------------------------------------------

    def put(self, documents: Sequence[Document]) -> None:
        if not documents:
            return
        with self._unit("IMMEDIATE") as connection:
            generation = _generation(connection)
            for document in documents:
                _store(connection, document, generation)

    def drop(self, kind: str, id: str, revision: int) -> None:
        with self._unit("IMMEDIATE") as connection:
            generation = _generation(connection)
            known = connection.execute("SELECT n, revision FROM doc WHERE kind = ? AND id = ?", (kind, id)).fetchone()
            if known is None:
                connection.execute(
                    "INSERT INTO doc (kind, id, revision, generation, gone) VALUES (?, ?, ?, ?, 1)",
                    (kind, id, revision, generation),
                )
            elif revision >= known[1]:
                _clear(connection, known[0])
                connection.execute(
                    "UPDATE doc SET revision = ?, generation = ?, gone = 1 WHERE n = ?",
                    (revision, generation, known[0]),
                )

    def rebuild(self, documents: Iterable[Document]) -> int:
        with self._rebuilding:
            with self._unit("IMMEDIATE") as connection:
                connection.execute("UPDATE state SET value = value + 1 WHERE name = 'generation'")
                generation = _generation(connection)
            source = iter(documents)
            read = 0
            while batch := list(islice(source, BATCH)):
                read += len(batch)
                with self._unit("IMMEDIATE") as connection:
                    for document in batch:
                        _store(connection, document, generation)
            with self._unit("IMMEDIATE") as connection:
                stale = connection.execute(
                    "SELECT n FROM doc WHERE generation < ? AND NOT gone", (generation,)
                ).fetchall()
                for (n,) in stale:
                    _clear(connection, n)
                    connection.execute("DELETE FROM doc WHERE n = ?", (n,))
                connection.execute("INSERT INTO fts (fts) VALUES ('optimize')")
            return read

    def roll_back(self) -> bool:
        return False

    # -- reading -------------------------------------------------------------------------------------------

    def count(self, kind: str | None = None) -> int:
        with self._unit("DEFERRED") as connection:
            clause, values = ("", []) if kind is None else (" AND kind = ?", [kind])
            return int(connection.execute(f"SELECT count(*) FROM doc WHERE NOT gone{clause}", values).fetchone()[0])

    def find(self, query: Query) -> Page:
        parts = parts_of(self._expander.plus(query.words), query.text)
        if query.text.strip() and not parts:
            return Page(0, facets={name: [] for name in query.facets})
        with self._unit("DEFERRED") as connection:
            filters = _terms_of(connection, query.filters)
            _gather(connection, query, _match(parts))
            if len(parts) >= 3 and not _any(connection):
                # Nothing carries every word: be content with all words but any one of them.
                _gather(connection, query, _match_but_one(parts))
            where = _filters(filters)
            total = connection.execute(f"SELECT count(*) FROM found f{where}").fetchone()[0]
            place = (query.per_page, (query.page - 1) * query.per_page)
            rows = connection.execute(_ordered(query.sort, bool(parts), where), place).fetchall()
            facets = _counts(connection, query.facets, filters)
            connection.execute("DELETE FROM found")
            marker = Marker(parts)
            hits = tuple(_hit(connection, marker, *row) for row in rows)
        return Page(total, hits, facets)

    def suggest(self, text: str, limit: int = 8) -> list[str]:
        typed = begun(text)
        if not typed or limit < 1:
            return []
        phrases = [f'title_f : "{word}"' for word in typed[:-1]] + [f'title_f : "{typed[-1]}" *']
        with self._unit("DEFERRED") as connection:
            rows = connection.execute(
                "SELECT c.title FROM fts JOIN doc d ON d.n = fts.rowid JOIN content c ON c.n = d.n"
                f" WHERE fts MATCH ? AND d.suggest AND d.audience IN ({_readable(connection, {PUBLIC})})"
                " ORDER BY instr(fts.title_f, ?) <> 1, length(c.title), d.n LIMIT ?",
                (" AND ".join(phrases), " ".join(typed), limit * 4),
            ).fetchall()
        return list(dict.fromkeys(title for (title,) in rows))[:limit]


# -- writing, one row ----------------------------------------------------------------------------------


def _generation(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()[0])


def _clear(connection: sqlite3.Connection, n: int) -> None:
    connection.execute("DELETE FROM fts WHERE rowid = ?", (n,))
    connection.execute("DELETE FROM facet WHERE n = ?", (n,))
    connection.execute("DELETE FROM content WHERE n = ?", (n,))


def _store(connection: sqlite3.Connection, document: Document, generation: int) -> None:
    """Put unless a newer revision is known; what a rebuild has not touched yet gives way to any."""
    known = connection.execute(
        "SELECT n, revision, generation FROM doc WHERE kind = ? AND id = ?", (document.kind, document.id)
    ).fetchone()
    if known is not None and known[2] == generation and document.revision < known[1]:
        return
    title, body = nfc(document.title), nfc(document.body)
    at = document.sort_at.astimezone(UTC).isoformat(timespec="microseconds") if document.sort_at else None
    row = (
        document.revision, generation, _audience(connection, document.audience), document.demoted,
        document.suggest, at, sort_key(title), document.kind, document.id,
    )  # fmt: skip
    if known is None:
        n = connection.execute(
            "INSERT INTO doc (revision, generation, audience, demoted, suggest, sort_at, sort_title, kind, id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
    else:
        n = known[0]
        _clear(connection, known[0])
        connection.execute(
            "UPDATE doc SET revision = ?, generation = ?, audience = ?, demoted = ?, suggest = ?, sort_at = ?,"
            " sort_title = ?, gone = 0 WHERE kind = ? AND id = ?",
            row,
        )
    texts = (title, document.facet_words, body)
    connection.execute(
        "INSERT INTO fts (rowid, title_f, words_f, body_f, title_x, words_x, body_x) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (n, *map(fold, texts), *map(exact, texts)),
    )
    connection.execute("INSERT INTO content VALUES (?, ?, ?, ?)", (n, document.url, title, body))
    terms = {(name, value) for name, values in document.facets.items() for value in values}
    connection.executemany("INSERT OR IGNORE INTO term (name, value) VALUES (?, ?)", terms)
    connection.executemany(
        "INSERT INTO facet SELECT ?, t FROM term WHERE name = ? AND value = ?",
        [(n, name, value) for name, value in terms],
    )


def _audience(connection: sqlite3.Connection, names: frozenset[str]) -> int:
    """The number of this set of audiences; there are few sets, so they are kept once."""
    text = json.dumps(sorted(names))
    connection.execute("INSERT OR IGNORE INTO audience (names) VALUES (?)", (text,))
    return int(connection.execute("SELECT a FROM audience WHERE names = ?", (text,)).fetchone()[0])


# -- reading -------------------------------------------------------------------------------------------


def _quoted(phrase: Sequence[str]) -> str:
    return '"' + " ".join(phrase) + '"'


def _everywhere(phrase: Sequence[str], form: str = "f") -> str:
    return " OR ".join(f"{column}_{form} : {_quoted(phrase)}" for column in _COLUMNS)


def _word(word: str) -> str:
    """One typed word: folded in any column; as typed too when it carries accents, for the score."""
    bare = fold(word)
    anywhere = _everywhere([bare])
    return anywhere if bare == word else f"{anywhere} OR {_everywhere([word], 'x')}"


def _group(part: Part) -> str:
    """A part as one condition: its words all, or one of the phrases that stand for it."""
    typed = " AND ".join(f"({_word(word)})" for word in part.typed)
    return "(" + " OR ".join([f"({typed})", *(f"({_everywhere(other)})" for other in part.others)]) + ")"


def _match(parts: Sequence[Part]) -> tuple[str, str] | None:
    """The FTS5 conditions of all hits and of the hits that carry the accents as typed; None for no text."""
    if not parts:
        return None
    near = [f"title_f : {_quoted(pair)} OR body_f : {_quoted(pair)}" for pair in neighbours(parts)]
    groups = [_group(part) for part in parts]
    # Neighbours count more: what holds the pair holds the word, so this adds score and no hits.
    if near and len(parts[0].typed) == 1:
        groups[0] = f"({groups[0]} OR ({groups[0]} AND ({' OR '.join(near)})))"
    return " AND ".join(groups), " AND ".join(f"({_everywhere([word], 'x')})" for word in accented(parts))


def _match_but_one(parts: Sequence[Part]) -> tuple[str, str]:
    groups = [_group(part) for part in parts]
    ways = (" AND ".join(groups[:i] + groups[i + 1 :]) for i in range(len(groups)))
    return " OR ".join(f"({way})" for way in ways), ""


def _readable(connection: sqlite3.Connection, audience: Set[str]) -> str:
    """Numbers of the sets of audiences that hold one of these, for an IN."""
    sets = connection.execute("SELECT a, names FROM audience").fetchall()
    return ", ".join(str(a) for a, names in sets if audience & set(json.loads(names)))


def _gather(connection: sqlite3.Connection, query: Query, match: tuple[str, str] | None) -> None:
    """Fill `found` with what the words, the audience and the kinds let through; filters come later."""
    connection.execute("DELETE FROM found")
    limits = f"NOT d.gone AND d.audience IN ({_readable(connection, query.audience)})"
    if query.kinds:
        limits += f" AND d.kind IN ({_marks(query.kinds)})"
    if match is None:
        connection.execute(f"INSERT INTO found SELECT d.n, 0, 0.0 FROM doc d WHERE {limits}", query.kinds)
        return
    condition, exactly = match
    tier = "fts.rowid IN (SELECT rowid FROM fts WHERE fts MATCH ?)" if exactly else "0"
    connection.execute(
        f"INSERT INTO found SELECT fts.rowid, {tier}, {_BM25} * {_DEMOTED} FROM fts CROSS JOIN doc d ON d.n = fts.rowid"
        f" WHERE fts MATCH ? AND {limits}",
        [*([exactly] if exactly else []), condition, *query.kinds],
    )


def _ordered(sort: Sort, ranked: bool, where: str) -> str:
    """The statement for one page of hits; ranked ones are put in order before their rows are looked at."""
    columns = "d.kind, d.id, f.score, f.exactly, d.n"
    if sort == "relevance" and ranked:
        return (
            f"SELECT {columns} FROM (SELECT * FROM found f{where} ORDER BY f.exactly DESC, f.score, f.n DESC"
            " LIMIT ? OFFSET ?) f JOIN doc d ON d.n = f.n ORDER BY f.exactly DESC, f.score, f.n DESC"
        )
    order = {
        "relevance": "d.demoted, d.sort_at DESC, d.n DESC",
        "newest": "d.sort_at IS NULL, d.sort_at DESC, d.n DESC",
        "title": "d.sort_title, d.n",
    }[sort]
    return f"SELECT {columns} FROM found f JOIN doc d ON d.n = f.n{where} ORDER BY {order} LIMIT ? OFFSET ?"


def _hit(connection: sqlite3.Connection, marker: Marker, kind: str, id: str, score: float, exactly: int, n: int) -> Hit:
    url, title, body = connection.execute("SELECT url, title, body FROM content WHERE n = ?", (n,)).fetchone()
    title_f, title_x, body_f, body_x = connection.execute(
        "SELECT title_f, title_x, body_f, body_x FROM fts WHERE rowid = ?", (n,)
    ).fetchone()
    shown = marker.of(Text(title, title_f, title_x), Text(body, body_f, body_x))
    return Hit(kind, id, -score + (1000.0 if exactly else 0.0), *shown, url)


def _any(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM found LIMIT 1").fetchone() is not None


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _terms_of(connection: sqlite3.Connection, filters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each filter's values as term numbers for an IN; values nobody carries are left out."""
    found: dict[str, str] = {}
    for name, wanted in filters.items():
        if wanted:
            rows = connection.execute(
                f"SELECT t FROM term WHERE name = ? AND value IN ({_marks(wanted)})", (name, *wanted)
            )
            found[name] = ", ".join(str(t) for (t,) in rows)
    return found


def _filters(filters: Mapping[str, str], but: str | None = None) -> str:
    """A WHERE over `found f`: values of one name are alternatives, names all apply, `but` is left out."""
    clauses = [
        f"EXISTS (SELECT 1 FROM facet v WHERE v.n = f.n AND v.t IN ({terms}))"
        for name, terms in filters.items()
        if name != but
    ]
    return " WHERE " + " AND ".join(clauses) if clauses else ""


def _counts(
    connection: sqlite3.Connection, facets: Sequence[str], filters: Mapping[str, str]
) -> dict[str, list[tuple[str, int]]]:
    """Counts of each facet. Facets without a filter of their own share one pass over the hits."""
    counts: dict[str, list[tuple[str, int]]] = {name: [] for name in facets}
    free = [name for name in facets if name not in filters]
    passes = [(free, None), *(([name], name) for name in facets if name in filters)]
    many = connection.execute("SELECT 1 FROM found LIMIT 1 OFFSET ?", (FACET_ROWS,)).fetchone() is not None
    for names, but in passes:
        if not names:
            continue
        where = _filters(filters, but)
        if many:
            where += f" ORDER BY f.score LIMIT {FACET_ROWS}"
        rows = connection.execute(
            "SELECT t.name, t.value, c.k FROM (SELECT v.t, count(*) AS k"
            f" FROM (SELECT f.n FROM found f{where}) h CROSS JOIN facet v ON v.n = h.n GROUP BY v.t) c"
            f" JOIN term t ON t.t = c.t WHERE t.name IN ({_marks(names)}) ORDER BY c.k DESC, t.value",
            names,
        )
        for name, value, count in rows:
            counts[name].append((value, count))
    return counts
