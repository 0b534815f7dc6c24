"""Question types of surveys, their counting, and the withholding of small groups: no database, no clock.

A type checks its question and an answer, counts answers, and shows counts. Counting keeps true
figures; only `show` decides what may leave the house, and every page, API answer and export uses it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from app.core.errors import Invalid
from app.core.i18n import gettext as _

K = 5
MAX_ITEMS, MAX_OPTIONS, MAX_ROWS, MAX_TEXT = 60, 30, 20, 2000

Item = dict[str, Any]


class Wrong(ValueError):
    """A question or an answer that does not fit; the message is for people."""


def hidden_cells(cells: Mapping[str, int], k: int = K) -> frozenset[str]:
    """Which cells of a partition with a known total must stay unseen.

    Cells of 1..k-1 are hidden, then the smallest others, until no hidden cell follows from the
    total: at least two hidden, and each could still be k or more given that the rest are not empty.
    Where that cannot be reached everything is hidden, empty cells too.
    """
    hidden = {name for name, count in cells.items() if 0 < count < k}
    if not hidden:
        return frozenset()
    open_cells = sorted((count, name) for name, count in cells.items() if count >= k)
    while True:
        total = sum(cells[name] for name in hidden)
        if len(hidden) >= 2 and total - len(hidden) + 1 >= k:
            return frozenset(hidden)
        if not open_cells:
            return frozenset(cells)
        hidden.add(open_cells.pop(0)[1])


SKIPPED = "\x00skipped"


def _shown(options: list[dict[str, str]], counts: Mapping[str, int], skipped: int, k: int) -> dict[str, Any]:
    """Cells of one partition: the options and those who gave no answer."""
    cells = {option["id"]: counts.get(option["id"], 0) for option in options} | {SKIPPED: skipped}
    hidden = hidden_cells(cells, k)
    answered = None if SKIPPED in hidden else sum(cells.values()) - skipped
    rows = []
    for option in options:
        count = None if option["id"] in hidden else cells[option["id"]]
        share = round(count / answered, 4) if count is not None and answered else None
        rows.append({**option, "count": count, "share": share, "withheld": count is None})
    return {"answered": answered, "options": rows, "withheld": bool(hidden)}


def _text(raw: Any, limit: int, what: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise Wrong(_("Chưa có %(what)s.", what=what))
    if len(raw.strip()) > limit:
        raise Wrong(_("Dài quá: tối đa %(limit)s chữ cái.", limit=limit))
    return raw.strip()


def _listed(raw: Any, least: int, most: int, prefix: str, what: str) -> list[dict[str, str]]:
    """Options or rows: strings, or objects with `id` and `text`; ids are made where missing."""
    if not isinstance(raw, list) or not least <= len(raw) <= most:
        raise Wrong(_("Cần từ %(least)s đến %(most)s %(what)s.", least=least, most=most, what=what))
    made = []
    for n, entry in enumerate(raw, 1):
        given = entry if isinstance(entry, dict) else {"text": entry}
        made_id = given.get("id", f"{prefix}{n}")
        if not isinstance(made_id, str | int) or isinstance(made_id, bool) or not 0 < len(str(made_id)) <= 32:
            raise Wrong(_("Mã của %(what)s không hợp lệ.", what=what))
        made.append({"id": str(made_id), "text": _text(given.get("text"), 300, what)})
    for part in ("id", "text"):
        if len({entry[part] for entry in made}) < len(made):
            raise Wrong(_("Có hai %(what)s trùng nhau.", what=what))
    return made


class Kind:
    """One question type. `check` completes the question from raw input; `read` returns the answer or None."""

    code: ClassVar[str]

    def check(self, raw: Mapping[str, Any]) -> Item:
        raise NotImplementedError

    def read(self, item: Item, raw: Any) -> Any:
        raise NotImplementedError

    def count(self, item: Item, answers: list[Any]) -> dict[str, Any]:
        raise NotImplementedError

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        raise NotImplementedError


class Single(Kind):
    code = "single"

    def check(self, raw: Mapping[str, Any]) -> Item:
        given = raw.get("options", raw.get("choices"))
        return {"options": _listed(given, 2, MAX_OPTIONS, "", _("lựa chọn"))}

    def read(self, item: Item, raw: Any) -> Any:
        if isinstance(raw, list) and len(raw) < 2:
            raw = raw[0] if raw else None
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            raise Wrong(_("Câu này chỉ chọn một ý."))
        if str(raw) not in {option["id"] for option in item["options"]}:
            raise Wrong(_("Lựa chọn không có trong câu hỏi."))
        return str(raw)

    def count(self, item: Item, answers: list[Any]) -> dict[str, Any]:
        counts = Counter(a for a in answers if a is not None)
        return {"counts": dict(counts), "skipped": sum(a is None for a in answers)}

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        return _shown(item["options"], figures["counts"], figures["skipped"], k)


class Scale(Single):
    """Points in order; the mean is told only when every cell is, or it would help to find a hidden one."""

    code = "scale"

    def check(self, raw: Mapping[str, Any]) -> Item:
        labels = raw.get("labels", raw.get("options"))
        low, high = raw.get("min", 1), raw.get("max")
        if isinstance(low, bool) or not isinstance(low, int) or low not in (0, 1):
            raise Wrong(_("Thang đo bắt đầu từ 0 hoặc 1."))
        if not labels:
            high = 5 if high is None else high
            if isinstance(high, bool) or not isinstance(high, int) or not low < high <= 10:
                raise Wrong(_("Thang đo kết thúc ở số từ 2 đến 10."))
            labels = [str(point) for point in range(low, high + 1)]
        made = _listed(
            [e["text"] if isinstance(e, dict) and "text" in e else e for e in labels]
            if isinstance(labels, list)
            else labels,
            2,
            11,
            "",
            _("mức"),
        )
        return {"options": [{"id": str(low + n), "text": entry["text"]} for n, entry in enumerate(made)]}

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        shown = super().show(item, figures, k)
        shown["mean"] = None
        if not shown["withheld"] and shown["answered"]:
            total = sum(int(option["id"]) * option["count"] for option in shown["options"])
            shown["mean"] = round(total / shown["answered"], 2)
        return shown


class Multiple(Single):
    """Every option is a partition of its own: those who chose it, those who did not, those who skipped."""

    code = "multiple"

    def read(self, item: Item, raw: Any) -> list[str] | None:
        if raw is None or raw == "" or raw == []:
            return None
        if not isinstance(raw, list) or any(isinstance(e, bool) or not isinstance(e, str | int) for e in raw):
            raise Wrong(_("Câu này cần một danh sách các ý đã chọn."))
        chosen = {str(e) for e in raw}
        ids = [option["id"] for option in item["options"]]
        if not chosen <= set(ids):
            raise Wrong(_("Lựa chọn không có trong câu hỏi."))
        return [one for one in ids if one in chosen]

    def count(self, item: Item, answers: list[Any]) -> dict[str, Any]:
        counts = Counter(one for a in answers if a for one in a)
        return {
            "counts": dict(counts),
            "skipped": sum(a is None for a in answers),
            "answered": sum(a is not None for a in answers),
        }

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        answered, skipped = figures["answered"], figures["skipped"]
        known = not hidden_cells({"answered": answered, "skipped": skipped}, k)
        rows = []
        for option in item["options"]:
            count = figures["counts"].get(option["id"], 0)
            groups = (count, answered - count, answered + skipped - count)
            seen = all(group == 0 or group >= k for group in groups)
            share = round(count / answered, 4) if seen and known and answered else None
            rows.append({**option, "count": count if seen else None, "share": share, "withheld": not seen})
        withheld = not known or any(row["withheld"] for row in rows)
        return {"answered": answered if known else None, "options": rows, "withheld": withheld}


class Matrix(Kind):
    code = "matrix"

    def check(self, raw: Mapping[str, Any]) -> Item:
        columns = raw.get("options", raw.get("columns", raw.get("choices")))
        return {
            "rows": _listed(raw.get("rows"), 1, MAX_ROWS, "r", _("dòng")),
            "options": _listed(columns, 2, 11, "", _("cột")),
        }

    def read(self, item: Item, raw: Any) -> dict[str, str] | None:
        if raw is None or raw == "" or raw == {}:
            return None
        if not isinstance(raw, dict) or not set(raw) <= {row["id"] for row in item["rows"]}:
            raise Wrong(_("Câu này cần một ý cho mỗi dòng."))
        single = Single()
        read = {row: single.read(item, value) for row, value in raw.items()}
        chosen = {row: value for row, value in read.items() if value is not None}
        if chosen and item["required"] and len(chosen) < len(item["rows"]):
            raise Wrong(_("Em chưa chọn đủ các dòng của câu này."))
        return chosen or None

    def count(self, item: Item, answers: list[Any]) -> dict[str, Any]:
        single = Single()
        return {row["id"]: single.count(item, [(a or {}).get(row["id"]) for a in answers]) for row in item["rows"]}

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        rows = [
            {**row, **_shown(item["options"], figures[row["id"]]["counts"], figures[row["id"]]["skipped"], k)}
            for row in item["rows"]
        ]
        return {"rows": rows, "withheld": any(row["withheld"] for row in rows)}


class Text(Kind):
    """Free words; shown from k answers on and in random order, to those who keep the survey only."""

    code = "text"

    def check(self, raw: Mapping[str, Any]) -> Item:
        limit = raw.get("max_length", 300)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_TEXT:
            raise Wrong(_("Độ dài tối đa là số từ 1 đến %(most)s.", most=MAX_TEXT))
        return {"max_length": limit}

    def read(self, item: Item, raw: Any) -> str | None:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if not isinstance(raw, str):
            raise Wrong(_("Câu này trả lời bằng chữ."))
        # Browsers count a line end as one letter and send two.
        text = "\n".join(raw.replace("\x00", "").splitlines()).strip()
        if len(text) > item["max_length"]:
            raise Wrong(_("Dài quá: tối đa %(limit)s chữ cái.", limit=item["max_length"]))
        return text or None

    def count(self, item: Item, answers: list[Any]) -> dict[str, Any]:
        texts = [a for a in answers if a is not None]
        random.SystemRandom().shuffle(texts)
        return {"texts": texts}

    def show(self, item: Item, figures: dict[str, Any], k: int) -> dict[str, Any]:
        texts = figures["texts"]
        seen = len(texts) >= k
        return {
            "answered": len(texts) if seen else None,
            "texts": texts if seen else [],
            "withheld": not seen,
        }


KINDS: dict[str, Kind] = {kind.code: kind for kind in (Single(), Multiple(), Scale(), Matrix(), Text())}
ALIASES = {"single_choice": "single", "multiple_choice": "multiple", "likert": "scale", "short_text": "text"}
KNOWN = {
    "id", "kind", "type", "text", "title", "stem", "help", "required", "options", "choices", "labels",
    "min", "max", "rows", "columns", "max_length",
}  # fmt: skip


def clean_items(raw: Any) -> list[Item]:
    """Questions as they are stored; raises Invalid with errors under `questions.<n>`, n from 0."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_ITEMS:
        message = _("Phiếu cần từ 1 đến %(most)s câu hỏi.", most=MAX_ITEMS)
        raise Invalid(message, errors={"questions": [message]})
    made: list[Item] = []
    errors: dict[str, list[str]] = {}
    for n, entry in enumerate(raw):
        try:
            made.append(_item(n, entry))
        except Wrong as wrong:
            errors[f"questions.{n}"] = [str(wrong)]
    if not errors and len({item["id"] for item in made}) < len(made):
        errors["questions"] = [_("Có hai câu hỏi trùng mã.")]
    if errors:
        raise Invalid(_("Một số câu hỏi chưa đúng."), errors=errors)
    return made


