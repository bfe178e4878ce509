"""The streams server has every checkpoint once, where neither the database's owner nor a consumer reaches it."""

import asyncio
import contextlib
import datetime as dt
import os
import pathlib
import shutil
import sys

import msgspec
import nats as nats_client
import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NothingCame
from nats.js.errors import APIError

from latchkey_audit.proof.checkpoint_stream import CheckpointStream
from latchkey_audit.store import checkpoints
from latchkey_audit.store.checkpoints import Checkpoint
from latchkey_audit.streams import server
from latchkey_audit.streams.anchor import STREAM, Anchor, pages
from latchkey_cli.audit_verify.command import Options, verify
from latchkey_contracts.seals import FileLine
from latchkey_kit import db
from latchkey_kit.clock import SystemClock
from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.seals import SealKey
from latchkey_kit.settings import Secret
from latchkey_kit.testing import eventually
from latchkey_kit.testing.services import MASTER_KEY
from latchkey_verify.testing import TENANT

COMMAND = pathlib.Path(sys.executable).with_name("latchkey-audit")
OTHER = "9" * 32


@pytest.fixture
def url(make_database):
    return make_database("latchkey_audit")


@pytest.fixture
def serving(serving_audit, url):
    """The service, with the same database each time, signing every second."""

    @contextlib.asynccontextmanager
    async def start(**settings):
        async with serving_audit(database_url=Secret(url), checkpoint_seconds=1, **settings) as served:
            await served.ready()
            yield served

    return start


@pytest.fixture
async def rows(url):
    """What the table has, oldest first."""
    async with db.connect(url) as database:

        async def read():
            async with database.connection() as connection:
                found = await connection.fetch("SELECT tenant_id, position FROM checkpoint ORDER BY at, tenant_id")
            return [(row["tenant_id"], row["position"]) for row in found]

        yield read


