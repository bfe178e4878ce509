"""Whom the streams server lets in, and how whoever is removed is cut."""

import asyncio

import pytest
from nats.aio.client import RawCredentials
from nats.errors import Error

from latchkey_audit.streams import claims
from latchkey_audit.streams.keys import Holder, Keys
from latchkey_audit.streams.server import Accounts, StreamsError, platform, ruling
from latchkey_embedded import free_port
from latchkey_kit.testing import eventually

A, B, UNKNOWN = "a" * 32, "b" * 32, "c" * 32


@pytest.mark.usefixtures("admitted")
async def test_without_credentials_nobody_is_let_in(connect):
    for options in ({}, {"user": "audit", "password": "guess"}, {"token": "guess"}):
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(user_credentials=None, **options)


@pytest.mark.usefixtures("admitted")
async def test_a_signature_by_another_key_is_refused(connect, keys, clock, answering):
    jwt = claims.consumer_user(keys, A, clock.now()).encode()
    for key in (keys.consumer(B).user, keys.consumer(A).account, keys.consumer(UNKNOWN).user):
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(user_credentials=None, user_jwt_cb=lambda: jwt, signature_cb=answering(key))


@pytest.mark.usefixtures("admitted")
async def test_rights_that_a_customer_signs_for_itself_are_refused(connect, keys, clock, answering):
    user, other = keys.consumer(A).user, keys.consumer(B).account
    for signer in (Holder(user, user), Holder(other, user)):
        own = claims._user(signer, A, [">"], [">"], clock.now()).replace("\n", "").encode()
        if signer.account is other:
            # Of that account it could be, had the other's key signed it: here it is the customer's who signs.
            head, body, _ = own.split(b".")
            own = b".".join((head, body, claims._url_safe(user.sign(head + b"." + body)).encode()))
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(user_credentials=None, user_jwt_cb=lambda own=own: own, signature_cb=answering(user))


@pytest.mark.usefixtures("admitted")
async def test_what_another_operator_signed_counts_for_nothing(connect, accounts, keys, clock):
    others = Keys(bytes(32))
    theirs = RawCredentials(claims.credentials(others, A, clock.now()))
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(user_credentials=theirs)
    await accounts.push(claims.consumer_account(others, A, clock.now()))  # the server keeps it, and does not believe it
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(user_credentials=theirs)
    with pytest.raises(StreamsError, match="refuses"):
        await Accounts(accounts._bus, others, clock).delete([keys.consumer(A).account.public])
    assert (await connect(A)).client.is_connected


async def test_what_is_no_account_is_refused(accounts):
    for text in ("", "a.b.c", "canary"):
        with pytest.raises(StreamsError, match="refuses") as refused:
            await accounts.push(text)
        assert "canary" not in str(refused.value)


async def test_a_consumer_is_let_in_once_its_account_is_pushed(connect, accounts, platform, keys, clock):
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(A)
    await accounts.push(claims.consumer_account(keys, A, clock.now()))
    await accounts.push(claims.consumer_account(keys, A, clock.now()))
    assert (await connect(A)).client.is_connected
    wanted = {keys.system.account.public, keys.platform.account.public, keys.consumer(A).account.public}
    assert await accounts.known() == wanted


@pytest.mark.usefixtures("admitted")
async def test_who_is_removed_is_cut_at_once_and_stays_out_and_others_stay(connect, accounts, keys):
    closed = asyncio.Event()

    async def cut():
        closed.set()

    a, b = await connect(A, closed_cb=cut), await connect(B)
    removed = keys.consumer(A).account.public
    await accounts.delete([removed])
    async with asyncio.timeout(20):
        await closed.wait()
    assert not a.client.is_connected
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(A)
    assert b.client.is_connected
    assert removed not in await accounts.known()
    await accounts.delete([removed, keys.consumer(UNKNOWN).account.public])
    await accounts.delete([])
    assert (await connect(B)).client.is_connected


@pytest.mark.usefixtures("admitted")
async def test_who_was_removed_is_let_in_again_when_its_account_is_pushed_again(connect, accounts, keys, clock):
    await accounts.delete([keys.consumer(A).account.public])
    await accounts.push(claims.consumer_account(keys, A, clock.now()))
    assert (await connect(A)).client.is_connected


@pytest.mark.usefixtures("admitted")
async def test_accounts_outlive_a_restart_and_those_of_a_wiped_server_are_pushed_again(
    streams, accounts, keys, clock, connect, wipe
):
    await streams.stop()
    await streams.start()
    await eventually(lambda: accounts._bus.connected)
    assert (await connect(A)).client.is_connected
    await streams.stop()
    wipe()
    await streams.start()
    await eventually(lambda: accounts._bus.connected)
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(A)
    assert await accounts.known() == {keys.system.account.public, keys.platform.account.public}
    await accounts.push(claims.consumer_account(keys, A, clock.now()))
    assert (await connect(A)).client.is_connected


@pytest.mark.usefixtures("admitted")
async def test_who_was_removed_stays_out_after_a_restart(streams, accounts, keys, connect):
    await accounts.delete([keys.consumer(A).account.public])
    await streams.stop()
    await streams.start()
    with pytest.raises(Error, match="Authorization Violation"):
        await connect(A)
    assert (await connect(B)).client.is_connected


async def test_a_server_that_is_away_is_one_kind_of_error(keys, clock):
    url = f"nats://127.0.0.1:{free_port()}"
    async with ruling(url, keys, clock) as accounts, platform(url, keys, clock) as bus:
        assert not bus.connected
        for asked in (accounts.known(), accounts.push("x"), accounts.delete(["x"])):
            with pytest.raises(StreamsError, match="does not answer"):
                await asked
