"""Whom a request of the console is made for: by the word of auth, and by nothing else."""

import asyncio
import base64
import contextlib

import aiohttp
import jwt
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from latchkey_contracts.requests.console import ACTOR_HEADER, ActorKeysGet, PersonRights
from latchkey_kit.requests import Peer, PeerUnavailable
from latchkey_kit.telemetry import facts
from latchkey_kit.web.problems import Document, Problem
from latchkey_verify.people import ActorKeys, People, Person, public_key
from latchkey_verify.testing_people import ActorSigner

ORIGIN = "https://api.latchkey.test"
ACME, CARLY = "a" * 32, "c" * 32
RIGHTS = PersonRights(
    role="e" * 32, role_name="Admin", permissions=msgspec.Raw(b"{}"), portfolio="all",
    app_center=True, settings=False, audit=False,
)  # fmt: skip


@pytest.fixture
def signer(clock):
    return ActorSigner(ORIGIN, clock)


@pytest.fixture
def people(signer, clock):
    async def rights(_tenant, _user):
        return RIGHTS

    return People(signer, rights, name="token", issuer=ORIGIN, clock=clock)


def bringing(*assertions, header=ACTOR_HEADER):
    return make_mocked_request("GET", "/v1/connections", headers=[(header, one) for one in assertions])


async def refusal(people, *assertions, **more):
    with pytest.raises(Problem) as raised:
        await people.person(bringing(*assertions, **more))
    return raised.value


def signing_input(header, claims):
    return ".".join(
        base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode() for part in (header, claims)
    )


async def test_a_good_assertion_tells_who_is_there_and_in_which_workspace(people, signer):
    person = await people.person(bringing(signer.assertion("token", CARLY, ACME)))
    assert person == Person(tenant=ACME, user=CARLY)
    assert (person.client, person.connection, person.staff) == (None, None, False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "auth"}, "not_for_us"),
        ({"aud": "client-registry"}, "not_for_us"),
        ({"aud": ""}, "not_for_us"),
        ({"iss": "https://elsewhere.test"}, "not_for_us"),
        ({"iss": f"{ORIGIN}/"}, "not_for_us"),
        ({"iat": 1, "exp": 61}, "expired"),
        ({"iat": 9_999_999_000, "exp": 9_999_999_060}, "expired"),
        ({"aud": None}, "ValidationError"),
        ({"aud": ["token"]}, "ValidationError"),
        ({"exp": None}, "ValidationError"),
        ({"exp": "tomorrow"}, "ValidationError"),
        ({"sub": None}, "ValidationError"),
        ({"sub": "carly"}, "ValidationError"),
        ({"sub": f"{CARLY}\n"}, "ValidationError"),
        ({"tid": ""}, "no_workspace"),
    ],
)
async def test_an_assertion_that_is_not_for_here_and_now_is_refused(people, signer, changes, reason):
    problem = await refusal(people, signer.assertion("token", CARLY, ACME, **changes))
    assert (problem.status, problem.private) == (401, reason)


async def test_an_assertion_is_good_for_a_minute_and_no_longer(people, signer, clock):
    given = signer.assertion("token", CARLY, ACME)
    clock.advance(59)
    assert (await people.person(bringing(given))).user == CARLY
    clock.advance(1)
    assert (await refusal(people, given)).private == "expired"


async def test_a_clock_that_is_a_little_behind_that_of_auth_harms_nobody(people, signer, clock):
    ahead = int(clock.now().timestamp()) + 29
    assert await people.person(bringing(signer.assertion("token", CARLY, ACME, iat=ahead, exp=ahead + 60)))
    assert (await refusal(people, signer.assertion("token", CARLY, ACME, iat=ahead + 2, exp=ahead + 60))).status == 401


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "latchkey-actor", "LATCHKEY-ACTOR+JWT", ""])
async def test_nothing_else_that_auth_may_sign_passes_for_an_assertion(people, signer, kind):
    problem = await refusal(people, signer.assertion("token", CARLY, ACME, header={"typ": kind}))
    assert (problem.status, problem.private) == (401, "wrong_type")


