"""Every word of ours goes through the catalogue, which has it: in the pseudo-locale none is left as it was."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from latchkey_auth.sign_in import limits
from latchkey_contracts.requests.permissions import ConsentLine, Resolution
from latchkey_look import words

CATALOGUE = Path(__file__).parents[3] / "libs" / "look" / "words.pot"

AUTHORIZE = "/oauth/authorize"
PSEUDO = {"Accept-Language": "en-XA"}
SPOKEN = ("aria-label", "title", "placeholder", "alt")
NOT_OURS = {"bdi", "code", "style", "script"}
VOID = {"input", "meta", "br", "img"}
LINES = (
    ConsentLine(title="1", sentence="1", strong=True, details=("1",), words=("1:view", "1:update"), new=True),
    ConsentLine(title="2", sentence="2", words=("2:view", "2:create", "2:remove", "2:export")),
    *(ConsentLine(title=str(n), sentence=str(n)) for n in range(3, 12)),
)


class _Words(HTMLParser):
    """What is on a page, apart from what others wrote; ``plain`` are those that never went through the catalogue."""

    def __init__(self, text):
        super().__init__()
        self.open, self.deep, self.said = [], 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not NOT_OURS & set(self.open):
            self.said.append(data)

    @property
    def plain(self):
        """What is left of all that was said, without what is in the brackets of the pseudo-locale."""
        left, whole = "", "".join(self.said)
        depth = 0
        for character in whole:
            depth += {"⟦": 1, "⟧": -1}.get(character, 0)
            left += character if depth == 0 and character != "⟧" else ""
        return set(re.findall(r"[A-Za-z]{2,}", left))


async def sent_again(world, consent, submit):
    await submit(consent, AUTHORIZE, decision="authorize")
    world.neighbours.used |= set(world.neighbours.born.values())
    return await submit(consent, AUTHORIZE, decision="authorize")


async def pages(world, browser):
    """One of each kind."""

    async def get(path, **options):
        return await browser.get(path, headers=PSEUDO, **options)

    async def submit(page, action, **fields):
        form = page.form(action)
        return await browser.post(form["action"], {**form["fields"], **fields}, headers=PSEUDO)

    yield "unknown client", await get(world.authorize(client_id="f" * 32))
    yield "unregistered", await get(world.authorize(redirect_uri=None))
    yield "nowhere", await get("/nowhere")
    yield "sign in", (sign_in := await get(world.authorize()))
    yield "wrong", await submit(sign_in, "/login", email="sam@acme.test", password="wrong")
    yield "empty", await submit(sign_in, "/login", email="")
    yield "stale", await submit(sign_in, "/login", csrf="x")
    yield "too many", (too_many := await submit(sign_in, "/login", email="sam@acme.test", password="wrong"))
    assert too_many.status == 429
    yield "forgotten", await get("/password")
    yield "password set", await get("/login?said=password_set")
    yield "no invitation", await get("/invitation/nothing")
    yield "no password link", await get("/password/nothing")
    path = await world.invite("new@acme.test")
    yield "invitation", (invitation := await get(path))
    yield "invitation, wrong", await submit(invitation, path, name="", password="x")
    yield "invitation, stale", await submit(invitation, path, csrf="x")
    path = await world.password_link("sam@acme.test")
    yield "password", (password := await get(path))
    yield "password, wrong", await submit(password, path, password="x", again="y")
    yield "password, stale", await submit(password, path, csrf="x")
    await submit(sign_in, "/login", email="rita@acme.test", password="latchkey")
    yield "invitation of somebody else", await get(await world.invite("else@acme.test"))
    yield "own invitation", await get(await world.invite("rita@acme.test", "globex"))
    yield "signed in", await get("/login")
    yield "sign in again", await get(world.authorize(prompt="login"))
    yield "own password", (own := await get("/password/change"))
    yield "own password, empty", await submit(own, "/password/change", current="", password="x", again="y")
    yield "own password, wrong", await submit(own, "/password/change", current="x", password="y" * 8, again="y" * 8)
    yield "own password, stale", await submit(own, "/password/change", csrf="x")
    yield "already", await sent_again(world, await get(world.authorize()), submit)
    for name, client in (("plain", {}), ("choosing", {"narrowing": True, "published": True})):
        world.add_client(**client)
        yield name, (consent := await get(world.authorize()))
        yield f"{name}, stale", await submit(consent, AUTHORIZE, csrf="x")
        yield f"{name}, changed", await submit(consent, AUTHORIZE, document="0" * 64, decision="authorize")
        yield f"{name}, odd", await submit(consent, AUTHORIZE)
    yield "preset", await submit(consent, AUTHORIZE, preset="read")
    yield "nothing left", await submit(consent, AUTHORIZE, decision="authorize")
    yield "loopback", await get(world.authorize(redirect_uri="http://127.0.0.1:1/callback"))
    world.add_client(redirect_uris=("claude://callback",))
    yield "scheme", await get(world.authorize(redirect_uri="claude://callback"))
    world.add_client(usable_in=("acme", "globex"))
    yield "workspace", await get(world.authorize())
    for refusal in ("missing", "nothing"):
        world.neighbours.resolution = Resolution(refusal=refusal, named=("1: 2",))
        yield refusal, await get(world.authorize(tenant="acme"))


@pytest.fixture
def said(monkeypatch):
    """The messages that were looked up."""
    found = set()

    class Noting(words.Pseudo):
        def gettext(self, message):
            found.add(message)
            return super().gettext(message)

        def ngettext(self, msgid1, msgid2, n):
            found.update((msgid1, msgid2))
            return super().ngettext(msgid1, msgid2, n)

    monkeypatch.setattr(words, "Pseudo", Noting)
    return found


@pytest.fixture
async def local(start, said, monkeypatch):
    monkeypatch.setattr(limits, "_PER_ACCOUNT", 0.01)  # of which local mode has a hundred times as many
    async with start(local_mode=True) as world:
        world.neighbours.resolution = Resolution(document="d" * 64, scope=("1:view",), lines=LINES)
        yield world


async def test_no_word_of_ours_is_forgotten(local, new_browser, said):
    seen = 0
    async for name, page in pages(local, await new_browser(local)):
        assert page.attributes("html") == [{"lang": "en-XA"}], name
        assert page.headers["Content-Language"] == "en-XA"
        assert _Words(page.text).plain <= {"Latchkey", "Acme", "Inc", "Sync", "Globex"}, name
        assert len(page.texts("h1")) == 1, name
        seen += 1
    assert seen == 42
    with CATALOGUE.open() as file:
        known = {one for message in read_po(file) for one in (message.id if message.pluralizable else (message.id,))}
    assert said - known == set(), "these are not marked, or `make words` was forgotten"


@pytest.mark.parametrize("accepted", ["de-CH, de;q=0.9", "", "*", "x" * 5_000, ",;=,,q"])
async def test_whoever_reads_another_language_is_shown_the_usual_one(world, browser, accepted):
    page = await browser.get("/login", headers={"Accept-Language": accepted})
    assert page.attributes("html") == [{"lang": "en"}]
    assert page.texts("h1") == ["Sign in"]


async def test_the_pseudo_locale_is_for_local_mode(world, browser):
    page = await browser.get("/login", headers=PSEUDO)
    assert page.texts("h1") == ["Sign in"]
