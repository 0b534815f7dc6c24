"""Web pages and what is packed of them: HTML, EPUB, SCORM 1.2 and H5P."""

from __future__ import annotations

import html
import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence

from app.demo.lessons.outline import Heading, Items, Outline, Paragraph, Table

STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1.5rem;color:#1e1b2e;"
    "background:#fbfaf5}h1,h2{color:#473a8c}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .7rem}"
)


def text(made: Outline) -> bytes:
    lines = [made.title.upper(), ""]
    for block in made.blocks:
        match block:
            case Heading(words):
                lines += ["", words, "-" * len(words)]
            case Paragraph(words):
                lines.append(words)
            case Items(texts):
                lines += [f"- {words}" for words in texts]
            case Table(rows):
                lines += ["\t".join(row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def markdown(made: Outline) -> bytes:
    lines = [f"# {made.title}", ""]
    for block in made.blocks:
        match block:
            case Heading(words):
                lines += [f"## {words}", ""]
            case Paragraph(words):
                lines += [words, ""]
            case Items(texts):
                lines += [*(f"- {words}" for words in texts), ""]
            case Table(rows):
                lines += ["| " + " | ".join(rows[0]) + " |", "|---" * len(rows[0]) + "|"]
                lines += ["| " + " | ".join(row) + " |" for row in rows[1:]] + [""]
    return "\n".join(lines).encode()


def _body(made: Outline) -> str:
    parts = [f"<h1>{html.escape(made.title)}</h1>"]
    for block in made.blocks:
        match block:
            case Heading(words):
                parts.append(f"<h2>{html.escape(words)}</h2>")
            case Paragraph(words):
                parts.append(f"<p>{html.escape(words)}</p>")
            case Items(texts):
                parts.append("<ul>" + "".join(f"<li>{html.escape(words)}</li>" for words in texts) + "</ul>")
            case Table(rows):
                made_rows = [
                    "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
                    for row, tag in zip(rows, ["th"] + ["td"] * (len(rows) - 1), strict=True)
                ]
                parts.append("<table>" + "".join(made_rows) + "</table>")
    return "\n".join(parts)


def page(made: Outline, script: str = "") -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{html.escape(made.title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>{script}</head>'
        f"<body>{_body(made)}</body></html>\n"
    ).encode()


def _packed(files: Mapping[str, bytes | str], first: str | None = None) -> bytes:
    """A zip with fixed times; `first` stands first and uncompressed, as EPUB wants its type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda name: (name != first, name)):
            entry = zipfile.ZipInfo(name, (2026, 9, 5, 7, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return out.getvalue()


def epub(made: Outline, language: str = "vi") -> bytes:
    """EPUB 3 with one chapter and its table of contents."""
    name = html.escape(made.title)
    known = uuid.uuid5(uuid.NAMESPACE_URL, f"kho-chung:{made.title}")
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="{language}"'
    return _packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/sach.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/sach.opf": '<?xml version="1.0" encoding="UTF-8"?><package xmlns="http://www.idpf.org/2007/opf" '
            'version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f'<dc:identifier id="id">urn:uuid:{known}</dc:identifier><dc:title>{name}</dc:title>'
            f"<dc:language>{language}</dc:language><dc:creator>Kho Chung</dc:creator>"
            '<meta property="dcterms:modified">2026-09-05T00:00:00Z</meta></metadata><manifest>'
            '<item id="nav" href="muc-luc.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
            '<item id="bai" href="bai.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="bai"/></spine></package>',
            "OEBPS/muc-luc.xhtml": f'{head} xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{name}</title></head>'
            f'<body><nav epub:type="toc"><ol><li><a href="bai.xhtml">{name}</a></li></ol></nav></body></html>',
            "OEBPS/bai.xhtml": f"{head}><head><title>{name}</title></head><body>{_body(made)}</body></html>",
        },
        first="mimetype",
    )


REPORT = """<script>
// Tells the player that the lesson was read (SCORM 1.2 run-time environment).
window.addEventListener("load", function () {
  var frame = window;
  while (frame && !frame.API && frame.parent !== frame) { frame = frame.parent; }
  if (!frame.API) { return; }
  frame.API.LMSInitialize("");
  frame.API.LMSSetValue("cmi.core.lesson_status", "completed");
  frame.API.LMSFinish("");
});
</script>"""


def scorm(made: Outline) -> bytes:
    name = html.escape(made.title)
    return _packed(
        {
            "imsmanifest.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<manifest identifier="kho-chung-bai" version="1.0" '
            'xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" '
            'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schema>ADL SCORM</schema>'
            '<schemaversion>1.2</schemaversion></metadata><organizations default="o1"><organization identifier="o1">'
            f'<title>{name}</title><item identifier="i1" identifierref="r1"><title>{name}</title></item></organization>'
            '</organizations><resources><resource identifier="r1" type="webcontent" adlcp:scormtype="sco" '
            'href="index.html"><file href="index.html"/></resource></resources></manifest>',
            "index.html": page(made, REPORT),
        }
    )


def h5p(title: str, statements: Sequence[tuple[str, bool]]) -> bytes:
    """A question set of true/false statements; the player brings the libraries."""
    questions = [
        {
            "library": "H5P.TrueFalse 1.8",
            "params": {"question": f"<p>{html.escape(words)}</p>", "correct": "true" if true else "false"},
            "subContentId": str(uuid.uuid5(uuid.NAMESPACE_URL, words)),
        }
        for words, true in statements
    ]
    told = {
        "title": title,
        "language": "vi",
        "mainLibrary": "H5P.QuestionSet",
        "embedTypes": ["iframe"],
        "license": "CC BY-SA",
        "preloadedDependencies": [
            {"machineName": "H5P.QuestionSet", "majorVersion": 1, "minorVersion": 20},
            {"machineName": "H5P.TrueFalse", "majorVersion": 1, "minorVersion": 8},
        ],
    }
    return _packed(
        {
            "h5p.json": json.dumps(told, ensure_ascii=False),
            "content/content.json": json.dumps({"questions": questions}, ensure_ascii=False),
        }
    )
