"""Admins who press at the same time: nothing is lost, and no old gate comes back."""

import asyncio
import hashlib
import itertools


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


async def test_parallel_regenerates_give_different_secrets_and_the_last_committed_works(manage, made, owners, gate):
    client = await made()
    answers = await asyncio.gather(*(manage("POST", f"/{client['id']}/regenerate") for _ in range(6)))
    assert {status for status, _ in answers} == {200}
    secrets = {shown["client_secret"]: shown["revision"] for _, shown in answers}
    assert len(secrets) == 6
    known = await gate(client["id"])
    assert (known.turn, known.revision) == (6, 7)
    last = max(secrets, key=secrets.__getitem__)
    assert known.secret_hashes == (digest(last),)
    assert owners.newest(client["id"]) == known
    for secret, revision in secrets.items():  # each gate went out with the secret of its own revision
        (told,) = (one for one in owners.gates if one.revision == revision)
        assert told.secret_hashes == (digest(secret),)


async def test_edits_beside_regenerates_lose_nothing_and_bring_no_old_gate_back(manage, made, owners, gate):
    client = await made()
    edits = [{"name": "A"}, {"description": "B"}, {"proof": "secret"}, {"retry_window": 7}, {"connection_lifetime": 99}]
    await asyncio.gather(
        *(manage("PATCH", f"/{client['id']}", edit) for edit in edits),
        *(manage("POST", f"/{client['id']}/regenerate") for _ in edits),
    )
    _, shown = await manage("GET", f"/{client['id']}")
    assert {name: shown[name] for edit in edits for name in edit} == {name: one[name] for one in edits for name in one}
    known = await gate(client["id"])
    assert (known.turn, known.revision) == (5, 11)
    assert owners.newest(client["id"]) == known
    told = sorted((one for one in owners.gates), key=lambda one: one.revision)
    assert [one.revision for one in told] == list(range(1, 12))
    hashes = [one.secret_hashes for one in told]
    for old, new in itertools.pairwise(told):
        assert (new.turn > old.turn) == (new.secret_hashes != old.secret_hashes)
    assert len(set(hashes)) == 6


async def test_parallel_second_secrets_are_never_three(manage, made, gate):
    client = await made()
    answers = await asyncio.gather(*(manage("POST", f"/{client['id']}/secrets") for _ in range(6)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409, 409, 409]
    assert len((await gate(client["id"])).secret_hashes) == 2


async def test_parallel_retirements_leave_one_secret(manage, made, gate):
    client = await made()
    _, shown = await manage("POST", f"/{client['id']}/secrets")
    answers = await asyncio.gather(
        *(manage("DELETE", f"/{client['id']}/secrets/{one['id']}") for one in shown["secrets"] * 2)
    )
    assert min(status for status, _ in answers) == 200
    assert {status for status, _ in answers} <= {200, 404, 409}
    assert len((await gate(client["id"])).secret_hashes) == 1


async def test_parallel_switches_move_one_turn_each_way(manage, made, gate, events):
    client = await made()
    await asyncio.gather(*(manage("POST", f"/{client['id']}/disable") for _ in range(5)))
    assert ((await gate(client["id"])).turn, len(await events())) == (1, 1)
    answers = await asyncio.gather(*(manage("DELETE", f"/{client['id']}") for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 404, 404, 404, 404]
    assert (await gate(client["id"])).turn == 2


async def test_parallel_blocks_turn_once(manage, made, owners, events):
    client = await made()
    answers = await asyncio.gather(*(manage("POST", f"/{client['id']}/block") for _ in range(6)))
    assert {status for status, _ in answers} == {200}
    assert {one.turn for one in owners.standings} == {1}
    assert len(await events()) == 1
