"""QTI out: valid against the schemas, scored by an evaluator of its own, and wrong packages in."""

from __future__ import annotations

import io
import itertools
import time
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.questions import kinds
from app.questions.formats import detect, qti
from app.questions.formats.model import Draft, Picture, Unreadable
from app.questions.formats.qti.names import is_v3, to_v2
from app.questions.formats.xml import local

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
RICH = (
    "Đoạn $x<y$ **đậm** *nghiêng* ~~gạch~~ `mã` H$_{\\text{2}}$O $\\underline{\\text{gạch chân}}$\n\n"
    "$$\\frac{1}{2}\\begin{cases}x=1\\\\y=2\\end{cases}$$\n\n- a\n- b\n  1. c\n\n"
    "| A | B |\n| --- | --- |\n| 1 | $x^2$ |\n\n> trích\n\n```\nmã\n```\n\n---\n\n### Tiêu đề\n\n"
    '![hình](picture:1) [k](https://x.vn/?a=1&b=2) <b> & \\n "trích" ]]> $\\frac{1}{2$'
)
OPTIONS = [
    {"id": i, "text": t}
    for i, t in zip(
        "ABCD",
        ["$\\frac12$", "**b**\nxuống dòng", "| a | b |\n| --- | --- |\n| 1 | 2 |", "![x](picture:1)"],
        strict=True,
    )
]
STATEMENTS = [{"id": i, "text": f"Ý {i}: $x_{i}$"} for i in "abcd"]
BANK = [
    Draft("single_choice", RICH, OPTIONS, ["C"], RICH, subject="TOAN", grade=10, level="HIEU", tags=["ôn & thi"]),
    Draft("single_choice", "Không lời giải", OPTIONS, ["A"]),
    Draft("multiple_choice", "Chọn nhiều", OPTIONS, ["A", "C"], "Vì thế."),
    Draft("true_false_group", RICH, STATEMENTS, {"a": True, "b": False, "c": True, "d": False}),
    Draft("true_false_group", "Đều", STATEMENTS, {"a": True, "b": True, "c": False, "d": False}, scoring="linear"),
    Draft("short_answer", RICH, answer="-0,5", explanation="x"),
    Draft("true_false", "Đúng chứ?", answer=True),
    Draft("text", "Thủ đô?", answer=["Hà Nội", "Ha Noi"]),
    Draft(
        "numerical", "Số π", answer=[{"value": Decimal("3.14"), "tolerance": Decimal("0.01"), "weight": Decimal(100)}]
    ),
    Draft("matching", "Ghép", answer=[["a", "1"], ["b", "2"], ["", "3"]]),
    Draft("ordering", "Xếp", OPTIONS[:3], ["B", "A", "C"]),
    Draft("essay", "Viết", explanation="Gợi ý"),
    Draft(
        "cloze",
        "Thủ đô là [[1]], năm [[2]].",
        answer=[
            {"kind": "choice", "options": ["Hà Nội", "Huế"], "answer": ["Hà Nội"]},
            {"kind": "text", "options": [], "answer": ["2026"]},
        ],
    ),
    Draft("single_choice", "Thiếu đáp án", OPTIONS, None),
]
VERSIONS = ("2.1", "2.2", "3.0")


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def items_of(version: str, drafts: list[Draft] = BANK) -> list[Any]:
    """The written items as trees with the names of 2.x."""
    files = unzipped(qti.write(drafts, {"1": Picture(PNG, "x.png")}, version).data)
    roots = [
        etree.fromstring(data) for name, data in files.items() if name.endswith(".xml") and name != "imsmanifest.xml"
    ]
    for root in roots:
        if is_v3(root):
            to_v2(root)
    return roots


@pytest.fixture(scope="module")
def schemes(corpora: Path) -> Path:
    return corpora / "questions" / "xsd" / "qti_sdk_schemes"


def schema_faults(schema: etree.XMLSchema, root: Any) -> list[str]:
    """Faults but one: the published schemas ask of a match table's entry the name of a type as its value."""
    if schema.validate(root):
        return []
    return [str(e) for e in schema.error_log if "matchTableEntry" not in e.message]


def as_2_2(root: Any) -> Any:
    """An item of 3.0, whose main schema is not at hand: it differs in names, and in the body of feedback."""
    text = etree.tostring(root, encoding="unicode").replace(qti.VERSIONS["3.0"].space, qti.VERSIONS["2.2"].space)
    older = etree.fromstring(text)
    for body in [e for e in older.iter() if local(e) == "contentBody"]:
        parent = body.getparent()
        parent.extend(list(body))
        parent.remove(body)
    return older


