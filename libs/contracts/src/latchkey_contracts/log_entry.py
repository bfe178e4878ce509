"""What of an event stands in columns of the audit log, so that it can be found."""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

import msgspec

from latchkey_contracts.events import EVENTS, CloudEvent, Result
from latchkey_contracts.events.audit import NOBODY
from latchkey_contracts.moments import in_utc

_LONGEST_TEXT = 200
_MOST_WORDS = 48
_LONGEST_WORD = 40
_MOST_IDS = 64
_WORD = re.compile(r"\w+(?:[.:@-]\w+)*")
_PART = re.compile(r"\w+")
_ID = re.compile(r"[0-9a-f]{32}")
_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NUMBERS = 2**63 - 1
_RESULTS = get_args(Result)
_UNTEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry is found by. What is no id or number stands in no column; texts are `plain` and not too long."""

    tenant: str
    at: dt.datetime
    action: str
    result: Result
    subject: str
    user: str | None
    client: str | None
    connection: str | None
    address: str | None
    source: str
    epoch: str | None
    number: int | None
    words: tuple[str, ...]
    """As `lexemes` makes them, and as `id_lexeme` the ids that the entry is about."""


def found(event: CloudEvent) -> Found:
    """What stands in columns for an event.

    Raises ``msgspec.MsgspecError`` for one that cannot be read whole, or that happened outside the years 1 to 9999.
    """
    details = msgspec.json.decode(event.data)
    tenant, user, client = _id(event.tenantid) or NOBODY, _id(event.userid), _id(event.clientid)
    connection = _id(details.get("connection")) if isinstance(details, dict) else None
    texts = tuple(_texts(details))
    about = _about(event.subject, texts, known={tenant, user, client, connection})
    numbered = _is_numbered(event)
    return Found(
        tenant=tenant,
        at=_moment(event.time),
        action=_short(event.type),
        result=_result(event),
        subject=_short(event.subject),
        user=user,
        client=client,
        connection=connection,
        address=_short(event.address) if event.address else None,
        source=_short(event.source),
        epoch=event.epoch if numbered else None,
        number=event.sequence if numbered else None,
        words=(
            *lexemes(tenant, words((event.type, event.agent or "", event.address or "", *texts))),
            *(id_lexeme(tenant, one) for one in about),
        ),
    )


def _about(subject: str, texts: Iterable[str], *, known: set[str | None]) -> tuple[str, ...]:
    """Ids of what an entry is about, but for those that stand in columns: an id finds an entry in one way only.

    The subject's, and of those in the details the first by value, whatever order a database keeps the members in.
    """
    inside = sorted({one for one in texts if _ID.fullmatch(one)} - known)[:_MOST_IDS]
    own = (subject,) if _ID.fullmatch(subject) and subject not in known else ()
    return tuple(dict.fromkeys((*own, *inside)))


def _result(event: CloudEvent) -> Result:
    """As its source said; our own table may change, and what is written may not. It is for events that do not say."""
    if event.result in _RESULTS:
        return cast("Result", event.result)
    known = EVENTS.get((event.type, event.dataversion))
    return known.result if known else "success"


def _is_numbered(event: CloudEvent) -> bool:
    epoch, number = _id(event.epoch), event.sequence
    return epoch is not None and number is not None and 0 < number < _NUMBERS and bool(_SOURCE.fullmatch(event.source))


def _id(text: object) -> str | None:
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def _short(text: str) -> str:
    return plain(text[:_LONGEST_TEXT])


def _moment(at: dt.datetime) -> dt.datetime:
    try:
        return in_utc(at)
    except ValueError as error:
        raise msgspec.ValidationError(str(error)) from None


def lexemes(tenant: str, given: Iterable[str]) -> tuple[str, ...]:
    """Words as the index has them: behind the end of the tenant's id.

    So a word that is everywhere in one tenant's log is rare where it is rare in another's, for the planner too, and no
    search walks through what is others'.
    """
    end = tenant[-3:]
    return tuple([end + word for word in given])


def id_lexeme(tenant: str, about: str) -> str:
    """An id as the index of words has it. No word begins as it does, so ids are found by words never, and whole."""
    return f"{tenant[-3:]}={about}"


def words(texts: Iterable[str]) -> tuple[str, ...]:
    """Words of texts, in lower case, each once: whole (``10.0.0.7``, ``kim@acme.test``) and in parts; ids are none."""
    given: dict[str, None] = {}
    for text in texts:
        if not _ID.fullmatch(text):
            given.update(_words(text) if len(text) > _LONGEST_TEXT else _words_again(text))
        if len(given) >= _MOST_WORDS:
            break
    return tuple(given)[:_MOST_WORDS]


def _words(text: str) -> dict[str, None]:
    given: dict[str, None] = {}
    for match in _WORD.finditer(text.casefold()):
        whole = match.group()
        if not _ID.fullmatch(whole):
            pieces = (whole, *_PART.findall(whole))
            given.update((one[:_LONGEST_WORD], None) for one in pieces if not _ID.fullmatch(one))
        if len(given) >= _MOST_WORDS:
            break
    return given


_words_again = functools.lru_cache(maxsize=4096)(_words)
"""The same come again and again: names of actions, of browsers, addresses."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for: ids, and beginnings of words, in lower case."""

    ids: tuple[str, ...]
    beginnings: tuple[str, ...]


def sought(text: str) -> Sought:
    """Read a text that somebody searches for. A word with dots or the like is one word, found by its beginning."""
    given = dict.fromkeys(match.group() for match in _WORD.finditer(text.casefold()))
    ids = tuple(one for one in given if _ID.fullmatch(one))
    return Sought(ids=ids, beginnings=tuple(one[:_LONGEST_WORD] for one in given if one not in ids))


def plain(text: str) -> str:
    """Text that PostgreSQL can hold and a terminal does not obey."""
    return _UNTEXT.sub("\N{REPLACEMENT CHARACTER}", text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
