"""Clients that act for themselves."""

import aiohttp
import msgspec
import pytest

from latchkey_contracts.requests.grants import TokenApply
from latchkey_contracts.requests.standing import Standing


class Own(msgspec.Struct, frozen=True):
    """What a client does without a user, in a house."""

    house: object

    async def app(self, **fields):
        return await self.house.app(**({"client_credentials": True} | fields))

    async def token(self, app, *, basic=False, **fields):
        """Ask for a token; a field that is ``None`` is left out."""
        form = {"grant_type": "client_credentials"} | fields
        headers = {}
        if basic:
            headers["Authorization"] = aiohttp.encode_basic_auth(app.id, app.secret)
        else:
            form = {"client_id": app.id, "client_secret": app.secret} | form
        data = [(name, value) for name, value in form.items() if value is not None]
        return await self.house.post(data, headers=headers)

    async def turned(self, app, kind, key, *, turn, barred=False):
        """An owner tells of a turn."""
        standing = Standing(kind=kind, key=key, turn=turn, barred=barred, reason="test.turned")
        asker = self.house.auth if kind == "tenant" else self.house.owner
        await asker.ask(TokenApply(standings=(standing,)))


@pytest.fixture
def own(house):
    return Own(house)
