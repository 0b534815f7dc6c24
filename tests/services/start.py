"""Start real PostgreSQL, Elasticsearch and S3 on this machine without Docker; print where they are.

Standard output has the three lines `DATABASE_URL=… SEARCH_URL=… STORAGE_URL=…` and nothing else; they are
kept in `$DATA_DIR/services.env` too. What already runs is left running. With the argument `minio` it starts
that server instead and prints its `STORAGE_URL`.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from tests.services import elastic, minio, place, postgres, seaweed

SERVICES = {"DATABASE_URL": postgres, "SEARCH_URL": elastic, "STORAGE_URL": seaweed}
ON_DEMAND = {"minio": {"STORAGE_URL": minio}}
ALL = (postgres, elastic, seaweed, minio)


def _started(service: ModuleType, here: place.Place) -> str:
    began = time.monotonic()
    url: str = service.start(here)
    place.say(f"{service.NAME}: {time.monotonic() - began:.1f} s")
    return url


def main() -> None:
    began = time.monotonic()
    wanted = ON_DEMAND[sys.argv[1]] if len(sys.argv) > 1 else SERVICES
    with place.opened(place.data_dir()) as here:
        for service in wanted.values():
            service.prepare(here)
        ready = time.monotonic()
        with ThreadPoolExecutor() as pool:
            urls = list(pool.map(lambda service: _started(service, here), wanted.values()))
        text = "".join(f"{name}={url}\n" for name, url in zip(wanted, urls, strict=True))
        if wanted is SERVICES:
            place.write_private(here.env_file, text)
    sys.stdout.write(text)
    took = time.monotonic()
    place.say(f"ready: {took - ready:.1f} s to start, {ready - began:.1f} s to install")


if __name__ == "__main__":
    main()
