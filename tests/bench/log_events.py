"""A believable year in the logs of some tenants: who did what through which app, from where.

One tenant has half of it all, a hundred have hardly any. Most of it is apps that refresh their tokens and change
records; a few people and addresses are seen all the time, most of them rarely; failures are rare. It is always the
same, by its seed.
"""

import datetime as dt
import random  # noqa: TID251 - what repeats is the point here
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import msgspec

from latchkey_contracts import log_entry
from latchkey_contracts.events import CloudEvent, Event, auth, client, record, token
from latchkey_kit.clock import SystemClock

ROUND = 1000
"""Events after which it is the first tenant's turn again."""
SHARES = (500, *[60] * 4, *[8] * 20, *[1] * 100)
"""Of a round, tenant by tenant."""
PEOPLE_A_SHARE, MOST_PEOPLE = 40, 20_000
RARE_AGENT = "Turnstile-Kiosk/3.1 (lobby)"
_RARE = 40_000
"""One of so many events comes from there."""
_AGENTS = (
    *(f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
      for system in ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
      for version in (139, 140, 141, 142)),
    *(f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
      for system in ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10.15") for version in (143, 144)),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604",
    "Claude-User/1.0", "ChatGPT-Connector/2.4", "python-httpx/0.28.1", "axios/1.12.2", "Go-http-client/2.0",
    "okhttp/5.1.0", "sync-agent/7.3 (warehouse)", RARE_AGENT,
)  # fmt: skip
_ID = "a" * 32
_MARKS = {name: f"%({name})s" for name in ("tenant", "user", "client", "connection", "record")}
_SCOPE = ("company:view", "company:update", "asset:view")
_RESOURCES = ("https://api.example.com/v1",)
_MODELS = ("company", "enduser", "conversation", "task", "asset")


class Chance(random.Random):
    """Randomness that repeats: `Chance(seed)`."""


@dataclass(frozen=True)
class Kind:
    """``share`` of 100,000 events; ``make(ids)`` is the event. ``by_app``: a client acted for the user."""

    share: int
    source: str
    make: Callable[[dict[str, str]], Event]
    by_app: bool = True


def _kinds() -> tuple[Kind, ...]:
    return (
        Kind(52_000, "token", lambda i: token.TokenRefreshed(connection=i["connection"], generation=41)),
        *_of_records(),
        Kind(8000, "auth", lambda i: auth.UserSignedIn(user=i["user"]), by_app=False),
        Kind(2500, "auth", lambda i: auth.UserSignedOut(user=i["user"]), by_app=False),
        Kind(700, "auth", lambda i: auth.UserSignInFailed(user=i["user"]), by_app=False),
        Kind(2000, "auth", lambda i: auth.ConsentGranted(client=i["client"], user=i["user"], scope=_SCOPE)),
        Kind(150, "auth", lambda i: auth.ConsentCancelled(client=i["client"], user=i["user"])),
        Kind(60, "auth", lambda i: auth.ConsentRefused(
            client=i["client"], user=i["user"], reason="missing", missing=("asset:remove",))),
        Kind(2000, "token", lambda i: token.GrantIssued(
            connection=i["connection"], user=i["user"], client=i["client"], scope=_SCOPE, resources=_RESOURCES)),
        Kind(9000, "token", lambda i: token.TokenIssued(connection=i["connection"], client=i["client"], scope=_SCOPE)),
        Kind(600, "token", lambda i: token.ConnectionRevoked(
            connection=i["connection"], user=i["user"], client=i["client"], reason="disconnected")),
        Kind(90, "token", lambda i: token.TokenRefused(connection=i["connection"], reason="wrong_verifier")),
        Kind(20, "token", lambda i: token.TokenReused(connection=i["connection"], presented=6, current=9)),
        Kind(50, "auth", lambda i: auth.MemberAdded(user=i["user"], tenant=i["tenant"]), by_app=False),
        Kind(30, "client-registry", lambda i: client.ClientUpdated(
            client=i["client"], changed=("name", "redirect_uris"), revision=4)),
    )  # fmt: skip


def _of_records() -> Iterator[Kind]:
    for place, model in enumerate(_MODELS):
        fields = ("phase", "owner", "name")[: 1 + place % 3]
        yield Kind(8000 // (2**place), "records", partial(_updated, model, fields))
        yield Kind(1500, "records", lambda i, model=model: record.RecordCreated(record=i["record"], model=model))
        yield Kind(150, "records", lambda i, model=model: record.RecordRemoved(record=i["record"], model=model))
    yield Kind(300, "records", lambda i: record.RecordsExported(
        export=i["record"], model="asset", format="csv", fields=("name", "owner"), count=4211))  # fmt: skip


def _updated(model: str, fields: tuple[str, ...], ids: dict[str, str]) -> Event:
    return record.RecordUpdated(record=ids["record"], model=model, fields=fields)


@dataclass(frozen=True)
class Person:
    id: str
    agent: int
    addresses: tuple[str, ...]
    connections: tuple[tuple[str, str], ...]
    """Their ids, and those of the clients that they are with."""


@dataclass(frozen=True)
class Tenant:
    id: str
    share: int
    people: tuple[Person, ...]
    """The busiest first."""


class Template:
    """A line of PostgreSQL's COPY for one kind of event and one user agent."""

    def __init__(self, kind: Kind, agent: str) -> None:
        found = log_entry.found(_event(kind, agent, dict.fromkeys(_MARKS, _ID), tenant=_ID, address=None))
        event = _event(kind, agent, _MARKS, tenant="%(tenant)s", address="%(address)s")
        body = msgspec.json.encode(event).decode().replace(msgspec.json.encode(event.time).decode(), '"%(at)s"')
        self._words = [word[len(mark(_ID)) :] for word in found.words]
        self._marked: dict[str, str] = {}
        self.line = "\t".join((
            "%(tenant)s", "%(position)d", "12", "%(at)s", "%(id)s", "%(at)s", event.type, found.result, event.subject,
            "%(user)s", "%(client)s" if kind.by_app else r"\N", "%(connection)s" if found.connection else r"\N",
            "%(address)s", kind.source, _ID, "%(number)d", "%(words)s%(address_words)s", r"\\x%(hash)s",
            body.replace('"sequence":0', '"sequence":%(number)d'),
        )) + "\n"  # fmt: skip

    def words(self, before: str) -> str:
        """Its words behind a tenant's mark, as PostgreSQL reads them."""
        marked = self._marked.get(before)
        if marked is None:
            marked = self._marked[before] = " ".join(f"'{before}{word}'" for word in self._words)
        return marked


def _event(kind: Kind, agent: str, ids: dict[str, str], *, tenant: str, address: str | None) -> CloudEvent:
    event = kind.make(ids)
    return CloudEvent(
        id="%(id)s", source=kind.source, type=event.type, subject=event.entity_id, time=SystemClock().now(),
        data=msgspec.Raw(msgspec.json.encode(event)), tenantid=tenant, userid="%(user)s",
        clientid="%(client)s" if kind.by_app else None, requestid="%(request)s", agent=agent,
        traceparent="00-%(trace)s-%(span)s-01", address=address, epoch=_ID, sequence=0,
    )  # fmt: skip


class Year:
    """Everything that repeats: tenants with their people, and what a line looks like."""

    def __init__(self) -> None:
        chance = Chance(6)
        self.tenants = tuple(_tenant(chance, share) for share in SHARES)
        self.kinds = _kinds()
        self.templates = [[Template(kind, agent) for agent in _AGENTS] for kind in self.kinds]
        places = [place for place, share in enumerate(SHARES) for _ in range(share)]
        chance.shuffle(places)
        self.turns = [self.tenants[place] for place in places]


def _tenant(chance: Chance, share: int) -> Tenant:
    clients = [_id(chance) for _ in range(4 + share // 12)]
    size = min(5 + share * PEOPLE_A_SHARE, MOST_PEOPLE)
    return Tenant(_id(chance), share, tuple(_person(chance, clients) for _ in range(size)))


def _person(chance: Chance, clients: list[str]) -> Person:
    many = 1 + int(4 * chance.random() ** 2)
    return Person(
        id=_id(chance),
        agent=int((len(_AGENTS) - 1) * chance.random() ** 1.5),
        addresses=tuple(f"198.{18 + chance.getrandbits(1)}.{chance.getrandbits(8)}.{chance.getrandbits(8)}"
                        for _ in range(1 + chance.getrandbits(1))),
        connections=tuple((_id(chance), clients[int(len(clients) * chance.random() ** 2)]) for _ in range(many)),
    )  # fmt: skip


def _id(chance: Chance) -> str:
    return f"{chance.getrandbits(128):032x}"


def lines(year: Year, *, rounds: int, first: int, start: float, seconds: float) -> Iterator[str]:
    """COPY lines of ``rounds`` rounds, from round ``first`` on, spread evenly from ``start`` over ``seconds``."""
    chance = Chance(first)
    shares = [kind.share for kind in year.kinds]
    positions = {tenant.id: first * tenant.share for tenant in year.tenants}
    numbers = dict.fromkeys((kind.source for kind in year.kinds), first * ROUND)
    rare, step, number = len(_AGENTS) - 1, seconds / (rounds * ROUND), first * ROUND
    for _ in range(rounds):
        kinds = chance.choices(range(len(shares)), shares, k=ROUND)
        for tenant, kind in zip(year.turns, kinds, strict=True):
            number += 1
            positions[tenant.id] += 1
            person = tenant.people[int(len(tenant.people) * chance.random() ** 3)]
            connection, app = chance.choice(person.connections)
            address = person.addresses[-(number % 4 == 0)]
            noise = f"{chance.getrandbits(512):0128x}"
            moment = start + step * (number - first * ROUND - 1)
            source = year.kinds[kind].source
            numbers[source] += 1
            template = year.templates[kind][person.agent if number % _RARE else rare]
            yield template.line % {
                "tenant": tenant.id, "position": positions[tenant.id], "at": _iso(moment), "number": numbers[source],
                "id": f"{int(moment * 1000):012x}7{noise[:3]}8{noise[3:18]}", "user": person.id, "client": app,
                "connection": connection, "record": noise[20:52], "address": address,
                "address_words": _words_of_address(mark(tenant.id), address), "words": template.words(mark(tenant.id)),
                "hash": noise[:64], "request": noise[64:96],
                "trace": noise[80:112], "span": noise[112:],
            }  # fmt: skip


@cache
def mark(tenant: str) -> str:
    """What words of a tenant begin with in the index."""
    return log_entry.lexemes(tenant, [""])[0]


@cache
def _words_of_address(before: str, address: str) -> str:
    return "".join(f" '{before}{word}'" for word in log_entry.words([address]))


def _iso(moment: float) -> str:
    return dt.datetime.fromtimestamp(moment, dt.UTC).isoformat()
