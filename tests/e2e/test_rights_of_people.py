"""Who sees what, through which app."""

from apps import App

from latchkey_cli.operator import operating
from latchkey_contracts.requests.operator import ClientPut, LabsPut, TenantPut


async def actions(house, token):
    status, result, _ = await house.tool(token, "get_model_actions")
    assert status == 200
    models = result["structuredContent"]["models"]
    return {one["model_route"]: {each["operation"] for each in one["operations"]} for one in models}


async def test_sam_sees_his_five_companies_and_no_asset(house, sam):
    tokens = await house.app("claude-connector").connect(sam)
    assert tokens.claims["aud"] in (house.mcp, [house.mcp]), "the Claude preset means MCP when it names no resource"
    assert await actions(house, tokens.access) == {"companies": {"list", "get", "update"}}
    status, result, _ = await house.tool(
        tokens.access, "perform_model_action", model_route="companies", operation="list", parameters={"limit": 100}
    )
    companies = result["structuredContent"]["data"]
    assert (status, len(companies)) == (200, 5)
    assert {one["owner"] for one in companies} == {tokens.claims["sub"]}
    status, result, _ = await house.tool(
        tokens.access, "perform_model_action", model_route="assets", operation="list", parameters={}
    )
    assert (status, result["isError"]) == (200, True)
    assert result["content"][0]["text"].startswith("403: ")


async def test_an_app_for_companies_and_assets_gives_a_rep_five_companies_and_nothing_else_at_both_doors(house, sam):
    tokens = await house.app("claude-connector").connect(sam, resource=[house.api, house.mcp])
    assert {word.partition(":")[0] for word in tokens.scope} == {"company"}, (
        "the app: and assets; the role: and end users"
    )
    _, body, _ = await house.ask("GET", "/v1/companies?limit=100", tokens.access)
    _, result, _ = await house.tool(
        tokens.access, "perform_model_action", model_route="companies", operation="list", parameters={"limit": 100}
    )
    assert len(body["data"]) == 5
    assert result["structuredContent"] == body
    for route in ("assets", "endusers"):
        assert (await house.ask("GET", f"/v1/{route}", tokens.access))[0] == 403
        _, result, _ = await house.tool(tokens.access, "perform_model_action", model_route=route, operation="list")
        assert result["content"][0]["text"].startswith("403: ")


async def test_companies_of_others_are_as_if_they_were_not_there(house, sam, carly):
    hers = await house.app("sync-demo").connect(carly)
    his = await house.app("sync-demo").connect(sam, scope="inclusive")
    _, seen, _ = await house.ask("GET", "/v1/companies?limit=100", hers.access)
    _, mine, _ = await house.ask("GET", "/v1/companies?limit=100", his.access)
    foreign = next(one["id"] for one in seen["data"] if one["id"] not in {each["id"] for each in mine["data"]})
    assert (await house.ask("GET", f"/v1/companies/{foreign}", hers.access))[0] == 200
    assert (await house.ask("GET", f"/v1/companies/{foreign}", his.access))[0] == 404
    status, _, _ = await house.ask("PATCH", f"/v1/companies/{foreign}", his.access, json={"phase": "Renewal"})
    assert status == 404


async def test_carly_sees_all_twenty_at_both_doors(house, carly):
    tokens = await house.app("sync-demo").connect(carly, resource=[house.api, house.mcp])
    status, body, _ = await house.ask("GET", "/v1/companies?limit=100", tokens.access)
    assert (status, len(body["data"]), body["next_cursor"]) == (200, 20, None)
    _, result, _ = await house.tool(
        tokens.access, "perform_model_action", model_route="companies", operation="list", parameters={"limit": 100}
    )
    assert {one["id"] for one in result["structuredContent"]["data"]} == {one["id"] for one in body["data"]}


async def test_sync_demo_does_not_exist_for_kim(house, person):
    kim = person("kim@globex.test")
    for client_id in (house.app("sync-demo").client_id, "0" * 32, "nothing"):
        url, _ = house.app("sync-demo").ask(client_id=client_id)
        page = await kim.authorize(url)
        assert page.status == 400
        assert "Invalid client_id: OAuth client not found." in page.words
        assert page.links == []
        assert "callback" not in " ".join(page.words)


async def test_rita_is_not_asked_for_a_workspace_where_only_one_can_use_the_app(house, person):
    rita = person("rita@acme.test")
    tokens = await house.app("sync-demo").connect(rita)
    carly = await house.app("sync-demo").connect(person("carly@acme.test"))
    assert tokens.claims["tid"] == carly.claims["tid"]
    assert not [page for page in rita.seen if "Choose a workspace" in page.words]
    insisting = await house.app("sync-demo").connect(rita, tenant="globex")
    assert insisting.claims["tid"] == carly.claims["tid"]


async def test_rita_picks_the_workspace_for_a_published_app_and_has_her_role_there(house, person, monkeypatch):
    monkeypatch.setenv("LATCHKEY_HOME", str(house.folder))
    async with operating() as operator:
        acme, globex = [(await operator.auth.ask(TenantPut(name=name, title=name))).id for name in ("acme", "globex")]
        app = ClientPut(
            tenant=acme, name="published", description="For every workspace.", client_type="public", proof="pkce",
            redirect_uris=("http://127.0.0.1/callback",), permissions={"company": ("view",)}, published=True,
        )  # fmt: skip
        published = App(house, (await operator.client_registry.ask(app)).id)
        await operator.client_registry.ask(LabsPut(tenant=globex, on=True))
        try:
            for name, tenant, companies in (("globex", globex, 2), ("acme", acme, 20)):
                tokens = await published.connect(person("rita@acme.test"), pick=name, scope="inclusive")
                assert tokens.claims["tid"] == tenant
                _, seen, _ = await house.ask("GET", "/v1/companies?limit=100", tokens.access)
                assert len(seen["data"]) == companies
        finally:
            await operator.client_registry.ask(LabsPut(tenant=globex, on=False))


async def test_right_that_was_not_granted_can_be_asked_for(house, carly):
    tokens = await house.app("sync-demo").connect(carly, scope="company:view")
    assert tokens.scope == ["company:view"]
    status, body, headers = await house.ask("POST", "/v1/companies", tokens.access, json={"name": "New"})
    assert (status, body["code"]) == (403, "insufficient_scope")
    assert 'scope="company:create"' in headers["WWW-Authenticate"]
    at_mcp = await house.app("sync-demo").connect(carly, scope="company:view", resource=house.mcp)
    status, _, headers = await house.tool(
        at_mcp.access, "perform_model_action", model_route="companies", operation="create",
        parameters={"values": {"name": "New"}},
    )  # fmt: skip
    assert status == 403
    assert 'scope="company:create"' in headers["WWW-Authenticate"]
