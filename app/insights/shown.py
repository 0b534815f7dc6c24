"""Figures in words and in JSON."""

from __future__ import annotations

from typing import Any

from app.core.i18n import gettext as _
from app.insights import statistics
from app.insights.queries import Line, QuestionFigures, QuizFigures


def remark(flag: statistics.Flag) -> str:
    """A flag as a teacher would say it."""
    option = flag.option
    said = {
        "easy": lambda: _("Câu quá dễ: gần như ai cũng làm đúng."),
        "hard": lambda: _("Câu quá khó: rất ít người làm đúng."),
        "reversed": lambda: _("Học sinh yếu làm đúng nhiều hơn học sinh giỏi: xem lại đáp án và lời văn."),
        "flat": lambda: _("Câu chưa phân biệt được học sinh giỏi với học sinh yếu."),
        "blank": lambda: _("Nhiều học sinh bỏ trống câu này."),
        "draws_strong": lambda: _("Phương án %(option)s hút học sinh giỏi.", option=option),
        "key_repels": lambda: _("Đáp án %(option)s ít được học sinh giỏi chọn: có thể đáp án sai.", option=option),
        "idle": lambda: _("Phương án %(option)s hầu như không ai chọn.", option=option),
        "statement_reversed": lambda: _("Ý %(option)s: học sinh giỏi làm sai nhiều hơn học sinh yếu.", option=option),
        "number_draws": lambda: _("Nhiều học sinh giỏi trả lời %(option)s.", option=option),
    }
    return said[flag.code]()


def quiz_out(found: QuizFigures) -> dict[str, Any]:
    return {
        "attempts": found.test.n,
        "enough": found.test.n >= statistics.FEWEST,
        "mean": found.test.mean,
        "sd": found.test.sd,
        "alpha": found.test.alpha,
        "sem": found.test.sem,
        "items": [
            {
                "n": line.position,
                **_line(line),
                "alpha_if_dropped": line.alpha_without,
                "irt": None if line.a is None else {"a": line.a, "a_se": line.a_se, "b": line.b, "b_se": line.b_se},
            }
            for line in found.lines
        ],
    }


def question_out(found: QuestionFigures) -> dict[str, Any]:
    return {
        "versions": [
            {"number": line.position, "quizzes": found.quizzes[line.version.id], **_line(line)} for line in found.lines
        ]
    }


def _line(line: Line) -> dict[str, Any]:
    item = line.item
    return {
        "question_id": str(line.version.question_id),
        "version_id": str(line.version.id),
        "kind": line.version.kind,
        "attempts": item.n,
        "enough": item.told,
        "difficulty": item.p,
        "difficulty_se": item.p_se,
        "discrimination": item.r,
        "discrimination_se": item.r_se,
        "upper_lower": item.index,
        "blank": item.blank,
        "options": [
            {
                "id": option.id or None,
                "count": option.count,
                "share": option.share,
                "upper": option.upper,
                "lower": option.lower,
                "correlation": option.r,
                "key": option.is_key,
            }
            for option in item.options
        ],
        "flags": [{"code": flag.code, "option": flag.option or None, "text": remark(flag)} for flag in item.flags],
    }
