"""Two admins, two tabs, a form sent twice: nobody writes over what they have not seen; one form makes one client."""

import asyncio

import pytest

from latchkey_verify.testing import TENANT, USER

ALL = "/v1/oauth-clients"
NEW = {"name": "Sync", "redirect_uris": ["https://app.example/callback"], "permissions": {"company": ["view"]}}
OTHER_USER = "5" * 32


@pytest.fixture
def edit(console):
    async def send(client, tag, change, **claims):
        headers = {} if tag is None else {"If-Match": tag}
        return await console("PATCH", f"{ALL}/{client}", change, headers=headers, **claims)

    return send


async def test_every_answer_names_its_revision(registry, owners, http, made):
    client = (await made())["id"]
    headers = {"Authorization": f"Bearer {owners.issuers[0].mint()}"}
    for method, path, body in (("GET", "", None), ("PATCH", "", {"name": "Other"}), ("POST", "/disable", None)):
        url = f"{registry.public_url}{ALL}/{client}{path}"
        async with http.request(method, url, json=body, headers=headers) as response:
            assert response.headers["ETag"] == f'"{(await response.json())["revision"]}"'
            assert "ETag" in response.headers["Access-Control-Expose-Headers"]


async def test_of_two_who_edit_the_same_revision_the_second_learns_who_was_first(made, edit, console, events):
    client = (await made())["id"]
    assert (await edit(client, '"1"', {"name": "Mine"}, sub=OTHER_USER))[0] == 200
    status, problem = await edit(client, '"1"', {"name": "Yours", "permissions": {"task": ["view"]}})
    assert (status, problem["code"]) == (412, "changed_meanwhile")
    _, shown = await console("GET", f"{ALL}/{client}")
    assert (shown["name"], shown["permissions"], shown["updated_by"]) == ("Mine", {"company": ["view"]}, OTHER_USER)
    assert (await edit(client, f'"{shown["revision"]}"', {"name": "Yours"}))[1]["updated_by"] == USER
    assert len(await events()) == 2


async def test_edits_at_the_same_time_from_one_revision_are_one(made, edit, console):
    client = (await made())["id"]
    answers = await asyncio.gather(*(edit(client, '"1"', {"name": f"Name {n}"}) for n in range(5)))
    assert sorted(status for status, _ in answers) == [200, 412, 412, 412, 412]
    (won,) = (shown["name"] for status, shown in answers if status == 200)
    _, shown = await console("GET", f"{ALL}/{client}")
    assert (shown["name"], shown["revision"]) == (won, 2)


async def test_the_same_form_sent_twice_is_no_conflict(made, edit, events, owners):
    client = (await made())["id"]
    form = {"name": "Mine", "description": "Two\r\nlines.", "permissions": {"task": ["view"]}}
    answers = [await edit(client, '"1"', form) for _ in range(2)]
    assert [(status, shown["revision"]) for status, shown in answers] == [(200, 2), (200, 2)]
    assert answers[1][1]["description"] == "Two\nlines."
    assert len(await events()) == 1
    assert (await edit(client, '"1"', form | {"permissions": {"task": ["update"]}}))[0] == 412
    assert owners.ceilings[client] == {"task": ("view",)}


@pytest.mark.parametrize(("tag", "status"), [(None, 200), ("*", 200), ('"7", "1"', 200), ('"2"', 412), ('W/"1"', 412),
    ('"one"', 412), ('"99999999999999999999999"', 412), ("1", 400), ('"1', 400), ("", 400)])  # fmt: skip
async def test_if_match_is_read_as_http_has_it(made, edit, console, tag, status):
    client = (await made())["id"]
    assert (await edit(client, tag, {"name": "Other"}))[0] == status
    _, shown = await console("GET", f"{ALL}/{client}")
    assert shown["name"] == ("Other" if status == 200 else "Sync")


async def test_whoever_changed_it_last_is_named_and_nobody_for_what_happens_by_itself(made, console, manage, operator):
    client = await made()
    path = f"{ALL}/{client['id']}"
    assert client["updated_by"] == USER
    _, shown = await console("POST", f"{path}/regenerate", sub=OTHER_USER)
    assert shown["updated_by"] == OTHER_USER
    for act in ("enable", "block"):  # neither changes the client
        await console("POST", f"{path}/{act}", sub=USER)
    assert (await console("GET", path))[1]["updated_by"] == OTHER_USER


async def test_a_form_that_is_sent_twice_makes_one_client_and_shows_its_secret_once(console, told):
    status, first = await console("POST", ALL, NEW | {"once": "form-1"})
    assert (status, first["client_secret"][:6]) == (201, "lk_cs_")
    status, again = await console("POST", ALL, NEW | {"once": "form-1"}, sub=OTHER_USER)
    assert (status, again["id"], again["permissions"]) == (200, first["id"], {"company": ["view"]})
    assert "client_secret" not in again
    assert again["secrets"] == first["secrets"]
    assert len((await console("GET", ALL))[1]["data"]) == 1
    assert len(await told("client.created")) == 1


async def test_a_form_that_is_sent_many_times_at_once_makes_one_client(console, told, owners, gate):
    answers = await asyncio.gather(*(console("POST", ALL, NEW | {"once": "form-1"}) for _ in range(6)))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 200, 201]
    (client,) = {shown["id"] for _, shown in answers}
    assert len([shown for _, shown in answers if "client_secret" in shown]) == 1
    assert len(await told("client.created")) == 1
    assert len((await gate(client)).secret_hashes) == 1
    assert set(owners.ceilings) == {client}


async def test_a_form_that_was_refused_can_be_sent_again(console):
    status, _ = await console("POST", ALL, NEW | {"once": "form-1", "name": ""})
    assert status == 400
    assert (await console("POST", ALL, NEW | {"once": "form-1"}))[0] == 201


async def test_another_form_another_tenant_and_no_mark_make_clients_of_their_own(console, operator, staff):
    await staff("PUT", f"/v1/labs/{'9' * 32}", {"on": True})
    for once, tenant in (
        ("a", TENANT),
        ("b", TENANT),
        ("a", "9" * 32),
        (None, TENANT),
        (None, TENANT),
        ("", TENANT),
        ("", TENANT),
    ):
        assert (await console("POST", ALL, NEW | {"once": once}, tid=tenant))[0] == 201


async def test_what_a_form_made_and_somebody_deleted_is_not_made_again(console):
    _, client = await console("POST", ALL, NEW | {"once": "form-1"})
    await console("DELETE", f"{ALL}/{client['id']}")
    status, problem = await console("POST", ALL, NEW | {"once": "form-1"})
    assert (status, problem["code"]) == (409, "once_used")


@pytest.mark.parametrize("once", ["x" * 65, "a b", "a\n", "ä", 7])
async def test_a_mark_that_is_none_is_named(console, once):
    status, problem = await console("POST", ALL, NEW | {"once": once})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/once")
