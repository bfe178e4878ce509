"""What goes on beside the requests: facts of owners come in, kills are settled and swept, what is over is cleared."""

import contextlib
import functools
from collections.abc import AsyncIterator

from latchkey_kit.db import Database
from latchkey_kit.messaging import receipts
from latchkey_kit.messaging.bus import Bus
from latchkey_kit.messaging.dead_letters import DeadLetters
from latchkey_kit.messaging.inbox import consuming
from latchkey_kit.messaging.outbox import Outbox
from latchkey_kit.tasks import alongside
from latchkey_token import consumers
from latchkey_token.clients.gates import Gates
from latchkey_token.kills.owners import Owners
from latchkey_token.kills.reconciling import Reconciling
from latchkey_token.kills.settling import settle_for_ever, waking
from latchkey_token.kills.sweeping import Sweep
from latchkey_token.sweeping import sweep_for_ever


@contextlib.asynccontextmanager
async def working(
    database: Database, bus: Bus, outbox: Outbox, gates: Gates, owners: Owners, *, lease: float
) -> AsyncIterator[DeadLetters]:
    """Work for the time of the block; gives the facts that could not be taken in. ``lease`` in seconds."""
    reconciling = Reconciling(database, owners, gates, functools.partial(receipts.confirm, bus, consumers.DURABLE))
    facts = consumers.OwnersFacts(gates, owners, missed=reconciling.want)
    sweep = Sweep(database, outbox)
    async with (
        consuming(
            database,
            bus,
            durable=consumers.DURABLE,
            subjects=consumers.SUBJECTS,
            apply=facts.apply,
            unreadable=facts.unreadable,
            on_new_stream=reconciling.want,
        ) as letters,
        alongside(gates.forget_for_ever()),
        alongside(reconciling.run()),
        alongside(reconciling.confirm_for_ever()),
        alongside(settle_for_ever(database, waking(database), sweep.wake, lease=lease)),
        alongside(sweep.run()),
        alongside(sweep_for_ever(database)),
    ):
        yield letters
