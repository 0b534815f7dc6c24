"""Every Vietnamese message has an English one with the same blanks to fill."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import jinja2
from babel.messages.pofile import read_po

from app.core.i18n import catalogue

APP = Path(__file__).parent.parent.parent / "app"
CALLS = {"_": 0, "gettext": 0, "Problem": 1}
# What exchange formats say of a question or a file is translated when it is told.
SAID_LATER = {"Message": 0, "Unreadable": 0, "guess": 0, "tell": 0, "drop": 0}
BLANK = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def said_in_code(source: str) -> set[str]:
    """Messages given as constants to `_`, `gettext`, a kind's `Problem` or a format's report."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = CALLS.get(name, SAID_LATER.get(name))
        if place is None or len(node.args) <= place:
            continue
        for part in ast.walk(node.args[place]):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and (name in CALLS or " " in part.value):
                found.add(part.value)
    return found


def said_in_template(source: str) -> set[str]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = set()
    for _line, _function, message in environment.extract_translations(source, gettext_functions=("_", "gettext")):
        found |= {one for one in (message if isinstance(message, tuple) else (message,)) if one}
    return found


def all_said() -> dict[str, set[str]]:
    """Each message with the files it stands in."""
    places: dict[str, set[str]] = defaultdict(set)
    for path in sorted(APP.rglob("*.py")):
        if "demo" not in path.parts:
            for message in said_in_code(path.read_text("utf-8")):
                places[message].add(str(path.relative_to(APP)))
    for path in sorted((APP / "templates").rglob("*.html")):
        for message in said_in_template(path.read_text("utf-8")):
            places[message].add(str(path.relative_to(APP)))
    return places


def blanks(text: str) -> set[str]:
    return {first or second for first, second in BLANK.findall(text)}


def test_every_message_is_translated() -> None:
    english, said = catalogue("en"), all_said()
    assert len(said) > 500
    assert {message: places for message, places in said.items() if message not in english} == {}


def test_translations_keep_the_blanks() -> None:
    english = catalogue("en")
    assert {vi: en for vi, en in english.items() if blanks(vi) != blanks(en)} == {}


def test_a_message_means_one_thing() -> None:
    """Catalogues of two rooms that translate one message in two ways would depend on their order."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((APP / "translations" / "en").glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale="en"):
                if message.id and message.string:
                    known[str(message.id)][path.name] = str(message.string)
    assert {vi: en for vi, en in known.items() if len(set(en.values())) > 1} == {}


def test_a_missing_one_would_be_seen() -> None:
    assert said_in_code('raise NotFound(_("Không " "thấy.") if a else _("Mất."))') == {"Không thấy.", "Mất."}
    assert said_in_template('{{ _("Chào %(name)s", name=x) }}{% if _("Thử") %}{% endif %}') == {"Chào %(name)s", "Thử"}