def test_items_are_valid(schemes: Path) -> None:
    schema = etree.XMLSchema(etree.parse(schemes / "qtiv2p1/imsqti_v2p1.xsd"))
    for root in items_of("2.1"):
        assert schema_faults(schema, root) == []
    schema = etree.XMLSchema(etree.parse(schemes / "qtiv2p2/imsqti_v2p2.xsd"))
    for root in [*items_of("2.2"), *map(as_2_2, items_of("3.0"))]:
        assert schema_faults(schema, root) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(schemes: Path, version: str) -> None:
    file = "qtiv3p0/imsqtiv3p0_imscpv1p2_v1p0.xsd" if version == "3.0" else "imscp_v1p1.xsd"
    files = unzipped(qti.write(BANK, {"1": Picture(PNG)}, version).data)
    root = etree.fromstring(files["imsmanifest.xml"])
    etree.XMLSchema(etree.parse(schemes / file)).assertValid(root)
    listed = {e.get("href") for e in root.iter() if local(e) == "file"}
    assert listed == set(files) - {"imsmanifest.xml"}


# ---------------------------------------------------------------- an evaluator of response processing


class Evaluator:
    """Runs the response processing of one item, or the standard template it names; written from the standard."""

    def __init__(self, root: Any, templates: Path) -> None:
        self.root = root
        self.responses = {e.get("identifier"): e for e in root if local(e) == "responseDeclaration"}
        self.outcome_declarations = {e.get("identifier"): e for e in root if local(e) == "outcomeDeclaration"}
        processing = next((e for e in root if local(e) == "responseProcessing"), None)
        if processing is not None and processing.get("template"):
            name = processing.get("template").rsplit("/", 1)[-1].removesuffix(".xml")
            processing = etree.parse(templates / f"{name}.xml").getroot()
        self.processing = processing

    def score(self, response: Any) -> float:
        self.given = response if isinstance(response, dict) else {"RESPONSE": response}
        self.outcomes: dict[str, Any] = {"SCORE": 0.0}
        for rule in self.processing.iterchildren("*") if self.processing is not None else ():
            self.rule(rule)
        return float(self.outcomes["SCORE"])

    def rule(self, rule: Any) -> None:
        match local(rule):
            case "responseCondition":
                for branch in rule.iterchildren("*"):
                    body = list(branch.iterchildren("*"))
                    if local(branch) == "responseElse" or self.value(body.pop(0)):
                        for inner in body:
                            self.rule(inner)
                        break
            case "setOutcomeValue":
                self.outcomes[rule.get("identifier")] = self.value(rule[0])
            case "lookupOutcomeValue":
                name, source = rule.get("identifier"), self.value(rule[0])
                table = next(e for e in self.outcome_declarations[name] if local(e) == "matchTable")
                entries = {int(e.get("sourceValue")): float(e.get("targetValue")) for e in table}
                self.outcomes[name] = entries.get(source, float(table.get("defaultValue")))
            case _:
                pytest.fail(f"rule {local(rule)}")

    def value(self, e: Any) -> Any:
        match local(e):
            case "variable":
                return self.given.get(e.get("identifier"), self.outcomes.get(e.get("identifier")))
            case "correct":
                return self.correct(e.get("identifier"))
            case "mapResponse":
                return self.mapped(e.get("identifier"))
            case "match":
                left, right = self.value(e[0]), self.value(e[1])
                return sorted(left) == sorted(right) if isinstance(left, set) else left == right
            case "equal":
                tolerance = float((e.get("tolerance") or "0").split()[0])
                return abs(float(self.value(e[0])) - float(self.value(e[1]))) <= tolerance
            case "not":
                return not self.value(e[0])
            case "isNull":
                return self.value(e[0]) in (None, "", set(), [])
            case "round":
                return int(self.value(e[0]) + 0.5)
            case "sum":
                return sum(self.value(c) for c in e)
            case "divide":
                return self.value(e[0]) / self.value(e[1])
            case "baseValue":
                return float(e.text) if e.get("baseType") == "float" else e.text
            case other:
                return pytest.fail(f"expression {other}")

    def correct(self, name: str) -> Any:
        values = [v.text for e in self.responses[name] if local(e) == "correctResponse" for v in e]
        cardinality = self.responses[name].get("cardinality")
        return set(values) if cardinality == "multiple" else values if cardinality == "ordered" else values[0]

    def mapped(self, name: str) -> float:
        mapping = next(e for e in self.responses[name] if local(e) == "mapping")
        worth = {e.get("mapKey"): float(e.get("mappedValue")) for e in mapping}
        given = self.given.get(name)
        values = given if isinstance(given, (set, list)) else [given]
        return sum(worth.get(v, float(mapping.get("defaultValue"))) for v in values)