async def test_an_access_token_is_no_assertion(people, setting):
    assert (await refusal(people, setting.issuer.mint(aud="token"))).private == "wrong_type"


async def test_another_key_under_the_known_name_is_refused(people, signer, clock):
    forged = ActorSigner(ORIGIN, clock, kid=signer.kid).assertion("token", CARLY, ACME)
    problem = await refusal(people, forged)
    assert (problem.status, problem.private) == (401, "InvalidSignatureError")


@pytest.mark.parametrize("kid", ["another", "../keys", "", None])
async def test_a_key_that_auth_does_not_have_is_refused(people, signer, kid):
    assert (await refusal(people, signer.assertion("token", CARLY, ACME, header={"kid": kid}))).status == 401


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES256", "Ed25519"])
async def test_no_other_algorithm_is_taken(people, signer, algorithm):
    """The public key is no secret: an HMAC under it proves nothing."""
    claims = jwt.decode(signer.assertion("token", CARLY, ACME), options={"verify_signature": False})
    header = {"typ": "latchkey-actor+jwt", "kid": signer.kid, "alg": algorithm}
    signing = signing_input(header, claims)
    raw = signer.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    by_hmac = jwt.get_algorithm_by_name("HS256").sign(signing.encode(), raw)
    for signature in ("", base64.urlsafe_b64encode(by_hmac).rstrip(b"=").decode()):
        problem = await refusal(people, f"{signing}.{signature}")
        assert (problem.status, problem.private) == (401, "wrong_type")


async def test_claims_that_were_changed_on_the_way_are_refused(people, signer):
    header, claims, signature = signer.assertion("token", CARLY, ACME).split(".")
    others = base64.urlsafe_b64decode(claims + "==").replace(CARLY.encode(), b"d" * 32)
    spoilt = base64.urlsafe_b64encode(others).rstrip(b"=").decode()
    assert (await refusal(people, f"{header}.{spoilt}.{signature}")).private == "InvalidSignatureError"
    assert (await refusal(people, f"{header}.{claims}.")).private == "InvalidSignatureError"


@pytest.mark.parametrize("given", ["", "noise", "a.b.c", "..", "é.é.é", "." * 500, "a" * 9000])
async def test_noise_is_refused_and_breaks_nothing(people, given):
    assert (await refusal(people, given)).status == 401


async def test_without_an_assertion_nobody_is_there(people, signer):
    good = signer.assertion("token", CARLY, ACME)
    assert (await refusal(people)).private == "no_assertion"
    assert (await refusal(people, f"Bearer {good}", header="Authorization")).private == "no_assertion"


async def test_two_assertions_at_once_are_refused_though_both_are_good(people, signer):
    good, others = signer.assertion("token", CARLY, ACME), signer.assertion("token", "d" * 32, ACME)
    for second in (good, others, ""):
        assert (await refusal(people, good, second)).private == "no_assertion"


async def test_all_refusals_sound_alike(people, signer):
    given = (
        [], ["noise"], [signer.assertion("auth", CARLY, ACME)], [signer.assertion("token", CARLY, ACME, exp=1)],
    )  # fmt: skip
    said = [await refusal(people, *one) for one in given]
    assert len({(one.status, one.code, one.title, one.detail, str(one.headers)) for one in said}) == 1


async def test_who_is_in_no_workspace_is_known_for_what_is_their_own(people, signer):
    assert await people.user(bringing(signer.assertion("token", CARLY, staff=True))) == CARLY
    assert await people.user(bringing(signer.assertion("token", CARLY, ACME))) == CARLY
    with pytest.raises(Problem):
        await people.user(bringing(signer.assertion("auth", CARLY)))


async def test_staff_are_known_as_such_and_what_they_do_is_noted(people, signer):
    with facts.about(facts.RequestFacts(request_id="one")):
        assert await people.staff(bringing(signer.assertion("token", CARLY, staff=True))) == CARLY
        assert facts.current() == facts.RequestFacts(request_id="one", bystaff=True)
    assert not facts.current().bystaff


