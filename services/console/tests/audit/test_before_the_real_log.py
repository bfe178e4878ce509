"""The pages before the audit service itself, with actor assertions that it checks: both hold to one contract."""

import base64

import jwt
import msgspec
import nats as nats_client
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from latchkey_audit.__main__ import DEFINITION as AUDIT
from latchkey_console.__main__ import DEFINITION as CONSOLE
from latchkey_contracts.events import CloudEvent, subject
from latchkey_contracts.events.base import Change
from latchkey_contracts.events.client import ClientUpdated
from latchkey_contracts.events.token import UserDisconnected
from latchkey_contracts.requests.console import ACTOR_TYPE, ActorClaims, ActorKeysAnswer, ActorKeysGet
from latchkey_kit.entropy import new_id
from latchkey_kit.testing import SeededEntropy, eventually
from latchkey_kit.testing.services import ORIGIN
from latchkey_verify.testing import Issuer, Owners

KID = "key-of-auth"


@pytest.fixture
def key(stand, clock, ids):
    """Auth's key; the stand-in for auth signs its word with it, as the real one does."""
    made = Ed25519PrivateKey.generate()
    now = int(clock.now().timestamp())

    def word(owner):
        claims = ActorClaims(iss=ORIGIN, aud=owner, sub=ids["rita"], iat=now, exp=now + 60, tid=ids["acme"])
        headers = {"typ": ACTOR_TYPE, "kid": KID}
        return jwt.PyJWS(algorithms=["EdDSA"]).encode(msgspec.json.encode(claims), made, "EdDSA", headers)

    stand.word = word
    return made.public_key()


@pytest.fixture
async def owners(clock, stand, key):
    public = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()

    async def keys(_request):
        return web.json_response(msgspec.to_builtins(ActorKeysAnswer(keys={KID: public})))

    made = Owners(Issuer(ORIGIN, f"{ORIGIN}/v1", clock))
    made.more_routes = [web.post(ActorKeysGet.path, keys)]
    async with made.serving():
        yield made


@pytest.fixture
async def audit(serving_service, clock, owners, stand):
    urls = {"heads_urls": owners.url, "auth_url": owners.url, "permissions_url": stand.url}
    async with serving_service(AUDIT, clock=clock, **urls) as served:
        await served.ready()
        yield served


@pytest.fixture
async def console(serving_service, clock, stand, audit):
    others = dict.fromkeys(("auth_url", "token_url", "client_registry_url", "permissions_url"), stand.url)
    async with serving_service(CONSOLE, clock=clock, **others, audit_url=audit.internal_url) as served:
        yield served


@pytest.fixture
async def happened(nats, clock, ids):
    """Let something happen in the workspace, as the services tell it."""
    entropy, client = SeededEntropy(5), await nats_client.connect(nats)

    async def tell(event):
        clock.advance(0.001)
        told = CloudEvent(
            id=new_id(clock, entropy), source="client-registry" if event.entity == "client" else "token",
            type=event.type, subject=event.entity_id, time=clock.now(), tenantid=ids["acme"], userid=ids["sam"],
            data=msgspec.Raw(msgspec.json.encode(event)),
        )  # fmt: skip
        await client.jetstream().publish(subject(told.type, told.subject, told.tenantid), msgspec.json.encode(told))
        return told.id

    yield tell
    await client.close()


@pytest.fixture
def changed(ids):
    changes = (Change(field="name", before="Old", after="Acme Sync"),)
    return ClientUpdated(client=ids["sync"], changed=("name",), revision=2, changes=changes)


async def shown(at, path, words):
    """Wait until a page shows it: the log hears of events a moment later."""

    async def there():
        return words in (await at(path))[2]

    await eventually(there)
    return (await at(path))[2]


async def test_what_happens_is_listed_found_opened_and_taken_out(at, happened, changed, ids):
    event = await happened(changed)
    await happened(UserDisconnected(user=ids["sam"], client=ids["claude"]))
    page = await shown(at, "/audit", ">App disconnected from a user</a>")
    assert ">App settings changed</a>" in page
    assert '<bdi>Sam Sun</bdi> <span class="detail muted">Person · <bdi>Claude</bdi></span>' in page
    about_app = await shown(at, f"/apps/{ids['sync']}/audit", ">App settings changed</a>")
    assert ">App disconnected from a user</a>" not in about_app
    _, _, opened = await at(f"/audit/{event}")
    assert '<li class="come"><span aria-hidden="true">+&nbsp;</span><bdi>Acme Sync</bdi></li>' in opened
    _, _, file = await at("/audit/export?format=csv&action=client.*")
    assert file.count("client.updated") == 1
    assert "user.disconnected" not in file


async def test_the_log_tells_that_somebody_read_it(at, happened, changed):
    await happened(changed)
    page = await shown(at, "/audit?range=all&action=auditlog.viewed", ">Audit log read</a>")
    assert "<td><bdi>Rita Ray</bdi>" in page


async def test_pages_follow_one_another_without_a_gap(at, happened, changed):
    ids_of = [await happened(changed) for _ in range(53)]
    page = await shown(at, "/audit?action=client.*&range=all", "Older events")
    older = page.partition('<a class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    _, _, second = await at(older)
    assert [one for one in ids_of if f"/audit/{one}?" not in page] == ids_of[:3]
    assert [one for one in ids_of if f"/audit/{one}?" in second] == ids_of[:3]


@pytest.mark.parametrize(
    ("query", "field"),
    [("user=nobody", "user"), ("q=%2B%2B", "q"), ("action=Everything", "action"), ("result=odd", "result")],
)
async def test_a_filter_that_the_log_refuses_is_named(at, query, field):
    status, _, page = await at(f"/audit?{query}")
    assert status == 400
    assert f'id="audit-{field}-wrong"' in page


@pytest.mark.parametrize("query", ["address=here", "about=x", "connection=x", "cursor=x"])
async def test_a_filter_without_a_field_is_told_above_the_list(at, query):
    status, _, page = await at(f"/audit?{query}")
    assert status == 400
    assert '<div class="alert" role="alert">' in page


async def test_who_lacks_the_right_sees_nothing_of_the_log(at, stand):
    stand.permissions = {"member": ["view"]}
    for path in ("/audit", f"/audit/{'1' * 32}", "/audit/export?format=csv"):
        status, _, page = await at(path)
        assert status == 403
        assert "does not include the audit events" in page


async def test_an_entry_that_is_not_there_is_not_there(at):
    assert (await at(f"/audit/{'1' * 32}"))[0] == 404
