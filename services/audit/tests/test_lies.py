"""Who may publish on some subjects tells of nothing else, and of nobody else's numbers."""

import msgspec
import nats as nats_client
import pytest

from latchkey_contracts.events import subject
from latchkey_contracts.requests.dead_letters import DeadLetterList, DeadLetterRetry
from latchkey_kit import db
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

EPOCH = "e" * 32


@pytest.fixture
async def log(audit):
    async with db.connect(audit.settings.database_url.reveal()) as database:

        async def ask(question, *values):
            async with database.connection() as connection:
                return await connection.fetchval(question, *values)

        yield ask


@pytest.fixture
async def forge(nats):
    """Publish a body on a subject that it does not belong on, or none that can be read."""
    client = await nats_client.connect(nats)

    async def publish(kind, body):
        name = subject(kind, "1" * 32, TENANT)
        await client.jetstream().publish(name, body if isinstance(body, bytes) else msgspec.json.encode(body))

    yield publish
    await client.close()


async def test_nobody_tells_of_what_is_anothers(audit, forge, log, make_event, publish, peer):
    departed = msgspec.structs.replace(
        make_event("tenant.off_boarded", user=TENANT), userid=None, epoch=EPOCH, sequence=1
    )  # fmt: skip
    await forge("record.created", departed)
    unread = b'{"id":"no id","source":"auth","epoch":"%s","sequence":2}' % EPOCH.encode()
    await forge("record.created", unread)
    last = msgspec.structs.replace(make_event(), epoch=EPOCH, sequence=3)
    await publish(last)
    await eventually(lambda: log("SELECT true FROM event WHERE id = $1", last.id))
    operator = peer("operator", audit.internal_url)
    letters = (await operator.ask(DeadLetterList())).letters
    assert [one.reason.split(":")[0] for one in letters] == ["MisfitError", "ValidationError"]
    assert await log("SELECT numbers::text FROM arrived WHERE source = 'auth'") == "{[3,4)}"
    assert await log("SELECT count(*) FROM dead_letter WHERE number IS NOT NULL") == 0, "auth is asked for both"
    assert (await operator.ask(DeadLetterRetry(id=letters[0].id))).reason.startswith("MisfitError")
    assert await log("SELECT count(*) FROM event WHERE action = 'tenant.off_boarded'") == 0
    await publish(departed)
    assert await eventually(lambda: log("SELECT true FROM event WHERE id = $1", departed.id)), "its owner's word counts"
