"""What an entry shows, that it is its own tenant's only, what is refused, and that readers are told of."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latchkey_audit.store.search import TooWideError
from latchkey_contracts.requests.audit import EVENTS_OF_TENANT, STREAM_OF_TENANT
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually
from latchkey_verify.testing import CLIENT, TENANT, USER, rights

OTHER = "9" * 32
PATHS = ("/v1/audit-events", "/v1/audit-events/export", "/v1/audit-events/stream")
HOSTILE = "a\r\nb\x1b[2J\x00\x85\u2028\u2029<script>=1+1 \N{RIGHT-TO-LEFT OVERRIDE}\x7f\t\"'"


@pytest.fixture
def views(read, ask):
    """All that tells of reading, oldest first: action, way or format, filter and who."""

    async def told():
        _, _, body = await ask("/v1/audit-events", action="auditlog.viewed,auditlog.exported", limit=200)
        return json.loads(body)["data"][::-1]

    return told


async def test_an_entry_shows_all_that_is_known(record, ask, fact):
    event = fact(
        "token.reused", at=1, userid="5" * 32, clientid="6" * 32, address="10.0.0.7", agent="curl", requestid="r" * 8,
        bystaff=True, details={"connection": "7" * 32, "generation": 3},
    )  # fmt: skip
    await record(event)
    (entry,) = json.loads((await ask("/v1/audit-events", result="failed"))[2])["data"]
    status, headers, body = await ask(f"/v1/audit-events/{event.id}")
    assert (status, json.loads(body)) == (200, entry)
    assert headers["Cache-Control"] == "no-store"
    assert len(entry.pop("hash")) == 64
    assert entry.pop("recorded_at").endswith("Z")
    assert entry.pop("title")
    assert entry == {
        "id": event.id, "time": event.time.isoformat().replace("+00:00", "Z"), "position": 1,
        "action": "token.reused", "result": "failed", "subject": "x", "user": "5" * 32, "client": "6" * 32,
        "connection": "7" * 32, "address": "10.0.0.7", "agent": "curl", "staff": True, "source": "auth",
        "request_id": "r" * 8, "details": {"connection": "7" * 32, "generation": 3},
    }  # fmt: skip


async def test_an_entry_whose_id_tells_no_time_is_found(record, ask, fact):
    odd = msgspec.structs.replace(fact(at=5), id="0" * 31 + "1")
    await record(odd, fact(at=6))
    assert json.loads((await ask(f"/v1/audit-events/{odd.id}"))[2])["id"] == odd.id


async def test_another_tenants_entry_is_as_unknown_as_one_that_never_was(record, ask, fact, owners):
    theirs = fact(
        tenant=OTHER, at=1, userid="5" * 32, clientid="6" * 32, details={"connection": "7" * 32, "of": "8" * 32}
    )
    await record(fact(at=1), theirs)
    same = {"X-Request-Id": "the-same-for-all"}
    answers = {
        (await ask(f"/v1/audit-events/{unknown}", headers=same))[::2] for unknown in (theirs.id, "0" * 32, "no-id")
    }
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1
    for question in (
        {"user": "5" * 32}, {"client": "6" * 32}, {"connection": "7" * 32}, {"q": theirs.id}, {"q": "5" * 32},
        {"q": "7" * 32}, {"about": "5" * 32}, {"about": theirs.id}, {"about": "8" * 32},
    ):  # fmt: skip
        found = json.loads((await ask("/v1/audit-events", **question))[2])["data"]
        _, _, body = await ask("/v1/audit-events/export", format="ndjson", **question)
        found += map(json.loads, body.splitlines())
        assert not [one for one in found if one["source"] != "audit"], "what is found is that one has asked"
    token = owners.issuers[0].mint(tid=OTHER)
    assert json.loads((await ask(f"/v1/audit-events/{theirs.id}", token))[2])["id"] == theirs.id
    for path in PATHS:
        assert (await ask(path, tenant=OTHER))[0] == 400


async def test_hostile_text_is_one_record_on_a_page(record, ask, fact):
    event = fact(at=1, agent=HOSTILE, address=HOSTILE, details={HOSTILE: [HOSTILE]})
    await record(event)
    for path in (f"/v1/audit-events/{event.id}", "/v1/audit-events"):
        _, _, body = await ask(path)
        text = body.decode()
        assert len(text.splitlines()) == 1
        assert not set(text) & set("\x1b\x00\x7f\x85")
    shown = json.loads((await ask(f"/v1/audit-events/{event.id}"))[2])
    assert (shown["agent"], shown["address"], shown["details"]) == (HOSTILE, HOSTILE, {HOSTILE: [HOSTILE]})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "yesterday"), ("until", "2026-01-01T00:00:00"), ("since", "0001-01-01T00:00:00+14:00"),
        ("action", "x"), ("action", "token.reused,"), ("action", "*"), ("action", "token.reused\n"),
        ("action", "Token.*"), ("action", ""), ("user", "kim@acme.test"), ("about", "me"), ("about", "0" * 32 + "\n"),
        ("user", "me"), ("client", "A" * 32), ("connection", "0" * 33), ("address", "here"), ("address", "10.0.0.0/8"),
        ("result", "good"), ("q", ""), ("q", "--- ---"), ("q", " ".join(f"w{n}" for n in range(11))),
        ("q", "x" * 201), ("tenant", OTHER), ("tenant", "x"),
    ],
)  # fmt: skip
async def test_a_value_that_is_not_valid_is_named(ask, path, name, value):
    status, _, body = await ask(path, **{name: value})
    problem = json.loads(body)
    assert (status, problem["code"]) == (400, "invalid_request")
    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}"]


@pytest.mark.parametrize(
    ("params", "name", "words"),
    [
        ({"action": "token"}, "action", "token.reused or token.*"),
        ({"user": "kim@acme.test"}, "user", "32 hexadecimal"), ({"about": "kim"}, "about", "32 hexadecimal"),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "since", "`until`"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_in_words(ask, params, name, words):
    status, _, body = await ask("/v1/audit-events", **params)
    (error,) = json.loads(body)["errors"]
    assert (status, error["pointer"]) == (400, f"/{name}")
    assert words in error["message"]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/export", {"limit": "5"}), ("/export", {"cursor": "x"}), ("/export", {"format": "xml"}),
        ("", {"format": "csv"}),
        ("/stream", {"limit": "5"}), ("/stream", {"last_event_id": "x"}), ("/stream", {"last_event_id": "1.5"}),
        ("/stream", {"last_event_id": "-1"}), ("/stream", {"last_event_id": "9" * 30}), ("", {"last_event_id": "0"}),
    ],
)  # fmt: skip
async def test_what_a_path_does_not_take_is_refused(ask, path, params):
    status, _, body = await ask(f"/v1/audit-events{path}", **params)
    assert (status, json.loads(body)["code"]) == (400, "invalid_request")


async def test_nothing_that_is_asked_is_our_fault(record, ask, fact):
    await record(*(fact(at=n, agent="Mozilla") for n in range(3)))
    names = ("since", "until", "action", "user", "client", "connection", "address", "result", "q", "cursor", "limit")
    odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
        ["token.*", "a.b,c.*", "0" * 32, "f" * 32, "2026-01-01T00:00:00Z", "'", "\\", "a:* | !b", "10.0.0.7", "::", "9"]
    )

    def asking():
        return st.dictionaries(st.sampled_from(names), odd, max_size=4)

    questions = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(asking())
    def collect(question):
        questions.append(question)

    collect()
    statuses = {(await ask("/v1/audit-events", **question))[0] for question in questions}
    assert statuses == {200, 400}


async def test_what_would_take_too_long_says_so(ask, monkeypatch):
    async def never(*_args, **_more):
        raise TooWideError

    monkeypatch.setattr("latchkey_audit.store.search.page", never)
    for path in ("/v1/audit-events", "/v1/audit-events/export"):
        status, _, body = await ask(path)
        assert (status, json.loads(body)["code"]) == (400, "search_too_wide")
        assert "Narrow" in json.loads(body)["detail"]


async def test_a_statement_that_runs_too_long_is_ended(record, ask, fact, monkeypatch):
    await record(fact(at=1))
    monkeypatch.setattr("latchkey_audit.store.search.SHOWN", "position, pg_sleep(30)")
    monkeypatch.setattr("latchkey_audit.store.search._PAGE_SECONDS", 0.05)
    monkeypatch.setattr("latchkey_audit.store.search.page.__kwdefaults__", {"seconds": 0.05, "through": None})
    status, _, body = await ask("/v1/audit-events")
    assert (status, json.loads(body)["code"]) == (400, "search_too_wide")


async def test_rights_are_apart(ask, owners):
    export = rights({"auditlog": ["view"]}, {"auditlog": ["view"]}, {"auditlog": ["view"]})
    owners.rights = export
    assert (await ask("/v1/audit-events"))[0] == 200
    status, headers, _ = await ask("/v1/audit-events/export")
    assert status == 403
    assert "insufficient_scope" in headers["WWW-Authenticate"]


async def test_a_reader_is_told_of_once_in_ten_minutes(record, ask, fact, views, clock, owners):
    event = fact(at=1)
    await record(event)
    for _ in range(3):
        await ask("/v1/audit-events", user="5" * 32)
        await ask("/v1/audit-events", user="5" * 32, since="2026-01-01T00:00:00Z", limit=3)
    await ask("/v1/audit-events", user="5" * 32, token=owners.issuers[0].mint(sub="a" * 32))
    await ask(f"/v1/audit-events/{event.id}")
    await ask("/v1/audit-events/" + "0" * 32)

    async def seen(count):
        return len(await views()) >= count

    await eventually(lambda: seen(4))
    told = [(one["user"], one["details"]["way"], one["details"]["filter"]) for one in await views()]
    told = {(who, way, tuple(wanted.items())) for who, way, wanted in told if "action" not in wanted}
    assert told == {
        (USER, "page", (("user", "5" * 32),)), ("a" * 32, "page", (("user", "5" * 32),)),
        (USER, "entry", (("id", event.id),)),
    }  # fmt: skip
    assert (await views())[0]["client"] == CLIENT
    clock.advance(601)
    await eventually(lambda: again(ask))
    await eventually(lambda: seen(5))


async def again(ask):
    """The lease is held again after the clock was moved."""
    return (await ask("/v1/audit-events", user="5" * 32))[0] == 200


async def test_the_operator_reads_a_tenants_log_and_the_tenant_sees_it(record, audit, peer, fact, views):
    event = fact(at=1)
    await record(event, fact(tenant=OTHER))
    operator = peer("operator", audit.internal_url)
    page = json.loads(await operator.send("GET", EVENTS_OF_TENANT, params={"tenant": TENANT, "q": "user"}))
    assert [one["id"] for one in page["data"]] == [event.id]

    async def told():
        return [one for one in await views() if one["details"]["filter"] == {"q": "user"}]

    (view,) = await eventually(told)
    assert (view["user"], view["client"], view["staff"], view["details"]["way"]) == (None, None, True, "page")
    for question in ({}, {"tenant": "acme"}):
        with pytest.raises(PeerRefused) as refused:
            await operator.send("GET", EVENTS_OF_TENANT, params=question)
        assert refused.value.problem.status == 400


@pytest.mark.parametrize("caller", ["auth", "edge"])
@pytest.mark.parametrize("path", [EVENTS_OF_TENANT, STREAM_OF_TENANT])
async def test_no_service_may_ask_in_the_operators_place(audit, peer, caller, path):
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await peer(caller, audit.internal_url).send("GET", path, params={"tenant": TENANT})