def _item(n: int, raw: Any) -> Item:
    if not isinstance(raw, dict):
        raise Wrong(_("Câu hỏi không đúng dạng."))
    unknown = set(raw) - KNOWN
    if unknown:
        raise Wrong(_("Không hiểu mục: %(names)s.", names=", ".join(sorted(map(str, unknown)))))
    code = raw.get("kind", raw.get("type"))
    kind = KINDS.get(ALIASES.get(code, code)) if isinstance(code, str) else None
    if kind is None:
        raise Wrong(_("Dạng câu hỏi phải là một trong: %(kinds)s.", kinds=", ".join(KINDS)))
    made_id = raw.get("id", f"q{n + 1}")
    if not isinstance(made_id, str) or not made_id.isascii() or not 0 < len(made_id) <= 32 or "-" in made_id:
        raise Wrong(_("Mã câu hỏi không hợp lệ."))
    required = raw.get("required", False)
    if not isinstance(required, bool):
        raise Wrong(_("Mục “bắt buộc” phải là đúng hoặc sai."))
    text = _text(raw.get("text", raw.get("title", raw.get("stem"))), 1000, _("nội dung câu hỏi"))
    about = raw.get("help") or ""
    if not isinstance(about, str) or len(about) > 500:
        raise Wrong(_("Dài quá: tối đa %(limit)s chữ cái.", limit=500))
    return {"id": made_id, "kind": kind.code, "text": text, "help": about.strip(), "required": required,
            **kind.check(raw)}  # fmt: skip


