"""Which records somebody reaches: decided in SQL, before a page is cut."""

import pytest

from latchkey_records.domain.portfolio import reach

ACME, GLOBEX = "a" * 32, "b" * 32
SAM, CARLY, KIM = "5" * 32, "6" * 32, "7" * 32


async def ids(house, token, path="/v1/companies", **params):
    """All ids of a list, page by page."""
    found = []
    while True:
        answer = await house.get(path, token, **params)
        assert answer.status == 200, answer.body
        found += [record["id"] for record in answer.data]
        assert len(set(found)) == len(found), "a record came twice"
        if answer.body["next_cursor"] is None:
            return found
        params["cursor"] = answer.body["next_cursor"]


async def test_own_shows_five_of_twenty(house, companies):
    assert await ids(house, house.grant(portfolio="all")) == companies
    assert await ids(house, house.grant(portfolio="own")) == companies[::4]


@pytest.mark.parametrize(("granted", "now", "count"), [("all", "own", 5), ("own", "all", 5), ("all", "all", 20)])
async def test_company_counts_only_if_kind_granted_and_kind_now_both_hold_it(house, companies, granted, now, count):
    assert len(await ids(house, house.grant(portfolio=granted, now=now))) == count


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 200])
async def test_pages_are_full_and_end_where_the_portfolio_ends(house, companies, limit):
    token, sizes, params = house.grant(portfolio="own"), [], {}
    while True:
        answer = await house.get("/v1/companies", token, limit=str(limit), **params)
        sizes.append(len(answer.data))
        assert sum(sizes) <= 5
        if (cursor := answer.body["next_cursor"]) is None:
            break
        params = {"cursor": cursor}
    assert sizes == [min(limit, 5 - start) for start in range(0, 5, limit)]


async def test_cursor_holds_when_its_record_and_others_go(house, companies):
    token = house.grant()
    first = await house.get("/v1/companies", token, limit="3")
    cursor = first.body["next_cursor"]
    assert (await house.delete(f"/v1/companies/{companies[2]}", token)).status == 204
    assert await ids(house, token, cursor=cursor, limit="3") == companies[3:]


async def test_outside_the_portfolio_sounds_like_missing(house, companies):
    token = house.grant(portfolio="own")
    said = []
    for record in (companies[1], "f" * 32, f"{100:032x}", "no-id", "F" * 32, "a" * 33):
        for answer in (
            await house.get(f"/v1/companies/{record}", token),
            await house.patch(f"/v1/companies/{record}", token, {"city": "Rome"}),
            await house.delete(f"/v1/companies/{record}", token),
        ):
            answer.body.pop("request_id")
            said.append((answer.status, str(answer.body), answer.headers["Content-Type"]))
    assert set(said) == {said[0]}
    assert said[0][0] == 404
    assert len(await ids(house, house.grant())) == 20


async def test_other_tenants_records_do_not_exist(house, companies):
    foreign = f"{100:032x}"
    kim = house.grant(tid=GLOBEX)
    assert await ids(house, kim) == [foreign]
    assert (await house.get(f"/v1/companies/{foreign}", kim)).status == 200
    assert (await house.get(f"/v1/companies/{foreign}", house.grant())).status == 404
    assert (await house.get(f"/v1/companies/{companies[0]}", kim)).status == 404
    task = await house.post("/v1/tasks", kim, {"title": "Call", "company": companies[0]})
    assert (task.status, task.pointers) == (400, ["/company"])


async def test_records_follow_their_company_and_those_without_one_need_all(house, companies):
    token = house.grant(portfolio="all")
    for company in (companies[0], companies[1], None):
        assert (await house.post("/v1/tasks", token, {"title": "Call", "company": company})).status == 201
    assert len(await ids(house, token, "/v1/tasks")) == 3
    own = (await house.get("/v1/tasks", house.grant(portfolio="own"))).data
    assert [task["company"] for task in own] == [companies[0]]


async def test_company_cannot_be_made_or_moved_out_of_the_portfolio(house, companies):
    token = house.grant(portfolio="own")
    for refused in ({"name": "New"}, {"name": "New", "owner": CARLY}, {"name": "New", "owner": None}):
        answer = await house.post("/v1/companies", token, refused)
        assert (answer.status, answer.body["code"], answer.pointers) == (403, "outside_portfolio", ["/owner"])
    for owner in (CARLY, None):
        answer = await house.patch(f"/v1/companies/{companies[0]}", token, {"owner": owner})
        assert (answer.status, answer.body["code"]) == (403, "outside_portfolio")
    assert (await house.post("/v1/companies", token, {"name": "New", "owner": "me"})).status == 201
    assert len(await ids(house, token)) == 6
    assert len(await ids(house, house.grant())) == 21


