"""``/v1/connections/summary``: many apps at once, each with how many living connections it has in one's own tenant."""

import datetime as dt

import pytest

from latchkey_token.handlers.connections import MOST_APPS
from latchkey_token.store import counting

PATH = "/v1/connections/summary"


@pytest.fixture
def summary(house, admin):
    """Ask for clients; the rows."""

    async def ask(*clients):
        answer = await house.api("GET", PATH, admin[1].body["access_token"], clients=",".join(clients))
        assert answer.status == 200, answer.body
        assert answer.body["next_cursor"] is None
        return answer.body["data"]

    return ask


async def test_each_app_has_a_row_in_the_order_of_the_question(house, admin, summary, given_client, given_connection):
    (app, tokens), tenant = admin, admin[0].gate.tenant
    used, idle = await given_client(tenant), await given_client(tenant)
    (now,) = await house.sql("SELECT clock_timestamp() AS now")
    for hours in (5, 2, 9):
        await given_connection(tenant, used, rotated_at=now["now"] - dt.timedelta(hours=hours))
    rows = await summary(used, idle, app.id, used)
    own = await house.row(tokens.claims["sid"])
    assert [(row["id"], row["living"], row["more"]) for row in rows] == [
        (used, 3, False), (idle, 0, False), (app.id, 1, False)
    ]  # fmt: skip
    assert [row["last_used_at"] and dt.datetime.fromisoformat(row["last_used_at"]) for row in rows] == [
        now["now"] - dt.timedelta(hours=2), None, own["rotated_at"]
    ]  # fmt: skip


async def test_the_dead_and_codes_that_wait_for_their_exchange_are_left_out(house, admin, summary, given_connection):
    tenant, client = admin[0].gate.tenant, admin[0].id
    (now,) = await house.sql("SELECT clock_timestamp() AS now, clock_timestamp() + interval '1 day' AS later")
    for fields in (
        {"expires_at": now["now"] - dt.timedelta(minutes=1)},
        {"revoked_at": now["now"]},
        {"generation": 0, "rotated_at": None},
    ):
        await given_connection(tenant, client, **({"rotated_at": now["later"]} | fields))
    (row,) = await summary(client)
    assert row["living"] == 1
    assert dt.datetime.fromisoformat(row["last_used_at"]) < now["now"]


@pytest.mark.parametrize("kind", ["client", "tenant_client", "tenant_user", "tenant_user_client"])
async def test_what_a_kill_of_many_names_lives_no_more(house, admin, summary, given_connection, kind):
    doomed = await house.row(await given_connection(admin[0].gate.tenant))
    assert [row["living"] for row in await summary(doomed["client_id"])] == [1]
    await house.sql(
        "INSERT INTO kill (kind, key, source, cutoff, number, reason, swept) VALUES ($1, $2, 'token', $3, 0, '', true)",
        kind, "".join(doomed[f"{name}_id"] for name in kind.split("_")), doomed["born"],
    )  # fmt: skip
    (row,) = await summary(doomed["client_id"])
    assert (row["living"], row["last_used_at"]) == (0, None)


async def test_limits_as_they_are_now_end_a_connection(house, admin, summary, given_client, given_connection):
    client = await given_client(admin[0].gate.tenant, connection_lifetime=60)
    (now,) = await house.sql("SELECT clock_timestamp() - interval '2 minutes' AS past")
    await given_connection(admin[0].gate.tenant, client, created_at=now["past"])
    await given_connection(admin[0].gate.tenant, client)
    assert [row["living"] for row in await summary(client)] == [1]


async def test_another_tenant_has_none_of_it(house, admin, summary, given_client, given_connection):
    """Not of an app of its own, nor of one that both have connected; and nobody knows an app that is not there."""
    tenant, theirs = admin[0].gate.tenant, house.new_id()
    shared, foreign = await given_client(tenant), await given_client(theirs)
    await given_connection(tenant, shared)
    for client in (shared, foreign):
        await given_connection(theirs, client)
    shown, hidden, unknown = await summary(shared, foreign, house.new_id())
    assert shown["living"] == 1
    assert [hidden[name] for name in ("living", "last_used_at", "more")] == [0, None, False]
    assert hidden | {"id": ""} == unknown | {"id": ""}


async def test_counting_ends_somewhere_and_says_so(house, admin, summary, given_client, given_connection, monkeypatch):
    monkeypatch.setattr(counting, "MOST_SUMMED", 2)
    tenant = admin[0].gate.tenant
    many, few = await given_client(tenant), await given_client(tenant)
    made = [await given_connection(tenant, client) for client in (many, many, many, few)]
    first, second = await summary(many, few)
    newest = max([(await house.row(one))["rotated_at"] for one in made[1:3]])
    assert (first["living"], first["more"], second["living"], second["more"]) == (2, True, 1, False)
    assert dt.datetime.fromisoformat(first["last_used_at"]) == newest


async def test_where_the_newest_have_expired_there_may_be_others(
    house, admin, summary, given_client, given_connection, monkeypatch
):
    monkeypatch.setattr(counting, "MOST_SUMMED", 2)
    tenant = admin[0].gate.tenant
    client = await given_client(tenant)
    (now,) = await house.sql("SELECT clock_timestamp() - interval '1 minute' AS past")
    for fields in ({}, {"expires_at": now["past"]}, {"expires_at": now["past"]}):
        await given_connection(tenant, client, **fields)
    (row,) = await summary(client)
    assert (row["living"], row["last_used_at"], row["more"]) == (0, None, True)


async def test_it_is_for_who_may_see_connections_and_for_the_console_too(house, admin):
    app, _ = admin
    assert (await house.api("GET", PATH, clients=app.id)).status == 401
    carly = house.new_id()
    for rights, status in (({"connection": ["remove"]}, 403), ({"connection": ["view"]}, 200)):
        house.permissions.roles[app.gate.tenant, carly] = rights
        answer = await house.at_console("GET", PATH, carly, app.gate.tenant, clients=app.id)
        assert answer.status == status
    assert answer.body["data"][0]["id"] == app.id


@pytest.mark.parametrize(
    "clients", ["", "x", ",", "a" * 31, "a" * 32 + ",", "a" * 32 + ", " + "b" * 32, "a" * 32 + "\n", "A" * 32]
)
async def test_what_is_no_list_of_ids_is_a_problem(house, admin, clients):
    answer = await house.api("GET", PATH, admin[1].body["access_token"], clients=clients)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (400, "/clients")


async def test_so_many_apps_at_once_and_no_more(house, admin, summary):
    ids = [house.new_id() for _ in range(MOST_APPS)]
    assert [row["id"] for row in await summary(*ids)] == ids
    answer = await house.api("GET", PATH, admin[1].body["access_token"], clients=",".join([*ids, house.new_id()]))
    assert answer.status == 400
    for asked in ({}, {"clients": ids[0], "tenant": ids[1]}):
        assert (await house.api("GET", PATH, admin[1].body["access_token"], **asked)).status == 400
