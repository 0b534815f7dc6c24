"""Tables: CSV and XLSX, one row for each question, headers in Vietnamese or English, with a template.

Columns are found by their header, wherever it stands in the first rows; unknown columns are told. Cells that
a spreadsheet could take for a formula are guarded when written, and unguarded when read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import python_calamine
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.questions.formats.html import looks_like_html, to_markdown
from app.questions.formats.model import (
    MAX_BYTES,
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

LETTERS = "ABCDEFGHIJ"
SEPARATORS = (",", ";", "\t", "|")
MAX_UNPACKED = 200 * 1024 * 1024
MAX_COLUMNS = 200
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# column, header in Vietnamese, in English, other headers met in teachers' files (folded)
COLUMNS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("external_id", "Mã câu", "Id", ("id", "stt", "ma", "tt", "ma cau hoi", "external id", "no")),
    (
        "kind",
        "Dạng",
        "Kind",
        ("type", "dang cau hoi", "loai", "loai cau hoi", "kieu", "question type", "dang cau"),
    ),
    (
        "stem",
        "Đề bài",
        "Question",
        ("stem", "noi dung", "cau hoi", "noi dung cau hoi", "question text", "cau dan", "de"),
    ),
    *(
        (
            f"choice_{letter}",
            f"Phương án {letter}",
            f"Choice {letter}",
            (
                letter.lower(),
                f"dap an {letter.lower()}",
                f"pa {letter.lower()}",
                f"y {letter.lower()}",
                f"lua chon {letter.lower()}",
                f"option {letter.lower()}",
                f"option {n}",
                f"choice {n}",
                f"phuong an {n}",
                f"dap an {n}",
                f"answer {letter.lower()}",
            ),
        )
        for n, letter in enumerate(LETTERS, 1)
    ),
    (
        "answer",
        "Đáp án đúng",
        "Answer",
        (
            "dap an",
            "key",
            "correct",
            "correct options",
            "correct answer",
            "choice",
            "dap an dung s",
            "ket qua",
        ),
    ),
    (
        "explanation",
        "Lời giải",
        "Explanation",
        ("giai thich", "huong dan giai", "loi giai chi tiet", "solution"),
    ),
    ("subject", "Môn", "Subject", ("mon hoc", "ma mon")),
    ("grade", "Lớp", "Grade", ("khoi", "khoi 1 12", "khoi lop", "grade 1 12")),
    ("topic", "Chủ đề", "Topic", ("chuong", "bai", "noi dung kien thuc", "chu de bai")),
    ("level", "Mức độ", "Level", ("muc do nhan thuc", "difficulty", "do kho")),
    ("tags", "Thẻ", "Tags", ("nhan", "tu khoa", "keywords")),
    ("scoring", "Cách tính điểm", "Scoring", ()),
    ("language", "Ngôn ngữ", "Language", ("lang",)),
)
_HEADERS = {
    name: key for key, vi, en, others in COLUMNS for name in (fold(vi), fold(en), key.replace("_", " "), *others)
}
_KINDS = {
    "single_choice": (
        "single choice",
        "nhieu lua chon",
        "trac nghiem",
        "mot lua chon",
        "mot dap an",
        "nhieu phuong an lua chon",
        "trac nghiem nhieu phuong an lua chon",
        "mcq",
        "single",
        "multiple choice single answer",
    ),
    "multiple_choice": ("multiple choice", "nhieu dap an", "nhieu dap an dung", "multi", "multiple"),
    "true_false_group": (
        "true false group",
        "dung sai",
        "dung sai 4 y",
        "trac nghiem dung sai",
        "tf4",
        "trac nghiem dung sai 4 y",
    ),
    "short_answer": ("short answer", "tra loi ngan", "trac nghiem tra loi ngan", "dien so", "short", "tln"),
    "essay": ("essay", "tu luan", "tl"),
    "true_false": ("true false",),
}
_KIND_OF = {word: code for code, words in _KINDS.items() for word in words}
KIND_NAMES = {
    "single_choice": "Nhiều lựa chọn",
    "multiple_choice": "Nhiều đáp án đúng",
    "true_false_group": "Đúng/sai, 4 ý",
    "short_answer": "Trả lời ngắn",
}
_STATEMENT = re.compile(r"\b[a-d]\s*[).:-]\s*(?=(?:đúng|sai|true|false|đ|s|t|f)\b)", re.I)
_YES = {"d", "dung", "t", "true", "1", "yes"}
_NO = {"s", "sai", "f", "false", "0", "no"}
_AT_LINE = re.compile(r"(?m)^[^\S\n]*\(?([A-J])\s?[.)/:]\s*")
_AT_WORD = re.compile(r"(?:(?<=\s)|^)\(?([A-J])\s?[.)/:]\s*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_csv(data: bytes) -> Reading:
    """A CSV file, comma, semicolon or tab; raises Unreadable."""
    text, messages = decoded(data)
    if not text.strip():
        raise Unreadable("Tệp trống.")
    separator = _separator(text)
    csv.field_size_limit(1_000_000)
    try:
        rows = list(_limited(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except csv.Error:
        raise Unreadable("Bảng CSV hỏng nên không đọc được.") from None
    return _read("csv", [("", rows)], messages)


def _separator(text: str) -> str:
    """The sign that gives a header row; without one, the sign met most often."""
    lines = text.split("\n", 12)[:12]
    for sign in SEPARATORS:
        if any(header(next(csv.reader([line], delimiter=sign), [])) for line in lines):
            return sign
    return max(SEPARATORS, key="\n".join(lines).count)


def read_xlsx(data: bytes) -> Reading:
    """An XLSX workbook: every sheet that has a header row; raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > 5_000 or sum(e.file_size for e in entries) > MAX_UNPACKED:
                raise Unreadable("Tệp bảng tính mở ra quá lớn nên không nhận.")
            names = {e.filename for e in entries}
            if any(e.flag_bits & 1 for e in entries):
                raise Unreadable("Tệp có mật khẩu nên không đọc được.")
            if "xl/workbook.xml" not in names and not any(n.endswith("workbook.xml") for n in names):
                raise Unreadable("Tệp không phải là bảng tính XLSX.")
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Unreadable("Tệp bảng tính hỏng nên không đọc được. Thầy cô mở bằng Excel rồi lưu lại.") from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for name in book.sheet_names[:50]:
            sheet = book.get_sheet_by_name(name)
            sheets.append((name, list(_limited(sheet.iter_rows()))))
    except Unreadable:
        raise
    except Exception:  # calamine raises its own errors, and a Rust panic on some broken files
        raise Unreadable("Tệp bảng tính hỏng nên không đọc được. Thầy cô mở bằng Excel rồi lưu lại.") from None
    return _read("xlsx", sheets, [])


