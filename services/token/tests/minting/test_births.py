"""A connection is born at consent, with what auth saw of the client (grants.create)."""

import asyncio
import contextlib

import pytest

from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing.services import ORIGIN
from latchkey_token.store import births


async def test_a_connection_is_born_before_its_code_is_exchanged(house):
    app = await house.app()
    one, other = await house.consent(app), await house.consent(app)
    rows = [await house.row(grant.connection) for grant in (one, other)]
    assert rows[0]["born"] < rows[1]["born"]
    assert one.code.startswith("lk_ac_")
    assert [row["generation"] for row in rows] == [0, 0]


async def test_the_longest_unused_of_an_app_gives_way_to_the_twenty_first(house):
    app = await house.app()
    whose = {"user": house.new_id(), "tenant": app.gate.tenant}
    first = [await house.connected(app, **whose) for _ in range(20)]
    used = await house.refresh(app, first[0].body["refresh_token"])
    stranger = await house.connected(app, user=house.new_id())
    await house.consent(app, **whose)
    assert await house.alive(used.claims["sid"])
    assert not await house.alive(first[1].claims["sid"])
    assert all([await house.alive(answer.claims["sid"]) for answer in (*first[2:], stranger)])
    assert (await house.row(first[1].claims["sid"]))["revoked_reason"] == "replaced"


async def test_many_births_at_once_keep_to_twenty(house):
    app = await house.app()
    user = house.new_id()

    async def born():
        while True:
            with contextlib.suppress(PeerUnavailable):  # who waits too long on a busy machine comes again
                return await house.consent(app, user=user)

    await asyncio.gather(*(born() for _ in range(30)))
    ((living,),) = await house.sql("SELECT count(*) FROM connection WHERE revoked_at IS NULL")
    assert living == 20


async def test_a_client_that_is_unknown_here_is_asked_of_the_registry(house):
    app = await house.app(known_here=False)
    grant = await house.consent(app)
    assert (await house.exchange(app, grant.code)).status == 200
    assert house.registry.asked == 1


async def test_a_client_that_nobody_knows_gets_no_connection(house):
    app = await house.app(known_here=False)
    house.registry.gates.clear()
    with pytest.raises(PeerRefused) as refused:
        await house.consent(app)
    assert refused.value.problem.status == 404


async def test_a_registry_that_is_away_is_not_a_no(house):
    app = await house.app(known_here=False)
    house.registry.away = True
    with pytest.raises(PeerUnavailable):
        await house.consent(app)
    refused = await house.exchange(app, "x")
    assert refused.error == (503, "temporarily_unavailable")
    assert int(refused.headers["Retry-After"]) <= 5


async def test_what_auth_has_seen_newer_is_asked_of_the_registry_first(house):
    app = await house.app()
    app = await house.changed(app, tell=False, default_audience="mcp")
    await house.consent(app, client_revision=2)
    assert [row["revision"] for row in await house.sql("SELECT revision FROM gate")] == [2]


async def test_a_consent_from_before_a_killing_turn_makes_no_connection(house):
    app = await house.app()
    await house.changed(app, turn=2)
    with pytest.raises(PeerRefused) as refused:
        await house.consent(app, client_turn=1)
    assert refused.value.problem.code == "client_changed"


async def test_a_birth_that_is_not_sound_is_refused(house):
    app = await house.app()
    elsewhere = ("https://elsewhere.example/v1",)
    for fields in ({"challenge": "short"}, {"resources": ()}, {"resources": elsewhere}, {"resources": (ORIGIN,)}):
        with pytest.raises(PeerRefused) as refused:
            await house.consent(app, **fields)
        assert refused.value.problem.status == 400


async def test_only_auth_may_ask_for_births(house, peer):
    app = await house.app()
    house.auth = peer("records", house.served.internal_url)
    with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
        await house.consent(app)


async def test_codes_that_nobody_came_for_are_swept(house, database):
    app = await house.app()
    kept, stale = await house.connected(app), await house.consent(app)
    fresh = await house.consent(app)
    await house.age(stale.connection, 400)
    async with database.transaction() as connection:
        assert await births.sweep_unexchanged(connection, margin=300, limit=10) == 1
    left = {row["id"] for row in await house.sql("SELECT id FROM connection")}
    assert left == {kept.claims["sid"], fresh.connection}
