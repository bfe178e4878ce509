"""The services behind the pages. Each request carries the word of auth that a person makes it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from latchkey_contracts.requests import Ask
from latchkey_contracts.requests.console import ACTOR_HEADER, SignedIn
from latchkey_kit.requests import Peer, PeerRefused
from latchkey_kit.web.problems import Problem

AnswerT = TypeVar("AnswerT")
Owner = Literal["auth", "token", "client-registry", "permissions", "audit"]


class Owners:
    def __init__(self, peers: Mapping[Owner, Peer]) -> None:
        self._peers = peers

    async def ask(self, owner: Owner, question: Ask[AnswerT]) -> AnswerT:
        """Ask in the console's own name; raises ``PeerUnavailable`` and ``PeerRefused``."""
        return await self._peers[owner].ask(question)

    async def send(
        self,
        person: SignedIn,
        owner: Owner,
        method: str,
        path: str,
        body: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request for a person; gives the JSON of the answer, ``None`` for an empty one.

        Raises:
            Problem: the owner's no, in its words.
            PeerUnavailable: no answer; whoever asks is told 503.

        """
        given = {ACTOR_HEADER: person.assertions.get(owner, ""), **(headers or {})}
        sent = body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
        try:
            answer = await self._peers[owner].send(method, path, sent, params=params, headers=given)
        except PeerRefused as refused:
            raise as_problem(refused) from None
        return msgspec.json.decode(answer) if answer else None

    def stream(self, person: SignedIn, owner: Owner, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Give the body of a long answer, piece by piece; raises as `send`."""
        headers = {ACTOR_HEADER: person.assertions.get(owner, "")}
        return self._peers[owner].stream(path, params=params, headers=headers)


def as_problem(refused: PeerRefused) -> Problem:
    """The owner's no as ours, with what it said of single fields."""
    said = refused.problem
    return Problem(said.status, said.code, said.title, said.detail, errors=said.errors)