async def test_record_cannot_be_made_or_moved_out_of_the_portfolio(house, companies):
    token = house.grant(portfolio="own")
    task = (await house.post("/v1/tasks", token, {"title": "Call", "company": companies[0]})).body["id"]
    for company in (companies[1], "f" * 32):
        for answer in (
            await house.post("/v1/tasks", token, {"title": "Call", "company": company}),
            await house.patch(f"/v1/tasks/{task}", token, {"company": company}),
        ):
            assert (answer.status, answer.pointers) == (400, ["/company"])
    for answer in (
        await house.post("/v1/tasks", token, {"title": "Call"}),
        await house.patch(f"/v1/tasks/{task}", token, {"company": None}),
    ):
        assert (answer.status, answer.body["code"], answer.pointers) == (403, "outside_portfolio", ["/company"])
    assert (await house.patch(f"/v1/tasks/{task}", token, {"company": companies[4]})).status == 200
    assert len(await ids(house, house.grant(), "/v1/tasks")) == 1


async def test_unknown_kind_of_portfolio_is_503_and_shows_nothing(house, companies):
    answer = await house.get("/v1/companies", house.grant(portfolio="own", now="galaxy"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


TEAM, LISTED = (SAM, KIM), ("1" * 32, "2" * 32)


@pytest.mark.parametrize(
    ("granted", "now", "owners", "listed"),
    [
        ("all", "all", None, None), ("own", "all", (SAM,), None), ("all", "own", (SAM,), None),
        ("own", "own", (SAM,), None), ("team", "all", TEAM, None), ("all", "team", TEAM, None),
        ("team", "own", (SAM,), None), ("own", "team", (SAM,), None), ("listed", "all", None, LISTED),
        ("listed", "own", (SAM,), LISTED), ("team", "listed", TEAM, LISTED), ("listed", "listed", None, LISTED),
    ],
)  # fmt: skip
def test_reach_needs_both_kinds(granted, now, owners, listed):
    found = reach(tenant=ACME, user=SAM, portfolios=(granted, now), team=TEAM, listed=LISTED)
    assert (found.owners, found.listed) == (owners, listed)
    assert found.is_everything == (granted == now == "all")


def test_lists_that_do_not_count_are_not_looked_at():
    found = reach(tenant=ACME, user=SAM, portfolios=("own", "own"), team=(KIM,), listed=LISTED)
    assert (found.owners, found.listed) == ((SAM,), None)


async def test_empty_list_and_lonely_team_open_nothing(house, companies):
    assert await ids(house, house.grant(portfolio="listed", listed=())) == []
    assert await ids(house, house.grant(portfolio="team", team=())) == companies[::4], "one's own, at the least"


async def test_team_shows_the_companies_of_all_in_it(house, companies):
    teamed = {"portfolio": "team", "team": (SAM, CARLY)}
    assert await ids(house, house.grant(**teamed)) == companies
    assert await ids(house, house.grant(**teamed | {"team": (SAM, KIM)})) == companies[::4]
    assert await ids(house, house.grant(**teamed, now="own")) == companies[::4]


async def test_list_shows_the_companies_on_it_and_no_other_tenants(house, companies):
    listed = (companies[1], companies[4], f"{100:032x}")
    token = house.grant(portfolio="listed", listed=listed)
    assert await ids(house, token) == [companies[1], companies[4]]
    assert await ids(house, house.grant(portfolio="listed", now="own", listed=listed)) == [companies[4]]
    for company in (companies[1], companies[2], None):
        await house.post("/v1/tasks", house.grant(), {"title": "Call", "company": company})
    (task,) = (await house.get("/v1/tasks", token)).data
    assert task["company"] == companies[1]
    assert (await house.get(f"/v1/companies/{companies[2]}", token)).status == 404


async def test_in_a_team_a_company_goes_to_somebody_of_the_team(house, companies):
    token = house.grant(portfolio="team", team=(SAM, KIM))
    made = await house.post("/v1/companies", token, {"name": "New", "owner": KIM})
    assert (made.status, made.body["owner"]) == (201, KIM)
    for owner in (CARLY, None):
        for answer in (
            await house.post("/v1/companies", token, {"name": "New", "owner": owner}),
            await house.patch(f"/v1/companies/{companies[0]}", token, {"owner": owner}),
        ):
            assert (answer.status, answer.body["code"], answer.pointers) == (403, "outside_portfolio", ["/owner"])
            assert "team" in answer.body["detail"]
    assert (await house.patch(f"/v1/companies/{companies[0]}", token, {"owner": KIM})).status == 200


async def test_with_a_list_companies_change_owner_and_none_is_made(house, companies):
    token = house.grant(portfolio="listed", listed=(companies[0],))
    assert (await house.patch(f"/v1/companies/{companies[0]}", token, {"owner": CARLY})).status == 200
    answer = await house.post("/v1/companies", token, {"name": "New", "owner": "me"})
    assert (answer.status, answer.body["code"]) == (403, "outside_portfolio")
    assert "ask who keeps the list" in answer.body["detail"]
    assert len(await ids(house, house.grant())) == 20
    task = await house.post("/v1/tasks", token, {"title": "Call", "company": companies[0]})
    assert task.status == 201
    moved = await house.patch(f"/v1/tasks/{task.body['id']}", token, {"company": companies[1]})
    assert (moved.status, moved.pointers) == (400, ["/company"])
    assert (await house.patch(f"/v1/tasks/{task.body['id']}", token, {"company": None})).status == 403
