"""Wiring of the auth service."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import aiohttp
import msgspec

from latchkey_auth import routes
from latchkey_auth.afterwards import Afterwards, afterwards
from latchkey_auth.handlers.account_events import AccountEvents
from latchkey_auth.handlers.answers import Answers
from latchkey_auth.handlers.authorize import Authorize
from latchkey_auth.handlers.consent_page import ConsentPages
from latchkey_auth.handlers.decide import Decide
from latchkey_auth.handlers.front_door import FrontDoor
from latchkey_auth.handlers.granting import Granting
from latchkey_auth.handlers.operator import Operator
from latchkey_auth.handlers.resolving import Resolving
from latchkey_auth.handlers.sign_in import SignIn
from latchkey_auth.handlers.sign_in_form import SignInForm
from latchkey_auth.handlers.sign_out import SignOut
from latchkey_auth.pages import Pages
from latchkey_auth.passwords import Passwords, passwords
from latchkey_auth.sessions import Cookies, Sessions
from latchkey_auth.settings import Settings
from latchkey_auth.sign_in_limits import SignInLimits
from latchkey_contracts.api import Api
from latchkey_kit import db
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging import bus
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.relay import relaying
from latchkey_kit.requests import Peer
from latchkey_kit.service import Surface
from latchkey_kit.web.routes import Route

_NAME = "auth"
_LOCAL_LIMITS = 100


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What several handlers share."""

    database: Database
    outbox: Outbox
    passwords: Passwords
    afterwards: Afterwards
    sessions: Sessions
    pages: Pages
    http: aiohttp.ClientSession


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            db.connect(settings.database_url.reveal(), pool=settings.database_pool, application=_NAME)
        )
        nats = await stack.enter_async_context(
            bus.connecting(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), _NAME)
        )
        await stack.enter_async_context(relaying(database, nats))
        life = dt.timedelta(hours=settings.session_hours)
        parts = _Parts(
            database=database,
            outbox=Outbox(_NAME, clock, entropy),
            passwords=stack.enter_context(passwords(settings.password_threads, entropy)),
            afterwards=await stack.enter_async_context(afterwards()),
            sessions=Sessions(database, entropy, Cookies(settings.pages), life),
            pages=Pages(),
            http=await stack.enter_async_context(aiohttp.ClientSession()),
        )
        operator = Operator(database, parts.passwords, parts.outbox, clock, entropy)
        yield Surface(
            public=_public(settings, parts, SignInLimits(clock, _LOCAL_LIMITS if settings.local_mode else 1)),
            internal=routes.internal(operator),
            checks={"database": database.problem},
            error_page=parts.pages.error,
        )


def _public(settings: Settings, parts: _Parts, limits: SignInLimits) -> tuple[Route, ...]:
    secret = settings.internal_secret.reveal()
    registry = Peer(parts.http, settings.client_registry_url, _NAME, secret)
    permissions = Peer(parts.http, settings.permissions_url, _NAME, secret)
    token = Peer(parts.http, settings.token_url, _NAME, secret)

    api, answers, door = Api(settings.origin), Answers(settings.origin), FrontDoor(registry)
    form = SignInForm(parts.sessions, parts.pages)
    events = AccountEvents(parts.outbox)
    consent = ConsentPages(parts.database, parts.pages)
    resolving = Resolving(permissions, parts.database, parts.outbox)
    granting = Granting(token, parts.database, parts.outbox)
    authorize = Authorize(parts.sessions, door, api, resolving, form, consent, answers)
    return routes.public(
        authorize,
        Decide(parts.sessions, door, api, authorize, resolving, granting, consent, answers, settings.pages),
        SignIn(
            parts.database, parts.sessions, parts.passwords, limits,
            events, parts.afterwards, parts.pages, form, settings.pages,
        ),
        SignOut(parts.database, parts.sessions, events, settings.pages),
    )  # fmt: skip
