"""GIFT, the text format of Moodle: one question per paragraph, its answers in braces.

Read: every kind that GIFT has, with weights, feedback, titles, `[id:]` and `[tag:]` comments.
Written: single and multiple choice and numbers as they are; a true/false group as a matching question
(GIFT has no stepped score), which `read` takes back as a group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from app.questions.formats.codes import add_notes, as_tags, take_tag
from app.questions.formats.html import looks_like_html, to_markdown
from app.questions.formats.model import (
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Draft,
    Message,
    Reading,
    Row,
    Unreadable,
    Writing,
    decimal_text,
    decoded,
    fold,
    tidy,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_BLOCK = 100_000

_TRUE = {"t", "true", "d", "dung"}
_FALSE = {"f", "false", "s", "sai"}
_WEIGHT = re.compile(r"\s*%(-?[0-9]+(?:\.[0-9]+)?)%")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_TITLE = re.compile(r"\s*::((?:\\.|(?!::)[^\\])*)::", re.DOTALL)
_COMMENT_TAG = re.compile(r"\[(id|tag):([^\]]*)\]")
_NUMBER = r"[-+]?(?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)(?:[eE][-+]?[0-9]{1,2})?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")
_VALUE = re.compile(rf"\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*)?")
_MARKS_OF_ANSWERS = re.compile(r"\s*(?:[=~#>]|$|(?:T|F|TRUE|FALSE|Đ|S|ĐÚNG|SAI)\s*(?:#|$))", re.IGNORECASE)


@dataclass
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def read(data: bytes) -> Reading:
    """Every question of a GIFT file in one row; raises Unreadable."""
    text, messages = decoded(data)
    found = Reading("gift", messages=messages)
    categories = descriptions = 0
    for block in _blocks(text):
        while block.lines and block.lines[0].strip().startswith("$CATEGORY:"):
            block.lines.pop(0)
            categories += 1
        body = block.text
        if not body:
            continue
        if not _braces(body) and "{" not in _bare(body) and "}" not in _bare(body):
            descriptions += 1
            continue
        if len(found.rows) >= MAX_QUESTIONS:
            raise Unreadable(
                "Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.",
                max=MAX_QUESTIONS,
            )
        row = Row(
            len(found.rows) + 1,
            READ,
            None,
            source=body[:MAX_SOURCE],
            place=str(block.line),
        )
        _question(row, body, block.comments)
        found.rows.append(row)
    if categories:
        found.messages.append(
            Message(
                "%(count)s dòng thư mục ($CATEGORY) không được giữ.",
                {"count": categories},
            )
        )
    if descriptions:
        found.messages.append(
            Message(
                "%(count)s đoạn giới thiệu không phải câu hỏi nên không nhập.",
                {"count": descriptions},
            )
        )
    return found


def looks_like(text: str) -> bool:
    """Does some paragraph hold braces that begin like answers?"""
    return any(
        _MARKS_OF_ANSWERS.match(body[start + 1 : end])
        for block in _blocks(text[:200_000])
        for body in [block.text]
        for start, end in _braces(body)
    )


def _blocks(text: str) -> list[_Block]:
    """Paragraphs, each with the comments before it; an empty line inside braces does not end one."""
    blocks: list[_Block] = []
    now = _Block(1)
    depth_at_blank: int | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("//"):
            now.comments.append(stripped)
            continue
        if not stripped:
            if now.lines:
                if _open(now):
                    depth_at_blank = len(now.lines)
                    continue
                blocks.append(now)
                now = _Block(number + 1)
            continue
        if depth_at_blank is not None and _first_bare(line) == "{":
            # The braces before the empty line were never closed: that paragraph ends there.
            lost, rest = now.lines[:depth_at_blank], now.lines[depth_at_blank:]
            blocks.append(_Block(now.line, lost, now.comments))
            now = _Block(number - len(rest), rest)
            depth_at_blank = None
        if not now.lines:
            now.line = number
        now.lines.append(line)
        if depth_at_blank is not None and _first_bare(line) == "}":
            depth_at_blank = None
    if now.lines:
        blocks.append(now)
    return blocks


def _bare(text: str) -> str:
    """The text without escaped signs."""
    return re.sub(r"\\.", "", text, flags=re.DOTALL)


def _first_bare(line: str) -> str | None:
    found = re.search(r"[{}]", _bare(line))
    return found.group() if found else None


def _open(block: _Block) -> bool:
    bare = _bare("\n".join(block.lines))
    return bare.count("{") > bare.count("}") and len(bare) < MAX_BLOCK


def _braces(text: str) -> list[tuple[int, int]]:
    """Places of outermost pairs of unescaped braces."""
    pairs: list[tuple[int, int]] = []
    depth, start, at = 0, 0, 0
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 2
            continue
        if sign == "{":
            if depth == 0:
                start = at
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                pairs.append((start, at))
        at += 1
    return pairs


def _question(row: Row, body: str, comments: list[str]) -> None:
    if len(body) > MAX_BLOCK:
        row.drop("Câu hỏi dài quá %(max)s kí tự.", max=MAX_BLOCK)
        return
    pairs = _braces(body)
    bare = _bare(body)
    if not pairs or bare.count("{") != bare.count("}"):
        row.drop("Dấu ngoặc nhọn của phần trả lời không đóng hoặc không mở.")
        return
    start, end = pairs[-1]
    likely = [p for p in pairs if _MARKS_OF_ANSWERS.match(body[p[0] + 1 : p[1]])]
    if len(pairs) > 1:
        filled = [p for p in likely if body[p[0] + 1 : p[1]].strip()]
        start, end = (filled or likely or pairs)[-1]
        if len(filled) > 1:
            row.guess("Câu có nhiều phần trả lời; phần cuối được lấy làm đáp án.")
        else:
            row.guess("Dấu ngoặc nhọn trong đề bài thiếu dấu \\ ở trước; phần trả lời được đoán.")
    head, answers, tail = body[:start], body[start + 1 : end], body[end + 1 :]
    draft = Draft("", "")
    row.draft = draft
    if title := _TITLE.match(head):
        draft.title = tidy(_unescape(title.group(1)))
        head = head[title.end() :]
    _tags(draft, comments)
    marked = _FORMAT.match(head)
    style = marked.group(1).lower() if marked else ""
    if marked:
        head = head[marked.end() :]
    blank = " _____ " if tail.strip(' \t\n.";') or (tail.strip() == "." and not _asks(head)) else ""
    tail = tail if tail.strip() not in ('";', ";", '"') else ""
    draft.stem = _text(row, head + blank + tail, style)
    if not draft.stem and not blank and not tail.strip():
        row.guess("Câu hỏi chưa có đề bài.")
    answers, general = _split_once(answers, "####")
    if general:
        draft.explanation = _text(row, general, style)
    _answers(row, draft, answers, style)


def _asks(head: str) -> bool:
    return _bare(head).rstrip().endswith(("?", ".", ":", "!", "…"))


def _tags(draft: Draft, comments: list[str]) -> None:
    for comment in comments:
        for name, value in _COMMENT_TAG.findall(comment):
            value = tidy(value)
            if name == "id":
                draft.external_id = value
                continue
            take_tag(draft, value)


def _answers(row: Row, draft: Draft, body: str, style: str) -> None:
    bare = body.strip()
    if not bare:
        draft.kind = "essay"
        return
    if bare.startswith("#"):
        _numerical(row, draft, bare[1:], style)
        return
    if bare.startswith(">"):
        draft.kind = "ordering"
        lines = [_text(row, line, style) for line in bare.split("\n")[1:]]
        draft.choices = [{"id": LETTERS[n], "text": t} for n, t in enumerate([t for t in lines if t][: len(LETTERS)])]
        draft.answer = [c["id"] for c in draft.choices]
        return
    parts = _answer_parts(bare)
    if parts is None:
        word, feedback = _split_once(bare, "#")
        value = fold(word)
        if value in _TRUE | _FALSE:
            draft.kind, draft.answer = "true_false", value in _TRUE
            notes = [_text(row, f, style) for f in _split_all(feedback, "#")] if feedback else []
            add_notes(draft, [("", note) for note in notes if note])
        else:
            row.draft = None
            row.drop("Không hiểu phần trả lời trong dấu ngoặc nhọn.")
        return
    options: list[tuple[str, Decimal | None, str, str]] = []
    for mark, text in parts:
        weight: Decimal | None = None
        if found := _WEIGHT.match(text):
            weight = Decimal(found.group(1))
            text = text[found.end() :]
        text, feedback = _split_once(text, "#")
        options.append((mark, weight, text, feedback))
    if all(mark == "=" for mark, *_ in options):
        if all("->" in text for _m, _w, text, _f in options):
            _matching(row, draft, [text for _m, _w, text, _f in options], style)
        else:
            draft.kind = "text"
            draft.answer = [_text(row, text, style) for _m, w, text, _f in options if w is None or w > 0]
            if any(w is not None and w < 100 for _m, w, _t, _f in options):
                row.guess("Điểm một phần của đáp án gần đúng không được giữ.")
            add_notes(
                draft,
                [(_text(row, t, style), _text(row, f, style)) for _m, _w, t, f in options],
            )
        return
    _choice(row, draft, options, style)


def _choice(
    row: Row,
    draft: Draft,
    options: list[tuple[str, Decimal | None, str, str]],
    style: str,
) -> None:
    if len(options) > len(LETTERS):
        row.draft = None
        row.drop("Câu có quá %(max)s phương án.", max=len(LETTERS))
        return
    draft.choices = [
        {"id": LETTERS[n], "text": _text(row, text, style)} for n, (_m, _w, text, _f) in enumerate(options)
    ]
    right = [LETTERS[n] for n, (mark, w, _t, _f) in enumerate(options) if mark == "=" and (w is None or w > 0)]
    positive = [(LETTERS[n], w) for n, (mark, w, _t, _f) in enumerate(options) if mark == "~" and w and w > 0]
    if right:
        draft.kind, draft.answer = (
            ("single_choice" if len(right) == 1 else "multiple_choice"),
            right,
        )
        if len(right) > 1:
            row.guess("Câu có nhiều phương án đúng hoàn toàn nên được nhập thành câu nhiều đáp án đúng.")
        if positive:
            row.guess(
                "Điểm một phần của phương án %(ids)s không được giữ.",
                ids=", ".join(i for i, _w in positive),
            )
    elif positive:
        draft.answer = [i for i, _w in positive]
        draft.kind = "single_choice" if len(positive) == 1 and positive[0][1] == 100 else "multiple_choice"
        if draft.kind == "multiple_choice":
            if len({w for _i, w in positive}) > 1:
                row.guess("Trọng số khác nhau của các phương án đúng không được giữ.")
            else:
                row.tell("Câu nhiều đáp án đúng được tính điểm khi chọn đủ và đúng mọi phương án.")
    else:
        draft.kind, draft.answer = "single_choice", None
        row.guess("Câu hỏi chưa có đáp án đúng.")
    add_notes(
        draft,
        [(LETTERS[n], _text(row, f, style)) for n, (_m, _w, _t, f) in enumerate(options)],
    )


def _matching(row: Row, draft: Draft, pairs: list[str], style: str) -> None:
    found: list[list[str]] = []
    for text in pairs:
        left, right = text.split("->", 1)
        found.append([_text(row, left, style), _text(row, right, "")])
    real = [p for p in found if p[0]]
    words = [fold(right) for _left, right in found]
    if len(found) == 4 == len(real) and set(words) <= (_TRUE | _FALSE):
        draft.kind = "true_false_group"
        draft.choices = [{"id": i, "text": left} for i, (left, _right) in zip("abcd", found, strict=True)]
        draft.answer = {i: word in _TRUE for i, word in zip("abcd", words, strict=True)}
        return
    draft.kind, draft.answer = "matching", found


def _numerical(row: Row, draft: Draft, body: str, style: str) -> None:
    draft.kind = "numerical"
    parts = _answer_parts(body.strip())
    if parts is None:
        parts = [("=", body)]
    else:
        before = re.split(r"(?<!\\)[=~]", body, maxsplit=1)[0]
        if before.strip():
            parts = [("=", before), *parts]
    answers: list[dict[str, Decimal]] = []
    notes: list[tuple[str, str]] = []
    for mark, text in parts:
        weight = Decimal(100)
        if found := _WEIGHT.match(text):
            weight, text = Decimal(found.group(1)), text[found.end() :]
        text, feedback = _split_once(text, "#")
        notes.append((tidy(text), _text(row, feedback, style)))
        if mark == "~" or weight <= 0:
            continue
        number = _number(text)
        if number is None:
            if tidy(text) != "*":
                row.guess("Không hiểu đáp án số %(value)s.", value=tidy(text)[:40])
            continue
        answers.append({"value": number[0], "tolerance": number[1], "weight": weight})
    draft.answer = answers or None
    if not answers:
        row.guess("Câu hỏi chưa có đáp án đúng.")
    add_notes(draft, notes)


def _number(text: str) -> tuple[Decimal, Decimal] | None:
    if len(text) > 100:
        return None
    try:
        if found := _RANGE.fullmatch(text):
            low, high = (Decimal(g.replace(",", ".")) for g in found.groups())
            return (low + high) / 2, abs(high - low) / 2
        if found := _VALUE.fullmatch(text):
            value = Decimal(found.group(1).replace(",", "."))
            return value, abs(Decimal((found.group(2) or "0").replace(",", ".")))
    except InvalidOperation:
        return None
    return None


def _answer_parts(body: str) -> list[tuple[str, str]] | None:
    """(mark, text) of each answer, or None where no unescaped mark stands."""
    parts: list[tuple[str, str]] = []
    start: int | None = None
    mark = ""
    at = 0
    while at < len(body):
        sign = body[at]
        if sign == "\\":
            at += 2
            continue
        if sign in "=~":
            if start is not None:
                parts.append((mark, body[start:at]))
            mark, start = sign, at + 1
        at += 1
    if start is None:
        return None
    parts.append((mark, body[start:]))
    return parts


def _split_once(text: str, sign: str) -> tuple[str, str]:
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text.startswith(sign, at):
            return text[:at], text[at + len(sign) :]
        at += 1
    return text, ""


def _split_all(text: str, sign: str) -> list[str]:
    found, rest = [], text
    while rest:
        part, rest = _split_once(rest, sign)
        found.append(part)
    return found


def _unescape(text: str) -> str:
    """`\\\\` is a backslash, `\\n` a new line, `\\~ \\= \\# \\{ \\} \\:` the sign; TeX commands stay."""

    def one(found: re.Match[str]) -> str:
        sign = found.group(1)
        return {"n": "\n", "\\": "\\"}.get(sign, sign if sign in "~=#{}:" else found.group())

    return re.sub(r"\\(.)", one, text, flags=re.DOTALL)


def _text(row: Row, raw: str, style: str) -> str:
    if found := _FORMAT.match(raw):
        style, raw = found.group(1).lower(), raw[found.end() :]
    text = _unescape(raw)
    if style == "html" or (style in ("", "moodle") and looks_like_html(text)):
        text, images = to_markdown(text)
        if images:
            row.guess("%(count)s hình trong câu không nhập được từ tệp GIFT.", count=images)
    text = re.sub(r"\\\((.+?)\\\)", r"$\1$", text, flags=re.DOTALL)
    text = re.sub(r"\\\[(.+?)\\\]", r"$$\1$$", text, flags=re.DOTALL)
    return tidy(text)


def _escape(text: str) -> str:
    text = text.replace("\\", "\\\\")
    text = re.sub(r"([~=#{}:])", r"\\\1", text)
    return text.strip().replace("\n", "\\n")


def write(drafts: list[Draft]) -> Writing:
    """A GIFT file in UTF-8. Rows tell what GIFT could not carry."""
    rows: list[Row] = []
    parts: list[str] = []
    for n, draft in enumerate(drafts, 1):
        row = Row(n, READ, draft)
        rows.append(row)
        body = _written_answers(row, draft)
        if body is None:
            continue
        if "![" in draft.stem or any("![" in c["text"] for c in draft.choices):
            row.guess("GIFT không mang được hình; chỉ còn địa chỉ của hình.")
        tags = [f"[id:{draft.external_id}]"] if draft.external_id else []
        tags += [f"[tag:{t}]" for t in (re.sub(r"[\[\]\n]", " ", t).strip() for t in as_tags(draft)) if t]
        title = f"::{_escape(draft.title)}::" if draft.title else ""
        general = f"\n\t####{_escape(draft.explanation)}" if draft.explanation else ""
        comment = "// " + " ".join(tags) + "\n" if tags else ""
        parts.append(f"{comment}{title}[markdown]{_escape(draft.stem)}{{{body}{general}\n}}\n")
    data = ("\n".join(parts)).encode()
    return Writing("gift", data, "text/plain; charset=utf-8", "gift", rows)


def _written_answers(row: Row, draft: Draft) -> str | None:
    key: Any = draft.answer
    if draft.kind in ("single_choice", "multiple_choice"):
        if key is None:
            row.guess("Câu hỏi xuất ra không kèm đáp án.")
        several = draft.kind == "multiple_choice" and key is not None
        share = f"{Decimal(100) / max(1, len(key or [])):.5f}".rstrip("0").rstrip(".") if several else ""
        lines = []
        for choice in draft.choices:
            right = choice["id"] in (key or [])
            mark = (f"~%{share}%" if right else "~%-100%") if several else ("=" if right else "~")
            lines.append(f"\n\t{mark}{_escape(choice['text'])}")
        return "".join(lines)
    if draft.kind == "true_false_group":
        if key is None:
            row.drop("GIFT không ghi được câu đúng/sai thiếu đáp án.")
            return None
        if draft.scoring != "linear":
            row.guess("Câu đúng/sai mất thang điểm bậc: GIFT ghi thành câu ghép đôi, tính đều từng ý.")
        else:
            row.guess("Câu đúng/sai được GIFT ghi thành câu ghép đôi.")
        return "".join(
            f"\n\t={_escape(c['text']).replace('->', '→')} -> {'Đúng' if key.get(c['id']) else 'Sai'}"
            for c in draft.choices
        )
    if draft.kind == "short_answer":
        if key is None:
            row.drop("GIFT không ghi được câu trả lời ngắn thiếu đáp án.")
            return None
        return f"#\n\t={str(key).replace(',', '.').replace('−', '-')}:0"
    row.drop("GIFT chưa ghi được dạng câu này.")
    return None


def numerical_text(answers: list[dict[str, Decimal]]) -> str:
    """`1822±0;1822±2`, as a report shows numbers with their tolerance."""
    return ";".join(f"{decimal_text(a['value'])}±{decimal_text(a['tolerance'])}" for a in answers)
