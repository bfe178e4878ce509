"""`keys.rotate` and the end of a key that signs no more (real PostgreSQL)."""

import asyncio

import jwt
import msgspec
import pytest
from structlog.testing import capture_logs

from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually


async def key_events(house):
    rows = await house.sql("SELECT body FROM outbox WHERE subject LIKE 'lk.v1._.key.%' ORDER BY created_at, id")
    bodies = [msgspec.json.decode(row["body"]) for row in rows]
    return [(body["type"], body["data"]) for body in bodies]


async def refused(asking):
    with pytest.raises(PeerRefused) as raised:
        await asking
    return raised.value.problem.status, raised.value.problem.code


async def test_the_next_key_was_published_before_it_signs(house, keys, signed_by):
    before = await keys.published()
    first, following = await keys.in_state("active"), await keys.in_state("next")
    app = await house.app()
    tokens = await house.connected(app)
    assert signed_by(tokens) == first
    await keys.rotate()
    later = await house.refresh(app, tokens.body["refresh_token"])
    assert signed_by(later) == following
    assert before == {first, following}


async def test_a_former_key_stays_published_while_its_tokens_live(house, keys):
    active = await keys.in_state("active")
    after = await keys.rotate()
    former = after[active]
    assert (former.state, former.compromised) == ("former", False)
    # An hour, which is the lifetime of access tokens here, and the margin.
    assert (former.published_until - former.signed_until).total_seconds() == pytest.approx(3600 + 300, abs=1)
    assert await keys.published() == {kid for kid, key in after.items() if key.state != "retired"}
    assert sorted(key.state for key in after.values()) == ["active", "former", "next"]


async def test_a_token_of_a_former_key_still_works(house, keys):
    app = await house.app()
    tokens = await house.connected(app)
    await house.lease(tokens.body["access_token"])
    await keys.rotate()
    answer = await house.api("GET", "/v1/connections", tokens.body["access_token"])
    assert answer.status == 200
    assert (await house.revoke(app, tokens.body["access_token"]))[0] == 200
    assert not await house.alive(tokens.claims["sid"])


async def test_a_former_key_retires_by_itself_and_once(running_house, house, keys):
    active = await keys.in_state("active")
    await keys.rotate()
    async with running_house():  # another instance, which looks as well
        await house.sql("UPDATE signing_key SET published_until = now() WHERE state = 'former'")

        async def is_gone():
            return active not in await keys.published()

        await eventually(is_gone)
        assert (await keys.all())[active].state == "retired"
    assert [kind for kind, data in await key_events(house) if kind == "key.retired" and data["kid"] == active] == [
        "key.retired"
    ]


async def test_keys_stay_published_for_the_longest_lifetime_that_ever_was(running_house, peer, keys):
    """A setting that was lowered does not shorten tokens that are out."""
    async with running_house(access_token_lifetime=7200):
        pass
    former = next(key for key in (await keys.rotate()).values() if key.state == "former")
    assert (former.published_until - former.signed_until).total_seconds() == pytest.approx(7200 + 300, abs=1)


async def test_a_next_key_that_caches_may_lack_waits(house, keys):
    assert await refused(keys.rotate(now=False)) == (409, "published_too_briefly")
    await house.sql("UPDATE signing_key SET created_at = created_at - interval '10 minutes'")
    assert "former" in {key.state for key in (await keys.rotate(now=False)).values()}


async def test_a_rotation_that_is_asked_for_again_changes_nothing(keys):
    active = await keys.in_state("active")
    once = await keys.rotate(active=active)
    assert await keys.rotate(active=active) == once
    assert await refused(keys.rotate(active="unheard-of")) == (404, "unknown_key")


async def test_rotations_side_by_side_leave_one_active_and_one_next(keys):
    await asyncio.gather(*(keys.rotate() for _ in range(8)))
    states = [key.state for key in (await keys.all()).values()]
    assert sorted(states) == ["active", *["former"] * 8, "next"]


async def test_rotation_is_told(house, keys):
    active, following = await keys.in_state("active"), await keys.in_state("next")
    await keys.rotate()
    assert await key_events(house) == [("key.rotated", {"kid": following, "former": active})]


async def test_another_instance_signs_with_the_new_key_soon(running_house, house, keys, signed_by):
    async with running_house() as other:
        app = await other.app()
        following = await keys.in_state("next")
        await keys.rotate()

        async def signs():
            return signed_by(await other.connected(app)) == following

        await eventually(signs)


async def test_keys_survive_a_restart_as_they_were_left(running_house, house, keys, signed_by):
    after = await keys.rotate()
    async with running_house() as again:
        active = next(kid for kid, key in after.items() if key.state == "active")
        assert signed_by(await again.connected(await again.app())) == active


async def test_a_key_that_waits_or_signed_can_be_retired(house, keys):
    for state in ("next", "former"):
        await keys.rotate()
        kid = await keys.in_state(state)
        after = await keys.retire(kid)
        assert (after[kid].state, after[kid].compromised) == ("retired", False)
        assert kid not in await keys.published()
        assert sum(key.state == "next" for key in after.values()) == 1
        assert await keys.retire(kid) == after, "again changes nothing"
    assert not await house.sql("SELECT FROM feed WHERE kind = 'kid'")


async def test_the_key_that_signs_is_not_retired_by_mistake(keys):
    assert await refused(keys.retire(await keys.in_state("active"))) == (409, "key_signs")
    assert await refused(keys.retire("unheard-of")) == (404, "unknown_key")
    assert await refused(keys.retire("no key id")) == (400, "invalid_request")


async def test_only_the_operator_moves_keys(house, peer):
    for question in (KeysList(), KeyRetire(kid="k", compromised=True)):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await peer("edge", house.served.internal_url).ask(question)


async def test_the_key_set_never_shows_a_private_member(house, keys):
    await keys.rotate()
    async with house.http.get(house.served.public_url + "/oauth/jwks") as response:
        shown = (await response.json())["keys"]
    assert len(shown) == 3
    assert all(jwt.PyJWK(key).key_id == key["kid"] and "d" not in key for key in shown)


async def test_a_key_that_cannot_be_opened_does_not_end_the_watch(running_house, house, keys, peer, signed_by):
    """It was made by an instance with another master key, say."""
    with capture_logs() as logs:
        await house.sql(
            "INSERT INTO signing_key (kid, state, private_key, public_jwk, published_until)"
            " SELECT 'stranger', 'former', 'not ours', public_jwk, now() + interval '1 hour'"
            " FROM signing_key WHERE state = 'active'"
        )
        await eventually(lambda: any(line["event"] == "signing_keys_not_read" for line in logs))
    await house.sql("DELETE FROM signing_key WHERE kid = 'stranger'")
    app, following = await house.app(), await keys.in_state("next")
    async with running_house() as other:
        await peer("operator", other.served.internal_url).ask(KeysRotate(now=True))

    async def signs():
        return signed_by(await house.connected(app)) == following

    await eventually(signs)
