"""The vocabularies, read once from `data/*.json`. They change with a release, not with a request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.core import i18n

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Term:
    """`code` is what is stored, `vi` and `en` what people read, `data` the whole entry."""

    code: str
    vi: str
    en: str
    data: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def label(self) -> str:
        return self.en if i18n.locale() == "en" else self.vi


@cache
def _file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_DATA / f"{name}.json").read_text("utf-8"))
    return found


def _terms(entries: list[dict[str, Any]], code: str = "code", vi: str = "vi") -> dict[str, Term]:
    return {str(e[code]): Term(str(e[code]), e[vi], e.get("en") or e[vi], e) for e in entries}


@cache
def _vocabulary(kind: str) -> dict[str, Term]:
    match kind:
        case "subject":
            return _terms(_file("subjects")["subjects"])
        case "textbook_series":
            return _terms(_file("subjects")["textbook_series"])
        case "grade":
            return _terms(_file("levels")["grades"], code="grade")
        case "school_level":
            return _terms(_file("levels")["levels"])
        case "topic":
            return _terms(_file("topics")["topics"])
        case "licence":
            return _terms(_file("licences")["licences"])
        case "resource_type":
            return _terms(_file("resource_types")["types"])
        case "level":
            return _terms(_file("cognitive_levels")["schemes"][0]["levels"])
        case "question_form":
            return _terms(_file("question_formats")["formats"])
        case "province":
            # Old provinces stay readable for ever: a code means the present one first.
            old = [{**e, "en": None} for e in _file("provinces")["legacy"]]
            now = [{**e, "vi": e["vi_now"], "en": None} for e in _file("provinces")["current"]]
            return {**_terms(old), **_terms(now)}
        case "language":
            return {
                "vi": Term("vi", "Tiếng Việt", "Vietnamese"),
                "en": Term("en", "Tiếng Anh", "English"),
                "fr": Term("fr", "Tiếng Pháp", "French"),
                "zh": Term("zh", "Tiếng Trung", "Chinese"),
                "ja": Term("ja", "Tiếng Nhật", "Japanese"),
                "ko": Term("ko", "Tiếng Hàn", "Korean"),
                "de": Term("de", "Tiếng Đức", "German"),
                "ru": Term("ru", "Tiếng Nga", "Russian"),
                "km": Term("km", "Tiếng Khmer", "Khmer"),
                "cjm": Term("cjm", "Tiếng Chăm", "Cham"),
                "mul": Term("mul", "Nhiều thứ tiếng", "Several languages"),
            }
        case _:
            raise KeyError(kind)


def valid(kind: str, code: object) -> bool:
    return str(code) in _vocabulary(kind)


def term(kind: str, code: object) -> Term | None:
    return _vocabulary(kind).get(str(code))


def terms(kind: str) -> list[Term]:
    return list(_vocabulary(kind).values())


def label(kind: str, code: object, locale: str | None = None) -> str:
    """The name people read, or the code itself when it is not known."""
    found = term(kind, code)
    if found is None:
        return "" if code is None else str(code)
    return found.en if (locale or i18n.locale()) == "en" else found.vi


def subject(code: str) -> Term | None:
    return term("subject", code)


def subjects() -> list[Term]:
    return terms("subject")


def grades() -> list[Term]:
    return terms("grade")


def topics(subject: str | None = None, grade: int | None = None) -> list[Term]:
    return [
        t
        for t in terms("topic")
        if (subject is None or t.data["subject"] == subject) and (grade is None or t.data["grade"] == grade)
    ]


def licences() -> list[Term]:
    return terms("licence")


def licence(code: str) -> Term | None:
    return term("licence", code)


def resource_types() -> list[Term]:
    return terms("resource_type")


def resource_type(code: str) -> Term | None:
    return term("resource_type", code)


def levels() -> list[Term]:
    return terms("level")


def languages() -> list[Term]:
    return terms("language")


def textbook_series() -> list[Term]:
    return terms("textbook_series")


def question_forms() -> list[Term]:
    return terms("question_form")


def provinces() -> list[Term]:
    """The 34 provinces of today."""
    return [t for t in terms("province") if "predecessors" in t.data]


def province(code: str) -> Term | None:
    return term("province", code)


def predecessors(code: str) -> list[Term]:
    """The former provinces that a present one succeeded on 1 July 2025 (NQ 202/2025/QH15)."""
    found = term("province", code)
    return [Term(p["code"], p["vi"], p["vi"], p) for p in found.data.get("predecessors", [])] if found else []


def grade_level(grade: int) -> str:
    """TH, THCS or THPT."""
    return "TH" if grade <= 5 else "THCS" if grade <= 9 else "THPT"


_FAMILIES = {
    "f-so": ("TOAN",),
    "f-van": ("TIENGVIET", "NGUVAN", "TIENGDTTS"),
    "f-ngu": ("TIENGANH", "NGOAINGU1", "NGOAINGU2", "NN1", "NN2"),
    "f-tn": ("KHTN", "VATLI", "HOAHOC", "SINHHOC", "KHOAHOC", "TNXH"),
    "f-su": ("LICHSU", "DIALI", "LSDL"),
    "f-cd": ("DAODUC", "GDCD", "GDKTPL"),
    "f-cn": ("TINHOC", "CONGNGHE", "TINHOCCN", "THCN"),
    "f-nt": ("AMNHAC", "MITHUAT", "NGHETHUAT"),
}


@cache
def family(subject_code: str | None) -> str:
    """The CSS class of the subject's family (nine of them)."""
    for name, codes in _FAMILIES.items():
        if subject_code in codes:
            return name
    return "f-hd"
