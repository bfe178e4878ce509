"""Who may read whose log: people and apps with the right their own tenant's, the operator any one that is named."""

import contextlib
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiohttp import web

from latchkey_audit.handlers.filters import AskedT, asked
from latchkey_audit.views import Reader
from latchkey_contracts.ids import is_id
from latchkey_kit.web.problems import FieldError, Problem, bad_request
from latchkey_policy.names import Action
from latchkey_verify.management import Management

_MODEL = "auditlog"


class Door:
    """Without the management it is the operator's, on the internal port, where callers have shown who they are."""

    def __init__(self, management: Management | None) -> None:
        self._management = management

    async def enter(self, request: web.Request, action: Action, kind: type[AskedT]) -> tuple[Reader, AskedT]:
        """Give who reads and what they ask for; raises as the management door and `filters.asked` do."""
        if self._management is not None:
            bearer = await self._management.manager(request)
            await self._management.require(bearer, _MODEL, action)
            given = asked(request, kind)
            if given.tenant is not None:
                raise _wrong_tenant("Everybody reads their own tenant's log.")
            return Reader(tenant=bearer.tenant, bearer=bearer), given
        given = asked(request, kind)
        if given.tenant is None:
            raise _wrong_tenant("Whose log?")
        if not is_id(given.tenant):
            raise _wrong_tenant("Expected an id of 32 hexadecimal digits, in lower case.")
        return Reader(tenant=given.tenant), given

    def confirm(self, reader: Reader) -> None:
        """Check again that the reader's connection is alive."""
        if self._management is not None and reader.bearer is not None:
            self._management.confirm(reader.bearer)

    async def still_may(self, reader: Reader, action: Action) -> None:
        """Check again that the reader has the right."""
        if self._management is not None and reader.bearer is not None:
            await self._management.require(reader.bearer, _MODEL, action)

    def while_alive(self, reader: Reader) -> AbstractAsyncContextManager[Any]:
        """Cut the block when the reader's connection dies."""
        if self._management is None or reader.bearer is None:
            return contextlib.nullcontext()
        return self._management.while_alive(reader.bearer)


def _wrong_tenant(message: str) -> Problem:
    return bad_request("A parameter is not valid.", FieldError(pointer="/tenant", message=message))
