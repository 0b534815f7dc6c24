"""All benchmarks, each as a ratio against its floor measured in the same run: `make bench`.

Figures in themselves say more about the machine than about the application; ratios travel.
"""

from __future__ import annotations

import sys

import answers
import embedded_search
import engines
import harvest
import measure
import start


def run() -> int:
    print(measure.HEADING, flush=True)
    missed = 0
    for benchmark in (answers, embedded_search, harvest, start, engines):
        for result in benchmark.run():
            print(result, flush=True)
            missed += not result.good
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(run())
