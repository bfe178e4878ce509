"""A process that was stopped for longer than a lease knows that it was."""

import asyncio
import contextlib
import pathlib
import signal
import sys

import pytest

from latchkey_kit.clock import SystemClock
from latchkey_kit.testing import eventually
from latchkey_verify.testing import Issuer, Owners

ORIGIN = "https://api.latchkey.test"
SCRIPT = pathlib.Path(__file__).with_name("paused_verifier.py")
LEASE = 1.0


class Process:
    def __init__(self, child):
        self._child = child

    async def stop(self):
        """Stop it, and wait until it has: on another core it may run on for a moment."""
        self._child.send_signal(signal.SIGSTOP)
        status = pathlib.Path(f"/proc/{self._child.pid}/stat")
        await eventually(lambda: status.read_text().rpartition(")")[2].split()[0] == "T")

    def go_on(self):
        self._child.send_signal(signal.SIGCONT)

    def present(self, token):
        self._child.stdin.write(f"{token}\n".encode())

    async def verdict(self):
        return (await self._child.stdout.readline()).decode().strip()

    async def check(self, token):
        self.present(token)
        return await self.verdict()


@pytest.fixture
def issuer():
    return Issuer(ORIGIN, f"{ORIGIN}/v1", SystemClock())


@pytest.fixture
async def owners(issuer):
    made = Owners(issuer)
    async with made.serving():
        yield made


@pytest.fixture
async def process(owners):
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), ORIGIN, owners.url, str(LEASE),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    yield Process(child)
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGCONT)
        child.kill()
    await child.wait()


async def told(process, token, verdict):
    async def so():
        return await process.check(token) == verdict

    await eventually(so)


async def test_token_that_died_while_the_process_was_stopped_is_never_accepted(process, issuer, owners):
    clock = SystemClock()
    for victim in ("c" * 32, "e" * 32, "f" * 32):  # more than once: it hangs on who runs first after the stop
        token = issuer.mint(sid=victim)
        await told(process, token, "accepted")
        await process.stop()
        owners.kill(victim)
        stopped = clock.boot()
        process.present(token)
        await eventually(lambda since=stopped: clock.boot() > since + LEASE)
        process.go_on()
        assert await process.verdict() in {"no_lease", "revoked"}
        await told(process, token, "revoked")
