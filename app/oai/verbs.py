"""The six verbs of OAI-PMH 2.0: arguments in, a whole XML document out. Knows no Flask.

Numbers in comments are sections of http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm (2015-01-08).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

from app.core import db
from app.oai import queries
from app.oai.crosswalk import FORMATS, Format, least
from app.oai.queries import Row, Window
from app.oai.sets import GRAMMAR, known, licence_address, name_of
from app.oai.tokens import BadToken, Token, seal, unseal
from app.oai.xml import GRANULARITY, as_uri, escaped, utc

PER_PAGE = 100
LARGEST_PAGE = 4_000_000
"""Characters of metadata on one page; a page always holds at least one record."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
    ' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)


@dataclass(frozen=True)
class Repository:
    """Who answers: the address called, the name people read, and the secret that signs tokens."""

    base_url: str
    public_url: str
    name: str
    repository_id: str
    admin_email: str
    secret: str
    compression: tuple[str, ...] = ()
    per_page: int = PER_PAGE


class Refused(Exception):
    """An OAI error (3.6). It goes out with status 200, for it is about the protocol, not about HTTP."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


def answer(pairs: Iterable[tuple[str, str]], repository: Repository) -> str:
    """The document for these arguments (in the order sent, repeated ones repeated)."""
    # Before anything is read: a harvester starts its next round from this moment (3.2).
    moment = utc(db.now())
    arguments: dict[str, str] = {}
    try:
        verb, arguments = _arguments(pairs)
        body = verb.run(arguments, repository, moment)
        name = arguments["verb"]
        body = f"<{name}>\n{body}</{name}>\n"
    except Refused as error:
        body = f'<error code="{error.code}">{escaped(error.why)}</error>\n'
        if error.code in ("badVerb", "badArgument"):
            arguments = {}
    echoed = "".join(
        f' {name}="{escaped(as_uri(value) if name == "identifier" else value)}"' for name, value in arguments.items()
    )
    return (
        f"{_HEAD}<responseDate>{moment}</responseDate>\n"
        f"<request{echoed}>{escaped(repository.base_url)}</request>\n{body}</OAI-PMH>\n"
    )


# ---------------------------------------------------------------- arguments


@dataclass(frozen=True)
class Verb:
    run: Callable[[dict[str, str], Repository, str], str]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    exclusive: str | None = None


def _arguments(pairs: Iterable[tuple[str, str]]) -> tuple[Verb, dict[str, str]]:
    """Check names and numbers of arguments, and their form; raises Refused."""
    pairs = list(pairs)
    named = [value for name, value in pairs if name == "verb"]
    if not named:
        raise Refused("badVerb", "The argument verb is missing.")
    if len(named) > 1:
        raise Refused("badVerb", "The argument verb is repeated.")
    verb = VERBS.get(named[0])
    if verb is None:
        raise Refused("badVerb", f"There is no verb {named[0]}. Verbs: {', '.join(VERBS)}.")
    arguments = dict(pairs)
    wrong: list[str] = []
    allowed = {"verb", *verb.required, *verb.optional, verb.exclusive}
    for name in dict.fromkeys(name for name, _value in pairs):
        if name not in allowed:
            wrong.append(f"{named[0]} has no argument {name}.")
        elif sum(1 for other, _value in pairs if other == name) > 1:
            wrong.append(f"The argument {name} is repeated.")
    if verb.exclusive in arguments:
        if len(arguments) > 2:
            wrong.append(f"{verb.exclusive} stands alone: leave the other arguments out.")
    else:
        wrong += [f"The argument {name} is missing." for name in sorted(verb.required - arguments.keys())]
    if not wrong:
        wrong = _malformed(arguments)
    if wrong:
        raise Refused("badArgument", " ".join(wrong))
    return verb, arguments


def _malformed(arguments: dict[str, str]) -> list[str]:
    wrong: list[str] = []
    if "metadataPrefix" in arguments and not _PREFIX.fullmatch(arguments["metadataPrefix"]):
        wrong.append("metadataPrefix is malformed.")
    if "set" in arguments and not GRAMMAR.fullmatch(arguments["set"]):
        wrong.append("set is malformed.")
    if "identifier" in arguments and not arguments["identifier"]:
        wrong.append("identifier is empty.")
    ends = {name: arguments[name] for name in ("from", "until") if name in arguments}
    moments = {name: _moment(value, last=name == "until") for name, value in ends.items()}
    wrong += [f"{name} is not a date: write YYYY-MM-DD or {GRANULARITY}." for name, m in moments.items() if m is None]
    if not wrong and len(ends) == 2:
        if len(ends["from"]) != len(ends["until"]):
            wrong.append("from and until differ in granularity.")
        elif moments["from"] > moments["until"]:  # type: ignore[operator]
            wrong.append("from is later than until.")
    return wrong


def _moment(text: str, last: bool) -> datetime | None:
    """A date or a moment (3.3); of a date the first second, or the last."""
    try:
        if _DAY.fullmatch(text):
            day = datetime.strptime(text, "%Y-%m-%d").date()
            return datetime.combine(day, time(23, 59, 59) if last else time(), UTC)
        if _SECOND.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    return None


def _format(prefix: str) -> Format:
    found = FORMATS.get(prefix)
    if found is None:
        raise Refused("cannotDisseminateFormat", f"No records in {prefix}. Formats: {', '.join(FORMATS)}.")
    return found


# ---------------------------------------------------------------- what a record looks like


@cache
def _set_spec(spec: str) -> str:
    return f"<setSpec>{escaped(spec)}</setSpec>"


def header(row: Row) -> str:
    sets = "".join(map(_set_spec, row.sets))
    status = ' status="deleted"' if row.deleted else ""
    return (
        f"<header{status}><identifier>{escaped(row.identifier)}</identifier>"
        f"<datestamp>{utc(row.datestamp)}</datestamp>{sets}</header>"
    )


def record(row: Row, public_url: str, prefix: str) -> str:
    if row.deleted:
        return f"<record>{header(row)}</record>\n"
    xml = row.xml if row.xml is not None else _stand_in(row, public_url, prefix)
    rights = "".join(map(_rights, row.sets))
    return f"<record>{header(row)}<metadata>{xml}</metadata>{rights}</record>\n"


@cache
def _rights(spec: str) -> str:
    """What a set of a licence says of the rights in the metadata's subject, as guidelines-rights has it."""
    address = licence_address(spec)
    if address is None:
        return ""
    space = "http://www.openarchives.org/OAI/2.0/rights/"
    return (
        f'<about><rights xmlns="{space}" xsi:schemaLocation="{space} http://www.openarchives.org/OAI/2.0/rights.xsd">'
        f'<rightsReference ref="{escaped(address)}"/></rights></about>'
    )


