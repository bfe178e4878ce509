"""All rules, one after the other, and what they found: lines for people or JSON."""

import os
import pathlib
import sys
from collections.abc import Mapping

import asyncpg
import msgspec

from latchkey_cli.check.acceptances import acceptances
from latchkey_cli.check.arrived import arrived
from latchkey_cli.check.chains import chains
from latchkey_cli.check.databases import Databases, addresses
from latchkey_cli.check.dead import dead
from latchkey_cli.check.feed import feed
from latchkey_cli.check.finding import Finding, skipped
from latchkey_cli.check.heads import known
from latchkey_cli.check.lineage import lineage
from latchkey_cli.check.living import one_leaf, standing, twenty
from latchkey_cli.check.logs import Logs
from latchkey_cli.check.numbers import numbers
from latchkey_cli.check.pulled import pulled
from latchkey_cli.check.scene import Rule, Scene
from latchkey_cli.check.told import told
from latchkey_cli.check.turns import gates, turns
from latchkey_cli.check.verifiers import ahead, backwards
from latchkey_cli.errors import CommandError
from latchkey_kit.clock import SystemClock

OF_TOKEN: tuple[Rule, ...] = (
    one_leaf, standing, twenty, dead, lineage, feed, pulled, turns, gates, ahead, acceptances
)  # fmt: skip
RULES: tuple[Rule, ...] = (
    one_leaf, standing, twenty, dead, numbers, told, arrived, chains, lineage, feed, pulled,
    turns, gates, ahead, backwards, acceptances,
)  # fmt: skip


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``databases`` are addresses by service. Seconds: ``patience``, ``lease``, ``skew`` (see `Scene`)."""

    databases: Mapping[str, str] = {}
    logs: str | None = None
    patience: float = 30.0
    lease: float = 2.0
    skew: float = 0.0
    as_json: bool = False


async def run(options: Options) -> int:
    """Prove everything that can be, and print it; returns the exit code, 1 if a rule fails."""
    databases = Databases(addresses(options.databases, os.environ))
    logs = Logs(pathlib.Path(options.logs)) if options.logs else None
    scene = Scene(
        databases,
        logs,
        known(os.environ),
        SystemClock(),
        patience=options.patience,
        lease=options.lease,
        skew=options.skew,
    )
    found = await examine(scene)
    sys.stdout.write(_json(found) if options.as_json else _lines(found))
    return int(any(finding.state == "FAIL" for finding in found))


async def examine(scene: Scene, rules: tuple[Rule, ...] = RULES) -> list[Finding]:
    """What there is to say, in the order of the rules.

    Raises:
        CommandError: a database is not there, or is none of ours.

    """
    found = []
    for rule in rules:
        if rule in OF_TOKEN and "token" not in scene.databases:
            found.append(skipped(rule.__name__, "the database of token was not given"))
            continue
        try:
            found += await rule(scene)
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
            raise CommandError(f"a database is not of this release ({error})") from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CommandError(f"a database went away ({type(error).__name__})") from None
    return found


def _lines(found: list[Finding]) -> str:
    width = max(len(finding.rule) for finding in found)
    lines = []
    for one in found:
        counts = ", ".join(f"{number} {name}" for name, number in one.numbers.items())
        lines.append(f"{one.state:<5} {one.rule:<{width}}  {one.words}{f' ({counts})' if counts else ''}")
        lines += [f"      {'':<{width}}  {offender}" for offender in one.offenders]
        if one.broken > len(one.offenders):
            lines.append(f"      {'':<{width}}  and {one.broken - len(one.offenders)} more")
    totals = [f"{sum(one.state == state for one in found)} {state}" for state in ("ok", "skip", "FAIL")]
    return "\n".join([*lines, "", ", ".join(totals)]) + "\n"


def _json(found: list[Finding]) -> str:
    proven = all(finding.state == "ok" for finding in found)
    return msgspec.json.encode({"proven": proven, "findings": found}).decode() + "\n"
