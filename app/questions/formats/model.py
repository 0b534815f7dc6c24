"""The internal model that every format reads into and writes from."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

MAX_BYTES = 20 * 1024 * 1024
MAX_QUESTIONS = 10_000
MAX_SOURCE = 2_000

READ, GUESSED, DROPPED = "read", "guessed", "dropped"


@dataclass(frozen=True)
class Message:
    """A Vietnamese sentence with its values; `lossy` when something of the question is not kept."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lossy: bool = True


@dataclass(frozen=True)
class Picture:
    """Bytes of a picture as a file holds them; `name` says what they were called there."""

    data: bytes = field(repr=False)
    name: str = ""


@dataclass
class Draft:
    """A question between formats. Its texts are Markdown with LaTeX; a picture that came in the same file
    stands in them as `![words](picture:key)`, with its bytes in `Reading.pictures[key]`.

    `kind` is one of the bank's kinds, or another that some format knows: true_false (answer bool),
    text (accepted strings), numerical (list of {"value", "tolerance", "weight"} in Decimal), matching (list of
    [left, right]), essay, ordering. `answer` is None where the source has no key.
    """

    kind: str
    stem: str
    choices: list[dict[str, str]] = field(default_factory=list)
    answer: Any = None
    explanation: str = ""
    title: str = ""
    subject: str | None = None
    grade: int | None = None
    topic: str | None = None
    level: str | None = None
    tags: list[str] = field(default_factory=list)
    scoring: str | None = None
    language: str | None = None
    external_id: str = ""


@dataclass
class Row:
    """What became of one question of a file. `source` is its original text, `place` where it stands."""

    n: int
    status: str
    draft: Draft | None
    messages: list[Message] = field(default_factory=list)
    source: str = ""
    place: str = ""

    def guess(self, text: str, **values: Any) -> None:
        self.messages.append(Message(text, values))
        if self.status == READ:
            self.status = GUESSED

    def tell(self, text: str, **values: Any) -> None:
        """Say something that loses nothing."""
        self.messages.append(Message(text, values, lossy=False))

    def drop(self, text: str, **values: Any) -> None:
        self.messages.append(Message(text, values))
        self.status = DROPPED


@dataclass
class Reading:
    format: str
    rows: list[Row] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)


@dataclass
class Writing:
    """A written file: one row for each question, `read` when whole, `guessed` when changed, `dropped` when left out."""

    format: str
    data: bytes
    media_type: str
    extension: str
    rows: list[Row] = field(default_factory=list)


class Unreadable(Exception):
    """A file that cannot be read at all; `message` says why."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.message = Message(text, values)


def tidy(text: str) -> str:
    """NFC, Unix line ends, no control characters, no blanks at the ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\u00a0", " ").replace("\u200b", "")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def fold(text: str) -> str:
    """Lower case without diacritics and signs, for headers and words that stand for codes."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


def decoded(data: bytes) -> tuple[str, list[Message]]:
    """Text of a file in UTF-8, UTF-16 with its mark, or else Windows-1252, which is told."""
    if len(data) > MAX_BYTES:
        raise Unreadable("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), []
        except UnicodeDecodeError:
            raise Unreadable("Tệp không phải là văn bản đọc được.") from None
    if b"\0" in data:
        raise Unreadable("Tệp không phải là văn bản đọc được.")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        return text, [
            Message("Tệp không ở bảng mã UTF-8 nên được đọc theo Windows-1252. Thầy cô xem lại các dấu tiếng Việt.")
        ]


def decimal_text(value: Decimal) -> str:
    """A number as people write it here: decimal comma, no needless zeros."""
    text = format(value.normalize(), "f")
    return text.replace(".", ",")
