"""What `latchkey check` reads in the logs: which head a verifier has, and by which connection a request was let in."""

import pytest
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from latchkey_kit.testing import eventually
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import CONNECTION
from latchkey_verify.web import Guard


@pytest.fixture
def guard(verifier, setting):
    return Guard.of(verifier, setting.api)


def bringing(token):
    return make_mocked_request("GET", "/v1/companies", headers={"Authorization": f"Bearer {token}"})


async def test_head_is_written_down_when_a_pull_has_moved_it(setting, ready):
    with capture_logs() as lines:
        async with setting.verifier() as made:
            await ready(made)
            entry = setting.owners.kill("a" * 32)
            await eventually(lambda: [line for line in lines if line.get("head") == entry.number])
            await setting.owners.asked_again("/feed")
    [line] = [line for line in lines if line["event"] == "feed_applied"]
    assert line["instance"].startswith("records-")
    assert line["epoch"]


async def test_request_is_known_by_the_connection_that_let_it_in(guard, setting):
    request = bringing(setting.issuer.mint(sid="c" * 32))
    await guard.bearer(request)
    assert request[CONNECTION] == "c" * 32


async def test_request_of_nobody_has_no_connection(guard):
    request = bringing("noise")
    with pytest.raises(Problem):
        await guard.bearer(request)
    assert CONNECTION not in request
