"""What a client may have agreed with the token service: lifetimes, retry window, tokens of its own."""

import pytest

YEAR = 366 * 86_400


async def test_terms_reach_the_gate_and_null_gives_the_usual_back(manage, made, gate):
    client = await made(preset="claude", refresh_token_lifetime=86_400)
    assert (client["retry_window"], client["refresh_token_lifetime"], client["connection_lifetime"]) == (
        30,
        86_400,
        None,
    )
    terms = {
        "refresh_token_lifetime": YEAR,
        "connection_lifetime": 2 * YEAR,
        "client_credentials": True,
        "retry_window": 0,
    }
    status, shown = await manage("PATCH", f"/{client['id']}", terms)
    assert (status, {name: shown[name] for name in terms}) == (200, terms)
    known = await gate(client["id"])
    assert {name: getattr(known, name) for name in terms} == terms
    assert known.turn == 0
    _, shown = await manage("PATCH", f"/{client['id']}", {"retry_window": None, "connection_lifetime": None})
    assert (shown["retry_window"], shown["connection_lifetime"], shown["refresh_token_lifetime"]) == (30, None, YEAR)
    known = await gate(client["id"])
    assert (known.retry_window, known.connection_lifetime, known.refresh_token_lifetime) == (30, None, YEAR)


async def test_the_event_names_what_changed(manage, made, events):
    client = await made()
    await manage("PATCH", f"/{client['id']}", {"retry_window": 10, "permissions": {"company": ["view"]}})
    await manage("PATCH", f"/{client['id']}", {})
    assert [(kind, data["changed"]) for kind, _, _, data in await events()] == [
        ("client.updated", ["retry_window", "permissions"])
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"retry_window": 61}, {"retry_window": -1}, {"retry_window": "5"}, {"retry_window": 2**64},
        {"refresh_token_lifetime": 59}, {"connection_lifetime": 59}, {"connection_lifetime": 11 * YEAR},
        {"refresh_token_lifetime": 2**63}, {"client_credentials": None}, {"name": None}, {"type": None},
        {"type": "dynamic"}, {"redirect_uris": None}, {"preset": "claude"}, {"turn": 5}, {"disabled": True},
    ],
)  # fmt: skip
async def test_a_term_that_cannot_be_is_named_and_changes_nothing(manage, made, gate, change):
    client = await made()
    before = await gate(client["id"])
    status, problem = await manage("PATCH", f"/{client['id']}", change)
    assert (status, problem["code"]) == (400, "invalid_request")
    assert await gate(client["id"]) == before


@pytest.mark.parametrize(
    ("has", "change"),
    [
        ({"type": "public"}, {"client_credentials": True}),
        ({"proof": "pkce"}, {"client_credentials": True}),
        ({"client_credentials": True}, {"proof": "pkce"}),
        ({}, {"client_credentials": True, "type": "public"}),
    ],
)
async def test_tokens_of_its_own_need_a_secret(manage, made, owners, gate, has, change):
    client = await made(**has)
    before = await gate(client["id"])
    change |= {"permissions": {"company": ["view", "update"]}}
    status, problem = await manage("PATCH", f"/{client['id']}", change)
    assert (status, problem["errors"][0]["pointer"]) == (400, "/client_credentials")
    assert await gate(client["id"]) == before
    assert owners.ceilings[client["id"]] == {"company": ("view",)}


async def test_a_public_client_may_become_confidential_and_have_tokens_of_its_own_at_once(manage, made, gate):
    client = await made(type="public")
    status, _ = await manage("PATCH", f"/{client['id']}", {"type": "confidential", "client_credentials": True})
    assert status == 200
    assert (await gate(client["id"])).client_credentials


async def test_a_new_client_with_impossible_terms_is_not_made(manage):
    new = {"name": "Bot", "redirect_uris": ["https://app.example/cb"], "type": "public", "client_credentials": True}
    status, problem = await manage("POST", "", new)
    assert (status, problem["errors"][0]["pointer"]) == (400, "/client_credentials")
    assert (await manage("GET"))[1]["data"] == []
