"""Somebody who asks about tokens."""

import json

import aiohttp
import pytest

from latchkey_contracts.requests.resource_servers import ResourceServerAdd
from latchkey_kit.testing.services import ORIGIN


@pytest.fixture
def introspect(house):
    """Ask about a token as an app, or by HTTP Basic; the status and the JSON."""

    async def ask(token, app=None, *, basic=None, **fields):
        form = {"token": token} | ({"client_id": app.id, "client_secret": app.secret} if app else {}) | fields
        headers = {"Authorization": aiohttp.encode_basic_auth(*basic)} if basic else {}
        url = f"{house.served.public_url}/oauth/introspect"
        data = [(name, value) for name, value in form.items() if value is not None]
        async with house.http.post(url, data=data, headers=headers) as response:
            assert response.headers["Cache-Control"] == "no-store"
            return response.status, json.loads(await response.text())

    return ask


@pytest.fixture
def resource_server(house, peer):
    """A resource server of somebody else: name and secret."""

    async def add(name="partner", audience=f"{ORIGIN}/v1"):
        operator = peer("operator", house.served.internal_url)
        return name, (await operator.ask(ResourceServerAdd(name=name, audience=audience))).secret

    return add
