"""Pictures in questions: what is kept, who sees it, where it shows."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin

from app.core import db
from app.core.access import Viewer
from app.questions import service
from app.questions.formats import pictures
from app.questions.formats.model import Unreadable
from app.questions.models import QuestionMedia, QuestionMediaUse

Client = Callable[[str], FlaskClient]


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", colour: Any = 200) -> bytes:
    made = Image.new(mode, size, colour if mode != "RGB" else (colour, 40, 90))
    out = io.BytesIO()
    made.save(out, kind)
    return out.getvalue()


def upload(client: FlaskClient, data: bytes, name: str = "hinh.png") -> Any:
    return client.post("/api/v1/questions/media", data={"file": (io.BytesIO(data), name)})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_kept_and_shown_to_whoever_holds_its_address(
    as_user: Client, client: FlaskClient, kind: str
) -> None:
    answer = upload(as_user("giaovien"), picture(kind), f"tep.{kind.lower()}")
    assert answer.status_code == 201, answer.text
    kept = answer.json
    assert kept["markdown"] == f"![]({kept['url']})" and (kept["width"], kept["height"]) == (60, 40)
    shown = client.get(kept["url"])
    assert shown.status_code == 200 and shown.mimetype in ("image/png", "image/jpeg")
    assert Image.open(io.BytesIO(shown.data)).size == (60, 40)
    assert "immutable" in shown.headers["Cache-Control"] and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert client.get(kept["url"], headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    assert client.get(f"/questions/media/{uuid.uuid4()}").status_code == 404
    assert client.get("/questions/media/khong-co").status_code == 404


def test_only_those_who_write_questions_upload(as_user: Client, client: FlaskClient) -> None:
    assert upload(as_user("hocsinh"), picture()).status_code == 403
    assert upload(client, picture()).status_code == 401
    assert as_user("giaovien").post("/api/v1/questions/media", data={}).status_code == 422


def test_nothing_but_pixels_survives() -> None:
    made = Image.new("RGB", (30, 20), "red")
    exif = Image.Exif()
    exif[0x010E] = "ghi chu bi mat"
    exif[0x0112] = 6  # lies on its side
    out = io.BytesIO()
    made.save(out, "JPEG", exif=exif)
    kept = pictures.clean(out.getvalue() + b"<script>alert(1)</script>")
    assert (kept.width, kept.height) == (20, 30)
    assert b"bi mat" not in kept.data and b"script" not in kept.data
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "dap an la B")
    out = io.BytesIO()
    made.quantize(8).save(out, "PNG", pnginfo=words)
    kept = pictures.clean(out.getvalue())
    assert b"dap an" not in kept.data
    assert Image.open(io.BytesIO(kept.data)).size == (30, 20)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_colours_stay(mode: str) -> None:
    shade = {"1": 1, "L": 255, "P": 0, "RGB": 255, "RGBA": (255, 40, 90, 255), "LA": (255, 255), "I;16": 65_535}[mode]
    before = Image.open(io.BytesIO(picture("PNG", mode=mode, colour=shade)))
    after = Image.open(io.BytesIO(pictures.clean(picture("PNG", mode=mode, colour=shade)).data))
    if mode == "I;16":
        assert after.getpixel((5, 5)) == 255
    else:
        assert after.convert("RGBA").getpixel((5, 5)) == before.convert("RGBA").getpixel((5, 5))


def test_large_pictures_become_smaller_and_moving_ones_stand_still(as_user: Client) -> None:
    answer = upload(as_user("giaovien"), picture("PNG", (4000, 1000)))
    assert (answer.json["width"], answer.json["height"]) == (2000, 500)
    assert "thu nhỏ" in answer.json["messages"][0]
    frames = [Image.new("P", (20, 20), n) for n in (0, 1, 2)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    if Image.open(io.BytesIO(out.getvalue())).n_frames > 1:
        assert "khung đầu tiên" in upload(as_user("giaovien"), out.getvalue()).json["messages"][0]


def bomb() -> bytes:
    """A PNG whose head says 60,000 by 60,000."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "page": b"<html><script>alert(1)</script>",
    "cut": picture("PNG", (300, 300))[:150],
    "bomb": bomb(),
    "head only": b"\x89PNG\r\n\x1a\n",
    "ico": b"\0\0\1\0" + b"\0" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused_with_a_reason(as_user: Client, name: str) -> None:
    with pytest.raises(Unreadable):
        pictures.clean(HOSTILE[name])
    answer = upload(as_user("giaovien"), HOSTILE[name])
    assert answer.status_code == 422 and answer.json["errors"]["file"]


