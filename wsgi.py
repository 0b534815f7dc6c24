"""The WSGI entry point, and the command line: `python wsgi.py --help`."""

from __future__ import annotations

from app import create_app
from app.wiring import start_worker

app = create_app()
if __name__ == "__main__":
    from flask.cli import FlaskGroup

    FlaskGroup(create_app=lambda: app, add_default_commands=False, load_dotenv=False)(prog_name="kho")
elif app.extensions["kho"].settings.worker == "thread":
    start_worker(app)
