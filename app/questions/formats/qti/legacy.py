"""One item of QTI 1.2, as Canvas, Blackboard and Common Cartridge write it, into one row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from app.questions.formats.codes import add_notes
from app.questions.formats.html import Writer, converted, looks_like_html, text_to_markdown, tree_to_markdown
from app.questions.formats.marks import choose
from app.questions.formats.mathml import to_latex
from app.questions.formats.model import Draft, Row, fold, tidy
from app.questions.formats.moodlexml import number
from app.questions.formats.qti.items import LETTERS
from app.questions.formats.xml import Element, child, children, descendants, local, text_of

Picture = Callable[[str, str], str | None]

_TRUE = {"true", "t", "dung", "d", "yes"}
_FALSE = {"false", "f", "sai", "s", "no"}
_RESPONSES = ("response_lid", "response_str", "response_num", "response_grp", "response_xy", "response_na")
_KINDS = {
    "multiple_choice_question": "choice",
    "true_false_question": "true_false",
    "multiple_answers_question": "several",
    "short_answer_question": "words",
    "fill_in_multiple_blanks_question": "blanks",
    "multiple_dropdowns_question": "menus",
    "matching_question": "matching",
    "numerical_question": "numbers",
    "essay_question": "essay",
    "ordering_question": "ordering",
    "text_only_question": "description",
    "cc.multiple_choice.v0p1": "choice",
    "cc.multiple_response.v0p1": "several",
    "cc.true_false.v0p1": "true_false",
    "cc.fib.v0p1": "words",
    "cc.pattern_match.v0p1": "words",
    "cc.essay.v0p1": "essay",
}
_FILE_BASE = re.compile(r"^[$%]IMS[-_]CC[-_]FILE[-_]?BASE[$%]/?", re.IGNORECASE)


def read_item(row: Row, item: Element, picture: Picture) -> bool:
    """Fill a row from an `item`; False where it is a text without a question."""
    made = _Item(row, item, picture)
    kind = made.kind()
    if kind == "description":
        return False
    reader = _READERS.get(kind)
    if reader is None:
        row.drop("Dạng tương tác %(kind)s của QTI chưa nhập được.", kind=kind.removesuffix("_question")[:40])
        return True
    row.draft = made.draft
    made.read(reader)
    return True


class _Response:
    """A response with its options by their identifiers."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.ident = str(element.get("ident") or "")
        self.cardinality = (element.get("rcardinality") or "Single").lower()
        self.labels = list(descendants(element, "response_label"))
        self.types_in = any(True for _e in descendants(element, "render_fib"))
        self.decimal = local(element) == "response_num" or any(
            (e.get("fibtype") or "").lower() in ("decimal", "integer") for e in descendants(element, "render_fib")
        )


