"""The table of misses, row by row, as clients meet it: what is answered, and what has changed after it."""

import asyncio

import msgspec
import pytest

from latchkey_kit.testing.services import ORIGIN
from latchkey_oauth.token_string import seal
from latchkey_token.rotation.gather import Gather

WINDOW = 30
INVALID_GRANT, INVALID_CLIENT = (400, "invalid_grant"), (401, "invalid_client")


class Case(msgspec.Struct, frozen=True):
    """``window`` of the client, how many ``rotations`` went before, which generation is ``shown``, and ``with_`` what.

    ``answer`` is the error, or ``again`` for the same refresh token as before, ``new`` for another. ``dead``: whether
    the connection is, after it. ``told``: the last event about it, but for the end that a reuse is followed by.
    """

    name: str
    window: int = 0
    rotations: int = 2
    shown: int = 2
    with_: dict = {}
    before: str = ""
    answer: object = INVALID_GRANT
    dead: bool = False
    told: str = "token.refreshed"


CASES = [
    Case("the current one", shown=3, answer="new"),
    Case("wrong client", shown=3, with_={"client": "thief"}, told="token.refused"),
    Case("wrong client, spent token", shown=1, with_={"client": "thief"}, told="token.refused"),
    Case("wrong client, inside the window", window=WINDOW, with_={"client": "thief"}, told="token.refused"),
    Case("failed authentication", shown=3, with_={"client_secret": "x"}, answer=INVALID_CLIENT, told="token.refused"),
    Case("failed authentication, spent token", shown=1, with_={"client_secret": "x"}, answer=INVALID_CLIENT,
         told="token.refused"),
    Case("wrong verifier, spent code", rotations=0, shown=0, with_={"code_verifier": "x" * 43}, told="token.refused"),
    Case("wrong redirect, spent code", rotations=0, shown=0, with_={"redirect_uri": "https://x.example"},
         told="token.refused"),
    Case("scope beyond", shown=3, with_={"scope": "company:remove"}, answer=(400, "invalid_scope")),
    Case("scope beyond, spent token", shown=1, with_={"scope": "company:remove"}, answer=(400, "invalid_scope")),
    Case("resource beyond", shown=3, with_={"resource": "https://x.example"}, answer=(400, "invalid_target")),
    Case("predecessor inside the window", window=WINDOW, answer="again"),
    Case("predecessor after the window", window=WINDOW, before="time", dead=True, told="token.reused"),
    Case("predecessor of a strict client", dead=True, told="token.reused"),
    Case("predecessor marked unanswered", before="unanswered", answer="again"),
    Case("predecessor marked unanswered, long ago", before="unanswered long ago", answer="again"),
    Case("grandparent inside the window", window=WINDOW, shown=1, dead=True, told="token.reused"),
    Case("grandparent, while the predecessor is unanswered", shown=1, before="unanswered", dead=True,
         told="token.reused"),
    Case("the oldest one a year later", window=WINDOW, rotations=4, shown=1, before="almost a year", dead=True,
         told="token.reused"),
    Case("code again", rotations=0, shown=0, dead=True, told="token.reused"),
    Case("code again, client with a window", window=WINDOW, rotations=0, shown=0, dead=True, told="token.reused"),
    Case("code marked unanswered", rotations=0, shown=0, before="unanswered", answer="again"),
    Case("code again, after many rotations", rotations=3, shown=0, dead=True, told="token.reused"),
    Case("current one of the dead", shown=3, before="killed", dead=True, told="connection.revoked"),
    Case("spent one of the dead", shown=1, before="killed", dead=True, told="connection.revoked"),
    Case("predecessor of the dead inside the window", window=WINDOW, before="killed", dead=True,
         told="connection.revoked"),
    Case("predecessor of the dead, unanswered", before="killed and unanswered", dead=True, told="connection.revoked"),
    Case("current one of the expired", shown=3, before="a year"),
    Case("spent one of the expired", shown=1, before="a year"),
    Case("newer than the row", shown=3, before="lost commit"),
    Case("as new as the row, with another hash", shown=3, before="lost and done again"),
]  # fmt: skip