def _stand_in(row: Row, public_url: str, prefix: str) -> str:
    """A live record whose metadata is missing must not break the page that holds it."""
    return least(prefix, f"{public_url}/lessons/{row.identifier.rpartition('/')[2]}", row.identifier)


# ---------------------------------------------------------------- verbs about the repository


def _identify(_arguments: dict[str, str], repository: Repository, moment: str) -> str:
    earliest = queries.earliest()
    sample = f"oai:{repository.repository_id}:resource/0190f5fe-7c00-7a00-8000-000000000001"
    compression = "".join(f"<compression>{name}</compression>\n" for name in repository.compression)
    return (
        f"<repositoryName>{escaped(repository.name)}</repositoryName>\n"
        f"<baseURL>{escaped(repository.base_url)}</baseURL>\n"
        "<protocolVersion>2.0</protocolVersion>\n"
        f"<adminEmail>{escaped(repository.admin_email)}</adminEmail>\n"
        f"<earliestDatestamp>{utc(earliest) if earliest else moment}</earliestDatestamp>\n"
        "<deletedRecord>persistent</deletedRecord>\n"
        f"<granularity>{GRANULARITY}</granularity>\n"
        f"{compression}"
        '<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier"'
        ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai-identifier'
        ' http://www.openarchives.org/OAI/2.0/oai-identifier.xsd">'
        f"<scheme>oai</scheme><repositoryIdentifier>{escaped(repository.repository_id)}</repositoryIdentifier>"
        f"<delimiter>:</delimiter><sampleIdentifier>{escaped(sample)}</sampleIdentifier>"
        "</oai-identifier></description>\n"
    )


def _list_sets(arguments: dict[str, str], _repository: Repository, _moment: str) -> str:
    if "resumptionToken" in arguments:
        raise Refused("badResumptionToken", "The sets fit on one page; this verb gives no tokens.")
    names = known()
    for spec in queries.specs_ever():
        names.setdefault(spec, name_of(spec))
    return "".join(
        f"<set><setSpec>{escaped(spec)}</setSpec><setName>{escaped(name)}</setName></set>\n"
        for spec, name in names.items()
    )


def _list_formats(arguments: dict[str, str], repository: Repository, _moment: str) -> str:
    if "identifier" in arguments and queries.record(arguments["identifier"]) is None:
        raise _unknown(arguments["identifier"])
    return "".join(
        f"<metadataFormat><metadataPrefix>{form.prefix}</metadataPrefix><schema>"
        f"{escaped(repository.public_url if form.schema.startswith('/') else '')}{escaped(form.schema)}</schema>"
        f"<metadataNamespace>{escaped(form.namespace)}</metadataNamespace></metadataFormat>\n"
        for form in FORMATS.values()
    )


