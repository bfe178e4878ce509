"""How every page looks and what it tells the browser."""

import msgspec
import pytest

from latchkey_contracts.requests.clients import ClientsGet
from latchkey_contracts.requests.grants import GrantsCreate
from latchkey_contracts.requests.permissions import ConsentLine, PermissionsResolve, Resolution

AUTHORIZE = "/oauth/authorize"


async def every_page(world, browser):
    """One page of each kind, by name."""
    pages = {"error": await browser.get(world.authorize(client_id="f" * 32)), "sign in": await browser.get("/login")}
    pages["invitation"] = await browser.get(await world.invite("new@acme.test"))
    pages["password"] = await browser.get(await world.password_link("sam@acme.test"))
    pages["forgotten"] = await browser.get("/password")
    pages["link over"] = await browser.get("/invitation/nothing")
    pages["wrong password"] = await browser.sign_in("rita@acme.test", "wrong-password")
    await browser.sign_in("rita@acme.test")
    pages["signed in"] = await browser.get("/login")
    pages["consent"] = await browser.get(world.authorize())
    await browser.submit(pages["consent"], AUTHORIZE, decision="authorize")
    world.neighbours.used |= set(world.neighbours.born.values())
    pages["already"] = await browser.submit(pages["consent"], AUTHORIZE, decision="authorize")
    world.add_client(usable_in=("acme", "globex"))
    pages["tenant"] = await browser.get(world.authorize())
    world.add_client(narrowing=True)
    pages["choice"] = await browser.get(world.authorize())
    pages["nothing left"] = await browser.submit(pages["choice"], AUTHORIZE, boxes=(), decision="authorize")
    world.add_client(usable_in=("acme", "globex"))
    world.neighbours.resolution = Resolution(refusal="missing", named=("company:remove",))
    pages["refusal"] = await browser.get(world.authorize(tenant="acme"))
    pages["elsewhere"] = await browser.get("/nowhere")
    return pages


async def test_every_page_forbids_framing_scripts_caching_and_referrers(world, browser):
    for name, page in (await every_page(world, browser)).items():
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-"), name
        assert "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert page.headers["X-Frame-Options"] == "DENY", name
        assert page.headers["Cache-Control"] == "no-store", name
        assert page.headers["Referrer-Policy"] == "no-referrer", name
        assert page.headers["X-Content-Type-Options"] == "nosniff", name
        assert "script" not in page.tags, name
        assert not any("style" in values for tag in set(page.tags) for values in page.attributes(tag)), name


async def test_only_forms_that_may_lead_to_an_app_leave_form_action_out(world, browser):
    pages = await every_page(world, browser)
    kept = {name for name, page in pages.items() if "form-action 'self'" in page.headers["Content-Security-Policy"]}
    ours = {"invitation", "password", "forgotten", "link over"}
    assert kept == {"error", "signed in", "elsewhere"} | ours


async def test_every_page_is_one_that_people_can_read(world, browser):
    ours = {"username", "current-password", "new-password", "name"}
    for name, page in (await every_page(world, browser)).items():
        assert page.attributes("html") == [{"lang": "en"}], name
        assert len(page.texts("h1")) == 1, name
        assert page.texts("title")[0].endswith("Latchkey"), name
        assert page.tags.count("main") == 1, name
        ids = [values["id"] for tag in set(page.tags) for values in page.attributes(tag) if "id" in values]
        assert len(ids) == len(set(ids)), name
        for field in page.attributes("input"):
            if field.get("type") != "hidden":
                assert field["id"] in {label["for"] for label in page.attributes("label")}, name
                assert field["type"] == "checkbox" or field["autocomplete"] in ours, name


async def test_a_redirect_with_a_code_is_neither_kept_nor_referred(world, browser):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    answer = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


async def test_consent_says_who_wants_what_and_where_it_leads(world, browser):
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert page.texts("h1") == ["Acme Sync wants to access Acme Inc."]
    for words in ("Acme Inc.", "sam@acme.test", "Use another account", "View and update companies", "app.example"):
        assert words in page.text
    assert "can never do more than your own role" in page.text
    assert page.form(AUTHORIZE)["buttons"] == [("decision", "cancel"), ("decision", "authorize")]
    assert not any("autofocus" in values for values in page.attributes("button"))
    assert page.form(AUTHORIZE)["boxes"] == []
    assert "fieldset" not in page.tags


async def test_fields_that_a_line_is_narrowed_to_are_named(world, browser):
    details = ("Update only Name and Phase",)
    line = ConsentLine(title="Company", sentence="View and update companies", strong=True, details=details)
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, lines=(line,))
    await browser.sign_in("sam@acme.test")
    assert "Update only Name and Phase" in (await browser.get(world.authorize())).texts("span")


@pytest.mark.parametrize(
    ("actions", "badge"),
    [
        (("view", "update"), "changes"),
        (("remove",), "changes"),
        (("view", "export"), "exports"),
        (("create", "export"), "changes and exports"),
    ],
)
async def test_a_strong_line_says_whether_it_changes_or_exports(world, browser, actions, badge):
    words = tuple(f"company:{action}" for action in actions)
    line = ConsentLine(title="Company", sentence="Some words", strong=True, words=words)
    world.neighbours.resolution = Resolution(document="a" * 64, scope=words, lines=(line,))
    await browser.sign_in("sam@acme.test", at=world.authorize())
    page = await browser.get(world.authorize())
    assert f'<span class="badge">{badge}</span>' in page.text


