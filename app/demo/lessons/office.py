"""Office files of an outline: Word, slides and sheets of both families."""

from __future__ import annotations

import io
import warnings
from decimal import Decimal, InvalidOperation
from typing import Any

from app.demo.lessons.outline import Heading, Items, Outline, Paragraph, Table

INK = (0x47, 0x3A, 0x8C)
WITH_HEADING = 6


def docx(made: Outline) -> bytes:
    import docx as word
    from docx.shared import Pt, RGBColor

    document = word.Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(13)
    document.core_properties.title, document.core_properties.author = made.title, "Kho Chung"
    title = document.add_heading(made.title, 0)
    for run in title.runs:
        run.font.color.rgb = RGBColor(*INK)
    for block in made.blocks:
        match block:
            case Heading(text):
                document.add_heading(text, 1)
            case Paragraph(text):
                document.add_paragraph(text)
            case Items(texts):
                for text in texts:
                    document.add_paragraph(text, style="List Bullet")
            case Table(rows):
                table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
                for at, row in enumerate(rows):
                    for column, cell in enumerate(row):
                        run = table.cell(at, column).paragraphs[0].add_run(cell)
                        run.bold = at == 0
    return _saved(document)


def pptx(made: Outline) -> bytes:
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    deck.core_properties.title, deck.core_properties.author = made.title, "Kho Chung"
    first = deck.slides.add_slide(deck.slide_layouts[WITH_HEADING - 1])
    first.background.fill.solid()
    first.background.fill.fore_color.rgb = RGBColor(*INK)
    _slide_title(first, made.title, 44, RGBColor(255, 255, 255), 2.4)
    for name, blocks in made.parts():
        slide = deck.slides.add_slide(deck.slide_layouts[WITH_HEADING - 1])
        _slide_title(slide, name, 32, RGBColor(*INK), 0.4)
        lines = [text for block in blocks for text in _lines(block)]
        if lines:
            frame = slide.shapes.add_textbox(Inches(0.8), Inches(1.6), Inches(11.7), Inches(5)).text_frame
            frame.word_wrap = True
            for at, text in enumerate(lines):
                paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
                paragraph.text, paragraph.font.size, paragraph.space_after = text, Pt(22), Pt(10)
        for block in blocks:
            if isinstance(block, Table):
                rows, columns = len(block.rows), len(block.rows[0])
                top = Inches(1.7 + 0.75 * len(lines))
                table = slide.shapes.add_table(rows, columns, Inches(0.8), top, Inches(11.7), Inches(0.5 * rows)).table
                for at, row in enumerate(block.rows):
                    for column, cell in enumerate(row):
                        table.cell(at, column).text = cell
    return _saved(deck)


def _slide_title(slide: Any, text: str, size: int, colour: Any, top: float) -> None:
    from pptx.util import Inches, Pt

    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Inches(0.8), Inches(top), Inches(11.7), Inches(1.1)
    title.text = text
    font = title.text_frame.paragraphs[0].font
    font.size, font.bold, font.color.rgb = Pt(size), True, colour


def _lines(block: object) -> list[str]:
    match block:
        case Paragraph(text):
            return [text]
        case Items(texts):
            return [f"• {text}" for text in texts]
        case _:
            return []


