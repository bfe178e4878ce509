"""The connection to NATS comes and goes; the service stays."""

import asyncio

import pytest
from structlog.testing import capture_logs

from latchkey_embedded import Nats, free_port
from latchkey_kit.messaging.bus import AWAY, connecting
from latchkey_kit.testing import eventually


async def test_what_is_published_is_heard(nats):
    heard = []
    async with connecting(nats, "", "", "token") as bus:
        await bus.subscribe("lk.feed", heard.append)
        await eventually(lambda: bus.connected)

        async def published():
            await bus.publish("lk.feed", b"news")
            return b"news" in heard

        await eventually(published)


async def test_a_service_starts_before_nats_and_hears_it_later(background, tmp_path):
    heard = []
    port = free_port()
    async with connecting(f"nats://127.0.0.1:{port}", "", "", "token") as bus:
        await bus.subscribe("lk.feed", heard.append)
        await bus.publish("lk.feed", b"lost")
        with pytest.raises(AWAY):
            await bus.jetstream.publish("lk.v1.x", b"")
        server = Nats(tmp_path, port=port)
        await asyncio.to_thread(background.run, server.start())
        try:
            await bus.up.wait()
            await bus.publish("lk.feed", b"first")
            await eventually(lambda: heard == [b"first"])
            await asyncio.to_thread(background.run, server.stop())
            await eventually(lambda: not bus.connected)
            await bus.publish("lk.feed", b"lost too")
            await asyncio.to_thread(background.run, server.start())
            await bus.up.wait()
            await bus.publish("lk.feed", b"second")
            await eventually(lambda: heard == [b"first", b"second"])
        finally:
            await asyncio.to_thread(background.run, server.stop())


async def test_a_callback_that_fails_does_not_end_the_subscription(nats):
    heard = []

    def callback(body):
        heard.append(body)
        raise ValueError("no")

    async with connecting(nats, "", "", "token") as bus:
        await bus.up.wait()
        await bus.subscribe("lk.feed", callback)
        await bus.publish("lk.feed", b"1")
        await bus.publish("lk.feed", b"2")
        await eventually(lambda: heard == [b"1", b"2"])


async def test_a_missing_permission_is_told_loudly(background, tmp_path):
    config = """
    jetstream {}
    authorization { users = [{user: token, password: pw_token, permissions: {publish: ["lk.feed", "_INBOX_token.>"]}}] }
    """
    server = Nats(tmp_path, config)
    await asyncio.to_thread(background.run, server.start())
    try:
        with capture_logs() as lines:
            async with connecting(server.url, "token", "pw_token", "token") as bus:
                await bus.up.wait()
                await bus.publish("lk.v1.client.forged", b"")
                await eventually(lambda: [line for line in lines if line["event"] == "nats_permission_missing"])
    finally:
        await asyncio.to_thread(background.run, server.stop())


async def test_a_wrong_password_is_told_once_and_tried_on(background, tmp_path):
    server = Nats(tmp_path, "jetstream {}\nauthorization {user: token, password: right}")
    await asyncio.to_thread(background.run, server.start())
    try:
        with capture_logs() as lines:
            async with connecting(server.url, "token", "wrong", "token") as bus:
                await eventually(lambda: [line for line in lines if "uthorization" in str(line.get("reason"))])
                assert not bus.connected
    finally:
        await asyncio.to_thread(background.run, server.stop())


async def test_replies_come_to_an_inbox_of_our_own(nats):
    async with connecting(nats, "", "", "token") as bus:
        await bus.up.wait()
        assert bus._client.new_inbox().startswith("_INBOX_token.")
