"""Every change of somebody's rights is a fact, with who did it; and the stream takes each."""

import contextlib

import asyncpg
import msgspec
from nats.js.errors import NotFoundError

from latchkey_contracts.events import CloudEvent
from latchkey_kit.messaging import bus
from latchkey_kit.testing import eventually

COMPANY = "7" * 32


async def _told(house):
    connection = await asyncpg.connect(house.served.settings.database_url.reveal())
    try:
        rows = await connection.fetch("SELECT body FROM outbox ORDER BY id")
    finally:
        await connection.close()
    found = [msgspec.json.decode(row["body"], type=CloudEvent) for row in rows]
    return [one for one in found if one.userid == house.carly]


async def test_roles_teams_and_lists_tell_what_happened_and_who_did_it(house, manage, nats):
    _, role = await manage("POST", "/v1/roles", {"name": "Rep"})
    await manage("PUT", f"/v1/roles/{role['id']}/members/{house.sam}")
    await manage("DELETE", f"/v1/roles/{role['id']}/members/{house.sam}")
    await manage("DELETE", f"/v1/roles/{role['id']}")
    _, team = await manage("POST", "/v1/teams", {"name": "North", "members": [house.sam]})
    await manage("PATCH", f"/v1/teams/{team['id']}", {"members": [house.rita]})
    await manage("DELETE", f"/v1/teams/{team['id']}")
    await manage("PUT", f"/v1/portfolios/{house.sam}", {"companies": [COMPANY]})
    events = await _told(house)
    assert {(one.tenantid, one.clientid) for one in events} == {(house.acme, house.cli)}
    assert [(one.type, one.subject, msgspec.json.decode(one.data)) for one in events] == [
        ("role.changed", role["id"], {"role": role["id"], "name": "Rep", "revision": 1}),
        ("role.assigned", role["id"], {"role": role["id"], "user": house.sam, "revision": 1}),
        ("role.unassigned", role["id"], {"role": role["id"], "user": house.sam, "revision": 2}),
        ("role.removed", role["id"], {"role": role["id"], "name": "Rep"}),
        ("team.changed", team["id"], {"team": team["id"], "name": "North", "added": [house.sam]}),
        (
            "team.changed",
            team["id"],
            {"team": team["id"], "name": "North", "added": [house.rita], "removed": [house.sam]},
        ),
        ("team.removed", team["id"], {"team": team["id"], "name": "North", "removed": [house.rita]}),
        ("portfolio.changed", house.sam, {"user": house.sam, "companies": 1, "revision": 5}),
    ]
    async with bus.connecting(nats, "", "", "audit") as listener:
        await listener.up.wait()
        for kind, entity, event in (
            ("role", role["id"], "removed"),
            ("team", team["id"], "removed"),
            ("portfolio", house.sam, "changed"),
        ):

            async def kept(subject=f"lk.v1.{house.acme}.{kind}.{entity}.{event}"):
                with contextlib.suppress(NotFoundError):
                    return await listener.jetstream.get_last_msg("LATCHKEY", subject)

            assert await eventually(kept)


async def test_a_change_waits_for_nothing_but_its_commit_when_the_token_service_is_away(house, manage, token):
    token.away.add("/internal/token/apply")
    status, role = await manage("POST", "/v1/roles", {"name": "Rep"})
    assert status == 201
    assert ("role", role["id"]) not in token.floors
    token.away.clear()
    await eventually(lambda: token.floors.get(("role", role["id"])) == 1)
