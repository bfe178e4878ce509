"""The operator's side of the internal requests: where the services are, and the credential to ask them."""

import asyncio
import contextlib
import os
import pathlib
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

import aiohttp
import msgspec

from latchkey_cli.errors import CommandError
from latchkey_contracts.events.audit import NOBODY
from latchkey_contracts.ids import is_id
from latchkey_contracts.requests import Ask
from latchkey_contracts.requests.operator import TenantNamed
from latchkey_kit.requests import Peer, PeerRefused, PeerUnavailable
from latchkey_kit.settings import Secret, SettingsError, load

AnswerT = TypeVar("AnswerT")
_TRIES = 4
HOME = "LATCHKEY_HOME"
NAME = "operator"
NO_TENANT = "_"
"""How somebody names what belongs to no tenant."""


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses are those of the services' internal ports."""

    origin: str
    operator_secret: Secret
    auth_url: str
    client_registry_url: str
    permissions_url: str
    records_url: str = ""
    token_url: str = ""
    audit_url: str = ""
    local_mode: bool = False


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """The services that the operator asks."""

    settings: OperatorSettings
    auth: Peer
    client_registry: Peer
    permissions: Peer
    records: Peer
    token: Peer
    audit: Peer


def home() -> pathlib.Path:
    """The data folder of the one-machine stack."""
    return pathlib.Path(os.environ.get(HOME, ".latchkey"))


def settings(environ: Mapping[str, str]) -> OperatorSettings:
    """From the environment; else as the one-machine stack wrote it down for us.

    Raises:
        CommandError: neither tells where the services are.

    """
    try:
        return load(OperatorSettings, environment(environ))
    except SettingsError as error:
        raise CommandError("; ".join(["the operator's settings are not complete", *error.problems])) from None


def environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Give the environment; unless it brings a credential of its own, over what the one-machine stack wrote down.

    Raises:
        CommandError: there is neither.

    """
    if "OPERATOR_SECRET" in environ or "OPERATOR_SECRET_FILE" in environ:
        return environ
    file = home() / "operator.json"
    try:
        return {**msgspec.json.decode(file.read_bytes(), type=dict[str, str]), **environ}
    except FileNotFoundError:
        raise CommandError(
            "no OPERATOR_SECRET is set, and there is no one-machine stack here; run `make up` first, "
            f"or set {HOME} to its data folder"
        ) from None
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise CommandError(f"{file} is damaged; `make up` writes it anew") from None


@contextlib.asynccontextmanager
async def operating() -> AsyncIterator[Operator]:
    """Reach the services for the time of the block."""
    known = settings(os.environ)
    async with aiohttp.ClientSession() as session:

        def peer(url: str) -> Peer:
            return Peer(session, url, NAME, known.operator_secret.reveal())

        yield Operator(
            settings=known,
            auth=peer(known.auth_url),
            client_registry=peer(known.client_registry_url),
            permissions=peer(known.permissions_url),
            records=peer(known.records_url),
            token=peer(known.token_url),
            audit=peer(known.audit_url),
        )


async def ask(peer: Peer, question: Ask[AnswerT]) -> AnswerT:
    """Ask a service; its no, or lasting silence, ends the command with a sentence. All questions may be repeated."""
    try:
        return await _ask_again(peer, question)
    except PeerUnavailable as error:
        raise CommandError(f"a service does not answer ({error}); is everything up?") from None
    except PeerRefused as refused:
        problem = refused.problem
        named = [f"{error.pointer} {error.message}" for error in problem.errors]
        raise CommandError(" ".join([problem.title, problem.detail, *named]).strip()) from None


def tenant_id(given: str) -> str | None:
    """Give the id if it is one, or that of no tenant (`NO_TENANT`); ``None`` for what must be a name."""
    if given == NO_TENANT:
        return NOBODY
    return given if is_id(given) else None


async def tenant_called(operator: Operator, given: str) -> str:
    """Give a tenant's id: ``given`` is its name, or as `tenant_id` reads it; raises as `ask`."""
    return tenant_id(given) or (await ask(operator.auth, TenantNamed(name=given))).id


async def _ask_again(peer: Peer, question: Ask[AnswerT]) -> AnswerT:
    for _ in range(_TRIES - 1):
        try:
            return await peer.ask(question)
        except PeerUnavailable:
            await asyncio.sleep(0.5)
    return await peer.ask(question)
