"""Who comes in over REST, and what they are told when they are refused."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from latchkey_kit.web.problems import Problem
from latchkey_records.handlers.query import as_sent
from latchkey_verify import Bearer, Effective, InvalidToken, Verifier
from latchkey_verify.cut import Cut
from latchkey_verify.lacking import LackingRight
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard


class Door:
    """The door of the REST audience."""

    def __init__(self, verifier: Verifier, guard: Guard, refused: RefusedAccess) -> None:
        self._verifier = verifier
        self._guard = guard
        self._refused = refused

    @contextlib.asynccontextmanager
    async def entered(self, request: web.Request) -> AsyncIterator[tuple[Bearer, Effective]]:
        """Give the bearer and their rights, and put what the block raises into the words of this door."""
        bearer = await self._guard.bearer(request)
        try:
            yield bearer, await self._verifier.rights(bearer)
        except InvalidToken:
            await self._guard.bearer(request)  # it has died meanwhile, and the guard has the words for that
            raise
        except Problem as problem:
            problem.errors = as_sent(problem.errors)
            if isinstance(problem, LackingRight):
                self._guard.challenged(problem)
                await self._refused.tell(bearer, problem)
            raise

    def while_alive(self, bearer: Bearer) -> contextlib.AbstractAsyncContextManager[Cut]:
        """Run a block that is cancelled when the bearer dies."""
        return self._guard.while_alive(bearer)
