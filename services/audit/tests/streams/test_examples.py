"""The programs in docs/examples do what they say."""

import asyncio
import os
import pathlib
import sys
from urllib.parse import urlsplit

import pytest

from latchkey_kit.testing import eventually

EXAMPLES = pathlib.Path(__file__).parents[4] / "docs" / "examples"


def library(url):
    return [url.geturl()]


def plain(url):
    return [url.hostname, str(url.port)]


@pytest.mark.parametrize(
    ("name", "where", "most"), [("audit_stream.py", library, 20), ("audit_stream_plain.py", plain, 40)]
)
async def test_it_prints_what_comes_and_acknowledges_it(
    name, where, most, tmp_path, ask, make_consumer, publish, make_event
):
    consumer = await make_consumer()
    (tmp_path / "consumer.creds").write_text(consumer["credentials"])

    async def nothing_waits():
        _, shown = await ask("GET", f"/{consumer['id']}")
        return shown["progress"]["waiting"] == 0

    child = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / name), str(tmp_path / "consumer.creds"), *where(urlsplit(consumer["url"])),
        consumer["durable"], stdout=asyncio.subprocess.PIPE, env={"PATH": os.defpath},
    )  # fmt: skip
    try:
        await publish(make_event(), make_event())
        async with asyncio.timeout(30):
            first, *others = [(await child.stdout.readline()).decode() for _ in range(3)]
        assert "auditconsumer.created" in first
        assert all("user.signed_in" in line for line in others)
        await eventually(nothing_waits)
    finally:
        child.kill()
        await child.communicate()
    code = (EXAMPLES / name).read_text().splitlines()
    assert len([line for line in code if line.strip()]) <= most
