"""JSON door of the search."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.core.access import ANYONE, allow, viewer
from app.core.errors import Invalid
from app.core.http import Schema, api_blueprint
from app.core.i18n import _
from app.discovery import queries
from search.port import SORTS

bp = api_blueprint("discovery_api", __name__, "/api/v1")


def _list(description: str) -> ma.fields.List:
    return ma.fields.List(ma.fields.String(), metadata={"description": description})


class SearchIn(Schema):
    """Filters may be repeated or hold several values between commas; other parameters are passed over."""

    class Meta:
        unknown = ma.EXCLUDE

    q = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))
    type = _list("resource, question")
    subject = _list("codes of subjects")
    grade = _list("1 to 12")
    resource_type = _list("codes of resource types")
    form = _list("codes of question kinds")
    level = _list("BIET, HIEU, VANDUNG")
    licence = _list("codes of licences")
    province = _list("codes of provinces, present or former")
    language = _list("codes of languages")
    textbook_series = _list("codes of textbook series")
    topic = _list("codes of topics")
    sort = ma.fields.String(load_default="relevance", validate=ma.validate.OneOf(SORTS))
    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, queries.DEEPEST))
    per_page = ma.fields.Integer(load_default=20, validate=ma.validate.Range(1, 100))


class Piece(Schema):
    text = ma.fields.String()
    matched = ma.fields.Boolean()


class FoundOriginOut(Schema):
    """Where a lesson harvested from another repository comes from."""

    source = ma.fields.String()
    url = ma.fields.String(allow_none=True)
    identifier = ma.fields.String()


class FoundOut(Schema):
    type = ma.fields.String()
    id = ma.fields.UUID()
    title = ma.fields.String()
    snippet = ma.fields.String()
    url = ma.fields.String()
    title_marks = ma.fields.List(ma.fields.Nested(Piece))
    snippet_marks = ma.fields.List(ma.fields.Nested(Piece))
    subject = ma.fields.String(allow_none=True)
    grades = ma.fields.List(ma.fields.Integer())
    language = ma.fields.String()
    province = ma.fields.String(allow_none=True)
    resource_type = ma.fields.String(allow_none=True)
    licence = ma.fields.String(allow_none=True)
    form = ma.fields.String(allow_none=True)
    level = ma.fields.String(allow_none=True)
    size = ma.fields.Integer()
    origin = ma.fields.Nested(FoundOriginOut, allow_none=True)
    published_at = ma.fields.DateTime(allow_none=True)


class CountOut(Schema):
    value = ma.fields.String()
    label = ma.fields.String()
    count = ma.fields.Integer()


class SearchOut(Schema):
    total = ma.fields.Integer()
    items = ma.fields.List(ma.fields.Nested(FoundOut))
    facets = ma.fields.Dict(ma.fields.String(), ma.fields.List(ma.fields.Nested(CountOut)))
    took_ms = ma.fields.Integer()
    degraded = ma.fields.Boolean()


class SuggestIn(Schema):
    class Meta:
        unknown = ma.EXCLUDE

    q = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))
    limit = ma.fields.Integer(load_default=8, validate=ma.validate.Range(1, 20))


class SuggestOut(Schema):
    items = ma.fields.List(ma.fields.String())


def _filters(values: dict[str, Any]) -> dict[str, list[str]]:
    """The filters asked for, checked; raises Invalid naming the parameter."""
    found = {
        name: [one.strip() for value in values.get(name) or [] for one in value.split(",") if one.strip()]
        for name in queries.FILTERS
    }
    wrong: dict[str, list[str]] = {}
    if set(found["type"]) - set(queries.TYPES):
        wrong["type"] = [_("Loại kết quả phải là resource hoặc question.")]
    if any(not (one.isascii() and one.isdigit() and 1 <= int(one) <= 12) for one in found["grade"]):
        wrong["grade"] = [_("Lớp phải là một số từ 1 đến 12.")]
    if values["page"] * values["per_page"] > queries.DEEPEST:
        wrong["page"] = [_("Chỉ xem được %(limit)s kết quả đầu. Hãy lọc hẹp lại.", limit=queries.DEEPEST)]
    if wrong:
        raise Invalid(_("Dữ liệu gửi lên chưa hợp lệ."), errors=wrong)
    found["grade"] = [str(int(one)) for one in found["grade"]]
    return found


def _pieces(segments: queries.Segments) -> list[dict[str, Any]]:
    return [{"text": text, "matched": matched} for text, matched in segments]


def _shown(one: queries.Found) -> dict[str, Any]:
    return {
        "type": one.type,
        "id": one.id,
        "title": "".join(text for text, _matched in one.title),
        "snippet": "".join(text for text, _matched in one.snippet),
        "url": one.url,
        "title_marks": _pieces(one.title),
        "snippet_marks": _pieces(one.snippet),
        "subject": one.subject,
        "grades": list(one.grades),
        "language": one.language,
        "province": one.province,
        "resource_type": one.resource_type,
        "licence": one.licence,
        "form": one.form,
        "level": one.level,
        "size": one.size,
        "origin": one.origin,
        "published_at": one.at,
    }


@bp.get("/search")
@bp.arguments(SearchIn, location="query")
@bp.response(200, SearchOut)
@allow(ANYONE)
def search(values: dict[str, Any]) -> dict[str, Any]:
    """Lessons for everybody, questions for teachers; exact diacritics first, also without any."""
    found = queries.search(viewer(), values["q"], _filters(values), values["sort"], values["page"], values["per_page"])
    return {
        "total": found.total,
        "items": [_shown(one) for one in found.items],
        "facets": {
            name: [{"value": c.value, "label": c.label, "count": c.count} for c in counts]
            for name, counts in found.facets.items()
        },
        "took_ms": found.took_ms,
        "degraded": found.degraded,
    }


@bp.get("/suggest")
@bp.arguments(SuggestIn, location="query")
@bp.response(200, SuggestOut)
@allow(ANYONE)
def suggest(values: dict[str, Any]) -> dict[str, Any]:
    """Titles of public lessons that go on from `q`."""
    return {"items": queries.suggestions(values["q"], values["limit"])}
