"""What an operator does to the signing keys of a running service."""

import jwt
import msgspec
import pytest

from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate


class Operated(msgspec.Struct, frozen=True):
    """The keys of a house, as an operator and as everybody sees them."""

    house: object
    peer: object

    async def ask(self, question):
        """Kid → key, after the question."""
        answer = await self.peer.ask(question)
        return {key.kid: key for key in answer.keys}

    async def all(self):
        return await self.ask(KeysList())

    async def rotate(self, **fields):
        return await self.ask(KeysRotate(**({"now": True} | fields)))

    async def retire(self, kid, **fields):
        return await self.ask(KeyRetire(kid=kid, **fields))

    async def in_state(self, state):
        return next((key.kid for key in (await self.all()).values() if key.state == state), None)

    async def published(self):
        """Kids in the key set that everybody can fetch."""
        async with self.house.http.get(self.house.served.public_url + "/oauth/jwks") as response:
            return {key["kid"] for key in (await response.json())["keys"]}


@pytest.fixture
def keys(house, peer):
    return Operated(house, peer("operator", house.served.internal_url))


@pytest.fixture
def signed_by():
    """The key id in an answer's access token."""
    return lambda answer: jwt.get_unverified_header(answer.body["access_token"])["kid"]
