"""The editor's form, read into the fields of a question and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

LETTERS = "ABCDEFGHIJ"
STATEMENTS = "abcd"


def blank(kind: str = "single_choice") -> dict[str, Any]:
    """An empty question of this kind, with the rows the editor shows."""
    return {
        "kind": kind,
        "stem": "",
        "choices": [{"id": i, "text": ""} for i in (STATEMENTS if kind == "true_false_group" else LETTERS[:4])]
        if kind != "short_answer"
        else [],
        "answer": None,
        "explanation": "",
        "subject": "",
        "grade": None,
        "topic": "",
        "level": "",
        "tags": [],
        "language": "vi",
        "scoring": "stepped",
    }


def read(form: MultiDict[str, str]) -> dict[str, Any]:
    """Fields of a question from the editor's form; options left empty at the end are left out."""
    kind = form.get("kind", "single_choice")
    data: dict[str, Any] = {
        "kind": kind,
        "stem": form.get("stem", ""),
        "explanation": form.get("explanation", ""),
        "subject": form.get("subject") or None,
        "grade": int(form["grade"]) if form.get("grade", "").isdigit() else None,
        "topic": form.get("topic") or None,
        "level": form.get("level") or None,
        "tags": [t.strip() for t in form.get("tags", "").split(",") if t.strip()],
        "language": form.get("language") or "vi",
        "scoring": form.get("scoring") or None,
    }
    if kind == "true_false_group":
        data["choices"] = [{"id": s, "text": form.get(f"statement_{s}", "")} for s in STATEMENTS]
        key = {s: form[f"key_{s}"] == "true" for s in STATEMENTS if form.get(f"key_{s}") in ("true", "false")}
        data["answer"] = key or None
    elif kind == "short_answer":
        data["choices"] = []
        data["answer"] = form.get("short", "").strip() or None
    else:
        texts = [form.get(f"choice_{letter}", "") for letter in LETTERS]
        while texts and not texts[-1].strip():
            texts.pop()
        data["choices"] = [{"id": LETTERS[n], "text": t} for n, t in enumerate(texts)]
        name = "right" if kind == "single_choice" else "rights"
        data["answer"] = [letter for letter in form.getlist(name) if letter in LETTERS] or None
    return data


def padded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A question's fields with the empty rows that the editor shows beside the filled ones."""
    found = {**blank(str(data.get("kind") or "single_choice")), **data}
    if found["kind"] in ("single_choice", "multiple_choice"):
        texts = list(found["choices"] or [])
        texts += [{"id": LETTERS[n], "text": ""} for n in range(len(texts), 4)]
        found["choices"] = texts
    return found


def mended(form: MultiDict[str, str]) -> dict[int, dict[str, Any]]:
    """Changes on an import report: for each question that the form showed, its key and whether it stays out."""
    found: dict[int, dict[str, Any]] = {}
    for seen in form.getlist("seen"):
        number, _, kind = seen.partition(":")
        if not number.isdigit() or len(number) > 6:
            continue
        n = number
        answer: Any = None
        if kind == "true_false_group":
            answer = {
                s: form[f"key-{n}-{s}"] == "true" for s in STATEMENTS if form.get(f"key-{n}-{s}") in ("true", "false")
            }
        elif kind == "short_answer":
            answer = form.get(f"key-{n}", "").strip()
        elif kind:
            answer = [letter for letter in form.getlist(f"key-{n}") if letter in LETTERS]
        change: dict[str, Any] = {"skip": True if form.get(f"skip-{n}") else None}
        if kind:
            change["answer"] = answer or None
        found[int(n)] = change
    return found


def reworded(form: MultiDict[str, str]) -> tuple[int, dict[str, Any]] | None:
    """New words for one question of an import report; None when the form names no question."""
    number = form.get("n", "")
    if not number.isdigit() or len(number) > 6:
        return None
    choices = {key.removeprefix("choice-"): value for key, value in form.items() if key.startswith("choice-")}
    back = form.get("do") == "back"
    return int(number), {
        "stem": None if back else form.get("stem", ""),
        "explanation": None if back else form.get("explanation", ""),
        "choices": None if back or not choices else dict(list(choices.items())[:10]),
    }
