"""A consumer reads and confirms its own, and that is all it can do: tried from the outside, on the real server."""

import functools

import pytest
from nats.errors import Error
from nats.js.api import ConsumerConfig

from latchkey_kit.testing import eventually

A, B = "a" * 32, "b" * 32
NEXT, INFO, ACK = "$JS.API.CONSUMER.MSG.NEXT.AUDIT", "$JS.API.CONSUMER.INFO.AUDIT", "$JS.ACK.AUDIT"
CONTROL = (
    "INFO", "STREAM.CREATE.OTHER", "STREAM.UPDATE.AUDIT", "STREAM.DELETE.AUDIT", "STREAM.PURGE.AUDIT",
    "STREAM.INFO.AUDIT", "STREAM.NAMES", "STREAM.LIST", "STREAM.MSG.GET.AUDIT", "STREAM.MSG.DELETE.AUDIT",
    "DIRECT.GET.AUDIT", "STREAM.SNAPSHOT.AUDIT", "STREAM.RESTORE.AUDIT", "CONSUMER.NAMES.AUDIT", "CONSUMER.LIST.AUDIT",
    "ACCOUNT.PURGE.AUDIT", "SERVER.REMOVE", "META.LEADER.STEPDOWN",
)  # fmt: skip
OF_A_CONSUMER = (
    "CREATE.AUDIT.{}", "CREATE.AUDIT.{}.audit.>", "DURABLE.CREATE.AUDIT.{}", "DELETE.AUDIT.{}", "PAUSE.AUDIT.{}",
    "UNPIN.AUDIT.{}", "RESET.AUDIT.{}", "LEADER.STEPDOWN.AUDIT.{}",
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("admitted")


async def pulled(customer, consumer, count):
    reader = await customer.client.jetstream().pull_subscribe_bind(consumer, "AUDIT")
    messages = await reader.fetch(count, timeout=5)
    for message in messages:
        await message.ack_sync()
    return [message.data for message in messages]


async def test_it_reads_and_confirms_its_own_with_a_plain_client(platform, connect):
    await platform.jetstream.publish(f"audit.{A}", b"mine")
    await platform.jetstream.publish(f"audit.{B}", b"theirs")
    customer = await connect(A)
    assert await pulled(customer, A, 1) == [b"mine"]
    about = await customer.client.jetstream().consumer_info("AUDIT", A)
    assert (about.num_pending, about.num_ack_pending) == (0, 0), "all is read and confirmed"


async def test_it_does_not_reach_anothers_durable(connect):
    customer = await connect(A)
    for subject in (NEXT, INFO):
        await customer.refused_to_publish(f"{subject}.{A}.x")
    for consumer in (B, "*", "other"):
        await customer.refused_to_publish(f"{NEXT}.{consumer}")
        await customer.refused_to_publish(f"{INFO}.{consumer}")
        await customer.refused_to_publish(f"{ACK}.{consumer}.1.1.1.1.0", b"+ACK")


async def test_it_does_not_rule_the_stream(connect):
    customer = await connect(A)
    for call in CONTROL:
        await customer.refused_to_publish(f"$JS.API.{call}")


async def test_it_makes_and_changes_no_durable_its_own_included(connect):
    customer = await connect(A)
    for consumer in (A, B, "spy"):
        for call in OF_A_CONSUMER:
            await customer.refused_to_publish(f"$JS.API.CONSUMER.{call.format(consumer)}")
    config = ConsumerConfig(name="spy", filter_subject="audit.>", deliver_subject="_INBOX.spy")
    assert "permissions" in await customer.refused(lambda: customer.client.jetstream().add_consumer("AUDIT", config))


async def test_it_forges_no_event(platform, connect):
    customer = await connect(A)
    for subject in ("audit", f"audit.{A}", f"audit.{B}", "lk.v1.acme.user.x.signed_in", "lk.feed", "other", "_INBOX.x"):
        await customer.refused_to_publish(subject)
    assert (await platform.jetstream.stream_info("AUDIT")).state.last_seq == 0


async def test_a_trace_of_its_messages_goes_nowhere_it_may_not_speak_itself(platform, connect):
    customer, other = await connect(A), await connect(B)
    heard = await other.client.subscribe("_INBOX.>")
    await other.client.flush()
    for place in (f"audit.{B}", "_INBOX.of_b", "$JS.API.STREAM.DELETE.AUDIT"):
        await customer.client.publish(f"{INFO}.{A}", b"", reply="_INBOX.x", headers={"Nats-Trace-Dest": place})
    await customer.client.jetstream().consumer_info("AUDIT", A)
    await other.client.flush()
    assert heard.pending_msgs == 0
    assert (await platform.jetstream.stream_info("AUDIT")).state.last_seq == 0


async def test_it_does_not_ask_the_system(connect):
    customer = await connect(A)
    for call in ("CLAIMS.UPDATE", "CLAIMS.DELETE", "CLAIMS.LIST", "SERVER.PING", "ACCOUNT.PING.CONNZ", "USER.INFO"):
        await customer.refused_to_publish(f"$SYS.REQ.{call}")


async def test_it_listens_to_nothing_but_its_inbox(connect):
    customer = await connect(A)
    for subject in (">", "audit.>", f"audit.{A}", "$JS.>", "$SYS.>", "_R_.>", "_INBOX", "*.>", "bus.>"):
        assert "subscription" in await customer.refused(functools.partial(customer.client.subscribe, subject))


async def test_what_it_is_sent_cannot_be_sent_to_others(platform, connect):
    """NATS does not check the reply subject of a request; it is the account that keeps an answer at home."""
    a, b = await connect(A), await connect(B)
    at_home, there = await a.client.subscribe("_INBOX.>"), await b.client.subscribe("_INBOX.>")
    await a.client.flush()
    await b.client.flush()
    for _ in range(10):
        await platform.jetstream.publish(f"audit.{A}", b"of a")
    await platform.jetstream.publish(f"audit.{B}", b"of b")
    before = await platform.jetstream.stream_info("AUDIT")
    for reply in (
        "_INBOX.of_b", f"audit.{B}", f"{NEXT}.{B}", f"{ACK}.{B}.1.11.1.1.0", "$JS.API.STREAM.DELETE.AUDIT",
        "$JS.API.STREAM.PURGE.AUDIT", "$SYS.REQ.CLAIMS.DELETE", "_INBOX_platform.x", "_INBOX_system.x",
    ):  # fmt: skip
        for subject in (f"{NEXT}.{A}", f"{INFO}.{A}"):
            await a.client.publish(subject, b'{"batch":1,"no_wait":true}', reply=reply)
    await a.client.publish(f"{INFO}.{A}", b"", reply="_INBOX.last")
    await eventually(lambda: at_home.pending_msgs >= 3)
    answers = [(await at_home.next_msg()).subject for _ in range(at_home.pending_msgs)]
    assert len(answers) == 3, "the two to an inbox of that name, which is its own, and the last"
    await b.client.flush()
    assert there.pending_msgs == 0
    after = await platform.jetstream.stream_info("AUDIT")
    assert (after.created, after.state.messages) == (before.created, before.state.messages)
    assert await pulled(b, B, 1) == [b"of b"]


async def test_it_has_four_connections_and_no_fifth(connect):
    for _ in range(4):
        await connect(A)
    with pytest.raises(Error, match="maximum account active connections exceeded"):
        await connect(A)
    await connect(B)
