"""The embedded search against the bare FTS5 query with the same ranking, on the same file, over 20,000 documents."""

# ruff: noqa: S608

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from search.abbreviations import Expander
from search.embedded import _match
from search.folding import nfc
from search.open import open_index
from search.port import Document, Query

SYLLABLES = """
hàm số đường tròn phương trình bất đẳng thức học sinh giỏi kiểm tra giữa kì cuối lớp toán văn vật lí hóa
sinh địa lịch sử việt nam bài giảng điện tử tập đọc viết nghị luận xã hội tam giác vuông cân diện tích thể
khối chóp lăng trụ nón cầu đạo nguyên tích phân giới hạn dãy cấp nhân cộng lượng giác xác suất thống kê
""".split()  # noqa: SIM905
ASKED = ("ham so", "hàm số bậc", "phuong trinh bat", "xac suat thong ke", "từ999 hàm", "toan 12", "tam giác vuông")
RANKED = "bm25(fts, 8.0, 4.0, 1.0, 4.0, 1.0, 0.5) LIMIT 20"
BARE = f"SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY {RANKED}"
EXACT_FIRST = (
    "SELECT rowid FROM fts WHERE fts MATCH ?"
    f" ORDER BY rowid IN (SELECT rowid FROM fts WHERE fts MATCH ?) DESC, {RANKED}"
)


def ratio(documents: int = 20_000, rounds: int = 9) -> tuple[float, float]:
    """Median seconds of our search and of its floor, summed over the queries asked."""
    chance = random.Random(2026)
    vocabulary = [*SYLLABLES, *(f"từ{n}" for n in range(3000))]
    weights = [1 / (n + 1) for n in range(len(vocabulary))]

    def text(length: int) -> str:
        return " ".join(chance.choices(vocabulary, weights, k=length))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite3"
        index = open_index(f"embedded:///{path}")
        index.rebuild(
            Document("resource", str(n), 1, text(8), text(120), "Toán lớp 12", {"grade": (str(n % 12 + 1),)})
            for n in range(documents)
        )
        bare = sqlite3.connect(path)
        bare.execute("PRAGMA cache_size = -16000")
        ours = floor = 0.0
        for words in ASKED:
            parts = Expander().parts(nfc(words))
            while not index.find(Query(words)).total:
                words = words.rsplit(" ", 1)[0]
                parts = Expander().parts(nfc(words))
            match = _match(parts)
            assert match is not None
            statement, values = (EXACT_FIRST, match) if match[1] else (BARE, match[:1])
            mine, least = [], []
            for _ in range(rounds):  # in turns, so that a busy machine weighs on both
                mine.append(_spent(lambda asked=words: index.find(Query(asked))))
                least.append(_spent(lambda s=statement, v=values: bare.execute(s, v).fetchall()))
            ours += statistics.median(mine)
            floor += statistics.median(least)
        bare.close()
        index.close()
    return ours, floor


def _spent(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    mine, least = ratio()
    print(
        f"embedded search: {mine * 1000:.0f} ms, bare query {least * 1000:.0f} ms, ratio {mine / least:.2f} (at most 2.0)"
    )
