"""A newer turn of a client, tenant, user or member kills what was born before; an older one changes nothing."""

from collections.abc import Sequence

from latchkey_contracts.requests.clients import Gate
from latchkey_contracts.requests.standing import Standing
from latchkey_kit.db import Connection
from latchkey_token.store import gate as gates
from latchkey_token.store import kills, standing
from latchkey_token.store.kills import Cut


def standing_of(gate: Gate) -> Standing:
    """What a gate tells of its client."""
    return Standing(
        kind="client", key=gate.client, turn=gate.turn, barred=gate.barred, reason=gate.reason, by=gate.by
    )  # fmt: skip


async def take(connection: Connection, *, told: Sequence[Gate] = (), standings: Sequence[Standing] = ()) -> int | None:
    """Take in what owners told, in the caller's transaction, which has locked no rows of ours yet.

    Returns the last number of the feed, ``None`` when nothing was new to it. A turn that lifts a bar kills as well:
    nothing was born behind the bar, and the kill that set it may never have reached us. A client that is new to us has
    no connections, so nothing of it is killed.
    """
    everything = [one for one in (*map(standing_of, told), *standings) if one.turn > 0]
    known = await standing.known(connection, everything)
    if any(one.turn > ours.turn for one, ours in zip(everything, known, strict=True)):
        await kills.begin(connection)
    strangers = await gates.unknown(connection, [one.key for one in everything if one.kind == "client"])
    for gate in told:
        await gates.put(connection, gate)
    for one in everything:
        if one.kind == "client":
            await gates.outdate(connection, one.key, one.turn)
    # In one order, so that two that bring the same never wait for each other in a circle.
    turned = [
        one
        for one in sorted(everything, key=lambda one: (one.kind, one.key, one.turn))
        if await standing.take(connection, one)
    ]
    newest = {(one.kind, one.key): one for one in turned}
    cuts = [_cut(one) for one in newest.values() if one.key not in strangers]
    return await kills.kill_many(connection, cuts)


def _cut(standing: Standing) -> Cut:
    return Cut(kind=standing.kind, key=standing.key, source="owner", reason=standing.reason, by=standing.by)
