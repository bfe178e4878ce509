"""The bearer check in front of a handler, with the answers of RFC 6750 §3 and RFC 9728 §5.1."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final, Self

from aiohttp import hdrs, web

from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import CONNECTION
from latchkey_oauth.challenge import INVALID_TOKEN, bearer_sent, bearer_token, insufficient_scope, unauthorized
from latchkey_oauth.metadata import protected_resource_url
from latchkey_policy.names import Action
from latchkey_verify.bearer import Bearer
from latchkey_verify.cut import Cut
from latchkey_verify.errors import InvalidToken, NoLease, RightsUnavailable
from latchkey_verify.lacking import LackingRight
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.rights import Effective
from latchkey_verify.verifier import Verifier

INCLUSIVE: Final = "inclusive"
"""The scope word for all that client and user have in common: what a client should ask for that has no other wish."""


class Guard:
    """One audience's door. ``scope`` is what a client without a token should ask for.

    With ``refused``, who lacks a right is told of, too, for services that have an outbox.
    """

    def __init__(
        self,
        verifier: Verifier,
        audience: str,
        resource_metadata_url: str,
        scope: str | None = None,
        refused: RefusedAccess | None = None,
    ) -> None:
        self._verifier = verifier
        self._audience = audience
        self._metadata = resource_metadata_url
        self._scope = scope
        self._refused = refused

    @classmethod
    def of(
        cls, verifier: Verifier, resource: str, scope: str | None = None, refused: RefusedAccess | None = None
    ) -> Self:
        """The door of a resource whose metadata lies where RFC 9728 §3.1 puts it; ``resource`` is the audience."""
        return cls(verifier, resource, protected_resource_url(resource), scope, refused)

    async def bearer(self, request: web.Request) -> Bearer:
        """Give the bearer of a request; a token anywhere but in the ``Authorization`` header is not seen.

        Raises:
            Problem: 401 with a challenge, or 503 while nobody can tell.

        """
        bearer = await self.bearer_of(request.headers.getall(hdrs.AUTHORIZATION, []))
        request[CONNECTION] = bearer.connection
        return bearer

    async def bearer_of(self, given: Sequence[str]) -> Bearer:
        """Give the bearer of a request with these ``Authorization`` headers; raises as `bearer` does."""
        token = bearer_token(given[0]) if len(given) == 1 else None
        if token is None:
            raise self._unauthorized(token_sent=any(map(bearer_sent, given)), reason="no_token")
        return await self.admit(token)

    async def admit(self, token: str) -> Bearer:
        """Give the bearer of a token that came by another way; raises as `bearer` does."""
        with self._answering():
            return await self._verifier.check(token, self._audience)

    def confirm(self, bearer: Bearer) -> None:
        """Check again, before a write commits or on an open stream, that the bearer is alive; raises as `bearer`."""
        with self._answering():
            self._verifier.confirm(bearer)

    @contextlib.asynccontextmanager
    async def while_alive(self, bearer: Bearer, *, armed: bool = True) -> AsyncIterator[Cut]:
        """Run a block that is cancelled when the bearer may no longer be served; raises as `bearer` does."""
        with self._answering():
            async with self._verifier.while_alive(bearer, armed=armed) as cut:
                yield cut

    async def require(self, bearer: Bearer, model: str, action: Action) -> Effective:
        """Give the bearer's rights if they hold this one.

        Raises:
            Problem: 403 with a challenge when the right is lacking, or 503 while nobody can tell.

        """
        with self._answering():
            effective = await self._verifier.rights(bearer)
        if not effective.permissions.allows(model, action):
            lacking = self.lacking(effective, model, action)
            if self._refused is not None:
                await self._refused.tell(bearer, lacking)
            raise lacking
        return effective

    def lacking(self, effective: Effective, model: str, action: Action) -> LackingRight:
        """The 403 for a lacking right. Its challenge names a scope only if asking for it would help."""
        remedy = effective.remedy(model, action)
        return self.challenged(LackingRight(f"{model}:{action} is needed.", remedy, model=model, action=action))

    def challenged(self, lacking: LackingRight) -> LackingRight:
        """Add the challenge (RFC 6750 §3.1) of this door to a 403 that was found behind it."""
        challenge = insufficient_scope(resource_metadata=self._metadata, scope=lacking.remedy or "")
        lacking.headers[hdrs.WWW_AUTHENTICATE] = challenge
        return lacking

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except InvalidToken as error:
            raise self._unauthorized(token_sent=True, reason=error.reason) from None
        except (NoLease, RightsUnavailable) as error:
            raise problems.unavailable(private=str(error)) from None

    def _unauthorized(self, *, token_sent: bool, reason: str) -> Problem:
        challenge = unauthorized(resource_metadata=self._metadata, scope=self._scope, token_sent=token_sent)
        if token_sent:
            code, title = "invalid_token", INVALID_TOKEN
        else:
            code, title = "token_missing", "This needs an access token."
        return Problem(401, code, title, headers={hdrs.WWW_AUTHENTICATE: challenge}, private=reason)
