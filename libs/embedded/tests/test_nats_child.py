"""NATS starts with JetStream, keeps what it acknowledged, and says why it cannot start."""

import os
import signal
import socket

import nats
import pytest

from latchkey_embedded import Nats, PartError


async def test_what_was_acknowledged_survives_kill_9(tmp_path):
    async with Nats(tmp_path) as server:
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="KEPT", subjects=["kept.>"])
        await stream.publish("kept.word", b"still here")
        await client.close()
        os.kill(server.child.pid or 0, signal.SIGKILL)
        await server.child.wait()
        await server.start()
        client = await nats.connect(server.url)
        assert (await client.jetstream().get_last_msg("KEPT", "kept.word")).data == b"still here"
        await client.close()


async def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PartError, match=f"port {port} is in use"):
            await Nats(tmp_path, port=port).start()


async def test_a_configuration_that_it_refuses_is_told_with_its_own_words(tmp_path):
    with pytest.raises(PartError, match="unknown field"):
        await Nats(tmp_path, config="no_such_thing: 1").start()


async def test_variables_come_from_the_environment(tmp_path):
    config = "jetstream {}\nauthorization { user: someone, password: $SOME_PASSWORD }"
    async with Nats(tmp_path, config, env={"SOME_PASSWORD": "pw_123e4"}) as server:
        client = await nats.connect(server.url, user="someone", password="pw_123e4")
        await client.close()
