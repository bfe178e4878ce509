"""Runs after the others: nothing secret that they held in their hands may stand in a log."""

import pytest

pytestmark = pytest.mark.xdist_group("e2e")


async def test_no_secret_stands_in_any_log(house, carly):
    tokens = await house.app("sync-demo").connect(carly)
    assert {tokens.access, tokens.refresh} <= house.used
    secret = {one for one in house.used if len(one) > 10}
    logs = [file for file in house.folder.rglob("*.log*") if file.is_file()]
    assert len(logs) >= 11, "a log of each of the eight services, PostgreSQL, NATS and the gateway"
    for file in logs:
        text = file.read_text(errors="replace")
        found = {one[:8] for one in secret if one in text}
        assert not found, f"{file.name} holds secrets that begin with {found}"
        ours = [line[:2000] for line in text.splitlines() if '"level": "error"' in line]
        assert not ours, f"{file.name} tells of an error that is ours"
