"""What a demo lesson is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.demo.lessons.outline import Outline

Bytes = Callable[[], bytes]


@dataclass(frozen=True)
class DemoLesson:
    """`owner` is a login; `state` what becomes of it; files are made when it is put in."""

    title: str
    description: str
    subject: str
    grades: tuple[int, ...]
    resource_type: str
    files: tuple[tuple[str, Bytes], ...]
    keywords: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    licence: str = "CC BY-SA"
    authors: tuple[str, ...] = ("Đỗ Ngọc Ánh",)
    series: str | None = None
    language: str = "vi"
    owner: str = "giaovien"
    state: str = "published"
    comment: str = ""

    def fields(self) -> dict[str, Any]:
        """As the verbs of lessons take it."""
        return {
            "title": self.title,
            "description": self.description,
            "subject": self.subject,
            "grades": list(self.grades),
            "resource_type": self.resource_type,
            "language": self.language,
            "licence": self.licence,
            "authors": list(self.authors),
            "keywords": list(self.keywords),
            "topics": list(self.topics),
            "textbook_series": self.series,
        }


@dataclass
class Shelf:
    """Lessons in the order they are put in."""

    lessons: list[DemoLesson] = field(default_factory=list)

    def add(self, *args: Any, **named: Any) -> None:
        self.lessons.append(DemoLesson(*args, **named))


def made(maker: Callable[[Outline], bytes], outline: Outline) -> Bytes:
    return lambda: maker(outline)
