"""Two hundred questions in the three forms of the 2025 exam, written for the demo by the project."""

from __future__ import annotations

from app.demo.questions import maths, physics, sciences, society
from app.demo.questions.model import DemoQuestion


def every() -> list[DemoQuestion]:
    """All demo questions in a fixed order."""
    return [q for module in (maths, physics, sciences, society) for q in module.questions()]


__all__ = ["DemoQuestion", "every"]
