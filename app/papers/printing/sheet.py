"""A form as PDF by typst, in the layout of Vietnamese school papers. Content in, bytes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import typst

from app.papers.printing import content
from app.papers.printing.mathml import quoted
from app.papers.printing.order import LETTERS

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
# What stands over a part, as the exam of 2025 says it.
PARTS = {
    "single_choice": (
        "Câu trắc nghiệm nhiều phương án lựa chọn.",
        "Mỗi câu hỏi thí sinh chỉ chọn một phương án.",
    ),
    "multiple_choice": (
        "Câu trắc nghiệm nhiều đáp án đúng.",
        "Mỗi câu hỏi thí sinh chọn tất cả các phương án đúng.",
    ),
    "true_false_group": (
        "Câu trắc nghiệm đúng sai.",
        "Trong mỗi ý a), b), c), d) ở mỗi câu, thí sinh chọn đúng hoặc sai.",
    ),
    "short_answer": ("Câu trắc nghiệm trả lời ngắn.", ""),
}

STYLE = """
#set document(title: doc-title, date: none)
#set page(
  paper: "a4", margin: (top: 1.2cm, right: 1.2cm, bottom: 1.7cm, left: 2cm),
  footer-descent: 40%,
  footer: context [
    #set text(10pt)
    #line(length: 100%, stroke: 0.4pt) #v(-1pt)
    Mã đề #code #h(1fr) Trang #counter(page).display()/#counter(page).final().first()
  ],
)
#set text(font: "Libertinus Serif", size: 11.5pt, lang: "vi", hyphenate: false, top-edge: 0.78em, bottom-edge: -0.24em)
#set par(justify: true, leading: 0.27em, spacing: 0.3em)
#show math.equation: set text(font: ("New Computer Modern Math", "Libertinus Serif"))
#show math.equation.where(block: false): box
#let picture(name, width) = box(baseline: 0%, image(name, width: width))
#let options(..given) = layout(size => {
  let items = given.pos()
  let widest = calc.max(..items.map(item => measure(item).width))
  let per = if widest < size.width / 4 - 10pt { 4 } else if widest < size.width / 2 - 10pt { 2 } else { 1 }
  if per > items.len() { per = items.len() }
  grid(columns: (1fr,) * per, column-gutter: 8pt, row-gutter: 0.3em, align: left + horizon, ..items)
})
#let option(label, body) = par(hanging-indent: 1.5em, justify: false)[#strong(label)~#body]
#let statement(label, body) = block(spacing: 0.3em, par(hanging-indent: 1.4em)[#box(width: 1.4em)[#label)]#body])
#let question(number, stem, body) = block(breakable: false, width: 100%, above: 0.5em, below: 0.5em)[
  #strong[Câu #number.] #stem
  #body
]
#let part(title, said) = block(above: 0.75em, below: 0.5em, sticky: true)[#strong(title) #said]
"""

HEAD = """
#grid(columns: (0.9fr, 1.1fr), column-gutter: 10pt, align: center,
  [#upper(department) \\ #strong(upper(school)) #v(1pt) #line(length: 32%, stroke: 0.5pt) #v(1pt)
   #emph[(Đề thi có #context counter(page).final().first() trang)]],
  [#strong(upper(exam)) \\ #strong[Môn: #upper(subject)] \\
   #emph[Thời gian làm bài: #minutes phút, không kể thời gian phát đề]],
)
#v(2pt)
#grid(columns: (1fr, auto), column-gutter: 12pt, align: (left + horizon, center + horizon),
  [Họ, tên thí sinh: #box(width: 1fr, repeat[.]) \\ #v(1pt) Số báo danh: #box(width: 1fr, repeat[.])],
  box(stroke: 0.8pt, inset: (x: 12pt, y: 7pt), strong[Mã đề: #code]),
)
#v(2pt)
"""

TAIL = """
#align(center)[#v(4pt) #strong("------ HẾT ------")]
#set text(10pt)
#emph[– Thí sinh không được sử dụng tài liệu. \\ – Cán bộ coi thi không giải thích gì thêm.]
"""


@dataclass(frozen=True)
class Question:
    """A question as this form shows it: options in their order on the form, no key."""

    part: int
    kind: str
    stem: str
    choices: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """`pictures` maps addresses in the text to (bytes, ending, width in pixels)."""

    code: str
    subject: str
    minutes: int
    heading: Mapping[str, str]
    questions: Sequence[Question]
    pictures: Mapping[str, tuple[bytes, str, int]] = field(default_factory=dict)


def pdf(sheet: Sheet) -> bytes:
    """The form as PDF. What typst cannot set stands in its source, as on the screen."""
    names = {address: (f"hinh-{n}.{held[1]}", held[2]) for n, (address, held) in enumerate(sheet.pictures.items(), 1)}
    files = {names[address][0]: held[0] for address, held in sheet.pictures.items()}
    try:
        return _compiled(document(sheet, names), files)
    except typst.TypstError:
        return _compiled(document(sheet, names, _settable(sheet, names, files)), files)


def _compiled(source: str, files: Mapping[str, bytes]) -> bytes:
    # A mapping of file names to bytes is taken, whatever the package's own types say.
    document: Any = {"main.typ": source.encode(), **files}
    return bytes(typst.compile(document, ignore_system_fonts=True, format="pdf"))


def _settable(sheet: Sheet, names: Mapping[str, tuple[str, int]], files: Mapping[str, bytes]) -> set[str]:
    """The texts that typst sets by themselves."""
    style = _values(sheet) + STYLE
    good = set()
    for text in {text for each in sheet.questions for text in (each.stem, *each.choices)}:
        try:
            _compiled(style + content.typst(text, names), files)
        except typst.TypstError:
            continue
        good.add(text)
    return good


def _values(sheet: Sheet) -> str:
    values = {
        "doc-title": f"Mã đề {sheet.code}",
        "code": sheet.code,
        "subject": sheet.subject,
        "minutes": str(sheet.minutes),
        "department": sheet.heading.get("department") or "Sở Giáo dục và Đào tạo",
        "school": sheet.heading.get("school") or "",
        "exam": sheet.heading.get("exam") or "Đề kiểm tra",
    }
    return "".join(f"#let {name} = {quoted(value)}\n" for name, value in values.items())


def document(sheet: Sheet, names: Mapping[str, tuple[str, int]], good: set[str] | None = None) -> str:
    """The form's typst source."""

    def set_(text: str, option: bool = False) -> str:
        if good is not None and text not in good:
            return content.plain(text)
        return content.typst(text, names, option)

    made = [_values(sheet), STYLE, HEAD]
    parts = sorted({each.part for each in sheet.questions})
    for place, number in enumerate(parts):
        inside = [each for each in sheet.questions if each.part == number]
        title, said = PARTS.get(inside[0].kind, ("", ""))
        if len(parts) > 1 or inside[0].kind != "single_choice":
            span = f"Thí sinh trả lời từ câu 1 đến câu {len(inside)}. {said}"
            made.append(f"#part({quoted(f'PHẦN {ROMAN[place]}. {title}')}, {quoted(span)})\n")
        for n, each in enumerate(inside, 1):
            if each.kind == "true_false_group":
                lines = "".join(
                    f'#statement("{name}", [{set_(text)}])\n' for name, text in zip("abcd", each.choices, strict=False)
                )
                body = lines
            elif each.choices:
                pieces = ", ".join(
                    f'option("{letter}.", [{set_(text, option=True)}])'
                    for letter, text in zip(LETTERS, each.choices, strict=False)
                )
                body = f"#options({pieces})"
            else:
                body = ""
            made.append(f'#question("{n}", [{set_(each.stem)}], [{body}])\n')
    made.append(TAIL)
    return "".join(made)
