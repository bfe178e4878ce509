"""Somebody at the console, and an app that they have connected."""

import msgspec
import pytest
import pytest_asyncio


class Somebody(msgspec.Struct, frozen=True):
    """A person, in a workspace."""

    user: str
    tenant: str


@pytest.fixture
def sam(house):
    return Somebody(house.new_id(), house.new_id())


@pytest.fixture
def listing(house):
    """What somebody sees in their profile: the rows."""

    async def ask(who):
        answer = await house.at_console("GET", "/v1/my/connections", who.user, who.tenant)
        assert answer.status == 200, answer.body
        return answer.body["data"]

    return ask


@pytest.fixture
def part(house):
    """Somebody disconnects an app, in their workspace unless told otherwise."""

    async def ask(who, client, tenant=None):
        whose = {"tenant": tenant or who.tenant, "client": client}
        return await house.at_console("DELETE", "/v1/my/connections", who.user, who.tenant, **whose)

    return ask


@pytest_asyncio.fixture
async def app(house):
    return await house.app()


@pytest.fixture
def admin(house, app):
    """Somebody whose role lets them see connections, in the workspace that made the app."""
    who = Somebody(house.new_id(), app.gate.tenant)
    house.permissions.roles[who.tenant, who.user] = {"connection": ["view"]}
    return who
