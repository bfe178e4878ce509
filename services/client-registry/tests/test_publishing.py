"""A maker asks that others may use its app, staff decide, and what they have vouched for stays as it is."""

import asyncio

import msgspec
import pytest

from latchkey_contracts.requests.operator import LabsPut
from latchkey_verify.testing import TENANT, USER

OTHER = "7" * 32
QUEUE = "/v1/publish-requests"
STAFF = "8" * 32


@pytest.fixture
def asked(console):
    """Ask for a client to be published: status and body."""

    async def ask(client, note="Please.", **claims):
        return await console("POST", f"/v1/oauth-clients/{client}/publish", {"note": note}, **claims)

    return ask


@pytest.fixture
def decide(staff):
    async def ask(client, decision, reason="", **headers):
        return await staff("POST", f"{QUEUE}/{client}", {"decision": decision, "reason": reason}, headers=headers)

    return ask


@pytest.fixture
def story(told):
    """What was told of publishing: what, by whom, by staff or not, in which words."""

    async def read():
        kinds = ("publish_requested", "publish_withdrawn", "published", "publish_rejected", "unpublished")
        found = await told(*(f"client.{kind}" for kind in kinds))
        assert {one.tenantid for one in found} <= {TENANT}
        return [
            (
                one.type.removeprefix("client."),
                one.userid,
                one.bystaff,
                msgspec.json.decode(one.data).get("message", ""),
            )
            for one in found
        ]

    return read


async def test_a_client_goes_from_its_maker_by_staff_to_everybody(made, asked, staff, decide, seen, operator, story):
    client = await made()
    assert client["publishing"] == {"state": "none", "reason": "", "at": None}
    await operator.ask(LabsPut(tenant=OTHER, on=True))
    assert (await seen(client["id"], TENANT, OTHER)).usable_in == (TENANT,)

    status, shown = await asked(client["id"], "Made for\r\neverybody.")
    assert (status, shown["publishing"]["state"], shown["published"]) == (200, "pending", False)
    status, queue = await staff("GET", QUEUE)
    (waiting,) = queue["data"]
    assert (status, queue["next_cursor"]) == (200, None)
    assert waiting["requested_at"] == shown["publishing"]["at"]
    assert waiting | {"requested_at": None} == {
        "id": client["id"], "tenant": TENANT, "name": "Sync", "description": "", "logo": None, "type": "confidential",
        "preset": "custom", "redirect_uris": ["https://app.example/callback"], "permissions": {"company": ["view"]},
        "dynamic": False, "note": "Made for\neverybody.", "requested_at": None, "requested_by": USER, "revision": 2,
    }  # fmt: skip

    status, shown = await decide(client["id"], "approve", "Welcome.")
    assert (status, shown["published"], shown["publishing"]["state"]) == (200, True, "approved")
    assert shown["publishing"]["reason"] == "Welcome."
    assert (await staff("GET", QUEUE))[1]["data"] == []
    known = await seen(client["id"], TENANT, OTHER)
    assert (known.usable_in, known.client.published) == ((TENANT, OTHER), True)
    assert await story() == [
        ("publish_requested", USER, False, "Made for\neverybody."), ("published", STAFF, True, "Welcome."),
    ]  # fmt: skip


async def test_a_no_has_a_reason_and_its_maker_may_ask_again(made, asked, decide, story):
    client = (await made())["id"]
    await asked(client)
    for reason in ("", " \n"):
        status, problem = await decide(client, "reject", reason)
        assert (status, problem["errors"][0]["pointer"]) == (400, "/reason")
    status, shown = await decide(client, "reject", "The name is another company's.")
    assert (status, shown["published"]) == (200, False)
    assert (shown["publishing"]["state"], shown["publishing"]["reason"]) == (
        "rejected", "The name is another company's.",
    )  # fmt: skip
    _, shown = await asked(client, "We have changed it.")
    assert (shown["publishing"]["state"], shown["publishing"]["reason"]) == ("pending", "")
    assert [kind for kind, *_ in await story()] == ["publish_requested", "publish_rejected", "publish_requested"]


async def test_what_is_sent_twice_happens_once(made, asked, decide, console, staff, story):
    client = (await made())["id"]
    answers = [*await asyncio.gather(*(asked(client, f"Note {n}.") for n in range(4)))]
    assert {(status, shown["publishing"]["state"]) for status, shown in answers} == {(200, "pending")}
    assert len((await staff("GET", QUEUE))[1]["data"]) == 1
    answers = await asyncio.gather(*(decide(client, "approve") for _ in range(4)))
    assert {(status, shown["published"]) for status, shown in answers} == {(200, True)}
    for _ in range(2):
        status, shown = await console("DELETE", f"/v1/oauth-clients/{client}/publish")
        assert (status, shown["published"], shown["publishing"]["state"]) == (200, False, "none")
    assert [kind for kind, *_ in await story()] == ["publish_requested", "published", "unpublished"]


async def test_a_request_is_withdrawn_and_then_nobody_can_decide_it(made, asked, decide, console, staff, story):
    client = (await made())["id"]
    await asked(client)
    status, shown = await console("DELETE", f"/v1/oauth-clients/{client}/publish")
    assert (status, shown["publishing"]["state"]) == (200, "none")
    assert (await staff("GET", QUEUE))[1]["data"] == []
    for decision in ("approve", "reject"):
        status, problem = await decide(client, decision, "Because.")
        assert (status, problem["code"]) == (409, "not_requested")
    assert [kind for kind, *_ in await story()] == ["publish_requested", "publish_withdrawn"]


