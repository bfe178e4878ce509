"""Passwords: argon2id (RFC 9106), in few threads, for everybody in the same time."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from latchkey_kit.entropy import Entropy
from latchkey_kit.web.problems import unavailable

ResultT = TypeVar("ResultT")
_SALT = 16
_QUEUE = 64  # a longer one would keep people waiting for answers that they no longer want


class Passwords:
    """Hashes and checks. ``threads`` bounds the processors and the memory (64 MiB each) that sign-ins may take."""

    def __init__(self, threads: int, entropy: Entropy) -> None:
        self._hasher = PasswordHasher()
        self._entropy = entropy
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._under_way = 0
        self._nobodys = _of_nobody(self._hasher, entropy)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hash(password))

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether a password is right. ``None``, for an unknown user, takes the same time and never is."""
        fits = await self._run(lambda: self._verify(password_hash or self._nobodys, password))
        return fits and password_hash is not None

    def close(self) -> None:
        self._threads.shutdown()

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password, salt=self._entropy.bytes(_SALT))

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False

    async def _run(self, job: Callable[[], ResultT]) -> ResultT:
        if self._under_way >= _QUEUE:
            raise unavailable(2, private="too many passwords are waiting to be checked")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, job)
        finally:
            self._under_way -= 1


def _of_nobody(hasher: PasswordHasher, entropy: Entropy) -> str:
    """A hash that no password is known to have, with everybody's parameters: checking it takes everybody's time."""
    salt, digest = (_spelled(entropy.bytes(size)) for size in (_SALT, hasher.hash_len))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


def _spelled(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()


@contextlib.asynccontextmanager
async def passwords(threads: int, entropy: Entropy) -> AsyncIterator[Passwords]:
    """Keep the threads for the time of the block."""
    made = Passwords(threads, entropy)
    try:
        yield made
    finally:
        made.close()