def _limited(rows: Iterable[Any]) -> Iterator[list[Any]]:
    for n, row in enumerate(rows):
        if n > MAX_QUESTIONS + 50:
            raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
        yield list(row[:MAX_COLUMNS])


def looks_like(text: str) -> bool:
    """Does one of the first lines name a question column and an answer column?"""
    return any(
        header(next(csv.reader([line[:10_000]], delimiter=sign), []))
        for line in text.lstrip("\ufeff").split("\n", 12)[:12]
        for sign in SEPARATORS
    )


def header(cells: list[Any]) -> dict[int, str] | None:
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        name = fold(cell)
        key = _HEADERS.get(name) or next(
            (_HEADERS[h] for h in (name.split(" de ")[0], " ".join(name.split()[:2])) if h in _HEADERS), None
        )
        if key and key not in found.values():
            found[at] = key
    keys = set(found.values())
    return found if "stem" in keys and ("answer" in keys or "choice_A" in keys) else None


def _read(name: str, sheets: list[tuple[str, list[list[Any]]]], messages: list[Message]) -> Reading:
    reading = Reading(name, messages=messages)
    headed = False
    for sheet, rows in sheets:
        for top in range(min(12, len(rows))):
            columns = header(rows[top])
            if columns is not None:
                break
        else:
            if len(sheets) > 1 and any(any(_shown(c) for c in r) for r in rows):
                reading.messages.append(
                    Message("Trang tính %(name)s không có dòng tiêu đề nên không đọc.", {"name": sheet})
                )
            continue
        headed = True
        unknown = [tidy(str(c)) for at, c in enumerate(rows[top]) if at not in columns and _shown(c)]
        if unknown:
            reading.messages.append(Message("Các cột không nhập: %(names)s.", {"names": ", ".join(unknown[:20])}))
        for number, cells in enumerate(rows[top + 1 :], top + 2):
            if not any(_shown(c) for c in cells):
                continue
            if len(reading.rows) >= MAX_QUESTIONS:
                raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
            place = f"{sheet}!{number}" if sheet and len(sheets) > 1 else str(number)
            row = Row(len(reading.rows) + 1, READ, None, place=place)
            row.source = " | ".join(_shown(c) for c in cells if _shown(c))[:MAX_SOURCE]
            question(row, {key: cells[at] for at, key in columns.items() if at < len(cells)})
            reading.rows.append(row)
    if not headed:
        raise Unreadable("Không thấy dòng tiêu đề có cột đề bài và đáp án. Thầy cô tải bảng mẫu để đối chiếu.")
    return reading


