"""`latchkey restored`: the token service's database came back from the past, so every connection ends."""

import sys

from latchkey_cli.operator import ask, operating
from latchkey_contracts.requests.operator import Restored


async def run() -> None:
    """Tell the token service; prints when it is in force everywhere."""
    async with operating() as operator:
        applied = await ask(operator.token, Restored())
    when = applied.effective_at.isoformat(timespec="milliseconds") if applied.effective_at else "now"
    sys.stdout.write(f"Every connection is dead: number {applied.number} of the feed, in force by {when}.\n")
