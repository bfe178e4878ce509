"""Waiting for something to become true, and asking a loopback HTTP server how it is."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from latchkey_embedded.ports import LOOPBACK


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float, pause: float = 0.02) -> bool:
    """Ask `condition` again and again; True as soon as it holds, False when `seconds` are over."""
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(pause)
    return True


async def http_status(port: int, path: str, *, seconds: float = 1.0) -> int | None:
    """Return the status of `GET http://127.0.0.1:<port><path>`, or None when nothing (or no HTTP) answers in time."""
    answer = await http_answer(port, path, seconds=seconds)
    return None if answer is None else answer[0]


async def http_answer(port: int, path: str, *, seconds: float = 1.0) -> tuple[int, str] | None:
    """Return status and body, as `http_status` returns the status."""
    try:
        async with asyncio.timeout(seconds):
            head, _, body = (await _read(port, path)).partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), body.decode(errors="replace")
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _read(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()
