"""Each NATS user may say only what is its own to say, and hear only what it needs: tried from the outside, by all."""

import contextlib
import functools

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig
from nats_users import AGGREGATES, CONFIRMING, SERVICES, SOURCES, TYPES, fact, told, user

from latchkey_contracts.events.tellers import subjects
from latchkey_contracts.receipts import receipt_subject
from latchkey_kit.testing import eventually

READERS = sorted(name for name, rights in SERVICES.items() if rights.reads)
everyone = pytest.mark.parametrize("name", SERVICES)

CONTROL = (
    "STREAM.CREATE.OTHER", "STREAM.UPDATE.LATCHKEY", "STREAM.DELETE.LATCHKEY", "STREAM.PURGE.LATCHKEY",
    "STREAM.NAMES", "STREAM.LIST", "STREAM.MSG.GET.LATCHKEY", "STREAM.MSG.DELETE.LATCHKEY", "DIRECT.GET.LATCHKEY",
    "DIRECT.GET.LATCHKEY.lk.v1.acme.user.id1.signed_in", "STREAM.SNAPSHOT.LATCHKEY", "STREAM.RESTORE.LATCHKEY",
    "STREAM.PEER.REMOVE.LATCHKEY", "STREAM.LEADER.STEPDOWN.LATCHKEY", "CONSUMER.NAMES.LATCHKEY",
    "CONSUMER.LIST.LATCHKEY", "ACCOUNT.PURGE.LATCHKEY", "SERVER.REMOVE", "META.LEADER.STEPDOWN",
)  # fmt: skip
OF_A_CONSUMER = (
    "CONSUMER.CREATE.LATCHKEY.{}", "CONSUMER.CREATE.LATCHKEY.{}.lk.v1.>", "CONSUMER.DURABLE.CREATE.LATCHKEY.{}",
    "CONSUMER.DELETE.LATCHKEY.{}", "CONSUMER.PAUSE.LATCHKEY.{}", "CONSUMER.UNPIN.LATCHKEY.{}",
    "CONSUMER.LEADER.STEPDOWN.LATCHKEY.{}",
)  # fmt: skip


@everyone
async def test_a_service_publishes_each_of_its_events_and_none_that_is_anothers(server, name):
    async with user(server, name) as one:
        for kind in TYPES:
            if kind in told(name):
                assert (await one.client.jetstream().publish(fact(kind), b"{}")).stream == "LATCHKEY"
            else:
                await one.refused_to_publish(fact(kind))


@everyone
async def test_a_type_to_come_is_published_by_the_only_owner_of_its_aggregate(server, name):
    async with user(server, name) as one:
        for word in AGGREGATES:
            if f"lk.v1.*.{word}.>" in subjects(name):
                assert (await one.client.jetstream().publish(fact(f"{word}.to_come"), b"{}")).stream == "LATCHKEY"
            else:
                await one.refused_to_publish(fact(f"{word}.to_come"))


async def test_auth_cannot_tell_that_somebody_parted_from_an_app_not_even_by_an_answer(server):
    """It is the token service's to tell, of auth's aggregate."""
    parted = fact("user.disconnected")
    async with user(server, "auth") as auth, user(server, "token") as token:
        await auth.refused_to_publish(parted)
        place = (await token.client.jetstream().publish(parted, b"{}")).seq
        for asked in ("$JS.API.STREAM.INFO.LATCHKEY", fact("user.created")):
            await auth.client.publish(asked, b"", reply=parted)
        for _ in range(20):  # each is taken in its turn, and so would the answers be
            last = (await auth.client.jetstream().publish(fact("user.enabled"), b"{}")).seq
        assert last == place + 1 + 20


@everyone
async def test_only_who_confirms_sends_receipts_and_only_its_own(server, name):
    async with user(server, name) as one:
        for consumer in CONFIRMING:
            if consumer != name:
                await one.refused_to_publish(receipt_subject(consumer, "auth"))


async def heard(subscription, say):
    """What is heard first. Core NATS loses what is said while a loaded machine's line is cut, so it is said again."""

    async def asked_again():
        await say()
        with contextlib.suppress(NatsTimeoutError):
            return (await subscription.next_msg(2)).data

    return await eventually(asked_again)


@pytest.mark.parametrize("consumer", CONFIRMING)
@pytest.mark.parametrize("source", SOURCES)
async def test_a_source_hears_its_own_receipts(server, consumer, source):
    async with user(server, source) as one, user(server, consumer) as other:
        receipts = await one.client.subscribe(receipt_subject(consumer, source))
        await one.client.flush()

        async def say():
            for about in SOURCES:
                await other.client.publish(receipt_subject(consumer, about), about.encode())

        assert await heard(receipts, say) == source.encode()


@everyone
async def test_nobody_hears_the_receipts_of_another_source(server, name):
    async with user(server, name) as one:
        for source in SOURCES:
            if source != name:
                subject = receipt_subject("*", source)
                assert "subscription" in await one.refused(functools.partial(one.client.subscribe, subject))


@everyone
async def test_a_service_does_not_speak_outside_the_events(server, name):
    async with user(server, name) as one:
        for subject in (
            "lk",
            "lk.receipt",
            "lk.v1",
            "lk.v1.acme",
            "lk.v2.acme.user.id1.signed_in",
            "other",
            "_INBOX_deploy.x",
        ):
            await one.refused_to_publish(subject)


@everyone
async def test_only_token_speaks_on_the_feed(server, name):
    async with user(server, name) as one:
        if not SERVICES[name].speaks_on_feed:
            await one.refused_to_publish("lk.feed")


