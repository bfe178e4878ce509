"""Unknown clients and redirect URIs end on our own page, in exact words."""

UNKNOWN = "Invalid client_id: OAuth client not found."
UNREGISTERED = "Invalid redirect_uri: not registered for this client."


def assert_page(page, words):
    assert page.status == 400
    assert "Location" not in page.headers
    assert page.texts("h1") == [words]
    assert words in page.text
    assert page.headers["Content-Type"].startswith("text/html")


_UNKNOWN_CLIENTS = ["f" * 32, "", None, "a b", "x" * 300, "<script>", "漢", "' OR 1=1 --"]


async def test_an_unknown_client_is_told_on_a_page(world, browser):
    for client_id in _UNKNOWN_CLIENTS:
        assert_page(await browser.get(world.authorize(client_id=client_id)), UNKNOWN)


_UNREGISTERED_URIS = [
    "https://app.example/callback/",
    "https://app.example/callback?x=1",
    "https://app.example/callback#x",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example/../callback",
    "https://app.example@evil.example/callback",
    "https://evil.example/https://app.example/callback",
    "http://app.example/callback",
    "http://127.0.0.1:8080/other",
    "http://localhost/callback",
    "javascript:alert(1)",
    "//app.example/callback",
    "https://app.example/callback\r\nX: y",
]


async def test_an_unregistered_redirect_uri_is_told_on_a_page(world, browser):
    for redirect_uri in _UNREGISTERED_URIS:
        assert_page(await browser.get(world.authorize(redirect_uri=redirect_uri)), UNREGISTERED)


async def test_the_page_names_the_redirect_uri_that_was_sent_escaped(world, browser):
    page = await browser.get(world.authorize(redirect_uri="https://evil.example/<img src=x>\u202e"))
    assert "https://evil.example/&lt;img src=x&gt;" in page.text
    assert "\u202e" not in page.text


async def test_a_redirect_uri_may_be_left_out_only_if_there_is_one(world, browser):
    assert_page(await browser.get(world.authorize(redirect_uri=None)), UNREGISTERED)


async def test_for_members_of_other_tenants_a_private_client_does_not_exist(world, browser):
    await browser.sign_in("kim@globex.test")
    private = await browser.get(world.authorize())
    unknown = await browser.get(world.authorize(client_id="f" * 32))
    assert_page(private, UNKNOWN)
    assert private.text.split("Request id")[0] == unknown.text.split("Request id")[0]


async def test_a_decision_for_another_tenants_client_is_refused_the_same_way(world, browser):
    await browser.sign_in("kim@globex.test")
    fields = {"decision": "authorize", "csrf": "x", "tenant": "acme"}
    assert_page(await browser.post(world.authorize(), fields), UNKNOWN)
    assert_page(await browser.post(world.authorize(redirect_uri="https://evil.example/"), fields), UNKNOWN)


async def test_no_mistake_in_a_request_tells_members_of_other_tenants_of_a_private_client(world, browser):
    await browser.sign_in("kim@globex.test")
    unknown = await browser.get(world.authorize(client_id="f" * 32))
    for changes in (
        {"redirect_uri": "https://evil.example/"}, {"redirect_uri": None}, {"response_type": "token"},
        {"code_challenge": None}, {"resource": "https://other.example/v1"}, {"scope": "漢"}, {"tenant": "acme"},
    ):  # fmt: skip
        page = await browser.get(world.authorize(**changes))
        assert_page(page, UNKNOWN)
        assert page.text.split("Request id")[0] == unknown.text.split("Request id")[0]


_NAMES = ["client_id", "redirect_uri", "state", "code_challenge", "scope"]


async def test_a_repeated_parameter_ends_on_a_page(world, browser):
    for name in _NAMES:
        page = await browser.get(world.authorize((name, "one"), (name, "two")))
        assert page.status == 400
        assert "Location" not in page.headers
        assert "repeated" in page.text


_MALFORMED = ["client_id=%FF", "client_id=%00", "client_id=%ZZ", "&" * 3, "a=1&" * 100]


async def test_a_malformed_query_ends_on_a_page(world, browser):
    for query in _MALFORMED:
        page = await browser.get(f"/oauth/authorize?{query}")
        assert page.status == 400
        assert "Location" not in page.headers
