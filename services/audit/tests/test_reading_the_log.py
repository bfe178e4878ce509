import base64

import msgspec
import pytest

from latchkey_kit.testing import eventually
from latchkey_verify.testing import rights

OTHER_TENANT, OTHER_USER, APP = "9" * 32, "8" * 32, "7" * 32


async def in_the_log(read, count, **params):
    async def there():
        return len((await read(**params))[1]["data"]) == count

    await eventually(there)
    return (await read(**params))[1]["data"]


async def test_events_arrive_newest_first_with_who_and_what(read, publish, make_event):
    first, second = make_event(after=1), make_event("token.refreshed", client=APP, after=1)
    await publish(first, second)
    entries = await in_the_log(read, 2)
    assert [entry["id"] for entry in entries] == [second.id, first.id]
    assert entries[0]["action"] == "token.refreshed"
    assert entries[0]["client"] == APP
    assert entries[1]["details"] == {"user": first.userid}


async def test_a_tenant_reads_its_own_events_only(read, publish, make_event, owners):
    ours, theirs, nobodys = make_event(), make_event(tenant=OTHER_TENANT), make_event(tenant=None)
    await publish(theirs, nobodys, ours)
    assert [entry["id"] for entry in await in_the_log(read, 1)] == [ours.id]
    _, body = await read(owners.issuers[0].mint(tid=OTHER_TENANT))
    assert [entry["id"] for entry in body["data"]] == [theirs.id]


async def test_the_same_event_twice_is_one_entry(read, publish, make_event):
    event, last = make_event(), make_event()
    await publish(event, event, last)
    assert len(await in_the_log(read, 2)) == 2


async def test_filters_narrow_by_action_user_client_and_time(read, publish, make_event, day):
    old = make_event()
    new = make_event("token.reused", user=OTHER_USER, client=APP, after=day)
    await publish(old, new)
    await in_the_log(read, 2)
    for params in (
        {"action": "token.reused"}, {"user": OTHER_USER}, {"client": APP}, {"since": new.time.isoformat()}
    ):  # fmt: skip
        _, body = await read(**params)
        assert [entry["id"] for entry in body["data"]] == [new.id], params
    _, body = await read(until=new.time.isoformat())
    assert [entry["id"] for entry in body["data"]] == [old.id]


async def test_the_cursor_walks_through_everything_once(read, publish, make_event):
    await publish(*(make_event(after=n % 2) for n in range(7)))
    whole = [entry["id"] for entry in await in_the_log(read, 7)]
    walked, cursor = [], None
    while True:
        _, body = await read(limit=3, **({"cursor": cursor} if cursor else {}))
        walked += [entry["id"] for entry in body["data"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert walked == whole


def cursor_of(place):
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"cursor": "@"}, {"cursor": "bm8"}, {"user": "me"},
        {"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"action": "x'; --"}, {"wanted": "1"},
        {"since": "0001-01-01T00:00:00+14:00"}, {"until": "9999-12-31T23:59:59-14:00"},
        {"cursor": cursor_of(["2026-01-01T00:00:00Z", "no id"])},
        {"cursor": cursor_of(["2026-01-01T00:00:00", "0" * 32])},
        {"cursor": cursor_of(["0001-01-01T00:00:00+14:00", "0" * 32])}, {"cursor": "W" * 201},
    ],
)  # fmt: skip
async def test_a_parameter_that_is_not_valid_is_a_problem_document(read, params):
    status, body = await read(**params)
    assert (status, body["code"]) == (400, "invalid_request")


async def test_without_a_token_or_the_right_nothing_is_told(audit, http, owners, read):
    async with http.get(f"{audit.public_url}/v1/audit-events") as response:
        assert response.status == 401
        assert "resource_metadata" in response.headers["WWW-Authenticate"]
    owners.rights = rights({"company": ["view"]}, {"company": ["view"]}, {"company": ["view"]})
    status, body = await read()
    assert (status, body["code"]) == (403, "insufficient_scope")


async def test_odd_texts_arrive_as_one_harmless_entry(read, publish, make_event):
    agent = 'curl\r\n{"action": "forged"} \x1b[2J <script>'
    await publish(make_event(agent=agent))
    entries = await in_the_log(read, 1)
    assert entries[0]["agent"] == agent
