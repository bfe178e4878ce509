"""`/v1/audit-consumers`: who may, what is refused, and how a consumer ends."""

import msgspec
import pytest

from latchkey_contracts.events.auth import TenantOffBoarded
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT, rights

OTHER, SINCE = "9" * 32, "2026-01-01T00:00:00Z"


async def test_credentials_are_shown_once_and_never_told(ask, make_consumer, reading):
    made = await make_consumer("siem")
    assert made["credentials"].startswith("-----BEGIN NATS USER JWT-----")
    status, shown = await ask("GET", f"/{made['id']}")
    assert (status, shown["name"], shown["durable"]) == (200, "siem", made["id"])
    assert shown == {name: value for name, value in made.items() if name != "credentials"} | {
        "progress": shown["progress"]
    }
    (listed,) = (await ask("GET"))[1]["data"]
    assert listed == {name: value for name, value in made.items() if name != "credentials"}
    assert "credentials" not in (await ask("POST", f"/{made['id']}/replay", json={"since": SINCE}))[1]
    events = await (await reading(made)).next(2)
    told = [msgspec.json.decode(one.data) for one in events]
    assert [one["type"] for one in told] == ["auditconsumer.created", "auditconsumer.replayed"]
    assert "since" not in told[0]["data"]
    assert all(secret not in one.data for one in events for secret in (b"BEGIN", b"SUA", b"SU", b"eyJ"))


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": ""}, {"name": " "}, {"name": "a\nb"},
        {"name": "a\u009b31m"}, {"name": "\u202ecod.exe"}, {"name": "a\u2066b"}, {"name": "a\u2028b"},
        {"name": "x" * 101}, {"name": 7}, {"name": "a", "more": 1},
        {"name": "a", "since": "yesterday"}, {"name": "a", "since": "2026-01-01T00:00:00"},
        {"name": "a", "since": "0001-01-01T00:00:00+14:00"}, [], "x",
    ],
)  # fmt: skip
async def test_a_body_that_is_not_valid_is_a_problem_document(body, ask):
    status, said = await ask("POST", json=body)
    assert (status, said["code"]) == (400, "invalid_request")


async def test_a_tenant_has_ten_and_a_removed_one_makes_room(ask, make_consumer):
    made = [await make_consumer(f"number {place}") for place in range(10)]
    status, said = await ask("POST", json={"name": "one more"})
    assert (status, said["code"]) == (409, "too_many_consumers")
    await make_consumer(tenant=OTHER)
    assert await ask("DELETE", f"/{made[0]['id']}") == (204, None)
    await make_consumer("one more")
    _, page = await ask("GET", params={"limit": "7"})
    _, rest = await ask("GET", params={"cursor": page["next_cursor"]})
    names = [one["name"] for one in page["data"] + rest["data"]]
    assert sorted(names) == [*(f"number {place}" for place in range(1, 10)), "one more"]


async def test_each_verb_needs_its_right(ask, owners):
    only = {"auditlog": ["view", "export"]}
    owners.rights = rights(only, only, only)
    for method, path, body in (
        ("POST", "", {"name": "a"}), ("GET", "", None), ("GET", f"/{OTHER}", None),
        ("POST", f"/{OTHER}/replay", {"since": SINCE}), ("DELETE", f"/{OTHER}", None),
    ):  # fmt: skip
        status, said = await ask(method, path, json=body)
        assert (status, said["code"]) == (403, "insufficient_scope"), (method, path)


async def test_what_was_recorded_before_takes_the_right_to_export(ask, make_consumer, owners):
    only = {"auditlog": ["view"], "auditconsumer": ["create", "update"]}
    owners.rights = rights(only, only, only)
    made = await make_consumer()
    for path, body in (("", {"name": "a", "since": SINCE}), (f"/{made['id']}/replay", {"since": SINCE})):
        status, said = await ask("POST", path, json=body)
        assert (status, said["code"]) == (403, "insufficient_scope"), path


async def test_where_there_is_no_streams_server_there_are_no_routes(serving_audit, ask):
    async with serving_audit(streams_url="") as bare:
        await bare.ready()
        assert (await ask("GET", at=bare))[0] == 404
        assert (await ask("POST", json={"name": "a"}, at=bare))[0] == 404


async def test_an_end_voids_the_credentials_and_cuts_who_is_connected(ask, make_consumer, reading, refused):
    made, other = await make_consumer(), await make_consumer("other")
    stays = await reading(other)
    reader = await reading(made, allow_reconnect=False)
    assert await ask("DELETE", f"/{made['id']}") == (204, None)
    await eventually(lambda: reader.client.is_closed)
    assert await refused(made)
    assert not await refused(other)
    assert (await ask("DELETE", f"/{made['id']}"))[0] == 404
    told = await stays.next(2)  # what is told of itself, and then this
    assert msgspec.json.decode(told[-1].data)["type"] == "auditconsumer.removed"


async def test_a_tenant_that_leaves_has_no_consumers(ask, make_consumer, reading, publish, make_event):
    made, other = await make_consumer(), await make_consumer(tenant=OTHER)
    reader = await reading(made, allow_reconnect=False)
    left = msgspec.structs.replace(
        make_event(TenantOffBoarded.type),
        subject=TENANT,
        data=msgspec.Raw(msgspec.json.encode(TenantOffBoarded(tenant=TENANT, turn=1))),
    )
    await publish(left)
    await eventually(lambda: reader.client.is_closed)
    assert (await ask("GET"))[1]["data"] == []
    assert [one["id"] for one in (await ask("GET", tenant=OTHER))[1]["data"]] == [other["id"]]
    restored = await make_consumer()
    assert [one["id"] for one in (await ask("GET"))[1]["data"]] == [restored["id"]]
