"""The demo content: right in itself, put in once, refused where real people are."""

from __future__ import annotations

import io
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.accounts import queries as accounts
from app.accounts import service
from app.blueprints.models import Blueprint
from app.core import db
from app.core.markup import render
from app.demo import lessons, seeding
from app.demo.lessons.outline import outline
from app.demo.lessons.pdf import pdf
from app.demo.questions import every
from app.files import inspection
from app.files.models import File
from app.papers.models import PaperForm, PaperItem
from app.questions import kinds
from app.questions.models import Question
from app.quizzes.models import Attempt, Quiz
from app.resources import service as resources
from app.resources.models import Resource
from app.surveys.models import Response, Survey
from app.vocabularies import queries as vocabularies


def seed(app: Flask, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["demo", "seed", *more])


def figures(app: Flask) -> dict[str, int]:
    tables = (Resource, Question, Quiz, Attempt, Survey, Response, File, Blueprint, PaperForm, PaperItem)
    with app.app_context():
        return {t.__name__: db.session().scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}


def test_two_hundred_questions_in_three_forms() -> None:
    questions = every()
    assert len(questions) == 200
    assert set(Counter(q.kind for q in questions)) == {"single_choice", "true_false_group", "short_answer"}
    assert len({q.stem for q in questions}) == 200
    for question in questions:
        assert kinds.kind(question.kind).check(question.fields()) == [], question.stem
        topic = question.where.topic
        if topic is not None:
            term = vocabularies.term("topic", topic)
            assert term is not None, question.stem
            assert term.data["subject"] == question.where.subject
            assert term.data["grade"] == question.where.grade


def test_the_right_letter_is_not_to_be_guessed() -> None:
    letters = Counter(q.answer[0] for q in every() if q.kind == "single_choice")
    assert set(letters) == set("ABCD")
    assert max(letters.values()) < 0.4 * letters.total()


def test_formulas_can_be_drawn() -> None:
    for question in every():
        for text in (question.stem, question.explanation, *(choice["text"] for choice in question.choices)):
            drawn = str(render(text))
            assert "$" not in drawn, text
            assert "katex-error" not in drawn, text


def test_files_are_what_they_say(app: Flask, tmp_path: Path) -> None:
    types = set()
    names = set()
    with app.app_context():
        for lesson in lessons.every():
            for name, make in lesson.files:
                path = tmp_path / name
                path.write_bytes(make())
                found = inspection.inspect(path, name)
                types.add(found.package or found.media_type.split(".")[-1])
                names.add(name)
    assert len(names) >= 40
    assert types >= {
        "application/pdf", "document", "presentation", "sheet", "text", "spreadsheet", "text/html", "text/plain",
        "text/markdown", "text/csv", "application/epub+zip", "image/png", "image/gif", "image/svg+xml", "audio/wav",
        "video/webm", "scorm", "h5p",
    }  # fmt: skip


def test_pdf_says_what_it_shows() -> None:
    made = outline(
        "Tiếng Việt đủ dấu: ắ ằ ẳ ẵ ặ", "Kính gửi quý thầy cô.\n- Số đo: 25 °C, x² ≤ 4\n" + "Dòng dài. " * 400
    )
    document = pypdfium2.PdfDocument(pdf(made))
    assert len(document) > 1
    text = " ".join(document[0].get_textpage().get_text_range().split())
    assert "Tiếng Việt đủ dấu: ắ ằ ẳ ẵ ặ" in text
    assert "Số đo: 25 °C, x² ≤ 4" in text
    drawn = document[0].render(scale=0.5).to_pil()
    darkest, lightest = drawn.convert("L").getextrema()
    assert lightest - darkest > 100
    with pytest.raises(ValueError, match="has no"):
        pdf(outline("漢字", "漢字"))


def test_video_frames_are_pictures() -> None:
    from app.demo.lessons import media

    made = media.oscillation_webm(seconds=1, rate=2)
    assert made.startswith(b"\x1a\x45\xdf\xa3")
    frame = made[made.index(b"\x9d\x01\x2a") - 3 :][:4000]
    assert frame[0] & 1 == 0, "a key frame"
    assert Image.open(io.BytesIO(media.pendulum_gif())).n_frames == 24  # type: ignore[attr-defined]


def test_seeding(app: Flask, client: FlaskClient, drain: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """One long story, for seeding is the slowest thing here."""
    monkeypatch.setenv("DEMO_PASSWORD", "mot-mat-khau")
    with app.app_context():
        # What a run that broke off left half made is made anew.
        broken = lessons.every()[0]
        resources.create(seeding.viewer(broken.owner), **broken.fields())
    first = seed(app)
    assert first.exit_code == 0, first.output
    for login in ("quantri", "sogd", "thuvien", "totruong", "giaovien", "hocsinh", "doitac", "mot-mat-khau"):
        assert login in first.output
    path = app.extensions["kho"].settings.data_dir / "demo_password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    known = figures(app)
    assert known["Question"] == 200
    assert known["Resource"] == len(lessons.every())
    assert known["Quiz"] == 3
    assert known["Survey"] == 2
    assert (known["Blueprint"], known["PaperForm"], known["PaperItem"]) == (1, 4, 12 + 4 + 6)
    assert known["Attempt"] >= 10
    assert known["Response"] > 20
    with app.app_context():
        states = Counter(db.session().scalars(sa.select(Resource.state)))
    assert states == {"published": len(lessons.every()) - 4, "draft": 2, "submitted": 1, "withdrawn": 1}

    monkeypatch.delenv("DEMO_PASSWORD")
    again = seed(app)
    assert again.exit_code == 0
    assert "mot-mat-khau" in again.output
    assert figures(app) == known

    drain()
    found = client.get("/api/v1/search?q=vong+tuan+hoan+cua+nuoc").json
    assert found["items"][0]["title"] == "Vòng tuần hoàn của nước"
    provinces = {facet["value"] for facet in client.get("/api/v1/search?q=").json["facets"]["province"]}
    assert provinces >= {"79", "92"}
    # Words inside a PDF made here are found too.
    assert client.get("/api/v1/search?q=mo+hinh+lua+tom").json["total"] == 1

    monkeypatch.setenv("DEMO_PASSWORD", "mat-khau-khac")
    assert "mat-khau-khac" in seed(app).output
    assert client.post("/api/v1/tokens", json={"login": "hocsinh", "password": "mot-mat-khau"}).status_code == 401
    assert client.post("/api/v1/tokens", json={"login": "hocsinh", "password": "mat-khau-khac"}).status_code == 201
    monkeypatch.setenv("DEMO_PASSWORD", "ngan")
    assert "DEMO_PASSWORD" in seed(app).output


def test_refused_among_real_people(app: Flask) -> None:
    with app.app_context():
        unit = accounts.units("school")[0]
        service.add_user("cothat", "Cô Thật", "mat-khau-that", [("teacher", unit.id)])
    refused = seed(app)
    assert refused.exit_code == 1
    assert "real people" in refused.output
    passed = seed(app, "--at-start")
    assert passed.exit_code == 0
    assert passed.output == ""
    assert figures(app)["Question"] == 0
