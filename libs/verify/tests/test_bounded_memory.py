"""A verifier's memory is bounded, and known."""

import asyncio
import sys

import pytest

from latchkey_verify.lru import Lru

MILLION = 1_000_000
MEGABYTES = 150
FILLING = """
import hashlib, sys
from latchkey_contracts.feed import Entry, Page
from latchkey_verify.feed import Feed

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

def page(start, size, count, kind):
    marks = (hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest() for number in range(start, start + size))
    entries = tuple(Entry(start + place, kind, key, 2**40 + start + place) for place, key in enumerate(marks, 1))
    return Page(epoch="e", head=start + size, entries=entries, more=start + size < count, salt="5a17")

kind, count, size = sys.argv[1], int(sys.argv[2]), 5000
feed, before = Feed(), resident()
for start in range(0, count, size):
    complete = feed.apply(start, page(start, size, count, kind))
assert complete and feed.size == count
print(resident() - before)
"""


@pytest.mark.parametrize("kind", ["connection", "user"])
async def test_million_live_entries_fit(kind):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FILLING, kind, str(MILLION), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    assert child.returncode == 0
    assert float(said) <= MEGABYTES


def test_what_was_not_used_for_longest_is_forgotten_first():
    kept = Lru(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (1, None, 3, 2)
