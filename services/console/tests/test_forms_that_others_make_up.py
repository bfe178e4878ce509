"""Forms and cookies that no page of ours sends: nothing is done, and nothing breaks."""

import pytest

from latchkey_contracts.requests.console import SessionsResolve
from latchkey_look.cookies import Cookies

TEAMS = "/v1/teams"
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
COOKIES = Cookies("http://127.0.0.1:8080")


def part(value, header='name="name"'):
    return f"--x\r\nContent-Disposition: form-data; {header}\r\n\r\n".encode() + value + b"\r\n--x--\r\n"


@pytest.fixture
def raw(browser, http, console):
    """Send bytes as they are: content type, body → status."""

    async def send(content_type, body):
        asked = http.post(
            console.public_url + "/roles/teams",
            data=body,
            headers={"Content-Type": content_type},
            cookies=browser.cookies,
        )
        async with asked as answer:
            return answer.status

    return send


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (f"{FORM}; charset=nope", b"name=x"),
        (f"{FORM}; charset=utf-16", b"name=xy="),
        (f"{FORM}; charset=unicode_escape", b"name=\\ud800"),
        (FORM, b"name=\xff"),
        (FORM, b"name=%00"),
        (FORM, b"workspace=%00"),
        ("multipart/form-data", b"name=x"),
        (PARTS, b"--x\r\nno header\r\n"),
        (PARTS, part(b"x", "nothing")),
        (PARTS, part(b"x", 'name="name"\r\nContent-Transfer-Encoding: nope')),
        (PARTS, part(b"x", 'name="name"\r\nContent-Type: text/plain; charset=nope')),
        (PARTS, part(b"x", 'name="name"; filename="name.txt"')),
        (PARTS, part(b"x", 'name="name"\r\nContent-Type: application/octet-stream')),
    ],
)
async def test_a_form_that_no_page_sends_is_refused_and_nothing_breaks(raw, house, content_type, body):
    assert await raw(content_type, body) == 400
    assert house.asked("permissions", "POST", TEAMS) == []


@pytest.mark.parametrize("value", ['"\\000abc"', "caf\xe9", '"\\377"'])
async def test_a_session_cookie_that_is_none_of_ours_is_nobodys(browser, http, console, house, value):
    headers = {"Cookie": f"{COOKIES.session}={value}"}
    async with http.get(console.public_url + "/apps", headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login?next=/apps")
    assert house.asked("auth", "POST", SessionsResolve.path) == []


@pytest.mark.parametrize("value", ['"\\000abc"', "caf\xe9"])
async def test_a_workspace_cookie_that_is_none_of_ours_opens_the_usual_one(browser, http, console, house, value):
    session = browser.cookies[COOKIES.session]
    headers = {"Cookie": f"{COOKIES.session}={session}; {COOKIES.workspace}={value}"}
    async with http.get(console.public_url + "/profile/sessions", headers=headers) as answer:
        assert answer.status != 500
    (asked,) = house.asked("auth", "POST", SessionsResolve.path)
    assert asked.body.get("workspace") is None


async def test_a_form_of_a_workspace_that_one_left_changes_nothing_in_another(browser, house):
    house.sign_in(("globex", "Globex"))
    page = await browser.post("/roles/teams", {"name": "Crew", "workspace": "acme"})
    assert page.status == 403
    assert "You do not belong to this workspace any more." in page.words
    assert house.asked("permissions", "POST", TEAMS) == []


@pytest.mark.parametrize("revision", ["1\r\nX-Evil: 1", '"', "é", "1" * 5000])
async def test_what_is_no_revision_goes_into_no_header(browser, house, revision):
    house.sign_in(("acme", "Acme"), staff=True)
    fields = {"decision": "approve", "revision": revision}
    page = await browser.post(f"/staff/requests/{'c' * 32}", fields)
    assert page.status == 400
    assert house.asked("client-registry", "POST", ".*") == []
