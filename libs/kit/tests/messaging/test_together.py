"""Messages of which the stream takes each only behind the one before."""

import pytest
from nats.js.errors import NotFoundError

from latchkey_kit.messaging.together import Message, publish, publish_in_a_row


@pytest.fixture
def message():
    """A message whose id is ``name``."""

    def make(name, size=2):
        subject = f"lk.v1.{'0' * 32}.client.{'1' * 32}.updated"
        return Message(subject, b"x" * size, {"Nats-Msg-Id": name})

    return make


@pytest.fixture
def held(bus):
    """Ids of the messages in the stream, in their order."""

    async def read():
        state = (await bus.jetstream.stream_info("LATCHKEY")).state
        found = []
        for at in range(state.first_seq, state.last_seq + 1):
            try:
                found.append((await bus.jetstream.get_msg("LATCHKEY", seq=at)).headers["Nats-Msg-Id"])
            except NotFoundError:
                continue
        return found

    return read


async def test_all_are_taken_in_their_order(bus, message, held):
    assert await publish_in_a_row(bus.client, [message("a"), message("b"), message("c")])
    assert await held() == ["a", "b", "c"]


async def test_behind_one_that_is_refused_none_is_taken(bus, message, held):
    too_large = message("b", 2000)
    config = (await bus.jetstream.stream_info("LATCHKEY")).config
    config.max_msg_size = 1000
    await bus.jetstream.update_stream(config)
    assert not await publish_in_a_row(bus.client, [message("a"), too_large, message("c")])
    assert await held() == ["a"]


async def test_what_the_stream_has_already_is_taken_once(bus, message, held):
    first, second, third = message("a"), message("b"), message("c")
    assert await publish_in_a_row(bus.client, [first, second])
    assert await publish(bus.client, [first, second]) is None
    assert await publish_in_a_row(bus.client, [first, second, third])
    assert await held() == ["a", "b", "c"]
