"""Whom or what an entry concerns finds it, whoever acted: a member who is gone, an app, a role, a record."""

import json

import msgspec

from latchkey_contracts.events import EVENTS
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

ADMIN, RITA, APP, ROLE, TEAM, RECORD = (digit * 32 for digit in "823456")
PEOPLE = [f"{n:032x}" for n in range(16)]
SOURCES = {
    "member": "auth", "connection": "token", "client": "client-registry", "role": "permissions",
    "team": "permissions", "record": "records",
}  # fmt: skip
TOLD = {
    "member.removed": (RITA, {"user": RITA, "tenant": TENANT, "turn": 3}),
    "role.unassigned": (ROLE, {"role": ROLE, "user": RITA, "revision": 2}),
    "connection.all_cut": (RITA, {"about": RITA, "kind": "user", "reason": "member.removed", "connections": 4}),
    "client.updated": (APP, {"client": APP, "changed": ["name"], "revision": 7}),
    "role.changed": (ROLE, {"role": ROLE, "name": "Sales", "revision": 3}),
    "team.changed": (TEAM, {"team": TEAM, "name": "North", "added": PEOPLE, "removed": [RITA]}),
    "record.updated": (RECORD, {"record": RECORD, "model": "company", "fields": ["phase"]}),
}


async def test_what_was_done_to_a_member_an_app_or_a_role_is_found_by_its_id(ask, publish, fact):
    """As it comes from the services, through NATS."""
    told = [
        msgspec.structs.replace(
            fact(kind, at=n, userid=ADMIN, subject=about, details=details), source=SOURCES[kind.split(".")[0]]
        )
        for n, (kind, (about, details)) in enumerate(TOLD.items())
    ]
    assert {one.type for one in told} <= {kind for kind, _ in EVENTS}
    await publish(*told)

    async def found(**question):
        _, _, body = await ask("/v1/audit-events", **question)
        return {one["action"] for one in json.loads(body)["data"]} - {"auditlog.viewed"}

    async def all_came():
        return await found(user=ADMIN) == set(TOLD)

    await eventually(all_came)
    of_rita = {"member.removed", "role.unassigned", "connection.all_cut", "team.changed"}
    assert await found(about=RITA) == await found(q=RITA) == of_rita
    assert await found(q=RITA, action="member.*,role.*") == {"member.removed", "role.unassigned"}
    assert await found(about=APP) == await found(q=APP, action="client.*") == {"client.updated"}
    assert await found(about=ROLE) == {"role.unassigned", "role.changed"}
    assert await found(about=ROLE, q=RITA) == await found(q=f"{ADMIN} {ROLE} {RITA}") == {"role.unassigned"}
    assert await found(about=RECORD, user=ADMIN) == {"record.updated"}
    assert [await found(about=one) for one in PEOPLE] == [{"team.changed"}] * len(PEOPLE)
    assert await found(about=ADMIN) == set(TOLD)
    assert await found(user=RITA) == await found(about=TENANT) == await found(about="f" * 32) == set()


async def test_who_searched_for_somebody_is_found_too(ask, record, fact):
    await record(fact("member.removed", at=1, subject=RITA))
    await ask("/v1/audit-events", about=RITA)

    async def told():
        _, _, body = await ask("/v1/audit-events", about=RITA, action="auditlog.viewed")
        return json.loads(body)["data"]

    (view, *_) = await eventually(told)
    assert view["details"]["filter"]["about"] == RITA
