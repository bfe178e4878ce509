"""Whatever is asked for, alone and together, a page is what plain Python finds in the same events."""

import json
import random  # noqa: TID251 - what repeats is the point here

import asyncpg
import msgspec
import pytest

from latchkey_audit.domain import entry
from latchkey_verify.testing import TENANT

OTHER = "e" * 29 + "111"  # ends as the tenant does: their words lie side by side in the index
USERS, CLIENTS, CONNECTIONS = (["%032x" % (base + n) for n in range(3)] for base in (100, 200, 300))
KINDS = ("token.refreshed", "token.refreshed", "token.reused", "token.refused", "client.created", "tokens.odd", "x.new")
AGENTS = ("Mozilla/5.0 (X11; Linux)", "curl/8.1", "Größe 🔑 it's \\ 'quoted'", None)
ADDRESSES = ("10.0.0.7", "10.0.0.70", "2001:db8::1", None)
SUBJECTS, THINGS = (["%032x" % (base + n) for n in range(3)] for base in (400, 500))
NOTES = ("kim@acme.test", "Kimberly", "a' & 'b:* | !c", "")
FAILED, REFUSED = {"token.reused"}, {"token.refused"}


@pytest.fixture
def events(fact):
    chance = random.Random(6)  # noqa: S311 - tests only

    def one(tenant):
        details = {"note": chance.choice(NOTES)}
        if connection := chance.choice([*CONNECTIONS, None]):
            details["connection"] = connection
        if thing := chance.choice([*THINGS, USERS[1], CLIENTS[0], CONNECTIONS[2], TENANT, None]):
            details["change"] = {"before": [thing, chance.choice(NOTES)], "after": chance.choice([*THINGS, None])}
        return fact(
            chance.choice(KINDS), tenant=tenant, at=chance.randrange(40), details=details,
            userid=chance.choice([*USERS, None]), clientid=chance.choice([*CLIENTS, None]),
            agent=chance.choice(AGENTS), address=chance.choice(ADDRESSES),
            subject=chance.choice([*SUBJECTS, USERS[0], CLIENTS[1], TENANT, "x"]),
        )  # fmt: skip

    return [one(TENANT) for _ in range(220)] + [one(OTHER) for _ in range(80)]


@pytest.fixture
def move_to_months(audit):
    """Have entries recorded so many months ago: ``await move_to_months({id: months})``."""

    async def move(months):
        connection = await asyncpg.connect(audit.settings.database_url.reveal())
        try:
            await connection.execute("SET session_replication_role = replica")  # what is written stays, otherwise
            await connection.execute(
                "SELECT make_partition(12::smallint, (now() AT TIME ZONE 'UTC' - ago * interval '1 month')::date)"
                " FROM generate_series(0, $1::int) AS ago",
                max(months.values()) + 1,
            )
            await connection.execute(
                "UPDATE event SET recorded = recorded - ago * interval '1 month'"
                " FROM unnest($1::uuid[], $2::int[]) AS moved (entry, ago) WHERE id = entry",
                list(months),
                list(months.values()),
            )
        finally:
            await connection.close()

    return move


def shown(page):
    """Ids of what a page shows, but for what tells of the reading itself."""
    return [one["id"] for one in page["data"] if one["action"] != "auditlog.viewed"]


def result_of(event):
    return "failed" if event.type in FAILED else "refused" if event.type in REFUSED else "success"


def inside(details):
    """Every text but the note, however deep."""
    change = details.get("change", {"before": [], "after": None})
    return (details.get("connection"), *change["before"], change["after"])


def fits(event, name, value):
    details = msgspec.json.decode(event.data)
    texts = [one for one in (details["note"], *inside(details)) if one]
    text = " ".join((event.type, event.agent or "", event.address or "", *texts))
    ids = {event.userid, event.clientid, event.id, event.subject, *texts} - {TENANT}
    conditions = {
        "since": lambda: event.time.isoformat() >= value,
        "until": lambda: event.time.isoformat() < value,
        "action": lambda: any(
            event.type == one or (one.endswith(".*") and event.type.startswith(one[:-1])) for one in value.split(",")
        ),
        "user": lambda: event.userid == value,
        "client": lambda: event.clientid == value,
        "connection": lambda: details.get("connection") == value,
        "about": lambda: value in ids,
        "address": lambda: event.address == value,
        "result": lambda: result_of(event) == value,
        "q": lambda: all(
            word in ids if len(word) == 32 else any(known.startswith(word.casefold()) for known in entry.words([text]))
            for word in value.split()
        ),
    }
    return conditions[name]()


