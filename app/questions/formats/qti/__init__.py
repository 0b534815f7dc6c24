"""QTI: items and packages of 1.2 (Canvas, Common Cartridge) and 2.0 to 3.0 in, 2.1, 2.2 and 3.0 out."""

from __future__ import annotations

from app.questions.formats.qti.reading import looks_like, read
from app.questions.formats.qti.writing import VERSIONS, write

__all__ = ["VERSIONS", "looks_like", "read", "write"]
