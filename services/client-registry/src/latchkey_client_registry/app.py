"""Wiring of the client registry."""

import contextlib
from collections.abc import AsyncIterator

from latchkey_client_registry import routes
from latchkey_client_registry.changes.blocking import Blocking
from latchkey_client_registry.changes.ceilings import Ceilings
from latchkey_client_registry.changes.changing import Changing
from latchkey_client_registry.changes.dynamics import Dynamics
from latchkey_client_registry.changes.editing import Editing
from latchkey_client_registry.changes.labs import LabsSwitch
from latchkey_client_registry.changes.logos import LogoChanges
from latchkey_client_registry.changes.minting import Minting
from latchkey_client_registry.changes.publishing import PublishChanges
from latchkey_client_registry.changes.registration import Registration
from latchkey_client_registry.changes.secrets import Secrets
from latchkey_client_registry.changes.turning import Turning
from latchkey_client_registry.drawing import drawing
from latchkey_client_registry.handlers.blocks import Blocks
from latchkey_client_registry.handlers.client_secrets import ClientSecrets
from latchkey_client_registry.handlers.client_turns import ClientTurns
from latchkey_client_registry.handlers.logos import Logos
from latchkey_client_registry.handlers.lookups import Lookups
from latchkey_client_registry.handlers.oauth_clients import OAuthClients
from latchkey_client_registry.handlers.operator import Operator
from latchkey_client_registry.handlers.publish_requests import PublishRequests
from latchkey_client_registry.handlers.publishing import Publishing
from latchkey_client_registry.handlers.staff import Staff
from latchkey_client_registry.handlers.standings import Standings
from latchkey_client_registry.secret_ends import ending
from latchkey_client_registry.settings import Settings
from latchkey_contracts.api import Api
from latchkey_kit import opening
from latchkey_kit.clock import Clock
from latchkey_kit.entropy import Entropy
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.messaging.sparing import sparing
from latchkey_kit.service import Surface
from latchkey_kit.telling import Telling
from latchkey_kit.web.routes import for_console
from latchkey_verify import embedding
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management
from latchkey_verify.people import people_of
from latchkey_verify.refused import RefusedAccess
from latchkey_verify.web import Guard

_NAME = "client-registry"


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock, entropy: Entropy) -> AsyncIterator[Surface]:
    audience, outbox = Api(settings.origin).rest, Outbox(_NAME, clock, entropy)
    async with (
        opening.database(settings, _NAME) as database,
        opening.nats(settings, _NAME) as nats,
        opening.relay(settings, database, nats),
        opening.peers(settings, _NAME) as peers,
        embedding(settings, _NAME, audience, peers=peers, bus=nats, clock=clock) as verifier,
        sparing(database, outbox, clock) as refusals,
    ):
        telling, ceilings = Telling(peers.at(settings.token_url)), Ceilings(peers.at(settings.permissions_url))
        changing, minting = Changing(database, outbox, telling), Minting(clock, entropy)
        registration = Registration(database, outbox, ceilings, minting, telling)
        turning, secrets = Turning(changing, minting), Secrets(changing, minting)
        editing = Editing(changing, ceilings, secrets)
        people = people_of(
            _NAME,
            issuer=settings.origin,
            auth=peers.at(settings.auth_url),
            permissions=peers.at(settings.permissions_url),
            clock=clock,
        )
        management = Management(Guard.of(verifier, audience, refused=RefusedAccess(refusals)), people)
        admission = Admission(management, "oauthclient")
        dynamics, labs = Dynamics(changing, ceilings), LabsSwitch(database, outbox)
        publishing = PublishChanges(changing)
        async with ending(database, secrets), drawing() as draughtsman:
            logos = Logos(database, admission, LogoChanges(changing), draughtsman)
            managed = routes.managed(
                OAuthClients(database, admission, registration, editing, ceilings, refusals, clock, entropy),
                ClientSecrets(admission, secrets),
                ClientTurns(admission, turning),
                Blocks(admission, Blocking(database, outbox, telling)),
                logos,
                Publishing(admission, publishing),
            )
            yield Surface(
                public=managed + routes.pictures(logos),
                internal=for_console(managed)
                + routes.for_staff(
                    Staff(database, people, turning, dynamics, labs),
                    PublishRequests(database, people, ceilings, publishing),
                )
                + routes.internal(
                    Lookups(database),
                    Standings(database),
                    Operator(database, registration, turning, dynamics, labs, clock, entropy),
                ),
                checks={"database": database.problem, "verifier": verifier.readiness},
            )