def questions(events):
    chance = random.Random(7)  # noqa: S311 - tests only
    moments = [event.time.isoformat() for event in events[:6]]
    values = {
        "since": moments, "until": moments,
        "action": [
            "token.reused", "token.*", "client.*,x.*", "token.refused,token.reused,no.such", "no.*", "x.new,token.*",
        ],
        "user": USERS, "client": CLIENTS, "connection": CONNECTIONS,
        "about": [
            USERS[0], USERS[1], CLIENTS[0], CLIENTS[1], CONNECTIONS[2], *SUBJECTS[:2], *THINGS[:2], events[5].id,
            TENANT, "d" * 32,
        ],
        "address": ["10.0.0.7", "2001:db8::1", "192.0.2.1"], "result": ["success", "refused", "failed"],
        "q": [
            "mozilla", "Moz linux", "kim", "kim@acme.test", "10.0.0.7", "grö", "curl token", "nothing", "b",
            USERS[0], f"{CONNECTIONS[1]} kim", events[3].id, "f" * 32, f"{CLIENTS[0]} {USERS[1]}",
            SUBJECTS[2], f"{THINGS[2]} mozilla", f"{USERS[1]} {THINGS[0]} {SUBJECTS[0]}", THINGS[0][:20],
        ],
    }  # fmt: skip
    yield {}
    for name, given in values.items():
        yield from ({name: one} for one in given)
    for _ in range(60):
        names = chance.sample(sorted(values), k=chance.randint(2, 4))
        yield {name: chance.choice(values[name]) for name in names}


async def test_every_filter_alone_and_together_finds_what_an_oracle_finds(record, ask, events):
    await record(*events)
    newest_first = sorted((one for one in events if one.tenantid == TENANT), key=lambda one: (one.time, one.id))[::-1]
    some = 0
    for number, question in enumerate(questions(events)):
        if question.get("since", "") > question.get("until", "9"):
            assert (await ask("/v1/audit-events", **question))[0] == 400
            continue
        expected = [e.id for e in newest_first if all(fits(e, name, value) for name, value in question.items())]
        found, cursor = [], {}
        while True:
            limit = (7, 50, 200)[number % 3]
            status, _, body = await ask("/v1/audit-events", **question, **cursor, limit=limit)
            assert status == 200, (question, body)
            page = json.loads(body)
            found += shown(page)
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == expected, question
        some += bool(expected)
    assert some > 60


async def test_exports_and_streams_find_the_same(record, ask, listen, events):
    await record(*events)
    ours = [one for one in events if one.tenantid == TENANT]
    for question in (
        {"about": CLIENTS[0]}, {"about": THINGS[1], "action": "token.*"}, {"q": f"{USERS[1]} {THINGS[0]} moz"},
        {"q": f"{SUBJECTS[1]} {THINGS[0]} {THINGS[2]}"}, {"about": events[5].id},
    ):  # fmt: skip
        expected = [one.id for one in ours if all(fits(one, name, value) for name, value in question.items())]
        assert expected
        _, _, body = await ask("/v1/audit-events/export", format="ndjson", **question)
        lines = [json.loads(line) for line in body.splitlines()]
        taken = [one["id"] for one in lines if not one["action"].startswith("auditlog.")]
        assert sorted(taken) == sorted(expected), question
        ear = await listen(last_event_id="0", **question)
        assert [one["id"] for one in await ear.hear_all(len(expected))] == expected, question