async def test_staff_take_a_published_client_back_and_say_why(made, asked, decide, seen, operator, manage, story):
    client = (await made())["id"]
    await operator.ask(LabsPut(tenant=OTHER, on=True))
    await asked(client)
    await decide(client, "approve")
    _, shown = await decide(client, "reject", "It sends data elsewhere.")
    assert (shown["published"], shown["publishing"]["state"]) == (False, "rejected")
    assert (await seen(client, TENANT, OTHER)).usable_in == (TENANT,)
    assert (await story())[-1] == ("unpublished", STAFF, True, "It sends data elsewhere.")
    # Connections that were made there live on, so whoever has some can still shut it out.
    assert (await manage("POST", f"/{client}/block", tid=OTHER))[0] == 200


async def test_nothing_is_approved_that_was_changed_since_staff_looked(made, asked, decide, staff, manage):
    client = (await made())["id"]
    await asked(client)
    revision = (await staff("GET", QUEUE))[1]["data"][0]["revision"]
    await manage("PATCH", f"/{client}", {"name": "Some Bank"})
    status, problem = await decide(client, "approve", **{"If-Match": f'"{revision}"'})
    assert (status, problem["code"]) == (412, "changed_meanwhile")
    assert not (await manage("GET", f"/{client}"))[1]["published"]
    assert (await decide(client, "approve", **{"If-Match": f'"{revision + 1}"'}))[0] == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "Some Bank"}, "/name"),
        ({"description": "Other words."}, "/description"),
        ({"redirect_uris": ["https://evil.example/callback"]}, "/redirect_uris"),
    ],
)
async def test_what_staff_vouched_for_stays_until_it_is_withdrawn(
    made, asked, decide, manage, console, change, pointer
):
    client = (await made())["id"]
    await asked(client)
    await decide(client, "approve")
    status, problem = await manage("PATCH", f"/{client}", change)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (409, "published", pointer)
    same = {"name": "Sync", "description": "", "redirect_uris": ["https://app.example/callback"], "narrowing": True}
    assert (await manage("PATCH", f"/{client}", same))[0] == 200
    await console("DELETE", f"/v1/oauth-clients/{client}/publish")
    assert (await manage("PATCH", f"/{client}", change))[0] == 200


async def test_what_is_published_or_barred_cannot_be_asked_for(made, asked, decide, manage):
    client = (await made())["id"]
    await manage("POST", f"/{client}/disable")
    status, problem = await asked(client)
    assert (status, problem["code"]) == (409, "client_barred")
    await manage("POST", f"/{client}/enable")
    await asked(client)
    await decide(client, "approve")
    status, problem = await asked(client)
    assert (status, problem["code"]) == (409, "published")


async def test_a_deleted_client_waits_for_nobody(made, asked, staff, decide, manage):
    client = (await made())["id"]
    await asked(client)
    await manage("DELETE", f"/{client}")
    assert (await staff("GET", QUEUE))[1]["data"] == []
    assert (await decide(client, "approve"))[0] == 404


async def test_the_queue_is_walked_from_the_longest_waiting_and_shows_what_permissions_can_tell(
    made, asked, staff, owners
):
    clients = [(await made(name=f"App {number}"))["id"] for number in range(3)]
    for client in reversed(clients):
        await asked(client)
    owners.away.add("/internal/ceilings/get")
    _, first = await staff("GET", f"{QUEUE}?limit=2")
    _, rest = await staff("GET", f"{QUEUE}?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["data"] + rest["data"]] == clients[::-1]
    assert {one["permissions"] for one in rest["data"]} == {None}
    assert rest["next_cursor"] is None
    assert (await staff("GET", f"{QUEUE}?cursor=nonsense"))[0] == 400


@pytest.mark.parametrize("body", [{"decision": "maybe"}, {}, {"decision": "approve", "tenant": OTHER}, []])
async def test_a_decision_of_another_shape_is_refused(made, asked, staff, body):
    client = (await made())["id"]
    await asked(client)
    assert (await staff("POST", f"{QUEUE}/{client}", body))[0] == 400


@pytest.mark.parametrize("words", ["x" * 1001, "a\u202eb", "a\x07b"])
async def test_words_that_cannot_be_shown_are_named(made, asked, decide, words):
    client = (await made())["id"]
    status, problem = await asked(client, words)
    assert (status, problem["errors"][0]["pointer"]) == (400, "/note")
    await asked(client)
    status, problem = await decide(client, "reject", words)
    assert (status, problem["errors"][0]["pointer"]) == (400, "/reason")


async def test_another_tenants_admin_and_a_mere_viewer_publish_nothing(made, asked, owners, manage):
    client = (await made())["id"]
    assert (await asked(client, tid=OTHER))[0] == 404
    owners.person = {"oauthclient": ["view"]}
    assert (await asked(client))[0] == 403
    assert (await manage("GET", f"/{client}"))[1]["publishing"]["state"] == "none"


async def test_a_bearer_asks_without_a_body_as_well(made, manage):
    client = (await made())["id"]
    status, shown = await manage("POST", f"/{client}/publish")
    assert (status, shown["publishing"]["state"]) == (200, "pending")


async def test_what_the_operator_published_stands_as_approved(published, staff):
    client = await published(OTHER)
    _, found = await staff("GET", f"/v1/all-clients?q={client}")
    assert found["data"][0]["published"]
    status, shown = await staff("POST", f"{QUEUE}/{client}", {"decision": "reject", "reason": "No more."})
    assert (status, shown["publishing"]["state"], shown["published"]) == (200, "rejected", False)
