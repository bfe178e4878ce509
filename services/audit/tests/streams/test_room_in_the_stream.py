"""Each consumer has a share of the stream's disk, and its own troubles."""

import msgspec
import pytest

from latchkey_audit.domain import streaming
from latchkey_audit.streams import stream
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

OTHER = "9" * 32
LARGE = 20_000


@pytest.fixture
def large(make_event):
    return lambda: msgspec.structs.replace(make_event(), agent="x" * LARGE)


def test_all_who_stand_still_together_leave_half_of_the_disk():
    disk = 10 * 1024**3
    assert all(count * streaming.budget(disk, count) <= disk // 2 for count in (1, 79, 80, 81, 5_000))
    assert streaming.budget(disk, 0) == streaming.MOST_BYTES


async def test_one_that_stands_still_holds_its_share_and_gets_the_rest_later(
    publish, large, make_event, make_consumer, reading, recorded, positions, log, monkeypatch
):
    monkeypatch.setattr(streaming, "MOST_BYTES", 10 * LARGE)
    standing, flowing = await make_consumer(), await make_consumer(tenant=OTHER)
    await publish(*(large() for _ in range(40)))
    await recorded(41)
    await publish(make_event(tenant=OTHER))
    assert positions(await (await reading(flowing)).next(2)) == [1, 2]
    published = "SELECT published FROM consumer WHERE id = $1"
    assert 8 <= await log(published, standing["id"]) <= 12
    assert positions(await (await reading(standing)).next(41)) == list(range(1, 42))


async def test_who_is_refused_by_the_stream_waits_alone(
    publish, large, make_event, make_consumer, reading, recorded, positions, log, monkeypatch
):
    monkeypatch.setattr(stream._CONFIG, "max_msg_size", LARGE // 2)
    refused, flowing = await make_consumer(), await make_consumer(tenant=OTHER)
    await publish(make_event(), large(), make_event())
    await recorded(4)
    await eventually(lambda: log("SELECT acked < 4 AND published < 4 FROM consumer WHERE tenant_id = $1", TENANT))
    reader = await reading(flowing)
    assert positions(await reader.next(1)) == [1]
    for place in (2, 3, 4):
        await publish(make_event(tenant=OTHER))
        assert positions(await reader.next(1)) == [place]
    before = await reading(refused)
    assert positions(await before.next(2)) == [1, 2]
    assert await before.nothing()
