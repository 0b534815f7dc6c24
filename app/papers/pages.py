"""Papers as pages: list, making forms from a blueprint, one paper with its files and keys."""

from __future__ import annotations

import random
import uuid
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request

from app.accounts import queries as accounts
from app.blueprints import queries as blueprints
from app.core import errors
from app.core.access import allow, viewer
from app.core.http import loaded, page_blueprint
from app.core.i18n import gettext as _
from app.papers import policy, queries, service
from app.papers.printing import order
from app.papers.schemas import PaperIn

bp = page_blueprint("papers", __name__)


@bp.get("/papers")
@allow(*policy.MAKERS)
def list_page() -> str:
    return render_template("papers/list.html", found=queries.listed(viewer(), limit=100))


@bp.route("/papers/new", methods=["GET", "POST"])
@allow(*policy.MAKERS)
def new_page() -> Response:
    asked = request.values.get("blueprint", "")
    try:
        plan = blueprints.blueprint(viewer(), uuid.UUID(asked))
    except ValueError:
        raise errors.NotFound(_("Không tìm thấy ma trận này.")) from None
    values: dict[str, Any] = {
        "title": plan.title,
        "forms": 4,
        "bases": 1,
        "digits": "3",
        "seed": random.randint(1, 9999),
    }
    error = None
    if request.method == "POST":
        values = request.form.to_dict()
        try:
            return make_response(redirect(f"/papers/{service.create(viewer(), _data(values)).id}", 303))
        except errors.Invalid as refused:
            error = refused
    else:
        unit = accounts.unit(plan.unit_id) if plan.unit_id else None
        if unit is not None:
            department = accounts.department_of(unit.id)
            values["department"] = department.name
            values["school"] = unit.name if unit.id != department.id else ""
    page = render_template("papers/new.html", plan=plan, values=values, error=error)
    return make_response(page, 422 if error else 200)


def _data(values: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "heading": {name: values.get(name, "").strip() for name in service.HEADING},
        "shuffle_choices": bool(values.get("shuffle_choices")),
        "own_drafts": bool(values.get("own_drafts")),
    }
    for name in ("blueprint", "title", "forms", "bases", "digits", "first_code", "seed"):
        if values.get(name, "").strip():
            given[name] = values[name].strip()
    return loaded(PaperIn(), given)


@bp.get("/papers/<uuid:paper_id>")
@allow(*policy.MAKERS)
def view_page(paper_id: uuid.UUID) -> Response:
    found = queries.paper(viewer(), paper_id)
    dealt = queries.dealt(viewer(), paper_id)
    keys = {each.form.code: queries.keys(each) for each in dealt}
    letters = {each.form.code: order.letters(each.items, each.form.layout) for each in dealt}
    page = make_response(render_template("papers/view.html", found=found, dealt=dealt, keys=keys, letters=letters))
    page.headers["Cache-Control"] = "private, no-store"
    return page


@bp.post("/papers/<uuid:paper_id>/delete")
@allow(*policy.MAKERS)
def delete(paper_id: uuid.UUID) -> Response:
    service.delete(viewer(), paper_id)
    flash(_("Đã xóa đề."))
    return make_response(redirect("/papers", 303))
