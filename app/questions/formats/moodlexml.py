"""Moodle XML: the question bank of Moodle as a file, with its categories, tags and embedded pictures.

Read: every core type that the bank or another format knows; the others are told, one by one.
Written: a true/false group as a matching question, since Moodle's core has no stepped score.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any
from urllib.parse import unquote

from lxml import etree

from app.questions.formats import loss
from app.questions.formats.codes import add_notes, as_tags, drop_made_title, first_words, take_tag
from app.questions.formats.html import converted, looks_like_html, text_to_markdown
from app.questions.formats.markdown import legal, to_html
from app.questions.formats.marks import choose
from app.questions.formats.model import (
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Draft,
    Message,
    Picture,
    Reading,
    Row,
    Unreadable,
    Writing,
    fold,
    tidy,
)
from app.questions.formats.xml import Element, child, children, local, parse, source_of, text_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_TEXT = 100_000
FRACTIONS = tuple(
    Decimal(f)
    for f in "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0".split()
)

_TRUE = {"true", "t", "dung", "d", "yes", "wahr", "richtig"}
_FALSE = {"false", "f", "sai", "s", "no", "falsch"}
_OWN_FILE = "@@PLUGINFILE@@/"
_CLOZE = re.compile(r"\{([0-9]*):([A-Z_]+):((?:\\.|(?!\{[0-9]*:[A-Z_])[^\\}])*)\}", re.DOTALL)
_CLOZE_KINDS = {
    "text": {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"},
    "number": {"NUMERICAL", "NM"},
    "choice": {
        "MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS", "MULTICHOICE_HS",
        "MCHS", "MULTICHOICE_VS", "MCVS",
    },
    "choices": {
        "MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH", "MULTIRESPONSE_S", "MRS", "MULTIRESPONSE_HS", "MRHS",
    },
}  # fmt: skip
_USUAL = {
    fold(text)
    for text in (
        "Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect.",
        "Câu trả lời của bạn đúng", "Câu trả lời đúng một phần", "Câu trả lời của bạn đúng một phần",
        "Câu trả lời của bạn sai",
    )
}  # fmt: skip


def looks_like(root: Element) -> bool:
    """`<quiz>` without a namespace holds `<question type>`; a lone `<question type>` is met too."""
    if root.tag == "quiz":
        return not len(root) or any(local(q) == "question" for q in root)
    return root.tag == "question" and root.get("type") is not None


def read(data: bytes) -> Reading:
    """Every question of a Moodle XML file in one row; raises Unreadable."""
    root, messages = parse(data)
    if not looks_like(root):
        raise Unreadable("Tệp không phải là Moodle XML.")
    found = Reading("moodlexml", messages=messages)
    questions = [root] if root.tag == "question" else children(root, "question")
    category, categories, descriptions = "", 0, 0
    for question in questions:
        kind = (question.get("type") or "").strip()
        if kind == "category":
            category, categories = _last_category(question), categories + 1
            continue
        if kind == "description":
            descriptions += 1
            continue
        if len(found.rows) >= MAX_QUESTIONS:
            raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
        row = Row(len(found.rows) + 1, READ, None, source=_shown(question), place=str(question.sourceline or ""))
        found.rows.append(row)
        _Question(row, question, found, category).read(kind)
    if categories:
        found.messages.append(
            Message("%(count)s thư mục của Moodle được giữ thành thẻ của câu hỏi.", {"count": categories}, lossy=False)
        )
    if descriptions:
        found.messages.append(
            Message("%(count)s đoạn giới thiệu không phải câu hỏi nên không nhập.", {"count": descriptions})
        )
    return found


def _last_category(question: Element) -> str:
    """The innermost name of a path such as `$course$/top/Chương 1`; nothing for the names Moodle makes itself."""
    path = text_of(_below(question, "category", "text")).strip()
    # Moodle writes a slash inside a name as two.
    names = [n.replace("\0", "/").strip() for n in path.replace("//", "\0").split("/")]
    names = [n for n in names if n and not re.fullmatch(r"\$\w+\$|top", n) and not n.startswith("Default for ")]
    return tidy(names[-1])[:60] if names else ""


def _shown(question: Element) -> str:
    return re.sub(r"[A-Za-z0-9+/=\s]{400,}", "…", source_of(question)[:200_000])[:MAX_SOURCE]


def _below(element: Element, *names: str) -> Element | None:
    at: Element | None = element
    for name in names:
        at = None if at is None else child(at, name)
    return at


class _Question:
    """One `<question>` on its way into a row."""

    def __init__(self, row: Row, element: Element, reading: Reading, category: str) -> None:
        self.row = row
        self.element = element
        self.reading = reading
        self.category = category
        self.draft = Draft("", "")
        self.kept = self.lost = 0
        self.others: set[str] = set()

    def read(self, kind: str) -> None:
        reader = _KINDS.get(kind)
        if reader is None:
            self.row.drop("Dạng câu %(kind)s của Moodle chưa nhập được.", kind=kind[:40] or "?")
            return
        if sum(len(text_of(t)) for t in self.element.iter("text")) > MAX_TEXT:
            self.row.drop("Câu hỏi dài quá %(max)s kí tự.", max=MAX_TEXT)
            return
        draft = self.draft
        self.row.draft = draft
        draft.title = tidy(text_of(_below(self.element, "name", "text")))[:200]
        draft.external_id = tidy(text_of(child(self.element, "idnumber")))[:100]
        # Two of them, where a file has them, say the same.
        texts = children(self.element, "questiontext")
        if reader is not _Question.cloze:
            draft.stem = self.text(texts[-1] if texts else None)
        draft.explanation = self.text(child(self.element, "generalfeedback"))
        for tag in children(child(self.element, "tags"), "tag"):
            take_tag(draft, text_of(child(tag, "text")) or text_of(tag))
        if self.category and not draft.subject and self.category not in draft.tags:
            draft.tags.append(self.category)
        reader(self)
        drop_made_title(draft)
        self._old_image()
        self._tell_losses()

    # ------------------------------------------------------------ texts

    def text(self, element: Element | None, style: str | None = None) -> str:
        """The Markdown of an element that holds `<text>` and `<file>`s."""
        if element is None:
            return ""
        raw = text_of(child(element, "text"))
        style = style or element.get("format") or "moodle_auto_format"
        return self.styled(raw, style, element)

    def styled(self, raw: str, style: str, holder: Element | None = None) -> str:
        if not raw.strip():
            return ""
        if style == "markdown":
            return tidy(raw)
        if style == "plain_text" or (style != "html" and not looks_like_html(raw)):
            return tidy(text_to_markdown(raw))
        files = {str(f.get("name")): f for f in children(holder, "file")} if holder is not None else {}
        used: set[str] = set()

        def picture(address: str, words: str) -> str | None:
            return self._picture(address, words, files, used)

        made = converted(raw, picture)
        self.lost += made.pictures_lost
        self.others |= made.others_lost
        unused = len(set(files) - used)
        if unused:
            self.row.tell("%(count)s tệp kèm theo không được câu hỏi dùng tới nên không nhập.", count=unused)
        return tidy(made.text)

    def _picture(self, address: str, words: str, files: Mapping[str, Element], used: set[str]) -> str | None:
        if address.startswith(_OWN_FILE):
            name = unquote(address[len(_OWN_FILE) :].split("?")[0])
            known = name if name in files else next((n for n in files if n.endswith("/" + name)), None)
            if known is None:
                return None
            file = files[known]
            used.add(known)
            return self._keep(text_of(file), name, words)
        inside = re.match(r"data:image/[a-z.+-]+;base64,", address)
        return self._keep(address[inside.end() :], "", words) if inside else None

    def _keep(self, base: str, name: str, words: str) -> str | None:
        try:
            data = base64.b64decode(re.sub(r"\s+", "", base), validate=True)
        except (binascii.Error, ValueError):
            return None
        if not data:
            return None
        self.kept += 1
        key = f"{self.row.n}-{self.kept}"
        self.reading.pictures[key] = Picture(data, name)
        return f"![{' '.join(re.sub(r'[][]', ' ', words).split())}](picture:{key})"

    def _old_image(self) -> None:
        """`<image>` and `<image_base64>` of Moodle 1.9."""
        base = text_of(child(self.element, "image_base64"))
        if not base.strip():
            return
        made = self._keep(base, text_of(child(self.element, "image")).strip(), "")
        if made is None:
            self.lost += 1
        else:
            self.draft.stem = f"{self.draft.stem}\n\n{made}".strip()

    def _tell_losses(self) -> None:
        if self.lost:
            self.row.guess("%(count)s hình trong câu không nhập được.", count=self.lost)
        if self.others:
            self.row.guess("Âm thanh, phim hoặc nội dung nhúng trong câu không nhập được.")
        said = [
            self.text(child(self.element, name))
            for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
        ]
        if any(text and fold(text) not in _USUAL for text in said):
            self.row.guess("Lời nhắn chung khi trả lời đúng hoặc sai không được giữ.")
        if any(self.text(hint) for hint in children(self.element, "hint")):
            self.row.guess("Gợi ý của câu hỏi không được giữ.")

    def answers(self) -> list[tuple[Element, Decimal, str, str]]:
        """(element, share, text, what is said about it) of each `<answer>`."""
        found = []
        for answer in children(self.element, "answer"):
            text = self.text(answer) if child(answer, "text") is not None else tidy(text_of(answer))
            found.append((answer, _decimal(answer.get("fraction")), text, self.text(child(answer, "feedback"))))
        return found

    # ------------------------------------------------------------ kinds

    def multichoice(self) -> None:
        answers = self.answers()
        if not 0 < len(answers) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(answers))
            return
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, (_e, _f, text, _s) in enumerate(answers)]
        shares = {LETTERS[n]: share for n, (_e, share, _t, _s) in enumerate(answers)}
        several = self.element.get("type") == "multichoiceset" or _no(text_of(child(self.element, "single")))
        choose(self.row, self.draft, shares, several)
        add_notes(self.draft, [(LETTERS[n], said) for n, (_e, _f, _t, said) in enumerate(answers)])

    def truefalse(self) -> None:
        self.draft.kind = "true_false"
        notes = []
        for _element, share, text, said in self.answers():
            word = fold(text)
            if share > 0 and word in _TRUE | _FALSE:
                self.draft.answer = word in _TRUE
            notes.append(("Đúng" if word in _TRUE else "Sai", said))
        if self.draft.answer is None:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")
        add_notes(self.draft, notes)

    def shortanswer(self) -> None:
        self.draft.kind = "text"
        plain = [(tidy(text_of(child(e, "text"))), share, said) for e, share, _t, said in self.answers()]
        self.draft.answer = [text for text, share, _s in plain if share > 0 and text] or None
        if any(0 < share < 100 for _t, share, _s in plain):
            self.row.guess("Điểm một phần của đáp án gần đúng không được giữ.")
        if self.draft.answer is None:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")
        add_notes(self.draft, [(text, said) for text, _f, said in plain])

    def numerical(self) -> None:
        self.draft.kind = "numerical"
        answers = []
        notes = []
        for element, share, _text, said in self.answers():
            written = tidy(text_of(child(element, "text")))
            notes.append((written, said))
            if share <= 0 or written == "*":
                continue
            value = number(written)
            if value is None:
                self.row.guess("Không hiểu đáp án số %(value)s.", value=written[:40])
                continue
            tolerance = number(text_of(child(element, "tolerance")).strip()) or Decimal(0)
            answers.append({"value": value, "tolerance": abs(tolerance), "weight": share})
        self.draft.answer = answers or None
        if not answers:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")
        if children(child(self.element, "units"), "unit"):
            self.row.guess("Đơn vị của đáp án không được giữ.")
        add_notes(self.draft, notes)

    def matching(self) -> None:
        pairs = [[self.text(s), self.text(child(s, "answer"), "plain_text")] for s in self._rows("subquestion")]
        words = [fold(right) for _left, right in pairs]
        if len(pairs) == 4 and all(left for left, _r in pairs) and set(words) <= _TRUE | _FALSE:
            self._group([left for left, _r in pairs], [w in _TRUE for w in words])
            return
        self.draft.kind, self.draft.answer = "matching", pairs

    def _rows(self, name: str) -> list[Element]:
        return children(self.element, name)

    def _group(self, statements: list[str], truths: list[bool | None]) -> None:
        self.draft.kind = "true_false_group"
        self.draft.choices = [{"id": i, "text": text} for i, text in zip("abcd", statements, strict=False)]
        known = {i: truth for i, truth in zip("abcd", truths, strict=False) if truth is not None}
        self.draft.answer = known if len(known) == len(statements) else None
        if self.draft.answer is None:
            self.row.guess("Câu hỏi chưa có đáp án đúng.")

    def table(self) -> None:
        """`mtf` and `kprime`, plugins: rows of statements, columns of True and False, weights."""
        rows = [self.text(child(r, "optiontext")) for r in self._rows("row")]
        columns = [fold(self.text(child(c, "responsetext"))) for c in self._rows("column")]
        if len(rows) != 4 or len(columns) != 2:
            self.row.drop("Bảng đúng/sai có %(count)s ý; ngân hàng chỉ giữ câu bốn ý hai cột.", count=len(rows))
            return
        yes = next((n for n, c in enumerate(columns, 1) if c in _TRUE), None)
        if yes is None:
            yes = 1
            self.row.guess("Tên hai cột không phải Đúng và Sai; cột đầu được coi là Đúng.")
        truths: list[bool | None] = [None] * 4
        for weight in self._rows("weight"):
            at = weight.get("rownumber") or ""
            if at in ("1", "2", "3", "4") and _decimal(text_of(child(weight, "value"))) > 0:
                truths[int(at) - 1] = weight.get("columnnumber") == str(yes)
        self._group(rows, truths)
        method = text_of(child(self.element, "scoringmethod")).strip()
        if method == "subpoints":
            self.draft.scoring = "linear"
        else:
            self.row.guess("Cách tính điểm %(value)s được đổi thành thang điểm bậc.", value=method[:30] or "?")
        add_notes(
            self.draft,
            [(i, self.text(child(r, "feedbacktext"))) for i, r in zip("abcd", self._rows("row"), strict=False)],
        )

    def essay(self) -> None:
        self.draft.kind = "essay"
        guide = self.text(child(self.element, "graderinfo"))
        if guide:
            self.draft.explanation = "\n\n".join(p for p in (self.draft.explanation, guide) if p)

    def ordering(self) -> None:
        self.draft.kind = "ordering"
        answers = sorted(self.answers(), key=lambda a: a[1])
        if not 0 < len(answers) <= len(LETTERS):
            self.row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(answers))
            return
        self.draft.choices = [{"id": LETTERS[n], "text": text} for n, (_e, _f, text, _s) in enumerate(answers)]
        self.draft.answer = [c["id"] for c in self.draft.choices]

    def cloze(self) -> None:
        """Gaps written inside the text, as `{1:MULTICHOICE:=right~wrong}`."""
        element = child(self.element, "questiontext")
        raw = text_of(_below(self.element, "questiontext", "text"))
        gaps: list[dict[str, Any]] = []

        def take(found: re.Match[str]) -> str:
            gap = _gap(found[2], found[3])
            if gap is None:
                return found.group()
            gaps.append(gap)
            return f"[[{len(gaps)}]]"

        replaced = _CLOZE.sub(take, raw)
        style = "html" if element is None else (element.get("format") or "html")
        self.draft.kind, self.draft.answer = "cloze", gaps
        self.draft.stem = self.styled(replaced, style, element)
        if not gaps:
            self.row.drop("Câu điền khuyết không có chỗ trống nào đọc được.")
        elif any(not gap["answer"] for gap in gaps):
            self.row.guess("Có chỗ trống chưa có đáp án đúng.")
        if any(re.search(r"(?<!\\)#", found[3]) for found in _CLOZE.finditer(raw)):
            self.row.guess("Lời nhắn của từng chỗ trống không được giữ.")

    def words(self) -> None:
        """`gapselect` and `ddwtos`: `[[2]]` in the text names the word that belongs there."""
        options = children(self.element, "selectoption", "dragbox")
        texts = [self.text(o, "html") for o in options]
        groups = [text_of(child(o, "group")).strip() or "1" for o in options]
        gaps: list[dict[str, Any]] = []

        def take(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            if not 0 <= at < len(texts):
                return found.group()
            pool = [t for t, g in zip(texts, groups, strict=True) if g == groups[at]]
            gaps.append({"kind": "choice", "options": pool, "answer": [texts[at]]})
            return f"[[{len(gaps)}]]"

        self.draft.stem = re.sub(r"\[\[(\d{1,3})\]\]", take, self.draft.stem)
        self.draft.kind, self.draft.answer = "cloze", gaps
        if not gaps:
            self.row.drop("Câu điền khuyết không có chỗ trống nào đọc được.")


_KINDS: dict[str, Callable[[_Question], None]] = {
    "multichoice": _Question.multichoice,
    "multichoiceset": _Question.multichoice,
    "truefalse": _Question.truefalse,
    "shortanswer": _Question.shortanswer,
    "numerical": _Question.numerical,
    "matching": _Question.matching,
    "ddmatch": _Question.matching,
    "mtf": _Question.table,
    "kprime": _Question.table,
    "essay": _Question.essay,
    "ordering": _Question.ordering,
    "cloze": _Question.cloze,
    "multianswer": _Question.cloze,
    "gapselect": _Question.words,
    "ddwtos": _Question.words,
}


def _no(text: str) -> bool:
    return text.strip().lower() in ("false", "0", "no")


def _decimal(text: str | None) -> Decimal:
    value = number((text or "0").strip())
    return value if value is not None else Decimal(0)


def number(text: str) -> Decimal | None:
    """A number as files write it, with point or comma; None where it is none or out of all bounds."""
    if len(text) > 60:
        return None
    try:
        value = Decimal(text.strip().replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 40 else None


def _gap(kind: str, body: str) -> dict[str, Any] | None:
    name = next((n for n, codes in _CLOZE_KINDS.items() if kind in codes), None)
    if name is None:
        return None
    options: list[str] = []
    right: list[Any] = []
    for part in re.split(r"(?<!\\)~", body):
        part = re.split(r"(?<!\\)#", part, maxsplit=1)[0]
        share = Decimal(0)
        part = part.strip()
        if found := re.match(r"%(-?[0-9]+(?:\.[0-9]+)?)%", part):
            share, part = Decimal(found[1]), part[found.end() :]
        elif part.startswith("="):
            share, part = Decimal(100), part[1:]
        plain = re.sub(r"\\([}#~/\"\\=%])", r"\1", part)
        text = tidy(unescape(re.sub(r"<[^<>]*>", "", plain)) if name == "text" else converted(plain).text)
        if name == "number":
            value, _colon, tolerance = text.partition(":")
            if share > 0 and (amount := number(value)) is not None:
                right.append({"value": amount, "tolerance": number(tolerance) or Decimal(0), "weight": share})
            continue
        if name in ("choice", "choices"):
            options.append(text)
        if share >= 100 or (name in ("text", "choices") and share > 0):
            right.append(text)
    return {"kind": "choice" if name == "choices" else name, "options": options, "answer": right}


# ---------------------------------------------------------------- writing


def write(drafts: list[Draft], pictures: Mapping[str, Picture] | None = None) -> Writing:
    """A Moodle XML file. Rows tell what Moodle could not carry."""
    rows: list[Row] = []
    quiz = etree.Element("quiz")
    for n, draft in enumerate(drafts, 1):
        row = Row(n, READ, draft)
        rows.append(row)
        question = _Written(row, draft, pictures or {}).made()
        if question is not None:
            quiz.append(question)
    etree.indent(quiz, "  ")
    data = etree.tostring(quiz, encoding="UTF-8", xml_declaration=True)
    return Writing("moodlexml", data, "application/xml", "xml", rows)


class _Written:
    def __init__(self, row: Row, draft: Draft, pictures: Mapping[str, Picture]) -> None:
        self.row = row
        self.draft = draft
        self.pictures = pictures
        self.question = etree.Element("question")
        self.missing = 0

    def made(self) -> Element | None:
        draft, question = self.draft, self.question
        writer = _WRITERS.get(draft.kind)
        if writer is None:
            self.row.drop("%(format)s chưa ghi được dạng câu này.", format="Moodle XML")
            return None
        self._leaf(etree.SubElement(question, "name"), draft.title or first_words(draft.stem))
        self.text("questiontext", draft.stem)
        self.text("generalfeedback", draft.explanation)
        self._value("defaultgrade", "1")
        self._value("penalty", "0")
        self._value("hidden", "0")
        self._value("idnumber", draft.external_id)
        writer(self)
        if self.row.status == "dropped":
            return None
        tags = as_tags(draft)
        if tags:
            holder = etree.SubElement(question, "tags")
            for tag in tags:
                self._leaf(etree.SubElement(holder, "tag"), tag)
        if self.missing:
            loss.tell_missing(self.row, self.missing)
        return question

    def _leaf(self, parent: Element, text: str) -> None:
        etree.SubElement(parent, "text").text = legal(text)

    def _value(self, name: str, text: str) -> None:
        etree.SubElement(self.question, name).text = legal(text)

    def text(self, name: str, markdown: str, parent: Element | None = None, **attributes: str) -> Element:
        """An element with HTML and the pictures it shows."""
        holder = etree.SubElement(self.question if parent is None else parent, name, attributes, format="html")
        shown: dict[str, Picture] = {}

        def image(address: str, words: str) -> str:
            key = address.removeprefix("picture:")
            picture = self.pictures.get(key) if address.startswith("picture:") else None
            if picture is None:
                self.missing += 1
                return _escaped(words)
            file = file_name(key, picture)
            shown[file] = picture
            return f'<img src="{_OWN_FILE}{file}" alt="{_escaped(words)}" />'

        self._leaf(holder, to_html(markdown, image=image))
        for file, picture in shown.items():
            embedded = etree.SubElement(holder, "file", name=file, path="/", encoding="base64")
            embedded.text = base64.b64encode(picture.data).decode()
        return holder

    def answer(self, share: Decimal | int, text: str, html: bool = True, **values: str) -> None:
        fraction = format(Decimal(share), "f")
        if html:
            made = self.text("answer", text, fraction=fraction)
        else:
            made = etree.SubElement(self.question, "answer", fraction=fraction, format="moodle_auto_format")
            self._leaf(made, text)
        self._leaf(etree.SubElement(made, "feedback", format="html"), "")
        for name, value in values.items():
            etree.SubElement(made, name).text = value

    def choice(self) -> None:
        self.question.set("type", "multichoice")
        draft, key = self.draft, self.draft.answer or []
        several = draft.kind == "multiple_choice"
        if not key:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self._value("single", "false" if several else "true")
        self._value("shuffleanswers", "true")
        self._value("answernumbering", "ABCD")
        share = fraction(Decimal(100) / len(key)) if key else Decimal(0)
        for choice in draft.choices:
            right = choice["id"] in key
            wrong = Decimal(-100) if several and key else Decimal(0)
            self.answer((share if several else Decimal(100)) if right else wrong, choice["text"])
        if several and key:
            self.row.tell("Moodle tính điểm từng phần cho câu nhiều đáp án đúng; ngân hàng chỉ tính khi đúng hết.")

    def group(self) -> None:
        self.question.set("type", "matching")
        key = self.draft.answer
        if key is None:
            self.row.drop("%(format)s không ghi được câu đúng/sai thiếu đáp án.", format="Moodle XML")
            return
        if self.draft.scoring == "linear":
            self.row.tell("Câu đúng/sai được ghi thành câu ghép đôi.")
        else:
            self.row.guess("Câu đúng/sai mất thang điểm bậc: ghi thành câu ghép đôi, tính đều từng ý.")
        self._value("shuffleanswers", "false")
        for choice in self.draft.choices:
            self._pair(choice["text"], "Đúng" if key.get(choice["id"]) else "Sai")

    def _pair(self, left: str, right: str) -> None:
        made = self.text("subquestion", left)
        self._leaf(etree.SubElement(made, "answer"), right)

    def number(self) -> None:
        self.question.set("type", "numerical")
        key = self.draft.answer
        if not key:
            self.row.drop("%(format)s không ghi được câu trả lời ngắn thiếu đáp án.", format="Moodle XML")
            return
        if isinstance(key, str):
            self.answer(100, key.replace(",", ".").replace("−", "-"), html=False, tolerance="0")
            return
        for one in key:
            tolerance = format(one["tolerance"], "f")
            self.answer(fraction(one["weight"]), format(one["value"], "f"), html=False, tolerance=tolerance)

    def true_false(self) -> None:
        self.question.set("type", "truefalse")
        if self.draft.answer is None:
            self.row.drop("%(format)s không ghi được câu thiếu đáp án.", format="Moodle XML")
            return
        self.answer(100 if self.draft.answer else 0, "true", html=False)
        self.answer(0 if self.draft.answer else 100, "false", html=False)

    def words(self) -> None:
        self.question.set("type", "shortanswer")
        if not self.draft.answer:
            self.row.drop("%(format)s không ghi được câu thiếu đáp án.", format="Moodle XML")
            return
        self._value("usecase", "0")
        for text in self.draft.answer:
            self.answer(100, text, html=False)

    def matching(self) -> None:
        self.question.set("type", "matching")
        self._value("shuffleanswers", "true")
        for left, right in self.draft.answer or []:
            self._pair(left, right)

    def ordering(self) -> None:
        self.question.set("type", "ordering")
        texts = {c["id"]: c["text"] for c in self.draft.choices}
        for n, name in enumerate(self.draft.answer or texts, 1):
            self.answer(n, texts.get(name, ""))

    def essay(self) -> None:
        self.question.set("type", "essay")
        self._value("responseformat", "editor")
        self._value("responserequired", "1")

    def cloze(self) -> None:
        self.question.set("type", "cloze")
        holder = child(self.question, "questiontext")
        text = None if holder is None else child(holder, "text")
        if text is None or not self.draft.answer:
            self.row.drop("%(format)s không ghi được câu thiếu đáp án.", format="Moodle XML")
            return
        gaps = self.draft.answer

        def put(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            return _written_gap(gaps[at]) if 0 <= at < len(gaps) else found.group()

        text.text = re.sub(r"\[\[(\d{1,3})\]\]", put, text.text or "")


_WRITERS: dict[str, Callable[[_Written], None]] = {
    "single_choice": _Written.choice,
    "multiple_choice": _Written.choice,
    "true_false_group": _Written.group,
    "short_answer": _Written.number,
    "numerical": _Written.number,
    "true_false": _Written.true_false,
    "text": _Written.words,
    "matching": _Written.matching,
    "ordering": _Written.ordering,
    "essay": _Written.essay,
    "cloze": _Written.cloze,
}


def _written_gap(gap: Mapping[str, Any]) -> str:
    def safe(text: str) -> str:
        return re.sub(r"([}#~/\"\\])", r"\\\1", to_html(text))

    if gap["kind"] == "number":
        parts = [f"%{format(a['weight'], 'f')}%{a['value']:f}:{a['tolerance']:f}" for a in gap["answer"]]
        return "{1:NUMERICAL:" + "~".join(parts) + "}"
    if gap["kind"] == "text":
        return "{1:SHORTANSWER:" + "~".join(f"={safe(text)}" for text in gap["answer"]) + "}"
    kind = "MULTIRESPONSE" if len(gap["answer"]) > 1 else "MULTICHOICE"
    return f"{{1:{kind}:" + "~".join(("=" if o in gap["answer"] else "") + safe(o) for o in gap["options"]) + "}"


def fraction(share: Decimal) -> Decimal:
    """The nearest share that Moodle accepts; it refuses any other."""
    sign = -1 if share < 0 else 1
    return sign * min(FRACTIONS, key=lambda f: abs(f - abs(share)))


def file_name(key: str, picture: Picture) -> str:
    """A plain name for an embedded file, by what its bytes are."""
    ending = "png"
    for start, name in ((b"\xff\xd8", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"<svg", "svg")):
        if picture.data.startswith(start):
            ending = name
    return f"hinh-{re.sub(r'[^A-Za-z0-9-]', '', key)[:40]}.{ending}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
