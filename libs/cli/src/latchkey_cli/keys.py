"""`latchkey keys`: the keys that sign access tokens."""

import datetime as dt
import sys

from latchkey_cli.operator import Operator, ask, operating
from latchkey_contracts.requests.keys import KeyRetire, KeysList, KeysRotate, SigningKey, SigningKeys


async def show() -> None:
    async with operating() as operator:
        _tell(await ask(operator.token, KeysList()))


async def rotate(*, now: bool) -> None:
    """The key that signs is named, so that asking twice rotates once."""
    async with operating() as operator:
        _tell(await ask(operator.token, KeysRotate(active=await _active(operator), now=now)))


async def retire(kid: str, *, compromised: bool) -> None:
    async with operating() as operator:
        _tell(await ask(operator.token, KeyRetire(kid=kid, compromised=compromised)))
    if compromised:
        sys.stdout.write(
            f"All that {kid} has signed is refused from now on. No connection has ended: each gets a token of another "
            "key at its next refresh.\n"
        )


async def _active(operator: Operator) -> str | None:
    found = await ask(operator.token, KeysList())
    return next((key.kid for key in found.keys if key.state == "active"), None)


def _tell(found: SigningKeys) -> None:
    for key in found.keys:
        sys.stdout.write(f"{key.kid}  {_state(key)}\n")


def _state(key: SigningKey) -> str:
    match key.state:
        case "active":
            return "signs"
        case "next":
            return f"signs next, published since {_time(key.created_at)}"
        case "former" if key.published_until:
            return f"signs no more, published until {_time(key.published_until)}"
        case _:
            return "compromised: all that it has signed is refused" if key.compromised else "retired"


def _time(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
