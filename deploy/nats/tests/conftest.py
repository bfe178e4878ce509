"""A server as it is deployed, with its stream and consumers, once for all tests of this folder: none may change it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from latchkey_embedded import Nats
from latchkey_kit.messaging import stream
from latchkey_kit.testing.background import Background

sys.path.insert(0, str(Path(__file__).parent))  # for `nats_users`

import nats_users


@pytest.fixture(scope="session")
def server(background: Background, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    running = background.run(nats_users.start(tmp_path_factory.mktemp("nats")))
    background.run(stream.provide(running.url, "deploy", nats_users.password("deploy"), nats_users.DEFINITION))
    yield running
    background.run(running.stop())
