"""The operator's requests about signing keys: `keys.list`, `keys.rotate`, `keys.retire`."""

import contextlib
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate, SigningKey, SigningKeys
from latchkey_kit.db import Database
from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import Problem
from latchkey_token.domain.key_life import KeyLife, KeyRefusedError
from latchkey_token.keys.rotation import KeyRotation
from latchkey_token.keys.watch import SigningKeyWatch
from latchkey_token.store import keys as store

_REFUSALS: Final = {
    "unknown_key": (404, "There is no such key."),
    "key_signs": (409, "This key signs."),
    "published_too_briefly": (409, "Not everybody may know the next key yet."),
}


class OperatedKeys:
    """Each answers with the keys as they are then. This instance works with them before it answers."""

    def __init__(self, database: Database, rotation: KeyRotation, watch: SigningKeyWatch) -> None:
        self._database = database
        self._rotation = rotation
        self._watch = watch

    async def list(self, request: web.Request) -> web.Response:
        await json_body(request, KeysList)
        return await self._answer()

    async def rotate(self, request: web.Request) -> web.Response:
        asked = await json_body(request, KeysRotate)
        with _refusing():
            await self._rotation.rotate(active=asked.active, now=asked.now)
        return await self._answer()

    async def retire(self, request: web.Request) -> web.Response:
        asked = await json_body(request, KeyRetire)
        with _refusing():
            await self._rotation.retire(asked.kid, compromised=asked.compromised)
        return await self._answer()

    async def _answer(self) -> web.Response:
        await self._watch.look()
        async with self._database.connection() as connection:
            lives = await store.signing_key_lives(connection)
        return answer(SigningKeys(keys=tuple(map(_shown, lives))))


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except KeyRefusedError as refused:
        status, title = _REFUSALS[refused.code]
        raise Problem(status, refused.code, title, refused.detail) from None


def _shown(life: KeyLife) -> SigningKey:
    return SigningKey(
        kid=life.kid,
        state=life.state,
        compromised=life.compromised,
        created_at=life.created_at,
        signed_until=life.signed_until,
        published_until=life.published_until,
    )
