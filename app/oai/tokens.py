"""Resumption tokens: the state of a list in the token itself, signed. Nothing is stored, nothing expires.

Unpadded base64url, since some harvesters put a token into an address without encoding it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import astuple, dataclass

_MAC = 16
LONGEST = 600


class BadToken(ValueError):
    """Not made here, damaged, or of another secret."""


@dataclass(frozen=True)
class Token:
    """`since` and `until`: seconds since 1970, inclusive; (`datestamp`, `record_id`): the last one sent."""

    verb: str
    prefix: str
    since: int | None
    until: int | None
    spec: str | None
    datestamp: int
    record_id: int
    cursor: int
    size: int


def _mac(secret: str, body: bytes) -> bytes:
    key = hmac.digest(secret.encode(), b"oai resumption token 1", hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)[:_MAC]


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def seal(token: Token, secret: str) -> str:
    body = json.dumps(astuple(token), separators=(",", ":")).encode()
    return _written(_mac(secret, body) + body)


def unseal(text: str, secret: str) -> Token:
    """Raises BadToken."""
    if not text or len(text) > LONGEST or not text.isascii():
        raise BadToken
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None
    body = raw[_MAC:]
    if not body or _written(raw) != text or not hmac.compare_digest(raw[:_MAC], _mac(secret, body)):
        raise BadToken
    return Token(*json.loads(body))
