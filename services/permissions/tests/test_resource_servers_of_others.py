"""Resource servers that the operator added at token register models, and ask for rights, as records does."""

import hashlib

import pytest

from latchkey_contracts.requests.resource_servers import ResourceServerCheck
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.testing.services import credential

REPORT = {
    "name": "report", "route": "reports", "title": "Report", "plural": "reports", "actions": ["view", "update"],
    "fields": [{"name": "title", "type": "text", "title": "Title"}],
}  # fmt: skip


@pytest.fixture
def partner(token):
    token.resource_servers["partner"] = hashlib.sha256(credential("partner").encode()).hexdigest()
    return "partner"


@pytest.mark.parametrize("port", ["public_url", "internal_url"])
async def test_theirs_stand_beside_ours(house, partner, port):
    url = getattr(house.served, port)
    assert await house.register(REPORT, who=partner, url=url) == (200, {"models": ["report"]})
    clash = {**REPORT, "name": "company"}
    status, problem = await house.register(clash, who=partner, url=url)
    assert (status, problem["code"]) == (409, "catalogue_clash")
    await house.assign(await house.role({"report": ["view"], "company": ["view"]}))
    await house.ceiling({"report": ["view", "update"]})
    resolved = await house.resolve("inclusive")
    assert resolved.scope == ("report:view",)
    assert (await house.rights(resolved.document, who=partner)).role is not None


async def test_who_is_none_is_refused(house, partner):
    for who in ("stranger", "PARTNER", ""):
        for port in (house.served.public_url, house.served.internal_url):
            status, problem = await house.register(REPORT, who=who, url=port)
            assert (status, problem["code"]) == (401, "unknown_caller")
    with pytest.raises(PeerUnavailable, match="unknown_caller"):
        await house.rights("a" * 64, who="stranger")


async def test_nobody_is_refused_while_token_cannot_say_who_they_are(house, partner, token):
    token.away.add(ResourceServerCheck.path)
    for port in (house.served.public_url, house.served.internal_url):
        status, _ = await house.register(REPORT, who=partner, url=port)
        assert status == 503
        assert (await house.register(who="records", url=port))[0] == 200
