"""Every page with the demo content in it, on a small phone: nothing sticks out, nothing fails, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.blueprints.models import Blueprint
from app.core import db
from app.demo import seeding
from app.papers.models import Paper
from app.questions.models import Question
from app.quizzes.models import Attempt, Quiz
from app.resources.models import Resource
from app.surveys.models import Survey
from tests import engines
from tests.conftest import PASSWORD
from tests.journeys.conftest import PHONE, Live

WATCH = """() => {
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  const guilty = wide <= room ? [] : [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > room + 1).slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
  return {
    wide, room, guilty, headings: document.querySelectorAll("h1").length, language: document.documentElement.lang,
    nameless: [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]
      .filter((one) => !one.labels?.length && !one.getAttribute("aria-label")).map((one) => one.outerHTML.slice(0, 120)),
    pictures: [...document.images].filter((one) => !one.hasAttribute("alt")).length,
  };
}"""

# The rules of WCAG 2.1 AA that a machine can judge. One round is enough: pages are the same on every engine.
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}

GIFT = """Một phương án { =đúng ~sai ~sai nữa }
::Nhiều:: Nhiều phương án { ~%50%một ~%50%hai ~%-100%ba }
Chưa có đáp án { ~một ~hai }
Tính { #0.92 }
"""


def pages(live: Live) -> dict[str | None, list[str]]:
    """Who looks at which pages."""
    with live.app.app_context():
        query = db.session().query
        lessons = [f"/lessons/{row.id}" for row in query(Resource).where(Resource.state != "draft").limit(60)]
        own = query(Resource).where(Resource.draft_state == "draft").first()
        quiz = {row.title.split(":")[0]: f"/quizzes/{row.id}" for row in query(Quiz)}
        question = query(Question).where(Question.state == "approved").first()
        survey = {row.title.split(" ")[0]: f"/surveys/{row.id}" for row in query(Survey)}
        done = query(Attempt).where(Attempt.quiz_id.in_([row.id for row in query(Quiz) if row.mode == "test"])).first()
        matrix, paper = query(Blueprint).first(), query(Paper).first()
        assert own
        assert question
        assert matrix
        assert paper
        assert done
        return {
            None: ["/", "/search", "/search?q=toan", "/search?q=khongcogica", "/signin", "/partners", "/khong-co", "/api/docs",
                   "/quizzes", quiz["Luyện tập"], *lessons[::4]],
            "giaovien": ["/my", "/lessons/new", f"/lessons/{own.id}/edit", "/questions", "/questions/new", "/questions/import",
                         f"/questions/{question.id}", f"/questions/{question.id}/edit", "/quizzes", "/quizzes/new",
                         quiz["Kiểm tra thường xuyên"], quiz["Kiểm tra thường xuyên"] + "/results",
                         f"/attempts/{done.id}/result", "/surveys", "/surveys/new", survey["Em"], survey["Em"] + "/results",
                         "/blueprints", "/blueprints/new", f"/blueprints/{matrix.id}",
                         "/papers", f"/papers/new?blueprint={matrix.id}", f"/papers/{paper.id}", "/me"],
            "totruong": ["/review", "/questions?tab=review"],
            "thuvien": ["/harvests", "/review"],
            "hocsinh": ["/", "/quizzes", quiz["Ôn tập cuối tuần"], "/surveys", survey["Góp"], "/me"],
        }  # fmt: skip


def faults(page: Page, addresses: list[str], language: str) -> Iterator[str]:
    for address in addresses:
        page.goto(address)
        seen = page.evaluate(WATCH)
        if seen["wide"] > seen["room"]:
            yield f"{address}: {seen['wide']} px wide on a phone of {seen['room']}: {seen['guilty']}"
        if seen["headings"] != 1:
            yield f"{address}: {seen['headings']} main headings"
        if seen["language"] != language:
            yield f"{address}: says its language is {seen['language']}"
        if seen["nameless"]:
            yield f"{address}: fields without a name {seen['nameless']}"
        if seen["pictures"]:
            yield f"{address}: pictures without a text"
        if not engines.ON_POSTGRES:
            for broken in Axe().run(page, options=AXE).response["violations"]:
                yield f"{address}: {broken['help']}: {[node['html'][:160] for node in broken['nodes'][:3]]}"


def test_pages_on_a_phone(visitor: Callable[..., Page], live: Live) -> None:
    with live.app.app_context():
        seeding.seed(PASSWORD)
    found: list[str] = []
    for login, addresses in pages(live).items():
        page = visitor(login, PHONE)
        found += faults(page, addresses, "vi")
        if login == "giaovien":
            page.goto("/questions/import")
            page.locator("input[type=file]").set_input_files(
                {"name": "mau.gift", "mimeType": "text/plain", "buffer": GIFT.encode()}
            )
            page.locator("main form .btn-primary").click()
            page.wait_for_url("**/import/*")
            found += faults(page, [page.url + "?show=all"], "vi")
        page.evaluate("document.cookie = 'lang=en; path=/'")
        if login is None:
            found += faults(page, addresses[:6], "en")
    assert found == []
