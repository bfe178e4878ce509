"""What a list of connections tells of those that ended: why, when, and by whom where that is known."""

import datetime as dt

import pytest
import pytest_asyncio

from latchkey_kit.testing import eventually


class Admin:
    """Somebody who manages the connections of an app, at the console."""

    def __init__(self, house, app):
        self.app, self.tenant, self.user = app, app.gate.tenant, house.new_id()
        self._house = house
        house.permissions.roles[self.tenant, self.user] = {"connection": ["view", "remove"]}

    async def ended(self):
        """The ended ones by id."""
        shown = await self._house.at_console("GET", "/v1/connections", self.user, self.tenant, ended="true")
        return {one["id"]: one for one in shown.body["data"]}

    async def cut(self, path="", **asked):
        answer = await self._house.at_console("DELETE", f"/v1/connections{path}", self.user, self.tenant, **asked)
        assert answer.status < 300, answer


@pytest_asyncio.fixture
async def admin(house):
    return Admin(house, await house.app())


@pytest.fixture
def marked(house):
    """Wait until the sweep has marked a connection."""

    async def wait(connection):
        async def dead():
            return not await house.alive(connection)

        await eventually(dead)

    return wait


async def test_a_replay_an_admin_and_the_app_itself_are_told_apart(house, admin):
    replayed, cut, revoked = [await house.connected(admin.app, user=house.new_id()) for _ in range(3)]
    await house.refresh(admin.app, replayed.body["refresh_token"])
    await house.refresh(admin.app, replayed.body["refresh_token"])
    await admin.cut(f"/{cut.claims['sid']}")
    await house.revoke(admin.app, revoked.body["refresh_token"])
    found = await admin.ended()
    assert [found[one.claims["sid"]]["revoked_reason"] for one in (replayed, cut, revoked)] == [
        "replay", "disconnected", "revoked_by_client"
    ]  # fmt: skip
    assert {one["revoked_by"] for one in found.values()} == {None}


async def test_who_disconnected_user_and_app_is_told_before_and_after_the_rows_are_marked(house, admin, marked):
    user = house.new_id()
    for by in (user, admin.user):
        connection = (await house.connected(admin.app, user=user)).claims["sid"]
        if by == user:
            asked = {"tenant": admin.tenant, "client": admin.app.id}
            assert (await house.at_console("DELETE", "/v1/my/connections", user, admin.tenant, **asked)).status < 300
        else:
            await admin.cut(client=admin.app.id, user=user)
        first = (await admin.ended())[connection]
        await marked(connection)
        later = (await admin.ended())[connection]
        assert [(one["revoked_reason"], one["revoked_by"]) for one in (first, later)] == [
            ("user.disconnected", by)
        ] * 2  # fmt: skip
        assert first["revoked_at"] == later["revoked_at"]


async def test_a_later_cut_of_the_same_key_changes_nothing_of_what_ended_before(house, admin, marked):
    user = house.new_id()
    former = (await house.connected(admin.app, user=user)).claims["sid"]
    asked = {"tenant": admin.tenant, "client": admin.app.id}
    await house.at_console("DELETE", "/v1/my/connections", user, admin.tenant, **asked)
    await marked(former)
    before = (await admin.ended())[former]
    latter = (await house.connected(admin.app, user=user)).claims["sid"]
    await admin.cut(client=admin.app.id, user=user)
    found = await admin.ended()
    assert found[former]["revoked_at"] == before["revoked_at"] < found[latter]["revoked_at"]
    assert (found[former]["revoked_by"], found[latter]["revoked_by"]) == (None, admin.user)


async def test_nobody_of_another_tenant_is_named(house, admin):
    connection = (await house.connected(admin.app)).claims["sid"]
    await house.changed(admin.app, turn=2, reason="client.secret_rotated", by=house.new_id())
    shown = (await admin.ended())[connection]
    assert (shown["revoked_reason"], shown["revoked_by"]) == ("client.secret_rotated", None)


async def test_the_limit_that_ends_a_connection_is_told(house, admin, given_client, given_connection):
    (now,) = await house.sql("SELECT clock_timestamp() AS now")
    past = now["now"] - dt.timedelta(hours=2)
    young = await given_client(admin.tenant, connection_lifetime=3600)
    idle = await given_client(admin.tenant, refresh_token_lifetime=3600, connection_lifetime=86_400)
    expected = {
        await given_connection(admin.tenant, young, created_at=past): ("lifetime", past + dt.timedelta(hours=1)),
        await given_connection(admin.tenant, idle, created_at=past, rotated_at=past): (
            "unused", past + dt.timedelta(hours=1)
        ),
        await given_connection(admin.tenant, created_at=past, expires_at=past): ("unused", past),
    }  # fmt: skip
    found = await admin.ended()
    assert {
        id_: (one["expires_by"], dt.datetime.fromisoformat(one["expires_at"])) for id_, one in found.items()
    } == expected  # fmt: skip
    assert {(one["status"], one["revoked_reason"]) for one in found.values()} == {("expired", None)}
