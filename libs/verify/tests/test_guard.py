"""What a caller reads when the door stays shut (RFC 6750 §3, RFC 9728 §5.1)."""

import pytest
from aiohttp.test_utils import make_mocked_request

from latchkey_kit.web.problems import Problem
from latchkey_verify.testing import rights
from latchkey_verify.web import Guard

METADATA = "https://api.latchkey.test/.well-known/oauth-protected-resource/v1"
START = f'Bearer resource_metadata="{METADATA}", scope="inclusive"'


@pytest.fixture
def guard(verifier, setting):
    return Guard(verifier, setting.api, METADATA, "inclusive")


def bringing(*authorization, path="/v1/companies"):
    return make_mocked_request("GET", path, headers=[("Authorization", value) for value in authorization])


async def turned_away(guard, request):
    with pytest.raises(Problem) as raised:
        await guard.bearer(request)
    return raised.value


async def test_good_token_passes(guard, setting):
    assert (await guard.bearer(bringing(f"bearer {setting.issuer.mint()}"))).tenant == "1" * 32


@pytest.mark.parametrize("given", [(), ("Basic dXNlcjpwYXNz",), ("Bearers x",), ("",)])
async def test_no_token_is_challenged_without_an_error(guard, given):
    problem = await turned_away(guard, bringing(*given))
    assert (problem.status, problem.headers["WWW-Authenticate"]) == (401, START)


async def test_token_in_the_query_is_not_seen(guard, setting):
    problem = await turned_away(guard, bringing(path=f"/v1/companies?access_token={setting.issuer.mint()}"))
    assert problem.headers["WWW-Authenticate"] == START


@pytest.mark.parametrize("given", [("Bearer noise",), ("Bearer",), ("Bearer a b",), ("Bearer a", "Bearer b")])
async def test_bad_token_is_named_invalid(guard, given):
    problem = await turned_away(guard, bringing(*given))
    assert problem.status == 401
    assert problem.headers["WWW-Authenticate"].startswith(f'{START}, error="invalid_token"')


async def test_two_tokens_at_once_are_refused_though_one_is_good(guard, setting):
    good = f"Bearer {setting.issuer.mint()}"
    assert (await turned_away(guard, bringing(good, good))).status == 401


async def test_dead_and_expired_and_foreign_tokens_sound_alike(guard, setting):
    expired = setting.issuer.mint(iat=1, exp=2)
    foreign = setting.issuer.mint(aud=setting.mcp)
    said = [await turned_away(guard, bringing(f"Bearer {token}")) for token in (expired, foreign, "noise")]
    assert len({(one.status, one.code, one.title, one.detail, str(one.headers)) for one in said}) == 1
    assert [one.private for one in said] == ["expired", "wrong_audience", "malformed"]


async def test_without_lease_the_answer_is_503_and_never_invalid_token(guard, setting):
    setting.owners.away.add("/feed")
    await setting.owners.asked_again("/feed")
    setting.clock.advance(2)
    for given in (f"Bearer {setting.issuer.mint()}", "Bearer noise"):
        problem = await turned_away(guard, bringing(given))
        assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})
    assert (await turned_away(guard, bringing())).status == 401


async def test_lacking_right_names_the_scope_that_would_do(guard, setting):
    wide = {"company": ["view", "update"]}
    setting.owners.rights = rights({"company": ["view"]}, wide, wide)
    bearer = await guard.bearer(bringing(f"Bearer {setting.issuer.mint()}"))
    assert (await guard.require(bearer, "company", "view")).permissions.allows("company", "view")
    with pytest.raises(Problem) as raised:
        await guard.require(bearer, "company", "update")
    challenge = raised.value.headers["WWW-Authenticate"]
    assert (raised.value.status, raised.value.code) == (403, "insufficient_scope")
    assert challenge.startswith(
        f'Bearer resource_metadata="{METADATA}", scope="company:update", error="insufficient_scope"'
    )


async def test_lacking_right_that_no_scope_would_give_names_none(guard, setting):
    bearer = await guard.bearer(bringing(f"Bearer {setting.issuer.mint()}"))
    with pytest.raises(Problem) as raised:
        await guard.require(bearer, "company", "remove")
    assert raised.value.status == 403
    assert "scope=" not in raised.value.headers["WWW-Authenticate"]


async def test_permissions_away_is_503_and_never_403(guard, setting):
    bearer = await guard.bearer(bringing(f"Bearer {setting.issuer.mint()}"))
    setting.owners.away.add("/internal/rights")
    with pytest.raises(Problem) as raised:
        await guard.require(bearer, "company", "view")
    assert (raised.value.status, raised.value.headers) == (503, {"Retry-After": "1"})


async def test_bearer_that_died_meanwhile_is_not_confirmed(guard, setting):
    bearer = await guard.admit(setting.issuer.mint())
    guard.confirm(bearer)
    setting.push(setting.owners.kill())
    with pytest.raises(Problem) as raised:
        guard.confirm(bearer)
    assert raised.value.status == 401
