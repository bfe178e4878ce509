"""Wiring of the auth service."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import msgspec

from latchkey_auth import routes
from latchkey_auth.afterwards import Afterwards, afterwards
from latchkey_auth.assertions import Assertions
from latchkey_auth.authorization.answers import Answers
from latchkey_auth.authorization.consent_pages import ConsentPages
from latchkey_auth.authorization.front_door import FrontDoor
from latchkey_auth.authorization.granting import Granting
from latchkey_auth.authorization.resolving import Resolving
from latchkey_auth.authorization.standing import StandingGrants
from latchkey_auth.handlers.authorize import Authorize
from latchkey_auth.handlers.decide import Decide
from latchkey_auth.handlers.invitation_page import InvitationPage
from latchkey_auth.handlers.invitations import InvitationsApi
from latchkey_auth.handlers.logins import Logins
from latchkey_auth.handlers.member_lookup import MemberLookup
from latchkey_auth.handlers.members import MembersApi
from latchkey_auth.handlers.operator import Operator
from latchkey_auth.handlers.own_password_page import OwnPasswordPage
from latchkey_auth.handlers.password_links import PasswordLinksApi
from latchkey_auth.handlers.password_page import PasswordPage
from latchkey_auth.handlers.resolving import SessionResolving
from latchkey_auth.handlers.sign_in import SignIn
from latchkey_auth.handlers.sign_out import SignOut
from latchkey_auth.handlers.staff_tenants import StaffTenants
from latchkey_auth.handlers.standings import Standings
from latchkey_auth.handlers.switches import Switches
from latchkey_auth.joining.inviting import Inviting
from latchkey_auth.joining.joining import Joining
from latchkey_auth.joining.passwords import PasswordLinks
from latchkey_auth.joining.roles import Roles
from latchkey_auth.pages import Pages
from latchkey_auth.settings import Settings
from latchkey_auth.sign_in.account_events import AccountEvents
from latchkey_auth.sign_in.failures import FailedSignIns
from latchkey_auth.sign_in.form import SignInForm
from latchkey_auth.sign_in.limits import SignInLimits
from latchkey_auth.sign_in.own_password import OwnPassword
from latchkey_auth.sign_in.passwords import Passwords, passwords
from latchkey_auth.sign_in.sessions import Sessions
from latchkey_auth.turning.accounts import Accounts
from latchkey_auth.turning.leaving import Leaving
from latchkey_auth.turning.memberships import Memberships
from latchkey_auth.turning.telling import Telling
from latchkey_contracts.api import Api
from latchkey_contracts.requests.console import PersonRights, PersonRightsGet
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import Sparing, sparing
from latchkey_kit.opening import Peers
from latchkey_kit.service import Surface
from latchkey_kit.web.health import until_first_well
from latchkey_kit.web.routes import Route
from latchkey_look.cookies import Cookies
from latchkey_verify import embedding
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management
from latchkey_verify.people import People
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard

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
    peers: Peers
    memberships: Memberships
    events: AccountEvents
    roles: Roles
    password_links: PasswordLinks
    refusals: Sparing
    clock: Clock
    entropy: Entropy


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    audience, outbox = Api(settings.origin).rest, Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
        passwords(settings.password_threads, entropy) as checked_passwords,
        sparing(database, outbox, clock) as refusals,
        afterwards() as jobs,
    ):
        telling = Telling(peers.at(settings.token_url))
        life = dt.timedelta(hours=settings.session_hours)
        permissions = peers.at(settings.permissions_url)
        events, roles = AccountEvents(outbox), Roles(permissions)
        parts = _Parts(
            database=database,
            outbox=outbox,
            passwords=checked_passwords,
            afterwards=jobs,
            sessions=Sessions(database, clock, entropy, Cookies(settings.pages), life),
            pages=Pages(pseudo=settings.local_mode),
            peers=peers,
            memberships=Memberships(database, outbox, telling, Leaving(permissions)),
            events=events,
            roles=roles,
            password_links=PasswordLinks(database, outbox, events, roles, entropy, settings.pages),
            refusals=refusals,
            clock=clock,
            entropy=entropy,
        )
        limits = SignInLimits(clock, _LOCAL_LIMITS if settings.local_mode else 1)
        assertions = Assertions(settings.master_key.reveal(), settings.origin, clock)

        async def rights(tenant: str, user: str) -> PersonRights:
            return await permissions.ask(PersonRightsGet(tenant=tenant, user=user))

        people = People(assertions, rights, name=_NAME, issuer=settings.origin, clock=clock)
        management = Management(Guard.of(verifier, audience, refused=RefusedAccess(refusals)), people)
        admission = Admission(management, "member")
        members = MembersApi(parts.database, admission, parts.memberships)
        yield Surface(
            public=_public(settings, parts, limits, members),
            internal=_at_console(settings, parts, admission, people)
            + routes.internal(
                Operator(database, parts.passwords, outbox, parts.memberships, clock, entropy),
                Switches(Accounts(database, outbox, events, telling)),
                Standings(database),
                MemberLookup(database),
                SessionResolving(parts.sessions, assertions),
                members,
            ),
            # Only the management API needs the verifier: people sign in and decide though all heads are away.
            checks={"database": database.problem, "verifier": until_first_well(verifier.readiness)},
            error_page=parts.pages.error,
        )


def _at_console(settings: Settings, parts: _Parts, admission: Admission, people: People) -> tuple[Route, ...]:
    database, outbox, clock, entropy = parts.database, parts.outbox, parts.clock, parts.entropy
    inviting = Inviting(database, outbox, parts.roles, clock, entropy, settings.pages)
    return routes.managed_at_console(
        Logins(database, parts.events, people),
        InvitationsApi(database, admission, inviting),
        PasswordLinksApi(parts.password_links, admission, people),
        StaffTenants(database, people, outbox, parts.roles, inviting, clock, entropy),
    )


def _public(settings: Settings, parts: _Parts, limits: SignInLimits, members: MembersApi) -> tuple[Route, ...]:
    peers = parts.peers
    api, answers = Api(settings.origin), Answers(settings.origin)
    door = FrontDoor(peers.at(settings.client_registry_url), parts.refusals, parts.afterwards, parts.pages)
    form = SignInForm(parts.sessions, parts.pages)
    database, sessions, events = parts.database, parts.sessions, parts.events
    failures = FailedSignIns(database, events, parts.refusals)
    own_password = OwnPassword(database, sessions, parts.passwords, limits, events, failures, parts.afterwards)
    joining = Joining(database, parts.outbox, parts.memberships, parts.roles, sessions, events)
    consent = ConsentPages(parts.database, parts.pages, parts.entropy)
    resolving = Resolving(peers.at(settings.permissions_url), parts.database, parts.outbox)
    token = peers.at(settings.token_url)
    granting = Granting(token, parts.database, parts.outbox)
    authorize = Authorize(parts.sessions, door, api, StandingGrants(token), resolving, granting, form, consent, answers)
    return routes.public(
        authorize,
        Decide(parts.sessions, door, api, authorize, resolving, granting, answers, settings.pages),
        SignIn(
            database, sessions, parts.passwords, limits,
            events, failures, parts.afterwards, parts.pages, form, settings.pages,
        ),
        SignOut(database, sessions, events, settings.pages),
        InvitationPage(
            database, sessions, parts.passwords, joining, form, parts.pages, parts.clock, parts.entropy, settings.pages
        ),
        PasswordPage(parts.password_links, sessions, parts.passwords, form, parts.pages, settings.pages),
        OwnPasswordPage(own_password, sessions, parts.pages, settings.pages),
        members,
    )  # fmt: skip
