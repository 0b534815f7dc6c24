"""Sets: subject, province, school level, kind and licence of a lesson. Pure but for the vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.vocabularies import queries as vocabularies

GRAMMAR = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
ROOTS: dict[str, tuple[str, str]] = {
    "subject": ("subject", "Môn học"),
    "province": ("province", "Tỉnh, thành phố"),
    "level": ("school_level", "Cấp học"),
    "type": ("resource_type", "Loại học liệu"),
    "licence": ("licence", "Giấy phép"),
}
"""Root of the hierarchy: its vocabulary and its name."""
SCHOOL_LEVELS = ("TH", "THCS", "THPT")


def spec_of(root: str, code: str) -> str:
    """`licence:CC-BY-SA` for ("licence", "CC BY-SA"): codes are made to fit the setSpec grammar."""
    return f"{root}:{re.sub(r'[^A-Za-z0-9_.!~*()-]', '-', code)}"


def specs(
    subject: str | None,
    province: str | None,
    grades: Iterable[int],
    resource_type: str | None,
    licence: str | None,
) -> list[str]:
    """The setSpecs of a lesson, sorted."""
    held = [("subject", subject), ("province", province), ("type", resource_type), ("licence", licence)]
    found = {spec_of(root, code) for root, code in held if code}
    found |= {spec_of("level", vocabularies.grade_level(int(grade))) for grade in grades}
    return sorted(found)


def with_ancestors(held: Sequence[str]) -> set[str]:
    """`subject:TOAN` lies in `subject` as well (section 2.6)."""
    found: set[str] = set()
    for spec in held:
        parts = spec.split(":")
        found |= {":".join(parts[: n + 1]) for n in range(len(parts))}
    return found


def known() -> dict[str, str]:
    """Every set of the vocabularies with its name, roots first, in Vietnamese as partners' lists are."""
    found: dict[str, str] = {}
    for root, (kind, name) in ROOTS.items():
        found[root] = name
        terms = vocabularies.provinces() if kind == "province" else vocabularies.terms(kind)
        for term in terms:
            if kind != "school_level" or term.code in SCHOOL_LEVELS:
                found[spec_of(root, term.code)] = f"{name}: {term.vi}"
    return found


def name_of(spec: str) -> str:
    """The name of any set that ever had a record, former provinces included."""
    name = known().get(spec)
    if name is not None:
        return name
    root, _colon, code = spec.partition(":")
    kind, said = ROOTS.get(root, ("", root))
    term = vocabularies.term(kind, code) if kind else None
    return f"{said}: {term.vi if term else code}" if code else said


def licence_address(spec: str) -> str | None:
    """The address of the licence that a set is about; None for other sets and for licences without one."""
    for term in vocabularies.terms("licence") if spec.startswith("licence:") else []:
        if spec_of("licence", term.code) == spec and term.data.get("url"):
            return str(term.data["url"])
    return None
