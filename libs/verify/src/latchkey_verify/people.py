"""People at the web console: whom a request of the console is made for, by the word of the auth service.

The console has a credential of its own for the internal port, and no say in who the person is: it hands on an actor
assertion, which auth signs, for one minute and for one owner.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from latchkey_contracts.ids import Id
from latchkey_contracts.requests.console import (
    ACTOR_HEADER,
    ACTOR_TYPE,
    ActorClaims,
    ActorKeysGet,
    PersonRights,
    PersonRightsGet,
)
from latchkey_kit.clock import Clock
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.telemetry import facts
from latchkey_kit.web import problems
from latchkey_kit.web.problems import Problem
from latchkey_verify.flights import Flights

_ALGORITHM: Final = "EdDSA"
_AGAIN_SECONDS = 1.0
_JWS = jwt.PyJWS(algorithms=[_ALGORITHM])
_SKEW = 30
RightsOf = Callable[[str, str], Awaitable[PersonRights]]
"""What somebody's role is: tenant, user → rights."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the console, in a workspace. They act by themselves: there is neither client nor connection."""

    tenant: Id
    user: Id
    staff: bool = False

    @property
    def client(self) -> None:
        return None

    @property
    def connection(self) -> None:
        return None


class Keys(Protocol):
    """The public keys of actor assertions."""

    async def find(self, kid: str) -> Ed25519PublicKey | None: ...


class ActorKeys:
    """Keys from the auth service, kept; one that is not known is asked for, once a second at most."""

    def __init__(self, auth: Peer, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._known: dict[str, Ed25519PublicKey] = {}
        self._answered = float("-inf")
        self._flights = Flights[None, None]()

    async def find(self, kid: str) -> Ed25519PublicKey | None:
        """Raise ``PeerUnavailable`` when auth cannot be asked."""
        if kid not in self._known and self._clock.boot() - self._answered >= _AGAIN_SECONDS:
            # Who comes while the question is under way waits for its answer: their key may be in it.
            await self._flights.join(None, self._ask)
        return self._known.get(kid)

    async def _ask(self) -> None:
        try:
            answer = await self._auth.ask(ActorKeysGet())
            self._known = {name: public_key(text) for name, text in answer.keys.items()}
        except (PeerRefused, ValueError) as error:
            # Its settings or ours are wrong: that tells nothing about the person.
            raise PeerUnavailable(f"actor keys: {error}") from error
        self._answered = self._clock.boot()


class People:
    """``name`` is the service's own: the audience of assertions for it."""

    def __init__(self, keys: Keys, rights: RightsOf, *, name: str, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._rights = rights
        self._name = name
        self._issuer = issuer
        self._clock = clock

    async def person(self, request: web.Request) -> Person:
        """Who is there, in which workspace.

        Raises:
            Problem: 401 without an assertion that is good now; 503 while nobody can tell.

        """
        claims = await self._claims(request)
        if not claims.tid:
            raise _refused("no_workspace")
        return Person(tenant=claims.tid, user=claims.sub, staff=claims.stf)

    async def user(self, request: web.Request) -> str:
        """Give the id of who is there, in whichever workspace or in none: for what is their own everywhere.

        Raises as `person`.
        """
        return (await self._claims(request)).sub

    async def staff(self, request: web.Request) -> str:
        """Give the id of a member of staff, and note in the facts of the request that it is staff's.

        Raises as `person`, and 403 for anybody else.
        """
        claims = await self._claims(request)
        if not claims.stf:
            raise Problem(403, "not_staff", "This is for staff only.")
        # The middleware that entered the facts takes them away again, these included.
        facts.enter(msgspec.structs.replace(facts.current(), bystaff=True))
        return claims.sub

    async def rights(self, person: Person) -> PersonRights:
        """What the person's role is now; 503 while nobody can tell."""
        try:
            return await self._rights(person.tenant, person.user)
        except (PeerUnavailable, PeerRefused) as error:
            raise problems.unavailable(private=f"rights: {error}") from error

    async def _claims(self, request: web.Request) -> ActorClaims:
        given = request.headers.getall(ACTOR_HEADER, [])
        if len(given) != 1:
            raise _refused("no_assertion")
        try:
            return await self._read(given[0])
        except PeerUnavailable as error:
            raise problems.unavailable(private=str(error)) from None
        except (jwt.PyJWTError, msgspec.MsgspecError, UnicodeError, ValueError) as error:
            raise _refused(type(error).__name__) from None

    async def _read(self, token: str) -> ActorClaims:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != ACTOR_TYPE or header.get("alg") != _ALGORITHM:
            raise _refused("wrong_type")
        key = await self._keys.find(str(header.get("kid")))
        if key is None:
            raise _refused("unknown_key")
        claims = msgspec.json.decode(_JWS.decode(token, key, [_ALGORITHM]), type=ActorClaims)
        now = self._clock.now().timestamp()
        if claims.iss != self._issuer or claims.aud != self._name:
            raise _refused("not_for_us")
        if not claims.iat - _SKEW <= now < claims.exp:
            raise _refused("expired")
        return claims


def people_of(name: str, *, issuer: str, auth: Peer, permissions: Peer, clock: Clock) -> People:
    """For a service that asks the owners for keys and rights."""

    async def rights(tenant: str, user: str) -> PersonRights:
        return await permissions.ask(PersonRightsGet(tenant=tenant, user=user))

    return People(ActorKeys(auth, clock), rights, name=name, issuer=issuer, clock=clock)


def public_key(text: str) -> Ed25519PublicKey:
    """Read a key as `ActorKeysAnswer` has it; ``ValueError`` for something else."""
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "="))


def _refused(reason: str) -> Problem:
    return Problem(401, "assertion_refused", "Nobody is known to be there.", private=reason)
