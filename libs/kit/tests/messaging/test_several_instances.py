"""Several instances of one service: one relays at a time, each event takes effect once, whoever dies."""

import signal

from latchkey_kit.testing import eventually

_LEADERS = """
SELECT split_part(application_name, '-', 2)::integer
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""
_CUT = """
SELECT pg_terminate_backend(pid)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


async def test_when_the_leading_relay_is_killed_another_leads(processes, bus):
    await processes.start("read")
    writers = [await processes.start("write") for _ in range(3)]
    while len(writers) > 1:
        await _operate(processes, writers)
        leader = await _leader(processes, writers)
        leader.send(signal.SIGKILL)
        writers.remove(leader)
        await _operate(processes, writers)
        await _leader(processes, writers)
    await processes.nothing_is_lost_or_doubled(bus)


async def test_when_the_leading_relay_freezes_another_leads_and_its_thaw_disturbs_nobody(processes, bus):
    await processes.start("read")
    writers = [await processes.start("write") for _ in range(2)]
    await _operate(processes, writers)
    frozen = await _leader(processes, writers)
    frozen.send(signal.SIGSTOP)
    writers.remove(frozen)
    await _leader(processes, writers)
    await _operate(processes, writers)
    frozen.send(signal.SIGCONT)
    await _operate(processes, [frozen, *writers])
    assert await _leader(processes, writers)
    await processes.nothing_is_lost_or_doubled(bus)


async def test_when_the_connection_of_the_leader_is_cut_one_leads_again(processes, bus):
    await processes.start("read")
    writers = [await processes.start("write") for _ in range(2)]
    for _ in range(3):
        await _leader(processes, writers)
        await processes.ask("write", _CUT)
        await _operate(processes, writers)
    await processes.nothing_is_lost_or_doubled(bus)


async def test_of_several_readers_each_event_takes_effect_in_one(processes, bus):
    readers = [await processes.start("read") for _ in range(3)]
    writer = await processes.start("write")

    async def all_have_read():
        await _operate(processes, [writer])
        return set(await processes.ask("read", "SELECT reader FROM effect")) == {reader.pid for reader in readers}

    await eventually(all_have_read, 30)
    readers[0].send(signal.SIGKILL)
    await _operate(processes, [writer])
    await processes.nothing_is_lost_or_doubled(bus)


async def _operate(processes, writers):
    for _ in range(10):
        for writer in writers:
            assert await processes.operate(writer)


async def _leader(processes, writers):
    """The one that leads, once there is one: of these."""

    async def found():
        pids = await processes.ask("write", _LEADERS)
        assert len(pids) < 2
        return [writer for writer in writers if writer.pid in pids]

    (leader,) = await eventually(found)
    return leader
