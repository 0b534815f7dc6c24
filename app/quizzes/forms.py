"""The builder's form: what a browser posts, as the data of a quiz and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.core.i18n import VIETNAM
from app.core.i18n import gettext as _
from app.quizzes.models import Quiz

RULE = ("subject", "grade", "topic", "level", "kind")


def blank() -> dict[str, Any]:
    return {
        "mode": "practice",
        "feedback": "immediate",
        "audience": "signed_in",
        "chosen": [],
        "draws": [{}],
    }


def shown(quiz: Quiz) -> dict[str, Any]:
    """A quiz as the values of the form."""
    sections = quiz.sections or []
    draws = [section["draw"] for section in sections if "draw" in section]
    return {
        "title": quiz.title,
        "description": quiz.description,
        "subject": quiz.subject,
        "grade": quiz.grade,
        "mode": quiz.mode,
        "feedback": quiz.feedback,
        "minutes": quiz.time_limit_s / 60
        if quiz.time_limit_s and quiz.time_limit_s % 60
        else (quiz.time_limit_s // 60 if quiz.time_limit_s else None),
        "attempts_allowed": quiz.attempts_allowed,
        "shuffle_questions": quiz.shuffle_questions,
        "shuffle_choices": quiz.shuffle_choices,
        "opens_at": _local(quiz.opens_at),
        "closes_at": _local(quiz.closes_at),
        "audience": quiz.audience,
        "classes": quiz.classes,
        "chosen": [each for section in sections for each in section.get("questions", [])],
        "draws": [*draws, {}],
    }


def posted(form: MultiDict[str, str]) -> dict[str, Any]:
    """The values of a posted form, to show it again; chosen questions keep their order."""
    dropped = set(form.getlist("drop"))
    chosen = [each for each in dict.fromkeys(form.getlist("chosen") + form.getlist("add")) if each not in dropped]
    count = min(50, sum(1 for name in form if name.startswith("draw-") and name.endswith("-count")))
    draws = [drawn(form, n) for n in range(count)]
    _move(chosen, form.get("do", ""))
    return {
        **{name: form.get(name, "").strip() for name in (
            "title", "description", "subject", "grade", "mode", "feedback", "minutes", "attempts_allowed",
            "opens_at", "closes_at", "audience",
        )},
        "shuffle_questions": "shuffle_questions" in form,
        "shuffle_choices": "shuffle_choices" in form,
        "classes": form.getlist("classes"),
        "chosen": chosen,
        "draws": draws or blank()["draws"],
    }  # fmt: skip


def drawn(form: MultiDict[str, str], n: int) -> dict[str, Any]:
    """The n-th rule of drawing as typed."""
    return {name: form.get(f"draw-{n}-{name}", "").strip() for name in (*RULE, "count", "seed")}


def rule(draw: dict[str, Any]) -> dict[str, Any]:
    """A typed rule as the bank takes it: only what is filled in, the grade as a number."""
    made = {name: draw[name] for name in RULE if draw.get(name)}
    if "grade" in made:
        made["grade"] = int(made["grade"]) if str(made["grade"]).isdigit() else 0
    return made


def _move(chosen: list[str], act: str) -> None:
    """Move a chosen question one place, as the pressed button (`up:2`, `down:0`) says."""
    verb, _colon, place = act.partition(":")
    if verb in ("up", "down") and place.isdigit():
        here, there = int(place), int(place) + (1 if verb == "down" else -1)
        if 0 <= here < len(chosen) and 0 <= there < len(chosen):
            chosen[here], chosen[there] = chosen[there], chosen[here]


def data(values: dict[str, Any], fixed: bool, mode: str | None = None) -> dict[str, Any]:
    """What the service takes; with `fixed` (published, in `mode`) only what may still change. Raises Invalid."""
    errors: dict[str, list[str]] = {}

    def number(name: str, text: Any, low: int, high: int) -> int | None:
        if text in ("", None):
            return None
        if not str(text).isdigit() or not low <= int(text) <= high:
            errors[name] = [_("Nhập số từ %(low)s đến %(high)s.", low=low, high=high)]
            return None
        return int(text)

    def moment(name: str) -> datetime | None:
        if not values[name]:
            return None
        try:
            return datetime.fromisoformat(values[name]).replace(tzinfo=VIETNAM)
        except ValueError:
            errors[name] = [_("Nhập ngày và giờ.")]
            return None

    made: dict[str, Any] = {
        "title": values["title"],
        "description": values["description"],
        "subject": values["subject"] or None,
        "grade": number("grade", values["grade"], 1, 12),
        "attempts_allowed": number("attempts_allowed", values["attempts_allowed"], 1, 1000),
        "opens_at": moment("opens_at"),
        "closes_at": moment("closes_at"),
        "audience": values["audience"] or "signed_in",
        "classes": values["classes"],
    }
    if not fixed:
        minutes = number("minutes", values["minutes"], 1, 1440)
        sections: list[dict[str, Any]] = [{"questions": values["chosen"]}] if values["chosen"] else []
        for draw in values["draws"]:
            count = number("sections", draw.get("count"), 1, 100)
            if count:
                number("sections", draw.get("grade"), 1, 12)
                seed = {"seed": int(draw["seed"])} if str(draw.get("seed") or "").isdigit() else {}
                sections.append({"draw": rule(draw) | seed | {"count": count}})
        made |= {
            "mode": values["mode"] if values["mode"] in ("practice", "test") else "practice",
            "feedback": values["feedback"]
            if values["feedback"] in ("immediate", "after_submit", "after_close")
            else "after_submit",
            "time_limit_s": minutes * 60 if minutes else None,
            "shuffle_questions": values["shuffle_questions"],
            "shuffle_choices": values["shuffle_choices"],
            "sections": sections,
        }
    if made["attempts_allowed"] is None and (mode or made.get("mode")) == "test":
        made["attempts_allowed"] = 1
    if errors:
        raise Invalid(_("Bài chưa lưu được. Xem các ô báo lỗi."), errors=errors)
    return made


def response(kind: str, form: MultiDict[str, str]) -> Any:
    """An answer posted without script."""
    if kind == "true_false_group":
        found = {name: form.get(f"r-{name}") for name in ("a", "b", "c", "d")}
        return {name: value == "1" for name, value in found.items() if value in ("0", "1")}
    if kind == "short_answer":
        return form.get("r", "").strip()
    return form.getlist("r")


def _local(value: datetime | None) -> str:
    return value.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M") if value else ""
