"""Verbs of the bank: write, submit, review, retire, import, export."""

from __future__ import annotations

from app.questions.service.drafting import create, edit, preview, remove, retire
from app.questions.service.exchange import (
    ExportFile,
    discard_staged,
    export,
    export_report,
    import_file,
    mend_staged,
    save_staged,
    stage,
    staged_report,
    template_file,
)
from app.questions.service.joining import merge, set_apart
from app.questions.service.media import KeptPicture, add_picture
from app.questions.service.reviewing import review, submit

__all__ = [
    "ExportFile",
    "KeptPicture",
    "add_picture",
    "create",
    "discard_staged",
    "edit",
    "export",
    "export_report",
    "import_file",
    "mend_staged",
    "merge",
    "preview",
    "remove",
    "retire",
    "review",
    "save_staged",
    "set_apart",
    "stage",
    "staged_report",
    "submit",
    "template_file",
]
