"""One assessment item of QTI 2.0 to 3.0 into one row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.questions.formats import html
from app.questions.formats.codes import add_notes, drop_made_title
from app.questions.formats.html import Writer, tree_to_markdown
from app.questions.formats.marks import choose
from app.questions.formats.model import Draft, Row, fold, tidy
from app.questions.formats.moodlexml import number
from app.questions.formats.qti.names import is_v3, to_v2
from app.questions.formats.xml import XML, Element, child, children, descendants, local, text_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STEPS = {Decimal(0): Decimal(0), Decimal(1): Decimal("0.1"), Decimal(2): Decimal("0.25"), Decimal(3): Decimal("0.5")}

_TRUE = {"true", "t", "dung", "d", "yes", "vrai", "wahr"}
_FALSE = {"false", "f", "sai", "s", "no", "faux", "falsch"}
_INLINE = {"textEntryInteraction", "inlineChoiceInteraction"}
_FEEDBACK = {"feedbackInline", "feedbackBlock", "modalFeedback"}
TOOL = "Kho Chung"
_COUNTED = re.compile(r"q-[0-9]{5}(?:-[0-9]+)?")
BLANK = "_____"

Picture = Callable[[str, str], str | None]
Passage = Callable[[str], tuple[Element, Picture] | None]
"""Another file of the same package, and how pictures are found from there."""


@dataclass
class Declared:
    """A response declaration: what is right, and what each value is worth."""

    cardinality: str
    base: str
    right: list[str] = field(default_factory=list)
    worth: dict[str, Decimal] = field(default_factory=dict)


def read_item(row: Row, item: Element, picture: Picture, passage: Passage) -> bool:
    """Fill a row from an `assessmentItem`; False where it holds no interaction and so is no question."""
    if is_v3(item):
        to_v2(item)
    body = child(item, "itemBody")
    if body is None:
        row.drop("Câu QTI không có phần nội dung (itemBody).")
        return True
    interactions = [e for e in body.iterdescendants() if local(e).endswith("Interaction")]
    if not interactions:
        return False
    row.draft = Draft("", "", title=tidy(item.get("title") or "")[:200])
    _Item(row, row.draft, item, body, picture, passage).read(interactions)
    if row.status == "dropped":
        row.draft = None if not row.draft.kind else row.draft
    return True


class _Item:
    def __init__(
        self, row: Row, draft: Draft, item: Element, body: Element, picture: Picture, passage: Passage
    ) -> None:
        self.row = row
        self.draft = draft
        self.item = item
        self.body = body
        self.picture = picture
        self.passage = passage
        self.declared = {str(d.get("identifier")): _declared(d) for d in children(item, "responseDeclaration")}
        self.processing = child(item, "responseProcessing")
        self.notes: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.inline: list[Element] = []
        self.pictures_lost = 0
        self.others_lost: set[str] = set()
        self.gaps: dict[str, int] = {}

    def read(self, interactions: list[Element]) -> None:
        row, draft, item = self.row, self.draft, self.item
        identifier = str(item.get("identifier") or "")
        draft.external_id = identifier[:100]
        if item.get("toolName") == TOOL:
            draft.external_id = "" if _COUNTED.fullmatch(identifier) else identifier.removeprefix("q-")[:100]
        draft.language = (item.get(f"{{{XML}}}lang") or "").split("-")[0].lower() or None
        if child(item, "templateDeclaration") is not None or child(item, "templateProcessing") is not None:
            row.drop("Câu có số liệu sinh ngẫu nhiên (template) nên chưa nhập được.")
            return
        real = [i for i in interactions if local(i) != "endAttemptInteraction"]
        if not real:
            row.drop("Dạng tương tác %(kind)s của QTI chưa nhập được.", kind="endAttempt")
            return
        names = {local(i) for i in real}
        if len(real) > 1 and not names <= _INLINE:
            row.drop("Câu QTI gồm nhiều câu con nên chưa nhập được.")
            return
        name = local(real[0])
        reader = _READERS.get(name)
        if reader is None:
            row.drop("Dạng tương tác %(kind)s của QTI chưa nhập được.", kind=name.removesuffix("Interaction"))
            return
        if len(real) > 1 or name == "inlineChoiceInteraction":
            self.inline = real
            self.cloze()
        else:
            reader(self, real[0])
        if row.status == "dropped":
            return
        draft.stem = self._stem()
        drop_made_title(draft)
        if len(real) < len(interactions) or item.get("adaptive") == "true":
            row.guess("Gợi ý và cách làm lại nhiều lần của câu QTI không được giữ.")
        self._explain()
        self._tell_losses()

    # ------------------------------------------------------------ texts

    def text(self, element: Element) -> str:
        made = tree_to_markdown(element, self.picture, self._special)
        self.pictures_lost += made.pictures_lost
        self.others_lost |= made.others_lost
        return tidy(made.text)

    def _stem(self) -> str:
        stem = self.text(self.body)
        for stimulus in self._unplaced_passages():
            stem = f"{stimulus}\n\n{stem}".strip()
        if not self.gaps:
            stem = re.sub(rf"\s*{BLANK}$", "", stem)
        return stem

    def _unplaced_passages(self) -> list[str]:
        """Shared passages that the body names in no place of its own."""
        placed = {e.get("data-stimulus-idref") for e in self.body.iterdescendants() if e.get("data-stimulus-idref")}
        refs = [r for r in children(self.item, "assessmentStimulusRef") if r.get("identifier") not in placed]
        return [text for text in (self._passage(r.get("href") or "") for r in refs) if text]

    def _passage(self, address: str) -> str:
        found = self.passage(address)
        if found is None:
            self.row.guess("Đoạn văn dùng chung %(name)s không có trong tệp.", name=address[-60:] or "?")
            return ""
        root, picture = found
        body = child(root, "stimulusBody")
        own, self.picture = self.picture, picture
        text = self.text(body if body is not None else root)
        self.picture = own
        return text

    def _special(self, element: Element, writer: Writer) -> bool:
        """Elements of QTI inside HTML."""
        name = local(element)
        if name.endswith("Interaction"):
            self._interaction(element, name, writer)
        elif name == "gap":
            writer.raw(f"[[{self.gaps.get(str(element.get('identifier')), 0)}]]")
        elif name in _FEEDBACK:
            if not any(local(e).endswith("Interaction") for e in element.iterdescendants()):
                self.said.append(self.text(element))
        elif name == "rubricBlock":
            if "candidate" not in (element.get("view") or "candidate").split():
                self.said.append(self.text(element))
                return True
            return False
        elif name == "include":
            self._include(element, writer)
        elif element.get("data-stimulus-idref"):
            ref = next(
                (
                    r
                    for r in children(self.item, "assessmentStimulusRef")
                    if r.get("identifier") == element.get("data-stimulus-idref")
                ),
                None,
            )
            writer.paragraph()
            writer.raw(self._passage((ref.get("href") or "") if ref is not None else ""))
            writer.paragraph()
        elif name == "span" and {"underline", "qti-underline", "txt-underline"} & set(_classes(element)):
            writer.start("u", {})
            html.feed(writer, element, self._special)
            writer.end("u")
        elif name == "span" and "line-through" in _classes(element):
            writer.start("s", {})
            html.feed(writer, element, self._special)
            writer.end("s")
        elif name in ("infoControl", "templateBlock", "templateInline"):
            self.row.guess("Nội dung phụ của câu QTI (%(kind)s) không được giữ.", kind=name)
        elif name in ("stylesheet", "catalogInfo", "companionMaterialsInfo"):
            pass
        else:
            return False
        return True

    def _interaction(self, element: Element, name: str, writer: Writer) -> None:
        if element in self.inline:
            writer.raw(f"[[{self.inline.index(element) + 1}]]")
        elif name in _INLINE:
            writer.raw(BLANK)
        elif name == "gapMatchInteraction":
            for part in children(element):
                if local(part) not in ("gapText", "gapImg"):
                    writer.paragraph()
                    if not self._special(part, writer):
                        html.feed(writer, part, self._special)
                    writer.paragraph()
        elif name != "endAttemptInteraction":
            prompt = child(element, "prompt")
            if prompt is not None:
                writer.paragraph()
                html.feed(writer, prompt, self._special)
                writer.paragraph()

    def _include(self, element: Element, writer: Writer) -> None:
        """XInclude, followed only inside the package."""
        found = self.passage(element.get("href") or "")
        if found is None:
            self.row.guess("Phần %(name)s nằm ở tệp khác, không có trong gói.", name=(element.get("href") or "?")[-60:])
            return
        root, _picture = found
        body = child(root, "body")
        html.feed(writer, body if body is not None else root, self._special)

    def _explain(self) -> None:
        modal = [self.text(m) for m in children(self.item, "modalFeedback")]
        rubrics = [self.text(r) for r in children(self.item, "rubricBlock")]
        said = list(dict.fromkeys(s for s in (*modal, *rubrics, *self.said) if s))
        self.draft.explanation = "\n\n".join(said)
        add_notes(self.draft, self.notes)

    def _tell_losses(self) -> None:
        if self.pictures_lost:
            self.row.guess("%(count)s hình trong câu không nhập được.", count=self.pictures_lost)
        if self.others_lost:
            self.row.guess("Âm thanh, phim hoặc nội dung nhúng trong câu không nhập được.")

    # ------------------------------------------------------------ interactions

    def _of(self, interaction: Element) -> Declared | None:
        return self.declared.get(str(interaction.get("responseIdentifier")))

    def _options(self, parent: Element, *names: str) -> tuple[list[str], list[str]]:
        """Identifiers and texts; feedback inside an option becomes a note of it."""
        ids, texts = [], []
        for n, option in enumerate(children(parent, *names)):
            ids.append(str(option.get("identifier")))
            before = len(self.said)
            texts.append(self.text(option) or self._picture_of(option))
            notes, self.said = self.said[before:], self.said[:before]
            self.notes += [(LETTERS[n % 26], note) for note in notes]
        return ids, texts

    def _picture_of(self, option: Element) -> str:
        return tidy(option.get("label") or "")

    def choice(self, interaction: Element) -> None:
        ids, texts = self._options(interaction, "simpleChoice")
        if not 0 < len(ids) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(ids))
            return
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, text in enumerate(texts)]
        declared = self._of(interaction)
        several = (declared.cardinality if declared else "") == "multiple" or (
            declared is None and interaction.get("maxChoices") not in (None, "1")
        )
        shares = {LETTERS[n]: Decimal(0) for n in range(len(ids))}
        if declared is None:
            self.row.guess("Câu trỏ tới khoá trả lời không được khai báo.")
        else:
            self._shares(ids, declared, shares)
        choose(self.row, self.draft, shares, several)

    def _shares(self, ids: list[str], declared: Declared, shares: dict[str, Decimal]) -> None:
        letters = {i: LETTERS[n] for n, i in reversed(list(enumerate(ids)))}
        folded = {i.casefold(): letter for i, letter in letters.items()}
        right = declared.right
        if not right:
            best = max(declared.worth.values(), default=Decimal(0))
            right = [key for key, worth in declared.worth.items() if worth > 0 and worth == best]
            if declared.cardinality == "multiple":
                right = [key for key, worth in declared.worth.items() if worth > 0]
        for identifier in right:
            letter = letters.get(identifier) or folded.get(identifier.casefold())
            if letter is None:
                self.row.guess("Đáp án %(id)s không có trong các phương án.", id=identifier[:40])
            else:
                shares[letter] = Decimal(100)
        if declared.right and declared.worth and self._maps():
            worth = {declared.worth.get(i, Decimal(0)) for i in right}
            others = [i for i in ids if i not in right and declared.worth.get(i, Decimal(0)) > 0]
            if len(worth) > 1 or others:
                self.row.guess("Điểm một phần của các phương án không được giữ.")

    def _maps(self) -> bool:
        """Does the item score by its mapping?"""
        if self.processing is None:
            return False
        template = (self.processing.get("template") or "").removesuffix(".xml")
        return template.endswith("map_response") or any(True for _e in descendants(self.processing, "mapResponse"))

    def table(self, interaction: Element) -> None:
        """A match of two sets; four statements against True and False are a group."""
        sets = children(interaction, "simpleMatchSet")
        if len(sets) != 2:
            self.row.drop("Câu ghép đôi không có hai cột nên không nhập được.")
            return
        left_ids, lefts = self._options(sets[0], "simpleAssociableChoice")
        right_ids, rights = self._options(sets[1], "simpleAssociableChoice")
        declared = self._of(interaction)
        pairs = self._pairs(declared, left_ids, right_ids)
        words = [fold(r) for r in rights]
        if (
            len(lefts) == 4
            and len(rights) == 2
            and set(words) <= _TRUE | _FALSE
            and len({w in _TRUE for w in words}) == 2
        ):
            self._group(lefts, [w in _TRUE for w in words], pairs)
            return
        self.draft.kind = "matching"
        used = {right for _left, right in pairs}
        self.draft.answer = [[lefts[left], rights[right]] for left, right in pairs]
        if pairs:
            self.draft.answer += [["", text] for n, text in enumerate(rights) if n not in used]
            self.draft.answer += [[text, ""] for n, text in enumerate(lefts) if n not in {left for left, _r in pairs}]
        else:
            self.draft.answer = None
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def _pairs(self, declared: Declared | None, lefts: list[str], rights: list[str]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        keys = declared.right or [k for k, worth in declared.worth.items() if worth > 0] if declared else []
        for key in keys:
            parts = key.split()
            if len(parts) != 2:
                continue
            left, right = parts
            if left in rights and right in lefts and left not in lefts:
                left, right = right, left
            if left in lefts and right in rights:
                found.append((lefts.index(left), rights.index(right)))
        return sorted(set(found))

    def _group(self, statements: list[str], columns: list[bool], pairs: list[tuple[int, int]]) -> None:
        draft = self.draft
        draft.kind = "true_false_group"
        draft.choices = [{"id": i, "text": text} for i, text in zip("abcd", statements, strict=True)]
        known = {"abcd"[left]: columns[right] for left, right in pairs}
        if len(known) == 4 and len(pairs) == 4:
            draft.answer = known
        else:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")
        scoring = self._scoring()
        if scoring == "linear":
            draft.scoring = "linear"
        elif scoring != "stepped":
            self.row.guess("Cách tính điểm của câu đúng/sai được đổi thành thang điểm bậc.")

    def _scoring(self) -> str | None:
        """Stepped where a match table says 0, 0.1, 0.25, 0.5, 1; linear where each statement counts the same."""
        for outcome in children(self.item, "outcomeDeclaration"):
            table = child(outcome, "matchTable")
            if table is None:
                continue
            steps = {
                number(e.get("sourceValue") or ""): number(e.get("targetValue") or "")
                for e in children(table, "matchTableEntry")
            }
            full = steps.get(Decimal(4))
            if full and all(steps.get(n) == share * full for n, share in STEPS.items()):
                return "stepped"
        worths = {w for d in self.declared.values() for w in d.worth.values() if w > 0}
        return "linear" if self._maps() and len(worths) == 1 else None

    def order(self, interaction: Element) -> None:
        ids, texts = self._options(interaction, "simpleChoice")
        if not 0 < len(ids) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(ids))
            return
        self.draft.kind = "ordering"
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, text in enumerate(texts)]
        declared = self._of(interaction)
        right = [LETTERS[ids.index(i)] for i in (declared.right if declared else []) if i in ids]
        self.draft.answer = right if len(right) == len(ids) else None
        if self.draft.answer is None:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def essay(self, interaction: Element) -> None:
        self.draft.kind = "essay"
        declared = self._of(interaction)
        if declared and declared.right:
            self.notes.append(("", tidy("; ".join(declared.right))))

    def entry(self, interaction: Element) -> None:
        """A word or a number to type in."""
        declared = self._of(interaction)
        if declared and declared.base in ("float", "integer"):
            self.draft.kind, self.draft.answer = "numerical", self._numbers(interaction, declared)
        else:
            self.draft.kind = "text"
            self.draft.answer = self._accepted(interaction, declared) or self._said_in_processing(interaction)
        if not self.draft.answer:
            self.draft.answer = None
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def _accepted(self, interaction: Element, declared: Declared | None) -> list[str]:
        if declared is None:
            return []
        worth = {k: w for k, w in declared.worth.items() if w > 0}
        best = max(worth.values(), default=Decimal(0))
        if any(w < best for w in worth.values()):
            self.row.guess("Điểm một phần của đáp án gần đúng không được giữ.")
        return list(dict.fromkeys(tidy(v) for v in (*declared.right, *worth) if v.strip()))

    def _said_in_processing(self, interaction: Element) -> list[str] | None:
        """What the response processing compares the response with, where no key is declared."""
        if self.processing is None:
            return None
        found = []
        for test in descendants(self.processing, "stringMatch", "match", "equal"):
            variables = [v.get("identifier") for v in children(test, "variable")]
            values = children(test, "baseValue")
            if variables == [interaction.get("responseIdentifier")] and len(values) == 1:
                found.append(tidy(text_of(values[0])))
        if found:
            self.row.guess("Đáp án được lấy từ phần chấm điểm của câu.")
        return list(dict.fromkeys(found)) or None

    def _numbers(self, interaction: Element, declared: Declared) -> list[dict[str, Decimal]]:
        tolerance = Decimal(0)
        for test in descendants(self.processing, "equal", "equalRounded") if self.processing is not None else ():
            if interaction.get("responseIdentifier") in {v.get("identifier") for v in children(test, "variable")}:
                tolerance = _tolerance(test, declared)
        texts = declared.right or [k for k, worth in declared.worth.items() if worth > 0]
        found = []
        for text in dict.fromkeys(texts):
            value = number(text)
            if value is None:
                self.row.guess("Không hiểu đáp án số %(value)s.", value=text[:40])
                continue
            found.append({"value": value, "tolerance": tolerance, "weight": Decimal(100)})
        return found

    def cloze(self) -> None:
        gaps: list[dict[str, Any]] = []
        for interaction in self.inline:
            declared = self._of(interaction)
            if local(interaction) == "inlineChoiceInteraction":
                ids, texts = self._options(interaction, "inlineChoice")
                right = declared.right if declared else []
                if declared and not right:
                    right = [k for k, worth in declared.worth.items() if worth > 0]
                answer: list[Any] = [texts[ids.index(i)] for i in right if i in ids]
                gaps.append({"kind": "choice", "options": texts, "answer": answer})
            elif declared and declared.base in ("float", "integer"):
                gaps.append({"kind": "number", "options": [], "answer": self._numbers(interaction, declared)})
            else:
                gaps.append({"kind": "text", "options": [], "answer": self._accepted(interaction, declared)})
        self.draft.kind, self.draft.answer = "cloze", gaps
        self._tell_open_gaps(gaps)
        # The marks [[n]] stand in the stem, which is written afterwards.
        self.gaps = {str(n): n for n in range(1, len(gaps) + 1)}

    def gap_match(self, interaction: Element) -> None:
        ids, texts = self._options(interaction, "gapText", "gapImg")
        places = [str(g.get("identifier")) for g in descendants(interaction, "gap")]
        declared = self._of(interaction)
        answers: dict[str, list[str]] = {place: [] for place in places}
        for left, right in ((ids[a], places[b]) for a, b in self._pairs(declared, ids, places)):
            answers[right].append(texts[ids.index(left)])
        self.gaps = {place: n for n, place in enumerate(places, 1)}
        gaps = [{"kind": "choice", "options": texts, "answer": answers[place]} for place in places]
        self.draft.kind, self.draft.answer = "cloze", gaps
        if not gaps:
            self.row.drop("Câu điền khuyết không có chỗ trống nào đọc được.")
        self._tell_open_gaps(gaps)

    def _tell_open_gaps(self, gaps: list[dict[str, Any]]) -> None:
        if any(not gap["answer"] for gap in gaps):
            self.row.guess("Có chỗ trống chưa có đáp án đúng.")


_READERS: dict[str, Callable[[_Item, Element], None]] = {
    "choiceInteraction": _Item.choice,
    "matchInteraction": _Item.table,
    "orderInteraction": _Item.order,
    "extendedTextInteraction": _Item.essay,
    "textEntryInteraction": _Item.entry,
    "inlineChoiceInteraction": lambda item, _interaction: item.cloze(),
    "gapMatchInteraction": _Item.gap_match,
}


def _declared(declaration: Element) -> Declared:
    found = Declared(declaration.get("cardinality") or "", declaration.get("baseType") or "")
    for value in children(child(declaration, "correctResponse"), "value"):
        text = text_of(value).strip()
        if text:
            found.right.append(text)
    for entry in children(child(declaration, "mapping"), "mapEntry"):
        key = (entry.get("mapKey") or "").strip()
        if key:
            found.worth[key] = number(entry.get("mappedValue") or "") or Decimal(0)
    return found


def _tolerance(test: Element, declared: Declared) -> Decimal:
    if local(test) == "equalRounded":
        figures = test.get("figures") or ""
        if test.get("roundingMode") == "decimalPlaces" and figures.isdigit() and int(figures) < 20:
            return Decimal(5) / Decimal(10) ** (int(figures) + 1)
        return Decimal(0)
    given = number(((test.get("tolerance") or "").split() or ["0"])[0]) or Decimal(0)
    if test.get("toleranceMode") == "relative" and declared.right:
        return abs((number(declared.right[0]) or Decimal(0)) * given / 100)
    return abs(given) if test.get("toleranceMode") == "absolute" else Decimal(0)


def _classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()
