"""Lessons of every file type, written for the demo by the project; their bytes are made when they are put in."""

from __future__ import annotations

from app.demo.lessons import numbers_and_nature, people_and_words
from app.demo.lessons.model import DemoLesson, Shelf


def every() -> list[DemoLesson]:
    """All demo lessons in a fixed order."""
    shelf = Shelf()
    numbers_and_nature.put_on(shelf)
    people_and_words.put_on(shelf)
    return shelf.lessons


__all__ = ["DemoLesson", "every"]