def _unknown(identifier: str) -> Refused:
    return Refused("idDoesNotExist", f"There is no record {identifier} here.")


# ---------------------------------------------------------------- verbs about records


def _get_record(arguments: dict[str, str], repository: Repository, _moment: str) -> str:
    prefix = arguments["metadataPrefix"]
    row = queries.record(arguments["identifier"], prefix)
    if row is None:
        raise _unknown(arguments["identifier"])
    _format(prefix)
    return record(row, repository.public_url, prefix)


def _list_identifiers(arguments: dict[str, str], repository: Repository, _moment: str) -> str:
    rows, end, _prefix = _page(arguments, repository, with_metadata=False)
    return "".join(f"{header(row)}\n" for row in rows) + end


def _list_records(arguments: dict[str, str], repository: Repository, _moment: str) -> str:
    rows, end, prefix = _page(arguments, repository, with_metadata=True)
    return "".join(record(row, repository.public_url, prefix) for row in rows) + end


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // timedelta(seconds=1)


def _since_epoch(seconds: int | None) -> datetime | None:
    return None if seconds is None else EPOCH + timedelta(seconds=seconds)


def _start(arguments: dict[str, str], repository: Repository) -> Token:
    """Where this page begins: at the token's place, or at the first record of a new list."""
    if "resumptionToken" in arguments:
        try:
            token = unseal(arguments["resumptionToken"], repository.secret)
        except BadToken:
            raise Refused("badResumptionToken", "This token was not given here, or was damaged.") from None
        if token.verb != arguments["verb"]:
            raise Refused("badResumptionToken", f"This token belongs to {token.verb}.")
        if token.prefix not in FORMATS:
            raise Refused("badResumptionToken", f"The format {token.prefix} is no longer given.")
        return token
    _format(arguments["metadataPrefix"])
    since = _moment(arguments["from"], last=False) if "from" in arguments else None
    until = _moment(arguments["until"], last=True) if "until" in arguments else None
    return Token(
        verb=arguments["verb"],
        prefix=arguments["metadataPrefix"],
        since=_seconds(since),
        until=_seconds(until),
        spec=arguments.get("set"),
        datestamp=0,
        record_id=0,
        cursor=0,
        size=0,
    )


def _page(arguments: dict[str, str], repository: Repository, with_metadata: bool) -> tuple[Sequence[Row], str, str]:
    """One page of a list and its resumptionToken: none when the list fits on one page, empty on the last."""
    token = _start(arguments, repository)
    first = "resumptionToken" not in arguments
    window = Window(_since_epoch(token.since), _since_epoch(token.until), token.spec)
    after = None if first else (EPOCH + timedelta(seconds=token.datestamp), token.record_id)
    prefix = token.prefix if with_metadata else None
    found = queries.page(window, after, repository.per_page + 1, prefix)
    if not found and after is not None:
        # All that was left has changed since and lies behind `until` now. An empty list is not valid,
        # an error would undo the harvest: so the last record sent is sent once more.
        found = queries.last_until(window, after, prefix)
    if not found:
        raise Refused("noRecordsMatch", "No record matches.")
    rows = _fitting(found[: repository.per_page])
    if len(rows) == len(found):
        if first:
            return rows, "", token.prefix
        return rows, f"<resumptionToken {_numbers(token.size, token.cursor)}/>\n", token.prefix
    size = queries.size(window) if first else token.size
    following = Token(
        verb=token.verb,
        prefix=token.prefix,
        since=token.since,
        until=token.until,
        spec=token.spec,
        datestamp=_seconds(rows[-1].datestamp) or 0,
        record_id=rows[-1].id,
        cursor=token.cursor + len(rows),
        size=size,
    )
    text = seal(following, repository.secret)
    return rows, f"<resumptionToken {_numbers(size, token.cursor)}>{text}</resumptionToken>\n", token.prefix


def _numbers(size: int, cursor: int) -> str:
    return f'completeListSize="{size}" cursor="{cursor}"'


def _fitting(rows: Sequence[Row]) -> Sequence[Row]:
    length = 0
    for n, row in enumerate(rows):
        length += len(row.xml or "")
        if n and length > LARGEST_PAGE:
            return rows[:n]
    return rows


_LIST = frozenset({"from", "until", "set"})
VERBS: dict[str, Verb] = {
    "Identify": Verb(_identify),
    "ListMetadataFormats": Verb(_list_formats, optional=frozenset({"identifier"})),
    "ListSets": Verb(_list_sets, exclusive="resumptionToken"),
    "GetRecord": Verb(_get_record, required=frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": Verb(_list_identifiers, frozenset({"metadataPrefix"}), _LIST, "resumptionToken"),
    "ListRecords": Verb(_list_records, frozenset({"metadataPrefix"}), _LIST, "resumptionToken"),
}
