"""The REST door of one data model: HTTP to the core's operations and back."""

from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web

from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import bad_request
from latchkey_records.domain.etag import Precondition, etag
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.parameters import Operation
from latchkey_records.handlers.door import Door
from latchkey_records.handlers.query import error_at, parameters_of
from latchkey_records.operations import Operations, Result


class Rest:
    """``/v1/<route>`` and ``/v1/<route>/{id}``."""

    def __init__(self, kind: Kind, operations: Operations, door: Door) -> None:
        self._kind = kind
        self._operations = operations
        self._door = door

    async def list(self, request: web.Request) -> web.Response:
        return answer((await self._perform(request, "list")).body)

    async def get(self, request: web.Request) -> web.Response:
        """304 if it is still as ``If-None-Match`` says (RFC 9110 §13.1.2)."""
        body = (await self._perform(request, "get")).body
        tag = etag(body)
        if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
            return web.Response(status=304, headers=_tagged(tag) | {hdrs.CACHE_CONTROL: "no-store"})
        return answer(body, headers=_tagged(tag))

    async def create(self, request: web.Request) -> web.Response:
        """201 with the new record."""
        body = (await self._perform(request, "create")).body
        return answer(body, 201, {"Location": f"/v1/{self._kind.route}/{body['id']}", **_tagged(etag(body))})

    async def update(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are; null empties a field (RFC 7396)."""
        body = (await self._perform(request, "update")).body
        return answer(body, headers=_tagged(etag(body)))

    async def remove(self, request: web.Request) -> web.Response:
        """204."""
        await self._perform(request, "remove")
        return web.Response(status=204, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def _perform(self, request: web.Request, operation: Operation) -> Result:
        async with self._door.entered(request) as (bearer, effective):
            given = await self._parameters(request, operation)
            only_if = _precondition(request)
            return await self._operations.perform(bearer, effective, self._kind, operation, given, only_if)

    async def _parameters(self, request: web.Request, operation: Operation) -> Mapping[str, Any]:
        if operation == "list":
            return parameters_of(request, self._kind)
        if request.query:
            unknown = (error_at(name, "There is no such parameter.") for name in request.query)
            raise bad_request("No parameters are taken here.", *unknown)
        by_id = {} if operation == "create" else {"id": request.match_info["id"]}
        if operation in {"create", "update"}:
            return {**by_id, "values": await json_body(request, dict[str, Any])}
        return by_id


def _precondition(request: web.Request) -> Precondition | None:
    """Read ``If-Match``. One that cannot be read holds for nothing."""
    if hdrs.IF_MATCH not in request.headers:
        return None
    if request.headers[hdrs.IF_MATCH].strip() == "*":
        return Precondition(anything=True)
    return Precondition(frozenset(tag.value for tag in request.if_match or () if not tag.is_weak))


def _tagged(tag: str) -> dict[str, str]:
    return {hdrs.ETAG: f'"{tag}"'}
