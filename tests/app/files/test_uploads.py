"""Uploads in pieces, as tus clients send them."""

from __future__ import annotations

import base64
import io
import os
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import TestResponse

from app.core import db, ports
from app.core.access import Viewer
from app.files import uploads
from app.files.models import Upload, UploadPiece

PDF = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"
SignedIn = Callable[[str], FlaskClient]
DRAFT = {"title": "Bài tải từng phần", "subject": "TOAN", "grades": [9], "resource_type": "BGDT"}


def begin(client: FlaskClient, size: int, name: str = "bài giảng.pdf", **headers: str) -> TestResponse:
    coded = base64.b64encode(name.encode()).decode()
    sent = {"Upload-Length": str(size), "Upload-Metadata": f"filename {coded}", "Tus-Resumable": "1.0.0", **headers}
    return client.post("/api/v1/uploads", headers=sent)


def send(client: FlaskClient, place: str, start: int, data: bytes) -> TestResponse:
    return client.patch(
        place, data=data, content_type="application/offset+octet-stream", headers={"Upload-Offset": str(start)}
    )


def kept(app: Flask) -> tuple[int, int]:
    """How many uploads are begun, and how many pieces stand in the store."""
    with app.app_context():
        rows = db.session().scalar(sa.select(sa.func.count()).select_from(Upload)) or 0
        return rows, sum(1 for _key in ports.files().keys("piece/"))


