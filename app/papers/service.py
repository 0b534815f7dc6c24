"""The verbs of papers: make one from a blueprint, delete it, print it."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

from app.blueprints import queries as blueprints
from app.blueprints import service as drawing
from app.core import db
from app.core.access import Viewer
from app.core.errors import Forbidden, Invalid
from app.core.i18n import gettext as _
from app.papers import policy, queries
from app.papers.models import Paper, PaperForm, PaperItem
from app.papers.printing import keys, order
from app.papers.printing import sheet as printing
from app.questions import queries as bank

HEADING = ("department", "school", "exam")


def create(viewer: Viewer, data: dict[str, Any]) -> Paper:
    """Draw `bases` sets that share no question and shuffle them into `forms` forms.

    Raises Invalid with a line for each cell of the matrix that lacks questions.
    """
    if not policy.may_create(viewer):
        raise Forbidden(_("Thầy cô cần tài khoản giáo viên để tạo đề."))
    plan = blueprints.blueprint(viewer, data["blueprint"])
    count, bases, seed = data.get("forms", 4), data.get("bases", 1), data.get("seed", 0)
    if bases > count:
        raise Invalid(_("Số đề gốc không được nhiều hơn số mã đề."), errors={"bases": [_("Tối đa %(n)s.", n=count)]})
    try:
        codes = order.codes(count, data.get("digits", 3), data.get("first_code"))
    except ValueError:
        raise Invalid(
            _("Mã đề chưa hợp lệ."), errors={"first_code": [_("Mã đề không vừa số chữ số đã chọn.")]}
        ) from None
    drawn = drawing.assemble(viewer, plan.id, bases, seed, data.get("own_drafts", False))
    if drawn.lacking:
        raise Invalid(
            _("Ngân hàng chưa đủ câu cho ma trận này."), errors={"blueprint": [x.text for x in drawn.lacking]}
        )
    full = bank.versions({version for chosen in drawn.sets for _part, version, _question in chosen})
    items = [
        [
            order.Item(part, held.version.kind, held.version.choices or [], held.answer)
            for part, version, _question in chosen
            for held in (full[version],)
        ]
        for chosen in drawn.sets
    ]
    with db.transaction() as unit:
        made = Paper(
            owner_id=viewer.id,
            unit_id=plan.unit_id,
            blueprint_id=plan.id,
            title=data.get("title") or plan.title,
            subject=plan.subject,
            grade=plan.grade,
            minutes=plan.minutes,
            heading={name: (data.get("heading") or {}).get(name, "") for name in HEADING},
            parts=plan.parts,
            seed=seed,
            created_at=db.now(),
        )
        unit.add(made)
        unit.flush()
        unit.add_all(
            PaperItem(paper_id=made.id, base=base, position=position, part=part, version_id=version)
            for base, chosen in enumerate(drawn.sets, 1)
            for position, (part, version, _question) in enumerate(chosen)
        )
        shuffles = data.get("shuffle_choices", True)
        unit.add_all(
            PaperForm(
                paper_id=made.id,
                code=code,
                base=n % bases + 1,
                layout=order.form(items[n % bases], f"{seed}/{code}", shuffles),
            )
            for n, code in enumerate(codes)
        )
    return made


def delete(viewer: Viewer, paper_id: uuid.UUID) -> None:
    with db.transaction() as unit:
        unit.delete(queries.paper(viewer, paper_id))


def pdf(viewer: Viewer, paper_id: uuid.UUID, code: str) -> bytes:
    """One form as PDF."""
    return printing.pdf(queries.sheets(viewer, paper_id, code)[0])


def every_pdf(viewer: Viewer, paper_id: uuid.UUID) -> bytes:
    """All forms, a PDF each, in one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each in queries.sheets(viewer, paper_id):
            archive.writestr(f"ma-de-{each.code}.pdf", printing.pdf(each))
    return out.getvalue()


def keys_xlsx(viewer: Viewer, paper_id: uuid.UUID) -> bytes:
    """The keys of all forms; only for who may see the paper."""
    found = queries.paper(viewer, paper_id)
    forms = [(each.form.code, each.form.base, queries.keys(each)) for each in queries.dealt(viewer, paper_id)]
    return keys.workbook(found.title, forms)
