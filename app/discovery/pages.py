"""HTML door of the search: one page, every state of it an address, all of it without script."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.wrappers import Response
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from app.core import errors
from app.core.access import ANYONE, allow, viewer
from app.core.http import page_blueprint
from app.core.i18n import _
from app.core.markup import inline
from app.discovery import queries, words
from search.abbreviations import TABLE
from search.folding import nfc
from search.port import SORTS, Segments, Sort

bp = page_blueprint("discovery", __name__)

PER_PAGE = 20
LONGEST_STEM = 500
"""A question's stem up to this length is drawn with its formulas, a longer one is told in words."""
SHOWN_FACETS = (
    "subject", "grade", "resource_type", "form", "level", "licence", "province", "textbook_series", "language",
)  # fmt: skip
FOLDED_FACETS = ("level", "textbook_series", "language")
FIRST_VALUES = 8


@dataclass(frozen=True)
class State:
    """What the address says: words, filters, order, page; `drawer` opens the filters on a phone."""

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    drawer: bool = False

    def url(self) -> str:
        pairs: list[tuple[str, str]] = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        if self.drawer:
            pairs.append(("filters", "1"))
        return "/search" + ("?" + urlencode(pairs) if pairs else "")

    def without(self, name: str, value: str) -> State:
        kept = tuple(one for one in self.filters.get(name, ()) if one != value)
        return self.with_(name, kept)

    def with_(self, name: str, values: tuple[str, ...]) -> State:
        filters = {key: held for key, held in self.filters.items() if key != name}
        if values:
            filters[name] = values
        return replace(self, filters=filters, page=1, drawer=False)

    def at(self, page: int) -> State:
        return replace(self, page=page, drawer=False)

    def cleared(self) -> State:
        """The same words with no filters but the type of result."""
        kept = {name: held for name, held in self.filters.items() if name == "type"}
        return replace(self, filters=kept, page=1, drawer=False)

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The filters set, but for the type of result, which has chips of its own."""
        return [(name, v) for name, values in self.filters.items() if name != "type" for v in values]


def read_state(args: MultiDict[str, str]) -> State:
    """An address typed by hand may say anything: what makes no sense is passed over."""
    filters: dict[str, tuple[str, ...]] = {}
    for name in queries.FILTERS:
        values = [one.strip() for value in args.getlist(name) for one in value.split(",")]
        held = tuple(dict.fromkeys(one for one in values if one and len(one) <= 60 and "\0" not in one))[:30]
        if name == "type":
            held = tuple(one for one in held if one in queries.TYPES)
        if held:
            filters[name] = held
    asked = args.get("sort", "")
    sort: Sort = next((one for one in SORTS if one == asked), "relevance")
    number = args.get("page", "")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    page = min(max(page, 1), queries.DEEPEST // PER_PAGE)
    words = nfc(args.get("q", "").replace("\0", " ")).strip()[:300]
    return State(words, filters, sort, page, bool(args.get("filters")))


def short_place(name: str) -> str:
    """A province as people write it in a line: "Cần Thơ", "TP. Hồ Chí Minh"."""
    name = name.replace("Thành phố Hồ Chí Minh", "TP. Hồ Chí Minh")
    return name.replace("Thành phố ", "").replace("Tỉnh ", "")


def _chip(name: str, value: str) -> str:
    text = queries.label(name, value)
    return short_place(text) if name == "province" else text


def facet_names() -> dict[str, str]:
    return {
        "subject": _("Môn học"),
        "grade": _("Lớp"),
        "resource_type": _("Loại học liệu"),
        "form": _("Dạng câu hỏi"),
        "level": _("Mức độ nhận thức"),
        "licence": _("Giấy phép"),
        "province": _("Tỉnh, thành phố"),
        "textbook_series": _("Bộ sách"),
        "language": _("Ngôn ngữ"),
    }


def sort_names() -> dict[str, str]:
    return {"relevance": _("Phù hợp nhất"), "newest": _("Mới nhất"), "title": _("Theo tên")}


def type_chips(state: State, found: queries.Results) -> list[tuple[str, str, bool, int | None]]:
    """(text, address, current, count) of each type of result, all first; none when there is but one type."""
    counts = {one.value: one.count for one in found.facets.get("type", [])}
    if not viewer().is_staff:
        return []
    chosen = state.filters.get("type", ())
    everything = sum(counts.values()) if not found.degraded else None
    chips = [(_("Tất cả"), state.with_("type", ()).url(), not chosen, everything)]
    for kind in queries.TYPES:
        count = None if found.degraded else counts.get(kind, 0)
        chips.append((queries.label("type", kind), state.with_("type", (kind,)).url(), chosen == (kind,), count))
    return chips


@bp.app_template_global()
def marked(segments: Segments) -> Markup:
    """Pieces of text with the matches in <mark>."""
    pieces = (Markup("<mark>{}</mark>").format(t) if matched else escape(t) for t, matched in segments)
    return Markup("").join(pieces)


@bp.app_template_global()
def found_title(one: queries.Found) -> Markup:
    """The title with its matches marked; a short question is drawn with its formulas."""
    drawn = inline(one.stem) if one.stem and len(one.stem) <= LONGEST_STEM else None
    if drawn is None or re.search(r"<(?:p|img|ul|ol|table|pre|h\d|blockquote|a|hr)\b", drawn):
        return marked(one.title)
    words = {text for text, matched in (*one.title, *one.snippet) if matched}
    return marked_html(drawn, words)


_TAG = re.compile(r"(<[^>]*>)")


def marked_html(html: str, words: set[str]) -> Markup:
    """Safe HTML with these words marked wherever they stand as text, but not inside a drawn formula."""
    if not words:
        return Markup(html)
    ways = "|".join(re.escape(str(escape(word))) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<![^\W_])(?:{ways})(?![^\W_])")
    made: list[str] = []
    depth = 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            if depth or 'class="katex' in piece or piece.startswith("<math"):
                void = piece.endswith("/>") or piece.startswith("<br")
                depth += -1 if piece.startswith("</") else 0 if void else 1
            made.append(piece)
        else:
            made.append(piece if depth else pattern.sub(lambda m: f"<mark>{m[0]}</mark>", piece))
    return Markup("".join(made))


@dataclass(frozen=True)
class Facet:
    name: str
    title: str
    first: Sequence[queries.Count]
    rest: Sequence[queries.Count]
    open: bool
    chosen: frozenset[str]


def facets_of(state: State, found: queries.Results) -> list[Facet]:
    """The facets worth showing: those with something to choose, chosen values among the first."""
    names = facet_names()
    made = []
    for name in SHOWN_FACETS:
        chosen = frozenset(state.filters.get(name, ()))
        counts = found.facets.get(name, [])
        if not counts or (len(counts) < 2 and not chosen and name in ("language", "textbook_series")):
            continue
        first = counts if name == "grade" or len(counts) <= FIRST_VALUES + 2 else counts[:FIRST_VALUES]
        first = [*first, *(one for one in counts if one.value in chosen and one not in first)]
        rest = [one for one in counts if one not in first]
        made.append(Facet(name, names[name], first, rest, bool(chosen) or name not in FOLDED_FACETS, chosen))
    return made


@bp.get("/search")
@allow(ANYONE)
def search() -> Response:
    state = read_state(request.args)
    found = queries.search(viewer(), state.q, state.filters, state.sort, state.page, PER_PAGE)
    page = render_template(
        "discovery/search.html",
        state=state,
        found=found,
        facets=facets_of(state, found),
        types=type_chips(state, found),
        chips=[(_chip(name, value), state.without(name, value).url()) for name, value in state.chosen],
        sorts=sort_names(),
        per_page=PER_PAGE,
        shown_total=min(found.total, queries.DEEPEST),
        page_url=lambda page: state.at(page).url(),
        place=lambda code: short_place(queries.place(code)),
        short_place=short_place,
        form_name=lambda code: queries.label("form", code),
    )
    answer = make_response(page)
    answer.headers.add("Vary", "Cookie")
    return answer


@bp.get("/search/words")
@allow(*words.KEEPERS)
def search_words() -> Response:
    return _words({}, {})


@bp.post("/search/words")
@allow(*words.KEEPERS)
def keep_word() -> Response:
    form = {name: request.form.get(name, "") for name in ("form", "means", "both")}
    try:
        row = words.keep(viewer(), form["form"], form["means"], form["both"] == "1")
    except errors.Invalid as error:
        return _words(form, error.errors, error.message, 422)
    flash(_("Đã lưu “%(form)s”. Từ bây giờ tìm kiếm hiểu từ này.", form=row.form))
    return make_response(redirect(url_for("discovery.search_words"), 303))


@bp.post("/search/words/<uuid:word_id>/drop")
@allow(*words.KEEPERS)
def drop_word(word_id: uuid.UUID) -> Response:
    words.drop(viewer(), word_id)
    flash(_("Đã bỏ từ này."))
    return make_response(redirect(url_for("discovery.search_words"), 303))


def _words(form: Mapping[str, str], found: Mapping[str, list[str]], message: str = "", status: int = 200) -> Response:
    page = render_template(
        "discovery/words.html",
        own=words.listed(),
        known=[(entry.form, ", ".join(entry.means)) for entry in TABLE if not entry.grades],
        form=form,
        found=found,
        message=message,
        labels={"form": _("Từ người dùng gõ"), "means": _("Nghĩa"), "both": _("Hiểu theo cả hai chiều")},
    )
    return make_response(page, status)
