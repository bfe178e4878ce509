"""What the operator's command asks for. All idempotent."""

from aiohttp import web

from latchkey_client_registry.changes.dynamics import Dynamics
from latchkey_client_registry.changes.labs import LabsSwitch
from latchkey_client_registry.changes.registration import Registration
from latchkey_client_registry.changes.turning import Turning
from latchkey_client_registry.domain.turns import COMPROMISE, LIFT
from latchkey_client_registry.store import clients
from latchkey_contracts.requests import Done
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic, ClientPut, LabsPut, Put
from latchkey_contracts.requests.people import Turned
from latchkey_kit.clock import Clock
from latchkey_kit.db import Database
from latchkey_kit.entropy import Entropy, new_id
from latchkey_kit.web.bodies import answer, json_body
from latchkey_verify.admission import OPERATOR


class Operator:
    def __init__(
        self,
        database: Database,
        registration: Registration,
        turning: Turning,
        dynamics: Dynamics,
        labs: LabsSwitch,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._database = database
        self._registration = registration
        self._turning = turning
        self._dynamics = dynamics
        self._labs = labs
        self._clock = clock
        self._entropy = entropy

    async def put_labs(self, request: web.Request) -> web.Response:
        """The Labs switch of a tenant."""
        asked = await json_body(request, LabsPut)
        await self._labs.turn(asked.tenant, on=asked.on)
        return answer(Done())

    async def put_client(self, request: web.Request) -> web.Response:
        """A client that is there by this name stays as it is."""
        asked = await json_body(request, ClientPut)
        async with self._database.connection() as connection:
            known = await clients.find_by_operator_name(connection, asked.tenant, asked.name)
        if known is not None:
            return answer(Put(id=known, created=False))
        draft = clients.Draft(
            id=new_id(self._clock, self._entropy),
            tenant=asked.tenant,
            name=asked.name,
            description=asked.description,
            client_type=asked.client_type,
            proof=asked.proof,
            preset=asked.preset,
            redirect_uris=asked.redirect_uris,
            operator_name=asked.name,
            published=asked.published,
        )
        await self._registration.create(draft, asked.permissions, OPERATOR, secret=asked.secret)
        return answer(Put(id=draft.id, created=True))

    async def compromised(self, request: web.Request) -> web.Response:
        """Kill and bar a client everywhere; or lift that: it may be authorized again, once it has a new secret."""
        asked = await json_body(request, ClientCompromised)
        turn = COMPROMISE if asked.compromised else LIFT
        after = await self._turning.turn(asked.client, turn, tenant=None, actor=OPERATOR)
        return answer(Turned(changed=after.turned, pending=after.told.pending, effective_at=after.told.effective_at))

    async def dynamic(self, request: web.Request) -> web.Response:
        """Let users pick from their own roles what a client may do; or hold it to its ceiling again."""
        asked = await json_body(request, ClientDynamic)
        await self._dynamics.switch(asked.client, dynamic=asked.dynamic, actor=OPERATOR)
        return answer(Done())