def clean_answers(items: list[Item], raw: Any) -> dict[str, Any]:
    """Answers by question id, only those given; raises Invalid with errors under the question's id."""
    if isinstance(raw, list):
        if not all(isinstance(e, dict) and isinstance(e.get("question", e.get("id")), str) for e in raw):
            raise Invalid(_("Câu trả lời không đúng dạng."), errors={"answers": [_("Cần mã câu hỏi.")]})
        raw = {e.get("question", e.get("id")): e.get("value", e.get("answer")) for e in raw}
    if not isinstance(raw, dict):
        raise Invalid(_("Câu trả lời không đúng dạng."), errors={"answers": [_("Cần các cặp mã câu và trả lời.")]})
    errors: dict[str, list[str]] = {}
    answers: dict[str, Any] = {}
    for name in set(raw) - {item["id"] for item in items}:
        errors[str(name)] = [_("Phiếu không có câu hỏi này.")]
    for item in items:
        try:
            answer = KINDS[item["kind"]].read(item, raw.get(item["id"]))
            if answer is None and item["required"]:
                raise Wrong(_("Em chưa trả lời câu này."))
        except Wrong as wrong:
            errors[item["id"]] = [str(wrong)]
        else:
            if answer is not None:
                answers[item["id"]] = answer
    if errors:
        raise Invalid(_("Còn câu chưa trả lời hoặc trả lời chưa đúng."), errors=errors)
    return answers


