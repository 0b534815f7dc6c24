"""Saving one answer of a quiz, through the whole application. Floor: a bare Flask route with the same upsert.

Both commit durably to SQLite (WAL, synchronous=FULL) and both are called without a server. Asserted: at least
0.35 of the floor's rate.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any

import measure
from flask import Flask, jsonify, request

from app.accounts import service as accounts
from app.accounts.models import User
from app.core import db
from app.demo import people
from app.questions import queries as questions
from app.questions.models import AnswerKey, Question, QuestionVersion

SAVES = 2_000
QUESTIONS = 40
LETTERS = "ABCD"


def add_question(owner: User, n: int) -> str:
    """An approved single choice question."""
    question_id, version_id = db.new_id(), db.new_id()
    choices = [{"id": letter, "text": f"Phương án {letter} của câu {n}"} for letter in LETTERS]
    with db.transaction() as unit:
        moment = db.now()
        unit.add(
            Question(
                id=question_id,
                state="approved",
                revision=1,
                owner_id=owner.id,
                current_version_id=version_id,
                approved_version_id=version_id,
                created_at=moment,
                updated_at=moment,
            )
        )
        unit.flush()
        unit.add(
            QuestionVersion(
                id=version_id,
                question_id=question_id,
                number=1,
                kind="single_choice",
                stem=f"Câu {n}: đạo hàm của $x^{n}$ là",
                choices=choices,
                explanation="",
                subject="TOAN",
                grade=12,
                topic=None,
                level="HIEU",
                tags=[],
                language="vi",
                folded="dao ham",
                fingerprint=questions.fingerprint(str(question_id), choices),
                author_id=owner.id,
                created_at=moment,
            )
        )
        unit.flush()
        unit.add(AnswerKey(version_id=version_id, answer=["B"]))
    return str(question_id)


def sitting(app: Flask) -> tuple[str, str]:
    """A pupil who sits a test of QUESTIONS questions: the address of its answers and the pupil's token."""
    with app.app_context():
        made = people.seed("hoc-lieu-2026")
        ids = [add_question(made["giaovien"], n) for n in range(1, QUESTIONS + 1)]
        teacher, _ends = accounts.issue_token(made["giaovien"])
        pupil, _ends = accounts.issue_token(made["hocsinh"])
    load = app.json.loads
    quiz = load(
        measure.call(
            app.wsgi_app,
            "POST",
            "/api/v1/quizzes",
            body={"title": "Kiểm tra", "mode": "test", "sections": [{"questions": ids}], "time_limit_s": 36_000},
            token=teacher,
        )
    )
    url = f"/api/v1/quizzes/{quiz['id']}"
    measure.call(app.wsgi_app, "POST", f"{url}/publish", token=teacher)
    attempt = load(measure.call(app.wsgi_app, "POST", f"{url}/attempts", token=pupil))
    return f"/api/v1/attempts/{attempt['id']}/answers", pupil


def bare(path: Path) -> Flask:
    """The least that can be called the same: read JSON, one upsert, commit, answer with the revision."""
    app = Flask("bare")
    held = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(held, "connection"):
            held.connection = sqlite3.connect(path, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
                held.connection.execute(f"PRAGMA {pragma}")
            held.connection.execute(
                "CREATE TABLE IF NOT EXISTS answer (attempt TEXT, n INTEGER, revision INTEGER, response TEXT,"
                " saved_at TEXT, PRIMARY KEY (attempt, n))"
            )
        made: sqlite3.Connection = held.connection
        return made

    @app.put("/attempts/<uuid:attempt>/answers/<int:n>")
    def save(attempt: Any, n: int) -> Any:
        sent = request.get_json()
        database = connection()
        database.execute("BEGIN IMMEDIATE")
        revision, moment = database.execute(
            "INSERT INTO answer VALUES (?, ?, 1, ?, strftime('%Y-%m-%d %H:%M:%f', 'now'))"
            " ON CONFLICT (attempt, n) DO UPDATE SET revision = revision + 1, response = excluded.response,"
            " saved_at = excluded.saved_at WHERE answer.revision <= ? RETURNING revision, saved_at",
            (str(attempt), n, app.json.dumps(sent["response"]), sent["revision"]),
        ).fetchone()
        database.execute("COMMIT")
        return jsonify(revision=revision, saved_at=moment)

    return app


def run() -> list[measure.Result]:
    with measure.application() as app, tempfile.TemporaryDirectory(prefix="kho-bench-") as folder:
        url, token = sitting(app)
        plain = bare(Path(folder) / "bare.sqlite3")

        def body(n: int) -> dict[str, Any]:
            return {"response": [LETTERS[n % 4]], "revision": n // QUESTIONS}

        def ours(n: int) -> None:
            measure.call(app.wsgi_app, "PUT", f"{url}/{n % QUESTIONS + 1}", body=body(n), token=token)

        def floor(n: int) -> None:
            path = f"/attempts/00000000-0000-7000-8000-000000000001/answers/{n % QUESTIONS + 1}"
            measure.call(plain.wsgi_app, "PUT", path, body=body(n))

        mine, least, ratio = measure.alternately(ours, floor, SAVES)
    return [measure.at_least("save of one answer", 1 / mine, 1 / least, 0.35, "saves/s", 1 / ratio)]


if __name__ == "__main__":
    measure.main(run)
