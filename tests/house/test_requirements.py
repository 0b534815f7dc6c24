"""What developers install holds all that the service installs, in the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(.*?)\\?$", re.MULTILINE)


def pins(name: str) -> set[tuple[str, ...]]:
    return {tuple(part.strip() for part in found) for found in PIN.findall((ROOT / name).read_text())}


def test_the_same_versions_everywhere() -> None:
    assert pins("requirements.txt") - pins("tests/requirements.txt") == set()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[<>=!\[; ]", line)[0].lower() for line in project["dependencies"]}
    assert named - {pin[0].lower() for pin in pins("requirements.txt")} == set()
