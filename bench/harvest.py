"""Harvest of 100,000 records. Floor: the same rows, read by the same key with bare sqlite3 and written as the same XML.

Asserted: at least 0.3 of the floor; the last pages within 1.5 of the first.
"""

from __future__ import annotations

import re
import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import measure
import sqlalchemy as sa
from flask import Flask

from app.core import db
from app.oai import crosswalk, feed, sets
from app.oai.models import OaiMembership, OaiMetadata, OaiRecord
from app.oai.xml import escaped
from app.vocabularies import queries as vocabularies

RECORDS = 100_000
PAGE = 100
TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")


def fill(app: Flask, count: int) -> None:
    """Records as the feed's writer leaves them, some of them deleted, written in bulk."""
    topics = vocabularies.topics()
    provinces = [term.code for term in vocabularies.provinces()]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with app.app_context():
        rules = feed.rendering()
        for first in range(0, count, 5_000):
            records: list[dict[str, Any]] = []
            metadata: list[dict[str, Any]] = []
            memberships: list[dict[str, Any]] = []
            for n in range(first + 1, min(first + 5_000, count) + 1):
                topic = topics[n % len(topics)]
                grade, subject = int(topic.data["grade"]), str(topic.data["subject"])
                item_id, stamp, deleted = db.new_id(), start + timedelta(seconds=n * 3 // 2), n % 50 == 0
                held = sets.specs(subject, provinces[n % len(provinces)], [grade], "BGDT", "CC BY-SA")
                records.append(
                    {
                        "id": n,
                        "identifier": f"oai:kho-chung.edu.vn:resource/{item_id}",
                        "kind": "resource",
                        "item_id": item_id,
                        "datestamp": stamp,
                        "deleted": deleted,
                        "sets": held,
                        "revision": 1,
                        "digest": "0" * 64,
                        "rendering": rules,
                        "confirmed": True,
                    }
                )
                memberships += [
                    {"record_id": n, "spec": spec, "datestamp": stamp, "gone": deleted}
                    for spec in sets.with_ancestors(held)
                ]
                if not deleted:
                    lesson = crosswalk.Lesson(
                        url=f"http://127.0.0.1:8000/lessons/{item_id}",
                        title=f"{topic.vi} ({n})",
                        description=f"Bài học về {topic.vi.lower()} cho học sinh lớp {grade}, có phiếu học tập.",
                        subject=subject,
                        grades=(grade,),
                        resource_type="BGDT",
                        language="vi",
                        licence="CC BY-SA",
                        authors=("Đỗ Ngọc Ánh",),
                        keywords=("ôn tập", "bài giảng"),
                        topics=(topic.code,),
                        textbook_series="KNTT",
                        publishers=("Trường THPT Sông Sài Gòn", "Sở GD&ĐT Thành phố Hồ Chí Minh"),
                        published_at=stamp,
                        files=(
                            crosswalk.LessonFile(
                                f"http://127.0.0.1:8000/api/v1/resources/{item_id}/files/{item_id}/content",
                                "application/pdf",
                            ),
                        ),
                    )
                    metadata.append({"record_id": n, "prefix": "oai_dc", "xml": crosswalk.oai_dc(lesson)})
            with db.transaction() as unit:
                for table, rows in ((OaiRecord, records), (OaiMetadata, metadata), (OaiMembership, memberships)):
                    unit.execute(sa.insert(table), rows)
        db.close_session()


def harvest(app: Flask, query: str) -> tuple[int, float, list[str]]:
    """Walk through a list to its end: records seen, seconds, and what each page after the first was asked by."""
    seen, asked, rest, began = 0, [], f"verb=ListRecords&metadataPrefix=oai_dc{query}", time.perf_counter()
    while True:
        page = measure.call(app.wsgi_app, "/oai", rest)
        seen += page.count(b"<header")
        token = TOKEN.search(page)
        if token is None:
            return seen, time.perf_counter() - began, asked
        rest = f"verb=ListRecords&resumptionToken={token.group(1).decode()}"
        asked.append(rest)


def flat(name: str, app: Flask, asked: list[str]) -> measure.Result:
    """Pages of the first tenth and of the last, asked again in turns: a busy moment meets both."""
    tenth = max(1, len(asked) // 10)
    times: tuple[list[float], list[float]] = ([], [])
    for pair in zip(asked[:tenth], asked[-tenth:], strict=True):
        for kept, query in zip(times, pair, strict=True):
            began = time.perf_counter()
            measure.call(app.wsgi_app, "/oai", query)
            kept.append(time.perf_counter() - began)
    return measure.at_most(name, statistics.median(times[1]), statistics.median(times[0]), 1.5)


def floor(path: str) -> tuple[int, float]:
    """The same rows as the same XML with nothing around: records and seconds."""
    import json

    connection = sqlite3.connect(path)
    seen, key, began = 0, ("", 0), time.perf_counter()
    while True:
        rows = connection.execute(
            "SELECT r.id, r.identifier, r.datestamp, r.deleted, r.sets, m.xml FROM oai_records r"
            " LEFT JOIN oai_metadata m ON m.record_id = r.id AND m.prefix = 'oai_dc'"
            " WHERE (r.datestamp, r.id) > (?, ?) ORDER BY r.datestamp, r.id LIMIT ?",
            (*key, PAGE),
        ).fetchall()
        if not rows:
            break
        parts = []
        for _id, identifier, stamp, deleted, held, xml in rows:
            specs = "".join(f"<setSpec>{escaped(spec)}</setSpec>" for spec in json.loads(held))
            date = datetime.fromisoformat(stamp).strftime("%Y-%m-%dT%H:%M:%SZ")
            status = ' status="deleted"' if deleted else ""
            body = "" if deleted else f"<metadata>{xml}</metadata>"
            parts.append(
                f"<record><header{status}><identifier>{escaped(identifier)}</identifier>"
                f"<datestamp>{date}</datestamp>{specs}</header>{body}</record>\n"
            )
        "".join(parts).encode()
        seen += len(rows)
        key = (rows[-1][2], rows[-1][0])
    connection.close()
    return seen, time.perf_counter() - began


def run() -> list[measure.Result]:
    with measure.application() as app:
        fill(app, RECORDS)
        path = str(app.extensions["kho"].engine.url.database)
        floor(path)
        rates: list[tuple[float, float]] = []
        for _round in range(3):
            bare, least = floor(path)
            seen, seconds, asked = harvest(app, "")
            assert seen == bare == RECORDS, (seen, bare)
            rates.append((seen / seconds, bare / least))
        _seen, _seconds, in_set = harvest(app, "&set=subject:TOAN")
        pages = [
            flat("last pages against the first", app, asked),
            flat("  the same within one set", app, in_set),
        ]
    mine, bound = (statistics.median(rate[i] for rate in rates) for i in (0, 1))
    ratio = statistics.median(ours / least for ours, least in rates)
    return [measure.at_least("harvest of 100,000 records", mine, bound, 0.3, "records/s", ratio), *pages]


if __name__ == "__main__":
    measure.main(run)
