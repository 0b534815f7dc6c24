"""QTI packages out: one item for each question, a manifest with codes and tags, pictures beside.

A true/false group keeps its stepped score: right rows are counted by a mapping, and a match table of the outcome
turns 0 to 4 into 0, 0.1, 0.25, 0.5 and 1 (QĐ 764/QĐ-BGDĐT).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from app.questions.formats import loss, mathml, package
from app.questions.formats.codes import as_tags, first_words
from app.questions.formats.markdown import BLOCK_NAMES, legal, to_html
from app.questions.formats.model import READ, Draft, Picture, Row, Writing
from app.questions.formats.moodlexml import file_name
from app.questions.formats.qti.items import LETTERS
from app.questions.formats.qti.names import V3, kebab
from app.questions.formats.xml import Element, child, children, local, namespace

XSI = "http://www.w3.org/2001/XMLSchema-instance"
STEPPED = ("0", "0.1", "0.25", "0.5", "1")
_HTML = {
    "p", "div", "span", "br", "em", "strong", "b", "i", "sub", "sup", "code", "pre", "blockquote", "ul", "ol", "li",
    "table", "thead", "tbody", "tr", "th", "td", "a", "img", "hr", "h2", "h3", "h4", "math",
}  # fmt: skip
_KEPT = {"a": {"href"}, "img": {"src", "alt"}, "span": {"class"}}


@dataclass(frozen=True)
class Version:
    """Names and addresses in which the versions of QTI differ."""

    name: str
    space: str
    schema: str
    templates: str
    item_type: str
    manifest_space: str
    manifest_schema: str
    package: tuple[str, str]


VERSIONS = {
    "2.1": Version(
        "2.1",
        "http://www.imsglobal.org/xsd/imsqti_v2p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
        "http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}",
        "imsqti_item_xmlv2p1",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
        ("QTIv2.1 Package", "1.0.0"),
    ),
    "2.2": Version(
        "2.2",
        "http://www.imsglobal.org/xsd/imsqti_v2p2",
        "http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd",
        "http://www.imsglobal.org/question/qti_v2p2/rptemplates/{}",
        "imsqti_item_xmlv2p2",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p2/qtiv2p2_imscpv1p2_v1p0.xsd",
        ("QTIv2.2 Package", "1.0.0"),
    ),
    "3.0": Version(
        "3.0",
        V3,
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
        "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
        "imsqti_item_xmlv3p0",
        "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
        ("QTI Package", "3.0.0"),
    ),
}


def write(drafts: list[Draft], pictures: Mapping[str, Picture] | None = None, version: str = "2.2") -> Writing:
    """A zipped package. Rows tell what QTI could not carry."""
    form = VERSIONS[version]
    rows: list[Row] = []
    files: dict[str, bytes] = {}
    resources: list[Element] = []
    taken: set[str] = set()
    for n, draft in enumerate(drafts, 1):
        row = Row(n, READ, draft)
        rows.append(row)
        made = _Written(row, draft, pictures or {}, form, _identifier(draft, n, taken)).made()
        if made is None:
            continue
        name, data, shown, resource = made
        files[name] = data
        files |= shown
        resources.append(resource)
    files = {"imsmanifest.xml": _manifest(form, resources), **files}
    return Writing("qti", package.packed(files), "application/zip", "zip", rows)


def _identifier(draft: Draft, n: int, taken: set[str]) -> str:
    name = f"q-{draft.external_id}" if re.fullmatch(r"[A-Za-z0-9._-]{1,60}", draft.external_id) else f"q-{n:05}"
    if name in taken:
        name = f"{name}-{n}"
    taken.add(name)
    return name


def _q(text: Any) -> str:
    """An attribute value, quoted."""
    return quoteattr(legal(str(text)))


def _t(text: Any) -> str:
    return legal(str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Written:
    def __init__(self, row: Row, draft: Draft, pictures: Mapping[str, Picture], form: Version, identifier: str) -> None:
        self.row = row
        self.draft = draft
        self.pictures = pictures
        self.form = form
        self.identifier = identifier
        self.shown: dict[str, bytes] = {}
        self.missing = 0
        self.declarations = ""
        self.table = ""
        self.interaction = ""
        self.processing = ""
        self.template = ""
        self.kind = ""
        self.gaps: list[str] = []

    def made(self) -> tuple[str, bytes, dict[str, bytes], Element] | None:
        """(name, bytes, pictures, manifest resource) of the item, or None when it cannot be written."""
        writer = _WRITERS.get(self.draft.kind)
        if writer is None:
            self.row.drop("%(format)s chưa ghi được dạng câu này.", format="QTI")
            return None
        writer(self)
        if self.row.status == "dropped":
            return None
        root = etree.fromstring(self._source().encode())
        self._tidy(root)
        if self.form.name == "3.0":
            _to_v3(root)
        data = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        loss.tell_missing(self.row, self.missing)
        name = f"{self.identifier}.xml"
        return name, data, self.shown, self._resource(name)

    # ------------------------------------------------------------ the item

    def _source(self) -> str:
        draft, form = self.draft, self.form
        title = draft.title or first_words(draft.stem) or self.identifier
        feedback = processing = modal = ""
        if draft.explanation:
            feedback = '<outcomeDeclaration identifier="FEEDBACK" cardinality="single" baseType="identifier"/>'
            modal = (
                '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="EXPLANATION" showHide="show">'
                f"<div>{self.html(draft.explanation)}</div></modalFeedback>"
            )
            processing = (
                '<setOutcomeValue identifier="FEEDBACK"><baseValue baseType="identifier">EXPLANATION</baseValue>'
                "</setOutcomeValue>"
            )
        if self.template and not processing:
            done = f"<responseProcessing template={_q(form.templates.format(self.template))}/>"
        elif self.template or self.processing or processing:
            done = f"<responseProcessing>{self.processing or _INLINE.get(self.template, '')}{processing}</responseProcessing>"
        else:
            done = ""
        body = f"<div>{self.html(draft.stem, self.gaps)}</div>" + self.interaction
        return (
            f"<assessmentItem xmlns={_q(form.space)} xmlns:m={_q(mathml.MATHML)} xmlns:xsi={_q(XSI)}"
            f" xsi:schemaLocation={_q(form.space + ' ' + form.schema)} identifier={_q(self.identifier)}"
            f' title={_q(title)} adaptive="false" timeDependent="false" toolName="Kho Chung"'
            f" xml:lang={_q(draft.language or 'vi')}>{self.declarations}"
            '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float" normalMinimum="0"'
            f' normalMaximum="1"><defaultValue><value>0</value></defaultValue>{self.table}</outcomeDeclaration>'
            '<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float"><defaultValue>'
            f"<value>1</value></defaultValue></outcomeDeclaration>{feedback}"
            f"<itemBody>{body}</itemBody>{done}{modal}</assessmentItem>"
        )

    def html(self, markdown: str, gaps: Sequence[str] = ()) -> str:
        made = legal(to_html(markdown, _formula, self._image))
        if gaps:
            made = re.sub(
                r"\[\[(\d{1,3})\]\]", lambda m: gaps[int(m[1]) - 1] if 0 < int(m[1]) <= len(gaps) else m[0], made
            )
        return made

    def _image(self, address: str, words: str) -> str:
        key = address.removeprefix("picture:")
        picture = self.pictures.get(key) if address.startswith("picture:") else None
        if picture is None:
            self.missing += 1
            return _t(words)
        name = f"images/{file_name(key, picture)}"
        self.shown[name] = picture.data
        return f"<img src={_q(name)} alt={_q(words)}/>"

    def _tidy(self, root: Element) -> None:
        """What Markdown made and QTI does not know; loose text of blocks into paragraphs."""
        for element in root.iter():
            if not isinstance(element.tag, str) or namespace(element) == mathml.MATHML:
                continue
            name, space = local(element), f"{{{self.form.space}}}"
            if name == "u":
                element.tag, element.attrib["class"] = f"{space}span", "underline qti-underline"
            elif name == "s":
                element.tag, element.attrib["class"] = f"{space}span", "line-through"
            elif name == "h1":
                element.tag = f"{space}h2"
            elif name in ("h5", "h6"):
                element.tag = f"{space}h4"
            elif name == "table" and child(element, "tbody") is None:
                head = child(element, "thead")
                if head is not None:
                    head.tag = f"{space}tbody"
            if local(element) in _HTML:
                for key in set(element.attrib) - _KEPT.get(local(element), set()):
                    del element.attrib[key]
        for holder in [e for e in root.iter() if isinstance(e.tag, str) and local(e) in ("div", "blockquote")]:
            _into_blocks(holder)

    def _resource(self, name: str) -> Element:
        form = self.form
        space, lom = f"{{{form.manifest_space}}}", "{http://ltsc.ieee.org/xsd/LOM}"
        resource = etree.Element(f"{space}resource", identifier=self.identifier, type=form.item_type, href=name)
        general = etree.SubElement(
            etree.SubElement(etree.SubElement(resource, f"{space}metadata"), f"{lom}lom"), f"{lom}general"
        )
        language = self.draft.language or "vi"
        etree.SubElement(etree.SubElement(general, f"{lom}identifier"), f"{lom}entry").text = self.identifier
        title = etree.SubElement(etree.SubElement(general, f"{lom}title"), f"{lom}string", language=language)
        title.text = legal(self.draft.title or first_words(self.draft.stem) or self.identifier)
        etree.SubElement(general, f"{lom}language").text = language
        for tag in as_tags(self.draft):
            word = etree.SubElement(etree.SubElement(general, f"{lom}keyword"), f"{lom}string", language=language)
            word.text = legal(tag)
        for file in (name, *self.shown):
            etree.SubElement(resource, f"{space}file", href=file)
        return resource

    # ------------------------------------------------------------ kinds

    def declare(
        self,
        cardinality: str,
        base: str,
        right: Sequence[Any],
        worth: Mapping[str, Any] | None = None,
        name: str = "RESPONSE",
    ) -> None:
        values = "".join(f"<value>{_t(v)}</value>" for v in right)
        correct = f"<correctResponse>{values}</correctResponse>" if values else ""
        mapping = ""
        if worth:
            entries = "".join(f"<mapEntry mapKey={_q(k)} mappedValue={_q(v)}/>" for k, v in worth.items())
            mapping = f'<mapping defaultValue="0">{entries}</mapping>'
        self.declarations += (
            f"<responseDeclaration identifier={_q(name)} cardinality={_q(cardinality)} baseType={_q(base)}>"
            f"{correct}{mapping}</responseDeclaration>"
        )

    def choice(self) -> None:
        draft = self.draft
        several = draft.kind == "multiple_choice"
        letters = {c["id"]: LETTERS[n] for n, c in enumerate(draft.choices)}
        right = [letters[i] for i in draft.answer or [] if i in letters]
        if not right:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self.declare("multiple" if several else "single", "identifier", right)
        options = "".join(
            f"<simpleChoice identifier={_q(letters[c['id']])}>{self.html(c['text'])}</simpleChoice>"
            for c in draft.choices
        )
        self.interaction = (
            f'<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="{0 if several else 1}">'
            f"{options}</choiceInteraction>"
        )
        self.template = "match_correct"

    def true_false(self) -> None:
        right = [] if self.draft.answer is None else ["T" if self.draft.answer else "F"]
        if not right:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self.declare("single", "identifier", right)
        self.interaction = (
            '<choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">'
            '<simpleChoice identifier="T">Đúng</simpleChoice><simpleChoice identifier="F">Sai</simpleChoice>'
            "</choiceInteraction>"
        )
        self.template = "match_correct"

    def group(self) -> None:
        draft, key = self.draft, self.draft.answer
        linear = draft.scoring == "linear"
        ids = [c["id"] for c in draft.choices]
        right = [f"{i} {'T' if key[i] else 'F'}" for i in ids if i in key] if key else []
        if not right:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        each = format(Decimal(1) / len(ids), "f") if linear else "1"
        self.declare("multiple", "directedPair", right, dict.fromkeys(right, each))
        statements = "".join(
            f'<simpleAssociableChoice identifier={_q(c["id"])} matchMax="1">{self.html(c["text"])}'
            "</simpleAssociableChoice>"
            for c in draft.choices
        )
        self.interaction = (
            f'<matchInteraction responseIdentifier="RESPONSE" shuffle="false" maxAssociations="{len(ids)}">'
            f"<simpleMatchSet>{statements}</simpleMatchSet><simpleMatchSet>"
            f'<simpleAssociableChoice identifier="T" matchMax="{len(ids)}">Đúng</simpleAssociableChoice>'
            f'<simpleAssociableChoice identifier="F" matchMax="{len(ids)}">Sai</simpleAssociableChoice>'
            "</simpleMatchSet></matchInteraction>"
        )
        if linear:
            self.template = "map_response"
            return
        entries = "".join(
            f'<matchTableEntry sourceValue="{n}" targetValue="{step}"/>' for n, step in enumerate(STEPPED)
        )
        self.table = f'<matchTable defaultValue="0">{entries}</matchTable>'
        self.processing = (
            '<lookupOutcomeValue identifier="SCORE"><round><mapResponse identifier="RESPONSE"/></round>'
            "</lookupOutcomeValue>"
        )

    def short(self) -> None:
        key = self.draft.answer
        spellings = number_spellings(key) if key else []
        if not spellings:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self.declare("single", "string", spellings[:1], dict.fromkeys(spellings, "1"))
        self._entry(4)
        self.template = "map_response"

    def _entry(self, length: int) -> None:
        self.interaction = f'<p><textEntryInteraction responseIdentifier="RESPONSE" expectedLength="{length}"/></p>'

    def words(self) -> None:
        answers = self.draft.answer or []
        if not answers:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self.declare("single", "string", answers[:1], dict.fromkeys(answers, "1"))
        self._entry(max((len(a) for a in answers), default=10))
        self.template = "map_response"

    def numbers(self) -> None:
        answers = self.draft.answer or []
        if not answers:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        best = max(answers, key=lambda a: a["weight"], default=None)
        self.declare("single", "float", [format(best["value"], "f")] if best else [])
        self._entry(10)
        tolerance = format(best["tolerance"], "f") if best else "0"
        if len(answers) > 1:
            self.row.guess(
                "Chỉ giữ đáp án %(value)s; các đáp án khác không giữ.", value=str(best["value"] if best else "")
            )
        self.processing = (
            f'<responseCondition><responseIf><equal toleranceMode="absolute" tolerance="{tolerance} {tolerance}">'
            '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></equal>'
            f"{_SCORE_ONE}</responseIf></responseCondition>"
        )

    def matching(self) -> None:
        pairs = self.draft.answer or []
        lefts = list(dict.fromkeys(left for left, _right in pairs if left))
        rights = list(dict.fromkeys(right for _left, right in pairs if right))
        real = [(left, right) for left, right in pairs if left and right]
        if not real:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        keys = [f"L{lefts.index(left) + 1} R{rights.index(right) + 1}" for left, right in real]
        share = format(Decimal(1) / max(1, len(keys)), ".6f")
        self.declare("multiple", "directedPair", keys, dict.fromkeys(keys, share))

        def some(texts: list[str], mark: str, most: int) -> str:
            return "".join(
                f'<simpleAssociableChoice identifier="{mark}{n}" matchMax="{most}">{self.html(text)}'
                "</simpleAssociableChoice>"
                for n, text in enumerate(texts, 1)
            )

        self.interaction = (
            f'<matchInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="{max(1, len(keys))}">'
            f"<simpleMatchSet>{some(lefts, 'L', 1)}</simpleMatchSet>"
            f"<simpleMatchSet>{some(rights, 'R', max(1, len(lefts)))}</simpleMatchSet></matchInteraction>"
        )
        self.template = "map_response"

    def ordering(self) -> None:
        draft = self.draft
        letters = {c["id"]: LETTERS[n] for n, c in enumerate(draft.choices)}
        right = [letters[i] for i in draft.answer or [] if i in letters]
        if not right:
            self.row.guess("Câu hỏi xuất ra không kèm đáp án.")
        self.declare("ordered", "identifier", right)
        options = "".join(
            f"<simpleChoice identifier={_q(letters[c['id']])}>{self.html(c['text'])}</simpleChoice>"
            for c in draft.choices
        )
        self.interaction = (
            f'<orderInteraction responseIdentifier="RESPONSE" shuffle="true">{options}</orderInteraction>'
        )
        self.template = "match_correct"

    def essay(self) -> None:
        self.declare("single", "string", [])
        self.interaction = '<extendedTextInteraction responseIdentifier="RESPONSE" expectedLines="10"/>'

    def cloze(self) -> None:
        gaps = self.draft.answer or []
        if not gaps:
            self.row.drop("%(format)s không ghi được câu thiếu đáp án.", format="QTI")
            return
        parts = []
        for n, gap in enumerate(gaps, 1):
            name = f"RESPONSE_{n}"
            parts.append(f'<mapResponse identifier="{name}"/>')
            if gap["kind"] == "choice":
                right = [f"g{n}_{gap['options'].index(a) + 1}" for a in gap["answer"] if a in gap["options"]]
                self.declare("single", "identifier", right[:1], dict.fromkeys(right, "1"), name)
                options = "".join(
                    f'<inlineChoice identifier="g{n}_{m}">{self.html(text)}</inlineChoice>'
                    for m, text in enumerate(gap["options"], 1)
                )
                self.gaps.append(
                    f'<inlineChoiceInteraction responseIdentifier="{name}" shuffle="false">{options}'
                    "</inlineChoiceInteraction>"
                )
                continue
            if gap["kind"] == "number":
                if any(a["tolerance"] for a in gap["answer"]):
                    self.row.guess("Sai số của chỗ trống số không được giữ.")
                accepted = [s for a in gap["answer"] for s in number_spellings(format(a["value"], "f"))]
            else:
                accepted = list(gap["answer"])
            self.declare("single", "string", accepted[:1], dict.fromkeys(accepted, "1"), name)
            self.gaps.append(f'<textEntryInteraction responseIdentifier="{name}"/>')
        self.processing = (
            '<setOutcomeValue identifier="SCORE"><divide><sum>' + "".join(parts) + "</sum>"
            f'<baseValue baseType="float">{len(gaps)}</baseValue></divide></setOutcomeValue>'
        )


_WRITERS: dict[str, Callable[[_Written], None]] = {
    "single_choice": _Written.choice,
    "multiple_choice": _Written.choice,
    "true_false": _Written.true_false,
    "true_false_group": _Written.group,
    "short_answer": _Written.short,
    "text": _Written.words,
    "numerical": _Written.numbers,
    "matching": _Written.matching,
    "ordering": _Written.ordering,
    "essay": _Written.essay,
    "cloze": _Written.cloze,
}
_SCORE_ONE = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
# What the standard templates say, for items that show their explanation as well.
_INLINE = {
    "match_correct": (
        '<responseCondition><responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/>'
        f"</match>{_SCORE_ONE}</responseIf></responseCondition>"
    ),
    "map_response": (
        '<responseCondition><responseIf><not><isNull><variable identifier="RESPONSE"/></isNull></not>'
        '<setOutcomeValue identifier="SCORE"><mapResponse identifier="RESPONSE"/></setOutcomeValue></responseIf>'
        "</responseCondition>"
    ),
}


def number_spellings(text: str) -> list[str]:
    """The ways in which a number is typed: decimal comma or point, two minus signs."""
    plain = text.strip().replace("−", "-").replace(".", ",")
    found = [plain, plain.replace(",", ".")]
    found += [s.replace("-", "−") for s in found]
    return list(dict.fromkeys(found))


def _formula(latex: str, display: bool) -> str:
    return etree.tostring(mathml.from_latex(legal(latex), display), encoding="unicode")


def _into_blocks(holder: Element) -> None:
    """Loose text and inline elements of a container into paragraphs, where blocks stand beside them."""
    kids = list(holder)
    head, holder.text = holder.text or "", None
    for kid in kids:
        holder.remove(kid)
    paragraph: Element | None = None
    tag = f"{{{namespace(holder)}}}p"

    def loose(text: str) -> None:
        nonlocal paragraph
        if paragraph is None:
            if not text.strip():
                return
            paragraph = etree.SubElement(holder, tag)
        if len(paragraph):
            paragraph[-1].tail = (paragraph[-1].tail or "") + text
        else:
            paragraph.text = (paragraph.text or "") + text

    loose(head)
    for kid in kids:
        tail, kid.tail = kid.tail or "", None
        if local(kid) in BLOCK_NAMES:
            paragraph = None
            holder.append(kid)
        else:
            if paragraph is None:
                paragraph = etree.SubElement(holder, tag)
            paragraph.append(kid)
        loose(tail)


def _to_v3(root: Element) -> None:
    """Names of the tree as 3.0 writes them, in place; feedback gets the content body that 3.0 asks for."""
    for element in root.iter():
        if not isinstance(element.tag, str) or namespace(element) != V3 or local(element) in _HTML:
            continue
        if local(element) == "modalFeedback":
            inner = children(element)
            body = etree.SubElement(element, f"{{{V3}}}contentBody")
            body.extend(inner)
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or namespace(element) != V3 or local(element) in _HTML:
            continue
        element.tag = f"{{{V3}}}qti-{kebab(local(element))}"
        for key in list(element.attrib):
            if "{" not in key and kebab(str(key)) != key:
                element.set(kebab(str(key)), element.attrib.pop(key))


def _manifest(form: Version, resources: list[Element]) -> bytes:
    space = f"{{{form.manifest_space}}}"
    spaces: dict[str | None, str] = {None: form.manifest_space, "imsmd": "http://ltsc.ieee.org/xsd/LOM", "xsi": XSI}
    root = etree.Element(f"{space}manifest", identifier="KHO-CHUNG", nsmap=spaces)
    lom = "http://ltsc.ieee.org/xsd/LOM https://purl.imsglobal.org/spec/md/v1p3/schema/xsd/imsmd_loose_v1p3p2.xsd"
    root.set(f"{{{XSI}}}schemaLocation", f"{form.manifest_space} {form.manifest_schema} {lom}")
    metadata = etree.SubElement(root, f"{space}metadata")
    etree.SubElement(metadata, f"{space}schema").text = form.package[0]
    etree.SubElement(metadata, f"{space}schemaversion").text = form.package[1]
    etree.SubElement(root, f"{space}organizations")
    etree.SubElement(root, f"{space}resources").extend(resources)
    etree.indent(root, "  ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
