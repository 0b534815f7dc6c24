"""Verbs of the bank: write, submit, review, retire, import, export."""

from __future__ import annotations

from app.questions.service.drafting import create, edit, preview, remove, retire
from app.questions.service.exchange import (
    ExportFile,
    ImportReport,
    ReportRow,
    export,
    export_report,
    import_file,
    template_file,
)
from app.questions.service.reviewing import review, submit

__all__ = [
    "ExportFile",
    "ImportReport",
    "ReportRow",
    "create",
    "edit",
    "export",
    "export_report",
    "import_file",
    "preview",
    "remove",
    "retire",
    "review",
    "submit",
    "template_file",
]
