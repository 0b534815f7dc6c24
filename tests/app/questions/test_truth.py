"""Every question file of the corpora, row by row: verdict, number of questions, kinds and keys."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.questions.formats import detect
from app.questions.formats.model import Reading, Row, Unreadable

# The formats of truth.tsv, and what `format=auto` calls them here.
FORMATS = {
    "aiken": "aiken",
    "moodlexml": "moodlexml",
    "gift": "gift",
    "qti2": "qti",
    "qti3": "qti",
    "qti1": "qti",
    "canvas": "qti",
    "commoncartridge": "qti",
}
# Rows where the reader takes the other verdict, or the other key, that the note of the row allows.
OTHER_VERDICT = {
    "canvas_qti12/fixtures/items_1.2/choice_vary_points_by_answer_zero_points.xml": "declaration mended, read",
    "canvas_qti12/fixtures/items_1.2/ordering.xml": "declares a DTD of its own, refused",
    "canvas_qti12/fixtures/items_1.2/ordering_with_labels.xml": "declares a DTD of its own, refused",
    "tao_itemqti/package/wrong/MissingManifest.zip": "every XML file of the archive is read",
    "tao_itemqti/wrong/notvalid_associate.xml": "no schema is asked; the one item is told as dropped",
}
OTHER_KEY = {
    "canvas_qti12/fixtures/items_2.2/Example03-feedbackBlock-solution.xml": "7.389±0.0005",
    "qti_1edtech/QTI3_BPIG_Examples/items/Example03-feedbackBlock-solution.xml": "7.389±0.0005",
    "tao_itemqti/xml/qtiv2p1/feedbacks/Example03-feedbackBlock-solution.xml": "7.389±0.0005",
}
# Kinds of the rows, by the words of truth.tsv. A true/false that is not marked as one is a choice.
KINDS = {
    "choice": {"single_choice", "multiple_choice"},
    "multi": {"multiple_choice", "single_choice"},
    "truefalse": {"true_false"},
    "truefalsegroup": {"true_false_group"},
    "shortanswer": {"text", "short_answer"},
    "numerical": {"numerical"},
    "match": {"matching"},
    "order": {"ordering"},
    "gap": {"cloze"},
    "inline": {"cloze"},
    "cloze": {"cloze"},
    "essay": {"essay"},
}


def truth(corpora: Path, *formats: str) -> list[dict[str, str]]:
    with (corpora / "questions" / "truth.tsv").open(encoding="utf-8") as source:
        lines = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [line for line in lines if line["format"] in formats]


def plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def key_of(row: Row) -> str:
    """The key in the words of `truth.tsv`."""
    draft = row.draft
    if draft is None or draft.answer is None:
        return "none"
    answer: Any = draft.answer
    match draft.kind:
        case "single_choice" | "multiple_choice":
            return "".join(answer)
        case "true_false":
            return "T" if answer else "F"
        case "true_false_group":
            return "".join("T" if answer[i] else "F" for i in "abcd")
        case "text":
            return f"n={len(answer)}"
        case "numerical":
            return ";".join(f"{plain(a['value'])}±{plain(a['tolerance'])}" for a in answer)
        case "matching":
            return f"p={sum(1 for left, right in answer if left and right)}"
        case "cloze":
            return "-" if any(gap["answer"] for gap in answer) else "none"
        case _:
            return "-"


def wanted_kinds(line: dict[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in line["kinds"].split(";"):
        name, _equals, count = part.partition("=")
        if name != "-":
            found[name.removesuffix("+endAttempt")] += int(count or 1)
    return found


def faults(line: dict[str, str], reading: Reading) -> list[str]:
    """What differs between a reading and its row."""
    found = []
    count = int(line["questions"])
    if len(reading.rows) != count:
        return [f"{len(reading.rows)} questions, not {count}"]
    can = re.search(r"can=(\d+)", line["note"]) if line["verdict"] == "part" else None
    taken = [row for row in reading.rows if row.status != "dropped"]
    if len(taken) != (int(can[1]) if can else count):
        found.append(f"{len(taken)} taken")
    found += [
        f"question {row.n} dropped without a reason"
        for row in reading.rows
        if row.status == "dropped" and not row.messages
    ]
    for row, key in zip(reading.rows, (k.strip() for k in line["keys"].split("|")), strict=False):
        if key == "…":
            break
        if row.status != "dropped" and key != "-" and key_of(row) not in (key, OTHER_KEY.get(line["path"])):
            found.append(f"question {row.n}: key {key_of(row)}, not {key}")
        if row.status != "dropped" and key == "none" and row.status != "guessed":
            found.append(f"question {row.n}: no warning of the missing key")
    if len(taken) == count and not any("+" in name for name in wanted_kinds(line)):
        kinds = Counter(row.draft.kind for row in taken if row.draft)
        allowed = set().union(*(KINDS.get(name, set()) for name in wanted_kinds(line))) if count else set()
        if set(kinds) - allowed:
            found.append(f"kinds {dict(kinds)}, not {line['kinds']}")
    return found


def walked(corpora: Path, *formats: str) -> tuple[int, int, dict[str, list[str]]]:
    """(files, questions, faults by path) over the rows of these formats, each file read as `auto`."""
    files = questions = 0
    wrong: dict[str, list[str]] = {}
    for line in truth(corpora, *formats):
        path = corpora / "questions" / line["path"]
        files += 1
        try:
            reading = detect.read(path.read_bytes(), "auto", path.name)
        except Unreadable as refused:
            assert refused.message.text % refused.message.values
            allowed = line["verdict"] == "refuse" or "alt=refuse" in line["note"]
            # A file without any question may be refused as well, with a reason that says so.
            if not allowed and line["path"] not in OTHER_VERDICT:
                wrong[line["path"]] = [f"refused: {refused.message.text % refused.message.values}"]
            continue
        questions += len(reading.rows)
        if reading.format != FORMATS[line["format"]]:
            wrong[line["path"]] = [f"taken for {reading.format}"]
        elif line["verdict"] == "refuse" and line["path"] not in OTHER_VERDICT:
            wrong[line["path"]] = ["not refused"]
        elif line["verdict"] != "refuse" and (found := faults(line, reading)):
            wrong[line["path"]] = found
    return files, questions, wrong


@pytest.mark.parametrize(
    ("formats", "files", "questions", "known"),
    [
        (("aiken",), 2, 4, {}),
        (("moodlexml",), 34, 37, {}),
        (("gift",), 33, 161, {}),
        (("qti2",), 244, 217, {}),
        (("qti3",), 130, 167, {}),
        (("qti1", "canvas", "commoncartridge"), 62, 89, {}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_files_are_what_truth_says(
    corpora: Path, formats: tuple[str, ...], files: int, questions: int, known: dict[str, list[str]]
) -> None:
    """`known` names the rows that are not met; there are none."""
    read, count, wrong = walked(corpora, *formats)
    assert wrong == known
    assert (read, count) == (files, questions)
