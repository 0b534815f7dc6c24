"""Opens an index from its URL; the only place that knows which engines exist."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from search.port import Index

MEMORY = "memory"


def open_index(url: str) -> Index:
    """`embedded:///absolute/path`, `embedded:///./relative/path` or `embedded:///:memory:`; for Elasticsearch
    `http://user:password@host:9200,host:9200/?index=kho` or https. No engine is asked before the first use.

    A URL of another kind is a ValueError that names what is accepted.
    """
    parts = urlsplit(url)
    if parts.scheme == "embedded":
        from search.embedded import EmbeddedIndex

        path = unquote(parts.netloc + parts.path)
        if path.strip("/") in ("", MEMORY, ":memory:"):
            return EmbeddedIndex(None)
        if path.startswith(("/./", "//")):
            path = path[1:]
        return EmbeddedIndex(Path(path))
    if parts.scheme in ("http", "https"):
        from search.elastic import ElasticIndex

        return ElasticIndex(url)
    raise ValueError(f"search URL {parts.scheme}://… is not known; use embedded:///path, http://… or https://…")