def test_the_same_picture_is_kept_once_and_its_uses_are_known(
    app: Flask, as_user: Client, viewer_for: Callable[[str], Viewer]
) -> None:
    teacher = as_user("giaovien")
    first, second = upload(teacher, picture()).json, upload(as_user("totruong"), picture()).json
    assert first["id"] == second["id"]
    made = teacher.post(
        "/api/v1/questions",
        json={
            "kind": "single_choice",
            "stem": f"Hình nào?\n\n![hình]({first['url']})",
            "choices": [{"id": "A", "text": f"![]({first['url']})"}, {"id": "B", "text": "không"}],
            "answer": ["A"],
            "explanation": f"![](/questions/media/{uuid.uuid4()})",
        },
    )
    assert made.status_code == 201, made.text
    with app.app_context():
        used = db.session().scalars(sa.select(QuestionMediaUse)).all()
        assert [str(u.media_id) for u in used] == [first["id"]]
        with db.transaction() as unit:
            unit.execute(sa.update(QuestionMedia).values(touched_at=sa.text("'2020-01-01 00:00:00'")))
        service.add_picture(viewer_for("giaovien"), picture(colour=3))
        assert db.session().get(QuestionMedia, uuid.UUID(first["id"])) is not None
    assert teacher.delete(f"/api/v1/questions/{made.json['id']}").status_code == 204
    with app.app_context():
        service.add_picture(viewer_for("giaovien"), picture(colour=4))
        assert db.session().scalar(sa.select(QuestionMedia).where(QuestionMedia.id == uuid.UUID(first["id"]))) is None


def test_a_picture_shows_in_editor_question_and_quiz(signed_in: Client, as_user: Client) -> None:
    teacher = signed_in("giaovien")
    form = {"kind": "single_choice", "stem": "Xem hình.", "choice_A": "một", "choice_B": "hai", "right": "B"}
    page = teacher.post(
        "/questions/new", data={**form, "do": "picture", "picture": (io.BytesIO(picture()), "a.png")}
    ).text
    address = re.search(r"!\[\]\((/questions/media/[0-9a-f-]{36})\)", page)
    assert address and f'<img src="{address[1]}"' in page
    wrong = teacher.post("/questions/new", data={**form, "do": "picture", "picture": (io.BytesIO(b"x"), "a.png")})
    assert wrong.status_code == 422 and "Hình bị hỏng" in wrong.text
    assert teacher.post("/questions/new", data={**form, "do": "picture"}).status_code == 422
    text = f"![tam giác]({address[1]})"
    place = teacher.post(
        "/questions/new",
        data={**form, "stem": f"Xem hình. {text}", "choice_A": text, "explanation": f"Vì {text}", "do": "save"},
    ).headers["Location"]
    assert teacher.get(place).text.count(f'<img src="{address[1]}" alt="tam giác"') >= 3
    question_id = place.rsplit("/", 1)[1]
    client = as_user("giaovien")
    quiz = client.post(
        "/api/v1/quizzes",
        json={"title": "Thử", "mode": "practice", "sections": [{"questions": [question_id]}]},
    )
    assert quiz.status_code == 201, quiz.text
    assert client.post(f"/api/v1/quizzes/{quiz.json['id']}/publish").status_code < 300
    started = teacher.post(f"/quizzes/{quiz.json['id']}/start")
    assert started.status_code == 303, started.text
    attempt = teacher.get(started.headers["Location"]).text
    assert attempt.count(f'<img src="{address[1]}"') == 2
