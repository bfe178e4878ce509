"""The server for customers' consumers as a part of the stack: what it believes comes from the audit service."""

import base64

import pytest

from latchkey_embedded import PartError, free_port
from latchkey_kit.entropy import SystemEntropy
from latchkey_local import credentials, streams
from latchkey_local.addresses import Addresses
from latchkey_local.home import Home


@pytest.fixture
def part(tmp_path):
    home = Home(tmp_path / "home")
    home.open()
    ports = {"streams": free_port(), "streams-monitor": free_port()}
    return streams.server(home, Addresses(8080, ports, ()), credentials.load(home, SystemEntropy()))


async def test_it_starts_with_what_the_audit_service_signs_and_keeps_that(part):
    async with part:
        assert await part.healthy()
        signed = part.config
        await part.stop()
        await part.start()
        assert await part.healthy()
    assert part.config == signed
    assert "resolver_preload" in signed
    assert base64.b64decode(part.master_key_file.read_bytes()).hex() not in signed
    assert (part.folder / "accounts").is_dir()


async def test_a_master_key_that_is_none_is_one_sentence(part):
    part.master_key_file.write_text("canary")
    with pytest.raises(PartError, match="must be 32 bytes in base64") as refused:
        await part.start()
    assert "canary" not in str(refused.value)