async def prepare(house, app, sid, newest, before):
    match before:
        case "time":
            await house.age(sid, WINDOW + 1)
        case "unanswered" | "unanswered long ago":
            await house.sql("UPDATE connection SET unanswered = generation - 1")
            await house.age(sid, 40 * 86_400 if "long" in before else 0)
        case "almost a year":
            await house.age(sid, 364 * 86_400)
        case "a year":
            await house.age(sid, 366 * 86_400)
        case "lost commit":
            await house.sql("UPDATE connection SET generation = generation - 1, current_hash = $1", b"x" * 32)
        case "lost and done again":
            await house.sql("UPDATE connection SET current_hash = $1", b"x" * 32)
    if "killed" in before:
        assert await house.revoke(app, newest) == (200, None)
    if before == "killed and unanswered":
        await house.sql("UPDATE connection SET unanswered = generation - 1")


async def show(house, app, thief, tokens, case):
    fields = dict(case.with_)
    who = thief if fields.pop("client", None) else app
    ask = house.refresh if case.shown else house.exchange
    return await ask(who, tokens[case.shown], **fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-").replace(",", ""))
async def test_every_row_of_the_table_is_answered_as_it_says(house, case):
    app, thief = await house.app(retry_window=case.window), await house.app()
    grant = await house.consent(app)
    answer = await house.exchange(app, grant.code)
    tokens = [grant.code, answer.body["refresh_token"]]
    for _ in range(case.rotations):
        answer = await house.refresh(app, tokens[-1])
        tokens.append(answer.body["refresh_token"])
    await prepare(house, app, grant.connection, tokens[-1], case.before)
    before = await house.row(grant.connection)
    shown = await show(house, app, thief, tokens, case)
    after = await house.row(grant.connection)
    if case.answer == "new":
        assert shown.status == 200
        assert shown.body["refresh_token"] not in tokens
        assert after["generation"] == before["generation"] + 1
    else:
        unchanged = {name for name in before if name not in {"revoked_at", "revoked_reason"}}
        assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    if case.answer == "again":
        assert (shown.status, shown.body["refresh_token"]) == (200, tokens[-1])
    elif case.answer != "new":
        assert shown.error == case.answer
    assert (after["revoked_at"] is not None) is case.dead
    assert len(await house.fed()) == case.dead
    if case.rotations or case.dead:
        last = ["token.reused", "connection.revoked"] if case.told == "token.reused" else [case.told]
        assert (await house.event_types(grant.connection))[-len(last) :] == last
        assert ("token.reused" in await house.event_types(grant.connection)) is (case.told == "token.reused")


async def test_noise_is_refused_and_changes_nothing(house):
    app = await house.app()
    first = await house.connected(app)
    token = first.body["refresh_token"]
    unknown = seal("refresh", house.new_id(), 1, bytes(20), 1, bytes(32))
    for text in (token[:-1] + ("0" if token[-1] != "0" else "1"), "lk_rt_" + token[6:].swapcase(), unknown, "", "x"):
        answer = await house.refresh(app, text)
        assert answer.error in {INVALID_GRANT, (400, "invalid_request")}, text
    assert await house.event_types(first.claims["sid"]) == ["grant.issued"]
    assert (await house.refresh(app, token, resource=f"{ORIGIN}/v1")).status == 200


async def test_overload_is_no_theft(house, beside, monkeypatch):
    """Whoever waited too long is dropped before it is sent, told to come again, and has lost nothing."""
    app = await house.app()
    grant, first = await house.consent(app), await house.connected(app)
    monkeypatch.setitem(Gather.__init__.__kwdefaults__, "patience", -1.0)
    async with beside(house) as overloaded:
        refusals = await asyncio.gather(
            *(overloaded.refresh(app, first.body["refresh_token"]) for _ in range(20)),
            *(overloaded.exchange(app, grant.code) for _ in range(20)),
        )
    assert {answer.error for answer in refusals} == {(503, "temporarily_unavailable")}
    assert all(0 < int(answer.headers["Retry-After"]) <= 5 for answer in refusals)
    assert (await house.refresh(app, first.body["refresh_token"])).status == 200
    assert (await house.exchange(app, grant.code)).status == 200
    assert await house.feed() == []
