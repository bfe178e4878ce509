"""Waiting for a condition instead of for a time."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

_PAUSE = 0.005


async def eventually(condition: Callable[[], Any], timeout: float = 40) -> Any:  # noqa: ASYNC109 - seconds to give up after
    """Ask ``condition`` (plain or async) until it is true; returns what it said.

    Raises:
        AssertionError: when it is still not true after ``timeout`` seconds, with its last answer.

    """
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    while True:
        said = condition()
        result = await said if inspect.isawaitable(said) else said
        if result:
            return result
        if loop.time() > end:
            raise AssertionError(f"still not true after {timeout} s; last answer: {result!r}")
        await asyncio.sleep(_PAUSE)