def _shown(cell: Any) -> str:
    """A cell as text: numbers with decimal comma and no needless zeros, guards against formulas taken off."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "Đúng" if cell else "Sai"
    if isinstance(cell, (int, float)):
        return decimal_text(Decimal(repr(cell))) if abs(cell) < 1e15 else str(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    text = str(cell)
    if text.startswith("'") and text[1:2] in _FORMULA:
        text = text[1:]
    return tidy(text)


def question(row: Row, cells: dict[str, Any]) -> None:
    if any(isinstance(c, (date, time, timedelta)) for k, c in cells.items() if k not in ("tags", "external_id")):
        row.guess("Có ô bị Excel đổi thành ngày tháng (ví dụ 1/2). Thầy cô xem lại số liệu.")
    text = {key: _shown(cell) for key, cell in cells.items()}
    for key in ("stem", "explanation"):
        if looks_like_html(text.get(key, "")):
            text[key], images = to_markdown(text[key])
            if images:
                row.guess("%(count)s hình trong câu không nhập được từ bảng.", count=images)
    draft = Draft("", text.get("stem", ""), explanation=text.get("explanation", ""))
    row.draft = draft
    draft.external_id = text.get("external_id", "")[:100]
    draft.tags = [t.strip()[:60] for t in re.split(r"[,;]", text.get("tags", "")) if t.strip()]
    draft.language = text.get("language") or None
    draft.scoring = "linear" if fold(text.get("scoring", "")) in ("linear", "deu", "tuyen tinh") else None
    _about(row, draft, text)
    texts = [(letter, text.get(f"choice_{letter}", "")) for letter in LETTERS]
    texts = [(letter, t) for letter, t in texts if t]
    if not texts:
        draft.stem, texts = _inline_choices(row, draft.stem)
    draft.stem = re.sub(r"^(?:Câu|CÂU|Question)\s*\d+\s*[.:)]\s*", "", draft.stem)
    if not draft.stem:
        row.draft = None
        row.drop("Dòng này không có đề bài.")
        return
    if not texts and not text.get("answer") and not text.get("kind"):
        row.drop("Dòng chỉ có lời văn, không có phương án và đáp án.")
    kind = _kind(row, text, texts)
    draft.kind = kind
    if kind == "true_false_group":
        draft.choices = [{"id": i, "text": t} for i, (_letter, t) in zip("abcdefghij", texts, strict=False)]
    elif kind in ("single_choice", "multiple_choice"):
        draft.choices = [{"id": LETTERS[n], "text": t} for n, (_letter, t) in enumerate(texts)]
    _answer(row, draft, text.get("answer", ""), [letter for letter, _t in texts])


def _about(row: Row, draft: Draft, text: dict[str, str]) -> None:
    draft.subject, draft.topic = text.get("subject") or None, text.get("topic") or None
    if grade := text.get("grade", ""):
        digits = re.search(r"\d+", grade)
        if digits and 1 <= int(digits.group()) <= 12:
            draft.grade = int(digits.group())
        else:
            row.guess("Không hiểu lớp %(value)s.", value=grade[:40])
    draft.level = text.get("level") or None


def _kind(row: Row, text: dict[str, str], texts: list[tuple[str, str]]) -> str:
    said = fold(text.get("kind", "").replace("_", " "))
    key = text.get("answer", "")
    code = text.get("kind", "") if text.get("kind", "") in _KINDS else _KIND_OF.get(said)
    parts = _parts(key)
    if code == "true_false" and len(texts) == 4:
        code = "true_false_group"
    if code is None:
        words = [fold(p) for p in parts]
        if len(texts) == 4 and len(words) == 4 and set(words) <= (_YES | _NO) - {"1", "0"}:
            code = "true_false_group"
        elif not texts and re.fullmatch("[A-J]", key):
            code = "single_choice"
        elif not texts:
            code = "short_answer" if re.fullmatch(r"[-−]?\d+([.,]\d+)?", key) or not key else "text"
        else:
            code = "multiple_choice" if len(parts) > 1 else "single_choice"
        if said:
            row.guess("Không hiểu dạng câu %(value)s nên dạng được đoán.", value=text["kind"][:40])
    return code


def _parts(key: str) -> list[str]:
    """The single marks of a key: `A, C`, `1,3`, `ĐSĐS`, `Đ S Đ S`, `ABD`."""
    key = _STATEMENT.sub(" ", key).strip()
    if re.fullmatch(r"[A-Ja-j]{2,10}", key) or re.fullmatch(r"[ĐđDdSs]{4}|[TtFf]{4}", key):
        return list(key)
    return [re.sub(r"^([a-dA-D])\s*[).:-]\s*(?=\S)", "", p).strip() for p in re.split(r"[,;/\s]+(?![).:])", key) if p]


def _answer(row: Row, draft: Draft, key: str, letters: list[str]) -> None:
    if not key:
        if draft.kind != "essay":
            row.guess("Câu hỏi chưa có đáp án đúng.")
        return
    if draft.kind == "short_answer":
        draft.answer = key.replace(" ", "").replace("−", "-").replace(".", ",")
        return
    if draft.kind == "text":
        draft.answer = [key]
        return
    if draft.kind == "essay":
        draft.explanation = "\n\n".join(p for p in (draft.explanation, key) if p)
        return
    if draft.kind == "true_false_group":
        words = [fold(re.sub(r"^[a-d]\s*[).:-]\s*", "", p, flags=re.I)) for p in _parts(key)]
        if len(words) == 4 and set(words) <= (_YES | _NO):
            draft.answer = {i: word in _YES for i, word in zip("abcd", words, strict=True)}
        else:
            row.guess("Đáp án đúng/sai phải đủ bốn ý, ví dụ Đ,S,Đ,S; câu được nhập không kèm đáp án.")
        return
    chosen: list[str] = []
    for part in _parts(key):
        mark = part.strip("().").upper()
        if mark.isdigit() and 1 <= int(mark) <= len(letters):
            chosen.append(LETTERS[int(mark) - 1])
        elif mark in letters and letters.count(mark) == 1:
            chosen.append(LETTERS[letters.index(mark)])
        else:
            row.guess(
                "Đáp án %(value)s không chỉ vào một phương án nào; câu được nhập không kèm đáp án.",
                value=key[:40],
            )
            return
    draft.answer = list(dict.fromkeys(chosen))
    if draft.kind == "single_choice" and len(draft.answer) > 1:
        draft.kind = "multiple_choice"
        row.guess("Câu một lựa chọn có nhiều đáp án nên được nhập thành câu nhiều đáp án đúng.")


def _inline_choices(row: Row, stem: str) -> tuple[str, list[tuple[str, str]]]:
    """Options written inside the question's own cell, each after its letter: `… A. … B. … C. … D. …`.

    Letters that begin a line win over letters inside one: "Anh A và anh B." names people.
    """
    by_line, by_word = _run(stem, _AT_LINE), _run(stem, _AT_WORD)
    run, loose = by_line if len(by_line[0]) >= max(3, len(by_word[0]) - 1) else by_word
    if len(run) < 2:
        return stem, []
    for letter in loose:
        row.guess("Nhãn phương án %(id)s dính liền hoặc thiếu dấu chấm nên chỗ tách được đoán.", id=letter)
    ends = [start for _letter, start, _end in run[1:]] + [len(stem)]
    texts = [
        (letter, re.sub(r"^\.\s*", "", stem[end:until].strip()))
        for (letter, _start, end), until in zip(run, ends, strict=True)
    ]
    if [letter for letter, _text in texts] != list(LETTERS[: len(texts)]):
        row.guess("Nhãn các phương án không theo thứ tự A, B, C, D.")
    if any(not t for _letter, t in texts):
        row.guess("Có phương án để trống nên bị bỏ.")
        texts = [(letter, t) for letter, t in texts if t]
    row.tell("Các phương án được tách từ đề bài.")
    return stem[: run[0][1]].strip(), texts


def _run(stem: str, labels: re.Pattern[str]) -> tuple[list[tuple[str, int, int]], list[str]]:
    """(letter, start, end) of each label in order, and the letters found only by a looser look."""
    marks = [(m.group(1), m.start(), m.end()) for m in labels.finditer(stem)]

    def next_of(letter: str, at: int) -> tuple[str, int, int] | None:
        return next((m for m in marks if m[0] == letter and m[1] >= at), None)

    def loosely(letter: str, at: int, until: int) -> tuple[str, int, int] | None:
        pattern = rf"(?m:^)\s*{letter}\s+(?=\S)|(?<=[^\s\d(]){letter}\s?\.\s?(?=\S)"
        found = re.compile(pattern).search(stem, at, until)
        return (letter, found.start(), found.end()) if found else None

    loose: list[str] = []
    first = next((m for m in marks if m[0] == "A" and (next_of("B", m[2]) or next_of("C", m[2]))), None)
    if first is None:
        second = next((m for m in marks if m[0] == "B" and next_of("C", m[2])), None)
        first = loosely("A", 0, second[1]) if second else None
        if first is None:
            return [], []
        loose.append("A")
    run = [first]
    for letter, following in zip(LETTERS[1:], [*LETTERS[2:], ""], strict=True):
        at = run[-1][2]
        found, after = next_of(letter, at), next_of(following, at)
        if found is None or (after is not None and after[1] < found[1]):
            found = loosely(letter, at, after[1] if after else len(stem)) if after or len(run) == 3 else None
            if found is not None:
                loose.append(letter)
        if found is None:
            break
        run.append(found)
    # Labels that repeat or jump (A B C C): the rest of the last option still holds options.
    run += [m for m in marks if m[1] >= run[-1][2]] if labels is _AT_LINE else []
    return run, loose


# ---------------------------------------------------------------- writing


def guarded(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = _ILLEGAL.sub("", text)
    return f"'{text}" if text.startswith((*_FORMULA, "'=", "'+", "'-", "'@")) else text


def _cells(row: Row, draft: Draft) -> dict[str, str]:
    key: Any = draft.answer
    cells = {
        "external_id": draft.external_id,
        "kind": KIND_NAMES.get(draft.kind, draft.kind),
        "stem": draft.stem,
        "explanation": draft.explanation,
        "subject": draft.subject or "",
        "grade": str(draft.grade or ""),
        "topic": draft.topic or "",
        "level": draft.level or "",
        "tags": ", ".join(t.replace(",", " ") for t in draft.tags),
        "scoring": draft.scoring or "",
        "language": draft.language or "",
        "answer": "",
    }
    cells |= {f"choice_{LETTERS[n]}": c["text"] for n, c in enumerate(draft.choices[: len(LETTERS)])}
    if key is None:
        row.guess("Câu hỏi xuất ra không kèm đáp án.")
    elif draft.kind == "true_false_group":
        cells["answer"] = ", ".join("Đ" if key.get(c["id"]) else "S" for c in draft.choices)
    elif draft.kind in ("single_choice", "multiple_choice"):
        places = {c["id"]: LETTERS[n] for n, c in enumerate(draft.choices[: len(LETTERS)])}
        cells["answer"] = ", ".join(places[a] for a in key if a in places)
    else:
        cells["answer"] = str(key)
    if "![" in draft.stem or any("![" in c["text"] for c in draft.choices):
        row.guess("Bảng không mang được hình; chỉ còn địa chỉ của hình.")
    return cells


def _columns(drafts: list[Draft]) -> list[tuple[str, str]]:
    most = max([6, *(len(d.choices) for d in drafts)])
    unused = {f"choice_{letter}" for letter in LETTERS[most:]}
    return [(key, vi) for key, vi, _en, _others in COLUMNS if key not in unused]


def write_csv(drafts: list[Draft]) -> Writing:
    """CSV in UTF-8 with its mark, so that Excel reads Vietnamese."""
    rows = [Row(n, READ, draft) for n, draft in enumerate(drafts, 1)]
    columns = _columns(drafts)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([title for _key, title in columns])
    for row in rows:
        cells = _cells(row, row.draft) if row.draft else {}
        writer.writerow([guarded(cells.get(key, "")) for key, _title in columns])
    return Writing("csv", b"\xef\xbb\xbf" + out.getvalue().encode(), "text/csv; charset=utf-8", "csv", rows)


def write_xlsx(drafts: list[Draft]) -> Writing:
    """XLSX with text cells only: nothing is a formula, a date or a number that loses its zeros."""
    rows = [Row(n, READ, draft) for n, draft in enumerate(drafts, 1)]
    columns = _columns(drafts)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Câu hỏi")
    sheet.freeze_panes = "A2"
    for n, (key, _title) in enumerate(columns, 1):
        wide = 60 if key == "stem" else 40 if key == "explanation" else 24 if key.startswith("choice") else 14
        sheet.column_dimensions[get_column_letter(n)].width = wide
    head = []
    for _key, title in columns:
        cell = WriteOnlyCell(sheet, title)
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for row in rows:
        cells = _cells(row, row.draft) if row.draft else {}
        sheet.append([_text_cell(sheet, cells.get(key, "")) for key, _title in columns])
    out = io.BytesIO()
    book.save(out)
    return Writing("xlsx", out.getvalue(), XLSX_TYPE, "xlsx", rows)


def _text_cell(sheet: Any, text: str) -> Any:
    if not text:
        return None
    cell = WriteOnlyCell(sheet, "")
    cell.value = _ILLEGAL.sub("", text)[:32_767]
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def template() -> list[Draft]:
    """The rows of the template: one question of each kind."""
    return [
        Draft(
            "single_choice",
            "Hàm số $y = x^3 - 3x$ đồng biến trên khoảng nào?",
            [
                {"id": "A", "text": "$(-1; 1)$"},
                {"id": "B", "text": "$(1; +\\infty)$"},
                {"id": "C", "text": "$(-1; 0)$"},
                {"id": "D", "text": "$(0; 1)$"},
            ],
            ["B"],
            "$y' = 3x^2 - 3 > 0$ khi $x < -1$ hoặc $x > 1$.",
            subject="TOAN",
            grade=12,
            level="BIET",
        ),
        Draft(
            "multiple_choice",
            "Những số nào sau đây là số nguyên tố?",
            [{"id": i, "text": t} for i, t in zip("ABCD", ("2", "9", "11", "15"), strict=True)],
            ["A", "C"],
            subject="TOAN",
            grade=6,
            level="BIET",
        ),
        Draft(
            "true_false_group",
            "Cho hàm số $f(x) = x^2 - 2x$. Xét tính đúng, sai của các khẳng định sau.",
            [
                {"id": "a", "text": "$f(0) = 0$."},
                {"id": "b", "text": "Đồ thị có trục đối xứng $x = -1$."},
                {"id": "c", "text": "Giá trị nhỏ nhất của hàm số là $-1$."},
                {"id": "d", "text": "Hàm số đồng biến trên $(0; 1)$."},
            ],
            {"a": True, "b": False, "c": True, "d": False},
            subject="TOAN",
            grade=10,
            level="HIEU",
        ),
        Draft(
            "short_answer",
            "Tính $\\sqrt{2}$, làm tròn đến hàng phần trăm.",
            answer="1,41",
            subject="TOAN",
            grade=9,
            level="VANDUNG",
        ),
    ]
