r"""LaTeX of the package ex_test, as banks of Vietnamese maths teachers have it, with ID6 codes.

`\begin{ex}%[2D1N1-1] stem \choice{..}{\True ..} \choiceTF{..} \shortans{..} \loigiai{..}\end{ex}`. TeX is never
run: braces are parsed here, figures in TikZ stay as their source. Codes that ID6 has no place for stand in a
comment line `% kho: mon:TOAN; lop:10`, which `read` takes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from app.questions.formats import loss, package
from app.questions.formats.codes import as_tags, take_tag
from app.questions.formats.html import Writer
from app.questions.formats.markdown import legal, to_html
from app.questions.formats.model import (
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Draft,
    Message,
    Picture,
    Reading,
    Row,
    Unreadable,
    Writing,
    decoded,
    tidy,
)
from app.questions.formats.moodlexml import file_name
from app.questions.formats.xml import Element, local

LETTERS = "ABCDEFGHIJ"
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
# Says in the line of codes that a group without any `\\True` has its key: all four are false.
_KEYED = "dapan:SSSS"
MAX_BLOCK = 100_000
MAX_NESTED = 60

_BEGIN = re.compile(r"\\begin\s*\{\s*(ex|bt|vd)\s*\}")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?[ \t]*")
_ID6 = re.compile(r"\[?([6-9012])([A-Z])(\d)([A-Z?])([1-9A-Z])-(\d+)\]?")
_ID_LONG = re.compile(r"\[(D(?:0?[6-9]|1[0-2])_C\d+_B\d+_\d+)\](?:-(M[1-4]))?")
_OWN = re.compile(r"^[ \t]*%[ \t]*kho:[ \t]*(.*)$", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*\[([A-Z]{1,4}\.?\d{1,12})\]\s*")
_LEVELS = {
    "N": "BIET", "H": "HIEU", "V": "VANDUNG", "C": "VANDUNG", "Y": "BIET", "B": "HIEU", "K": "VANDUNG",
    "G": "VANDUNG", "T": "VANDUNG", "M1": "BIET", "M2": "HIEU", "M3": "VANDUNG", "M4": "VANDUNG",
}  # fmt: skip
_SUBJECTS = {"D": "TOAN", "H": "TOAN"}
_ALIGNED = {"align", "align*", "aligned", "alignat", "alignat*", "gather", "gather*", "eqnarray", "eqnarray*"}
_EQUATIONS = {"equation", "equation*", "displaymath", "math"}
_LISTS = {
    "itemize": "ul", "listEX": "ol", "enumerate": "ol", "enumEX": "ol", "itemchoice": "ul", "tasks": "ol",
    "listex": "ol",
}  # fmt: skip
_PLAIN = {"center", "flushleft", "flushright", "minipage", "figure", "quote", "multicols", "small", "tcolorbox", "dang"}


def looks_like(text: str) -> bool:
    return _BEGIN.search(text[:500_000]) is not None and "\\end" in text


class _Figures:
    """Pictures that `\\includegraphics` names, where the file came in an archive."""

    def __init__(self, reading: Reading, archive: package.Package | None, name: str) -> None:
        self._reading = reading
        self._archive = archive
        self._name = name
        self._kept: dict[str, str] = {}

    def keep(self, address: str, words: str) -> str | None:
        """Markdown of a picture, or None where it is not at hand."""
        if self._archive is None:
            return None
        for ending in ("", ".png", ".jpg", ".jpeg"):
            found = self._archive.find(address.strip() + ending, self._name)
            if found and re.search(r"\.(png|jpe?g|gif|webp|bmp)$", found, re.IGNORECASE):
                if found not in self._kept:
                    self._kept[found] = str(len(self._reading.pictures) + 1)
                    picture = Picture(self._archive.read(found), found.rsplit("/", 1)[-1])
                    self._reading.pictures[self._kept[found]] = picture
                return f"![{' '.join(re.sub(r'[][]', ' ', words).split())}](picture:{self._kept[found]})"
        return None


def read(data: bytes) -> Reading:
    """Every `ex` of a LaTeX file, or of those in an archive, in one row; raises Unreadable."""
    found = Reading("extest")
    if data[:4] != b"PK\x03\x04":
        _file(found, data, _Figures(found, None, ""))
        return found
    archive = package.opened(data)
    for name in archive.names:
        if name.lower().endswith(".tex"):
            _file(found, archive.read(name), _Figures(found, archive, name))
    return found


def _file(found: Reading, data: bytes, figures: _Figures) -> None:
    text, messages = decoded(data)
    found.messages += messages
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    outside: list[str] = []
    at = 0
    begins = list(_BEGIN.finditer(text))
    line, counted = 1, 0
    for n, begin in enumerate(begins):
        if begin.start() < at or _in_comment(text, begin.start()):
            continue
        outside.append(text[at : begin.start()])
        limit = begins[n + 1].start() if n + 1 < len(begins) else len(text)
        end = re.compile(rf"\\end\s*\{{\s*{begin[1]}\s*\}}").search(text, begin.end(), limit)
        body = text[begin.end() : end.start() if end else limit]
        at = end.end() if end else limit
        if len(found.rows) >= MAX_QUESTIONS:
            raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
        line, counted = line + text.count("\n", counted, begin.start()), begin.start()
        row = Row(len(found.rows) + 1, READ, None, source=text[begin.start() : at][:MAX_SOURCE], place=str(line))
        found.rows.append(row)
        if end is None:
            row.drop("Câu hỏi không có \\end{%(name)s}.", name=begin[1])
        elif len(body) > MAX_BLOCK:
            row.drop("Câu hỏi dài quá %(max)s kí tự.", max=MAX_BLOCK)
        else:
            _question(row, body, figures)
    outside.append(text[at:])
    _tell_outside(found, outside)


def _in_comment(text: str, at: int) -> bool:
    line = text[max(text.rfind("\n", 0, at) + 1, at - 1_000) : at]
    return _COMMENT.search(line) is not None


def _tell_outside(found: Reading, parts: list[str]) -> None:
    """Words that stand between the questions of the document are not taken."""
    text = _COMMENT.sub(r"\1", "\n".join(parts))
    text = text.split("\\begin{document}", 1)[-1].split("\\end{document}", 1)[0]
    text = re.sub(
        r"\\(?:begin|end)\s*\{[^{}]*\}(?:\[[^\]]*\])?|\\[A-Za-z]+\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})*", " ", text
    )
    words = " ".join(re.sub(r"[^\w\s.,;:?!-]", " ", text).split())
    if found.rows and sum(c.isalpha() for c in words) > 30:
        found.messages.append(Message("Phần chữ ngoài các câu không nhập: %(words)s…", {"words": words[:100]}))


def _question(row: Row, body: str, figures: _Figures) -> None:
    draft = Draft("essay", "")
    row.draft = draft
    _codes(row, draft, body)
    body = _uncommented(body)
    body = re.sub(
        r"^\s*(?:\[[^\]\n]*\]\s*)?", lambda m: m[0] if _NUMBERED.match(m[0]) else _option(m[0]), body, count=1
    )
    if numbered := _NUMBERED.match(body):
        draft.external_id = draft.external_id or numbered[1]
        body = body[numbered.end() :]
    try:
        body, solution = _taken(body, r"\\loigiai")
        body, wrapped = _environment(body, "loigiai")
        solution = "\n\n".join(s for s in (solution, wrapped) if s)
        body = _choices(row, draft, body, figures)
        draft.answer = None if draft.answer == _KEYED else draft.answer
        draft.stem = _markdown(row, body, figures)
        draft.explanation = _markdown(row, solution, figures)
    except _Broken:
        row.draft = None
        row.drop("Ngoặc { } của câu không khớp nên không đọc được.")
        return
    if draft.kind == "essay" and not draft.stem:
        row.drop("Câu hỏi chưa có đề bài.")


def _option(text: str) -> str:
    """`\\begin{ex}[name]`: what stands in brackets is the name of the question."""
    return "" if text.strip() else text


def _uncommented(text: str) -> str:
    parts = re.split(r"(\\begin\{verbatim\}.*?\\end\{verbatim\})", text, flags=re.DOTALL)
    return "".join(part if n % 2 else _COMMENT.sub(r"\1", part) for n, part in enumerate(parts))


class _Broken(Exception):
    """Braces that do not match, or nest beyond all sense."""


# ---------------------------------------------------------------- codes


def _codes(row: Row, draft: Draft, body: str) -> None:
    """ID6 and other codes of the comments; the explicit ones of an earlier export win."""
    own = _OWN.search(body)
    comments = " ".join(c.group() for c in re.finditer(r"(?<!\\)%[^\n]*", _OWN.sub("", body[:2_000])))
    raw = list(dict.fromkeys(m.group().strip("[]") for m in _ID6.finditer(comments)))
    for code in raw:
        draft.tags.append(code)
    if len(raw) > 1:
        row.guess("Câu có %(count)s mã ID6; giữ cả, lớp và mức độ lấy theo mã đầu.", count=len(raw))
    if raw and (found := _ID6.fullmatch(raw[0])):
        draft.external_id = raw[0]
        grade, branch, _chapter, level = found[1], found[2], found[3], found[4]
        draft.grade = int(grade) + 10 if grade in "012" else int(grade)
        draft.subject = _SUBJECTS.get(branch)
        draft.level = _LEVELS.get(level)
    elif long := _ID_LONG.search(comments):
        code = long[1] + (f"-{long[2]}" if long[2] else "")
        draft.external_id, draft.level = code, _LEVELS.get(long[2] or "")
        draft.grade, draft.subject = int(code[1:3].rstrip("_")), "TOAN"
        draft.tags.append(code)
    if own:
        draft.grade = draft.subject = draft.level = None
        for part in own[1].split(";"):
            name, _colon, value = part.strip().partition(":")
            if name == "id":
                draft.external_id = value
            elif part.strip() == _KEYED:
                draft.answer = _KEYED
            elif name == "the":
                take_tag(draft, value)
            elif value:
                take_tag(draft, part.strip())


# ---------------------------------------------------------------- braces


def _group(text: str, at: int, opener: str = "{", closer: str = "}") -> tuple[str, int]:
    """The content of the group that opens at `at`, and where it ends; raises _Broken."""
    depth = 0
    start = at + 1
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 2
            continue
        if sign == opener:
            depth += 1
        elif sign == closer:
            depth -= 1
            if depth == 0:
                return text[start:at], at + 1
        elif opener == "[" and sign == "{":
            _inner, at = _group(text, at)
            continue
        at += 1
    raise _Broken


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def _groups(text: str, at: int, most: int) -> tuple[list[str], int]:
    """An optional `[..]` is skipped; then up to `most` groups that follow each other."""
    after = _blank(text, at)
    if after < len(text) and text[after] == "[":
        _inner, at = _group(text, after, "[", "]")
    found: list[str] = []
    while len(found) < most:
        after = _blank(text, at)
        if after >= len(text) or text[after] != "{":
            break
        inner, at = _group(text, after)
        found.append(inner)
    return found, at


def _taken(text: str, command: str) -> tuple[str, str]:
    """The text without a command and its group, and the group."""
    found = re.search(command + r"(?![A-Za-z])", text)
    if not found:
        return text, ""
    groups, end = _groups(text, found.end(), 1)
    if not groups:
        return text, ""
    return text[: found.start()] + text[end:], groups[0]


def _environment(text: str, name: str) -> tuple[str, str]:
    begin, end = f"\\begin{{{name}}}", f"\\end{{{name}}}"
    start, stop = text.find(begin), text.find(end)
    if start < 0 or stop < start:
        return text, ""
    return text[:start] + text[stop + len(end) :], text[start + len(begin) : stop]


# ---------------------------------------------------------------- answers

_CHOICE = re.compile(r"\\(choiceTFt|choiceTFn|choiceTF|choice|shortans|matching)(?![A-Za-z])")
_TRUE = re.compile(r"\\True(?![A-Za-z])\s*")


def _choices(row: Row, draft: Draft, body: str, figures: _Figures) -> str:
    """Kind, options and key of the block; gives the text without them."""
    found = _CHOICE.search(body)
    if not found:
        return body
    name = found[1]
    groups, end = _groups(body, found.end(), 12)
    rest = body[: found.start()] + body[end:]
    if name == "matching":
        row.drop("Dạng câu %(kind)s của ex_test chưa nhập được.", kind=name)
        return rest
    if not groups:
        row.guess("Lệnh \\%(name)s không có phần trả lời.", name=name)
        return rest
    if name == "shortans":
        _short(row, draft, groups[0], figures)
        return rest
    marked = [bool(_TRUE.search(g)) for g in groups]
    texts = [_markdown(row, _TRUE.sub("", g, count=1), figures) for g in groups]
    if name == "choice":
        draft.kind = "single_choice"
        if len(texts) > len(LETTERS):
            row.drop("Câu có %(count)s phương án nên không nhập được.", count=len(texts))
            return rest
        draft.choices = [{"id": LETTERS[n], "text": text} for n, text in enumerate(texts)]
        if sum(marked) == 1:
            draft.answer = [LETTERS[marked.index(True)]]
        elif not any(marked):
            row.guess("Câu hỏi chưa có đáp án đúng.")
        else:
            row.guess("Câu có %(count)s phương án được đánh dấu đúng. Thầy cô chọn lại đáp án.", count=sum(marked))
        return rest
    draft.kind = "true_false_group"
    if len(texts) > 4:
        row.guess("Câu đúng/sai có %(count)s ý; chỉ bốn ý đầu được nhập.", count=len(texts))
    draft.choices = [{"id": i, "text": text} for i, text in zip("abcd", texts, strict=False)]
    if any(marked) or draft.answer == _KEYED:
        draft.answer = dict(zip("abcd", marked[:4], strict=False))
    else:
        row.guess("Câu đúng/sai không có ý nào được đánh dấu đúng.")
    return rest


def _short(row: Row, draft: Draft, text: str, figures: _Figures) -> None:
    bare = re.sub(r"[$'’\"{}\s]|\\[,;!]|\\\(|\\\)", "", text).replace("−", "-")
    if not bare:
        draft.kind = "short_answer"
        row.guess("Câu hỏi chưa có đáp án đúng.")
    elif _NUMBER.fullmatch(bare):
        draft.kind, draft.answer = "short_answer", bare.replace(".", ",")
    else:
        draft.kind, draft.answer = "text", [_markdown(row, text, figures)]


# ---------------------------------------------------------------- TeX into Markdown

_TOKEN = re.compile(
    r"\\begin\s*\{(?P<begin>[A-Za-z*]+)\}|\\end\s*\{(?P<end>[A-Za-z*]+)\}|\\(?P<command>[A-Za-z]+)\*?[ \t]*"
    r"|\\(?P<sign>[^A-Za-z])|(?P<dollars>\$\$?)|(?P<group>[{}])|(?P<empty>\n[ \t]*\n\s*)|(?P<tie>~)|(?P<quotes>``|'')"
)
_SIGNS = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\n": " ", "-": "", "/": "", "@": ""}
_WORDS = {
    "ldots": "…", "dots": "…", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "quad": " ",
    "qquad": " ", "S": "§", "copyright": "©", "textdegree": "°", "LaTeX": "LaTeX", "TeX": "TeX", "textellipsis": "…",
    "textbar": "|", "textless": "<", "textgreater": ">", "textquotedblleft": "“", "textquotedblright": "”",
    "guillemotleft": "«", "guillemotright": "»", "bullet": "•", "textendash": "–", "textemdash": "—",
}  # fmt: skip
_STYLES = {
    "textbf": "b", "indam": "b", "indamm": "b", "textit": "i", "emph": "i", "textsl": "i", "underline": "u",
    "uline": "u", "texttt": "code", "sout": "s", "textsuperscript": "sup", "textsubscript": "sub",
    "section": "h2", "subsection": "h2", "subsubsection": "h3", "paragraph": "h4",
}  # fmt: skip
# Commands whose arguments are measures or names: they go with them.
_MUTE = {
    "vspace": 1, "hspace": 1, "label": 1, "ref": 1, "setlength": 2, "setcounter": 2, "renewcommand": 2, "newcommand": 2,
    "color": 1, "pagestyle": 1, "input": 1, "dangbt": 1, "dotlineEX": 1, "dotline": 1, "columnbreak": 0, "dongcham": 1,
    "textcolor": 1, "foreignlanguage": 1, "fontsize": 2, "addtocounter": 2, "cham": 1, "cellcolor": 1, "rowcolor": 1,
    "haicot": 0, "raisebox": 1, "scalebox": 1, "resizebox": 2,
}  # fmt: skip
_SILENT = {
    "noindent", "centering", "hfill", "vfill", "allowdisplaybreaks", "displaystyle", "small", "large", "normalsize",
    "smallskip", "medskip", "bigskip", "newpage", "clearpage", "bf", "it", "rm", "par", "protect", "relax", "footnotesize",
    "centerline", "mbox", "hbox", "fbox", "text", "textrm", "textsf", "textnormal", "immini", "imminiL", "immini*", "hline",
    "tabular", "selectfont", "raggedright", "GiamKhoangTrangThua", "parbox", "indent", "newline", "linebreak", "dotfill",
    "itemsep", "parskip", "textup", "boxed", "makebox", "ensuremath", "url", "footnote", "caption", "tfrac", "limits",
}  # fmt: skip


def _markdown(row: Row, tex: str, figures: _Figures) -> str:
    """Markdown of a piece of TeX; raises _Broken."""
    if not tex.strip():
        return ""
    writer = Writer()
    unknown: set[str] = set()
    _Tex(row, writer, unknown, figures).run(tex, 0)
    if unknown:
        names = ", ".join(f"\\{name}" for name in sorted(unknown)[:8])
        row.guess("Lệnh LaTeX không hiểu, chỉ giữ phần chữ: %(names)s.", names=names)
    return tidy(writer.done().text)


class _Tex:
    def __init__(self, row: Row, writer: Writer, unknown: set[str], figures: _Figures) -> None:
        self.row = row
        self.writer = writer
        self.unknown = unknown
        self.figures = figures

    def run(self, tex: str, depth: int) -> None:
        if depth > MAX_NESTED:
            raise _Broken
        at = 0
        level = 0
        while found := _TOKEN.search(tex, at):
            self.writer.data(tex[at : found.start()])
            at = found.end()
            if found["dollars"]:
                at = self._dollars(tex, found)
            elif found["begin"]:
                at = self._begin(tex, found, depth)
            elif found["end"]:
                pass
            elif found["command"]:
                at = self._command(tex, found, depth)
            elif found["sign"]:
                at = self._sign(tex, found)
            elif found["group"]:
                level += 1 if found["group"] == "{" else -1
                if level < 0:
                    raise _Broken
            elif found["empty"]:
                self.writer.paragraph()
            elif found["tie"]:
                self.writer.data(" ")
            else:
                self.writer.data("“" if found["quotes"] == "``" else "”")
        self.writer.data(tex[at:])
        if level:
            raise _Broken

    def _formula(self, latex: str, display: bool) -> None:
        self.writer.formula(_math(latex), display)

    def _dollars(self, tex: str, found: re.Match[str]) -> int:
        mark = found["dollars"]
        at = found.end()
        if mark == "$$":
            end = tex.find("$$", at)
            if end < 0:
                raise _Broken
            self._formula(tex[at:end], True)
            return end + 2
        closing = re.compile(r"(?<!\\)(?:\\\\)*\$").search(tex, at)
        if closing is None:
            raise _Broken
        self._formula(tex[at : closing.end() - 1], False)
        return closing.end()

    def _sign(self, tex: str, found: re.Match[str]) -> int:
        sign, at = found["sign"], found.end()
        if sign in "([":
            closer = "\\)" if sign == "(" else "\\]"
            end = tex.find(closer, at)
            if end < 0:
                raise _Broken
            self._formula(tex[at:end], sign == "[")
            return end + 2
        if sign == "\\":
            self.writer.line_break()
            return at + len(re.match(r"\*?(?:\[[^\]\n]*\])?", tex[at:])[0])  # type: ignore[index]
        self.writer.data(_SIGNS.get(sign, sign))
        return at

    def _command(self, tex: str, found: re.Match[str], depth: int) -> int:
        name, at = found["command"], found.end()
        if name in _WORDS:
            if tex[at : at + 2] == "{}":
                at += 2
            self.writer.data(_WORDS[name])
            return at
        if name in _STYLES:
            groups, end = _groups(tex, at, 1)
            if groups:
                self.writer.start(_STYLES[name], {})
                self.run(groups[0], depth + 1)
                self.writer.end(_STYLES[name])
                return end
            return at
        if name in ("immini", "imminiL"):
            groups, end = _groups(tex, at, 2)
            for group in groups:
                self.writer.paragraph()
                self.run(group, depth + 1)
                self.writer.paragraph()
            return end
        if name == "href":
            groups, end = _groups(tex, at, 2)
            if len(groups) == 2:
                self.writer.start("a", {"href": groups[0].replace("\\", "")})
                self.run(groups[1], depth + 1)
                self.writer.end("a")
            return end
        if name == "includegraphics":
            groups, end = _groups(tex, at, 1)
            said = re.search(r"alt=\{([^{}]*)\}", tex[at:end])
            made = self.figures.keep(groups[0], _plain(said[1]) if said else "") if groups else None
            if made is None:
                self.row.guess("Hình %(name)s không có trong tệp LaTeX.", name=(groups or ["?"])[0][-60:])
            else:
                self.writer.raw(made)
            return end
        if name == "footnote":
            groups, end = _groups(tex, at, 1)
            for group in groups:
                self.writer.data(" (")
                self.run(group, depth + 1)
                self.writer.data(")")
            return end
        if name in ("item", "itemch", "task"):
            self.writer.start("li", {})
            return at
        if name in ("hrulefill", "hrule"):
            self.writer.start("hr", {})
            return at
        if name in ("par", "newline", "linebreak"):
            self.writer.line_break()
            return at
        if name in ("heva", "hoac", "vv", "dfrac", "frac", "sqrt", "overrightarrow", "widehat"):
            # Mathematics that stands outside of dollars.
            groups, end = _groups(tex, at, 2 if name in ("frac", "dfrac") else 1)
            self._formula(tex[found.start() : end], False)
            return end
        if name in _MUTE:
            _measures, end = _groups(tex, at, _MUTE[name])
            return end
        if name not in _SILENT:
            self.unknown.add(name)
        after = _blank(tex, at)
        if after < len(tex) and tex[after] == "[":
            _inner, at = _group(tex, after, "[", "]")
        return at

    def _begin(self, tex: str, found: re.Match[str], depth: int) -> int:
        name = found["begin"]
        end = _end_of(tex, name, found.end())
        inner, after = tex[found.end() : end[0]], end[1]
        if name == "tikzpicture" or name in ("tikzcd", "tkz", "pspicture", "circuitikz"):
            self.row.guess("Hình vẽ TikZ được giữ nguyên mã nguồn, chưa vẽ ra hình.")
            self.writer.paragraph()
            code = tex[found.start() : after].replace("```", "")
            self.writer.raw("```tikz\n" + re.sub(r"\n\s*\n", "\n", code.strip()) + "\n```")
            self.writer.paragraph()
        elif name in _ALIGNED or name in _EQUATIONS:
            body = re.sub(r"^\{\d+\}", "", inner.strip())
            self._formula(f"\\begin{{aligned}}{body}\\end{{aligned}}" if name in _ALIGNED else body, True)
        elif name in _LISTS:
            body = re.sub(r"^\s*(?:\[[^\]]*\]|\([^)]*\)|\{\d+\})*", "", inner)
            self.writer.start(_LISTS[name], {})
            self.run(body, depth + 1)
            self.writer.end(_LISTS[name])
        elif name in ("tabular", "tabularx", "array", "longtable", "tabular*"):
            self._tabular(inner, depth)
        elif name in ("verbatim", "lstlisting"):
            self.writer.start("pre", {})
            self.writer.data(inner.strip("\n"))
            self.writer.end("pre")
        elif name == "quote":
            self.writer.start("blockquote", {})
            self.run(inner, depth + 1)
            self.writer.end("blockquote")
        else:
            if name not in _PLAIN:
                self.unknown.add(name)
            self.writer.paragraph()
            self.run(re.sub(r"^\s*(?:\[[^\]]*\])?(?:\{[^{}]*\})?", "", inner) if name != "center" else inner, depth + 1)
            self.writer.paragraph()
        return after

    def _tabular(self, inner: str, depth: int) -> None:
        inner = inner.strip()
        while inner[:1] in ("{", "["):
            _spec, at = _group(inner, 0, inner[0], "}" if inner[0] == "{" else "]")
            inner = inner[at:].lstrip()
        inner = re.sub(r"\\(?:hline|toprule|midrule|bottomrule)(?![A-Za-z])|\\cline\s*\{[^{}]*\}", "", inner)
        inner = re.sub(r"\\multi(?:column|row)\s*\{[^{}]*\}\s*\{[^{}]*\}", "", inner)
        self.writer.start("table", {})
        for line in _split(inner, "\\\\"):
            if not line.strip():
                continue
            self.writer.start("tr", {})
            for cell in _split(line, "&"):
                self.writer.start("td", {})
                self.run(cell.strip(), depth + 1)
                self.writer.end("td")
            self.writer.end("tr")
        self.writer.end("table")


def _end_of(tex: str, name: str, at: int) -> tuple[int, int]:
    """Where the environment that was opened before `at` ends; raises _Broken."""
    depth = 1
    for found in re.compile(rf"\\(begin|end)\s*\{{{re.escape(name)}\}}").finditer(tex, at):
        depth += 1 if found[1] == "begin" else -1
        if depth == 0:
            return found.start(), found.end()
    raise _Broken


def _split(text: str, sign: str) -> Iterator[str]:
    """Parts between signs that stand outside of braces, formulas and environments."""
    depth = start = at = 0
    dollar = False
    while at < len(text):
        if text.startswith(sign, at) and depth == 0 and not dollar:
            yield text[start:at]
            at = start = at + len(sign)
            continue
        if text[at] == "\\":
            if text.startswith("\\begin", at):
                depth += 1
            elif text.startswith("\\end", at):
                depth -= 1
            at += 2
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        dollar ^= text[at] == "$"
        at += 1
    yield text[start:]


_HEVA = re.compile(r"\\(heva|hoac|vv)(?![A-Za-z])\s*")


def _math(latex: str) -> str:
    """Commands of ex_test and of its companions as KaTeX knows them."""
    for _n in range(200):
        found = _HEVA.search(latex)
        if not found:
            break
        groups, end = _groups(latex, found.end(), 1)
        inner = groups[0] if groups else ""
        made = {
            "heva": f"\\left\\{{\\begin{{aligned}}{inner}\\end{{aligned}}\\right.",
            "hoac": f"\\left[\\begin{{aligned}}{inner}\\end{{aligned}}\\right.",
            "vv": f"\\overrightarrow{{{inner}}}",
        }[found[1]]
        latex = latex[: found.start()] + made + latex[end:]
    return re.sub(r"\s*\n\s*", " ", latex).strip()


# ---------------------------------------------------------------- writing

_HEAD = r"""\documentclass[12pt,a4paper]{article}
\usepackage{amsmath,amssymb,graphicx,tikz}
\usepackage[normalem]{ulem}
\usepackage[utf8]{vietnam}
\usepackage{hyperref}
\usepackage[solcolor]{ex_test}
\begin{document}
"""


def write(drafts: list[Draft], pictures: Mapping[str, Picture] | None = None) -> Writing:
    """A LaTeX file, in an archive with its pictures where there are some. Rows tell what it could not carry."""
    rows: list[Row] = []
    parts: list[str] = []
    shown: dict[str, bytes] = {}
    for n, draft in enumerate(drafts, 1):
        row = Row(n, READ, draft)
        rows.append(row)
        made = _written(row, draft, _Written(row, pictures or {}, shown))
        if made is not None:
            parts.append(made)
    data = (_HEAD + "\n" + "\n".join(parts) + "\n\\end{document}\n").encode()
    if not shown:
        return Writing("extest", data, "application/x-tex", "tex", rows)
    return Writing("extest", package.packed({"cau-hoi.tex": data, **shown}), "application/zip", "zip", rows)


def _written(row: Row, draft: Draft, tex: _Written) -> str | None:
    key: Any = draft.answer
    if draft.kind == "single_choice":
        if not key:
            row.guess("Câu hỏi xuất ra không kèm đáp án.")
        answers = "\\choice" + "".join(
            f"\n{{{_true(c['id'] in (key or []))}{tex.of(c['text'])}}}" for c in draft.choices
        )
    elif draft.kind == "true_false_group":
        if not key:
            row.guess("Câu hỏi xuất ra không kèm đáp án.")
        answers = "\\choiceTF" + "".join(
            f"\n{{{_true(bool(key and key.get(c['id'])))}{tex.of(c['text'])}}}" for c in draft.choices
        )
    elif draft.kind == "short_answer":
        if not key:
            row.guess("Câu hỏi xuất ra không kèm đáp án.")
        answers = f"\\shortans{{${str(key or '').replace(',', '{,}')}$}}" if key else "\\shortans{}"
    elif draft.kind == "text" and draft.answer:
        if len(draft.answer) > 1:
            row.guess("Chỉ giữ đáp án %(value)s; các đáp án khác không giữ.", value=draft.answer[0][:40])
        answers = f"\\shortans{{{tex.of(draft.answer[0])}}}"
    elif draft.kind == "essay":
        answers = ""
    else:
        row.drop("%(format)s chưa ghi được dạng câu này.", format="ex_test")
        return None
    codes = [t for t in draft.tags if _ID6.fullmatch(t)]
    head = "\\begin{ex}" + "".join(f"%[{code}]" for code in codes)
    own = [f"id:{draft.external_id}"] if draft.external_id and draft.external_id not in codes else []
    if draft.kind == "true_false_group" and key and not any(key.values()):
        own.append(_KEYED)
    own += [t if t.split(":")[0] in _NAMES else f"the:{t}" for t in as_tags(draft) if t not in codes]
    line = "% kho: " + "; ".join(re.sub(r"[;\n]", " ", part) for part in own) if own else ""
    # `{}` keeps a bracket at the start of the stem from being taken for an option.
    stem = tex.of(draft.stem)
    stem = "{}" + stem if stem.startswith("[") else stem
    solution = f"\\loigiai{{\n{tex.of(draft.explanation)}\n}}" if draft.explanation else ""
    loss.tell_missing(row, tex.missing)
    return "\n".join(part for part in (head, line, stem, answers, solution, "\\end{ex}") if part) + "\n"


_NAMES = {"mon", "lop", "chude", "muc", "thang"}


def _true(right: bool) -> str:
    return "\\True " if right else ""


class _Written:
    """Markdown into TeX, by way of its XHTML."""

    def __init__(self, row: Row, pictures: Mapping[str, Picture], shown: dict[str, bytes]) -> None:
        self.row = row
        self.pictures = pictures
        self.shown = shown
        self.missing = 0

    def of(self, markdown: str) -> str:
        if not markdown:
            return ""
        made = legal(to_html(markdown, self._formula))
        root = etree.fromstring(f"<r>{made}</r>".encode())
        text = re.sub(r"\n{3,}", "\n\n", self._inside(root)).strip()
        # A bracket or a star after a line break would be taken for its option.
        return re.sub(r"\\\\\n(?=[\[*])", r"\\\\{}\n", text)

    def _formula(self, latex: str, display: bool) -> str:
        kind = "display" if display else "inline"
        return f"<tex kind='{kind}'>{_xml(latex)}</tex>"

    def _inside(self, element: Element) -> str:
        parts = [_text(element.text)]
        for below in element:
            parts.append(self._one(below))
            parts.append(_text(below.tail))
        return "".join(parts)

    def _one(self, element: Element) -> str:
        name = local(element)
        if name == "tex":
            return self._math(element.text or "", element.get("kind") == "display")
        if name == "br":
            return "\\\\\n"
        if name == "img":
            return self._picture(element.get("src") or "", element.get("alt") or "")
        if name == "pre":
            code = element[0] if len(element) else element
            if "tikz" in (code.get("class") or ""):
                return "\n" + "".join(code.itertext()).strip() + "\n"
            body = "".join(code.itertext()).replace("\\end{verbatim}", "")
            return f"\n\\begin{{verbatim}}\n{body.rstrip()}\n\\end{{verbatim}}\n"
        if name == "table":
            return self._table(element)
        inner = self._inside(element)
        return _WRITERS.get(name, lambda text, _e: text)(inner, element)

    def _picture(self, address: str, words: str) -> str:
        key = address.removeprefix("picture:")
        picture = self.pictures.get(key) if address.startswith("picture:") else None
        if picture is None:
            self.missing += 1
            return _text(words)
        name = f"images/{file_name(key, picture)}"
        self.shown[name] = picture.data
        option = f"[alt={{{_text(words)}}}]" if words and "{" not in words and "}" not in words else ""
        return f"\\includegraphics{option}{{{name}}}"

    def _math(self, latex: str, display: bool) -> str:
        bare = re.sub(r"\\.", "", latex, flags=re.DOTALL)
        depth = 0
        for sign in bare:
            depth += (sign == "{") - (sign == "}")
            if depth < 0:
                break
        if depth or "$" in bare:
            self.row.guess("Công thức thiếu ngoặc được ghi như chữ thường: %(formula)s", formula=latex[:60])
            return _text(f"${latex}$")
        latex = re.sub(r"(?<!\\)((?:\\\\)*)%", r"\1\\%", latex)
        return f"\\[{latex}\\]" if display else f"${latex}$"

    def _table(self, table: Element) -> str:
        rows = [[self._inside(c).strip() for c in tr if local(c) in ("td", "th")] for tr in table.iter("tr")]
        width = max((len(r) for r in rows), default=1)
        lines = "\n".join(" & ".join(r) + " \\\\ \\hline" for r in rows)
        return f"\n\\begin{{center}}\n\\begin{{tabular}}{{|{'c|' * width}}}\n\\hline\n{lines}\n\\end{{tabular}}\n\\end{{center}}\n"


_WRITERS: dict[str, Callable[[str, Element], str]] = {
    "p": lambda text, e: f"\n\n{text}\n\n",
    "strong": lambda text, e: f"\\textbf{{{text}}}",
    "em": lambda text, e: f"\\textit{{{text}}}",
    "s": lambda text, e: f"\\sout{{{text}}}",
    "u": lambda text, e: f"\\underline{{{text}}}",
    "sub": lambda text, e: f"\\textsubscript{{{text}}}",
    "sup": lambda text, e: f"\\textsuperscript{{{text}}}",
    "code": lambda text, e: f"\\texttt{{{text}}}",
    "a": lambda text, e: f"\\href{{{_text(e.get('href'))}}}{{{text}}}",
    "ul": lambda text, e: f"\n\\begin{{itemize}}{text}\n\\end{{itemize}}\n",
    "ol": lambda text, e: f"\n\\begin{{enumerate}}{text}\n\\end{{enumerate}}\n",
    "li": lambda text, e: f"\n\\item {text.strip()}",
    "blockquote": lambda text, e: f"\n\\begin{{quote}}\n{text.strip()}\n\\end{{quote}}\n",
    "hr": lambda text, e: "\n\n\\hrulefill\n\n",
    "h1": lambda text, e: f"\n\n\\subsection*{{{text}}}\n\n",
    "h2": lambda text, e: f"\n\n\\subsection*{{{text}}}\n\n",
    "h3": lambda text, e: f"\n\n\\subsubsection*{{{text}}}\n\n",
    "h4": lambda text, e: f"\n\n\\paragraph*{{{text}}}\n\n",
}
_SPECIAL = {
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
}  # fmt: skip


def _text(text: str | None) -> str:
    """Characters as TeX shows them."""
    flat = re.sub(r"\s*\n\s*", " ", text or "")
    safe = "".join(_SPECIAL.get(c, c) for c in flat)
    return safe.replace("''", "'{}'").replace("``", "`{}`")


def _plain(tex: str) -> str:
    """The characters of what `_text` wrote."""
    for sign, written in _SPECIAL.items():
        tex = tex.replace(written, sign) if sign != "\\" else tex
    return tex.replace("\\textbackslash{}", "\\")


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
