"""Small OAI-PMH providers in threads: a right one, likenesses of known software, and ones broken on purpose.

The likenesses keep the behaviours on record of DSpace, invenio-oaiserver and EPrints; `broken` names single
faults of the right one, so that a checker can be shown to find each.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

BEGAN = datetime(2024, 3, 1, 8, 0, 0, tzinfo=UTC)
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SETS = {"math": "Toán", "math:geometry": "Hình học", "text": "Văn"}
_SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")


@dataclass
class Item:
    identifier: str
    datestamp: datetime
    title: str = ""
    deleted: bool = False
    sets: tuple[str, ...] = ()
    more: str = ""
    about: str = ""


@dataclass
class Reply:
    body: str | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class OaiError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def some_items(count: int = 23, host: str = "small.example.org") -> list[Item]:
    """Records over some days, a second or more apart, in sets, some of them deleted."""
    items = []
    for n in range(count):
        sets = (("math",), ("math:geometry",), ("text",))[n % 3]
        item = Item(f"oai:{host}:{n}", BEGAN + timedelta(hours=5 * n), f"Bài số {n}", deleted=n % 7 == 5, sets=sets)
        items.append(item)
    return items


class Small:
    """A provider that keeps the protocol. Keyset tokens; every fault in `broken` is one it then has."""

    granularity = "YYYY-MM-DDThh:mm:ssZ"
    deleted_record = "persistent"
    has_sets = True

    def __init__(self, items: list[Item], per_page: int = 10, broken: str = "") -> None:
        self.items = {item.identifier: item for item in items}
        self.per_page = per_page
        self.broken = broken
        self.base_url = ""
        self.requests: list[dict[str, str]] = []
        self.used_tokens: set[str] = set()
        self.lock = threading.RLock()

    def has(self, fault: str) -> bool:
        return self.broken == fault

    # ---- HTTP

    def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
        if self.has("no_post") and method == "POST":
            form = ""
        pairs = parse_qsl(query, keep_blank_values=True) + parse_qsl(form, keep_blank_values=True)
        with self.lock:
            self.requests.append(dict(pairs))
            return self.answer(pairs)

    def answer(self, pairs: list[tuple[str, str]]) -> Reply:
        arguments = dict(pairs)
        moment = self.now()
        try:
            body = self.verb(pairs, arguments)
            attributes = arguments
            status = 200
        except OaiError as error:
            body = f'<error code="{error.code}">No.</error>'
            bad = error.code in ("badVerb", "badArgument") and not self.has("request_attributes")
            attributes = {} if bad else arguments
            status = self.error_status()
        date = stamp(moment)
        if self.has("fraction"):
            date = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        elif self.has("offset_date"):
            date = moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        echoed = "".join(f" {name}={quoteattr(clean(value))}" for name, value in attributes.items())
        located = (
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
            '"http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"'
        )
        if self.has("no_schema_location"):
            located = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"{located}>'
            f"<responseDate>{date}</responseDate><request{echoed}>{escape(self.base_url)}</request>{body}</OAI-PMH>"
        )
        kind = "text/html" if self.has("content_type") else "text/xml; charset=utf-8"
        return Reply(text, status, {"Content-Type": kind})

    def now(self) -> datetime:
        return datetime.now(UTC)

    def error_status(self) -> int:
        return 422 if self.has("error_status") else 200

    # ---- verbs

    NAMES: dict[str, tuple[set[str], set[str]]] = {
        "Identify": (set(), set()),
        "ListMetadataFormats": (set(), {"identifier"}),
        "ListSets": (set(), {"resumptionToken"}),
        "GetRecord": ({"identifier", "metadataPrefix"}, set()),
        "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
        "ListRecords": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
    }

    def verb(self, pairs: list[tuple[str, str]], arguments: dict[str, str]) -> str:
        named = [value for name, value in pairs if name == "verb"]
        repeated = len(pairs) != len(arguments) and not self.has("repeated")
        if len(named) > 1 and not self.has("repeated"):
            raise OaiError("badVerb")
        verb = arguments.get("verb", "")
        if verb not in self.NAMES:
            raise OaiError("badArgument" if self.has("bad_verb_code") else "badVerb")
        required, optional = self.NAMES[verb]
        given = set(arguments) - {"verb"}
        wrong = repeated or bool(given - required - optional and not self.has("unknown_argument"))
        if "resumptionToken" in given and "resumptionToken" in optional:
            wrong = wrong or (len(given) > 1 and not self.has("token_not_exclusive"))
        else:
            wrong = wrong or not required <= given
        if wrong:
            raise OaiError("badArgument")
        body = getattr(self, verb)(arguments)
        return f"<{verb}>{body}</{verb}>"

    def Identify(self, _arguments: dict[str, str]) -> str:
        base = "http://elsewhere.example.org/oai" if self.has("base_url") else self.base_url
        mail = "admin@localhost" if self.has("admin_email") else "thuvien@example.edu.vn"
        earliest = min((item.datestamp for item in self.items.values()), default=self.now())
        if self.has("earliest"):
            earliest += timedelta(days=1)
        deleted = "no" if self.has("deleted_no") else self.deleted_record
        packed = "<compression>gzip</compression>" if self.has("gzip_never") or self.has("gzip") else ""
        name = f"<repositoryName>{escape(self.name())}</repositoryName>"
        url = f"<baseURL>{escape(base)}</baseURL>"
        first = url + name if self.has("element_order") else name + url
        granularity = "YYYY-MM-DD" if self.has("granularity") else self.granularity
        early = stamp(earliest) if granularity.endswith("Z") else stamp(earliest)[:10]
        return (
            f"{first}<protocolVersion>2.0</protocolVersion><adminEmail>{mail}</adminEmail>"
            f"<earliestDatestamp>{early}</earliestDatestamp><deletedRecord>{deleted}</deletedRecord>"
            f"<granularity>{granularity}</granularity>{packed}"
        )

    def name(self) -> str:
        return "Kho nhỏ"

    def ListMetadataFormats(self, arguments: dict[str, str]) -> str:
        if arguments.get("identifier", next(iter(self.items), "")) not in self.items:
            if arguments.get("identifier") and not self.has("formats_of_unknown"):
                raise OaiError("idDoesNotExist")
        return (
            "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix>"
            f"<schema>http://www.openarchives.org/OAI/2.0/oai_dc.xsd</schema>"
            f"<metadataNamespace>{OAI_DC}</metadataNamespace></metadataFormat>"
        )

    def ListSets(self, arguments: dict[str, str]) -> str:
        if "resumptionToken" in arguments:
            raise OaiError("badResumptionToken")
        if not self.has_sets:
            raise OaiError("noSetHierarchy")
        return "".join(
            f"<set><setSpec>{escape(spec)}</setSpec><setName>{escape(name)}</setName></set>"
            for spec, name in SETS.items()
        )

    def GetRecord(self, arguments: dict[str, str]) -> str:
        self.prefix(arguments["metadataPrefix"])
        item = self.items.get(arguments["identifier"])
        if item is None or (item.deleted and self.has("deleted_missing")):
            raise OaiError("badArgument" if self.has("unknown_id_code") else "idDoesNotExist")
        if self.has("get_header_differs"):
            item = replace(item, datestamp=item.datestamp + timedelta(seconds=1))
        return self.record(item, None)

    def ListIdentifiers(self, arguments: dict[str, str]) -> str:
        return self.listed(arguments)

    def ListRecords(self, arguments: dict[str, str]) -> str:
        return self.listed(arguments)

    # ---- lists

    def prefix(self, prefix: str) -> None:
        if prefix != "oai_dc":
            raise OaiError("badArgument" if self.has("unknown_prefix_code") else "cannotDisseminateFormat")

    def seal(self, state: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")

    def unseal(self, token: str) -> dict[str, Any]:
        try:
            found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            return dict(found)
        except (ValueError, TypeError):
            raise OaiError("badArgument" if self.has("bad_token_code") else "badResumptionToken") from None

    def state(self, arguments: dict[str, str]) -> dict[str, Any]:
        if "resumptionToken" in arguments:
            token = arguments["resumptionToken"]
            state = self.unseal(token)
            if self.has("token_single_use"):
                if token in self.used_tokens:
                    raise OaiError("badResumptionToken")
                self.used_tokens.add(token)
            if state.get("verb") != arguments["verb"] and not self.has("token_other_verb"):
                raise OaiError("badResumptionToken")
            return state
        self.prefix(arguments["metadataPrefix"])
        since = self.moment(arguments.get("from"), last=False)
        until = self.moment(arguments.get("until"), last=True)
        if since and until:
            if len(arguments["from"]) != len(arguments["until"]) and not self.has("mixed_granularity"):
                raise OaiError("badArgument")
            if since > until and not self.has("from_after_until"):
                raise OaiError("badArgument")
        spec = arguments.get("set")
        if spec is not None:
            if not self.has_sets:
                raise OaiError("noSetHierarchy")
            if not _SPEC.fullmatch(spec):
                raise OaiError("badArgument")
        return {
            "verb": arguments["verb"],
            "since": stamp(since) if since and not self.has("from_ignored") else None,
            "until": stamp(until) if until and not self.has("until_ignored") else None,
            "set": None if self.has("set_ignored") else spec,
            "cursor": 0,
            "last": None,
        }

    def moment(self, text: str | None, last: bool) -> datetime | None:
        if text is None:
            return None
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
                end = last and not self.has("day_until")
                return day + timedelta(hours=23, minutes=59, seconds=59) if end else day
            if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
                if not self.granularity.endswith("Z"):
                    raise OaiError("badArgument")
                return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
        if self.has("malformed_date"):
            return None
        raise OaiError("badArgument")

    def matching(self, state: dict[str, Any]) -> list[Item]:
        spec = state["set"]

        def fits(item: Item) -> bool:
            date = stamp(item.datestamp)
            if not self.granularity.endswith("Z"):
                date = f"{date[:10]}T00:00:00Z"
            if state["since"] and date < state["since"]:
                return False
            if state["until"] and date > state["until"]:
                return False
            if spec and self.has("set_flat"):
                return spec in item.sets
            return not spec or any(held == spec or held.startswith(f"{spec}:") for held in item.sets)

        found = [item for item in self.items.values() if fits(item)]
        return sorted(found, key=lambda item: (item.datestamp, item.identifier))

    def listed(self, arguments: dict[str, str]) -> str:
        state = self.state(arguments)
        found = self.matching(state)
        size = len(found)
        left = [one for one in found if [stamp(one.datestamp), one.identifier] > (state["last"] or [])]
        if self.has("skipped_record") and state["last"]:
            left = left[1:]
        page = left[: self.per_page]
        if not page and state["last"] is None and not self.has("empty_list"):
            raise OaiError("noRecordsMatch")
        records = state["verb"] == "ListRecords"
        body = "".join(self.record(one, state["set"]) if records else self.header(one, state["set"]) for one in page)
        return body + self.end(state, page, len(left), size)

    def end(self, state: dict[str, Any], page: list[Item], left: int, size: int) -> str:
        more = left > len(page) or (self.has("extra_empty_page") and page and left == len(page) == self.per_page)
        cursor = state["cursor"]
        if not more:
            if state["last"] is None or self.has("no_empty_token"):
                return ""
        if self.has("list_size"):
            size += 3
        if self.has("cursor"):
            cursor += 1
        numbers = f'completeListSize="{size}" cursor="{cursor}"'
        if not more:
            return f"<resumptionToken {numbers}/>"
        following = {
            **state,
            "last": [stamp(page[-1].datestamp), page[-1].identifier],
            "cursor": state["cursor"] + len(page),
        }
        if self.has("token_loses_set"):
            following["set"] = None
        if self.has("token_loses_until"):
            following["until"] = None
        return f"<resumptionToken {numbers}>{escape(self.seal(following))}</resumptionToken>"

    # ---- records

    def date(self, item: Item) -> str:
        return stamp(item.datestamp) if self.granularity.endswith("Z") else stamp(item.datestamp)[:10]

    def header(self, item: Item, asked: str | None) -> str:
        sets = [asked] if asked and self.has("only_asked_set") else item.sets
        named = "".join(f"<setSpec>{escape(spec)}</setSpec>" for spec in sets) if self.has_sets else ""
        status = ' status="deleted"' if item.deleted else ""
        return (
            f"<header{status}><identifier>{escape(item.identifier)}</identifier>"
            f"<datestamp>{self.date(item)}</datestamp>{named}</header>"
        )

    def record(self, item: Item, asked: str | None) -> str:
        head = self.header(item, asked)
        if item.deleted and not self.has("deleted_with_metadata"):
            return f"<record>{head}</record>"
        about = f"<about>{item.about}</about>" if item.about else ""
        return f"<record>{head}<metadata>{self.metadata(item)}</metadata>{about}</record>"

    def metadata(self, item: Item) -> str:
        title = escape(item.title)
        if self.has("illegal_character"):
            title += "\x03"
        extra = "<dc:shelf>3</dc:shelf>" if self.has("payload") else ""
        return (
            f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' xsi:schemaLocation="{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
            f"<dc:title>{title}</dc:title>"
            f"<dc:identifier>{escape(self.base_url)}/{quote(item.identifier)}</dc:identifier>{extra}{item.more}"
            "</oai_dc:dc>"
        )


def clean(text: str) -> str:
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


# ---------------------------------------------------------------- likenesses


class LikeDspace(Small):
    """Offset tokens in clear, `transient`, whole pages that fail for one record with U+FFFE, deep pages slow."""

    deleted_record = "transient"
    poisoned: frozenset[str] = frozenset()

    def name(self) -> str:
        return "DSpace"

    def seal(self, state: dict[str, Any]) -> str:
        return f"oai_dc/{state['since'] or ''}/{state['until'] or ''}/{state['set'] or ''}/{state['cursor']}"

    def unseal(self, token: str) -> dict[str, Any]:
        parts = token.split("/")
        if len(parts) != 5 or not parts[4].isdigit():
            raise OaiError("badResumptionToken")
        return {
            "verb": None,
            "since": parts[1] or None,
            "until": parts[2] or None,
            "set": parts[3] or None,
            "cursor": int(parts[4]),
            "last": ["offset"],
        }

    def listed(self, arguments: dict[str, str]) -> str:
        self.broken = "token_other_verb"
        state = self.state(arguments)
        state["verb"] = arguments["verb"]
        found = self.matching(state)
        page = found[state["cursor"] : state["cursor"] + self.per_page]
        if not page:
            raise OaiError("noRecordsMatch")
        if state["verb"] == "ListRecords" and any(item.identifier in self.poisoned for item in page):
            raise ServerError
        body = "".join(
            self.record(one, None) if state["verb"] == "ListRecords" else self.header(one, None) for one in page
        )
        return body + self.end(state, page, len(found) - state["cursor"], len(found))

    def GetRecord(self, arguments: dict[str, str]) -> str:
        if arguments["identifier"] in self.poisoned:
            raise ServerError
        return super().GetRecord(arguments)


class ServerError(Exception):
    """Answered by a bare 500."""


class LikeInvenio(Small):
    """Errors with HTTP 422, tokens that work once and die soon, deletes denied, a promise of one page too many."""

    deleted_record = "no"
    lifetime_s = 60.0

    def __init__(self, items: list[Item], per_page: int = 10) -> None:
        super().__init__(items, per_page)
        self.scrolls: dict[str, tuple[float, dict[str, Any]]] = {}
        self.given = 0

    def name(self) -> str:
        return "Invenio-OAIServer"

    def error_status(self) -> int:
        return 422

    def seal(self, state: dict[str, Any]) -> str:
        self.given += 1
        token = f"eyJ{self.given:06}"
        self.scrolls[token] = (time.monotonic(), state)
        return token

    def unseal(self, token: str) -> dict[str, Any]:
        born, state = self.scrolls.pop(token, (0.0, {}))
        if not state or time.monotonic() - born > self.lifetime_s:
            raise OaiError("badResumptionToken")
        return state

    def matching(self, state: dict[str, Any]) -> list[Item]:
        return [item for item in super().matching(state) if not item.deleted]

    def GetRecord(self, arguments: dict[str, str]) -> str:
        item = self.items.get(arguments["identifier"])
        if item is not None and item.deleted:
            raise OaiError("idDoesNotExist")
        return super().GetRecord(arguments)


class LikeEprints(Small):
    """Dates of whole days only, tokens that are URL-encoded arguments, control characters inside the text."""

    granularity = "YYYY-MM-DD"

    def name(self) -> str:
        return "EPrints"

    def seal(self, state: dict[str, Any]) -> str:
        return "metadataPrefix%3Doai_dc%26state%3D" + quote(json.dumps(state), safe="")

    def unseal(self, token: str) -> dict[str, Any]:
        try:
            return dict(
                json.loads(
                    re.sub(r"^.*?state%3D", "", token)
                    .replace("%22", '"')
                    .replace("%20", " ")
                    .replace("%7B", "{")
                    .replace("%7D", "}")
                    .replace("%3A", ":")
                    .replace("%2C", ",")
                    .replace("%5B", "[")
                    .replace("%5D", "]")
                )
            )
        except ValueError:
            raise OaiError("badResumptionToken") from None

    def metadata(self, item: Item) -> str:
        made = super().metadata(item)
        return made.replace("</dc:title>", " \x0b&nbsp;A & B</dc:title>")


class LikeBroken(Small):
    """Everything that happens on the way: busy, cut off, down for a while, an XML that does not close."""

    def __init__(self, items: list[Item], per_page: int = 10, troubles: list[str] | None = None) -> None:
        super().__init__(items, per_page)
        self.troubles = list(troubles or [])

    def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
        found = super().reply(method, query, form, headers)
        if "verb=List" not in query or not self.troubles:
            return found
        trouble = self.troubles.pop(0)
        if trouble == "busy":
            return Reply("later", 503, {"Retry-After": "0"})
        if trouble == "busy_date":
            return Reply("later", 503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
        if trouble == "error":
            return Reply("<html>oops</html>", 500)
        if trouble == "cut":
            text = found.body if isinstance(found.body, bytes) else found.body.encode()
            return Reply(text[: len(text) // 2], 200, {"Content-Type": "text/xml", "X-Cut": str(len(text))})
        if trouble == "tag":
            text = str(found.body)
            return Reply(text.replace("</dc:title>", "</dc:titel>", 1), 200, found.headers)
        return found


# ---------------------------------------------------------------- serving


def _handler(provider: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = self.rfile.read(length).decode() if length else ""
            try:
                reply = provider.reply(self.command, urlsplit(self.path).query, form, self.headers)
            except ServerError:
                reply = Reply("Internal Server Error", 500)
            body = reply.body if isinstance(reply.body, bytes) else reply.body.encode("utf-8", "surrogatepass")
            packs = getattr(provider, "broken", "") == "gzip" and "gzip" in (self.headers.get("Accept-Encoding") or "")
            if packs:
                body = gzip.compress(body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if packs:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", reply.headers.get("X-Cut") or str(len(body)))
            if "X-Cut" in reply.headers:
                self.close_connection = True
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler


@contextmanager
def served(provider: Any) -> Iterator[str]:
    """The address of a provider as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    provider.base_url = f"http://127.0.0.1:{server.server_port}/oai"
    try:
        yield provider.base_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
