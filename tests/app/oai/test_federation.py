"""docs/federation.md is true: its commands are those of the page, exist, and run as they stand."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.harvest.check import RULES
from app.oai.crosswalk import FORMATS

TEXT = (Path(__file__).parents[3] / "docs" / "federation.md").read_text("utf-8")
BASE = "https://kho.example.edu.vn/oai"
BLOCKS = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
CLIENTS = [block.strip() for block in BLOCKS if "sickle" in block or "scythe" in block or "catmandu" in block]


def test_three_clients_as_on_the_page(client: FlaskClient) -> None:
    page = html.unescape(client.get("/partners").text)
    assert len(CLIENTS) == 3
    for command in CLIENTS:
        assert command.replace(BASE, "http://localhost/oai") in page
    assert "wsgi.py oai-check http://localhost/oai" in page


@pytest.mark.parametrize("command", [one for one in CLIENTS if "python3" in one])
def test_the_client_runs_as_it_stands(live: str, shelf: Any, command: str) -> None:
    lesson, gone = shelf.put("Bài còn"), shelf.put("Bài rút")
    shelf.feed()
    shelf.withdraw(gone)
    shelf.feed()
    script = command.partition("<<'END'\n")[2].removesuffix("END").replace(BASE, live)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert str(lesson) in ran.stdout and str(gone) in ran.stdout


def test_commands_exist(app: Flask) -> None:
    named = re.findall(r"^wsgi\.py (.+)$", "\n".join(BLOCKS), re.MULTILINE) + re.findall(r"`wsgi\.py (.+?)`", TEXT)
    assert len(named) > 6
    runner = app.test_cli_runner()
    for line in named:
        words = [word for word in line.split() if word != "…"]
        options = [word for word in words if word.startswith("--")]
        count = 2 if words[0] in ("harvest", "feed") else 1
        told = runner.invoke(args=[*words[:count], "--help"])
        assert told.exit_code == 0, line
        assert all(option in told.output for option in options), line


def test_names_are_real() -> None:
    rules = set(re.findall(r"`([a-z]+_[a-z_]+)`", TEXT)) - {"oai_dc"}
    assert rules <= RULES.keys()
    assert all(f"| `{prefix}` |" in TEXT for prefix in FORMATS)