@pytest.fixture
def printed(streams_server):
    """`latchkey-audit checkpoints`: exit code, lines, and what it complains of."""

    async def run(**settings):
        given = {"MASTER_KEY": MASTER_KEY, "STREAMS_URL": streams_server.url} | settings
        child = await asyncio.create_subprocess_exec(
            COMMAND, "checkpoints", env={"PATH": os.defpath} | given,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complaint = await child.communicate()
        return child.returncode, said, complaint.decode()

    return run


@pytest.fixture
async def platform(streams_server, keys):
    """Connected as who owns the streams."""
    client = await nats_client.connect(**server.platform_options(streams_server.url, keys, SystemClock()))
    yield client
    await client.close()


@pytest.fixture
def held(platform):
    """What the stream holds, in its order."""

    async def read():
        lines = [msgspec.json.decode(one, type=FileLine) async for page in pages(platform) for one in page]
        return [(line.tenant, line.position) for line in lines]

    return read


@pytest.fixture
def signed(rows, publish, make_event):
    """Let something happen to two tenants, and wait until both logs are signed behind it."""

    async def more():
        before = len(await rows())
        await publish(make_event(after=1), make_event(after=1, tenant=OTHER))

        async def both():
            return {tenant for tenant, _ in (await rows())[before:]} >= {TENANT, OTHER}

        await eventually(both)

    return more


@pytest.fixture
def same(rows, held):
    """Wait until the stream has what the table has."""

    async def wait():
        async def so():
            with contextlib.suppress(*AWAY):
                return (await held()) == (await rows())

        await eventually(so)

    return wait


async def test_every_checkpoint_comes_once_over_restarts_and_losses(serving, signed, same, held, streams_server):
    async with serving():
        await signed()
        await signed()
        await same()
        await streams_server.stop()
        await signed()
        await streams_server.start()
        await same()
    async with serving():
        await signed()
    await same()  # the last one is published before the service ends
    async with serving():
        await streams_server.stop()
        shutil.rmtree(streams_server.store)
        shutil.rmtree(streams_server.folder.parent / "accounts")
        await signed()
        await streams_server.start()
        await same()
    assert len(set(await held())) == len(await held()) >= 10


async def test_who_was_slower_adds_nothing(serving, signed, same, held, url, streams_server, keys, platform):
    async with serving():
        await signed()
    await same()
    before, key = await held(), SealKey(b"k" * 32)
    async with (
        db.connect(url) as database,
        server.platform(streams_server.url, keys, SystemClock()) as bus,
    ):
        await bus.up.wait()
        anchor = Anchor(bus)
        copies = [CheckpointStream(Anchor(bus), database, key.public) for _ in range(4)]
        end = await anchor.end()
        new = [msgspec.structs.replace(end.last, position=end.last.position + further) for further in (1000, 2000)]
        assert not await anchor.append(new[:1], end.sequence - 1)
        assert not await anchor.append(new, end.sequence - 1)
        assert not await anchor.append([end.last], end.sequence)
        await asyncio.gather(*(one.attempt() for one in copies))
    assert await held() == before


@pytest.mark.parametrize("kept", [0, 1, 6])
@pytest.mark.parametrize("lost", [1, 2, 13])
async def test_what_is_signed_after_a_failover_comes_though_the_clock_is_behind_what_was_lost(
    kept, lost, same, held, url, streams_server, keys
):
    now = SystemClock().now()
    hour, key = dt.timedelta(hours=1), SealKey(b"k" * 32)
    async with (
        db.connect(url) as database,
        server.platform(streams_server.url, keys, SystemClock()) as bus,
    ):
        await bus.up.wait()
        copy = CheckpointStream(Anchor(bus), database, key.public)

        async def signed(first, count, at):
            made = [Checkpoint(TENANT, first + n, b"", at + n * dt.timedelta(seconds=1), "x") for n in range(count)]
            async with database.transaction() as connection:
                await checkpoints.add(connection, made, [])
            await copy.attempt()

        await signed(1, kept, now - hour)
        await signed(kept + 1, lost, now + hour)
        await same()
        before = await held()
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("DELETE FROM checkpoint WHERE position > $1", kept)
        await copy.attempt()
        assert await held() == before, "until something is signed there is nothing to add"
        await signed(kept + 1, 3, now)
        await signed(kept + 4, 1, now + hour)
        assert await held() == [*before, *((TENANT, kept + n) for n in range(1, 5))]


async def test_nobody_deletes_from_it_the_platform_included(serving, signed, same, held, platform):
    async with serving():
        await signed()
    await same()
    before, jetstream = await held(), platform.jetstream()
    for attempt in (jetstream.delete_msg(STREAM, 1), jetstream.purge_stream(STREAM)):
        with pytest.raises(APIError):
            await attempt
    config = (await jetstream.stream_info(STREAM)).config
    with pytest.raises(APIError):
        await jetstream.update_stream(config.evolve(deny_delete=False, deny_purge=False))
    assert (config.retention, config.discard, config.max_age) == ("limits", "old", 0)
    assert await held() == before


async def test_a_consumers_credentials_open_nothing_of_it(audit, make_consumer, reading, platform):
    refused = []

    async def noted(error):
        refused.append(str(error).lower())

    reader = await reading(await make_consumer(), error_cb=noted)
    await eventually(lambda: _is_there(platform))
    before = await platform.jetstream().stream_info(STREAM)
    api = ("INFO", "MSG.GET", "MSG.DELETE", "PURGE", "DELETE", "UPDATE", "SNAPSHOT")
    asked = [f"STREAM.{call}.{STREAM}" for call in api]
    asked += [f"DIRECT.GET.{STREAM}", f"CONSUMER.CREATE.{STREAM}.spy", f"CONSUMER.MSG.NEXT.{STREAM}.spy"]
    for subject in (*(f"$JS.API.{one}" for one in asked), f"checkpoint.{TENANT}"):
        with pytest.raises((NoRespondersError, NothingCame)):
            await reader.client.request(subject, b"{}", timeout=0.2)
    for subject in ("checkpoint.>", f"checkpoint.{TENANT}"):
        await reader.client.subscribe(subject)
    await eventually(lambda: len(refused) == len(asked) + 3)
    assert all("permissions violation" in one for one in refused)
    after = await platform.jetstream().stream_info(STREAM)
    assert (after.created, after.state.first_seq) == (before.created, before.state.first_seq)


async def _is_there(platform):
    with contextlib.suppress(APIError):
        return await platform.jetstream().stream_info(STREAM)


async def test_a_log_cut_off_with_its_checkpoints_is_named_by_the_streams_lines(
    serving, signed, same, printed, url, tmp_path
):
    async with serving():
        for _ in range(3):
            await signed()
    await same()
    file = tmp_path / "checkpoints.jsonl"
    code, lines, complaint = await printed()
    assert (code, complaint) == (0, "")
    file.write_bytes(lines)
    options = Options(databases={"audit": url}, checkpoints=str(file))
    environ = {"MASTER_KEY": MASTER_KEY}
    whole = await verify(options, environ)
    assert (whole.findings, whole.unproven) == ([], [])
    async with db.connect(url) as database, database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in ("event", "checkpoint"):
            await connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1 AND position > 1", TENANT)  # noqa: S608
        await connection.execute(
            "UPDATE chain SET position = 1, hash = (SELECT hash FROM event WHERE tenant_id = $1) WHERE tenant_id = $1",
            TENANT,
        )
    assert (await verify(Options(databases={"audit": url}), environ)).findings == []
    (finding,) = (await verify(options, environ)).findings
    assert (finding.tenant, finding.kind, finding.position) == (TENANT, "missing", 2)


async def test_without_a_stream_the_command_says_why(printed, streams_server):
    said = {
        "STREAMS_URL is not set": {"STREAMS_URL": ""},
        "the master key": {"MASTER_KEY": "x"},
        "audit makes it when it runs": {},
    }
    for words, settings in said.items():
        code, lines, complaint = await printed(**settings)
        assert (code, lines, complaint.count("\n")) == (1, b"", 1)
        assert words in complaint
    await streams_server.stop()
    code, lines, complaint = await printed()
    assert (code, lines, complaint.count("\n")) == (1, b"", 1)
    assert "does not answer" in complaint
