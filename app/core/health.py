"""`/healthz` and `/metrics`: is it well, and how busy is it."""

from __future__ import annotations

import ipaddress
import time
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from app.core import db, errors, outbox, ports
from app.core.access import ANYONE, allow, viewer
from app.core.http import page_blueprint
from app.core.i18n import _

bp = page_blueprint("health", __name__)
log = structlog.get_logger()


class Metrics:
    """Counters of one application; a registry of its own so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "kho_requests", "Requests by endpoint and status", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "kho_request_seconds", "Time to answer by endpoint", ["endpoint"], registry=self.registry
        )
        self.waiting = Gauge("kho_outbox_waiting", "Notes not yet applied", registry=self.registry)
        self.oldest = Gauge("kho_outbox_oldest_seconds", "Age of the oldest note", registry=self.registry)
        self.dead = Gauge("kho_outbox_dead", "Notes given up", registry=self.registry)


def _try(call: Any) -> str:
    try:
        call()
    except Exception as error:
        log.warning("health check failed", error=repr(error)[:300])
        return "down"
    return "ok"


@bp.get("/healthz")
@allow(ANYONE)
def healthz() -> Any:
    database = _try(lambda: db.session().execute(sa.text("SELECT 1")))
    search = _try(ports.index().count)
    storage = _try(ports.files().check)
    notes: dict[str, Any] = {"waiting": 0, "oldest_s": 0.0, "dead": 0}
    if database == "ok":
        found = outbox.waiting()
        notes = {"waiting": found.waiting, "oldest_s": found.oldest_s, "dead": found.dead}
    status = "down" if database == "down" else "degraded" if "down" in (search, storage) else "ok"
    document = {"status": status, "database": database, "search": search, "storage": storage, "outbox": notes}
    return current_app.json.response(document), 503 if status == "down" else 200


@bp.get("/metrics")
@allow(ANYONE)
def metrics() -> Any:
    """Prometheus format; for administrators and for the machine itself, nobody else."""
    remote = request.remote_addr or ""
    local = bool(remote) and ipaddress.ip_address(remote).is_loopback and "X-Forwarded-For" not in request.headers
    if not local and not viewer().has("administrator"):
        raise errors.NotFound(_("Không tìm thấy trang này."))
    kept: Metrics = current_app.extensions["kho"].metrics
    found = outbox.waiting()
    kept.waiting.set(found.waiting)
    kept.oldest.set(found.oldest_s)
    kept.dead.set(found.dead)
    return Response(generate_latest(kept.registry), content_type=CONTENT_TYPE_LATEST)


def mount(app: Flask, kept: Metrics) -> None:
    app.register_blueprint(bp)

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _count(answer: Response) -> Response:
        took = time.perf_counter() - g.get("began", time.perf_counter())
        endpoint = request.endpoint or "none"
        kept.requests.labels(endpoint, str(answer.status_code)).inc()
        kept.seconds.labels(endpoint).observe(took)
        if request.endpoint != "static":
            # The path only: query strings and bodies may hold names, answers or tokens.
            log.info(
                "request",
                method=request.method,
                endpoint=endpoint,
                status=answer.status_code,
                ms=round(took * 1000, 1),
            )
        return answer