def test_in_pieces_to_a_lesson(app: Flask, signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    begun = begin(teacher, len(PDF))
    assert begun.status_code == 201 and begun.headers["Upload-Offset"] == "0" and "Upload-Expires" in begun.headers
    place = begun.headers["Location"]
    assert send(teacher, place, 0, PDF[:100_000]).headers["Upload-Offset"] == "100000"
    told = teacher.head(place)
    assert (told.headers["Upload-Offset"], told.headers["Upload-Length"]) == ("100000", str(len(PDF)))
    assert told.headers["Cache-Control"] == "no-store"
    lesson = teacher.post("/api/v1/resources", json=DRAFT).json["id"]
    early = teacher.post(f"/api/v1/resources/{lesson}/files", json={"upload": begun.json["id"]})
    assert early.status_code == 409 and early.json["current"] == 100_000
    assert send(teacher, place, 100_000, PDF[100_000:]).status_code == 204
    again = {"Idempotency-Key": begun.json["id"]}
    for _try in range(2):
        made = teacher.post(f"/api/v1/resources/{lesson}/files", json={"upload": begun.json["id"]}, headers=again)
        assert made.status_code == 201, made.text
    assert made.json["name"] == "bài giảng.pdf" and made.json["size"] == len(PDF)
    assert teacher.get(f"/api/v1/resources/{lesson}/files/{made.json['id']}/content").data == PDF
    assert len(teacher.get(f"/api/v1/resources/{lesson}/files").json) == 1
    assert kept(app) == (0, 0)


def test_what_is_refused_before_the_first_byte(app: Flask, signed_in: SignedIn, client: FlaskClient) -> None:
    teacher = signed_in("giaovien")
    assert begin(client, 10).status_code == 401
    assert begin(teacher, 10**12).status_code == 413
    assert begin(teacher, 10, "virus.exe").status_code == 422
    assert begin(teacher, 0).status_code == 422
    assert teacher.post("/api/v1/uploads", headers={"Upload-Length": "x"}).status_code == 422
    other = begin(teacher, 10, **{"Tus-Resumable": "0.2.2"})
    assert other.status_code == 412 and other.headers["Tus-Version"] == "1.0.0"
    able = teacher.options("/api/v1/uploads").headers
    assert able["Tus-Extension"] == "creation,termination,expiration" and int(able["Tus-Max-Size"]) > 0
    assert kept(app) == (0, 0)


def test_wrong_pieces(app: Flask, signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    place = begin(teacher, 20).headers["Location"]
    assert teacher.patch(place, data=b"x", headers={"Upload-Offset": "0"}).status_code == 415
    assert send(teacher, place, 5, b"x").status_code == 409
    assert send(teacher, place, 0, b"x" * 21).status_code == 413
    assert send(teacher, place, 0, b"x" * 10).status_code == 204
    stale = send(teacher, place, 0, b"x" * 10)
    assert stale.status_code == 409 and stale.json["current"] == 10
    assert signed_in("giaovien2").head(place).status_code == 404
    assert send(signed_in("giaovien2"), place, 10, b"x").status_code == 404
    assert teacher.delete(place).status_code == 204
    assert teacher.head(place).status_code == 404
    assert kept(app) == (0, 0)


def test_bytes_that_are_not_what_they_say_stay_until_they_are_dropped(app: Flask, signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    begun = begin(teacher, 300)
    send(teacher, begun.headers["Location"], 0, b"MZ\x90\x00" + b"\0" * 296)
    lesson = teacher.post("/api/v1/resources", json=DRAFT).json["id"]
    refused = teacher.post(f"/api/v1/resources/{lesson}/files", json={"upload": begun.json["id"]})
    assert refused.status_code == 422 and "file" in refused.json["errors"]
    assert kept(app) == (1, 1)


def test_uploads_nobody_goes_on_with_are_swept(
    app: Flask, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = signed_in("giaovien")
    place = begin(teacher, 20).headers["Location"]
    send(teacher, place, 0, b"x" * 10)
    with app.app_context():
        assert uploads.sweep() == 0
        with db.transaction() as unit:
            unit.execute(sa.update(Upload).values(touched_at=db.now() - timedelta(days=8)))
        assert uploads.sweep() == 1
    assert kept(app) == (0, 0)


def test_only_so_many_at_once(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_OPEN", 2)
    teacher = signed_in("giaovien")
    assert [begin(teacher, 9).status_code for _n in range(3)] == [201, 201, 429]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 1500), st.booleans()), max_size=12))
def test_any_order_of_pieces(app: Flask, signed_in: SignedIn, cuts: list[tuple[int, int, bool]]) -> None:
    """Wrong, doubled and lost pieces: what stands is always a beginning of the file."""
    data = b"%PDF-1.4\n" + bytes(range(256)) * 10
    teacher = signed_in("giaovien")
    begun = begin(teacher, len(data))
    place, stands = begun.headers["Location"], 0
    for at, length, right in cuts:
        start = stands if right else at
        answer = send(teacher, place, start, data[start : start + length])
        if start == stands:
            assert answer.status_code == 204
            stands = min(len(data), start + length)
        else:
            assert answer.status_code == 409
        assert teacher.head(place).headers["Upload-Offset"] == str(stands)
    send(teacher, place, stands, data[stands:])
    with app.app_context():
        owner = db.session().get_one(Upload, uuid.UUID(begun.json["id"])).user_id
        pieces = db.session().scalars(
            sa.select(UploadPiece)
            .where(UploadPiece.upload_id == uuid.UUID(begun.json["id"]))
            .order_by(UploadPiece.start)
        )
        found = b"".join(b"".join(ports.files().open(uploads.keys.piece(piece.id))) for piece in pieces)
    assert owner and found == data


def test_two_at_the_same_place(app: Flask, signed_in: SignedIn) -> None:
    """One piece wins, the other is told where the upload stands, and its bytes are gone."""
    browsers = [signed_in("giaovien") for _n in range(4)]
    place = begin(browsers[0], 40).headers["Location"]
    codes: list[int] = []
    gate = threading.Barrier(len(browsers))

    def one(browser: FlaskClient) -> None:
        gate.wait()
        codes.append(send(browser, place, 0, b"y" * 10).status_code)

    threads = [threading.Thread(target=one, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [204, 409, 409, 409]
    assert kept(app) == (1, 1)


class Breaking:
    """A line that gives some bytes and then is cut."""

    def __init__(self, data: bytes) -> None:
        self.left = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        got = self.left.read(min(size, 1000))
        if not got:
            raise ClientDisconnected
        return got


def test_a_broken_connection_keeps_what_came(
    app: Flask, signed_in: SignedIn, viewer_for: Callable[[str], Viewer]
) -> None:
    teacher = signed_in("giaovien")
    begun = begin(teacher, len(PDF))
    with app.app_context():
        line: Any = Breaking(PDF[:200_000])
        assert uploads.append(viewer_for("giaovien"), uuid.UUID(begun.json["id"]), 0, line) == 200_000
    assert teacher.head(begun.headers["Location"]).headers["Upload-Offset"] == "200000"
    assert send(teacher, begun.headers["Location"], 200_000, PDF[200_000:]).status_code == 204
