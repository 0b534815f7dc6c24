"""Put and read back N MiB through `STORAGE_URL`; print by how many MiB the process grew at its peak."""

from __future__ import annotations

import io
import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from storage.open import open_store

MIB = 1024 * 1024


class Endless(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self.left = size
        self.block = os.urandom(MIB)

    def read(self, wanted: int = -1, /) -> bytes:
        count = min(self.left, wanted, MIB)
        self.left -= count
        return self.block[:count]


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


store = open_store(os.environ["STORAGE_URL"])
store.put("test/warm", io.BytesIO(os.urandom(MIB)))
before = peak()
size = int(sys.argv[1]) * MIB
store.put("test/memory", Endless(size), size)
read = sum(map(len, store.open("test/memory")))
store.drop("test/memory")
store.drop("test/warm")
assert read == size
print(peak() - before)