async def test_what_staff_do_as_members_is_not_noted_as_staffs(people, signer):
    person = await people.person(bringing(signer.assertion("token", CARLY, ACME, staff=True)))
    assert (person.staff, facts.current().bystaff) == (True, False)


@pytest.mark.parametrize("claim", [False, None])
async def test_whoever_is_not_staff_is_told_so(people, signer, claim):
    with pytest.raises(Problem) as raised:
        await people.staff(bringing(signer.assertion("token", CARLY, ACME, stf=claim)))
    assert (raised.value.status, raised.value.code) == (403, "not_staff")
    assert not facts.current().bystaff


async def test_without_an_assertion_nobody_is_staff(people, signer):
    for given in ([], [signer.assertion("auth", CARLY, staff=True)], [signer.assertion("token", CARLY, stf="yes")]):
        with pytest.raises(Problem) as raised:
            await people.staff(bringing(*given))
        assert raised.value.status == 401


async def test_rights_that_nobody_can_tell_are_503_and_never_403(signer, clock):
    async def away(_tenant, _user):
        raise PeerUnavailable("away")

    people = People(signer, away, name="token", issuer=ORIGIN, clock=clock)
    with pytest.raises(Problem) as raised:
        await people.rights(Person(tenant=ACME, user=CARLY))
    assert raised.value.status == 503


@contextlib.asynccontextmanager
async def asking(*routes):
    """A peer that asks a service with these routes."""
    app = web.Application()
    app.router.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        async with aiohttp.ClientSession() as session:
            yield Peer(session, f"http://{host}:{port}", "token", "secret")
    finally:
        await runner.cleanup()


def reading(keys, clock):
    return People(keys, None, name="token", issuer=ORIGIN, clock=clock)


async def test_keys_are_asked_for_once_however_many_come_at_the_start(signer, clock):
    async with asking(signer.route()) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        given = signer.assertion("token", CARLY, ACME)
        found = await asyncio.gather(*(people.person(bringing(given)) for _ in range(20)))
        assert {one.user for one in found} == {CARLY}
        assert signer.asked == 1


async def test_unknown_keys_are_asked_for_once_a_second(signer, clock):
    async with asking(signer.route()) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        await people.person(bringing(signer.assertion("token", CARLY, ACME)))
        for number in range(10):
            await refusal(people, signer.assertion("token", CARLY, ACME, header={"kid": f"unknown-{number}"}))
        assert signer.asked == 1


async def test_a_new_key_of_auth_is_found_and_the_old_one_is_good_no_more(signer, clock):
    async with asking(signer.route()) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        former = signer.assertion("token", CARLY, ACME)
        await people.person(bringing(former))
        signer.kid = "actor-key-2"
        clock.advance(1)
        assert await people.person(bringing(signer.assertion("token", CARLY, ACME)))
        assert (await refusal(people, former)).private == "unknown_key"


async def test_auth_away_is_503_and_asked_again_at_once(signer, clock):
    async with asking(signer.route()) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        given = signer.assertion("token", CARLY, ACME)
        signer.away = True
        assert (await refusal(people, given)).status == 503
        signer.away = False
        assert (await people.person(bringing(given))).user == CARLY


@pytest.mark.parametrize("keys", [{"one": "short"}, {"one": "A" * 44}, {"one": ""}])
async def test_keys_that_cannot_be_read_are_503_and_never_a_no(signer, clock, keys):
    async def odd(_request):
        return web.json_response({"keys": keys})

    async with asking(web.post(ActorKeysGet.path, odd)) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        assert (await refusal(people, signer.assertion("token", CARLY, ACME))).status == 503


async def test_an_auth_that_refuses_us_is_503_and_never_a_no(signer, clock):
    async def refuse(_request):
        problem = Document(status=403, title="No.", code="caller_refused")
        return web.Response(status=403, body=msgspec.json.encode(problem))

    async with asking(web.post(ActorKeysGet.path, refuse)) as auth:
        people = reading(ActorKeys(auth, clock), clock)
        assert (await refusal(people, signer.assertion("token", CARLY, ACME))).status == 503


def test_a_key_survives_the_way_over_the_wire(signer):
    ((_, text),) = signer.keys().items()
    assert public_key(text) == signer.key.public_key()
