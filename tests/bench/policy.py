"""What the permission algebra costs, in microseconds: 50 models of 40 fields, narrowed as tenants narrow them.

    .venv/bin/python tests/bench/policy.py

`measure` gives the same numbers to whoever collects them.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from latchkey_contracts.requests.permissions import RightsGet
from latchkey_kit.clock import SystemClock
from latchkey_policy.effective import GrantDocument, effective
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio
from latchkey_verify.bearer import Bearer
from latchkey_verify.feed import Feed
from latchkey_verify.rights import RightsCopy
from latchkey_verify.testing import CLIENT, CONNECTION_ID, DOCUMENT, TENANT, USER, rights

MODELS = {f"model_{m}": [f"m{m}_field_{n}" for n in range(40)] for m in range(50)}
ROUNDS, TIMES = 30, 20
COMPUTED = "effective set, all of it narrowed"
FROM_CACHE = "effective set, from the verifier's cache"


def measure() -> list[tuple[str, float, str]]:
    """Name, value, unit; each the best of several rounds, so that what else runs on the machine counts least."""
    document = GrantDocument(PermissionSet.of(_granted()), Portfolio.OWN)
    ceiling = PermissionSet.of(_narrowed(listed=True))
    role = PermissionSet.of(_narrowed(listed=False))
    other = PermissionSet.of(_narrowed(listed=True, every=1))
    text, whole = ceiling.encode(), role.meet(ceiling)
    return [
        (
            "effective set, half of it narrowed",
            _best(lambda: effective(document, ceiling, role)),
            "µs",
        ),
        (COMPUTED, _best(lambda: effective(document, other, role)), "µs"),
        ("subset", _best(lambda: whole.is_subset(ceiling)), "µs"),
        ("decode, lists met before", _best(lambda: PermissionSet.decode(text)), "µs"),
        ("encode", _best(ceiling.encode), "µs"),
        (FROM_CACHE, asyncio.run(_from_cache()), "µs"),
    ]


def _granted() -> dict[str, Any]:
    """As consent makes it: closed over the catalogue, with some fields that are read-only."""
    return {
        model: {"view": names, "export": names, "create": names[:35], "update": names[:35], "remove": "*"}
        for model, names in MODELS.items()
    }


def _narrowed(*, listed: bool, every: int = 2) -> dict[str, Any]:
    """A ceiling lists what there is, a role says what there is not; both leave the other models open."""
    made: dict[str, Any] = {}
    for index, (model, names) in enumerate(MODELS.items()):
        if index % every:
            made[model] = ["view", "export", "create", "update", "remove"]
            continue
        read = _some(names, 30, index) if listed else {"except": _some(names, 6, index)}
        write = _some(names, 20, index) if listed else {"except": _some(names, 10, index)}
        made[model] = {"view": read, "export": read, "create": write, "update": write, "remove": "*"}
    return made


def _some(names: list[str], count: int, start: int) -> list[str]:
    return [names[(start + 7 * n) % len(names)] for n in range(count)]


def _best(do: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(TIMES):
            do()
        best = min(best, (time.perf_counter() - started) / TIMES)
    return best * 1e6


class _Owner:
    """Answers with small rights: how large they are makes no difference once they are held."""

    async def ask(self, question: RightsGet) -> Any:
        view = {"company": ["view"]}
        return rights(view, view, view) if isinstance(question, RightsGet) else None


async def _from_cache() -> float:
    copy, best = RightsCopy(_Owner(), Feed()), float("inf")
    bearer = Bearer(
        connection=CONNECTION_ID,
        tenant=TENANT,
        user=USER,
        client=CLIENT,
        document=DOCUMENT,
        audiences=(),
        expires=SystemClock().now(),
        born=1,
        kid="key-1",
    )
    await copy.of(bearer)
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(TIMES):
            await copy.of(bearer)
        best = min(best, (time.perf_counter() - started) / TIMES)
    await copy.close()
    return best * 1e6


if __name__ == "__main__":
    for name, value, unit in measure():
        print(f"{name:55} {value:8.1f} {unit}")
