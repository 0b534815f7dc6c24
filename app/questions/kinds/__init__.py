"""Question kinds: shape, check and marking. Pure: no database, no request, no clock, no translation.

A *content* is a mapping with `stem`, `choices` (`[{"id", "text"}]`), `answer` and, where the kind has
a rule to choose, `scoring`. Problems carry Vietnamese text with its values, for the caller to translate.
"""

from __future__ import annotations

from app.questions.kinds.base import Content, Kind, Mark, Problem, Registry
from app.questions.kinds.choice import MultipleChoice, SingleChoice
from app.questions.kinds.short_answer import ShortAnswer
from app.questions.kinds.true_false import TrueFalseGroup

registry = Registry()
for _kind in (SingleChoice(), MultipleChoice(), TrueFalseGroup(), ShortAnswer()):
    registry.add(_kind)


def kind(code: str) -> Kind:
    """The kind with this code; raises KeyError."""
    return registry[code]


def codes() -> tuple[str, ...]:
    return registry.codes()


__all__ = [
    "Content",
    "Kind",
    "Mark",
    "Problem",
    "Registry",
    "codes",
    "kind",
    "registry",
]