async def test_words_are_found_as_surely_when_the_log_is_long(record, ask, fact):
    """Longer than what is looked at first, so that the index of words answers, too."""
    rare = {n: "needle in hay" if n % 400 == 0 else "hay" for n in range(2600)}
    events = [fact(at=n, agent=agent) for n, agent in rare.items()]
    await record(*events)
    needles = [one.id for one in events if one.agent.startswith("needle")][::-1]
    for q in ("needle", "NEED ha", "hay need user"):
        _, _, body = await ask("/v1/audit-events", q=q)
        assert shown(json.loads(body)) == needles
    _, _, body = await ask("/v1/audit-events", q="hay", limit=199)
    assert shown(json.loads(body)) == [one.id for one in events[::-1][:199]]
    _, _, body = await ask("/v1/audit-events", q="needles")
    assert shown(json.loads(body)) == []


async def test_rare_words_come_in_order_whenever_they_were_recorded(record, ask, fact, move_to_months, monkeypatch):
    """Months are read one after the other; some entries came late, and some were of a clock that was ahead."""
    monkeypatch.setattr("latchkey_audit.store.by_words._AT_ONCE", 1)
    months = {n: (3600 - n) // 300 for n in range(3600)} | {0: 0, 400: 3, 1800: 0, 2400: 13, 3400: 1, 3599: 12}
    agents = {n: f"needle {'pin' if n % 400 == 0 else ''}" if n % 200 == 0 or n == 3599 else "hay" for n in months}
    events = [fact(at=n * 8640, agent=agent) for n, agent in agents.items()]
    await record(*events)
    await move_to_months({events[n].id: month for n, month in months.items()})
    needles = [one for one in events if one.agent != "hay"][::-1]
    for q, expected in (("needle", needles), ("pin needle", [one for one in needles if "pin" in one.agent])):
        for limit in (6, 50):
            found, cursor = [], {}
            while cursor is not None:
                page = json.loads((await ask("/v1/audit-events", q=q, limit=limit, **cursor))[2])
                found += shown(page)
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            assert found == [one.id for one in expected], (q, limit)


@pytest.mark.parametrize("every", [30, 2000])
async def test_common_words_are_found_behind_many_that_lack_them(record, ask, fact, monkeypatch, every):
    """How common a word is, is not asked of those who read the log; so these may be in the way, more or less."""
    monkeypatch.setattr("latchkey_audit.store.by_words._AT_LEAST", 20)
    hay = [fact(at=n, agent="hay") for n in range(1200)]
    views = [fact("auditlog.viewed", at=2000 + n, agent="straw" if n % every else "hay") for n in range(1200)]
    await record(*hay, *views)
    expected = [one.id for one in (*hay, *views)[::-1] if one.agent == "hay"]
    _, _, body = await ask("/v1/audit-events", q="hay", limit=100)
    assert [one["id"] for one in json.loads(body)["data"]] == expected[:100]


async def test_what_it_is_about_is_found_as_surely_when_the_log_is_long(record, ask, fact):
    app, rare, common, person = "5" * 32, "6" * 32, "7" * 32, "8" * 32

    def one(n):
        acted = {"clientid": app} if n % 500 else {"details": {"app": app, "moved": [rare]}}
        return fact(at=n, subject=common if n % 3 else "x", userid=person if n % 2 else None, **acted)

    events = [one(n) for n in range(2600)]
    await record(*events)
    newest_first = events[::-1]
    for question, expected in (
        ({"about": app}, newest_first),
        ({"about": rare}, [one for one in newest_first if not one.clientid]),
        ({"about": common}, [one for one in newest_first if one.subject == common]),
        ({"q": f"{app} {common}"}, [one for one in newest_first if one.subject == common]),
        ({"q": f"{rare} {app}"}, [one for one in newest_first if not one.clientid]),
        ({"about": common, "user": person}, [one for one in newest_first if one.subject == common and one.userid]),
    ):
        _, _, body = await ask("/v1/audit-events", limit=199, **question)
        assert shown(json.loads(body)) == [one.id for one in expected[:199]], question


async def test_a_walk_misses_and_doubles_nothing_while_entries_arrive(record, ask, fact):
    there = [fact(at=n) for n in range(30)]
    await record(*there)
    found, cursor, later = [], {}, 100
    while True:
        page = json.loads((await ask("/v1/audit-events", limit=7, **cursor))[2])
        found += shown(page)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        await record(fact(at=later), fact(at=later + 1))
        later += 2
    assert found == [one.id for one in there[::-1]]
