"""HTML door of harvests: the sources with how far behind each is, one source with all that needs a person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from app.core import errors
from app.core.access import SIGNED_IN, allow, viewer
from app.core.http import page_blueprint
from app.core.i18n import _
from app.harvest import policy, queries, service
from app.harvest.models import RUNNING, HarvestRun, HarvestSource
from app.vocabularies import queries as vocabularies

bp = page_blueprint("harvest", __name__)
SCHEDULES = (0, 3600, 86_400, 7 * 86_400)
VOCABULARIES = {"subject": "subject", "resource_type": "resource_type", "licence": "licence", "language": "language"}


@dataclass(frozen=True)
class Line:
    """A source as the list shows it."""

    source: HarvestSource
    figures: queries.Figures
    last: HarvestRun | None


def span_words(span: timedelta | None) -> str:
    """How long ago, roughly, as people say it."""
    if span is None:
        return _("chưa lần nào")
    minutes = max(0, int(span.total_seconds()) // 60)
    if minutes < 60:
        return _("%(count)s phút", count=minutes)
    if minutes < 48 * 60:
        return _("%(count)s giờ", count=minutes // 60)
    return _("%(count)s ngày", count=minutes // 1440)


def file_modes() -> list[tuple[str, str]]:
    return [
        ("none", _("Chỉ liên kết tới kho nguồn")),
        ("on_demand", _("Lấy về khi có người cần")),
        ("all", _("Lấy về tất cả")),
    ]


def schedules() -> list[tuple[str, str]]:
    names = {0: _("Chỉ khi bấm nút"), 3600: _("Mỗi giờ"), 86_400: _("Mỗi ngày"), 7 * 86_400: _("Mỗi tuần")}
    return [(str(every), names[every]) for every in SCHEDULES]


def field_names() -> dict[str, str]:
    return {
        "subject": _("Môn học"),
        "resource_type": _("Loại học liệu"),
        "licence": _("Giấy phép"),
        "language": _("Ngôn ngữ"),
    }


def labels() -> dict[str, str]:
    """Names of the form's fields, for the summary of errors."""
    return {
        "base_url": _("Địa chỉ OAI-PMH"),
        "metadata_prefix": _("Định dạng"),
        "set": _("Tập hợp"),
        "token": _("Mã truy cập"),
        "name": _("Tên gọi"),
        "files": _("Tệp"),
        "province": _("Tỉnh, thành phố"),
        "every_s": _("Lịch thu"),
    }


def _options() -> dict[str, Any]:
    provinces = [("", _("Theo từng học liệu"))]
    provinces += [(term.code, term.label) for term in vocabularies.provinces()]
    return {
        "file_modes": file_modes(),
        "schedules": schedules(),
        "provinces": provinces,
        "prefixes": [(prefix, prefix) for prefix in ("oai_dc", "lom", "amb", "marc21", "oai_lom", "marcxml")],
        "labels": labels(),
        "span_words": span_words,
        "words": queries.words,
        "state_words": queries.state_words,
    }


def _index(form: dict[str, Any], found: dict[str, list[str]], message: str = "", status: int = 200) -> Response:
    lines = [
        Line(source, queries.figures(source), queries.last_run(source.id)) for source in queries.listed(viewer(), 500)
    ]
    page = render_template(
        "harvest/index.html", lines=lines, form=form, found=found, message=message, running=RUNNING, **_options()
    )
    return make_response(page, status)


def _values() -> dict[str, Any]:
    form = request.form
    every = form.get("every_s", "")
    return {
        "name": form.get("name", "").strip() or None,
        "files": form.get("files") or "none",
        "province": form.get("province") or None,
        "every_s": int(every) if every.isdigit() and len(every) < 9 else 86_400,
    }


@bp.get("/harvests")
@allow(*policy.KEEPERS)
def index() -> Response:
    return _index({"metadata_prefix": "oai_dc", "files": "none", "every_s": "86400"}, {})


