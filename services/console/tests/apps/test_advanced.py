"""What is usual for nearly every app and can be otherwise: lifetimes, the retry window, tokens without a person."""

import pytest

DAY, DECADE = 86_400, 10 * 366 * 86_400
CLOSED, OPEN = '<details class="advanced" id="advanced">', '<details class="advanced" id="advanced" open>'


@pytest.fixture
def one(app):
    return f"/apps/{app['id']}"


@pytest.fixture
def save(browser, one):
    """Open the page, type something, and save: the answer. ``form`` is a page that was opened before."""

    async def save(form=None, path=one, **typed):
        page = form or await browser.get(path)
        fields = [(name, value) for name, value in page.form(path) if name not in typed]
        return await browser.post(path, fields + [pair for pair in typed.items() if pair[1] is not None])

    return save


def patches(house):
    return [sent.body for sent in house.asked("client-registry", "PATCH", "/v1/oauth-clients/.*")]


async def test_lifetimes_are_typed_in_their_unit_and_sent_in_seconds(save, house):
    page = await save(
        refresh_token_lifetime=" 30 ", connection_lifetime="8", connection_lifetime_unit="hours", retry_window="15"
    )
    assert page.query["said"] == "saved"
    sent = {"refresh_token_lifetime": 30 * DAY, "connection_lifetime": 8 * 3600, "retry_window": 15}
    assert patches(house) == [sent]


async def test_a_form_that_came_as_it_was_changes_none_of_them(browser, registry, save, house):
    client = registry.add(
        "Set", refresh_token_lifetime=5400, connection_lifetime=61, retry_window=30, client_credentials=True
    )
    page = await save(path=f"/apps/{client['id']}")
    assert page.query["said"] == "nothing_changed"
    assert patches(house) == []


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ("", "days")), (DECADE, ("3660", "days")), (7200, ("2", "hours")), (5400, ("90", "minutes")),
     (61, ("61", "seconds"))],
)  # fmt: skip
async def test_a_lifetime_is_shown_in_the_largest_unit_that_fits(browser, registry, seconds, shown):
    client = registry.add("Set", connection_lifetime=seconds)
    path = f"/apps/{client['id']}"
    fields = dict((await browser.get(path)).form(path))
    assert (fields["connection_lifetime"], fields["connection_lifetime_unit"]) == shown


async def test_an_emptied_lifetime_gives_the_usual_one_back(registry, save, house):
    client = registry.add("Set", refresh_token_lifetime=DAY)
    await save(path=f"/apps/{client['id']}", refresh_token_lifetime="")
    assert patches(house) == [{"refresh_token_lifetime": None}]


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("refresh_token_lifetime", "0", "From a minute to ten years"),
        ("refresh_token_lifetime", "3661", "From a minute to ten years"),
        ("refresh_token_lifetime", "1.5", "From a minute to ten years"),
        ("connection_lifetime", "-1", "From a minute to ten years"),
        ("connection_lifetime", "99999999999999999999999", "From a minute to ten years"),
        ("connection_lifetime", "\u0663", "From a minute to ten years"),
        ("retry_window", "61", "From 0 to 60 seconds"),
        ("retry_window", "", "From 0 to 60 seconds"),
        ("retry_window", "soon", "From 0 to 60 seconds"),
    ],
)
async def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_sent(save, house, one, field, typed, says):
    page = await save(name="Typed", **{field: typed})
    assert page.status == 400
    assert f'<p class="problem" id="{field}-problem">{says}' in page.text
    assert f'aria-invalid="true" aria-describedby="{field}-problem {field}-help"' in page.text
    fields = dict(page.form(one))
    assert (fields[field], fields["name"]) == (typed[:20], "Typed")
    assert OPEN in page.text
    assert patches(house) == []


async def test_the_part_is_closed_until_something_in_it_is_wrong_or_unsaved(browser, save, one):
    assert CLOSED in (await browser.get(one)).text
    assert CLOSED in (await save(row="add")).text
    assert OPEN in (await save(row="add", retry_window="10")).text


async def test_tokens_without_a_person_are_switched_on_and_off(save, registry, app, house):
    await save(client_credentials="on")
    assert registry.apps[app["id"]]["client_credentials"] is True
    await save(client_credentials=None)
    assert patches(house) == [{"client_credentials": True}, {"client_credentials": False}]


async def test_the_owner_s_no_to_them_stands_beside_the_box(save, house):
    no = "It proves itself by PKCE."
    house.refuse("client-registry", "PATCH", ".*", 400, "invalid_request", client_credentials=no)
    page = await save(client_credentials="on", proof="pkce")
    assert page.status == 400
    assert f'id="client_credentials-problem">{no}' in page.text
    assert page.words.count(no) == 1
    assert OPEN in page.text


@pytest.mark.parametrize("box", ["on", None])
async def test_a_client_that_becomes_public_is_asked_for_none(registry, save, house, box):
    client = registry.add("Set", client_credentials=True)
    await save(path=f"/apps/{client['id']}", type="public", client_credentials=box)
    assert patches(house) == [{"type": "public"}]


async def test_somebody_else_s_change_of_them_is_seen_first(browser, save, registry, app, one):
    opened = await browser.get(one)
    theirs = {"connection_lifetime": 7 * DAY, "retry_window": 30, "client_credentials": True}
    registry.apps[app["id"]] |= theirs | {"revision": 2, "updated_by": "a" * 32}
    page = await save(opened, refresh_token_lifetime="12", refresh_token_lifetime_unit="hours")
    assert page.status == 412
    for row in ("Ends in any case after 7 days nothing", "Ends when not used for nothing 12 hours",
                "Retry window 30 seconds 0 seconds", "Tokens without a person on off"):  # fmt: skip
        assert row in page.words
    assert registry.apps[app["id"]]["connection_lifetime"] == 7 * DAY
    assert (await save(page)).query["said"] == "saved"
    assert registry.apps[app["id"]]["refresh_token_lifetime"] == 12 * 3600


async def test_the_same_form_twice_saves_once(browser, save, one, house):
    opened = await browser.get(one)
    await save(opened, connection_lifetime="2", retry_window="5")
    assert (await save(opened, connection_lifetime="2", retry_window="5")).query["said"] == "nothing_changed"
    assert len(patches(house)) == 1


async def test_who_may_only_look_sends_none_of_them(browser, house, one, app):
    house.give({"oauthclient": ["view"]})
    text = (await browser.get(one)).text
    assert "<fieldset disabled>" in text[: text.index("advanced")]


async def test_a_form_without_this_part_leaves_it_alone(registry, browser, house):
    client = registry.add("Set", retry_window=30, client_credentials=True)
    path = f"/apps/{client['id']}"
    ours = ("retry_window", "refresh_token_lifetime", "connection_lifetime", "client_credentials")
    fields = [pair for pair in (await browser.get(path)).form(path) if not pair[0].startswith(ours)]
    await browser.post(path, [pair for pair in fields if pair[0] != "name"] + [("name", "Renamed")])
    assert patches(house) == [{"name": "Renamed"}]
