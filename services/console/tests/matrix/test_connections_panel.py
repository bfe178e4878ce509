"""Who connected an app, the way to disconnect them, and how connections ended."""

import html
import re

import pytest

from latchkey_contracts.events import EVENTS
from latchkey_contracts.requests.console import NamedPerson, PeopleAnswer, PeopleNamed

CLIENT, SAM, GONE = "a" * 32, "5" * 32, "6" * 32
PATH = f"/apps/{CLIENT}/connections"
HTMX = {"HX-Request": "true"}


def connection(number, status="active", **changes):
    usual = {
        "id": f"{number:032x}",
        "client": CLIENT,
        "user": SAM,
        "scope": ["company:view", "task:update"],
        "status": status,
        "created_at": "2026-10-02T14:05:00Z",
        "last_used_at": "2026-11-20T08:30:00.5Z",
        "expires_at": "2027-10-02T14:05:00Z",
        "expires_by": "unused",
        "revoked_at": "2026-11-21T09:00:00Z" if status == "revoked" else None,
        "revoked_reason": "disconnected" if status == "revoked" else None,
        "revoked_by": None,
        "effective_at": None,
    }
    return usual | changes


class Connections:
    """The list of the owner, in pages as it gives them."""

    def __init__(self, house):
        self.pages = [[connection(3), connection(2, "pending", user=GONE, last_used_at=None), connection(1, "revoked")]]
        house.on("token", "GET", "/v1/connections", self._page)
        house.on("token", "DELETE", "/v1/connections", self._cut_all)
        house.on("token", "DELETE", "/v1/connections/[0-9a-f]{32}", self._cut_one)

    def _page(self, sent):
        number = int(sent.params.get("cursor", "0"))
        assert sent.params["client"] == CLIENT
        ended = sent.params["ended"] == "true"
        shown = [one for one in self.pages[number] if (one["status"] in {"revoked", "expired"}) is ended]
        return {"data": shown, "next_cursor": str(number + 1) if self.pages[number + 1 :] else None}

    def _cut_one(self, sent):
        for one in (one for page in self.pages for one in page):
            if sent.path.endswith(one["id"]):
                one["status"] = "revoked"

    def _cut_all(self, sent):
        assert sent.params == {"client": CLIENT}
        for one in (one for page in self.pages for one in page):
            one["status"] = "revoked"
        return {"number": 7, "effective_at": "2026-11-22T08:00:00Z"}


@pytest.fixture
def connections(house, put_app):
    put_app()
    known = PeopleAnswer(people={SAM: NamedPerson(name="Sam", email="sam@acme.test")})
    house.on("auth", "POST", PeopleNamed.path, known)
    return Connections(house)


def rows(page):
    return re.findall(r'action="[^"]*/([0-9a-f]{32})/cut"', page.text)


async def test_it_says_who_since_when_and_what_of_it_was_used(connections, browser):
    page = await browser.get(PATH)
    assert page.status == 200
    assert "<h1>Connections</h1>" in page.text
    assert "Sam sam@acme.test 2 Oct 2026, 14:05 UTC 20 Nov 2026, 08:30 UTC 2 rights" in page.words
    assert f"{GONE} 2 Oct 2026, 14:05 UTC Not yet" in page.words
    assert rows(page) == [f"{3:032x}", f"{2:032x}"]


async def test_those_that_ended_have_an_address_and_cannot_be_disconnected_again(connections, browser):
    page = await browser.get(f"{PATH}?ended=1")
    assert "Disconnected by an admin 21 Nov 2026, 09:00 UTC" in page.words
    assert page.text.count("<tr>") == 2
    assert rows(page) == []
    assert "/cut" not in page.text


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (
            {"status": "expired", "expires_at": "2026-11-20T10:00:00Z"},
            "It was not used for too long 20 Nov 2026, 10:00",
        ),
        (
            {"status": "expired", "expires_at": "2026-11-20T10:00:00Z", "expires_by": "lifetime"},
            "It had lasted as long as it may 20 Nov",
        ),
        ({"revoked_reason": "replay"}, "A used token came once more: it may have been stolen 21 Nov 2026, 09:00"),
        ({"revoked_reason": "client.secret_rotated"}, "The secret was regenerated 21 Nov 2026, 09:00"),
        ({"revoked_reason": "user.disconnected", "revoked_by": SAM}, "Disconnected by this person 21 Nov"),
        ({"revoked_reason": "user.disconnected", "revoked_by": GONE}, "Disconnected by an admin 21 Nov"),
        ({"revoked_reason": "user.disconnected"}, "Disconnected by this person or an admin 21 Nov"),
        ({"revoked_reason": "a.word_of_tomorrow"}, "2 rights company:view task:update Ended 21 Nov"),
    ],
)
async def test_how_each_one_ended_is_said_in_words(connections, browser, members, words):
    connections.pages = [[connection(1, **({"status": "revoked"} | members))]]
    assert words in (await browser.get(f"{PATH}?ended=1")).words


async def test_no_reason_that_the_owner_has_is_left_without_words(connections, browser):
    """Of facts, those that end connections; lifting a bar only ends again what had ended before."""
    facts = {kind for (kind, _), event in EVENTS.items() if event.effect and event.effect.bar != "lifts"}
    facts -= {"connection.revoked", "token.reused", "key.retired", "member.added"}
    codes = [
        *facts,
        "replay",
        "revoked_by_client",
        "disconnected",
        "replaced",
        "app.cut",
        "user.cut",
        "database.restored",
        "unreadable_fact",
    ]
    connections.pages = [[connection(place, "revoked", revoked_reason=code) for place, code in enumerate(codes)]]
    words = (await browser.get(f"{PATH}?ended=1")).words
    assert words.count("21 Nov 2026, 09:00") == len(codes) > 12
    assert "Ended 21 Nov" not in words