@bp.post("/harvests")
@allow(*policy.KEEPERS)
def create() -> Response:
    form = request.form
    try:
        source = service.register(
            viewer(),
            base_url=form.get("base_url", ""),
            prefix=form.get("metadata_prefix") or "oai_dc",
            spec=form.get("set", "").strip(),
            token=form.get("token", "").strip() or None,
            **_values(),
        )
    except errors.Invalid as error:
        return _index({**form.to_dict(), "token": ""}, error.errors, error.message, 422)
    service.start(viewer(), source.id)
    flash(_("Đã thêm nguồn. Lần thu đầu tiên đang chạy."))
    return _back(source.id)


@bp.get("/harvests/<uuid:source_id>")
@allow(*policy.KEEPERS)
def source(source_id: uuid.UUID) -> str:
    found = queries.source(viewer(), source_id)
    runs = queries.runs(viewer(), source_id, 20)
    return render_template(
        "harvest/source.html",
        source=found,
        figures=queries.figures(found),
        runs=runs,
        running=bool(runs) and runs[0].state == RUNNING,
        terms=queries.terms(viewer(), source_id, limit=100),
        choices={name: [(t.code, t.label) for t in vocabularies.terms(kind)] for name, kind in VOCABULARIES.items()},
        field_names=field_names(),
        rejected=queries.rejected(viewer(), source_id),
        reject_words=queries.reject_words,
        doubles=queries.doubles(viewer(), source_id),
        **_options(),
    )


@bp.post("/harvests/<uuid:source_id>/run")
@allow(*policy.KEEPERS)
def run(source_id: uuid.UUID) -> Response:
    kind = "check" if request.form.get("kind") == "check" else None
    try:
        service.start(viewer(), source_id, kind)
        flash(_("Đang thu. Tải lại trang để xem tiến độ."))
    except errors.Conflict as error:
        flash(error.message, "error")
    return _back(source_id)


@bp.post("/harvests/<uuid:source_id>")
@allow(*policy.KEEPERS)
def change(source_id: uuid.UUID) -> Response:
    values = {**_values(), "active": request.form.get("followed") == "1"}
    values["name"] = values["name"] or queries.source(viewer(), source_id).name
    if token := request.form.get("token", "").strip():
        values["token"] = token
    try:
        service.change(viewer(), source_id, **values)
        flash(_("Đã lưu."))
    except errors.Invalid as error:
        flash(" ".join([error.message, *(text for texts in error.errors.values() for text in texts)]), "error")
    return _back(source_id)


@bp.post("/harvests/<uuid:source_id>/missing")
@allow(*policy.KEEPERS)
def missing(source_id: uuid.UUID) -> Response:
    delete = request.form.get("decision") == "delete"
    count = service.confirm_missing(viewer(), source_id, delete)
    flash(_("Đã gỡ %(count)s học liệu.", count=count) if delete else _("Giữ lại %(count)s học liệu.", count=count))
    return _back(source_id)


@bp.post("/harvests/terms/<uuid:term_id>")
@allow(*policy.KEEPERS)
def decide(term_id: uuid.UUID) -> Response:
    term = queries.term(viewer(), term_id)
    try:
        service.decide(viewer(), term_id, request.form.get("code") or None)
    except errors.Invalid as error:
        flash(error.message, "error")
    return _back(term.source_id, "can-quyet")


@bp.post("/harvests/lessons/<uuid:resource_id>/files")
@allow(SIGNED_IN)
def fetch(resource_id: uuid.UUID) -> Response:
    try:
        count = service.want(viewer(), resource_id)
        flash(_("Đang lấy %(count)s tệp về kho. Tải lại trang sau ít phút.", count=count))
    except errors.Conflict as error:
        flash(error.message, "error")
    return make_response(redirect(f"/lessons/{resource_id}", 303))


def _back(source_id: uuid.UUID, place: str = "") -> Response:
    url = url_for("harvest.source", source_id=source_id) + (f"#{place}" if place else "")
    return make_response(redirect(url, 303))
