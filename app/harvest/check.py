"""A conformance check of any OAI-PMH 2.0 provider, by black box: it asks as harvesters do and judges what comes.

Every rule has a name of its own; an `error` breaks the protocol or loses records, an `advice` makes
harvesting harder. Nothing here knows the database. Numbers are sections of the protocol (2015-01-08).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from app.harvest import reading
from app.harvest.client import Client, Reply, Temporary, Trouble

OAI = "{http://www.openarchives.org/OAI/2.0/}"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SCHEMAS = Path(__file__).parent.parent / "oai" / "schemas"
TRIES = 5
LONGEST_WAIT_S = 120.0
SETS_TRIED = 8
SAMPLES = 3
WORTH_PACKING = 2_000
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9\-._~!*'()]+")
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

RULES: dict[str, tuple[str, str]] = {
    "unreachable": ("error", "no answer could be had"),
    "redirected": ("error", "the base URL answers by a redirect: name the place it leads to"),
    "http_status": ("error", "OAI errors go out with HTTP status 200 (3.6)"),
    "content_type": ("error", "Content-Type must be text/xml (3.1.2.1)"),
    "not_well_formed": ("error", "the answer is not well-formed XML"),
    "envelope_invalid": ("error", "the answer is not valid by OAI-PMH.xsd"),
    "payload_invalid": ("error", "the metadata is not valid by its schema"),
    "no_schema_location": ("error", "the root has no xsi:schemaLocation (3.2)"),
    "response_date": ("error", "responseDate must be UTC with whole seconds and Z (3.3)"),
    "request_url": ("error", "the text of <request> must be the base URL (3.2)"),
    "request_attributes": ("error", "<request> must have no attributes after badVerb and badArgument (3.2)"),
    "request_echo": ("error", "<request> must repeat the arguments as attributes (3.2)"),
    "post": ("error", "POST must answer as GET does (3.1.1)"),
    "base_url": ("error", "baseURL in Identify is not the address called"),
    "admin_email": ("error", "adminEmail is no address that mail could reach"),
    "granularity": ("error", "datestamps are not written in the granularity of Identify (3.3)"),
    "earliest_datestamp": ("error", "earliestDatestamp is later than a record's datestamp (4.2)"),
    "identity_compression": ("error", "compression must not name identity (3.1.3)"),
    "gzip_not_sent": ("error", "gzip is announced but never sent (3.1.3)"),
    "gzip_not_asked": ("error", "the answer is packed although the client did not ask for it (3.1.3)"),
    "bad_verb_code": ("error", "a missing or unknown verb must answer badVerb (3.6)"),
    "repeated_argument": ("error", "repeated arguments must be refused (3.6)"),
    "unknown_argument": ("error", "unknown arguments must answer badArgument (3.6)"),
    "missing_argument": ("error", "missing arguments must answer badArgument (3.6)"),
    "unknown_prefix_code": ("error", "an unknown metadataPrefix must answer cannotDisseminateFormat (3.6)"),
    "unknown_id_code": ("error", "GetRecord of an unknown identifier must answer idDoesNotExist (4.1)"),
    "formats_of_unknown": ("error", "ListMetadataFormats of an unknown identifier must answer idDoesNotExist (4.4)"),
    "bad_token_code": ("error", "a bad token must answer badResumptionToken (3.5)"),
    "token_other_verb": ("error", "a token of another verb must answer badResumptionToken (3.5)"),
    "token_not_exclusive": ("error", "resumptionToken with other arguments must answer badArgument (4.3)"),
    "malformed_date": ("error", "malformed dates must answer badArgument (3.6)"),
    "from_after_until": ("error", "from later than until must answer badArgument (2.7.1)"),
    "mixed_granularity": ("error", "from and until of different granularity must answer badArgument (2.7.1)"),
    "no_oai_dc": ("error", "oai_dc must be among the formats (2.5)"),
    "set_without_sets": ("error", "set= without any sets must answer noSetHierarchy (3.6)"),
    "empty_list": ("error", "an empty result must answer noRecordsMatch (3.6)"),
    "extra_empty_page": ("error", "a token leads to a page without records (3.5)"),
    "no_empty_token": ("error", "the last page of several must end with an empty resumptionToken (3.5)"),
    "endless_list": ("error", "a token leads back to a page already seen"),
    "list_size": ("error", "completeListSize is not the number of records (3.5)"),
    "cursor": ("error", "cursor is not the number of records sent before (3.5)"),
    "skipped_record": ("error", "records are missing from the list that a narrower request gives"),
    "lists_differ": ("error", "ListIdentifiers and ListRecords do not name the same records"),
    "token_not_replayable": ("error", "the same token sent again does not give the same page (3.5.1)"),
    "header_differs": ("error", "a header differs between GetRecord, ListIdentifiers and ListRecords (2.5)"),
    "deleted_with_metadata": ("error", "a deleted record must have no metadata (2.5.1)"),
    "deleted_but_no": ("error", "deletedRecord is no, yet deleted records are listed (2.5.1)"),
    "deleted_missing": ("error", "GetRecord of a deleted record must give its header (2.5.1)"),
    "from_ignored": ("error", "from= lets earlier records through (2.7.1)"),
    "from_exclusive": ("error", "from= leaves out records of just that moment or later ones (2.7.1)"),
    "until_ignored": ("error", "until= lets later records through (2.7.1)"),
    "until_exclusive": ("error", "until= leaves out records of just that moment or earlier ones (2.7.1)"),
    "day_until": ("error", "until= with a day must reach to the end of that day (2.7.1)"),
    "day_refused": ("error", "dates of whole days must be accepted (3.3)"),
    "token_loses_until": ("error", "pages after the first forget until= (3.5)"),
    "set_ignored": ("error", "set= lets records of other sets through (2.6)"),
    "token_loses_set": ("error", "pages after the first forget set= (3.5)"),
    "set_flat": ("error", "set= leaves out the records of the sets below it (2.6)"),
    "set_incomplete": ("error", "set= leaves out records whose headers name the set (2.6)"),
    "set_specs": ("error", "headers must name all sets of a record, whatever set was asked for (2.6)"),
    "slow_records": ("advice", "an answer took more than 10 seconds"),
    "token_needs_encoding": ("advice", "tokens hold characters that some harvesters send unencoded"),
    "token_short_lived": ("advice", "tokens expire within 10 minutes; harvesters that work between pages lose them"),
    "token_on_single_page": ("advice", "a list of one page needs no resumptionToken"),
    "deletes_not_kept": (
        "advice",
        "deletedRecord is not persistent: partners must compare whole lists to notice deletes",
    ),
    "day_granularity": ("advice", "datestamps of whole days make every harvest repeat a day"),
}


@dataclass(frozen=True)
class Finding:
    code: str
    request: str
    said: str = ""

    @property
    def severity(self) -> str:
        return RULES[self.code][0]

    @property
    def rule(self) -> str:
        return RULES[self.code][1]


@dataclass
class Report:
    """`whole`: the lists were read to their ends. `grade`: A without findings, B with advice only, C with up
    to three errors, D with more, F when nothing could be listed."""

    url: str
    findings: list[Finding] = field(default_factory=list)
    name: str = ""
    records: int = 0
    requests: int = 0
    whole: bool = False
    listed: bool = False

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.severity == "error"]

    @property
    def grade(self) -> str:
        if not self.listed:
            return "F"
        if self.errors:
            return "C" if len(self.errors) <= 3 else "D"
        return "B" if self.findings else "A"


@dataclass
class Header:
    identifier: str
    datestamp: str
    deleted: bool
    sets: tuple[str, ...]
    has_metadata: bool = False


@dataclass
class Seen:
    """One answer."""

    request: str
    reply: Reply
    root: Any

    @property
    def error(self) -> str | None:
        found = self.root.find(f"{OAI}error")
        return None if found is None else str(found.get("code"))

    @property
    def headers(self) -> list[Header]:
        made = []
        for element in self.root.iter(f"{OAI}header"):
            parent = element.getparent()
            made.append(
                Header(
                    identifier=(element.findtext(f"{OAI}identifier") or "").strip(),
                    datestamp=(element.findtext(f"{OAI}datestamp") or "").strip(),
                    deleted=element.get("status") == "deleted",
                    sets=tuple(sorted((one.text or "").strip() for one in element.iter(f"{OAI}setSpec"))),
                    has_metadata=parent.find(f"{OAI}metadata") is not None,
                )
            )
        return made

    @property
    def token(self) -> Any:
        return self.root.find(f".//{OAI}resumptionToken")

    @property
    def next(self) -> str:
        return "" if self.token is None else (self.token.text or "").strip()

    def text(self, name: str) -> str:
        return (self.root.findtext(f".//{OAI}{name}") or "").strip()


@dataclass
class Walk:
    """A list read page by page; not `ended` when it was left before its end."""

    pages: list[Seen] = field(default_factory=list)
    ended: bool = False
    error: str | None = None

    @property
    def headers(self) -> list[Header]:
        return [header for page in self.pages for header in page.headers]

    @property
    def ids(self) -> set[str]:
        return {header.identifier for header in self.headers}


class _Gone(Exception):
    """An answer could not be had or read; it is told already."""


def check(
    url: str,
    most_pages: int = 20,
    token: str | None = None,
    pause: Callable[[float], object] = time.sleep,
    contact: str = "",
) -> Report:
    """Ask the provider at `url` some hundred questions. Addresses may be private: an operator calls by hand."""
    report = Report(url)
    with Client(url, "KhoChung-oai-check/1", contact or "oai-check@localhost", token, private_allowed=True) as client:
        _Check(report, client, most_pages, pause).run()
    return report


class _Check:
    def __init__(self, report: Report, client: Client, most_pages: int, pause: Callable[[float], object]) -> None:
        self.report, self.client, self.most_pages, self.pause = report, client, most_pages, pause
        self.granularity = reading.SECOND
        self.began = datetime.now(UTC)
        self.schema = etree.XMLSchema(etree.parse(SCHEMAS / "all.xsd"))
        self.known_namespaces = {
            element.get("namespace")
            for element in etree.parse(SCHEMAS / "all.xsd").getroot()
            if element.get("namespace")
        }
        self.large = self.packed = False

    def run(self) -> None:
        try:
            identify = self.identify()
        except _Gone:
            return
        self.deleted_record = identify.text("deletedRecord")
        headers: list[Header] = []
        sets: list[str] | None = []
        for part in (self.verbs, self.formats):
            self.part(part)
        with contextlib.suppress(_Gone):
            sets = self.sets()
        with contextlib.suppress(_Gone):
            headers = self.lists(identify)
        self.part(lambda: self.arguments(headers))
        if headers:
            self.part(lambda: self.records(headers))
            self.part(lambda: self.dates(headers))
            self.part(lambda: self.in_sets(headers, sets))
        self.part(lambda: self.packing(identify))

    @staticmethod
    def part(run: Callable[[], object]) -> None:
        with contextlib.suppress(_Gone):
            run()

    def found(self, code: str, request: str, said: object = "") -> None:
        """Each rule is told once, with the first request that showed it."""
        if all(one.code != code for one in self.report.findings):
            self.report.findings.append(Finding(code, request, str(said)[:300]))

    # ---- asking

    def fetch(self, pairs: Sequence[tuple[str, str]], post: bool = False, packed: bool = True) -> tuple[str, Reply]:
        query = urlencode(pairs)
        shown = f"{'POST' if post else 'GET'} {query}"
        address = self.report.url
        if not post:
            address += ("&" if "?" in address else "?") + query
        for attempt in range(TRIES):
            began = time.monotonic()
            self.report.requests += 1
            try:
                reply = self.client.get(address, form=pairs if post else None, packed=packed)
            except Temporary as trouble:
                if attempt == TRIES - 1:
                    self.found("unreachable", shown, _words(trouble))
                    raise _Gone from None
                wait = trouble.pause_s if trouble.pause_s is not None else 2.0**attempt / 4
                self.pause(min(wait, LONGEST_WAIT_S))
                continue
            except Trouble as trouble:
                self.found("unreachable", shown, _words(trouble))
                raise _Gone from None
            if time.monotonic() - began > 10:
                self.found("slow_records", shown, f"{time.monotonic() - began:.1f} s")
            if self.client.hops and not post:
                self.found("redirected", shown)
            return shown, reply
        raise _Gone

    def ask(self, *pairs: tuple[str, str], post: bool = False) -> Seen:
        """One answer, judged by the rules that hold for all."""
        shown, reply = self.fetch(pairs, post)
        self.large = self.large or len(reply.body) > WORTH_PACKING
        self.packed = self.packed or "gzip" in reply.headers.get("content-encoding", "")
        try:
            root = reading.parsed(reply.body, recover=False)
        except (etree.XMLSyntaxError, ValueError, reading.Unreadable) as error:
            self.found("not_well_formed", shown, error)
            try:
                root = reading.parsed(reading.repaired(reply.body).encode(), recover=True)
            except (etree.XMLSyntaxError, ValueError, reading.Unreadable):
                raise _Gone from None
        if root.tag != f"{OAI}OAI-PMH":
            self.found("envelope_invalid", shown, f"the root is {root.tag}; HTTP status {reply.status}")
            raise _Gone
        seen = Seen(shown, reply, root)
        self.envelope(seen, dict(pairs), len(dict(pairs)) < len(pairs))
        return seen

    def envelope(self, seen: Seen, arguments: dict[str, str], repeated: bool) -> None:
        shown = seen.request
        if seen.reply.status != 200:
            self.found("http_status", shown, seen.reply.status)
        kind = seen.reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/xml":
            self.found("content_type", shown, kind)
        if not seen.root.get(f"{XSI}schemaLocation"):
            self.found("no_schema_location", shown)
        date = seen.root.findtext(f"{OAI}responseDate") or ""
        if not _SECOND.fullmatch(date):
            self.found("response_date", shown, date)
        request = seen.root.find(f"{OAI}request")
        if request is not None:
            if (request.text or "").strip() != self.report.url:
                self.found("request_url", shown, request.text)
            told = dict(request.attrib)
            if seen.error in ("badVerb", "badArgument"):
                if told:
                    self.found("request_attributes", shown, told)
            elif told != arguments and not repeated:
                self.found("request_echo", shown, told)
        self.validate(seen)

    def validate(self, seen: Seen) -> None:
        """By the schemas shipped here; what stands in other namespaces cannot be judged and is left out."""
        copy = etree.fromstring(etree.tostring(seen.root))
        for name in ("about", "description", "setDescription", "metadata"):
            for holder in list(copy.iter(f"{OAI}{name}")):
                inner = next((one for one in holder if isinstance(one.tag, str)), None)
                if inner is not None and etree.QName(inner).namespace not in self.known_namespaces:
                    holder.getparent().remove(holder)
        if self.schema.validate(copy):
            return
        for error in self.schema.error_log:
            inside = "oai_dc" in error.message or "purl.org/dc" in error.message
            self.found("payload_invalid" if inside else "envelope_invalid", seen.request, error.message)

    # ---- the repository

    def identify(self) -> Seen:
        seen = self.ask(("verb", "Identify"))
        if seen.error:
            self.found("unreachable", seen.request, seen.error)
            raise _Gone
        self.report.name = seen.text("repositoryName")
        if seen.text("baseURL") != self.report.url:
            self.found("base_url", seen.request, seen.text("baseURL"))
        for element in seen.root.iter(f"{OAI}adminEmail"):
            mail = (element.text or "").strip()
            if not _MAIL.fullmatch(mail) or mail.endswith(".localhost"):
                self.found("admin_email", seen.request, mail)
        self.granularity = seen.text("granularity")
        if not self.fits(seen.text("earliestDatestamp")):
            self.found("granularity", seen.request, seen.text("earliestDatestamp"))
        if self.granularity == reading.DAY:
            self.found("day_granularity", seen.request)
        if seen.text("deletedRecord") != "persistent":
            self.found("deletes_not_kept", seen.request, seen.text("deletedRecord"))
        if any((one.text or "").strip() == "identity" for one in seen.root.iter(f"{OAI}compression")):
            self.found("identity_compression", seen.request)
        try:
            posted = self.ask(("verb", "Identify"), post=True)
            if posted.error or posted.text("baseURL") != seen.text("baseURL"):
                self.found("post", posted.request, posted.error)
        except _Gone:
            self.found("post", "POST verb=Identify")
        return seen

    def fits(self, date: str) -> bool:
        return bool((_DAY if self.granularity == reading.DAY else _SECOND).fullmatch(date))

    def packing(self, identify: Seen) -> None:
        announced = any((one.text or "").strip() == "gzip" for one in identify.root.iter(f"{OAI}compression"))
        if announced and self.large and not self.packed:
            self.found("gzip_not_sent", identify.request)
        shown, reply = self.fetch((("verb", "ListRecords"), ("metadataPrefix", "oai_dc")), packed=False)
        if reply.headers.get("content-encoding", "identity") != "identity":
            self.found("gzip_not_asked", shown, reply.headers["content-encoding"])

    def expect(self, code: str, wanted: Sequence[str], *pairs: tuple[str, str]) -> None:
        seen = self.ask(*pairs)
        if seen.error not in wanted:
            self.found(code, seen.request, seen.error or "no error")

    def verbs(self) -> None:
        self.expect("bad_verb_code", ["badVerb"])
        self.expect("bad_verb_code", ["badVerb"], ("verb", "Harvest"))
        self.expect("repeated_argument", ["badVerb", "badArgument"], ("verb", "Identify"), ("verb", "Identify"))
        prefix = ("metadataPrefix", "oai_dc")
        self.expect("repeated_argument", ["badArgument"], ("verb", "ListRecords"), prefix, prefix)
        self.expect("unknown_argument", ["badArgument"], ("verb", "Identify"), ("shelf", "3"))
        self.expect("unknown_argument", ["badArgument"], ("verb", "ListIdentifiers"), prefix, ("shelf", "3"))
        for verb in ("ListRecords", "ListIdentifiers", "GetRecord"):
            self.expect("missing_argument", ["badArgument"], ("verb", verb))
        for verb in ("ListRecords", "ListIdentifiers"):
            unknown = ("metadataPrefix", "oai_kho_unknown")
            self.expect("unknown_prefix_code", ["cannotDisseminateFormat"], ("verb", verb), unknown)
        for token in ("no-such-token", "eyJub25lIjoxfQ"):
            for verb in ("ListRecords", "ListIdentifiers"):
                self.expect("bad_token_code", ["badResumptionToken"], ("verb", verb), ("resumptionToken", token))
        nobody = ("identifier", "oai:nobody.invalid:there/is/no/such")
        self.expect("unknown_id_code", ["idDoesNotExist"], ("verb", "GetRecord"), nobody, prefix)
        self.expect("formats_of_unknown", ["idDoesNotExist"], ("verb", "ListMetadataFormats"), nobody)

    def formats(self) -> None:
        seen = self.ask(("verb", "ListMetadataFormats"))
        held = {
            one.findtext(f"{OAI}metadataPrefix"): one.findtext(f"{OAI}metadataNamespace")
            for one in seen.root.iter(f"{OAI}metadataFormat")
        }
        if held.get("oai_dc") != OAI_DC:
            self.found("no_oai_dc", seen.request, held)

    def sets(self) -> list[str] | None:
        """The setSpecs; None without a hierarchy."""
        pairs: tuple[tuple[str, str], ...] = (("verb", "ListSets"),)
        specs: list[str] = []
        for _n in range(self.most_pages):
            seen = self.ask(*pairs)
            if seen.error == "noSetHierarchy":
                asked = (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "kho"))
                self.expect("set_without_sets", ["noSetHierarchy"], *asked)
                return None
            if seen.error:
                self.found("empty_list", seen.request, seen.error)
                break
            specs += [(one.text or "").strip() for one in seen.root.iter(f"{OAI}setSpec")]
            if not seen.next:
                break
            pairs = (("verb", "ListSets"), ("resumptionToken", seen.next))
        return specs

    # ---- lists

    def walk(self, verb: str, *extra: tuple[str, str], most: int | None = None) -> Walk:
        """A list to its end or to so many pages, with the rules of its pages and tokens."""
        made, cursor, used = Walk(), 0, set[str]()
        pairs: tuple[tuple[str, str], ...] = (("verb", verb), ("metadataPrefix", "oai_dc"), *extra)
        while len(made.pages) < (most or self.most_pages):
            seen = self.ask(*pairs)
            if seen.error:
                made.error, made.ended = seen.error, True
                if made.pages:
                    empty = seen.error == "noRecordsMatch"
                    self.found("extra_empty_page" if empty else "token_not_replayable", seen.request, seen.error)
                return made
            count = len(seen.headers)
            if not count:
                self.found("extra_empty_page" if made.pages else "empty_list", seen.request)
            self.numbers(seen, cursor)
            cursor += count
            made.pages.append(seen)
            if not seen.next:
                made.ended = True
                if len(made.pages) > 1 and seen.token is None:
                    self.found("no_empty_token", seen.request)
                elif len(made.pages) == 1 and seen.token is not None:
                    self.found("token_on_single_page", seen.request)
                return made
            if seen.next in used:
                self.found("endless_list", seen.request)
                return made
            used.add(seen.next)
            pairs = (("verb", verb), ("resumptionToken", seen.next))
        return made

    def numbers(self, seen: Seen, cursor: int) -> None:
        token = seen.token
        if token is None:
            return
        told = token.get("cursor")
        if told is not None and told.strip() != str(cursor):
            self.found("cursor", seen.request, f"cursor {told}, but {cursor} records came before")
        if seen.next and not _PLAIN_TOKEN.fullmatch(seen.next):
            self.found("token_needs_encoding", seen.request, seen.next)
        ends = reading.moment(token.get("expirationDate"))
        date = reading.moment(seen.root.findtext(f"{OAI}responseDate"))
        if ends and date and ends - date < timedelta(minutes=10):
            self.found("token_short_lived", seen.request, token.get("expirationDate"))

    def lists(self, identify: Seen) -> list[Header]:
        walk = self.walk("ListRecords")
        headers = walk.headers
        if walk.error == "noRecordsMatch":
            self.report.listed = self.report.whole = True
            return []
        if not headers:
            return []
        report = self.report
        report.listed, report.whole, report.records = True, walk.ended, len(walk.ids)
        for page in walk.pages:
            for header in page.headers:
                if header.deleted and header.has_metadata:
                    self.found("deleted_with_metadata", page.request, header.identifier)
                if header.deleted and self.deleted_record == "no":
                    self.found("deleted_but_no", page.request, header.identifier)
                if not self.fits(header.datestamp):
                    self.found("granularity", page.request, header.datestamp)
                elif header.datestamp < identify.text("earliestDatestamp")[: len(header.datestamp)]:
                    self.found("earliest_datestamp", page.request, header.datestamp)
        first = walk.pages[0]
        names = self.walk("ListIdentifiers")
        moving = any(self.recent(header) for header in headers)
        if walk.ended and names.ended and not moving and names.ids != walk.ids:
            self.found("lists_differ", "GET verb=ListIdentifiers", sorted(names.ids ^ walk.ids)[:3])
        told = {header.identifier: header for header in names.headers}
        for header in headers:
            other = told.get(header.identifier)
            if other and (other.datestamp, other.deleted, other.sets) != (
                header.datestamp,
                header.deleted,
                header.sets,
            ):
                if not self.recent(header) and not self.recent(other):
                    self.found("header_differs", names.pages[0].request, header.identifier)
        if first.next:
            self.tokens(walk)
        if walk.ended and not moving:
            self.sizes(walk)
        self.seams(walk)
        return headers

    def recent(self, header: Header) -> bool:
        """Changed while the check runs (or, by days, perhaps): it may stand anywhere."""
        return header.datestamp >= self.began.strftime("%Y-%m-%dT%H:%M:%SZ")[: len(header.datestamp) or 10]

    def sizes(self, walk: Walk) -> None:
        for page in walk.pages:
            told = page.token.get("completeListSize") if page.token is not None else None
            if told is not None and told.strip() != str(len(walk.headers)):
                self.found("list_size", page.request, f"completeListSize {told}, but {len(walk.headers)} records came")

    def tokens(self, walk: Walk) -> None:
        """A fresh first page, its token used twice; then with another verb; then beside other arguments."""
        first = self.ask(("verb", "ListRecords"), ("metadataPrefix", "oai_dc"))
        token = ("resumptionToken", first.next)
        if not first.next:
            return
        once = self.ask(("verb", "ListRecords"), token)
        again = self.ask(("verb", "ListRecords"), token)
        if once.error or [one.identifier for one in once.headers] != [one.identifier for one in again.headers]:
            self.found("token_not_replayable", again.request, again.error or "another page")
        self.expect("token_other_verb", ["badResumptionToken"], ("verb", "ListIdentifiers"), token)
        fresh = ("resumptionToken", self.ask(("verb", "ListRecords"), ("metadataPrefix", "oai_dc")).next)
        asked = (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), fresh)
        self.expect("token_not_exclusive", ["badArgument"], *asked)

    def seams(self, walk: Walk) -> None:
        """Where two pages meet, a request for just that span must know no record that the pages lack."""
        for before, after in list(zip(walk.pages, walk.pages[1:], strict=False))[:SAMPLES]:
            if not before.headers or not after.headers:
                continue
            ends = sorted((before.headers[-1].datestamp, after.headers[0].datestamp))
            if not all(map(self.fits, ends)):
                continue
            span = self.walk("ListIdentifiers", ("from", ends[0]), ("until", ends[1]), most=1)
            lost = {one.identifier for one in span.headers if not self.recent(one)} - walk.ids
            if lost and walk.ended:
                self.found("skipped_record", after.request, sorted(lost)[:3])

    # ---- arguments with known records

    def arguments(self, headers: list[Header]) -> None:
        listing = (("verb", "ListIdentifiers"), ("metadataPrefix", "oai_dc"))
        for wrong in ("2024-13-01", "2024-1-1", "yesterday", "2024-01-01T00:00:00"):
            self.expect("malformed_date", ["badArgument"], *listing, ("from", wrong))
        self.expect("from_after_until", ["badArgument"], *listing, ("from", "2024-02-01"), ("until", "2024-01-01"))
        mixed = (("from", "2001-01-01"), ("until", "2024-01-01T00:00:00Z"))
        self.expect("mixed_granularity", ["badArgument"], *listing, *mixed)
        if headers:
            known = ("identifier", headers[0].identifier)
            asked = (("verb", "GetRecord"), known, ("metadataPrefix", "oai_kho_unknown"))
            self.expect("unknown_prefix_code", ["cannotDisseminateFormat"], *asked)

    def records(self, headers: list[Header]) -> None:
        live = [one for one in headers if not one.deleted][:SAMPLES]
        gone = [one for one in headers if one.deleted][:SAMPLES]
        for header in live + gone:
            asked = (("verb", "GetRecord"), ("identifier", header.identifier), ("metadataPrefix", "oai_dc"))
            seen = self.ask(*asked)
            told = seen.headers
            if not told:
                code = "deleted_missing" if header.deleted else "header_differs"
                self.found(code, seen.request, seen.error)
                continue
            one = told[0]
            if (one.datestamp, one.deleted, one.sets) != (header.datestamp, header.deleted, header.sets):
                if not self.recent(one):
                    self.found("header_differs", seen.request, one)

    # ---- selective harvesting

    def dates(self, headers: list[Header]) -> None:
        """Cut where records are: a quarter, the middle, and late enough that `until` takes several pages."""
        dates = sorted({one.datestamp for one in headers if self.fits(one.datestamp) and not self.recent(one)})
        if not dates:
            return
        known = {one.identifier: one for one in headers}
        whole = self.report.whole
        for cut in dict.fromkeys((dates[len(dates) // 8], dates[len(dates) // 2], dates[len(dates) * 7 // 8])):
            walk = self.walk("ListIdentifiers", ("from", cut))
            shown = f"GET verb=ListIdentifiers&from={cut}"
            if any(one.datestamp < cut for one in walk.headers):
                self.found("from_ignored", shown)
            wanted = {name for name, one in known.items() if one.datestamp >= cut and not self.recent(one)}
            if whole and walk.ended and wanted - walk.ids:
                self.found("from_exclusive", shown, sorted(wanted - walk.ids)[:3])
            walk = self.walk("ListIdentifiers", ("until", cut))
            shown = f"GET verb=ListIdentifiers&until={cut}"
            for n, page in enumerate(walk.pages):
                if any(one.datestamp > cut for one in page.headers):
                    ignored = "until_ignored" if n == 0 else "token_loses_until"
                    self.found(ignored, page.request)
                    break
            wanted = {name for name, one in known.items() if one.datestamp <= cut}
            if whole and walk.ended and wanted - walk.ids:
                self.found("until_exclusive", shown, sorted(wanted - walk.ids)[:3])
        self.days(dates, known)
        listing = (("verb", "ListRecords"), ("metadataPrefix", "oai_dc"))
        none = self.ask(*listing, ("until", "1001-01-01"))
        if none.error is None and not none.headers:
            self.found("empty_list", none.request)
        elif none.error not in (None, "noRecordsMatch", "badArgument"):
            self.found("empty_list", none.request, none.error)

    def days(self, dates: list[str], known: dict[str, Header]) -> None:
        late = [date for date in dates if date[11:] > "00:00:00"]
        day = (late[len(late) // 2] if late else dates[len(dates) // 2])[:10]
        walk = self.walk("ListIdentifiers", ("from", day), ("until", day))
        if walk.error == "badArgument":
            self.found("day_refused", f"GET verb=ListIdentifiers&from={day}&until={day}")
            return
        wanted = {name for name, one in known.items() if one.datestamp[:10] == day and not self.recent(one)}
        if walk.ended and wanted - walk.ids:
            self.found("day_until", f"GET verb=ListIdentifiers&from={day}&until={day}", sorted(wanted - walk.ids)[:3])

    def in_sets(self, headers: list[Header], sets: list[str] | None) -> None:
        if not sets:
            return
        live = {one.identifier: one for one in headers if not one.deleted}
        counts = {spec: sum(_within(one.sets, spec) for one in live.values()) for spec in sets}
        tried = sorted((spec for spec in sets if counts[spec]), key=lambda spec: -counts[spec])
        # The largest need several pages; those with sets below them show whether these count.
        parents = [spec for spec in tried if any(other.startswith(f"{spec}:") for other in tried)]
        for spec in list(dict.fromkeys([*parents[:3], *tried]))[:SETS_TRIED]:
            walk = self.walk("ListIdentifiers", ("set", spec))
            shown = f"GET verb=ListIdentifiers&set={spec}"
            for n, page in enumerate(walk.pages):
                for one in page.headers:
                    known = live.get(one.identifier)
                    if one.deleted or known is None or known.datestamp != one.datestamp:
                        continue
                    if not _within(known.sets, spec):
                        self.found("token_loses_set" if n else "set_ignored", page.request, one.identifier)
                    elif one.sets != known.sets:
                        self.found("set_specs", page.request, one.identifier)
            held = {one.identifier for one in walk.headers}
            lost = {name for name, one in live.items() if _within(one.sets, spec) and name not in held}
            lost = {name for name in lost if not self.recent(live[name])}
            if walk.ended and lost:
                flat = all(spec not in live[name].sets for name in lost)
                self.found("set_flat" if flat else "set_incomplete", shown, sorted(lost)[:3])


def _within(held: Sequence[str], spec: str) -> bool:
    return any(one == spec or one.startswith(f"{spec}:") for one in held)


def _words(trouble: Trouble) -> str:
    return " ".join([trouble.code, *(f"{name}={value}" for name, value in trouble.detail.items())])
