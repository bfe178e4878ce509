"""The figures of this house on this machine, side by side: `make bench`, or one of them, `make bench only=refresh`."""

import argparse
import asyncio
import os
import time

import apps
import catching_up
import deaths
import enforcement
import house
import log_ingest
import log_reading
import machine
import policy
import rates
import reuse
import sizes
import verifier
import works
from table import Figure, head, row

RATES = ("refresh", "exchange", "credentials", "introspection")
RIGHTS = {"policy": policy.measure, "enforcement": enforcement.measure}
AUDIT = ("ingest", "catching-up", "reuse", "audit")
WHAT = (*RATES, "sizes", "verifier", "deaths", *RIGHTS, *AUDIT)
AIMS = {
    policy.COMPUTED: "<= 200", policy.FROM_CACHE: "<= 5", enforcement.ON_A_LIST: "<= 10", enforcement.ON_ONE: "<= 10",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"what to measure, of {', '.join(WHAT)}; all of it if left out")
    parser.add_argument("--events", type=int, default=10_000_000, help="in the log that is searched (10 million)")
    asked = parser.parse_args()
    only = asked.only or WHAT
    if set(only) - set(WHAT):
        parser.error(f"there are {', '.join(WHAT)}")
    begun = time.perf_counter()
    print(machine.described(), head(), sep="\n", flush=True)
    if set(only) - RIGHTS.keys() - set(AUDIT):
        asyncio.run(_measure(only))
    for name in (name for name in RIGHTS if name in only):
        _show([_figure(*one) for one in RIGHTS[name]()])
    asyncio.run(_measure_audit(only, asked.events))
    print(f"\n{time.perf_counter() - begun:.0f} s; load after {os.getloadavg()[0]:.1f}")


async def _measure(only: list[str]) -> None:
    async with house.running() as running:
        app = await apps.an_app(running)
        if set(only) & set(RATES):
            all_works = await works.all_of_them(running, app)
            _show(await rates.measure(running, [all_works[name] for name in RATES if name in only]))
        if "sizes" in only:
            _show(await sizes.measure(running, app))
        if "deaths" in only:
            _show(await deaths.measure(running))
    if "verifier" in only:
        _show(await verifier.measure())


async def _measure_audit(only: list[str], events: int) -> None:
    if "ingest" in only:
        _show(await log_ingest.measure())
    if "catching-up" in only:
        _show(await catching_up.measure())
    if "reuse" in only:
        _show(await reuse.measure())
    if "audit" in only:
        async for figure in log_reading.measure(events):
            _show([figure])


def _figure(name: str, value: float, unit: str) -> Figure:
    return Figure(name, f"{value:.2f} {unit}", f"{AIMS[name]} {unit}" if name in AIMS else "")


def _show(figures: list[Figure]) -> None:
    for figure in figures:
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()
