"""What people call clients stands on pages of others: it can be read, and it turns nothing round."""

import pytest

from latchkey_client_registry.domain.texts import LONGEST_NAME, LONGEST_TEXT, name_problem, text_problem
from latchkey_contracts.requests.console import ClientsNamed
from latchkey_kit.requests import PeerUnavailable
from latchkey_verify.testing import TENANT

REDIRECT = "https://app.example/callback"
NEW = {"name": "Sync", "redirect_uris": [REDIRECT], "permissions": {}}
UNFIT = [
    "a\u202eb", "\u2066a", "a\u200eb", "a\u061cb", "a\u200bb", "a\u00adb", "\ufeffa", "a\u2028b", "a\x7f", "a\x85b",
    "a\x1b[31m", "a\r", "a\U000e0041", "\u2060a",
]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a", "<b>Sync</b> & \"Co\" 'x'", "Ἀθῆναι", "مزامنة", "می\u200cشود", "👩\u200d💻", "x" * LONGEST_NAME]
)
def test_a_name_that_can_be_read_is_well(name):
    assert name_problem(name) is None
    assert text_problem(name) is None


@pytest.mark.parametrize(
    "name", [*UNFIT, "", " ", "\u3164", "\u2800", "\u200d", "\u0301", "a\nb", "a\tb", "x" * (LONGEST_NAME + 1)]
)
def test_a_name_that_is_empty_hidden_or_turned_is_not(name):
    assert name_problem(name)


@pytest.mark.parametrize("text", [*UNFIT, "x" * (LONGEST_TEXT + 1)])
def test_neither_is_a_text(text):
    assert text_problem(text)


@pytest.mark.parametrize("text", ["", "Two\nlines\tand more."])
def test_a_text_may_be_empty_and_have_lines(text):
    assert text_problem(text) is None


@pytest.mark.parametrize("name", ["a\u202etxt.exe", "x" * 10_240, "   ", "a\nb"])
async def test_an_unfit_name_is_refused_beside_its_field_in_words_for_people(manage, made, name):
    client = (await made())["id"]
    for method, path, body in (("POST", "", NEW | {"name": name}), ("PATCH", f"/{client}", {"name": name})):
        status, problem = await manage(method, path, body)
        assert (status, problem["errors"][0]["pointer"]) == (400, "/name")
        message = problem["errors"][0]["message"]
        assert "regex" not in message
        assert name.strip() not in message or not name.strip()
    assert (await manage("GET"))[1]["data"][0]["name"] == "Sync"


async def test_markup_is_a_name_like_any_other(manage):
    name = "<img src=x onerror=alert(1)>"
    status, client = await manage("POST", "", NEW | {"name": name})
    assert (status, client["name"]) == (201, name)


async def test_everything_that_is_wrong_is_said_at_once_each_at_its_row(manage):
    bad = NEW | {
        "preset": "claude", "name": "", "description": "\u202e",
        "redirect_uris": [REDIRECT, "http://app.example/", REDIRECT, "https://*.example/", f"{REDIRECT}#x", "x" * 3000],
    }  # fmt: skip
    status, problem = await manage("POST", "", bad)
    assert status == 400
    assert [one["pointer"] for one in problem["errors"]] == [
        "/name", "/description", "/redirect_uris/1", "/redirect_uris/3", "/redirect_uris/4", "/redirect_uris/5",
    ]  # fmt: skip


async def test_a_client_may_wait_for_its_redirect_url_and_leads_nowhere_until_then(manage, seen):
    status, client = await manage("POST", "", {"name": "ChatGPT", "preset": "chatgpt"})
    assert (status, client["redirect_uris"]) == (201, [])
    assert (await seen(client["id"])).client.redirect_uris == ()
    added = ["https://chatgpt.com/connector/oauth/abc"]
    assert (await manage("PATCH", f"/{client['id']}", {"redirect_uris": added}))[1]["redirect_uris"] == added


@pytest.fixture
def named(registry, peer):
    async def ask(*clients, caller="console"):
        return (await peer(caller, registry.internal_url).ask(ClientsNamed(clients=clients))).clients

    return ask


async def test_pages_learn_what_clients_are_called_whoever_made_them_and_though_they_are_gone(
    made, published, manage, named
):
    mine, theirs = (await made(description="Syncs."))["id"], await published("7" * 32)
    await manage("DELETE", f"/{mine}")
    found = await named(mine, theirs, "0" * 32, mine)
    shown = {id_: (one.name, one.description, one.published, one.tenant, one.logo) for id_, one in found.items()}
    assert shown == {
        mine: ("Sync", "Syncs.", False, TENANT, None), theirs: ("market", "", True, "7" * 32, None),
    }  # fmt: skip
    assert await named() == {}
    with pytest.raises(PeerUnavailable):
        await named(mine, caller="records")
