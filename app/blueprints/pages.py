"""Blueprints as pages: list and the matrix editor."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request

from app.blueprints import forms, layouts, policy, queries, service
from app.blueprints.models import Blueprint
from app.core import db, errors
from app.core.access import allow, viewer
from app.core.http import expected_revision, page_blueprint
from app.core.i18n import gettext as _
from app.questions import kinds
from app.vocabularies import queries as vocabularies

bp = page_blueprint("blueprints", __name__)


@bp.get("/blueprints")
@allow(*policy.MAKERS)
def list_page() -> str:
    return render_template("blueprints/list.html", found=queries.listed(viewer(), limit=100))


@bp.route("/blueprints/new", methods=["GET", "POST"])
@allow(*policy.MAKERS)
def new_page() -> Response:
    if request.method == "GET":
        return _editor(_started({"subject": request.args.get("subject", "TOAN"), "grade": 12, "title": ""}))
    values = forms.posted(request.form)
    if request.form.get("do") == "layout":
        return _editor(_started(values))
    if request.form.get("do") == "sum":
        return _editor(values)
    try:
        made = service.create(viewer(), forms.data(values))
    except errors.Invalid as error:
        return _editor(values, error=error)
    flash(_("Đã lưu."))
    return make_response(redirect(f"/blueprints/{made.id}"))


@bp.route("/blueprints/<uuid:blueprint_id>", methods=["GET", "POST"])
@allow(*policy.MAKERS)
def edit_page(blueprint_id: uuid.UUID) -> Response:
    found = queries.blueprint(viewer(), blueprint_id)
    if request.method == "GET":
        return _editor(forms.shown(found), found)
    values = forms.posted(request.form)
    if request.form.get("do") == "layout":
        return _editor(_started(values), found)
    if request.form.get("do") == "sum":
        return _editor(values, found)
    try:
        service.edit(viewer(), blueprint_id, forms.data(values), expected_revision())
    except (errors.Invalid, errors.Conflict) as error:
        db.session().expire_all()
        return _editor(values, queries.blueprint(viewer(), blueprint_id), error)
    flash(_("Đã lưu."))
    return make_response(redirect(f"/blueprints/{blueprint_id}"))


@bp.post("/blueprints/<uuid:blueprint_id>/delete")
@allow(*policy.MAKERS)
def delete(blueprint_id: uuid.UUID) -> Response:
    service.delete(viewer(), blueprint_id, expected_revision())
    flash(_("Đã xóa ma trận."))
    return make_response(redirect("/blueprints", 303))


def _started(values: dict[str, Any]) -> dict[str, Any]:
    """The national layout of a subject and grade; an empty matrix where there is none."""
    start = service.started(values["subject"], values["grade"]) or {"parts": [], "cells": [], "minutes": 45}
    return {
        **values,
        "minutes": start["minutes"],
        "points": {**layouts.POINTS, **{part["kind"]: part["points"] for part in start["parts"]}},
        "n": {(cell["topic"] or "", cell["kind"], cell["level"]): cell["count"] for cell in start["cells"]},
    }


def _editor(values: dict[str, Any], found: Blueprint | None = None, error: errors.KhoError | None = None) -> Response:
    who = viewer()
    shown = [kind for kind in kinds.codes() if kind in layouts.KINDS or any(key[1] == kind for key in values["n"])]
    shown.sort(key=lambda kind: layouts.KINDS.index(kind) if kind in layouts.KINDS else len(layouts.KINDS))
    levels = [*layouts.LEVELS]
    if any(key[2] == "" for key in values["n"]):
        levels.append("")
    topics = [(term.code, term.label) for term in vocabularies.topics(values["subject"], values["grade"])]
    if values["grade"] is None:
        topics = []
    known = {code for code, _label in topics}
    topics += [(t, vocabularies.label("topic", t)) for t in sorted({k[0] for k in values["n"]} - known - {""})]
    page = render_template(
        "blueprints/edit.html",
        found=found,
        values=values,
        error=error,
        shown=shown,
        levels=levels,
        topics=[*topics, ("", _("Chủ đề bất kì"))],
        sums=forms.sums(values),
        stock=queries.stock(who, values["subject"], values["grade"]) if values["subject"] else {},
        may_edit=found is None or policy.may_edit(who, found),
        subjects=[(t.code, vocabularies.label("subject", t.code)) for t in vocabularies.subjects()],
        grades=[("", _("Mọi lớp"))] + [(n, _("Lớp %(grade)s", grade=n)) for n in range(1, 13)],
    )
    status = 200 if error is None else 422 if isinstance(error, errors.Invalid) else 409
    return make_response(page, status)