async def test_strong_lines_come_first_and_more_than_five_fold_away(world, browser):
    lines = tuple(ConsentLine(title=f"T{n}", sentence=f"Line {n}", strong=n == 6) for n in range(7))
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, lines=lines)
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert page.texts("summary") == ["Show more (2)"]
    items = page.texts("li")
    assert items[0].startswith("Line 6")
    assert len(items) == 7
    assert page.attributes("li")[0] == {"class": "strong"}
    assert page.text.index("<details>") < page.text.index("Line 4")
    assert page.text.index("Line 3") < page.text.index("<details>")


async def test_names_cannot_break_out_of_their_place(world, browser):
    name = "<script>alert(1)</script>\u202egnihton\u200b\n\"'"
    world.add_client(name=name, description=name)
    await world.execute("UPDATE app_user SET name = $1", name)
    await world.execute("UPDATE tenant SET title = $1", name)
    sign_in = await browser.get(world.authorize())
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    world.neighbours.resolution = Resolution(refusal="nothing")
    refusal = await browser.get(world.authorize())
    for page in (sign_in, consent, refusal):
        assert "script" not in page.tags
        assert "&lt;script&gt;" in page.text
        assert not any(hidden in page.text for hidden in "\u202e\u200b")
        assert "<script>alert(1)</script>gnihton \"'" in page.texts("bdi")


@pytest.mark.parametrize("neighbour", [ClientsGet.path, PermissionsResolve.path, GrantsCreate.path])
async def test_a_neighbour_that_is_away_is_no_dead_end(world, browser, neighbour):
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    world.neighbours.away.add(neighbour)
    page = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert page.texts("a") == ["Try again"]
    world.neighbours.away.clear()
    again = await browser.get(page.attributes("a")[0]["href"])
    assert again.texts("h1") == consent.texts("h1")


@pytest.mark.parametrize("status", [404, 409])
async def test_a_client_that_changed_meanwhile_is_told(world, browser, status):
    world.neighbours.refuses_births = status
    await browser.sign_in("sam@acme.test")
    consent = await browser.get(world.authorize())
    page = await browser.submit(consent, AUTHORIZE, decision="authorize")
    assert page.status == 409
    assert await world.events("consent.granted") == []


async def test_our_own_mistake_is_a_page_with_a_request_id(world, browser):
    world.neighbours.refuses_to_tell = True  # as if our question were wrong
    page = await browser.get(world.authorize())
    assert page.status == 500
    assert page.headers["X-Request-Id"] in page.text
    assert "Traceback" not in page.text


_NOWHERE = [
    ("GET", "/", 404),
    ("GET", "/oauth/authorize/more", 404),
    ("POST", "/nowhere", 404),
    ("GET", "//evil.example/", 404),
    ("PUT", "/login", 405),
    ("DELETE", "/oauth/authorize", 405),
    ("GET", "/logout", 405),
]


async def test_unknown_addresses_and_methods_have_a_page(world, browser):
    for method, path, status in _NOWHERE:
        page = await browser.send(method, path)
        assert page.status == status
        assert len(page.texts("h1")) == 1
        assert page.headers["X-Request-Id"] in page.text
        assert ("Allow" in page.headers) == (status == 405)


async def test_an_app_is_known_by_its_picture_or_its_first_letter(world, browser):
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert page.attributes("img") == []
    assert "A" in page.texts("span")
    logo = f"/logos/{'a1' * 16}/0123.png"
    world.add_client(logo=logo)
    page = await browser.get(world.authorize())
    [picture] = page.attributes("img")
    assert (picture["src"], picture["alt"]) == (logo, "")
    assert "img-src 'self'" in page.headers["Content-Security-Policy"]


async def test_only_an_app_that_was_reviewed_is_called_verified(world, browser):
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert "Verified" not in page.text
    assert "A private app made by Acme Inc.Not verified" in page.texts("p")
    world.add_client(published=True)
    page = await browser.get(world.authorize())
    assert "Verified" in page.texts("span")
    assert "private" not in page.text


async def test_each_line_has_details_that_its_button_names(world, browser):
    line = ConsentLine(title="Company", sentence="View and export companies", words=("company:view", "company:export"))
    world.neighbours.resolution = msgspec.structs.replace(world.neighbours.resolution, lines=(line,))
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    [button] = [one for one in page.attributes("button") if "popovertarget" in one]
    [details] = [one for one in page.attributes("div") if "popover" in one]
    assert button["popovertarget"] == button["interestfor"] == details["id"]
    assert (button["type"], button["aria-label"]) == ("button", "Details: View and export companies")
    assert {"Export: take many out at once.", "With all their fields."} <= set(page.texts("span"))


async def test_consent_says_where_to_disconnect(world, browser):
    await browser.sign_in("sam@acme.test")
    page = await browser.get(world.authorize())
    assert {"href": "/profile/applications", "target": "_blank"} in page.attributes("a")
