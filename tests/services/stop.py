"""End the services that `start` started for this data folder, and no others. Their data stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.services import place
from tests.services.start import ALL


def main() -> None:
    with place.opened(place.data_dir()) as here:
        with ThreadPoolExecutor() as pool:
            stopped = list(pool.map(lambda service: service.stop(here), ALL))
        ended = [service.NAME for service, was in zip(ALL, stopped, strict=True) if was]
        here.env_file.unlink(missing_ok=True)
    place.say(f"ended: {', '.join(ended) or 'nothing was running'}")


if __name__ == "__main__":
    main()