@everyone
async def test_every_verifier_hears_the_feed(server, name):
    async with user(server, name) as one, user(server, "token") as token:
        feed = await one.client.subscribe("lk.feed")
        await one.client.flush()
        assert await heard(feed, functools.partial(token.client.publish, "lk.feed", b"kill")) == b"kill"


@everyone
async def test_nobody_listens_in(server, name):
    others = [f"_INBOX_{other}.>" for other in ("deploy", *SERVICES) if other != name]
    async with user(server, name) as one:
        for subject in (">", "lk.>", "lk.v1.>", "$JS.>", "$SYS.>", "_INBOX.>", "_R_.>", *others):
            assert "subscription" in await one.refused(functools.partial(one.client.subscribe, subject))


@everyone
async def test_no_service_rules_the_stream(server, name):
    async with user(server, name) as one:
        for call in CONTROL:
            await one.refused_to_publish(f"$JS.API.{call}")


@everyone
async def test_no_service_makes_or_changes_a_consumer_its_own_included(server, name):
    async with user(server, name) as one:
        for durable in (*READERS, "spy"):
            for call in OF_A_CONSUMER:
                await one.refused_to_publish(f"$JS.API.{call.format(durable)}")


@everyone
async def test_no_service_has_events_delivered_to_a_subject(server, name):
    config = ConsumerConfig(name="spy", filter_subject="lk.v1.>", deliver_subject=f"_INBOX_{name}.spy")
    async with user(server, name) as one:
        said = await one.refused(lambda: one.client.jetstream().add_consumer("LATCHKEY", config))
        assert "permissions violation" in said


@everyone
async def test_nobody_pulls_from_or_confirms_for_or_looks_at_anothers_consumer(server, name):
    async with user(server, name) as one:
        for other in {*READERS, "spy"} - {name}:
            for subject in ("$JS.API.CONSUMER.MSG.NEXT.LATCHKEY", "$JS.API.CONSUMER.INFO.LATCHKEY"):
                await one.refused_to_publish(f"{subject}.{other}")
            await one.refused_to_publish(f"$JS.ACK.LATCHKEY.{other}.1.1.1.1.0")


@pytest.mark.parametrize("name", READERS)
async def test_a_reader_reads_and_confirms_its_own(server, name):
    wanted = fact("client.created")
    async with user(server, "client-registry") as registry, user(server, name) as one:
        place = (await registry.client.jetstream().publish(wanted, b"{}")).seq
        reader = await one.client.jetstream().pull_subscribe_bind(name, "LATCHKEY")

        async def confirmed():  # with all before it, of which a test before may have taken some that now come again
            with contextlib.suppress(TimeoutError):
                for message in await reader.fetch(100, timeout=1):
                    await message.ack_sync()
            held = await one.client.jetstream().consumer_info("LATCHKEY", name)
            return held.ack_floor.stream_seq >= place

        await eventually(confirmed, 30)


@everyone
async def test_who_publishes_may_see_which_stream_there_is(server, name):
    async with user(server, name) as one:
        if name in SOURCES:
            assert (await one.client.jetstream().stream_info("LATCHKEY")).config.name == "LATCHKEY"
        else:
            await one.refused_to_publish("$JS.API.STREAM.INFO.LATCHKEY")


def _questions(name):
    """What a service may ask and will be answered, as subject and body."""
    rights = SERVICES[name]
    asked = [(fact(one), b"{}") for one in told(name)[-1:]]
    if asked:
        asked.append(("$JS.API.STREAM.INFO.LATCHKEY", b""))
    if rights.reads:
        asked.append((f"$JS.API.CONSUMER.INFO.LATCHKEY.{name}", b""))
        asked += [(f"$JS.API.CONSUMER.MSG.NEXT.LATCHKEY.{name}", b'{"batch":1,"no_wait":true}')] * 3
    return asked


@pytest.mark.parametrize("name", [name for name in SERVICES if _questions(name)])
async def test_an_answer_cannot_be_sent_to_where_the_asker_may_not_speak(server, name):
    """NATS does not check the reply subject of a request; it is the accounts that keep an answer at home."""
    victim = "edge"
    foreign = next(fact(one) for one in TYPES if one not in told(name))
    async with user(server, "deploy") as deploy, user(server, victim) as other, user(server, name) as one:
        streams = deploy.client.jetstream()
        await _something_to_pull(server)
        inbox, feed = await other.client.subscribe(f"_INBOX_{victim}.>"), await other.client.subscribe("lk.feed")
        await other.client.flush()
        before = await streams.stream_info("LATCHKEY")
        said = 0
        for subject, body in _questions(name):
            for answer_to in (f"_INBOX_{victim}.x", "lk.feed", foreign, "$JS.API.STREAM.DELETE.LATCHKEY"):
                if answer_to == "lk.feed" and SERVICES[name].speaks_on_feed:
                    continue
                await one.client.publish(subject, body, reply=answer_to)
                said += subject.startswith("lk.v1.")
        await one.client.flush()

        async def published():
            return (await streams.stream_info("LATCHKEY")).state.last_seq >= before.state.last_seq + said

        await eventually(published)  # and every answer has been sent, for the stream answers in its turn
        await _something_to_pull(server)
        await other.client.flush()
        after = await streams.stream_info("LATCHKEY")
        assert after.created == before.created
        assert after.state.last_seq == before.state.last_seq + said + 20
        assert (inbox.pending_msgs, feed.pending_msgs) == (0, 0)


async def _something_to_pull(server):
    async with user(server, "client-registry") as registry:
        for _ in range(20):
            await registry.client.jetstream().publish(fact("client.created"), b"")
