"""Wiring of the permissions service."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import sparing
from latchkey_kit.service import Surface
from latchkey_kit.web.health import until_first_well
from latchkey_kit.web.routes import for_console
from latchkey_permissions import routes
from latchkey_permissions.catalogue import SharedCatalogue
from latchkey_permissions.changes.changing import Changing
from latchkey_permissions.changes.refusing import RefusedChanges
from latchkey_permissions.changes.roles import Roles
from latchkey_permissions.floor_courier import carrying
from latchkey_permissions.guests import ResourceServers
from latchkey_permissions.handlers.catalogue import PutCatalogue
from latchkey_permissions.handlers.ceilings import GetCeiling, PutCeiling
from latchkey_permissions.handlers.companies import Companies
from latchkey_permissions.handlers.giving import Giving
from latchkey_permissions.handlers.in_words import InWords
from latchkey_permissions.handlers.members import Members
from latchkey_permissions.handlers.operator import Operator
from latchkey_permissions.handlers.person_rights import PersonRightsOf
from latchkey_permissions.handlers.portfolios import Portfolios
from latchkey_permissions.handlers.resolve import ResolvePermissions
from latchkey_permissions.handlers.rights import GetRights
from latchkey_permissions.handlers.role_members import RoleMembers
from latchkey_permissions.handlers.roles import RolesApi
from latchkey_permissions.handlers.roles_of import RolesOfUsers
from latchkey_permissions.handlers.shown_catalogue import ShownCatalogue
from latchkey_permissions.handlers.teams import TeamsApi
from latchkey_permissions.handlers.why import Why
from latchkey_permissions.settings import Settings
from latchkey_verify import embedding
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management
from latchkey_verify.people import ActorKeys, People
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard

_NAME = "permissions"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    audience, outbox = Api(settings.origin).rest, Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
        carrying(database, peers.at(settings.token_url)) as courier,
        sparing(database, outbox, clock) as refusals,
    ):
        catalogue = SharedCatalogue()
        changing = Changing(database, outbox, catalogue, courier, RefusedChanges(refusals))
        roles = Roles(clock, entropy)
        person_rights, keys = PersonRightsOf(database), ActorKeys(peers.at(settings.auth_url), clock)
        people = People(keys, person_rights.of, name=_NAME, issuer=settings.origin, clock=clock)
        management = Management(Guard.of(verifier, audience, refused=RefusedAccess(refusals)), people)
        admission = Admission(management, "role")
        members = Members(peers.at(settings.auth_url))
        guests = ResourceServers(peers.at(settings.token_url)).is_one
        put_catalogue = PutCatalogue(database, outbox, settings.internal_callers, guests)
        role_members = RoleMembers(database, admission, changing, members)
        token, companies = peers.at(settings.token_url), Companies(peers.at(settings.records_url))
        managed = routes.managed(
            roles=RolesApi(database, admission, changing, roles),
            members=role_members,
            teams=TeamsApi(database, admission, changing, members, clock, entropy),
            portfolios=Portfolios(database, admission, changing, members),
            why=Why(database, admission, catalogue, members, token, companies),
        )
        yield Surface(
            public=(*routes.public(put_catalogue), *managed),
            internal=for_console(managed)
            + routes.internal(
                put_catalogue=put_catalogue,
                shown_catalogue=ShownCatalogue(database, catalogue, people),
                in_words=InWords(database, catalogue),
                roles_of=RolesOfUsers(database),
                resolve_permissions=ResolvePermissions(database, catalogue),
                get_rights=GetRights(database, catalogue),
                person_rights=person_rights,
                put_ceiling=PutCeiling(changing),
                get_ceiling=GetCeiling(database),
                leaving=role_members.leaving,
                left=role_members.left,
                giving=Giving(changing, roles),
                operator=Operator(changing, roles),
                guests=guests,
            ),
            # Only the management API needs the verifier: every other verifier asks here for rights.
            checks={"database": database.problem, "verifier": until_first_well(verifier.readiness)},
        )
