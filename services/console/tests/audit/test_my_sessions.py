import pytest

from latchkey_console.profile.agents import Agent, agent
from latchkey_kit.web.problems import Document

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1"


@pytest.fixture
def logins(stand):
    def login(id_, created, *, current=False):
        return {
            "id": id_, "created_at": created, "last_seen_at": created, "address": "198.51.100.7", "agent": _FIREFOX,
            "current": current,
        }  # fmt: skip

    stand.logins = [
        login(ONE, "2026-01-01T08:00:00Z"),
        login(TWO, "2026-01-01T09:00:00Z", current=True),
        login(THREE, "2026-01-01T10:00:00Z"),
    ]


@pytest.fixture
def form(ids):
    return {"csrf": ids["csrf"], "workspace": "acme"}


@pytest.mark.usefixtures("logins")
async def test_this_session_comes_first_and_is_ended_by_signing_out(at):
    status, _, page = await at("/profile/sessions")
    assert status == 200
    shown = page.partition('<ul class="mine">')[2]
    assert shown.index("This one") < shown.index("10:00 UTC") < shown.index("08:00 UTC")
    assert TWO not in page
    assert 'action="/logout"' in shown


@pytest.mark.usefixtures("logins")
async def test_one_session_is_ended_and_that_is_said(at, stand, form):
    status, headers, _ = await at("/profile/sessions/end", method="POST", form=form | {"session": ONE})
    assert status == 303
    assert stand.asks("DELETE", f"/v1/logins/{ONE}") == [{}]
    _, _, page = await at(headers["Location"])
    assert "That session is ended." in page
    assert ONE not in page


@pytest.mark.usefixtures("logins")
async def test_all_others_are_ended_and_counted(at, form):
    _, headers, _ = await at("/profile/sessions/end-others", method="POST", form=form)
    _, _, page = await at(headers["Location"])
    assert "2 other sessions are ended." in page
    assert "End all other sessions" not in page


@pytest.mark.usefixtures("logins")
async def test_ending_what_is_ended_is_no_mistake(at, stand, form):
    stand.refused[f"/v1/logins/{ONE}"] = Document(status=404, title="Nothing.", code="not_found")
    assert (await at("/profile/sessions/end", method="POST", form=form | {"session": ONE}))[0] == 303


@pytest.mark.parametrize("session", ["", "../members/1", "x" * 32])
async def test_a_form_without_a_session_reaches_nobody(at, stand, form, session):
    assert (await at("/profile/sessions/end", method="POST", form=form | {"session": session}))[0] == 400
    assert not [path for method, path, _ in stand.asked if method == "DELETE"]


@pytest.mark.parametrize("path", ["/profile/sessions/end", "/profile/sessions/end-others"])
async def test_a_form_that_is_not_ours_does_nothing(at, stand, form, path):
    assert (await at(path, method="POST", form=form | {"csrf": "another", "session": ONE}))[0] == 403
    assert not [path for method, path, _ in stand.asked if method == "DELETE"]


@pytest.mark.usefixtures("logins")
async def test_htmx_is_given_the_list_and_the_words(at):
    _, _, part = await at("/profile/sessions?said=ended", htmx=True)
    assert "<html" not in part
    assert part.index('id="sessions"') < part.index('<div id="status" hx-swap-oob="innerHTML">')


@pytest.mark.usefixtures("logins")
@pytest.mark.parametrize(
    ("ended", "words"),
    [("0", "Your password is changed.</p>"), ("2", "Your password is changed. 2 other sessions are ended.</p>")],
)
async def test_who_changed_their_password_is_told_so(at, ended, words):
    _, _, page = await at(f"/profile/sessions?said=password_changed&ended={ended}")
    assert words in page
    assert 'href="/password/change"' in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_FIREFOX, Agent("Firefox", "Linux")),
        (_EDGE, Agent("Edge", "Windows")),
        (_IPHONE, Agent("Safari", "iPhone")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0.0.0 Safari/537.36", Agent("Chrome", "macOS")),
        ("python-requests/2.32", Agent("python-requests", "")),
        ("", Agent("", "")),
        ("<script>", Agent("", "")),
    ],
)
def test_a_browser_is_called_as_people_call_it(text, expected):
    assert agent(text) == expected
