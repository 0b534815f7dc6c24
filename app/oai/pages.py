"""Doors of the feed: `/oai` for harvesters, `/feed.atom`, `/sitemap.xml`, `/partners` that explains them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Response, abort, render_template, request

from app.accounts import queries as accounts
from app.core import db, ports
from app.core.access import ANYONE, allow
from app.core.http import csrf_exempt, page_blueprint
from app.core.i18n import _
from app.core.markup import plain
from app.oai import queries, verbs
from app.oai.crosswalk import FORMATS
from app.oai.sets import ROOTS, known, spec_of
from app.oai.xml import escaped, utc
from app.resources import queries as resources
from app.vocabularies import queries as vocabularies

bp = page_blueprint("oai", __name__)
PER_SITEMAP = 49_990
"""Lessons in one file: sitemaps.org allows 50,000 places, some are pages of our own."""
ATOM_ENTRIES = 50
WORTH_PACKING = 1_000


@bp.route("/oai", methods=["GET", "POST"], strict_slashes=False)
@csrf_exempt
@allow(ANYONE)
def provider() -> Response:
    """OAI-PMH 2.0. Arguments may come in the address or in a form body (3.1.1)."""
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return _packed(Response(verbs.answer(pairs, repository()), content_type="text/xml; charset=utf-8"))


def repository() -> verbs.Repository:
    settings = ports.settings()
    return verbs.Repository(
        base_url=f"{settings.public_url}/oai",
        public_url=settings.public_url,
        name="Kho Chung",
        repository_id=settings.repository_id,
        admin_email=settings.admin_email,
        secret=settings.secret_key,
        compression=("gzip",),
    )


@bp.get("/oai/schemas/json-ld.xsd")
@allow(ANYONE)
def json_ld_schema() -> Response:
    """The one schema of our own that the feed names."""
    text = (Path(__file__).parent / "schemas" / "json-ld.xsd").read_text("utf-8")
    return _packed(Response(text, content_type="application/xml; charset=utf-8"))


@bp.get("/feed.atom")
@allow(ANYONE)
def atom() -> Response:
    """The newest lessons (RFC 4287)."""
    public = ports.settings().public_url
    found = resources.recent(ATOM_ENTRIES)
    changed = [version.published_at or resource.published_at for resource, version in found]
    updated = max((moment for moment in changed if moment), default=None) or db.now()
    entries = "".join(
        f"<entry><id>urn:uuid:{resource.id}</id><title>{escaped(version.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escaped(f"{public}/lessons/{resource.id}")}"/>'
        f"<published>{utc(resource.published_at or updated)}</published>"
        f"<updated>{utc(at or updated)}</updated>"
        f"{_authors(version.authors, resource.unit_id)}"
        f"<summary>{escaped(plain(version.description or '')[:500])}</summary></entry>\n"
        for (resource, version), at in zip(found, changed, strict=True)
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi">\n'
        f"<id>{escaped(public)}/feed.atom</id><title>Kho Chung: học liệu mới</title>\n"
        f'<link rel="self" type="application/atom+xml" href="{escaped(public)}/feed.atom"/>\n'
        f'<link rel="alternate" type="text/html" href="{escaped(public)}/"/>\n'
        f"<updated>{utc(updated)}</updated>\n{entries}</feed>\n"
    )
    return _conditional(Response(text, content_type="application/atom+xml; charset=utf-8"), updated)


def _authors(authors: list[str], unit_id: object) -> str:
    """Every entry needs an author (RFC 4287, 4.1.2): at least the unit that shares the lesson."""
    names = [name for name in authors or [] if name.strip()]
    if not names:
        unit = accounts.unit(unit_id)  # type: ignore[arg-type]
        names = [unit.name if unit else "Kho Chung"]
    return "".join(f"<author><name>{escaped(name)}</name></author>" for name in names)


def _sitemap(root: str, items: str) -> Response:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}</{root}>\n"
    )
    return _packed(Response(text, content_type="application/xml; charset=utf-8"))


def _places(first: int, last: int) -> str:
    public = escaped(ports.settings().public_url)
    return "".join(
        f"<url><loc>{public}/lessons/{place.item_id}</loc><lastmod>{utc(place.changed_at)}</lastmod></url>\n"
        for place in queries.places(first, last)
    )


@bp.get("/sitemap.xml")
@allow(ANYONE)
def sitemap() -> Response:
    """All public lessons; an index of parts once there are more than one file may hold (sitemaps.org)."""
    public = escaped(ports.settings().public_url)
    parts = -(-queries.last_id() // PER_SITEMAP)
    if parts > 1:
        named = (f"<sitemap><loc>{public}/sitemap-{n}.xml</loc></sitemap>\n" for n in range(1, parts + 1))
        return _sitemap("sitemapindex", "".join(named))
    fixed = "".join(f"<url><loc>{public}{path}</loc></url>\n" for path in ("/", "/search", "/partners"))
    return _sitemap("urlset", fixed + _places(1, PER_SITEMAP))


@bp.get("/sitemap-<int:part>.xml")
@allow(ANYONE)
def sitemap_part(part: int) -> Response:
    if not 1 <= part <= -(-queries.last_id() // PER_SITEMAP):
        abort(404)
    return _sitemap("urlset", _places((part - 1) * PER_SITEMAP + 1, part * PER_SITEMAP))


@dataclass(frozen=True)
class Sharing:
    code: str
    name: str
    count: int
    changed_at: datetime


def set_groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Per root of the hierarchy: its spec, its name and its sets, in the reader's language."""
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    names = {
        "subject": _("Môn học"),
        "province": _("Tỉnh, thành phố"),
        "level": _("Cấp học"),
        "type": _("Loại học liệu"),
        "licence": _("Giấy phép"),
    }
    for root, (kind, _name) in ROOTS.items():
        held = [spec for spec in known() if spec.startswith(f"{root}:")]
        labels = {spec_of(root, term.code): term.label for term in vocabularies.terms(kind)}
        found.append((root, names[root], [(spec, labels[spec]) for spec in held]))
    return found


@bp.get("/partners")
@allow(ANYONE)
def partners() -> str:
    """How another department takes lessons from here, with commands to copy."""
    settings = ports.settings()
    return render_template(
        "oai/partners.html",
        base_url=f"{settings.public_url}/oai",
        public_url=settings.public_url,
        live=queries.live_count(),
        latest=queries.latest(),
        formats=list(FORMATS.values()),
        set_groups=set_groups(),
        sharing=[
            Sharing(code, vocabularies.label("province", code), count, changed_at)
            for code, count, changed_at in queries.provinces_sharing()
        ],
        admin_email=settings.admin_email,
    )


def _packed(response: Response) -> Response:
    """Really gzip what Identify announces, for callers that take it."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if request.accept_encodings.quality("gzip") > 0 and len(body) > WORTH_PACKING:
        response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _conditional(response: Response, changed: datetime) -> Response:
    response.last_modified = changed
    response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=300"
    response.make_conditional(request)
    return response
