"""How keys are made and checked. A key says what the bytes are, never what a person called them."""

from __future__ import annotations

import re
import uuid

from storage.port import BadKey

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*\Z")
MAX_KEY = 200


def blob(sha256: str) -> str:
    """The key of bytes by their SHA-256 (lower-case hexadecimal), spread over 256 folders."""
    if not _SHA256.match(sha256):
        raise BadKey("not a SHA-256")
    return f"blob/{sha256[:2]}/{sha256}"


def piece(piece_id: uuid.UUID) -> str:
    """The key of a piece of an upload that is not whole yet."""
    return f"piece/{piece_id.hex[-2:]}/{piece_id.hex}"


def checked(key: str) -> str:
    """The key itself when it is well made: no dots up, no leading slash, ASCII, at most 200 characters."""
    if len(key) > MAX_KEY or not _KEY.match(key):
        raise BadKey("bad key")
    return key
