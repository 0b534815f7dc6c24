"""Only `core/db.py: transaction()` commits; migrations are run by their own command.

The mover writes into a database that is not the application's own yet.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ALLOWED = {"app/core/db.py", "app/core/cli.py", "app/core/moving.py"}
WORDS = {"commit", "begin"}


def ends_units(source: str) -> list[int]:
    """Lines that commit, or begin a unit of work of their own."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WORDS
    ]


def test_one_place_commits() -> None:
    found = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        lines = ends_units(path.read_text("utf-8"))
        if lines and name not in ALLOWED:
            found[name] = lines
    assert found == {}


def test_allowed_places_do_it_once() -> None:
    assert len(ends_units((ROOT / "app/core/db.py").read_text("utf-8"))) == 1


def test_breach_is_caught() -> None:
    assert ends_units("def save(unit):\n    unit.add(1)\n    unit.commit()\n") == [3]
    assert ends_units("with session.begin():\n    pass\n") == [1]
    assert ends_units("with session.begin_nested():\n    pass\n") == []
