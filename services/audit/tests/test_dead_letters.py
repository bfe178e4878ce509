"""Events that audit could not read wait for the operator, and for nobody else."""

import msgspec
import nats as nats_client
import pytest

from latchkey_contracts.events import subject
from latchkey_contracts.requests.dead_letters import DeadLetterList, DeadLetterRetry
from latchkey_kit import db
from latchkey_kit.requests import PeerRefused, PeerUnavailable
from latchkey_kit.testing import eventually

SUBJECT = "lk.v1._.user.x.signed_in"


@pytest.fixture
async def broken(nats):
    """Publish what is no event, under a message id."""
    client = await nats_client.connect(nats)

    async def publish(message_id, body=b"{}"):
        await client.jetstream().publish(SUBJECT, body, headers={"Nats-Msg-Id": message_id})

    yield publish
    await client.close()


@pytest.fixture
def operator(audit, peer):
    return peer("operator", audit.internal_url)


@pytest.fixture
def listed(operator):
    """The dead letters, once there are so many."""

    async def read(count):
        async def there():
            return len((await operator.ask(DeadLetterList())).letters) == count

        await eventually(there)
        return (await operator.ask(DeadLetterList())).letters

    return read


async def test_the_operator_sees_what_was_put_aside_without_its_body(broken, listed):
    await broken("first", b'{"secret":"body"}')
    await broken("second")
    first, second = await listed(2)
    assert (first.durable, first.message, first.subject) == ("audit", "first", SUBJECT)
    assert "missing required field" in first.reason
    assert b"body" not in msgspec.json.encode(first)
    assert second.id > first.id


async def test_what_still_cannot_be_read_stays_with_the_new_reason(broken, listed, operator):
    await broken("first")
    (letter,) = await listed(1)
    retried = await operator.ask(DeadLetterRetry(id=letter.id))
    assert "missing required field" in retried.reason
    assert len(await listed(1)) == 1


async def test_what_can_be_applied_now_is_in_the_log_once_and_aside_no_more(
    audit, broken, listed, operator, read, make_event
):
    event = make_event()
    await broken("first")
    (letter,) = await listed(1)
    async with db.connect(audit.settings.database_url.reveal()) as database, database.connection() as connection:
        path = subject(event.type, event.subject, event.tenantid)
        body = msgspec.json.encode(event)  # as after an upgrade
        await connection.execute("UPDATE dead_letter SET subject = $1, body = $2", path, body)
    assert (await operator.ask(DeadLetterRetry(id=letter.id))).reason is None
    assert [entry["id"] for entry in (await read())[1]["data"]] == [event.id]
    assert await listed(0) == ()
    with pytest.raises(PeerRefused) as refused:
        await operator.ask(DeadLetterRetry(id=letter.id))
    assert refused.value.problem.status == 404


@pytest.mark.parametrize("caller", ["auth", "token", "edge"])
async def test_nobody_but_the_operator_may_ask(audit, peer, caller):
    for question in (DeadLetterList(), DeadLetterRetry(id=1)):
        with pytest.raises(PeerUnavailable, match="caller_not_allowed"):
            await peer(caller, audit.internal_url).ask(question)
