"""Saving answers of a quiz, served as `make run` serves it, by 20 pupils at once.

Floor: a bare Flask route on the same stack that writes the same rows (`bare_answers.py`), behind the same server
with the same number of threads. Both commit durably to SQLite (WAL, synchronous=FULL). Asserted: at least 0.35 of
the floor's rate.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import measure

from app.accounts import service as accounts
from app.accounts.models import User
from app.core import db
from app.demo import people
from app.questions import queries as questions
from app.questions.models import AnswerKey, Question, QuestionVersion
from tests import engines

QUESTIONS = 40
PUPILS = 20
ROUNDS = 5
SECONDS = 3.0
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


def add_pupils(unit_id: uuid.UUID) -> list[str]:
    """Tokens of PUPILS pupils."""
    made = [
        accounts.add_user(f"em{n}", f"Học sinh {n}", "hoc-lieu-2026", [("student", unit_id)]) for n in range(PUPILS)
    ]
    return [accounts.issue_token(user)[0] for user in made]


@dataclass
class Desk:
    """A pupil who goes through the questions again and again; `times` are seconds of each save."""

    port: int
    path: str
    headers: dict[str, str]
    count: int = 0
    times: list[float] = field(default_factory=list)

    def work(self, until: float) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while time.perf_counter() < until:
            n, revision = self.count % QUESTIONS + 1, self.count // QUESTIONS
            body = json.dumps({"response": [LETTERS[self.count % 4]], "revision": revision})
            began = time.perf_counter()
            line.request("PUT", f"{self.path}/{n}", body, self.headers)
            answer = line.getresponse()
            said = answer.read()
            self.times.append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {said[:300]!r}")
            self.count += 1
        line.close()


def rate(desks: list[Desk]) -> float:
    """Saves per second with all desks at work."""
    before = sum(desk.count for desk in desks)
    began = time.perf_counter()
    threads = [threading.Thread(target=desk.work, args=(began + SECONDS,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (sum(desk.count for desk in desks) - before) / (time.perf_counter() - began)


def sit_down(port: int, teacher: str, pupils: list[str], ids: list[str]) -> list[Desk]:
    """Make and publish a test, and let every pupil begin it."""

    def call(method: str, path: str, token: str, body: object = None) -> dict[str, str]:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        said = answer.read()
        line.close()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        found: dict[str, str] = json.loads(said)
        return found

    quiz = call(
        "POST",
        "/api/v1/quizzes",
        teacher,
        {"title": "Kiểm tra", "mode": "test", "sections": [{"questions": ids}], "time_limit_s": 36_000},
    )
    call("POST", f"/api/v1/quizzes/{quiz['id']}/publish", teacher)
    desks = []
    for token in pupils:
        attempt = call("POST", f"/api/v1/quizzes/{quiz['id']}/attempts", token)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        desks.append(Desk(port, f"/api/v1/attempts/{attempt['id']}/answers", headers))
    return desks


def run() -> list[measure.Result]:
    """On SQLite, and on PostgreSQL where `DATABASE_URL` names one."""
    results = saving({}, 0.35, "")
    if engines.ON_POSTGRES:
        with engines.engines() as own:
            results += saving({"DATABASE_URL": own.urls["DATABASE_URL"]}, 0.4, " (PostgreSQL)")
    return results


def saving(urls: dict[str, str], least_ratio: float, where: str) -> list[measure.Result]:
    with measure.application(urls) as app, tempfile.TemporaryDirectory(prefix="kho-bench-") as folder:
        with app.app_context():
            made = people.seed("hoc-lieu-2026")
            ids = [add_question(made["giaovien"], n) for n in range(1, QUESTIONS + 1)]
            teacher, _ends = accounts.issue_token(made["giaovien"])
            from app.accounts import queries

            pupils = add_pupils(next(iter(queries.viewer_of(made["hocsinh"]).unit_ids)))
        kho = app.extensions["kho"]
        others = ("DATABASE_URL", "SEARCH_URL", "STORAGE_URL", "PUBLIC_URL")
        outside = {name: value for name, value in os.environ.items() if name not in others}
        environ = {**outside, "DATA_DIR": str(kho.settings.data_dir), **urls}
        bare = {**outside, "BARE_URL": urls.get("DATABASE_URL", f"sqlite:///{Path(folder) / 'bare.sqlite3'}")}
        with (
            measure.served([sys.executable, "wsgi.py", "serve"], environ) as port,
            measure.served([sys.executable, "-m", "granian", *measure.GRANIAN, "bare_answers:app"], bare) as bare_port,
        ):
            desks = sit_down(port, teacher, pupils, ids)
            json_only = {"Content-Type": "application/json"}
            floor = [Desk(bare_port, f"/attempts/{uuid.uuid4()}/answers", json_only) for _pupil in range(PUPILS)]
            for warm in (desks, floor):
                rate(warm)
            rates = [(rate(desks), rate(floor)) for _round in range(ROUNDS)]
    mine, least = (statistics.median(pair[i] for pair in rates) for i in (0, 1))
    ratio = statistics.median(a / b for a, b in rates)
    return [
        measure.at_least(f"save of an answer, 20 pupils{where}", mine, least, least_ratio, "saves/s", ratio),
        measure.told("  time that 95 of 100 stay within", late(desks), late(floor)),
    ]


def late(desks: list[Desk]) -> float:
    return statistics.quantiles([seconds for desk in desks for seconds in desk.times], n=20)[-1]


if __name__ == "__main__":
    measure.main(run)
