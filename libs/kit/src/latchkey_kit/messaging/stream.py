"""The stream and its consumers, made by whoever deploys: no service may make or change either.

``python -m latchkey_kit.messaging.stream deploy/nats/stream.toml`` makes them, or brings those there up to date; with
``--keep`` it goes on, and makes them again whenever they are missing. From the environment: ``NATS_URL``,
``NATS_USER``, ``NATS_PASSWORD`` (or ``NATS_PASSWORD_FILE``).
"""

import argparse
import asyncio
import contextlib
import os
import pathlib
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, NoReturn

import msgspec
import nats
import structlog
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from latchkey_kit.messaging.bus import AWAY
from latchkey_kit.settings import Secret, SettingsError, load
from latchkey_kit.telemetry.trouble import Trouble

_SECONDS_PER_DAY = 86_400
_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_PAUSE_SECONDS = 0.25
log = structlog.get_logger()

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Consumer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A durable pull consumer: ``name`` is the user that reads it, ``filters`` the subjects that it gets."""

    name: str
    filters: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """No two of them may match the same subject."""
    ack_wait_seconds: Positive = 10
    """What was sent to a pull that died comes again after so long."""
    most_unacknowledged: Positive = 1_000
    """While so many are sent and not acknowledged, NATS sends no more."""


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``stream.toml`` says."""

    name: str
    subjects: list[str]
    consumers: list[Consumer]
    storage: Literal["file", "memory"]
    retention: Literal["limits", "interest", "workqueue"]
    max_age_days: Positive
    max_bytes: int
    discard: Literal["new", "old"]
    duplicate_window_seconds: Positive
    deny_delete: bool
    deny_purge: bool
    replicas: Positive = 1


def read(file: pathlib.Path) -> Definition:
    """Read a definition. Raises ``msgspec.ValidationError`` or ``tomllib.TOMLDecodeError`` when it is none."""
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Definition)


async def provide(url: str, user: str, password: str, wanted: Definition) -> None:
    """Make stream and consumers, or bring those there up to date. Raises one of ``AWAY`` when NATS is, or refuses."""
    async with _streams(url, user, password) as streams:
        await _provide(streams, wanted)


async def keep(url: str, user: str, password: str, wanted: Definition) -> None:
    """Make stream and consumers again whenever they are missing, for ever: one small question a second."""
    trouble = Trouble("stream_not_kept")
    while True:
        try:
            async with _streams(url, user, password) as streams:
                while True:
                    if not await _is_whole(streams, wanted):
                        await _provide(streams, wanted)
                        log.warning("stream_made_again", stream=wanted.name)
                    trouble.over()
                    await asyncio.sleep(_LOOK_SECONDS)
        except AWAY as error:
            trouble.tell(f"{type(error).__name__} {error}")
        await asyncio.sleep(_PAUSE_SECONDS)


async def _is_whole(streams: JetStreamContext, wanted: Definition) -> bool:
    try:
        held = {consumer.name for consumer in await streams.consumers_info(wanted.name)}
    except NotFoundError:
        return False
    return held.issuperset(consumer.name for consumer in wanted.consumers)


async def _provide(streams: JetStreamContext, wanted: Definition) -> None:
    config = _stream_config(wanted)
    try:
        await streams.update_stream(config)
    except NotFoundError:
        await streams.add_stream(config)
    for consumer in wanted.consumers:
        await streams.add_consumer(wanted.name, _consumer_config(consumer))


def _stream_config(wanted: Definition) -> StreamConfig:
    return StreamConfig(
        name=wanted.name,
        subjects=wanted.subjects,
        storage=StorageType(wanted.storage),
        retention=RetentionPolicy(wanted.retention),
        max_age=wanted.max_age_days * _SECONDS_PER_DAY,
        max_bytes=wanted.max_bytes,
        discard=DiscardPolicy(wanted.discard),
        duplicate_window=wanted.duplicate_window_seconds,
        deny_delete=wanted.deny_delete,
        deny_purge=wanted.deny_purge,
        num_replicas=wanted.replicas,
        allow_atomic=True,
    )


def _consumer_config(consumer: Consumer) -> ConsumerConfig:
    return ConsumerConfig(
        name=consumer.name,
        durable_name=consumer.name,
        filter_subjects=list(consumer.filters),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait_seconds,
        max_ack_pending=consumer.most_unacknowledged,
    )


@contextlib.asynccontextmanager
async def _streams(url: str, user: str, password: str) -> AsyncIterator[JetStreamContext]:
    signed_in: dict[str, Any] = {"user": user, "password": password} if user else {}
    client = await nats.connect(
        url.split(","),
        **signed_in,
        inbox_prefix=f"_INBOX_{user or 'deploy'}",
        allow_reconnect=False,
        max_reconnect_attempts=1,  # counts for the first connection, too; otherwise it is tried for two minutes
        reconnect_time_wait=_PAUSE_SECONDS,
        error_cb=_quietly,
    )
    try:
        yield client.jetstream(timeout=_ANSWER_SECONDS)
    finally:
        await client.close()


async def _quietly(_error: Exception) -> None:
    """Whoever asked is told; the client's own log would tell it twice."""


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    nats_url: str
    nats_user: str = "deploy"
    nats_password: Secret = Secret("")


def _end(_signal: int, _frame: object) -> NoReturn:
    """End at once: there is nothing to finish, and whoever waits for an answer might not hear of being cancelled."""
    os._exit(0)


def _main() -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m latchkey_kit.messaging.stream", description=__doc__)
    parser.add_argument("definition", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true", help="go on, and make again what is missing")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)  # as the first process of a container it must be caught
    try:
        settings, wanted = load(_Settings, os.environ), read(asked.definition)
        work = keep if asked.keep else provide
        asyncio.run(work(settings.nats_url, settings.nats_user, settings.nats_password.reveal(), wanted))
    except (SettingsError, msgspec.ValidationError, tomllib.TOMLDecodeError, *AWAY) as error:
        sys.exit(f"{parser.prog}: {error}")
    except KeyboardInterrupt:
        pass
    sys.exit(0)


if __name__ == "__main__":
    _main()
