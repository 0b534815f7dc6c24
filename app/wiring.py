"""The one file that knows all: opens the two ports, mounts every door, registers commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, Response, g
from flask_smorest import Api
from sqlalchemy.engine import Engine

from app.core import access, cli, db, delivery, health, http, i18n, logs
from app.core.i18n import _
from app.core.markup import render as render_markup
from app.core.settings import BadSetting, Settings
from app.core.worker import Chore, Handler, Job, Worker
from app.vocabularies import queries as vocabularies
from search.open import open_index
from search.port import Index
from storage.open import open_store
from storage.port import FileStore

ROOMS = (
    "accounts",
    "files",
    "resources",
    "questions",
    "blueprints",
    "papers",
    "quizzes",
    "surveys",
    "insights",
    "discovery",
    "oai",
    "harvest",
    "demo",
)


T = TypeVar("T")


@dataclass
class Kho:
    """What is plugged into one application."""

    settings: Settings
    engine: Engine
    index: Index
    files: FileStore
    metrics: health.Metrics
    worker: Worker = None  # type: ignore[assignment]


def build(settings: Settings) -> Flask:
    logs.configure(settings.testing)
    app = Flask("app", root_path=str(Path(__file__).parent))
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        WTF_CSRF_ENABLED=not settings.testing,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        SESSION_COOKIE_NAME="__Host-kho" if secure else "kho_session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + 1_000_000,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        API_TITLE="Kho Chung",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    kho = Kho(
        settings=settings,
        engine=db.open_engine(settings.database_url),
        index=_opened("SEARCH_URL", open_index, settings.search_url),
        files=_opened("STORAGE_URL", open_store, settings.storage_url),
        metrics=health.Metrics(),
    )
    app.extensions["kho"] = kho
    app.teardown_appcontext(db.close_session)
    delivery.mount(app)
    logs.mount(app)
    http.mount(app)
    health.mount(app, kho.metrics)
    _mount_rooms(app)
    kho.worker = Worker(app, _handlers(), _chores(), _jobs())
    _templates(app)
    access.check_routes(app)
    return app


def start_worker(app: Flask) -> None:
    """Begin background work in this process; a lost or outdated index is made again from SQL meanwhile."""
    app.extensions["kho"].worker.start()


def _opened(name: str, opener: Callable[[str], T], url: str) -> T:
    """What stands at `url`; a wrong address or password stops the start in one line."""
    try:
        return opener(url)
    except ValueError as error:
        raise BadSetting(name, str(error).removeprefix(f"{name}: ")) from None


def _mount_rooms(app: Flask) -> None:
    from app.accounts import pages as sign_in

    for command in cli.COMMANDS:
        app.cli.add_command(command)
    api = Api(app)
    # Flask-smorest's own handler would answer in another shape than ours.
    app.register_error_handler(http.HTTPException, http._on_http_error)
    sign_in.mount(app)
    app.before_request(access.enforce)
    app.before_request(http.protect_forms)
    app.before_request(http.replayed)
    app.after_request(http.keep_reply)
    app.after_request(_let_index_catch_up)
    for room in ROOMS:
        for door in ("api", "pages", "cli"):
            if not (Path(__file__).parent / room / f"{door}.py").exists():
                continue
            module = import_module(f"app.{room}.{door}")
            if door == "cli":
                for command in getattr(module, "commands", (module.group,)):
                    app.cli.add_command(command)
            elif door == "api":
                api.register_blueprint(module.bp)
            else:
                app.register_blueprint(module.bp)
    for endpoint in ("static", "api-docs.openapi_json"):
        access.allow(access.ANYONE)(app.view_functions[endpoint])
    _documentation(app)


def _documentation(app: Flask) -> None:
    from flask import current_app, render_template

    @app.get("/api/docs")
    @access.allow(access.ANYONE)
    def api_docs() -> str:
        spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        return render_template("api_docs.html", spec=spec)


def _handlers() -> dict[str, Handler]:
    from app.discovery import indexer
    from app.oai import feed
    from app.resources import service as resources

    return {"index": indexer.handle, "feed": feed.handle, "text": resources.handle_blob}


def _chores() -> dict[str, Chore]:
    from app.quizzes import service as quizzes

    return {"hand in what ran out of time": quizzes.finish_overdue}


def _jobs() -> dict[str, Job]:
    from app.discovery import indexer
    from app.harvest import service as harvest
    from app.oai import feed

    return {"harvest": harvest.work, "heal index": indexer.heal, "renew feed": feed.renew}


def _let_index_catch_up(answer: Response) -> Response:
    """What a request published is found by the next search: wait for the worker, briefly."""
    if g.pop("noted", False):
        from flask import current_app

        current_app.extensions["kho"].worker.wait_for("index", 0.5)
    return answer


def role_names() -> dict[str, str]:
    """Roles as people call them."""
    return {
        "student": _("học sinh"),
        "teacher": _("giáo viên"),
        "reviewer": _("người thẩm định"),
        "librarian": _("thủ thư"),
        "department": _("chuyên viên sở"),
        "administrator": _("quản trị viên"),
        "partner": _("đối tác"),
    }


def _templates(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = i18n.gettext
    app.jinja_env.filters.update(
        date=i18n.format_date,
        datetime=i18n.format_datetime,
        time=i18n.format_time,
        number=i18n.format_number,
        filesize=i18n.format_size,
        markup=render_markup,
        grade_level=vocabularies.grade_level,
    )

    @app.context_processor
    def _shared() -> dict[str, Any]:
        return {
            "viewer": access.viewer,
            "locale": i18n.locale,
            "vocabularies": vocabularies,
            "role_names": role_names,
            "max_upload_bytes": app.extensions["kho"].settings.max_upload_bytes,
        }