def xlsx(made: Outline) -> bytes:
    """One sheet of text, one for each table; numbers are numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    about = book.active
    assert about is not None
    about.title = "Hướng dẫn"
    about.append([made.title])
    about["A1"].font = Font(bold=True, size=16, color="473A8C")
    about.column_dimensions["A"].width = 100
    number = 0
    for block in made.blocks:
        if isinstance(block, Table):
            number += 1
            sheet = book.create_sheet(f"Bảng {number}")
            for at, row in enumerate(block.rows, 1):
                sheet.append([_number(cell) for cell in row])
                if at == 1:
                    for cell in sheet[1]:
                        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E9E6F5")
            for column in range(1, len(block.rows[0]) + 1):
                sheet.column_dimensions[get_column_letter(column)].width = 24
            sheet.freeze_panes = "A2"
        else:
            for text in [block.text] if isinstance(block, Heading) else _lines(block):
                about.append([text])
    return _saved(book)


def _number(text: str) -> float | int | str:
    try:
        value = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return text
    return int(value) if value == value.to_integral_value() else float(value)


def odt(made: Outline) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from odf.opendocument import OpenDocumentText
        from odf.style import ParagraphProperties, Style, TextProperties
        from odf.table import Table as OdfTable
        from odf.table import TableCell, TableColumn, TableRow
        from odf.text import H, List, ListItem, P

        document = OpenDocumentText()
        head = Style(name="Dau de", family="paragraph")
        head.addElement(TextProperties(fontsize="20pt", fontweight="bold", color="#473a8c"))
        head.addElement(ParagraphProperties(marginbottom="0.4cm"))
        document.styles.addElement(head)
        document.text.addElement(H(outlinelevel=1, stylename=head, text=made.title))
        for block in made.blocks:
            match block:
                case Heading(text):
                    document.text.addElement(H(outlinelevel=2, text=text))
                case Paragraph(text):
                    document.text.addElement(P(text=text))
                case Items(texts):
                    listed = List()
                    for text in texts:
                        item = ListItem()
                        item.addElement(P(text=text))
                        listed.addElement(item)
                    document.text.addElement(listed)
                case Table(rows):
                    table = OdfTable()
                    table.addElement(TableColumn(numbercolumnsrepeated=len(rows[0])))
                    for row in rows:
                        line = TableRow()
                        for text in row:
                            cell = TableCell()
                            cell.addElement(P(text=text))
                            line.addElement(cell)
                        table.addElement(line)
                    document.text.addElement(table)
        return _saved(document)


def odp(made: Outline) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from odf.draw import Frame, Page, TextBox
        from odf.opendocument import OpenDocumentPresentation
        from odf.style import MasterPage, PageLayout, PageLayoutProperties, Style, TextProperties
        from odf.text import P

        document = OpenDocumentPresentation()
        layout = PageLayout(name="Trang")
        layout.addElement(PageLayoutProperties(pagewidth="28cm", pageheight="15.75cm", printorientation="landscape"))
        document.automaticstyles.addElement(layout)
        master = MasterPage(name="Trang", pagelayoutname=layout)
        document.masterstyles.addElement(master)
        styles = {}
        for name, size, weight in (("Lon", "32pt", "bold"), ("Thuong", "20pt", "normal")):
            styles[name] = Style(name=name, family="paragraph")
            styles[name].addElement(TextProperties(fontsize=size, fontweight=weight))
            document.styles.addElement(styles[name])
        pages = [(made.title, ["Kho Chung"])]
        for name, blocks in made.parts():
            lines = [text for block in blocks for text in _lines(block)]
            lines += [" – ".join(row) for block in blocks if isinstance(block, Table) for row in block.rows]
            pages.append((name, lines))
        for name, lines in pages:
            page = Page(masterpagename=master)
            document.presentation.addElement(page)
            for style, texts, top, height in (("Lon", [name], "1cm", "2.5cm"), ("Thuong", lines, "4cm", "11cm")):
                frame = Frame(width="25cm", height=height, x="1.5cm", y=top)
                box = TextBox()
                for text in texts:
                    box.addElement(P(stylename=styles[style], text=text))
                frame.addElement(box)
                page.addElement(frame)
        return _saved(document)


def ods(made: Outline) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from odf.opendocument import OpenDocumentSpreadsheet
        from odf.table import Table as OdfTable
        from odf.table import TableCell, TableRow
        from odf.text import P

        document = OpenDocumentSpreadsheet()
        number = 0
        for block in made.blocks:
            if not isinstance(block, Table):
                continue
            number += 1
            sheet = OdfTable(name=f"Bảng {number}")
            for row in block.rows:
                line = TableRow()
                for text in row:
                    value = _number(text)
                    cell = (
                        TableCell(valuetype="string")
                        if isinstance(value, str)
                        else TableCell(valuetype="float", value=str(value))
                    )
                    cell.addElement(P(text=text))
                    line.addElement(cell)
                sheet.addElement(line)
            document.spreadsheet.addElement(sheet)
        return _saved(document)


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
