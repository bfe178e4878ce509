"""Who is being served when the connection dies, the token ends or the lease is lost, is told so at once."""

import asyncio

import pytest

from latchkey_contracts.feed import Entry
from latchkey_kit.testing import eventually
from latchkey_verify import InvalidToken, NoLease
from latchkey_verify.testing import CLIENT, TENANT


@pytest.fixture
async def bearer(verifier, setting):
    return await verifier.check(setting.issuer.mint(), setting.api)


@pytest.fixture
async def watch(verifier, bearer):
    task = asyncio.create_task(verifier.until_dead(bearer))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_pushed_kill_ends_the_wait_without_a_look_at_all_streams(watch, setting):
    setting.push(Entry(1, "connection", "c" * 32))
    await asyncio.sleep(0)
    assert watch.done()
    with pytest.raises(InvalidToken, match="revoked"):
        await watch


async def test_wide_kill_ends_the_wait(watch, setting):
    setting.owners.add("tenant_client", TENANT + CLIENT, 7)
    with pytest.raises(InvalidToken, match="revoked"):
        await watch


async def test_kill_of_its_key_ends_the_wait(watch, setting):
    setting.owners.add("kid", "key-1")
    with pytest.raises(InvalidToken, match="revoked"):
        await watch


async def test_kills_of_others_and_of_those_born_before_do_not(watch, setting):
    setting.owners.add("tenant_client", TENANT + CLIENT, 6)
    setting.owners.kill("e" * 32)
    setting.owners.add("role", "4" * 32, 9)
    await setting.owners.asked_again("/feed")
    assert not watch.done()
    watch.cancel()


async def test_end_of_the_token_ends_the_wait(verifier, setting):
    token = setting.issuer.mint(exp=int(setting.clock.now().timestamp()) + 1)
    bearer = await verifier.check(token, setting.api)
    watch = asyncio.create_task(verifier.until_dead(bearer))
    await asyncio.sleep(0)
    setting.clock.advance(1)
    with pytest.raises(InvalidToken, match="expired"):
        await watch


async def test_lost_lease_ends_the_wait(watch, setting):
    setting.owners.away.add("/feed")
    await setting.owners.asked_again("/feed")
    setting.clock.advance(2)
    with pytest.raises(NoLease):
        await watch


async def test_feed_that_started_over_ends_the_wait_though_the_lease_is_back_at_once(watch, setting, verifier):
    setting.owners.salt = "0b" * 32
    with pytest.raises(NoLease):
        await watch
    await eventually(lambda: verifier.problem() is None)


async def test_feed_that_cannot_be_read_any_more_ends_the_wait(watch, setting):
    setting.push(Entry(1, "device", "1"))
    with pytest.raises(NoLease):
        await watch


async def test_who_is_dead_already_does_not_wait(verifier, bearer, setting):
    setting.push(Entry(1, "connection", "c" * 32))
    with pytest.raises(InvalidToken):
        await verifier.until_dead(bearer)
    with pytest.raises(InvalidToken):
        async with verifier.while_alive(bearer):
            pytest.fail("it is dead")


async def test_nothing_is_kept_of_waits_that_are_over(verifier, watch, setting):
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    assert not verifier._streams._open
    assert not verifier._streams._by_mark


async def test_block_is_cancelled_and_says_why(verifier, bearer, setting):
    cleaned = []

    async def serve():
        async with verifier.while_alive(bearer):
            setting.owners.kill()
            try:
                await asyncio.Event().wait()
            finally:
                cleaned.append(True)

    with pytest.raises(InvalidToken, match="revoked"):
        await serve()
    assert cleaned
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(0)  # nothing is left that would cancel later


async def test_block_that_kills_itself_and_is_over_at_once_says_why_too(verifier, bearer, setting):
    with pytest.raises(InvalidToken, match="revoked"):
        async with verifier.while_alive(bearer):
            setting.push(Entry(1, "connection", "c" * 32))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.current_task().cancelling() == 0


async def test_block_that_lives_is_left_alone(verifier, bearer, setting):
    async with verifier.while_alive(bearer):
        await setting.owners.asked_again("/feed")
    setting.push(Entry(1, "connection", "c" * 32))
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_who_cancels_from_outside_is_obeyed(verifier, bearer, setting):
    async def serve():
        async with verifier.while_alive(bearer):
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    task = asyncio.create_task(serve())
    await asyncio.sleep(0)
    setting.push(Entry(1, "connection", "c" * 32))
    task.cancel()  # both at once: the outside wins
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_fault_inside_the_block_stays_what_it_is(verifier, bearer, setting):
    with pytest.raises(KeyError):
        async with verifier.while_alive(bearer):
            raise KeyError


async def test_unarmed_block_is_cut_from_when_it_is_armed(verifier, bearer, setting):
    async def serve():
        async with verifier.while_alive(bearer, armed=False) as cut:
            setting.push(Entry(1, "connection", "c" * 32))
            await setting.owners.asked_again("/feed")
            cut.arm()
            await asyncio.Event().wait()

    with pytest.raises(InvalidToken, match="revoked"):
        await serve()


async def test_checkpoint_does_not_let_the_dead_pass(verifier, bearer, setting):
    block = verifier.while_alive(bearer, armed=False)

    async def serve():
        async with block as cut:
            await cut.checkpoint()
            setting.push(Entry(1, "connection", "c" * 32))
            await cut.checkpoint()
            pytest.fail("it is dead")

    for going_on in (serve, block.checkpoint):
        with pytest.raises(InvalidToken, match="revoked"):
            await going_on()
