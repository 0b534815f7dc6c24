"""The import rules hold, and each of them is seen to catch a breach planted in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# file to add to: line to add, the rule (by its number) that must break
BREACHES = {
    "app/core/errors.py": ("from app.accounts import queries", "1"),
    "app/resources/models.py": ("from app.quizzes import models", "1"),
    "app/questions/policy.py": ("from app.questions import service", "2"),
    "app/discovery/indexer.py": ("from app.questions import api", "3"),
    "app/surveys/tally.py": ("from app import create_app", "4"),
    "search/port.py": ("from flask import g", "5"),
    "search/folding.py": ("from storage import port", "6"),
    "app/core/ports.py": ("from search.embedded import *", "7"),
    "app/quizzes/queries.py": ("from flask import request", "8"),
    "app/questions/kinds/base.py": ("from app.core import db", "9"),
    "app/surveys/queries.py": ("from app.core import outbox", "10"),
    "storage/keys.py": ("from storage import local", "11"),
}


def checked(folder: Path) -> tuple[int, dict[str, str]]:
    """Exit status of the checker and what became of each rule by its number."""
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    text = " ".join(done.stdout.split())
    found = re.findall(r"(?:^| )(\d+)\. (?:(?!KEPT|BROKEN).)+?(KEPT|BROKEN)", text)
    assert found, done.stdout + done.stderr
    return done.returncode, dict(found)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in ("app", "search", "storage"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("static", "templates", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_rules_hold_and_breaches_are_caught(copy: Path) -> None:
    status, rules = checked(copy)
    assert status == 0, rules
    assert len(rules) >= 11
    for name, (line, _number) in BREACHES.items():
        path = copy / name
        text = path.read_text("utf-8")
        marker = "from __future__ import annotations\n"
        assert marker in text, name
        path.write_text(text.replace(marker, f"{marker}{line}\n", 1), "utf-8")
    status, rules = checked(copy)
    assert status == 1
    broken = {number for number, state in rules.items() if state == "BROKEN"}
    assert broken >= {number for _line, number in BREACHES.values()}
