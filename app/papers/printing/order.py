"""The order of questions and options on a form, mã đề, and the balance of keys. Pure and repeatable by seed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LETTERS = "ABCDEFGHIJ"

# Options that speak of their neighbours keep their place, or a form would say something else than its author.
_ALL = re.compile(
    r"(?:^|\W)(?:(?:tất\s*)?cả\s+(?:các\s+|các\s+|\w+\s+){0,2}(?:phương\s*án|đáp\s*án|ý|câu|khẳng\s*định|phát\s*biểu)"
    r"|không\s+(?:có\s+|phải\s+)?(?:phương\s*án|đáp\s*án|ý|câu)\s*(?:nào|trên)"
    r"|(?:đều|cùng)\s+(?:đúng|sai)\s*\.?\s*$"
    r"|all\s+of\s+(?:the\s+)?(?:above|these)|none\s+of\s+(?:the\s+)?(?:above|these)"
    r"|(?:các\s+)?(?:phương\s*án|đáp\s*án|ý)\s+(?:khác|còn\s+lại|trên))",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?:(?:^|\W)(?:cả|both|phương\s*án|đáp\s*án|ý|câu)\s+)(?:hai\s+(?:phương\s*án|đáp\s*án|ý)\s+)?\(?[A-Ha-h]\)?\s*"
    r"(?:,\s*\(?[A-Ha-h]\)?\s*)*(?:và|hoặc|lẫn|,|&|and|or)\s+\(?[A-Ha-h]\)?(?:\W|$)"
    r"|^\W*\(?[A-H]\)?\s+(?:và|hoặc|lẫn|&|and|or)\s+\(?[A-H]\)?\s*(?:đều\s+\w+\s*)?\.?\W*$",
    re.IGNORECASE,
)


def refers(text: str) -> bool:
    """Whether an option speaks of other options by their letters ("Cả A và B")."""
    return bool(_PAIR.search(text))


def stays(text: str) -> bool:
    """Whether an option speaks of the others as a whole ("Tất cả các phương án trên") and so keeps its place."""
    return bool(_ALL.search(text))


def choice_order(choices: Sequence[Mapping[str, Any]], rng: random.Random) -> list[str]:
    """Ids of the options in a new order. An option that names letters locks the whole question."""
    ids = [str(choice["id"]) for choice in choices]
    if any(refers(choice["text"]) for choice in choices):
        return ids
    free = [n for n, choice in enumerate(choices) if not stays(choice["text"])]
    moved = [ids[n] for n in free]
    rng.shuffle(moved)
    for n, choice_id in zip(free, moved, strict=True):
        ids[n] = choice_id
    return ids


@dataclass(frozen=True)
class Item:
    """A question of a base form: its part, kind and content. `answer` serves the balance of keys only."""

    part: int
    kind: str
    choices: Sequence[Mapping[str, Any]]
    answer: Any


Place = dict[str, Any]


def form(items: Sequence[Item], seed: str, shuffle_choices: bool = True, tries: int = 60) -> list[Place]:
    """One form: questions shuffled inside their part, options inside their question.

    Of several orders the one with the most even keys is taken; a part's letters hold no long run.
    """
    best: list[Place] = []
    least = float("inf")
    for n in range(tries):
        rng = random.Random(f"{seed}/{n}")
        made: list[Place] = []
        for part in sorted({item.part for item in items}):
            places = [i for i, item in enumerate(items) if item.part == part]
            rng.shuffle(places)
            for i in places:
                choices = items[i].choices
                as_given = [str(choice["id"]) for choice in choices]
                moves = shuffle_choices and items[i].kind in ("single_choice", "multiple_choice", "true_false_group")
                made.append({"i": i, "order": choice_order(choices, rng) if moves else as_given})
        cost = unevenness(letters(items, made))
        if cost < least:
            best, least = made, cost
        if least == 0:
            break
    return best


def letters(items: Sequence[Item], places: Sequence[Place]) -> list[str]:
    """Letters of the right options of single choice, in the order of the form."""
    found = []
    for place in places:
        item = items[place["i"]]
        if item.kind == "single_choice" and item.answer and item.answer[0] in place["order"]:
            found.append(LETTERS[place["order"].index(item.answer[0])])
    return found


MOST_RUN = 3


def unevenness(keys: Sequence[str]) -> float:
    """0 for keys that lie evenly over A to D without a run of more than three; larger is worse."""
    if len(keys) < 4:
        return 0.0
    counts = Counter(keys)
    fair = len(keys) / 4
    excess = sum(max(0.0, abs(counts.get(letter, 0) - fair) - max(1.0, fair * 0.34)) for letter in "ABCD")
    pattern = any(all(keys[n] == keys[n % step] for n in range(len(keys))) for step in (1, 2, 3, 4))
    return excess + 2.0 * max(0, longest_run(keys) - MOST_RUN) + (5.0 if pattern and len(keys) > 5 else 0.0)


def longest_run(keys: Sequence[str]) -> int:
    longest = run = 0
    for n, key in enumerate(keys):
        run = run + 1 if n and keys[n - 1] == key else 1
        longest = max(longest, run)
    return longest


def codes(count: int, digits: int, first: int | None = None) -> list[str]:
    """Mã đề as text: 101, 102 … of three digits, 0101, 0102 … of four, or from `first` on."""
    start = 101 if first is None else first
    if digits not in (3, 4) or start < 0 or start + count > 10**digits:
        raise ValueError(f"{count} codes of {digits} digits from {start}")
    return [f"{start + n:0{digits}d}" for n in range(count)]


def key_of(item: Item, place: Place) -> str:
    """The key as it stands on this form: B; ĐSĐS; 0,92."""
    order = place["order"]
    if item.kind == "true_false_group":
        return "".join("Đ" if item.answer.get(choice) else "S" for choice in order)
    if item.kind in ("single_choice", "multiple_choice"):
        return ", ".join(sorted(LETTERS[order.index(choice)] for choice in item.answer if choice in order))
    return str(item.answer).replace(".", ",")