PATTERNS = [dict(zip("abcd", truths, strict=True)) for truths in itertools.product((True, False), repeat=4)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scoring", [None, "linear"])
def test_a_group_is_scored_as_the_bank_scores_it(schemes: Path, version: str, scoring: str | None) -> None:
    """All 16 keys against all 16 answers: the engine and the written response processing agree."""
    drafts = [Draft("true_false_group", "Xét", STATEMENTS, key, scoring=scoring) for key in PATTERNS]
    kind = kinds.kind("true_false_group")
    for key, root in zip(PATTERNS, items_of(version, drafts), strict=True):
        evaluator = Evaluator(root, schemes / "rptemplates")
        for answer in PATTERNS:
            wanted = kind.mark({"answer": key, "scoring": scoring or "stepped"}, answer).score
            given = {f"{i} {'T' if truth else 'F'}" for i, truth in answer.items()}
            assert evaluator.score(given) == pytest.approx(float(wanted)), (key, answer)
        assert evaluator.score(set()) == 0
        half = {f"{i} {'T' if key[i] else 'F'}" for i in "ab"}
        assert evaluator.score(half) == pytest.approx(0.5 if scoring else 0.25)


@pytest.mark.parametrize("version", VERSIONS)
def test_other_kinds_are_scored_too(schemes: Path, version: str) -> None:
    roots = items_of(version)
    cases: list[tuple[int, Any, float]] = [
        (0, "C", 1),
        (0, "A", 0),
        (1, "A", 1),
        (1, None, 0),
        (2, {"A", "C"}, 1),
        (2, {"A"}, 0),
        (2, {"A", "B", "C"}, 0),
        (5, "-0,5", 1),
        (5, "-0.5", 1),
        (5, "−0,5", 1),
        (5, "0,5", 0),
        (6, "T", 1),
        (7, "Ha Noi", 1),
        (7, "Huế", 0),
        (8, "3.15", 1),
        (8, "3.16", 0),
        (9, {"L1 R1", "L2 R2"}, 1),
        (9, {"L1 R2"}, 0),
        (10, ["B", "A", "C"], 1),
        (10, ["A", "B", "C"], 0),
        (12, {"RESPONSE_1": "g1_1", "RESPONSE_2": "2026"}, 1),
        (12, {"RESPONSE_1": "g1_2", "RESPONSE_2": "2026"}, 0.5),
    ]
    for at, response, wanted in cases:
        score = Evaluator(roots[at], schemes / "rptemplates").score(response)
        assert score == pytest.approx(wanted, abs=1e-5), (BANK[at].kind, response)


# ---------------------------------------------------------------- packages in

ITEM = unzipped(qti.write(BANK[1:2]).data)
ITEM_NAME = next(n for n in ITEM if n.startswith("q-"))
LIST = ITEM["imsmanifest.xml"]


@pytest.mark.parametrize(
    ("files", "questions", "said"),
    [
        ({"imsmanifest.xml": LIST, ITEM_NAME: ITEM[ITEM_NAME]}, 1, ""),
        ({"gói/imsmanifest.xml": LIST, f"gói/{ITEM_NAME}": ITEM[ITEM_NAME]}, 1, ""),
        ({ITEM_NAME: ITEM[ITEM_NAME]}, 1, "không có imsmanifest.xml"),
        ({"imsmanifest.xml": LIST}, 0, "không có trong gói"),
        ({"imsmanifest.xml": LIST, "a/imsmanifest.xml": LIST, ITEM_NAME: ITEM[ITEM_NAME]}, 1, "2 tệp danh mục"),
        ({"imsmanifest.xml": LIST, ITEM_NAME: b"<assessmentItem><itemBody>"}, 1, ""),
        ({"imsmanifest.xml": LIST.replace(b"q-00001.xml", b"a%20b&amp;c.xml"), "a b&c.xml": ITEM[ITEM_NAME]}, 1, ""),
        ({"imsmanifest.xml": LIST, ITEM_NAME: ITEM[ITEM_NAME], "__MACOSX/._x.xml": b"\0\1"}, 1, ""),
    ],
)
def test_odd_packages(files: dict[str, bytes], questions: int, said: str) -> None:
    reading = detect.read(zipped(files), "auto", "goi.zip")
    assert (reading.format, len(reading.rows)) == ("qti", questions)
    assert said in " ".join(m.text % m.values for m in reading.messages)
    broken = b"itemBody>" in files.get(ITEM_NAME, b"")[-12:]
    assert all((row.status == "dropped") == broken for row in reading.rows)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("imsmanifest.xml", "w", force_zip64=True) as part:
            for _n in range(250):
                part.write(b"\0" * 1024 * 1024)
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><quiz>&b;</quiz>'
HOSTILE = {
    "laughs": LAUGHS,
    "laughs in UTF-16": LAUGHS.decode().encode("utf-16"),
    "a file of the machine": b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>',
    "parameter entity": b'<!DOCTYPE quiz [<!ENTITY % x SYSTEM "http://example.com/x.dtd"> %x;]><quiz/>',
    "after a comment": b"<!-- x --><!DOCTYPE quiz [<!ENTITY a 'b'>]><quiz/>",
    "ten thousand deep": b"<quiz>" + b"<question>" * 10_000,
    "two hundred deep": b"<quiz>" + b"<a>" * 200 + b"</a>" * 200 + b"</quiz>",
    "not closed": b"<quiz><question type='essay'>",
    "huge text": b"<quiz><question type='essay'><name>" + b"x" * 11_000_000 + b"</name></question></quiz>",
    "other XML": b"<html><body>x</body></html>",
    "bomb": bomb(),
    "out of its folder": zipped({"../../x.xml": "<a/>", "imsmanifest.xml": LIST}),
    "absolute": zipped({"/etc/x.xml": "<a/>"}),
    "cut archive": zipped(ITEM)[:-40],
    "nothing but pictures": zipped({"a.png": PNG}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_reason(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        detect.read(HOSTILE[name], "auto", "tep")
    assert refused.value.message.text % refused.value.message.values
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "body",
    [
        "<b>" * 20_000,
        "<table><tr><td>" * 5_000,
        "<ul><li>" * 3_000 + "a<br>" * 3_000,
        "<" * 90_000,
        "&" * 90_000,
        "\\(" * 40_000,
        "$a" * 40_000,
        "{1:MULTICHOICE:" * 6_000,
        "{1:MC:=a~" + "~b" * 40_000 + "}",
        "*_`[" * 20_000,
        "<math>" + "<mrow>" * 9_000,
        "<img src='data:image/png;base64," + "A" * 80_000 + "'>",
        "<a b='" * 15_000,
        "]]" * 40_000,
        "<script>" * 10_000,
        "<blockquote>" * 8_000 + "x",
    ],
)
def test_hostile_html_ends_quickly(body: str) -> None:
    quiz = etree.Element("quiz")
    for kind in ("essay", "cloze"):
        question = etree.SubElement(quiz, "question", type=kind)
        etree.SubElement(etree.SubElement(question, "questiontext", format="html"), "text").text = body
    began = time.monotonic()
    reading = detect.read(etree.tostring(quiz), "auto")
    assert len(reading.rows) == 2
    assert time.monotonic() - began < 5


def test_no_file_of_the_machine_comes_in() -> None:
    """An include and an address that leave the package are told, not followed."""
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    image = '<p><img src="file:///etc/passwd" alt="x"/><img src="../../../../etc/passwd" alt="y"/></p>'
    item = ITEM[ITEM_NAME].decode().replace("<itemBody>", f"<itemBody>{include}{image}")
    row = detect.read(zipped({"imsmanifest.xml": LIST, ITEM_NAME: item}), "auto").rows[0]
    assert row.draft is not None and "root:" not in str(row.draft)
    said = " ".join(m.text % m.values for m in row.messages)
    assert "không có trong gói" in said and "2 hình" in said


def test_scripts_are_left_out() -> None:
    quiz = etree.Element("quiz")
    question = etree.SubElement(quiz, "question", type="essay")
    text = "<p onclick='x()'>Viết <script>alert(1)</script><a href='javascript:alert(1)'>đây</a><iframe src='//x'></iframe></p>"
    etree.SubElement(etree.SubElement(question, "questiontext", format="html"), "text").text = text
    row = detect.read(etree.tostring(quiz), "auto").rows[0]
    assert row.draft is not None and row.draft.stem == "Viết đây"
    assert row.status == "guessed"
