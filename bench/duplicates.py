"""How well duplicates are found, measured on real questions: `python -m bench.duplicates` (needs CORPORA_DIR).

Known groups: (a) two forms of one national paper, whose shuffled questions share their options; (b) questions
repeated in public sets letter for letter; (c) real questions respelled by rules that share nothing with the
code under test (positives) or changed in a number, a province or by a negation (negatives).
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import time
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.questions import likeness

HERE = Path(__file__).parent.parent
LABEL = re.compile(r"^\s*[A-H]\s*[.:)]\s*")
SPELLINGS = {
    "lý": "lí", "kỹ": "kĩ", "mỹ": "mĩ", "tỷ": "tỉ", "sỹ": "sĩ", "quý": "quí", "hòa": "hoà", "hóa": "hoá",
    "thủy": "thuỷ", "khỏe": "khoẻ", "tòa": "toà", "lũy": "luỹ", "họa": "hoạ", "khóa": "khoá", "tùy": "tuỳ",
    "xóa": "xoá", "ủy": "uỷ", "đồng hóa": "đồng hoá", "lí": "lý", "hoá": "hóa", "hoà": "hòa", "thuỷ": "thủy",
}  # fmt: skip
PROVINCES = ["Hà Nội", "Thanh Hóa", "Nghệ An", "Quảng Ninh", "Lâm Đồng", "Cà Mau", "Đắk Lắk", "Bình Thuận"]


@dataclass(frozen=True)
class Asked:
    stem: str
    choices: tuple[str, ...]

    @property
    def options(self) -> list[dict[str, Any]]:
        return [{"id": str(n), "text": text} for n, text in enumerate(self.choices)]


def corpora() -> Path:
    return Path(os.environ.get("CORPORA_DIR") or HERE.parent / "shared" / "corpora") / "questions"


def plain(text: str) -> str:
    """Letter for letter but for blanks: the yardstick, not the normal form under test."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def vmlu(name: str) -> list[Asked]:
    with (corpora() / "vmlu" / name).open(encoding="utf-8") as source:
        rows = [json.loads(line) for line in source if line.strip()]
    return [Asked(row["question"], tuple(LABEL.sub("", c) for c in row["choices"])) for row in rows]


def vnhsge() -> list[Asked]:
    """Multiple choice whose one string splits cleanly into a stem and four options."""
    found = []
    for path in sorted((corpora() / "vnhsge").rglob("*.json")):
        for row in json.loads(path.read_text("utf-8-sig")):
            parts = re.split(r"\n\s*[A-D]\s*[.:]\s*", str(row.get("Question") or row.get("question") or ""))
            if len(parts) == 5:
                stem = re.sub(r"^\s*(?:Câu|Question)\s*\d+\s*[.:]\s*", "", parts[0], flags=re.IGNORECASE)
                found.append(Asked(stem, tuple(parts[1:])))
    return found


def form(code: str) -> list[Asked]:
    data = json.loads((corpora() / "thptqg2025" / "data" / "english" / f"{code}.json").read_text("utf-8"))
    return [
        Asked(q.get("text") or q.get("question") or "", tuple(LABEL.sub("", str(o)) for o in q["options"]))
        for q in data["questions"]
    ]


# ---------------------------------------------------------------- changes that keep, or do not keep, the question


def respelled(one: Asked, rng: random.Random) -> Asked:
    def change(text: str) -> str:
        text = " ".join(_twin(word) for word in text.split(" "))
        text = rng.choice([text, text.replace(" ", "  "), text.rstrip(".:? ") + rng.choice(["", ".", " :"])])
        return unicodedata.normalize(rng.choice(["NFC", "NFD"]), text)

    choices = [change(c) for c in one.choices]
    rng.shuffle(choices)
    return Asked(change(one.stem), tuple(choices))


def _twin(word: str) -> str:
    bare = word.strip(".,;:?!")
    twin = SPELLINGS.get(bare.lower())
    return word if twin is None else word.replace(bare, twin.capitalize() if bare[:1].isupper() else twin)


def reworded(one: Asked, rng: random.Random) -> Asked:
    """Words added or left out that change nothing."""
    stem = one.stem
    asked = "Em hãy cho biết: " + stem
    changed = rng.choice([stem.replace(" sau đây", "", 1), stem.replace(" dưới đây", "", 1), asked])
    changed = asked if changed == stem else changed
    return Asked(changed, one.choices)


def renumbered(one: Asked, rng: random.Random) -> Asked | None:
    places = [m for m in re.finditer(r"\d+", one.stem) if not re.search(r"\$[^$]*$", one.stem[: m.start()])]
    if not places:
        return None
    at = rng.choice(places)
    return Asked(one.stem[: at.start()] + str(int(at.group()[:9]) + 1) + one.stem[at.end() :], one.choices)


def moved(one: Asked, rng: random.Random) -> Asked | None:
    held = [name for name in PROVINCES if name in one.stem]
    if not held:
        return None
    return Asked(one.stem.replace(held[0], rng.choice([p for p in PROVINCES if p != held[0]])), one.choices)