class _Item:
    def __init__(self, row: Row, item: Element, picture: Picture) -> None:
        self.row = row
        self.item = item
        self._picture = picture
        self.draft = Draft("", "", title=tidy(item.get("title") or "")[:200])
        self.draft.external_id = str(item.get("ident") or "")[:100]
        self.fields: dict[str, str] = {}
        for one in descendants(item, "qtimetadatafield"):
            name = text_of(child(one, "fieldlabel")).strip()
            self.fields.setdefault(name, text_of(child(one, "fieldentry")).strip())
        presentation = child(item, "presentation")
        self.presentation = presentation
        self.responses = [
            _Response(e) for e in (descendants(presentation, *_RESPONSES) if presentation is not None else ())
        ]
        self.pictures_lost = 0
        self.others_lost: set[str] = set()

    def kind(self) -> str:
        said = self.fields.get("question_type") or self.fields.get("cc_profile") or ""
        if said in _KINDS:
            return _KINDS[said]
        if said and said.endswith("_question"):
            return said
        return self._inferred()

    def _inferred(self) -> str:
        if not self.responses:
            return "description"
        first = self.responses[0]
        if len(self.responses) == 1 and first.types_in:
            if first.decimal:
                return "numbers"
            return "words" if any(True for _v in self._tests(first.ident)) else "essay"
        if any(r.cardinality == "ordered" for r in self.responses):
            return "ordering"
        names = [_gap_name(r.ident) for r in self.responses]
        stem = self._raw_stem()
        if all(f"[{name}]" in stem for name in names):
            return "menus"
        if len(self.responses) > 1 or child(first.element, "material") is not None:
            return "matching" if not any(r.types_in for r in self.responses) else "blanks"
        return "several" if first.cardinality == "multiple" else "choice"

    def read(self, reader: Callable[[_Item], None]) -> None:
        self.draft.stem = self._stem()
        reader(self)
        if self.row.status == "dropped":
            return
        self._feedback()
        if self.pictures_lost:
            self.row.guess("%(count)s hình trong câu không nhập được.", count=self.pictures_lost)
        if self.others_lost:
            self.row.guess("Âm thanh, phim hoặc nội dung nhúng trong câu không nhập được.")

    # ------------------------------------------------------------ texts

    def picture(self, address: str, words: str) -> str | None:
        return self._picture(unquote(_FILE_BASE.sub("", address)), words)

    def text(self, holder: Element | None) -> str:
        """What a material, or anything that holds materials, says."""
        parts = []
        for part in (
            descendants(holder, "mattext", "matemtext", "matimage", "mataudio", "matvideo", "math")
            if (holder is not None)
            else ()
        ):
            parts.append(self._part(part))
        return tidy("\n\n".join(p for p in parts if p))

    def _part(self, part: Element) -> str:
        name = local(part)
        if name == "math":
            parent = part.getparent()
            if parent is not None and local(parent) not in ("material", "flow", "flow_mat"):
                return ""
            writer = Writer()
            writer.formula(to_latex(part), part.get("display") == "block")
            return writer.done().text
        if name == "matimage":
            address = part.get("uri") or part.get("label") or ""
            made = self.picture(address, part.get("label") or "")
            self.pictures_lost += made is None
            return made or ""
        if name in ("mataudio", "matvideo"):
            self.others_lost.add(name)
            return ""
        if len(part):
            done = tree_to_markdown(part, self.picture)
        else:
            raw = text_of(part)
            if part.get("texttype") != "text/html" and not looks_like_html(raw):
                return text_to_markdown(raw)
            done = converted(raw, self.picture)
        self.pictures_lost += done.pictures_lost
        self.others_lost |= done.others_lost
        return done.text

    def _stem_parts(self) -> Iterator[Element]:
        """Materials of the presentation that belong to no response."""

        def walk(element: Element) -> Iterator[Element]:
            for below in children(element):
                if local(below) == "material":
                    yield below
                elif local(below) not in _RESPONSES:
                    yield from walk(below)

        return walk(self.presentation) if self.presentation is not None else iter(())

    def _raw_stem(self) -> str:
        return " ".join(text_of(part) for part in self._stem_parts())

    def _stem(self) -> str:
        texts = [self.text(part) for part in self._stem_parts()]
        first = self.responses[0] if len(self.responses) == 1 else None
        if first is not None and not any(texts):
            texts = [self.text(child(first.element, "material"))]
        return "\n\n".join(t for t in texts if t)

    def _options(self, response: _Response) -> tuple[list[str], list[str]]:
        return [str(e.get("ident") or "") for e in response.labels], [self.text(e) for e in response.labels]

    def _feedback(self) -> None:
        said = {str(f.get("ident") or ""): f for f in children(self.item, "itemfeedback")}
        general = [
            self.text(f)
            for ident, f in said.items()
            if ident in ("general_fb", "solution", "IncorrectHint") or child(f, "solution") is not None
        ]
        self.draft.explanation = "\n\n".join(t for t in general if t)
        notes = []
        for response in self.responses[:1]:
            for letter, label in zip(LETTERS, response.labels, strict=False):
                ident = str(label.get("ident") or "")
                found = said.get(f"{ident}_fb")
                found = found if found is not None else said.get(f"fb_{ident}")
                if found is not None:
                    notes.append((letter, self.text(found)))
        add_notes(self.draft, notes)
        if any(self.text(said[i]) for i in ("correct_fb", "general_incorrect_fb") if i in said):
            self.row.guess("Lời nhắn chung khi trả lời đúng hoặc sai không được giữ.")

    # ------------------------------------------------------------ keys

    def _conditions(self) -> Iterator[tuple[Element, Decimal]]:
        """(conditionvar, points) of each condition that gives points."""
        for condition in descendants(self.item, "respcondition"):
            points = Decimal(0)
            for value in children(condition, "setvar"):
                points = max(points, number(text_of(value).strip()) or Decimal(0))
            test = child(condition, "conditionvar")
            if points > 0 and test is not None:
                yield test, points

    def _tests(self, ident: str) -> Iterator[tuple[str, Decimal]]:
        """(value, points) for each value of a response that is asked for, not excluded."""
        for test, points in self._conditions():
            for equal in descendants(test, "varequal", "varsubstring", "varsubset"):
                if (equal.get("respident") or ident) != ident or _excluded(equal, test):
                    continue
                values = text_of(equal).split(",") if local(equal) == "varsubset" else [text_of(equal)]
                for value in values:
                    if value.strip():
                        yield value.strip(), points

    def _shares(self, response: _Response, ids: list[str]) -> dict[str, Decimal]:
        shares = {LETTERS[n]: Decimal(0) for n in range(len(ids))}
        for value, points in self._tests(response.ident):
            if value in ids:
                letter = LETTERS[ids.index(value)]
                shares[letter] = max(shares[letter], points)
            else:
                self.row.guess("Đáp án %(id)s không có trong các phương án.", id=value[:40])
        best = max(shares.values(), default=Decimal(0))
        return {i: share * 100 / best for i, share in shares.items()} if best else shares

    # ------------------------------------------------------------ kinds

    def choice(self) -> None:
        self._choice(False)

    def several(self) -> None:
        self._choice(True)

    def _choice(self, several: bool) -> None:
        ids, texts = self._options(self.responses[0]) if self.responses else ([], [])
        if not 0 < len(ids) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(ids))
            return
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, text in enumerate(texts)]
        choose(self.row, self.draft, self._shares(self.responses[0], ids), several)

    def true_false(self) -> None:
        ids, texts = self._options(self.responses[0]) if self.responses else ([], [])
        words = [fold(t or i) for t, i in zip(texts, ids, strict=True)]
        if len(ids) != 2 or not set(words) <= _TRUE | _FALSE:
            self._choice(False)
            return
        self.draft.kind = "true_false"
        shares = self._shares(self.responses[0], ids)
        right = [words[LETTERS.index(i)] for i, share in shares.items() if share >= 100]
        if len(right) == 1:
            self.draft.answer = right[0] in _TRUE
        else:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def words(self) -> None:
        self.draft.kind = "text"
        values = [tidy(v) for v, _p in self._tests(self.responses[0].ident)] if self.responses else []
        self.draft.answer = list(dict.fromkeys(values)) or None
        if not values:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def numbers(self) -> None:
        self.draft.kind = "numerical"
        best = max((points for _t, points in self._conditions()), default=Decimal(1))
        answers = []
        for test, points in self._conditions():
            found = _range(test)
            if found is not None:
                answers.append({"value": found[0], "tolerance": found[1], "weight": points * 100 / best})
        self.draft.answer = answers or None
        if not answers:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def matching(self) -> None:
        pairs: list[list[str]] = []
        pool: list[str] = []
        for response in self.responses:
            ids, texts = self._options(response)
            left = self.text(child(response.element, "material"))
            right = [v for v, _p in self._tests(response.ident) if v in ids]
            pairs += [[left, texts[ids.index(v)]] for v in right[:1]] or [[left, ""]]
            pool += [t for t in texts if t not in pool]
        self.draft.kind = "matching"
        used = {right for _left, right in pairs}
        self.draft.answer = pairs + [["", text] for text in pool if text not in used]
        if any(not right for _left, right in pairs):
            self.row.guess("Có vế ghép chưa có đáp án đúng.")

    def blanks(self) -> None:
        self._gaps(menus=False)

    def menus(self) -> None:
        self._gaps(menus=True)

    def _gaps(self, menus: bool) -> None:
        gaps: list[dict[str, Any]] = []
        for response in self.responses:
            ids, texts = self._options(response)
            asked = [v for v, _p in self._tests(response.ident)]
            chooses = menus or any(e.get("answer_type") in ("dropdown", "wordbank") for e in response.labels)
            if chooses:
                answer = [texts[ids.index(v)] for v in asked if v in ids]
                gaps.append({"kind": "choice", "options": texts, "answer": answer})
            else:
                # Every label of a blank is an answer that is accepted; typed blanks name theirs in the conditions.
                answer = [t for t in texts if t] or asked
                gaps.append({"kind": "text", "options": [], "answer": list(dict.fromkeys(answer))})
            mark = f"[[{len(gaps)}]]"
            name = _gap_name(response.ident)
            placed = next((p for p in (f"[{name}]", f"\\[{name}\\]") if p in self.draft.stem), None)
            if placed:
                self.draft.stem = self.draft.stem.replace(placed, mark, 1)
            else:
                self.draft.stem = f"{self.draft.stem} {mark}"
        self.draft.kind, self.draft.answer = "cloze", gaps
        if not gaps:
            self.row.drop("Câu điền khuyết không có chỗ trống nào đọc được.")
        elif any(not gap["answer"] for gap in gaps):
            self.row.guess("Có chỗ trống chưa có đáp án đúng.")

    def ordering(self) -> None:
        response = next((r for r in self.responses if r.labels), None)
        ids, texts = self._options(response) if response else ([], [])
        if response is None or not 0 < len(ids) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(ids))
            return
        self.draft.kind = "ordering"
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, text in enumerate(texts)]
        right = list(dict.fromkeys(LETTERS[ids.index(v)] for v, _p in self._tests(response.ident) if v in ids))
        self.draft.answer = right if len(right) == len(ids) else None
        if self.draft.answer is None:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def essay(self) -> None:
        self.draft.kind = "essay"


_READERS: dict[str, Callable[[_Item], None]] = {
    "choice": _Item.choice,
    "several": _Item.several,
    "true_false": _Item.true_false,
    "words": _Item.words,
    "numbers": _Item.numbers,
    "matching": _Item.matching,
    "blanks": _Item.blanks,
    "menus": _Item.menus,
    "ordering": _Item.ordering,
    "essay": _Item.essay,
}


def _gap_name(ident: str) -> str:
    return ident.removeprefix("response_")


def _excluded(test: Element, top: Element) -> bool:
    """Does it stand under a `not`?"""
    at = test.getparent()
    while at is not None and at is not top:
        if local(at) == "not":
            return True
        at = at.getparent()
    return False


def _range(test: Element) -> tuple[Decimal, Decimal] | None:
    """Value and tolerance of a numeric condition."""

    def first(*names: str) -> Decimal | None:
        for found in descendants(test, *names):
            value = number(text_of(found).strip())
            if value is not None:
                return value
        return None

    low, high = first("vargte", "vargt"), first("varlte", "varlt")
    exact = first("varequal")
    if low is not None and high is not None:
        return (exact if exact is not None else (low + high) / 2), abs(high - low) / 2
    return (exact, Decimal(0)) if exact is not None else None
