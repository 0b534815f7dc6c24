"""Some demo questions as a GIFT file, for the lesson that carries them."""

from __future__ import annotations

import re

from app.demo.questions import maths


def gift_of_grade_9() -> bytes:
    blocks = ["// Toán 9. Kho Chung, CC BY 4.0.\n"]
    for number, question in enumerate((q for q in maths.questions() if q.where.grade == 9), 1):
        if question.kind == "single_choice":
            right = question.answer[0]
            options = "".join(
                f"\n\t{'=' if choice['id'] == right else '~'}{_escaped(choice['text'])}" for choice in question.choices
            )
            body = "{" + options + f"\n\t####{_escaped(question.explanation)}\n}}"
        elif question.kind == "short_answer":
            body = "{#" + question.answer.replace(",", ".") + "}"
        else:
            continue
        blocks.append(f"::Toán 9 – Câu {number}::[markdown]{_escaped(question.stem)} {body}\n")
    return "\n".join(blocks).encode()


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text)
