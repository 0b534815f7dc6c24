"""Word papers as teachers here write them, read into questions: see the rules beside each pattern.

A paper is either a table with a question in each row, or lines: parts I to III, questions begun by a label, a
number or a mark, options after letters, keys shown by underline, colour, bold, a star, a line or a table at the
end. What cannot be told for sure is left open and said; two keys where one is due are no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.questions.formats import dollars, table, wordkeys
from app.questions.formats.model import (
    GUESSED,
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Draft,
    Message,
    Reading,
    Row,
    Unreadable,
    fold,
)
from app.questions.formats.word import HARD, Document, Line, Look, Notes, Rich, Table, Thing, joined, thing
from app.questions.formats.word import read as opened

LETTERS = "ABCDEFGH"
STATEMENTS = "abcd"

_LABEL = r"(?:Câu\s+hỏi|CÂU\s+HỎI|Câu|CÂU|Question|QUESTION|Bài|BÀI)"
_TAGS = r"(?:[\(\[]\s*[^()\[\]\n]{1,40}\s*[\)\]])"
START = re.compile(
    rf"^[\s\u00a0]*(?P<pre>(?:{_TAGS}\s*)?){_LABEL}[\s\u00a0]*(?P<n>\d{{1,4}})(?:[\s\u00a0]*(?P<tags>{_TAGS}))?"
    rf"(?:[\s\u00a0]*[.:)]|[\s\u00a0]+[-–](?=\s)|(?=\t)|(?=[\s\u00a0]*$))[\s\u00a0]*"
)
LOOSE_START = re.compile(rf"^[\s\u00a0]*{_LABEL}[\s\u00a0]*(?P<n>\d{{1,4}})[\s\u00a0]+")
BARE = re.compile(r"^[\s\u00a0]*(?P<n>\d{1,3})[\s\u00a0]*[.)](?!\d)[\s\u00a0]*")
FIELD_START = re.compile(r"^\s*(?:Question|Câu hỏi|Nội dung)\s*:\s*", re.IGNORECASE)
FIELD = re.compile(
    r"^\s*(?P<name>Type|Difficulty|Tags|Explanation|Correct|Loại|Dạng|Mức độ|Thẻ|Giải thích|Đáp án(?: đúng)?)\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)
SOLUTION = re.compile(
    r"^\W*(?:Lời giải(?: chi tiết| tham khảo)?|LỜI GIẢI|Hướng dẫn (?:giải|chi tiết)(?: chi tiết)?|HƯỚNG DẪN GIẢI|"
    r"Giải thích(?: chi tiết)?|Giải chi tiết|Giải|Solution|Explanation)\s*(?:[:.]|$)\s*"
)
KEY_LINE = re.compile(
    r"^\W*(?:Đáp\s*án(?:\s+đúng)?|ĐÁP\s*ÁN(?:\s+ĐÚNG)?|Đáp\s*số|ĐÁP\s*SỐ|Đ/?[áÁ]p?|ĐA|ĐS|Key|KEY|Answer|ANSWER|Correct(?: answer)?|Trả\s*lời|Kết\s*quả|"
    r"Chọn(?:\s+đáp\s+án|\s+phương\s+án|\s+câu)?)\s*(?:là)?\s*[:.]?\s*(?P<value>[^\n]{1,80}?)\s*$"
)
END = re.compile(r"^[\W_]*(?:HẾT|Hết|THE END|The end)[\W_]*$")
GROUP_MARK = re.compile(r"^\s*(?:<g\d(?:#\d+)?>|</?g>|<Gr>.*|</?CH>|</Gr>)\s*$", re.IGNORECASE)
BR, SG, EGC, SG_END = "[<br>]", "[<sg>]", "[<egc>]", "[</sg>]"
AUDIO = re.compile(r"\[<audio>\](.*?)\[</audio>\]", re.DOTALL)
CHILD = re.compile(r"^\s*\(\s*<\s*(\d{1,3})\s*>\s*\)\s*")
PLACEHOLDER = re.compile(r"^Đáp án \d\b")

_AT = r"(?:(?<=[\n\x1e\t])|^|(?<=[ \u00a0]{2}))"
OPTION = re.compile(
    rf"{_AT}[ \u00a0\t]{{0,20}}(?P<sign>\*{{1,2}}|#[!$])?[ \u00a0]{{0,5}}\(?(?P<id>[A-H])[ \u00a0]?[.:)/]"
)
WEAK_OPTION = re.compile(r"(?<=[^\s\d(]|[\s\u00a0])(?P<sign>)(?P<id>[A-H])[ \u00a0]?[.)](?=[ \u00a0\t\ufffc]{0,20}\S)")
STATEMENT = re.compile(
    rf"{_AT}[ \u00a0\t]{{0,20}}(?P<sign>\*{{1,2}}|#[!$])?[ \u00a0]{{0,5}}(?P<id>[a-d])[ \u00a0]?[).:]"
)
RIGHT_WORD = re.compile(r"[\s\u00a0]{0,5}[\(\[](?:đúng|Đúng|ĐÚNG|true|T|correct)[\)\]]\s*$")
TRUTH_WORD = re.compile(
    r"[\s\u00a0]{0,5}(?:[\(\[]\s{0,3}(?P<a>đúng|sai|đ|s|true|false|t|f)\s*[\)\]]|[-–→:][\s\u00a0]*(?P<b>đúng|sai))\s*[.;]?\s*$",
    re.IGNORECASE,
)
LEVEL = re.compile(
    r"[\(\[<]\s*(NB|TH|VDC|VD|M[1-4]|Nhận biết|Thông hiểu|Vận dụng cao|Vận dụng|Biết|Hiểu)\s*[\)\]>]", re.IGNORECASE
)
CLO = re.compile(r"[\(\[]\s*(CLO\s*\d+)\s*[\)\]]")
ID6 = re.compile(r"\[?\b([6-9012])([DH])(\d)([NHVC])([1-9A-C])-(\d{1,2})\b\]?")
LEAD = re.compile(
    r"^\W*(?:Read the|Mark the letter|Choose the|Circle the|Complete the|Listen to|Questions?\s+\d+\s*(?:to|-|–|and)\s*\d+|"
    r"Use the (?:following|information)|The (?:following )?(?:diagram|passage|table) .{0,60}questions?)",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"(?:from|questions?|câu(?:\s+hỏi)?(?:\s+số)?|Câu(?:\s+hỏi)?)\s*\{?<?\(?(\d{1,3})>?\}?\)?\s*(?:to|đến|tới|và|and|-|–|—|,)\s*(?:câu\s*|question\s*|hết\s*)?\{?<?(\d{1,3})",
    re.IGNORECASE,
)
VI_LEAD = re.compile(
    r"^\W*(?:Đọc|Dựa|Sử dụng|Dùng|Cho|Căn cứ|Quan sát|Xét|Thông tin|Các câu|Từ|Xem|Bảng|Đề bài|Tư liệu|Ngữ liệu)\b"
)
WANTS_FIGURE = re.compile(
    r"(?:Cho|Quan sát|Căn cứ vào|Dựa vào|Theo)\s+(?:các\s+)?(?:biểu đồ|hình vẽ|hình bên|hình dưới|sơ đồ)\b|như hình (?:vẽ|bên|dưới)|(?:hình vẽ|hình) (?:bên|dưới đây|sau đây)\b"
)
WANTS_MANY = re.compile(
    r"\b(?:những|các)\b.{0,60}\bnào\b|nhiều (?:đáp án|lựa chọn|phương án)|chọn (?:hai|ba|2|3|tất cả|các)|select all|choose (?:two|three)|which of the following .{0,30}\bare\b",
    re.IGNORECASE | re.DOTALL,
)
MOST_RUNS = 50
LONGEST_PASSAGE = 15_000
BLANK_LINE = re.compile(r"^[\s._…·\-–—]*$")


def read(data: bytes) -> Reading:
    """Read a .docx; raises Unreadable."""
    document = opened(data)
    reading = Reading("docx")
    rows = _from_tables(document, reading)
    if not rows:
        rows = _Paper(document, reading).rows()
    if len(rows) > MAX_QUESTIONS:
        raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
    _tell_losses(document, rows, reading)
    for n, found in enumerate(rows, 1):
        found.row.n = n
        _mend_formulas(found.row, found.notes)
        _miss_figures(found.row)
    reading.rows = [found.row for found in rows]
    used = {key for row in reading.rows for text in _texts(row.draft) for key in _PICTURE.findall(text)}
    reading.pictures = {key: picture for key, picture in document.pictures.items() if key in used}
    outside = len(document.pictures) - len(used)
    if outside > 0 and rows:
        reading.messages.append(Message("%(count)s hình đứng ngoài các câu hỏi nên không nhập.", {"count": outside}))
    return reading


_PICTURE = re.compile(r"\]\(picture:([^)\s]+)\)")


def _texts(draft: Draft | None) -> list[str]:
    if draft is None:
        return []
    return [draft.stem, draft.explanation, *(c["text"] for c in draft.choices)]


@dataclass
class _Found:
    """A row with the paragraphs it was read from."""

    row: Row
    first: int
    last: int
    notes: Notes = field(default_factory=Notes)


def _tell_losses(document: Document, rows: list[_Found], reading: Reading) -> None:
    """What Word holds and a line cannot is said at the question where it stands, with its place."""
    holders: dict[int, _Found] = {}
    for found in rows:
        for paragraph in range(found.first, found.last + 1):
            holders.setdefault(paragraph, found)
    places: dict[tuple[int, str, tuple[tuple[str, object], ...]], list[int]] = {}
    for loss in document.lost:
        holder = holders.get(loss.paragraph)
        at = (id(holder) if holder else 0, loss.text, loss.values)
        places.setdefault(at, []).append(loss.paragraph)
    by_id = {id(found): found for found in rows}
    for (number, text, values), paragraphs in places.items():
        what = Message(text, dict(values))
        if number in by_id:
            row = by_id[number].row
            row.guess("Đoạn %(places)s: %(what)s", places=_listed(paragraphs), what=what)
        elif rows:
            reading.messages.append(
                Message("Ngoài các câu hỏi, đoạn %(places)s: %(what)s", {"places": _listed(paragraphs), "what": what})
            )


def _listed(numbers: Iterable[int]) -> str:
    found = [str(n) for n in dict.fromkeys(numbers)]
    return ", ".join(found[:12]) + ("…" if len(found) > 12 else "")


def _mend_formulas(row: Row, notes: Notes) -> None:
    """Say where dollars were put around LaTeX that had none, and which formulas are broken."""
    if notes.formulas:
        row.guess("%(count)s công thức không có dấu $ được đặt vào giữa hai dấu $.", count=notes.formulas)
    for text in _texts(row.draft):
        for formula in dollars.spans(text):
            if not dollars.balanced(formula):
                row.guess("Công thức %(said)s có ngoặc không khớp.", said=" ".join(formula.split())[:60])
        if re.sub(r"\\\$", "", text).count("$") % 2:
            row.guess("Có dấu $ lẻ: công thức mở mà không đóng.")


def _miss_figures(row: Row) -> None:
    draft = row.draft
    if draft is None or not WANTS_FIGURE.search(draft.stem):
        return
    if not any("![" in text for text in _texts(draft)) and "| --- |" not in draft.stem:
        row.guess("Đề nhắc đến hình hoặc biểu đồ nhưng câu này không có hình nào trong tệp.")


# ---------------------------------------------------------------- a table with a question in each row


_IMAGE_HEADERS = {"image question": "stem_picture", "image answer": "explanation_picture", "iq": "stem_picture",
                  "ia": "explanation_picture", "hinh cau hoi": "stem_picture", "hinh dap an": "explanation_picture"}  # fmt: skip
_SHORT_HEADERS = {"q": "stem", "c": "answer", "e": "explanation"}
_HINTS = ("goi y tra loi", "goi y", "huong dan", "huong dan cham")


def _from_tables(document: Document, reading: Reading) -> list[_Found]:
    """Rows of tables whose columns are those of a question bank; nothing when there is no such table."""
    found: list[_Found] = []
    for block in document.blocks:
        if isinstance(block, Table) and block.rows:
            columns, top = _columns(block)
            if columns:
                found += [_table_row(row, columns) for row in block.rows[top:] if any(_cell(c) for c in row)]
    if found:
        loose = [b for b in document.blocks if isinstance(b, Line) and b.rich]
        if loose:
            reading.messages.append(
                Message("%(count)s đoạn ngoài bảng câu hỏi không nhập.", {"count": len(loose)}, lossy=False)
            )
    return found


def _cell(cell: tuple[Line | Table, ...]) -> Rich:
    parts: list[Rich] = []
    for block in cell:
        if isinstance(block, Line):
            if parts and not block.begins:
                parts[-1] = joined([parts[-1], block.rich], "\n")
            else:
                parts.append(block.rich)
        else:
            parts.append(_as_thing(block))
    return joined(parts) if parts else Rich()


def _said(rich: Rich) -> str:
    return rich.text.replace(HARD, "\n").replace("\ufffc", "").strip()


def _columns(block: Table) -> tuple[dict[int, str], int]:
    """What each column holds, by the header or by what is in it; and the first row with a question."""
    width = max(len(row) for row in block.rows)
    if width < 3:
        return {}, 0
    head = [" ".join(_said(_cell(c)).split())[:80] for c in block.rows[0]]
    named = table.header(list(head)) or {}
    for at, cell in enumerate(head):
        name = fold(cell)
        if name in _IMAGE_HEADERS:
            named[at] = _IMAGE_HEADERS[name]
        elif name in _SHORT_HEADERS and len(head) >= 5:
            named.setdefault(at, _SHORT_HEADERS[name])
        elif name in _HINTS or re.fullmatch(r"g[oị]+i y tra loi", name):
            named[at] = "hint"
    if "stem" in named.values() and "answer" in named.values():
        return named, 1
    grid = [[_said(_cell(c)) for c in row] + [""] * (width - len(row)) for row in block.rows[:200]]
    columns = [[row[at] for row in grid] for at in range(width)]

    def share(at: int, fits: re.Pattern[str]) -> float:
        return sum(1 for c in columns[at] if fits.search(c)) / len(grid)

    stem = next((at for at in range(width) if share(at, _ROW_STEM) >= 0.6), None)
    if stem is None:
        return {}, 0
    key = next((at for at in range(stem + 1, width) if share(at, re.compile(r"^\s*[A-H]\s*$")) >= 0.6), None)
    if key is None:
        return {}, 0
    found = {stem: "stem", key: "answer"}
    rest = [at for at in range(key + 1, width)]
    if rest:
        longest = max(rest, key=lambda at: sum(len(c) for c in columns[at]))
        found[longest] = "explanation"
        found |= {at: "explanation_picture" for at in rest if at != longest}
    found |= {at: "stem_picture" for at in range(stem) if not any(columns[at])}
    first = next((at for at in range(stem) if at not in found and all(columns[at])), None)
    if first is not None:
        found[first] = "external_id"
    return found, 0


_ROW_STEM = re.compile(rf"^\s*{_LABEL}\s*\d+|(?:^|\n)\s*A\s?[.:)].*\n\s*B\s?[.:)]", re.DOTALL)


def _table_row(row: tuple[tuple[Line | Table, ...], ...], columns: dict[int, str]) -> _Found:
    cells: dict[str, str] = {}
    notes = Notes()
    lines = [line for cell in row for block in cell for line in _lines_of(block)]
    paragraphs = [line.paragraph for line in lines] or [0]
    made = Row(0, READ, None, place=str(min(paragraphs)))
    made.source = " | ".join(w for c in row if (w := " ".join(_cell(c).words().split())))[:MAX_SOURCE]
    pictures: dict[str, list[str]] = {"stem": [], "explanation": []}
    for at, name in columns.items():
        if at >= len(row):
            continue
        rich = _cell(row[at])
        if name.endswith("_picture"):
            text = rich.markdown(notes=notes)
            if text:
                pictures[name.removesuffix("_picture")].append(text)
        elif name in ("stem", "explanation", "hint") or name.startswith("choice"):
            cells[name] = _unlabelled(rich).markdown(plain=True, notes=notes)
        else:
            cells[name] = _said(rich)
    for name, held in pictures.items():
        if held:
            cells[name] = "\n\n".join([cells.get(name, ""), *held]).strip()
            if name == "stem" and (at_choice := re.search(r"(?m)^\s*A\s?[.:)]", cells[name])):
                # A picture of the stem stands before the options.
                own = cells[name][: -len("\n\n".join(held))].rstrip()
                cells[name] = "\n\n".join([own[: at_choice.start()].rstrip(), *held, own[at_choice.start() :]])
    hint, key = cells.pop("hint", ""), cells.get("answer", "")
    if len(key) > 60 or (len(key.split()) > 4 and wordkeys.value(key) is None):
        whole = next((_cell(row[at]) for at, name in columns.items() if name == "answer" and at < len(row)), Rich())
        cells |= {"kind": "essay", "answer": whole.markdown(plain=True, notes=notes)}
    if hint:
        cells["explanation"] = "\n\n".join(t for t in (cells.get("explanation", ""), hint) if t)
    stem = cells.get("stem", "")
    if cells.get("kind") == "essay" and not re.match(rf"\s*{_LABEL}\s*\d", stem):
        made.tell("Đoạn văn trước câu hỏi được giữ trong đề bài.")
    table.question(made, dict(cells))
    draft = made.draft
    if draft is not None and draft.kind in ("single_choice", "multiple_choice"):
        labels = re.findall(r"(?m)^\s*([A-H])\s?[.:)]", cells.get("stem", ""))
        if len(labels) == 8 and labels[:4] == labels[4:]:
            made.drop("Hai câu bị dính vào nhau: có hai bộ phương án.")
        elif not draft.choices:
            made.drop("Câu không có phương án nào.")
    return _Found(made, min(paragraphs), max(paragraphs), notes)


def _lines_of(block: Line | Table) -> Iterator[Line]:
    if isinstance(block, Line):
        yield block
    else:
        yield from block.lines()


def _unlabelled(rich: Rich) -> Rich:
    """The same text with ordinary letters in the labels of questions and options."""
    looks = list(rich.looks)
    for match in re.finditer(rf"(?:^|(?<=[\n\x1e]))[ \u00a0]*(?:{_LABEL}\s*\d+\s*[.:)]?|[A-H]\s?[.:)])", rich.text):
        for at in range(match.start(), match.end()):
            looks[at] = Look()
    return Rich(rich.text, looks, rich.things)


def _as_thing(block: Table) -> Rich:
    rows = tuple(tuple(_cell(cell).markdown(plain=True) for cell in row) for row in block.rows)
    words = "\n".join(" | ".join(_said(_cell(cell)) for cell in row) for row in block.rows)
    return thing(Thing("table", "", words, rows))


# ---------------------------------------------------------------- a paper of lines


@dataclass
class _Item:
    """Lines of one question, in the order of the paper."""

    number: int | None
    section: str = ""
    lines: list[Line | Table] = field(default_factory=list)
    passage: list[Line | Table] = field(default_factory=list)
    tags: str = ""
    after_end: bool = False
    blank: int | None = None
    notes: list[Message] = field(default_factory=list)

    def paragraphs(self) -> tuple[int, int]:
        found = [b.paragraph for b in self.lines]
        ends = [
            max((line.paragraph for line in b.lines()), default=b.paragraph) for b in self.lines if isinstance(b, Table)
        ]
        return (min(found), max(found + ends)) if found else (0, 0)


@dataclass
class _Option:
    id: str
    label: Rich
    text: Rich
    sign: str = ""


class _Paper:
    def __init__(self, document: Document, reading: Reading) -> None:
        self._reading = reading
        self._book = wordkeys.Book()
        self._code = ""
        self._skipped: list[Line] = []
        self._items: list[_Item] = []
        self._flow = list(self._flattened(document))
        text = [b.text for b in self._flow if isinstance(b, Line)]
        self._marks = any(BR in t or SG in t for t in text)
        self._labelled = any(
            isinstance(b, Line) and not _LESSON.match(b.text) and (START.match(b.text) or _loose_start(b))
            for b in self._flow
        )
        self._by_lesson = not self._labelled and any(START.match(t) for t in text)
        self._fields = any(FIELD_START.match(t) for t in text) and any(
            re.match(r"\s*(?:Correct|Đáp án)[^:]*:", t) for t in text
        )
        self._bare: set[int] = set()
        for line in text[:80]:
            if code := re.search(r"(?:Mã đề|MÃ ĐỀ|Mã đề thi)\s*(?:thi|số)?\s*[:.]?\s*(\d{3,4})\b", line):
                self._code = code[1]
                break

    # ------------------------------------------------------------ from blocks to items

    def _flattened(self, document: Document) -> Iterator[Line | Table]:
        """Lines in reading order; tables that lay out options are opened, tables of data stay whole."""
        due = False
        for block in document.blocks:
            if isinstance(block, Line):
                due = due or bool(END.match(block.text) or wordkeys.HEADING.match(block.text))
                yield block
            elif wordkeys.of_table(block, sure=due)[1]:
                yield block
            elif self._is_layout(block):
                yield from _opened(block)
            else:
                yield block

    @staticmethod
    def _is_layout(block: Table) -> bool:
        lines = [line for line in block.lines() if line.rich]
        if any(START.match(line.text) or BR in line.text or SG in line.text for line in lines):
            return True
        options = [m["id"] for line in lines if (m := OPTION.match(line.text))]
        statements = [m["id"] for line in lines if (m := STATEMENT.match(line.text))]
        return {"A", "B"} <= set(options) or {"a", "b", "c", "d"} <= set(statements)

    def rows(self) -> list[_Found]:
        if self._marks:
            self._by_marks()
        elif self._fields and not self._labelled:
            self._by_fields()
        else:
            if not self._labelled and not self._by_lesson:
                self._number_bare_lines()
            if self._labelled or self._by_lesson or self._bare:
                self._by_labels()
            else:
                self._by_options()
        self._unfold_solutions()
        way = self._way()
        turns: dict[tuple[str, int], int] = {}
        found = []
        for item in self._items:
            made = _Question(item, way, self._book, turns).found()
            if made is not None:
                found.append(made)
        self._tell_skipped(found)
        return found

    def _tell_skipped(self, found: list[_Found]) -> None:
        lines = [line for line in self._skipped if line.rich and not BLANK_LINE.match(line.text)]
        if lines and found:
            said = " / ".join(" ".join(line.rich.words().split()) for line in lines)
            self._reading.messages.append(
                Message(
                    "%(count)s dòng không thuộc câu hỏi nào nên không nhập: %(text)s",
                    {"count": len(lines), "text": said[:300] + ("…" if len(said) > 300 else "")},
                    lossy=False,
                )
            )
        for text in self._book.unread:
            self._reading.messages.append(Message("Không đọc được bảng đáp án: %(text)s", {"text": text[:200]}))

    def _number_bare_lines(self) -> None:
        """`1.` or `1)` begins a question only where the numbers run on from 1 and options follow."""
        at = [(n, int(m["n"])) for n, b in enumerate(self._flow) if isinstance(b, Line) and (m := BARE.match(b.text))]
        best: list[int] = []
        for start in [n for n, (_place, number) in enumerate(at) if number == 1][:MOST_RUNS]:
            run, wanted = [], 1
            for place, n in at[start:]:
                if n == wanted:
                    run.append(place)
                    wanted += 1
                elif n == 1 and len(run) > 1 and self._has_options(run[-1], place):
                    run.append(place)
                    wanted = 2
            if len(run) > len(best):
                best = run
        if not best:
            return
        ends = [*best[1:], len(self._flow)]
        good = sum(self._has_options(place, end) for place, end in zip(best, ends, strict=True))
        if good and good >= 0.5 * len(best):
            self._bare = set(best)

    def _has_options(self, start: int, end: int) -> bool:
        ids = {m["id"] for b in self._flow[start:end] if isinstance(b, Line) for m in OPTION.finditer(b.text)}
        return {"A", "B"} <= ids

    def _start(self, place: int, line: Line) -> re.Match[str] | None:
        """A line that begins a question."""
        if place in self._bare:
            return BARE.match(line.text)
        if not line.begins and not self._marks:
            return None
        match = START.match(line.text)
        if match:
            return None if _LESSON.match(line.text) and not self._by_lesson and self._section != "IV" else match
        loose = _loose_start(line)
        return loose if loose and self._labelled and int(loose["n"]) == self._last + 1 else None

    def _by_labels(self) -> None:
        self._section, self._last = "", 0
        current: _Item | None = None
        passage: list[Line | Table] = []
        limits: tuple[int, int] | None = None
        collecting = intro = ended = keys = False
        size = 0
        for place, block in enumerate(self._flow):
            line = block if isinstance(block, Line) else None
            text = line.text.strip() if line is not None else ""
            if line is None:
                assert isinstance(block, Table)
                found, is_key = wordkeys.of_table(block, self._code, sure=ended or keys)
                if is_key:
                    for number, key in found:
                        self._book.add(self._section, number, key)
                    continue
            if line is not None and END.match(text):
                current, passage, limits, collecting, ended, intro = None, [], None, False, True, False
                self._section, self._last = "", 0
                continue
            if line is not None and not _MARKED_START.match(text):
                section = wordkeys.section_of(text)
                if section is not None:
                    self._section = "" if section == "I?" else section
                    current, passage, limits, collecting, intro = None, [], None, False, True
                    self._last = 0
                    continue
                if wordkeys.HEADING.match(text) and (ended or len(text) > 8 or self._complete(current)):
                    current, passage, limits, collecting, keys = None, [], None, False, True
                    continue
            start = self._start(place, line) if line is not None else None
            if line is not None and start is not None:
                number = int(start["n"])
                pairs = wordkeys.of_line(text) if ended or keys else []
                if pairs:
                    for n, key in pairs:
                        self._book.add(self._section, n, key)
                    current = None
                    continue
                self._last = number
                collecting = intro = False
                if limits is not None and not (limits[0] <= number <= limits[1]) and not _names(passage, number):
                    passage, limits = [], None
                current = _Item(number, self._section, [_cut(line, start.end())], passage)
                current.after_end = ended or keys
                current.tags = " ".join(t for t in (start.groupdict().get("pre"), start.groupdict().get("tags")) if t)
                self._items.append(current)
                continue
            if line is not None and (ended or keys) and current is None:
                pairs = wordkeys.of_line(text)
                if pairs:
                    for n, key in pairs:
                        self._book.add(self._section, n, key)
                    continue
            if line is not None and GROUP_MARK.match(text):
                if text.lower().startswith("<gr>"):
                    self._reading.messages.append(
                        Message("Tên nhóm %(text)s không được giữ.", {"text": text[4:].strip()[:80]}, lossy=False)
                    )
                current = None if not self._complete(current) else current
                continue
            lead = self._lead(text) if line is not None and line.rich else None
            if line is not None and lead is not None and self._complete(current):
                current, collecting, intro = None, True, False
                passage, limits, size = [line], lead, _size([line])
                continue
            if collecting:
                passage.append(block)
                size += _size([block])
                if size > LONGEST_PASSAGE:
                    self._skipped.extend(b for b in passage if isinstance(b, Line))
                    passage, limits, collecting, intro = [], None, False, True
            elif current is not None:
                current.lines.append(block)
            elif line is not None:
                if not (intro and re.match(r"^\W*(?:Thí sinh|Học sinh|Mỗi câu|Trong mỗi|Hãy chọn|\()", text)):
                    self._skipped.append(line)
            else:
                self._skipped.extend(list(block.lines())[:3] if isinstance(block, Table) else [])

    _section = ""
    _last = 0

    def _lead(self, text: str) -> tuple[int, int] | None:
        """The numbers of the questions that the coming passage belongs to; all that follow where it names none."""
        found = RANGE.search(text)
        limits = (int(found[1]), int(found[2])) if found and int(found[1]) <= int(found[2]) else None
        if LEAD.match(text):
            return limits or (0, 10_000)
        if limits and VI_LEAD.match(text):
            return limits
        return None

    @staticmethod
    def _complete(item: _Item | None) -> bool:
        """Has a question all it needs, so that what follows may belong to the next?"""
        if item is None:
            return True
        if item.section in ("III", "IV"):
            return True
        text = joined([b.rich for b in item.lines if isinstance(b, Line)]).text
        upper = {m["id"] for m in OPTION.finditer(text)} | {m["id"] for m in WEAK_OPTION.finditer(text)}
        return {"A", "B", "C"} <= upper or {"a", "b", "c", "d"} <= {m["id"] for m in STATEMENT.finditer(text)}

    def _by_fields(self) -> None:
        current: _Item | None = None
        for block in self._flow:
            start = FIELD_START.match(block.text) if isinstance(block, Line) else None
            if isinstance(block, Line) and start:
                current = _Item(None, "", [_cut(block, start.end())])
                self._items.append(current)
            elif current is not None:
                current.lines.append(block)
            elif isinstance(block, Line):
                self._skipped.append(block)

    def _by_options(self) -> None:
        """No number and no mark: a question ends where its options end and text follows."""
        current: list[Line | Table] = []
        letters: set[str] = set()
        for block in self._flow:
            text = block.text if isinstance(block, Line) else ""
            seen = {"A", "B"} <= letters
            if isinstance(block, Line) and (END.match(text) or wordkeys.HEADING.match(text)):
                break
            option = OPTION.match(text)
            if seen and isinstance(block, Line) and block.rich and block.begins and (not option or option["id"] == "A"):
                if not KEY_LINE.match(text) and not SOLUTION.match(text):
                    self._close_loose(current)
                    current, letters = [], set()
            current.append(block)
            letters |= {m["id"] for m in OPTION.finditer(text)}
        self._close_loose(current)

    def _close_loose(self, lines: list[Line | Table]) -> None:
        text = "\n".join(b.text for b in lines if isinstance(b, Line))
        if {"A", "B"} <= {m["id"] for m in OPTION.finditer(text)}:
            item = _Item(None, "", lines)
            item.notes.append(Message("Câu không có số thứ tự nên chỗ bắt đầu được đoán."))
            self._items.append(item)
        else:
            self._skipped.extend(b for b in lines if isinstance(b, Line))

    def _by_marks(self) -> None:
        """`[<br>]` parts questions, `[<sg>] … [<egc>] … [</sg>]` holds a passage and its questions."""
        self._section = ""
        pieces = list(self._marked_pieces())
        passage: list[Line | Table] = []
        within = heading = False
        lines: list[Line | Table] = []

        def close() -> None:
            nonlocal lines
            self._close_marked(lines, passage if within and not heading else [])
            lines = []

        for piece in pieces:
            if isinstance(piece, str):
                if piece == BR and not heading:
                    close()
                elif piece == SG:
                    close()
                    within, heading, passage = True, True, []
                elif piece == EGC:
                    passage, lines, heading = lines, [], False
                    if _size(passage) > LONGEST_PASSAGE:
                        self._skipped.extend(b for b in passage if isinstance(b, Line))
                        passage = []
                elif piece == SG_END:
                    close()
                    within = heading = False
                continue
            if isinstance(piece, Line) and END.match(piece.text):
                close()
                break
            lines.append(piece)
        close()

    def _marked_pieces(self) -> Iterator[str | Line | Table]:
        known = re.compile("|".join(re.escape(m) for m in (BR, SG, EGC, SG_END)))
        for block in self._flow:
            if isinstance(block, Table):
                yield block
                continue
            # "Phần nằm giữa [<sg>] và [<egc>]" talks about the marks.
            if SG in block.text and EGC in block.text and not block.text.lstrip().startswith(SG):
                self._skipped.append(block)
                continue
            at = 0
            for match in known.finditer(block.text):
                if match.start() > at and block.text[at : match.start()].strip():
                    yield _slice(block, at, match.start())
                yield match.group()
                at = match.end()
            if at == 0 or block.text[at:].strip():
                yield _slice(block, at, len(block.text))

    def _close_marked(self, lines: list[Line | Table], passage: list[Line | Table]) -> None:
        """Each child `(<n>)` of a group, or the one question between two marks; prose about them is left out."""
        starts = [n for n, b in enumerate(lines) if isinstance(b, Line) and CHILD.match(b.text)]
        if not starts:
            text = "\n".join(b.text for b in lines if isinstance(b, Line))
            if {"A", "B"} <= {m["id"] for m in OPTION.finditer(text)} | {m["id"] for m in WEAK_OPTION.finditer(text)}:
                self._items.append(self._trimmed(_Item(None, "", lines, list(passage))))
            else:
                self._skipped.extend(b for b in lines if isinstance(b, Line))
            return
        self._skipped.extend(b for b in lines[: starts[0]] if isinstance(b, Line))
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            first = lines[start]
            assert isinstance(first, Line)
            match = CHILD.match(first.text)
            assert match is not None
            item = _Item(None, "", [_cut(first, match.end()), *lines[start + 1 : end]], list(passage))
            item.blank = int(match[1])
            self._items.append(item)

    def _trimmed(self, item: _Item) -> _Item:
        """Lines before a numbered or levelled stem are talk, where a question follows them in the same piece."""
        for n, block in enumerate(item.lines):
            if (
                isinstance(block, Line)
                and n
                and (START.match(block.text) or re.match(rf"\s*{CLO.pattern}", block.text))
            ):
                self._skipped.extend(b for b in item.lines[:n] if isinstance(b, Line))
                item.lines = item.lines[n:]
                break
        first = item.lines[0] if item.lines else None
        if isinstance(first, Line) and (match := START.match(first.text)):
            item.lines[0] = _cut(first, match.end())
            item.number = int(match["n"])
        return item

    def _unfold_solutions(self) -> None:
        """After the end: keys and solutions by number are taken to their questions, new questions stay."""
        known = {(i.section, i.number): i for i in reversed(self._items) if not i.after_end}
        kept = []
        for item in self._items:
            if not item.after_end:
                kept.append(item)
                continue
            text = joined([b.rich for b in item.lines if isinstance(b, Line)])
            options = len({m["id"] for m in OPTION.finditer(text.text)}) >= 2
            target = known.get((item.section, item.number))
            if target is None and not item.section:
                target = next((i for (_s, n), i in known.items() if n == item.number), None)
            if target is None or (options and not _alike(target, item)):
                kept.append(item)
                continue
            lines = list(item.lines)
            first = next((b for b in lines if isinstance(b, Line) and b.rich), None)
            if first is not None and not options:
                head = re.match(r"\s*(?:Chọn|Đáp án)?\s*[:.]?\s*([A-H])\s*(?:[.:;]|$)", first.text)
                whole = wordkeys.value(first.text)
                if whole is not None:
                    self._book.add(target.section, item.number or 0, whole)
                    lines = [b for b in lines if b is not first]
                elif head:
                    self._book.add(target.section, item.number or 0, [head[1]])
                    lines = [_cut(first, head.end()) if b is first else b for b in lines]
            if any(b.rich if isinstance(b, Line) else True for b in lines):
                target.lines.append(Line(Rich("Lời giải"), item.paragraphs()[0]))
                target.lines += self._solution_only(lines) if options else lines
        self._items = kept

    @staticmethod
    def _solution_only(lines: list[Line | Table]) -> list[Line | Table]:
        """Of a question printed again with its solution: only what stands after the word for it."""
        for n, block in enumerate(lines):
            if isinstance(block, Line) and (match := SOLUTION.match(block.text)):
                return [_cut(block, match.end()), *lines[n + 1 :]]
        return [b for b in lines if isinstance(b, Line) and KEY_LINE.match(b.text)]

    # ------------------------------------------------------------ how this paper shows its keys

    def _way(self) -> str:
        """The look by which most questions show their key: underline, colour, mark, bold, or "" for none."""
        votes: dict[str, int] = {}
        for item in self._items:
            options = _Question(item, "", self._book, {}).marked_options()
            if len(options) == 4 and all(o.id.islower() and _all(o.label, "underline") for o in options):
                votes["underline"] = votes.get("underline", 0) + 1
            for way in ("underline", "colour", "mark", "bold"):
                marked = _shown_by(way, options)
                if marked and len(marked) < len(options):
                    votes[way] = votes.get(way, 0) + 1
        order = ("underline", "colour", "mark", "bold")
        return max(order, key=lambda w: (votes.get(w, 0), -order.index(w))) if votes else ""


_MARKED_START = re.compile(r"^\s*(?:\*|#[!$])?\s*[A-Ha-d]\s?[.:)]\s*\S{0,3}[a-zà-ỹ]")


_LESSON = re.compile(r"[\s\u00a0]*(?:Bài|BÀI)")


def _loose_start(line: Line) -> re.Match[str] | None:
    """`Câu 1 Cho hàm số`: no sign after the number, but the label is bold or underlined by itself."""
    match = LOOSE_START.match(line.text)
    if match is None or not line.begins or _LESSON.match(line.text):
        return None
    head = [look for c, look in zip(line.text[: match.end()], line.rich.looks, strict=False) if c.isalnum()]
    rest = [
        look for c, look in zip(line.text[match.end() :], line.rich.looks[match.end() :], strict=True) if c.isalnum()
    ]
    shown = all(look.bold for look in head) and not all(look.bold for look in rest)
    return match if shown or all(look.underline for look in head) else None


def _opened(block: Table) -> Iterator[Line]:
    """Lines of a layout table; options that stand down the columns come in the order of their letters."""
    lines = [line for line in block.lines() if line.rich]
    pieces: list[tuple[str, list[Line]]] = []
    for line in lines:
        mark = OPTION.match(line.text) if line.begins else None
        if mark:
            pieces.append((mark["id"], []))
        if not pieces:
            break
        pieces[-1][1].append(line)
    letters = [letter for letter, _lines in pieces]
    if letters and sorted(letters) == list(LETTERS[: len(letters)]):
        lines = [line for _letter, held in sorted(pieces, key=lambda p: p[0]) for line in held]
    yield from lines


def _slice(line: Line, start: int, end: int) -> Line:
    return Line(line.rich[start:end], line.paragraph, line.begins and start == 0, line.label, line.bullet, line.cell)


def _cut(line: Line, start: int) -> Line:
    return Line(line.rich[start:], line.paragraph, line.begins, 0, False, line.cell)


def _size(blocks: list[Line | Table]) -> int:
    return sum(len(line.rich) + 1 for block in blocks for line in _lines_of(block))


def _names(passage: list[Line | Table], number: int) -> bool:
    """Does a passage hold the blank with this number?"""
    blank = re.compile(rf"[\(\{{\[]\s*<?{number}>?\s*[\)\}}\]]")
    return any(isinstance(b, Line) and blank.search(b.text) for b in passage)


def _alike(one: _Item, other: _Item) -> bool:
    """Is it the same question printed twice?"""

    def first(item: _Item) -> str:
        for block in item.lines:
            if isinstance(block, Line) and (text := fold(block.rich.words())):
                return text[:80]
        return ""

    return first(one)[:60] == first(other)[:60]


# ---------------------------------------------------------------- one question


def _letters_of(rich: Rich) -> list[Look]:
    """Looks of the letters that can show a mark; pictures and formulas count as one letter each."""
    return [look for c, look in zip(rich.text, rich.looks, strict=True) if c.isalnum() or c == "\ufffc" or c in "-+"]


def _all(rich: Rich, has: str) -> bool:
    seen = [(c, look) for at, (c, look) in enumerate(zip(rich.text, rich.looks, strict=True)) if at not in rich.things]
    looks = [look for c, look in seen if c.isalnum()] or [look for c, look in seen if not c.isspace()]
    return bool(looks) and all(getattr(look, has) for look in looks)


def _some(rich: Rich, has: str) -> bool:
    return any(getattr(look, has) for c, look in zip(rich.text, rich.looks, strict=True) if c.isalnum())


def _shown_by(way: str, options: list[_Option]) -> list[str] | None:
    """Options that carry this look as a mark, by position; None where the look says nothing here."""
    if len(options) < 2:
        return None
    if way == "underline":
        labels = [n for n, o in enumerate(options) if _all(o.label, "underline")]
        if labels:
            return [str(n) for n in labels] if len(labels) < len(options) else None
        whole = [n for n, o in enumerate(options) if _all(o.text, "underline")]
        partly = [n for n, o in enumerate(options) if n not in whole and _some(o.text, "underline")]
        if partly or len(whole) == len(options):
            return None  # underlined letters are what the question is about
        return [str(n) for n in whole]
    if way == "bold":
        labels = [n for n, o in enumerate(options) if _all(o.label, "bold")]
        whole = [n for n, o in enumerate(options) if _all(o.text, "bold")]
        if len(whole) == len(options):
            return None
        if whole:
            return [str(n) for n in whole]
        return [str(n) for n in labels] if 0 < len(labels) < len(options) else []
    looks: list[str] = []
    for option in options:
        own = {getattr(look, way) for look in _letters_of(option.label)} - {""} if _letters_of(option.label) else set()
        text = {getattr(look, way) for look in _letters_of(option.text)}
        looks.append(next(iter(own)) if own else next(iter(text)) if len(text) == 1 else "")
    counts = {colour: looks.count(colour) for colour in looks}
    usual = max(counts, key=lambda colour: (counts[colour], colour == ""))
    if len(counts) == 1:
        return None if usual else []
    marked = [n for n, colour in enumerate(looks) if colour != usual]
    if way == "colour" and len({looks[n] for n in marked}) > 1:
        return None
    return [str(n) for n in marked]


_WAYS = {"underline": "gạch chân", "colour": "đổi màu chữ", "mark": "tô nền", "bold": "in đậm"}


class _Question:
    """Reads the lines of one item."""

    def __init__(self, item: _Item, way: str, book: wordkeys.Book, turns: dict[tuple[str, int], int]) -> None:
        self._item = item
        self._way = way
        self._book = book
        self._turns = turns
        first, last = item.paragraphs()
        self._row = Row(0, READ, None, place=str(first) if first == last else f"{first}–{last}")
        self._keys: list[tuple[str, object]] = []
        self._notes = Notes()
        self._solution: list[Line | Table] = []
        self._body = self._split(item.lines)

    def marked_options(self) -> list[_Option]:
        _stem, options, _rest, _lower = self._options(self._body)
        return options

    def found(self) -> _Found | None:
        item, row = self._item, self._row
        first, last = item.paragraphs()
        row.messages += item.notes
        if item.notes:
            row.status = GUESSED
        row.source = self._source()
        draft = Draft("", "")
        row.draft = draft
        stem, options, rest, lower = self._options(self._body)
        stem = self._tagged(stem, draft)
        self._kind(draft, stem, options, lower)
        self._key(draft, stem, options)
        self._write(draft, stem, options, rest)
        if len(options) > 1 and all(PLACEHOLDER.match(o.text.text.strip()) for o in options):
            row.drop("Câu mẫu: các phương án chỉ là chữ giữ chỗ “Đáp án 1”, “Đáp án 2”.")
        return _Found(row, first, last, self._notes)

    # ------------------------------------------------------------ parts of the block

    def _source(self) -> str:
        said = [
            block.rich.words() if isinstance(block, Line) else _as_thing(block).words()
            for block in [*self._item.passage, *self._item.lines]
        ]
        text = "\n".join(s for s in said if s.strip())
        return text if len(text) <= MAX_SOURCE else text[: MAX_SOURCE // 2] + "\n…\n" + text[-MAX_SOURCE // 2 :]

    def _split(self, lines: list[Line | Table]) -> list[Line | Table]:
        """Body, key lines and solution apart."""
        body: list[Line | Table] = []
        into = body
        fields: dict[str, str] = {}
        for block in lines:
            if isinstance(block, Table):
                into.append(block)
                continue
            text = block.text
            named = FIELD.match(text) if self._item.number is None and not self._item.section else None
            if named:
                fields[fold(named["name"])] = named["value"].strip()
                continue
            solution = SOLUTION.match(text)
            if solution and into is body and (body or self._item.after_end):
                into = self._solution
                rest = _cut(block, solution.end())
                if not rest.rich:
                    continue
                block, text = rest, rest.text
            key = KEY_LINE.match(text)
            if key and not OPTION.match(text):
                said = wordkeys.value(key["value"])
                sure = said is not None and (
                    isinstance(said, (list, dict))
                    or self._item.section == "III"
                    or not re.match(r"^\W*(?:Chọn|Trả)", text)
                )
                if sure:
                    self._keys.append(("line", said))
                    continue
                if (
                    re.match(r"^\W*(?:Đáp\s*(?:án|số)|ĐÁP)", text)
                    and into is body
                    and self._item.section in ("III", "")
                ):
                    if not OPTION.search(joined([b.rich for b in body if isinstance(b, Line)]).text):
                        self._keys.append(("words", key["value"].strip()))
                        continue
            into.append(block)
        self._fields = fields
        return body

    def _joined(self, blocks: list[Line | Table]) -> Rich:
        parts: list[Rich] = []
        for block in blocks:
            if isinstance(block, Table):
                parts.append(_as_thing(block))
            elif not block.begins and parts:
                parts[-1] = joined([parts[-1], block.rich], "\n")
            else:
                parts.append(block.rich)
        return joined(parts)

    def _options(self, blocks: list[Line | Table]) -> tuple[Rich, list[_Option], Rich, bool]:
        """Stem, options, what follows the last of them, and whether they are statements a) to d)."""
        whole = self._joined(blocks)
        upper = self._run(whole, OPTION, WEAK_OPTION, LETTERS)
        lower = self._run(whole, STATEMENT, None, STATEMENTS)
        use_lower = len(lower) == 4 and (len(upper) < 2 or (self._item.section == "II"))
        marks = lower if use_lower else upper
        if self._item.section in ("III", "IV") and len(marks) < 2:
            marks = upper[:1]
        if len(marks) < 2 and not (self._item.section == "III" and len(marks) == 1):
            return whole.strip(), [], Rich(), False
        ends = [start for _id, start, _at, _sign in marks[1:]] + [len(whole)]
        options = []
        rest = Rich()
        for n, ((letter, start, at, sign), end) in enumerate(zip(marks, ends, strict=True)):
            label = whole[start:at]
            text = whole[at:end]
            if n == len(marks) - 1 and HARD in text.text.strip("\x1e \t\n"):
                # A paragraph after the last option is no part of it, unless the option's own is empty.
                lead = len(text) - len(text.text.lstrip("\x1e \t\n"))
                cut = text.text.find(HARD, lead)
                if cut > 0:
                    text, rest = text[:cut], text[cut:].strip()
            options.append(_Option(letter, label, text.strip(), sign))
        return whole[: marks[0][1]].strip(), options, rest, use_lower

    def _run(
        self, whole: Rich, strong: re.Pattern[str], weak: re.Pattern[str] | None, letters: str
    ) -> list[tuple[str, int, int, str]]:
        """(letter, start, end of label, sign) of the longest run of labels A, B, C … in order."""
        sure = [(m["id"], m.start(), m.end(), m["sign"] or "") for m in strong.finditer(whole.text)]
        loose = [(m["id"], m.start("id"), m.end(), "") for m in weak.finditer(whole.text)] if weak else []
        best: list[tuple[str, int, int, str]] = []
        firsts = [m for m in sure if m[0] == letters[0]]
        if not firsts:  # of letters inside a sentence the one nearest to the options is meant
            firsts = [m for m in reversed(loose) if m[0] == letters[0]]
        for first in firsts[:50]:
            run = [first]
            for letter in letters[1:]:
                at = run[-1][2]
                found = next((m for m in sure if m[0] == letter and m[1] >= at), None)
                near = next((m for m in loose if m[0] == letter and m[1] >= at), None)
                after = next((m for m in sure if m[1] >= at and m[0] > letter), None)
                if found is None or (after is not None and after[1] < found[1]):
                    found = near if near is not None and (after is None or near[1] < after[1]) else None
                if found is None:
                    break
                run.append(found)
            if len(run) > len(best):
                best = run
        if len(best) >= 2:
            tail = [m for m in sure if m[1] >= best[-1][2]]
            if tail and len(best) + len(tail) <= 5 and letters is LETTERS:
                best += tail
        return best

    def _tagged(self, stem: Rich, draft: Draft) -> Rich:
        """Level and outcome marks of the stem go into their fields."""
        said = f"{self._item.tags} {stem.text[:80]} {stem.text[-40:]}"
        if level := LEVEL.search(said):
            name = {"m1": "1", "m2": "2", "m3": "3", "m4": "4"}.get(level[1].lower(), level[1])
            draft.level = name
            if fold(level[1]) in ("vdc", "van dung cao", "m4"):
                draft.tags.append("VDC")
        draft.tags += [c.upper().replace(" ", "") for c in dict.fromkeys(CLO.findall(said))]
        if code := ID6.search(said):
            grade = {"0": 10, "1": 11, "2": 12}.get(code[1]) or int(code[1])
            draft.grade = grade
            draft.level = draft.level or {"N": "NB", "H": "TH", "V": "VD", "C": "VDC"}[code[4]]
            draft.tags.append(code.group().strip("[]"))
            draft.external_id = code.group().strip("[]")
        for pattern in (LEVEL, CLO, ID6):
            for match in reversed(list(pattern.finditer(stem.text))):
                if match.start() < 40 or match.end() >= len(stem) - 2:
                    stem = stem[: match.start()] + stem[match.end() :]
        fields = self._fields
        if "difficulty" in fields or "muc do" in fields:
            draft.level = fields.get("difficulty") or fields.get("muc do")
        if "tags" in fields or "the" in fields:
            draft.tags += [
                t.strip() for t in re.split("[,;]", fields.get("tags") or fields.get("the") or "") if t.strip()
            ]
        return stem.strip()

    def _kind(self, draft: Draft, stem: Rich, options: list[_Option], lower: bool) -> None:
        section = self._item.section
        if len(options) >= 2:
            draft.kind = "single_choice"
            dots = all(o.label.text.strip().endswith(".") for o in options)
            if lower and (section == "II" or not dots or len(_marked(self._way, options)) > 1):
                draft.kind = "true_false_group"
                if section != "II":
                    self._row.tell("Bốn ý a, b, c, d được nhập thành câu đúng/sai.")
            elif lower:
                self._row.guess("Các phương án ghi chữ thường a, b, c, d được hiểu là A, B, C, D.")
            elif section == "II":
                self._row.guess("Câu ở phần đúng/sai nhưng có phương án A, B, C, D nên nhập thành câu nhiều lựa chọn.")
            elif section == "III":
                self._row.guess(
                    "Câu ở phần trả lời ngắn nhưng có phương án A, B, C, D nên nhập thành câu nhiều lựa chọn."
                )
        elif section == "IV":
            draft.kind = "essay"
        elif section == "III" or any(isinstance(k, str) for _w, k in self._keys):
            draft.kind = "short_answer"
        elif section in ("I", "II"):
            draft.kind = "single_choice" if section == "I" else "true_false_group"
        else:
            said = self._keys or self._book.of(section, self._item.number or -1, 0)[0]
            draft.kind = "short_answer" if isinstance(said, str) else "essay"
        kinds = {fold(v) for name, v in self._fields.items() if name in ("type", "loai", "dang")}
        if kinds & {"multiple choice", "nhieu dap an"} and draft.kind == "single_choice":
            draft.kind = "multiple_choice"

    # ------------------------------------------------------------ keys

    def _key(self, draft: Draft, stem: Rich, options: list[_Option]) -> None:
        if draft.kind == "short_answer":
            self._short(draft, options)
        elif draft.kind == "true_false_group":
            self._truths(draft, options)
        elif draft.kind in ("single_choice", "multiple_choice"):
            self._choice(draft, stem, options)
        else:
            self._explained(draft)

    def _from_book(self) -> object | None:
        """The key that a table or a line at the end gives this question."""
        number = self._item.number
        if number is None:
            return None
        at = (self._item.section, number)
        anywhere = ("*", number)
        turn = self._turns.get(anywhere, 0)
        self._turns[at] = self._turns.get(at, 0) + 1
        self._turns[anywhere] = turn + 1
        key, differ = self._book.of(self._item.section, number, turn)
        if differ:
            self._row.guess("Bảng đáp án cho câu %(n)s nhiều đáp án khác nhau nên không lấy.", n=number)
        return key

    def _choice(self, draft: Draft, stem: Rich, options: list[_Option]) -> None:
        row = self._row
        ids = [o.id.upper() for o in options]
        found: dict[str, list[str]] = {}

        def by_letters(name: str, letters: object) -> None:
            if not isinstance(letters, list):
                return
            if any(ids.count(letter) != 1 for letter in letters):
                row.guess(
                    "Đáp án %(value)s không chỉ vào một phương án nào; câu được nhập không kèm đáp án.",
                    value=", ".join(letters),
                )
                found[name] = []
                return
            found[name] = [LETTERS[ids.index(letter)] for letter in letters]

        for _where, key in self._keys:
            if isinstance(key, str) and _where == "words":
                continue
            if (
                "dòng đáp án" in found
                and isinstance(key, list)
                and key != [ids[LETTERS.index(a)] for a in found["dòng đáp án"]]
            ):
                row.guess("Câu có hai dòng đáp án khác nhau nên được nhập không kèm đáp án.")
                found["dòng đáp án"] = []
                continue
            by_letters("dòng đáp án", key)
        correct = self._fields.get("correct") or self._fields.get("dap an") or self._fields.get("dap an dung")
        if correct:
            marks = [m.strip().upper() for m in re.split(r"[,;\s]+", correct) if m.strip()]
            letters = [LETTERS[int(m) - 1] if m.isdigit() and 0 < int(m) <= len(options) else m for m in marks]
            by_letters("dòng đáp án", letters)
            draft.explanation = self._fields.get("explanation") or self._fields.get("giai thich") or ""
        by_letters("bảng đáp án", self._from_book())
        starred = [
            n
            for n, o in enumerate(options)
            if o.sign.startswith("*") or o.sign == "#$" or RIGHT_WORD.search(o.text.text)
        ]
        if starred and len(starred) < len(options):
            found["dấu sao"] = [LETTERS[n] for n in starred]
        for option in options:
            if (right := RIGHT_WORD.search(option.text.text)) and starred:
                option.text = option.text[: right.start()]
        if any(o.sign.startswith("#") for o in options):
            row.tell("Dấu giữ nguyên vị trí phương án (#) không được giữ.")
        shown = _shown_by(self._way, options) if self._way else None
        if shown:
            found[_WAYS[self._way]] = [LETTERS[int(n)] for n in shown]
        keys = [tuple(sorted(k)) for k in found.values() if k]
        if len(set(keys)) > 1:
            first, *others = [(name, k) for name, k in found.items() if k]
            other = next(pair for pair in others if sorted(pair[1]) != sorted(first[1]))
            row.guess(
                "Đáp án theo %(one)s là %(a)s, theo %(other)s là %(b)s, nên câu được nhập không kèm đáp án.",
                one=Message(first[0]),
                a=", ".join(first[1]),
                other=Message(other[0]),
                b=", ".join(other[1]),
            )
            return
        if any(not k for k in found.values()):
            return
        if not keys:
            self._no_key(options)
            return
        key = list(keys[0])
        if len(key) > 1 and draft.kind == "single_choice":
            named = any(isinstance(k, list) and len(k) > 1 for _w, k in self._keys)
            if self._item.section != "I" and (named or WANTS_MANY.search(stem.words())):
                draft.kind = "multiple_choice"
                row.guess("Câu có nhiều phương án được đánh dấu nên được nhập thành câu nhiều đáp án đúng.")
            else:
                row.guess(
                    "Câu một đáp án nhưng có %(count)s phương án được đánh dấu (%(ids)s) nên được nhập không kèm đáp án.",
                    count=len(key),
                    ids=", ".join(key),
                )
                return
        draft.answer = key

    def _no_key(self, options: list[_Option]) -> None:
        others = [w for w in _WAYS if w != self._way and (s := _shown_by(w, options)) and len(s) == 1]
        if others and self._way:
            marked = _shown_by(others[0], options) or []
            self._row.guess(
                "Phương án %(id)s %(how)s, nhưng cả tệp đánh dấu đáp án bằng cách %(way)s. Thầy cô chọn đáp án.",
                id=LETTERS[int(marked[0])],
                how=Message(_WAYS[others[0]]),
                way=Message(_WAYS[self._way]),
            )
        else:
            self._row.guess("Câu hỏi chưa có đáp án đúng.")

    def _truths(self, draft: Draft, options: list[_Option]) -> None:
        row = self._row
        found: dict[str, dict[str, bool]] = {}
        for _where, key in self._keys:
            if isinstance(key, dict):
                found["dòng đáp án"] = key
        book = self._from_book()
        if isinstance(book, dict):
            found["bảng đáp án"] = book
        said: dict[str, bool] = {}
        for option in options:
            if word := TRUTH_WORD.search(option.text.text):
                said[option.id] = (word["a"] or word["b"]).lower() in ("đúng", "đ", "true", "t")
        if len(said) == 4 == len(options):
            found["chữ Đúng, Sai"] = said
            for option in options:
                word = TRUTH_WORD.search(option.text.text)
                option.text = option.text[: word.start()] if word else option.text
        starred = [o.id for o in options if o.sign.startswith("*") or o.sign == "#$"]
        if starred:
            found["dấu sao"] = {o.id: o.id in starred for o in options}
        marked = _marked(self._way, options)
        if marked:
            found[_WAYS[self._way]] = {o.id: str(n) in marked for n, o in enumerate(options)}
        keys = list(found.values())
        if not keys:
            row.guess("Câu đúng/sai chưa có dấu đáp án ở ý nào nên được nhập không kèm đáp án.")
        elif any(k != keys[0] for k in keys):
            names = list(found)
            other = next(name for name in names if found[name] != keys[0])
            row.guess(
                "Đáp án theo %(one)s và theo %(other)s không khớp nhau, nên câu được nhập không kèm đáp án.",
                one=Message(names[0]),
                other=Message(other),
            )
        elif len(options) == 4:
            draft.answer = dict(keys[0])

    def _short(self, draft: Draft, options: list[_Option]) -> None:
        found: list[str] = []
        words: list[str] = []
        for where, key in self._keys:
            if isinstance(key, str):
                (words if where == "words" else found).append(key)
        book = self._from_book()
        if isinstance(book, str):
            found.append(book)
        if len(options) == 1:
            text = options[0].text.words().strip().rstrip(".")
            number = wordkeys.value(text)
            (found if isinstance(number, str) else words).append(number if isinstance(number, str) else text)
        different = {f.replace(".", ",") for f in found}
        if len(different) > 1:
            self._row.guess(
                "Câu có các đáp án khác nhau (%(said)s) nên được nhập không kèm đáp án.", said=", ".join(found)
            )
        elif found:
            draft.answer = found[0].replace(".", ",")
        elif words:
            draft.kind, draft.answer = "text", [words[0]]
        else:
            self._row.guess("Câu hỏi chưa có đáp án đúng.")

    def _explained(self, draft: Draft) -> None:
        if draft.kind == "essay" and self._item.section != "IV":
            self._row.tell("Câu không có phương án và không có đáp án ngắn nên được hiểu là câu tự luận.")

    # ------------------------------------------------------------ texts

    def _write(self, draft: Draft, stem: Rich, options: list[_Option], rest: Rich) -> None:
        row = self._row
        stem = self._without_audio(stem)
        own = stem.markdown(plain=True, notes=self._notes)
        own = re.sub(r"(?m)^[._…·\s]{4,}$", "", own).strip() if draft.kind in ("short_answer", "essay", "text") else own
        if draft.kind == "short_answer" and len(options) == 1:
            options = []
        passage = self._joined(self._item.passage).markdown(notes=self._notes) if self._item.passage else ""
        passage = _blanks(passage)
        number = self._item.blank if self._item.blank is not None else self._item.number
        if passage and not own and number is not None:
            own = f"({number})" if re.search(rf"\(\s*{number}\s*\)", passage) else ""
        if rest:
            own = self._after(own, rest)
        draft.stem = "\n\n".join(t for t in (passage, own) if t)
        if passage:
            row.tell("Đoạn ngữ liệu chung được giữ trong đề bài của từng câu.")
        if draft.kind == "true_false_group":
            draft.choices = [{"id": i, "text": self._option(o)} for i, o in zip(STATEMENTS, options, strict=False)]
        elif draft.kind in ("single_choice", "multiple_choice"):
            draft.choices = [{"id": LETTERS[n], "text": self._option(o)} for n, o in enumerate(options[: len(LETTERS)])]
            wanted = [o.id.upper() for o in options]
            if wanted != list(LETTERS[: len(wanted)]):
                row.guess("Nhãn các phương án không theo thứ tự A, B, C, D.")
            if len(wanted) > 4 and len(wanted) == 8 and wanted[:4] == wanted[4:]:
                row.drop("Hai câu bị dính vào nhau: có hai bộ phương án.")
        explanation = self._joined(self._solution).strip().markdown(plain=True, notes=self._notes)
        draft.explanation = "\n\n".join(t for t in (draft.explanation, explanation) if t)
        if not draft.stem:
            row.drop("Câu không có đề bài.")
        elif draft.kind in ("single_choice", "true_false_group", "multiple_choice") and not options:
            row.drop("Câu không có phương án nào.")
        empty = [c["id"] for c in draft.choices if not c["text"].strip()]
        if empty:
            row.drop("Phương án %(id)s không có nội dung.", id=", ".join(empty))

    def _option(self, option: _Option) -> str:
        """An option's text: the mark of the key is no part of it, underlined letters inside it are."""
        return option.text.strip().markdown(plain=True, notes=self._notes)

    def _without_audio(self, stem: Rich) -> Rich:
        while match := AUDIO.search(stem.text):
            self._row.guess("Tệp âm thanh %(name)s không có trong tệp Word nên không nhập.", name=match[1].strip()[:80])
            stem = stem[: match.start()] + stem[match.end() :]
        return stem.strip()

    def _after(self, own: str, rest: Rich) -> str:
        """What stands after the options: a lone picture belongs to the stem, other text is told."""
        if not rest.text.replace("\ufffc", "").strip(" \t\n\x1e.") and rest.things:
            self._row.guess("Hình đứng sau các phương án được đưa lên đề bài.")
            return "\n\n".join(t for t in (own, rest.markdown()) if t)
        words = " ".join(rest.words().split())
        if not BLANK_LINE.match(words):
            self._row.guess("Đoạn sau phương án cuối không rõ thuộc câu nào nên không nhập: %(said)s", said=words[:200])
        return own


def _marked(way: str, options: list[_Option]) -> list[str]:
    """Statements that carry the paper's look; all four may be true."""
    if not way:
        return []
    if way == "underline":
        labels = [str(n) for n, o in enumerate(options) if _all(o.label, "underline")]
        return labels or (_shown_by(way, options) or [])
    return _shown_by(way, options) or []


def _blanks(passage: str) -> str:
    """`{<1>}_____` of a shared passage becomes `(1) _____`."""
    passage = re.sub(r"\{\s*\\?<\s*(\d{1,3})\s*\\?>\s*\}[ ]*", r"(\1) ", passage)
    return re.sub(r"(\(\d{1,3}\) )((?:\\_)+)", lambda m: m[1] + m[2].replace("\\", ""), passage)
