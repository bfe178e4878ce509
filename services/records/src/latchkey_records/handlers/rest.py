"""The REST door of one data model: HTTP to the core's operations and back."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from latchkey_kit.web.bodies import answer, json_body
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_records.domain.kinds import Kind
from latchkey_records.domain.parameters import Operation
from latchkey_records.domain.values import from_text
from latchkey_records.operations import Operations, Result
from latchkey_verify import InvalidToken, Verifier
from latchkey_verify.lacking import LackingRight
from latchkey_verify.web import Guard

_PAGING = ("limit", "cursor")


class Rest:
    """``/v1/<route>`` and ``/v1/<route>/{id}``. A filter is a query parameter by the name of its field."""

    def __init__(self, kind: Kind, operations: Operations, verifier: Verifier, guard: Guard) -> None:
        self._kind = kind
        self._operations = operations
        self._verifier = verifier
        self._guard = guard

    async def list(self, request: web.Request) -> web.Response:
        return answer((await self._perform(request, "list")).body)

    async def get(self, request: web.Request) -> web.Response:
        return answer((await self._perform(request, "get")).body)

    async def create(self, request: web.Request) -> web.Response:
        """201 with the new record."""
        made = await self._perform(request, "create")
        return answer(made.body, 201, {"Location": f"/v1/{self._kind.route}/{made.body['id']}"})

    async def update(self, request: web.Request) -> web.Response:
        """Members that are left out stay as they are; null empties a field (RFC 7396)."""
        return answer((await self._perform(request, "update")).body)

    async def remove(self, request: web.Request) -> web.Response:
        """204."""
        await self._perform(request, "remove")
        return web.Response(status=204, headers={"Cache-Control": "no-store"})

    async def _perform(self, request: web.Request, operation: Operation) -> Result:
        bearer = await self._guard.bearer(request)
        try:
            effective = await self._verifier.rights(bearer)
            given = await self._parameters(request, operation)
            return await self._operations.perform(bearer, effective, self._kind, operation, given)
        except InvalidToken:
            await self._guard.bearer(request)  # it has died meanwhile, and the guard has the words for that
            raise
        except Problem as problem:
            problem.errors = _as_sent(problem.errors)
            if isinstance(problem, LackingRight):
                self._guard.challenged(problem)
            raise

    async def _parameters(self, request: web.Request, operation: Operation) -> Mapping[str, Any]:
        if operation == "list":
            return self._of_query(request)
        if request.query:
            raise bad_request("No parameters are taken here.", *(_unknown(name) for name in request.query))
        by_id = {} if operation == "create" else {"id": request.match_info["id"]}
        if operation in {"create", "update"}:
            return {**by_id, "values": await json_body(request, dict[str, Any])}
        return by_id

    def _of_query(self, request: web.Request) -> Mapping[str, Any]:
        filters: dict[str, Any] = {}
        paging: dict[str, Any] = {}
        for name, text in request.query.items():
            if name in filters or name in paging:
                raise bad_request("A parameter is given twice.", _unknown(name, "This is given twice."))
            if name in _PAGING:
                paging[name] = int(text) if name == "limit" and _is_number(text) else text
            else:
                field = self._kind.field(name)
                filters[name] = from_text(field, text) if field else text
        return {"filter": filters, **paging}


def _as_sent(errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    """Point into the body or the query as REST has them, without the envelope of the core's parameters."""
    return tuple(
        FieldError(pointer=error.pointer.removeprefix("/values").removeprefix("/filter"), message=error.message)
        for error in errors
    )


def _unknown(name: str, message: str = "There is no such parameter.") -> FieldError:
    return FieldError(pointer="/" + name[:80], message=message)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
