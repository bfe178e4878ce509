"""`latchkey tenants off-board|restore|limit|retention NAME`: a tenant that leaves or comes back, and its own limits."""

import sys
from typing import Final

import msgspec

from latchkey_cli.errors import CommandError
from latchkey_cli.operator import ask, operating
from latchkey_cli.turned import when
from latchkey_contracts.requests.audit import Months, RetentionOf, TenantRetention
from latchkey_contracts.requests.operator import TenantNamed
from latchkey_contracts.requests.people import TenantLimit, TenantSwitch

Limit = int | msgspec.UnsetType | None
"""Seconds; ``None`` takes the limit away."""
AS_IT_IS: Final = msgspec.UNSET
_OFF_BOARDED = "{name} is off-boarded: every connection in it is dead, and nobody can sign in to it."
_RESTORED = "{name} is restored: its members may sign in to it and connect apps again; what was cut stays dead."
_LIMITED = "{name}: its own limits on connections are set."
_KEPT = "{name}: what is recorded from now on is kept for {months} months ({former} until now)."
_IS_KEPT = "{name}: what is recorded now is kept for {months} months."


async def switch(name: str, *, off_boarded: bool) -> None:
    async with operating() as operator:
        done = await ask(operator.auth, TenantSwitch(name=name, off_boarded=off_boarded))
    words = (_OFF_BOARDED if off_boarded else _RESTORED).format(name=name)
    sys.stdout.write(f"{words}{when(done)}\n")


async def limit(name: str, *, refresh_token_lifetime: Limit, connection_lifetime: Limit) -> None:
    if refresh_token_lifetime is AS_IT_IS and connection_lifetime is AS_IT_IS:
        raise CommandError("say what to limit: --refresh-token-lifetime, --connection-lifetime, or both")
    question = TenantLimit(
        name=name, refresh_token_lifetime=refresh_token_lifetime, connection_lifetime=connection_lifetime
    )
    async with operating() as operator:
        done = await ask(operator.auth, question)
    sys.stdout.write(f"{_LIMITED.format(name=name)}{when(done)}\n")


async def retention(name: str, months: Months | None) -> None:
    """Say for how long a tenant's audit log is kept; without ``months``, show it."""
    async with operating() as operator:
        tenant = (await ask(operator.auth, TenantNamed(name=name))).id
        if months is None:
            kept = await ask(operator.audit, RetentionOf(tenant=tenant))
        else:
            kept = await ask(operator.audit, TenantRetention(tenant=tenant, months=months))
    words = _IS_KEPT if months is None else _KEPT
    sys.stdout.write(words.format(name=name, months=kept.months, former=kept.former) + "\n")
