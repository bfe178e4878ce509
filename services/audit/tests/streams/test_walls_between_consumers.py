"""What a consumer's credentials open: its own durable, and nothing else on the server."""

import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NothingCame

from latchkey_audit.domain import streaming
from latchkey_kit.testing import eventually
from latchkey_verify.testing import TENANT

OTHER, UNKNOWN = "9" * 32, "8" * 32
STREAM_API = (
    "STREAM.INFO.AUDIT",
    "STREAM.MSG.GET.AUDIT",
    "STREAM.DELETE.AUDIT",
    "STREAM.NAMES",
    "CONSUMER.NAMES.AUDIT",
)


@pytest.fixture
async def ours(make_consumer, publish, make_event):
    made = await make_consumer()
    await publish(make_event())
    return made


@pytest.fixture
async def stranger(make_consumer, reading):
    """Another tenant's program, and what the server refuses it."""
    refused = []

    async def noted(error):
        refused.append(str(error).lower())

    reader = await reading(await make_consumer(tenant=OTHER), error_cb=noted)
    return reader.client, refused


async def test_credentials_open_no_other_durable_and_not_the_stream(ours, stranger, reading, positions):
    client, refused = stranger
    asked = [f"CONSUMER.MSG.NEXT.AUDIT.{ours['id']}", f"CONSUMER.INFO.AUDIT.{ours['id']}", *STREAM_API]
    asked.append(f"CONSUMER.CREATE.AUDIT.mine.{streaming.place(TENANT, ours['id'])}")
    for question in asked:
        with pytest.raises((NoRespondersError, NothingCame)):
            await client.request(f"$JS.API.{question}", b"", timeout=0.2)
    await eventually(lambda: len([one for one in refused if "permissions violation" in one]) == len(asked))
    assert positions(await (await reading(ours)).next(2)) == [1, 2]


async def test_credentials_publish_nothing_and_acknowledge_for_nobody(ours, stranger, reading):
    client, refused = stranger
    reader = await reading(ours)
    (first, second) = await reader.next(2, ack=False)
    for subject in (first.subject, first.reply, "$SYS.REQ.CLAIMS.DELETE", "lk.v1._.user.x.signed_in"):
        await client.publish(subject, b"+ACK")
    await eventually(lambda: len(refused) == 4)
    assert (await reader.client.jetstream().consumer_info("AUDIT", ours["id"])).num_ack_pending == 2
    await second.ack_sync()


async def test_credentials_hear_nobodys_answers(ours, stranger, reading, publish, make_event):
    client, refused = stranger
    heard = []

    async def hear(message):
        heard.append(message)

    for subject in (">", "audit.>", f"audit.{TENANT}.>", "_INBOX_platform.>", "$SYS.>"):
        await client.subscribe(subject, cb=hear)
    await client.subscribe("_INBOX.>", cb=hear)  # its own account's inboxes: nobody else's are there
    await publish(make_event())
    assert len(await (await reading(ours)).next(3)) == 3
    await client.flush()
    assert heard == []
    assert len([one for one in refused if "permissions violation" in one]) == 5


async def test_without_credentials_nobody_comes_in(ours, refused):
    assert not await refused(ours)
    assert await refused({"url": ours["url"]})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("DELETE", "", None), ("POST", "/replay", {"since": "2026-01-01T00:00:00Z"})],
)
async def test_anothers_consumer_is_as_an_unknown_one(method, path, body, ours, ask):
    theirs = await ask(method, f"/{ours['id']}{path}", tenant=OTHER, json=body)
    unknown = await ask(method, f"/{UNKNOWN}{path}", tenant=OTHER, json=body)
    for status, said in (theirs, unknown):
        assert status == 404
        said.pop("request_id")
    assert theirs == unknown
    assert (await ask("GET", f"/{ours['id']}"))[0] == 200
    assert (await ask("GET", tenant=OTHER))[1]["data"] == []
