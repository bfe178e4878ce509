"""What the log says of clients: before and after, by staff or not, to whose tenant; and never a secret."""

import msgspec

from latchkey_contracts.events import Change
from latchkey_contracts.events.client import ClientCreated, ClientUpdated
from latchkey_contracts.requests.operator import ClientCompromised, ClientDynamic, LabsPut
from latchkey_verify.testing import TENANT, USER, rights

OTHER = "7" * 32


def changed(envelope):
    return {
        one.field: (one.before, one.after) for one in msgspec.json.decode(envelope.data, type=ClientUpdated).changes
    }


async def test_an_edit_is_told_with_what_was_before_and_after(manage, made, told):
    client = await made()
    new = {"name": "Renamed", "redirect_uris": ["https://new.example/back"], "refresh_token_lifetime": 3600}
    await manage("PATCH", f"/{client['id']}", new | {"description": ""})
    (envelope,) = await told("client.updated")
    assert (envelope.tenantid, envelope.bystaff) == (TENANT, False)
    assert changed(envelope) == {
        "name": ("Sync", "Renamed"),
        "redirect_uris": (("https://app.example/callback",), ("https://new.example/back",)),
        "refresh_token_lifetime": (None, 3600),
    }


async def test_what_a_client_began_with_is_told(made, told):
    await made(description="Syncs.", proof="pkce", narrowing=True)
    (envelope,) = await told("client.created")
    event = msgspec.json.decode(envelope.data, type=ClientCreated)
    began = {one.field: one.after for one in event.changes}
    assert (event.name, event.redirect_uris) == ("Sync", ("https://app.example/callback",))
    assert (began["description"], began["proof"], began["narrowing"], began["published"]) == (
        "Syncs.", "pkce", True, False,
    )  # fmt: skip
    assert {one.before for one in event.changes} == {None}


async def test_no_secret_is_in_any_change(manage, made, told):
    client = await made()
    secrets = [client["client_secret"]]
    for method, path, body in (
        ("PATCH", "", {"type": "public"}),
        ("PATCH", "", {"type": "confidential"}),
        ("POST", "/regenerate", None),
    ):
        _, answer = await manage(method, f"/{client['id']}{path}", body)
        secrets += [answer["client_secret"]] if answer.get("client_secret") else []
    assert len(secrets) == 3
    kinds = ("client.created", "client.updated", "client.secret_rotated", "client.secret_added", "client.made_public")
    log = str([one for kind in kinds for one in await told(kind)])
    assert [secret for secret in secrets if secret in log] == []
    assert "hash" not in log


async def test_the_longest_redirect_urls_fit_into_one_message(manage, made, told):
    client = await made()
    for letter in "ab":
        uris = [f"https://app.example/{number:02}/{letter * 1950}" for number in range(50)]
        status, _ = await manage("PATCH", f"/{client['id']}", {"redirect_uris": uris})
        assert status == 200
    envelope = (await told("client.updated"))[-1]
    (change,) = msgspec.json.decode(envelope.data, type=ClientUpdated).changes
    assert change.field == "redirect_uris"
    assert change.after[:2] == tuple(uris[:2])
    assert len(msgspec.json.encode(envelope)) < 256 * 1024


async def test_labs_are_told_when_they_turn(operator, told):
    for on in (False, True, True, False):
        await operator.ask(LabsPut(tenant=OTHER, on=on))
    found = [one for one in await told("labs.changed") if one.tenantid == OTHER]
    assert [msgspec.json.decode(one.data) for one in found] == [
        {"tenant": OTHER, "on": True}, {"tenant": OTHER, "on": False},
    ]  # fmt: skip
    assert {one.bystaff for one in found} == {True}


async def test_what_staff_do_with_a_client_is_in_its_makers_log(operator, made, told):
    client = (await made())["id"]
    await operator.ask(ClientDynamic(client=client, dynamic=True))
    await operator.ask(ClientCompromised(client=client, compromised=True))
    await operator.ask(ClientCompromised(client=client, compromised=False))
    found = [(await told(kind))[0] for kind in ("client.updated", "client.compromised", "client.lifted")]
    assert [(one.tenantid, one.userid, one.bystaff) for one in found] == [(TENANT, None, True)] * 3
    event = msgspec.json.decode(found[0].data, type=ClientUpdated)
    assert event.changes == (Change(field="dynamic", before=False, after=True),)


async def test_another_tenants_block_of_a_published_client_is_not_its_makers_to_know(published, manage, told):
    client = await published(OTHER)
    status, _ = await manage("POST", f"/{client}/block")
    assert status == 200
    assert [one.tenantid for one in await told("client.blocked")] == [TENANT]


async def test_who_lacks_the_right_is_told_once_and_counted(manage, owners, told):
    only_see = {"oauthclient": ["view"]}
    owners.rights = rights(only_see, only_see, only_see)
    for _ in range(3):
        status, _ = await manage("POST", "", {"name": "x"})
        assert status == 403
    (envelope,) = await told("access.refused")
    event = msgspec.json.decode(envelope.data)
    assert (envelope.tenantid, event["model"], event["action"]) == (TENANT, "oauthclient", "create")
    assert event["lacking"] == ["oauthclient:create"]


async def test_who_makes_an_app_while_labs_are_off_is_told_once_and_counted(manage, console, operator, told):
    await operator.ask(LabsPut(tenant=TENANT, on=False))
    new = {"name": "x", "redirect_uris": ["https://app.example/callback"]}
    for _ in range(3):
        status, problem = await manage("POST", "", new)
        assert (status, problem["code"]) == (403, "labs_off")
    assert (await console("POST", "/v1/oauth-clients", new))[0] == 403
    through, by_themselves = await told("labs.refused")
    for envelope in (through, by_themselves):
        assert (envelope.tenantid, envelope.userid, envelope.subject) == (TENANT, USER, TENANT)
        assert (envelope.result, msgspec.json.decode(envelope.data)) == ("refused", {"tenant": TENANT})
    assert (bool(through.clientid), by_themselves.clientid) == (True, None)
    assert await told("client.created") == []