def count(items: list[Item], sheets: Iterable[tuple[Mapping[str, Any], str]]) -> dict[str, Any]:
    """True figures of sheets given as (answers, ISO day). Not for eyes: see `show`."""
    known = list(sheets)
    questions = {
        item["id"]: KINDS[item["kind"]].count(item, [answers.get(item["id"]) for answers, _day in known])
        for item in items
    }
    return {"questions": questions, "days": dict(Counter(day for _answers, day in known))}


def show(items: list[Item], counted: int, figures: dict[str, Any] | None, *, k: int = K, words: bool) -> dict[str, Any]:
    """What people may see. Under k sheets nothing is told, not even how many there are.

    `words`: whether free text is included (the keepers of the survey only).
    """
    k = max(k, K)
    if figures is None or counted < k:
        questions = [{**_head(n, item), "withheld": True} for n, item in enumerate(items, 1)]
        return {"k": k, "total": None, "withheld": True, "questions": questions, "days": []}
    questions = []
    for n, item in enumerate(items, 1):
        shown = KINDS[item["kind"]].show(item, figures["questions"][item["id"]], k)
        if item["kind"] == "text" and not words:
            shown = {"answered": None, "texts": [], "withheld": True}
        questions.append({**_head(n, item), **shown})
    hidden = hidden_cells(figures["days"], k)
    days = [
        {"day": day, "count": None if day in hidden else number, "withheld": day in hidden}
        for day, number in sorted(figures["days"].items())
    ]
    withheld = bool(hidden) or any(question["withheld"] for question in questions)
    return {"k": k, "total": counted, "withheld": withheld, "questions": questions, "days": days}


def _head(n: int, item: Item) -> dict[str, Any]:
    return {"n": n, "id": item["id"], "kind": item["kind"], "text": item["text"]}
