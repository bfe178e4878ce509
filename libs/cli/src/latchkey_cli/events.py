"""`latchkey events`: events that a service could not read or apply, and has put aside."""

import sys

from latchkey_cli.operator import Operator, ask, operating
from latchkey_cli.terminal import one_line
from latchkey_contracts.requests.dead_letters import DeadLetter, DeadLetterList, DeadLetterRetry
from latchkey_kit.requests import Peer

SERVICES = ("audit", "token")
"""Those that read events."""


async def dead(service: str | None) -> None:
    """List them, of one service or of all."""
    async with operating() as operator:
        found = 0
        for name in [service] if service else SERVICES:
            for letter in await _letters(_peer(operator, name)):
                found += 1
                sys.stdout.write(_line(name, letter))
        if not found:
            sys.stdout.write("No event was put aside.\n")


async def retry(service: str, number: int | None) -> int:
    """Have one applied again, or all (``None``); returns 1 when any had to stay."""
    async with operating() as operator:
        peer = _peer(operator, service)
        numbers = [letter.id for letter in await _letters(peer)] if number is None else [number]
        stayed = 0
        for one in numbers:
            reason = (await ask(peer, DeadLetterRetry(id=one))).reason
            stayed += reason is not None
            sys.stdout.write(f"{service} {one}: {'applied' if reason is None else f'stays: {one_line(reason)}'}\n")
        if not numbers:
            sys.stdout.write("No event was put aside.\n")
    return int(stayed > 0)


def _peer(operator: Operator, service: str) -> Peer:
    return {"audit": operator.audit, "token": operator.token}[service]


async def _letters(peer: Peer) -> list[DeadLetter]:
    page = await ask(peer, DeadLetterList())
    found = list(page.letters)
    while page.next is not None:
        page = await ask(peer, DeadLetterList(after=page.next))
        found += page.letters
    return found


def _line(service: str, letter: DeadLetter) -> str:
    at = letter.parked_at.isoformat(timespec="seconds")
    words = (service, str(letter.id), at, letter.durable, letter.message, letter.subject, letter.reason)
    return "  ".join(map(one_line, words)) + "\n"