async def test_the_owner_is_asked_once_for_living_ones_alone(connections, house, browser):
    connections.pages = [[connection(9, "revoked"), connection(8, "expired"), connection(7)]]
    assert rows(await browser.get(PATH)) == [f"{7:032x}"]
    (sent,) = house.asked("token", "GET", "/v1/connections")
    assert sent.params["ended"] == "false"
    await browser.get(f"{PATH}?ended=1")
    assert house.asked("token", "GET", "/v1/connections")[-1].params["ended"] == "true"


@pytest.mark.parametrize("ended", ["", "&ended=1"])
async def test_older_ones_are_of_the_same_kind_and_there_is_a_way_back(connections, browser, ended):
    connections.pages = [[connection(9), connection(8, "revoked")], [connection(7), connection(6, "expired")]]
    shown = [] if ended else [f"{7:032x}"]
    page = await browser.get(f"{PATH}?{ended}")
    older = html.unescape(re.search(r'class="button" href="([^"]*)"', page.text)[1])
    assert older == f"{PATH}?cursor=1{ended}"
    page = await browser.get(older)
    assert rows(page) == shown
    assert ("It was not used for too long" in page.words) is bool(ended)
    assert "Back to the newest" in page.words


async def test_older_ones_that_are_gone_by_now_are_no_app_that_nobody_connected(connections, browser):
    connections.pages = [[connection(2)], [connection(1, "revoked")]]
    page = await browser.get(f"{PATH}?cursor=1")
    assert "There are no more." in page.words
    assert "Nobody is connected now." not in page.words


async def test_one_that_is_cut_is_gone_at_once(connections, house, browser):
    page = await browser.post(f"{PATH}/{3:032x}/cut", **HTMX)
    assert page.status == 200
    assert "<html" not in page.text
    assert "The connection has ended. Its tokens do not work any more." in page.words
    assert rows(page) == [f"{2:032x}"]
    (sent,) = house.asked("token", "DELETE", f"/v1/connections/{3:032x}")
    assert sent.actor == "assertion-for-token"


async def test_all_are_cut_by_one_word_to_the_owner(connections, house, browser):
    page = await browser.post(f"{PATH}/cut", **HTMX)
    assert "All connections of this app have ended." in page.words
    assert "Nobody is connected now." in page.words
    assert len(house.asked("token", "DELETE", ".*")) == 1


async def test_without_script_the_page_is_sent_again_after_a_cut(connections, browser):
    page = await browser.post(f"{PATH}/{3:032x}/cut")
    assert (page.status, page.where) == (303, f"{PATH}?said=one")
    assert "The connection has ended." in (await browser.get(page.where)).words


async def test_words_that_nobody_of_us_sent_are_not_said(connections, browser):
    assert "<script>" not in (await browser.get(f"{PATH}?said=<script>")).text


async def test_a_cut_that_is_refused_is_told_in_its_dialog(connections, house, browser):
    house.refuse("token", "DELETE", ".*", 403, "not_allowed", "Your role does not allow this.")
    page = await browser.post(f"{PATH}/{3:032x}/cut", **HTMX)
    assert page.status == 403
    assert page.headers["HX-Retarget"] == f"#cut-{3:032x} .said"
    assert page.words == "Your role does not allow this."
    page = await browser.post(f"{PATH}/cut", **HTMX)
    assert page.headers["HX-Retarget"] == "#cut-all .said"


async def test_a_form_of_another_session_cuts_nothing(connections, house, browser):
    page = await browser.post(f"{PATH}/cut", [("csrf", "another")])
    assert page.status == 403
    assert not house.asked("token", "DELETE", ".*")


@pytest.mark.parametrize("right", [{}, {"connection": ["view"]}])
async def test_what_the_role_lacks_is_not_offered(connections, house, browser, right):
    house.give({"oauthclient": ["view"]} | right)
    page = await browser.get(PATH)
    assert page.status == 200
    assert "/cut" not in page.text
    assert ("Your role does not let you see who connected this app." in page.words) is not bool(right)
    assert bool(house.asked("token", "GET", "/v1/connections")) is bool(right)


async def test_people_have_their_ids_while_nobody_knows_their_names(connections, house, browser):
    house.refuse("auth", "POST", PeopleNamed.path, 403, "not_allowed")
    assert SAM in (await browser.get(PATH)).words


async def test_an_owner_that_is_away_is_told_in_place(connections, house, browser):
    house.away.add("token")
    page = await browser.get(PATH, **HTMX)
    assert page.status == 503
    assert "Temporarily unavailable." in page.words
    assert "<html" in (await browser.get(PATH)).text


async def test_nobody_has_connected_yet(connections, browser):
    connections.pages = [[]]
    assert "When somebody authorizes this app, it appears here." in (await browser.get(PATH)).words
    assert "No connection of this app has ended so far." in (await browser.get(f"{PATH}?ended=1")).words


async def test_names_that_turn_the_page_around_do_not(connections, house, browser):
    known = PeopleAnswer(people={SAM: NamedPerson(name="<i>Sam\u202e", email="sam@acme.test")})
    house.on("auth", "POST", PeopleNamed.path, known)
    page = await browser.get(PATH)
    assert "<bdi>&lt;i&gt;Sam</bdi>" in page.text
    assert "\u202e" not in page.text