def negated(one: Asked, _rng: random.Random) -> Asked | None:
    for verb in (" có ", " phải ", " đúng ", " thuộc ", " là "):
        if verb in one.stem and "không" not in one.stem.lower():
            return Asked(one.stem.replace(verb, f" không{verb}", 1), one.choices)
    return None


# ---------------------------------------------------------------- figures


def verdict(a: Asked, b: Asked) -> likeness.Verdict:
    return likeness.compare(a.stem, a.options, b.stem, b.options)


def meet(a: Asked, b: Asked) -> bool:
    """Whether the bank would put the two side by side at all."""
    if likeness.fingerprint(a.stem, a.options) == likeness.fingerprint(b.stem, b.options):
        return True
    return bool(set(likeness.sketch(a.stem, a.options)) & set(likeness.sketch(b.stem, b.options)))


def changed(pool: list[Asked], count: int = 1000, seed: int = 7) -> dict[str, dict[str, int]]:
    """Set (c): how pairs of a question and its changed form are judged."""
    rng = random.Random(seed)
    chosen = rng.sample(pool, min(count, len(pool)))
    found: dict[str, dict[str, int]] = {}
    for name, change in (
        ("respelled", respelled), ("reworded", reworded), ("number", renumbered), ("province", moved),
        ("negation", negated),
    ):  # fmt: skip
        source = pool if change is moved else chosen
        row = {"pairs": 0, "same": 0, "twin": 0, "similar": 0, "different": 0, "found": 0}
        for one in source:
            other = change(one, rng)
            if other is None or row["pairs"] == count:
                continue
            row["pairs"] += 1
            level = verdict(one, other).level
            row[level] += 1
            row["found"] += level in ("same", "twin") and meet(one, other)
        found[name] = row
    return found


def repeated(pool: list[Asked]) -> dict[str, Any]:
    """Set (b): questions that stand in the pool twice, letter for letter; and all pairs called the same."""
    stems: dict[str, list[int]] = defaultdict(list)
    whole: dict[Any, list[int]] = defaultdict(list)
    prints: dict[str, list[int]] = defaultdict(list)
    bands: dict[int, list[int]] = defaultdict(list)
    began = time.perf_counter()
    for n, one in enumerate(pool):
        prints[likeness.fingerprint(one.stem, one.options)].append(n)
        for band in likeness.sketch(one.stem, one.options):
            bands[band].append(n)
    spent = time.perf_counter() - began
    for n, one in enumerate(pool):
        stems[plain(one.stem)].append(n)
        whole[plain(one.stem), tuple(sorted(plain(c) for c in one.choices))].append(n)
    known = _pairs(whole.values())
    said = _pairs(prints.values())
    pairs = {pair for found in bands.values() if len(found) <= 200 for pair in itertools.combinations(found, 2)}
    levels: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for a, b in sorted(pairs - said):
        levels[verdict(pool[a], pool[b]).level].append((a, b))
    return {
        "questions": len(pool),
        "seconds": spent,
        "equal_stem_groups": sum(1 for found in stems.values() if len(found) > 1),
        "known_pairs": len(known),
        "found_of_them": len(known & said),
        "called_same": len(said),
        "more": sorted(said - known),
        "candidates": len(pairs),
        "twin": levels["twin"],
        "similar": levels["similar"],
    }


def _pairs(groups: Any) -> set[tuple[int, int]]:
    return {pair for found in groups if len(found) > 1 for pair in itertools.combinations(found, 2)}


def forms() -> dict[str, int]:
    """Set (a): questions of form 1102 that share their options with one of form 1144."""
    first, second = form("1102"), form("1144")
    found = {"known": 0, "same": 0, "twin": 0, "similar": 0, "different": 0}
    by_options = {tuple(sorted(plain(c) for c in one.choices)): one for one in second}
    for one in first:
        other = by_options.get(tuple(sorted(plain(c) for c in one.choices)))
        if other is not None:
            found["known"] += 1
            found[verdict(one, other).level] += 1
    return found


def main() -> None:
    print("a. two forms of one paper:", forms())
    everything = vmlu("valid.jsonl") + vmlu("dev.jsonl") + vmlu("test.jsonl") + vnhsge()
    found = repeated(everything)
    more, twins = found.pop("more"), found.pop("twin")
    print("b. repeated in public sets:", {**found, "similar": len(found["similar"]), "twin": len(twins)})
    for name, pairs in (("the same in another spelling", more), ("twin", twins)):
        print(f"   {name}: {len(pairs)}, of them")
        for a, b in pairs[: int(os.environ.get("SHOW", "8"))]:
            print(f"   - {plain(everything[a].stem)[:110]!r}\n     {plain(everything[b].stem)[:110]!r}")
    table = changed(everything)
    for name, row in table.items():
        print(f"c. {name}:", row)
    good = [table["respelled"], table["reworded"]]
    bad = [table["number"], table["province"], table["negation"]]
    right, wrong = (sum(row["found"] for row in rows) for rows in (good, bad))
    print(f"precision {right / (right + wrong):.4f}, recall {right / sum(row['pairs'] for row in good):.4f}")


if __name__ == "__main__":
    main()
