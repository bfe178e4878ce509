"""The deployment makes the stream and its consumers, and makes them again."""

import asyncio
import contextlib
import sys
from pathlib import Path

import msgspec
import pytest
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from latchkey_kit.messaging import stream
from latchkey_kit.messaging.inbox_together import BATCH
from latchkey_kit.testing import eventually

FILE = Path(__file__).parents[4] / "deploy" / "nats" / "stream.toml"
DEFINITION = stream.read(FILE)


async def test_it_is_made_as_it_is_written_and_brought_up_to_date(nats, bus):
    await bus.jetstream.delete_stream("LATCHKEY")
    await stream.provide(nats, "", "", msgspec.structs.replace(DEFINITION, max_bytes=1_000_000))
    await stream.provide(nats, "", "", DEFINITION)
    config = (await bus.jetstream.stream_info("LATCHKEY")).config
    assert (config.max_age, config.max_bytes, config.discard) == (7 * 86_400, 1_000_000_000, "new")
    assert config.deny_delete
    assert config.deny_purge
    held = {consumer.name: consumer.config for consumer in await bus.jetstream.consumers_info("LATCHKEY")}
    assert {name: tuple(config.filter_subjects) for name, config in held.items()} == {
        consumer.name: consumer.filters for consumer in DEFINITION.consumers
    }
    assert {(config.ack_policy, config.ack_wait, config.deliver_subject) for config in held.values()} == {
        ("explicit", 10, None)
    }
    assert {name: config.max_ack_pending for name, config in held.items()} == {"audit": 4 * BATCH, "token": 1_000}


async def test_a_filter_that_changes_loses_no_place(nats, bus):
    await stream.provide(nats, "", "", DEFINITION)
    before = (await bus.jetstream.consumer_info("LATCHKEY", "token")).created
    for filters in (("lk.v1.*.*.>",), ("lk.v1.*.client.>", "lk.v1.*.user.>"), ("lk.v1.>",)):
        changed = [msgspec.structs.replace(consumer, filters=filters) for consumer in DEFINITION.consumers]
        await stream.provide(nats, "", "", msgspec.structs.replace(DEFINITION, consumers=changed))
        held = await bus.jetstream.consumer_info("LATCHKEY", "token")
        assert (tuple(held.config.filter_subjects), held.created) == (filters, before)


async def test_a_consumer_of_the_release_before_loses_no_place(nats, bus):
    """That one had a single filter, which NATS keeps in another member of its configuration."""
    config = ConsumerConfig(name="token", durable_name="token", filter_subject="lk.v1.*.client.>", ack_wait=10)
    before = (await bus.jetstream.add_consumer("LATCHKEY", config)).created
    await stream.provide(nats, "", "", DEFINITION)
    held = await bus.jetstream.consumer_info("LATCHKEY", "token")
    assert (held.created, len(held.config.filter_subjects)) == (before, 5)


async def test_what_is_missing_is_made_again(nats, bus):
    await stream.provide(nats, "", "", DEFINITION)

    async def whole():
        try:
            return len(await bus.jetstream.consumers_info("LATCHKEY")) == len(DEFINITION.consumers)
        except NotFoundError:
            return False

    keeper = asyncio.create_task(stream.keep(nats, "", "", DEFINITION))
    try:
        await bus.jetstream.delete_consumer("LATCHKEY", "audit")
        await eventually(whole)
        await bus.jetstream.delete_stream("LATCHKEY")
        await eventually(whole)
    finally:
        keeper.cancel()


async def test_the_command_that_keeps_it_ends_when_it_is_told_to(nats, bus):
    """As the first process of a container, too: the kernel spares that one what it does not catch."""
    await bus.jetstream.delete_stream("LATCHKEY")
    command = ["-m", "latchkey_kit.messaging.stream", "--keep", str(FILE)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env={"NATS_URL": nats, "NATS_USER": ""})

    async def made():
        with contextlib.suppress(NotFoundError):
            return await bus.jetstream.stream_info("LATCHKEY")

    await eventually(made)
    process.terminate()
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 1", "Expected `str`"),
        ("no toml", "Expected '='"),
        (FILE.read_text() + "\n[surplus]\n", "unknown field `surplus`"),
        (FILE.read_text().replace('filters = ["lk.v1.>"]', ""), "missing required field `filters`"),
        (FILE.read_text().replace('filters = ["lk.v1.>"]', "filters = []"), "of length >= 1"),
    ],
)
async def test_a_definition_that_is_none_is_one_sentence(nats, tmp_path, text, said):
    file = tmp_path / "stream.toml"
    file.write_text(text)
    code, told = await _run(file, NATS_URL=nats)
    assert (code, said in told, len(told.splitlines())) == (1, True, 1)


async def test_the_command_makes_it_and_says_what_is_wrong(nats, bus, tmp_path):
    await bus.jetstream.delete_stream("LATCHKEY")
    assert await _run(FILE, NATS_URL=nats, NATS_USER="") == (0, "")
    assert (await bus.jetstream.stream_info("LATCHKEY")).config.name == "LATCHKEY"
    assert "NATS_URL" in (await _run(FILE))[1]
    code, told = await _run(FILE, NATS_URL="nats://127.0.0.1:1")
    assert (code, "Traceback" in told) == (1, False)


async def _run(file, **env):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "latchkey_kit.messaging.stream", str(file), env=env, stderr=asyncio.subprocess.PIPE
    )
    _, told = await child.communicate()
    return child.returncode, told.decode()
