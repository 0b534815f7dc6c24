"""What is told of an import or an export: one row for each question, and counts of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from app.questions.formats.model import DROPPED


@dataclass
class ReportRow:
    n: int
    status: str
    kind: str | None
    answer: Any
    messages: list[str]
    source: str
    place: str = ""
    id: uuid.UUID | None = None
    content: dict[str, Any] | None = None
    mended: dict[str, Any] = field(default_factory=dict)
    # Questions of the bank that say the same or nearly so; only before anything is stored.
    alike: list[Any] = field(default_factory=list)


@dataclass
class ImportReport:
    format: str
    filename: str
    rows: list[ReportRow] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    dry_run: bool = True

    @property
    def counts(self) -> dict[str, int]:
        found = {"read": 0, "guessed": 0, "dropped": 0}
        for row in self.rows:
            found[row.status] += 1
        return found

    @property
    def without_key(self) -> int:
        return sum(1 for r in self.rows if r.status != DROPPED and r.answer is None)
