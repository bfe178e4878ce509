"""What each scope word asks for at /oauth/authorize, what is refused, and what the token response says."""

from urllib.parse import parse_qs, urlsplit

import pytest

COMPANY = ["company:create", "company:export", "company:remove", "company:update", "company:view"]
ASSET = [word.replace("company", "asset") for word in COMPANY]
SAMS = ["company:update", "company:view"]
NOTHING = "You do not have any of the permissions this application requests."
MISSING = "OAuth permission check failed: missing permissions"


@pytest.mark.parametrize(
    ("app", "scope", "granted"),
    [
        ("sync-demo", None, COMPANY),
        ("sync-demo", "default", COMPANY),
        ("sync-demo", "inclusive", COMPANY),
        ("sync-demo", "*", COMPANY),
        ("sync-demo", "company:view", ["company:view"]),
        ("sync-demo", "company:view company:create", ["company:create", "company:view"]),
        ("sync-demo", "company:view company:view", ["company:view"]),
        ("sync-demo", "company.phase:update", ["company:update"]),
        ("sync-demo", "company.name:view company:update", ["company:update", "company:view"]),
        ("sync-demo", "company:view asset:view", ["company:view"]),
        ("sync-demo", "company:view *", COMPANY),
        ("sync-demo", "company:view default", COMPANY),
        ("sync-demo", "offline_access openid", COMPANY),
        ("sync-demo", "offline_access openid profile company:view", ["company:view"]),
        ("claude-connector", None, ASSET + COMPANY),
        ("claude-connector", "offline_access", ASSET + COMPANY),
        ("claude-connector", "asset:view company:view", ["asset:view", "company:view"]),
    ],
)
async def test_words_ask_for_what_an_admin_may_do(house, carly, app, scope, granted):
    assert (await house.app(app).connect(carly, scope=scope)).scope == granted


@pytest.mark.parametrize(
    ("app", "asked", "granted"),
    [
        ("sync-demo", {"scope": "inclusive"}, SAMS),
        ("sync-demo", {"scope": "*"}, SAMS),
        ("sync-demo", {"resource": "mcp"}, SAMS),
        ("sync-demo", {"resource": "mcp", "scope": "offline_access"}, SAMS),
        ("sync-demo", {"scope": "company:view inclusive"}, SAMS),
        ("sync-demo", {"scope": "company:view company:remove"}, ["company:view"]),
        ("claude-connector", {}, SAMS),
        ("claude-connector", {"scope": "asset:view company:view enduser:view"}, ["company:view"]),
        ("spa-demo", {}, ["company:view"]),
        ("spa-demo", {"scope": "default"}, ["company:view"]),
    ],
)
async def test_words_ask_for_no_more_than_client_and_role_have_in_common(house, sam, app, asked, granted):
    sent = asked | ({"resource": house.mcp} if "resource" in asked else {})
    tokens = await house.app(app).connect(sam, **sent)
    assert tokens.scope == granted


@pytest.mark.parametrize(
    ("app", "asked", "words"),
    [
        ("sync-demo", {}, MISSING),
        ("sync-demo", {"scope": "default"}, MISSING),
        ("sync-demo", {"scope": "offline_access openid"}, MISSING),
        ("sync-demo", {"scope": "company:view default"}, MISSING),
        ("sync-demo", {"scope": "default inclusive"}, MISSING),
        ("claude-connector", {"scope": "default"}, MISSING),
        ("sync-demo", {"resource": "mcp", "scope": "default"}, MISSING),
        ("sync-demo", {"scope": "company:remove"}, NOTHING),
        ("sync-demo", {"scope": "enduser:view"}, NOTHING),
        ("claude-connector", {"scope": "asset:view asset.name:update"}, NOTHING),
    ],
)
async def test_what_the_role_lacks_is_a_page_and_then_access_denied(house, sam, app, asked, words):
    sent = asked | ({"resource": house.mcp} if "resource" in asked else {})
    page = await sam.authorize(house.app(app).ask(**sent)[0])
    assert page.status == 403
    assert words in page.words
    (back,) = page.links
    answer = {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "s tate/+1", house.origin)


@pytest.mark.parametrize(
    "word",
    [
        "spaceship:view", "company:explode", "company.colour:view", "company.name:remove", "company.name:export",
        "company:", ":view", ":", "company:view:update", "Company:view", "company.:view", "company..name:view",
        "company.name.more:view", "auditlog:update", "member:export", "x" * 300 + ":view",
    ],
)  # fmt: skip
async def test_an_unknown_name_goes_back_to_the_app_by_name(house, carly, word):
    url, _ = house.app("sync-demo").ask(scope=f"company:view {word} offline_access")
    answer = await carly.authorize(url)
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_scope", "s tate/+1", house.origin)
    assert "code" not in answer
    assert word[:60] in answer["error_description"]


@pytest.mark.parametrize(
    "scope", ["company:view  company:update", " company:view", "company:view\tx", 'a"b:view', "é:x"]
)
async def test_what_is_no_scope_goes_back_to_the_app(house, carly, scope):
    answer = await carly.authorize(house.app("sync-demo").ask(scope=scope)[0])
    assert answer["error"] == "invalid_scope"


async def test_a_word_for_one_field_reaches_that_field_only(house, sam):
    tokens = await house.app("sync-demo").connect(sam, scope="company.phase:update company.name:view")
    assert tokens.scope == SAMS
    status, body, _ = await house.ask("GET", "/v1/companies?limit=1", tokens.access)
    assert status == 200
    [company] = body["data"]
    assert "name" in company
    assert not {"phase", "owner", "arr"} & company.keys()
    path = f"/v1/companies/{company['id']}"
    status, _, _ = await house.ask("PATCH", path, tokens.access, json={"phase": "Renewal"}, headers={"If-Match": "*"})
    assert status == 200
    status, problem, _ = await house.ask("PATCH", path, tokens.access, json={"name": "Mine"}, headers={"If-Match": "*"})
    assert (status, problem["code"]) == (403, "insufficient_scope")
    assert "/name" in [error["pointer"] for error in problem["errors"]]


async def test_a_refresh_keeps_the_scope_that_was_granted(house, carly):
    app = house.app("sync-demo")
    tokens = await app.connect(carly, scope="company:view company:create")
    assert (await app.refreshed(tokens.refresh)).scope == ["company:create", "company:view"]
