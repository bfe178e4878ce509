"""The streams server may be away, or lose all that it has: nothing is lost, nothing else is disturbed."""

import shutil

from latchkey_kit.testing import eventually


async def test_while_it_is_away_entries_wait_and_ends_are_kept(
    ask, make_consumer, reading, refused, publish, make_event, recorded, positions, streams_server
):
    lasting, ending = await make_consumer("lasting"), await make_consumer("ending")
    await (await reading(lasting)).next(2)
    await streams_server.stop()
    status, said = await ask("POST", json={"name": "late"})
    assert (status, said["code"]) == (503, "temporarily_unavailable")
    assert await ask("DELETE", f"/{ending['id']}") == (202, {"id": ending["id"], "pending": True})
    status, shown = await ask("GET", f"/{lasting['id']}")
    assert (status, shown["progress"]) == (200, None)
    status, shown = await ask("POST", f"/{lasting['id']}/replay", json={"since": "2026-01-01T00:00:00Z"})
    assert (status, shown["pending"]) == (202, True)
    await publish(*(make_event() for _ in range(3)))
    await recorded(7)
    await streams_server.start()
    assert positions(await (await reading(lasting)).next(7)) == [1, 2, 3, 4, 5, 6, 7]

    await eventually(lambda: refused(ending))


async def test_a_lost_store_is_made_again_and_what_was_not_acknowledged_is_sent_again(
    make_consumer, reading, publish, make_event, recorded, positions, streams_server, log
):
    consumer = await make_consumer()
    await publish(*(make_event() for _ in range(5)))
    reader = await reading(consumer)
    await reader.next(4)
    await eventually(lambda: log("SELECT published = 6 FROM consumer"))
    await streams_server.stop()
    shutil.rmtree(streams_server.store)
    shutil.rmtree(streams_server.folder.parent / "accounts")
    await publish(make_event())
    await recorded(7)
    await streams_server.start()
    seen = []

    async def all_came():
        seen.extend(positions(await reader.next(1, patience=5)))
        return seen[-1:] == [7]

    await eventually(all_came, 60)
    assert seen[-3:] == [5, 6, 7]
    assert seen == sorted(set(seen))
