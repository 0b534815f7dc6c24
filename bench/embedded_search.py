"""Embedded search over 20,000 documents. Floor: the bare FTS5 query with the same condition and ranking.

Asserted: the median search within 2.0 of the floor. Counting facets is reported only.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import measure

from app.vocabularies import queries as vocabularies
from search import embedded
from search.abbreviations import Expander
from search.asking import parts_of
from search.port import Document, Query

DOCUMENTS = 20_000
ROUNDS = 30
RANKING = "bm25(fts, 8.0, 4.0, 1.0, 4.0, 1.0, 0.5)"
QUERIES = (
    "dao ham",
    "đạo hàm của hàm số",
    "phuong trinh bac hai",
    "định lí Pythagore",
    "chuyển động",
    "phân số",
    "te bao",
    "chiến tranh thế giới",
    "bảng tuần hoàn",
    "toan lop 8",
    "bài giảng",
)


def documents() -> Iterator[Document]:
    """Lessons whose words come from the topics of the curriculum."""
    chance = random.Random(2026)
    topics = vocabularies.topics()
    words = [word for topic in topics for word in topic.vi.split()]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(DOCUMENTS):
        topic = chance.choice(topics)
        subject, grade = str(topic.data["subject"]), str(topic.data["grade"])
        body = " ".join(chance.choices(words, k=chance.randint(60, 240)))
        yield Document(
            kind="resource",
            id=str(n),
            revision=1,
            title=f"Bài giảng {topic.vi}",
            body=f"{topic.vi}. {body}",
            facet_words=f"{vocabularies.label('subject', subject, 'vi')} lớp {grade}",
            facets={"subject": (subject,), "grade": (grade,), "resource_type": ("BGDT",), "licence": ("CC BY-SA",)},
            sort_at=start + timedelta(minutes=n),
            url=f"/lessons/{n}",
        )


def bare(path: Path) -> Callable[[str], object]:
    """The 20 best rows of the same condition, accents first, then bm25: one statement and nothing else."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA temp_store = MEMORY")
    expander = Expander()

    def find(text: str) -> object:
        match = embedded._match(parts_of(expander, text))
        assert match is not None
        condition, exactly = match
        tier = "rowid IN (SELECT rowid FROM fts WHERE fts MATCH ?)" if exactly else "0"
        return connection.execute(
            f"SELECT rowid, {tier} AS exactly, {RANKING} AS score FROM fts WHERE fts MATCH ?"  # noqa: S608
            " ORDER BY exactly DESC, score LIMIT 20",
            [*([exactly] if exactly else []), condition],
        ).fetchall()

    return find


def run() -> list[measure.Result]:
    with tempfile.TemporaryDirectory(prefix="kho-bench-") as folder:
        path = Path(folder) / "search.sqlite3"
        index = embedded.EmbeddedIndex(path)
        index.rebuild(documents())
        floor = bare(path)
        times: list[tuple[float, float, float]] = []
        ratios: list[float] = []
        for text in QUERIES:
            asked, counted = Query(text=text), Query(text=text, facets=("subject", "grade"))
            calls = (partial(index.find, asked), partial(floor, text), partial(index.find, counted))
            kept: list[list[float]] = [[], [], []]
            for _round in range(ROUNDS):
                for place, search in enumerate(calls):
                    began = time.perf_counter()
                    search()
                    kept[place].append(time.perf_counter() - began)
            times.append((statistics.median(kept[0]), statistics.median(kept[1]), statistics.median(kept[2])))
            ratios.append(times[-1][0] / times[-1][1])
        index.close()
    mine, least, facets = (statistics.median(row[i] for row in times) for i in range(3))
    worst = max(range(len(QUERIES)), key=lambda i: ratios[i])
    return [
        measure.at_most("search of 20,000 documents", mine, least, 2.0, statistics.median(ratios)),
        measure.told(f"  its worst query: {QUERIES[worst]}", times[worst][0], times[worst][1]),
        measure.told("  with two facets counted", facets, least),
    ]


if __name__ == "__main__":
    measure.main(run)
