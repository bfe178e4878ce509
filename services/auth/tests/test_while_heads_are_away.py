"""Only the management API needs the feed: people sign in and decide without it."""

from latchkey_contracts.feed import PULL_PATH


async def test_people_decide_though_no_heads_ever_answered(start, neighbours_at, new_browser, http):
    neighbours, _ = neighbours_at
    neighbours.away.add(PULL_PATH)
    async with start() as world:
        browser = await new_browser(world)
        await browser.sign_in("sam@acme.test")
        consent = await browser.get(world.authorize())
        answer = await browser.submit(consent, "/oauth/authorize", decision="authorize")
        assert answer.answer["code"] == "lk_ac_code"
        token = neighbours.issuers[0].mint(sub=world.users["rita@acme.test"], tid=world.tenants["acme"])
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(f"{world.served.public_url}/v1/members", headers=headers) as refused:
            assert (refused.status, "Retry-After" in refused.headers) == (503, True)
        assert set(await world.served.health.missing()) == {"verifier"}
        neighbours.away.clear()
        await world.served.ready()
        neighbours.away.add(PULL_PATH)
        await neighbours.asked_again(PULL_PATH)
        assert await world.served.health.missing() == {}
