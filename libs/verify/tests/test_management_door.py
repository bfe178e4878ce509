"""The door to the management APIs: apps with access tokens on the public port, people at the console on the other."""

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request

from latchkey_contracts.requests.console import ACTOR_HEADER, PersonRights
from latchkey_kit.requests import PeerUnavailable
from latchkey_kit.web.problems import Problem
from latchkey_kit.web.routes import ROUTE, api, for_console
from latchkey_policy.portfolio import Portfolio
from latchkey_verify.admission import Admission
from latchkey_verify.management import Management
from latchkey_verify.people import People, Person
from latchkey_verify.testing import rights
from latchkey_verify.testing_people import ActorSigner
from latchkey_verify.web import Guard

ORIGIN = "https://api.latchkey.test"
ACME, CARLY = "a" * 32, "c" * 32


async def _handler(_request):
    raise AssertionError


PUBLIC = api("GET", "/v1/connections", _handler)
(INTERNAL,) = for_console([PUBLIC])


class Roles:
    """What people's roles allow, as permissions tells it."""

    def __init__(self):
        self.permissions = {"connection": ["view"]}
        self.asked = []
        self.away = False

    async def of(self, tenant, user):
        self.asked.append((tenant, user))
        if self.away:
            raise PeerUnavailable("away")
        return PersonRights(
            role="e" * 32, role_name="Admin", permissions=msgspec.Raw(msgspec.json.encode(self.permissions)),
            portfolio="team", app_center=True, settings=True, audit=True,
        )  # fmt: skip


@pytest.fixture
def signer(clock):
    return ActorSigner(ORIGIN, clock)


@pytest.fixture
def roles():
    return Roles()


@pytest.fixture
def management(verifier, setting, signer, roles, clock):
    people = People(signer, roles.of, name="token", issuer=ORIGIN, clock=clock)
    return Management(Guard.of(verifier, setting.api), people)


@pytest.fixture
def at_console(signer):
    """A request that the console makes for Carly in Acme."""

    def request(owner="token", **more):
        return _request(INTERNAL, {ACTOR_HEADER: signer.assertion(owner, CARLY, ACME, **more)})

    return request


def _request(route, headers):
    made = make_mocked_request("GET", "/v1/connections", headers=headers)
    made[ROUTE] = route
    return made


async def refusal(awaitable):
    with pytest.raises(Problem) as raised:
        await awaitable
    return raised.value


async def test_a_person_manages_their_workspace_by_themselves(management, at_console):
    manager = await management.manager(at_console())
    assert manager == Person(tenant=ACME, user=CARLY)
    assert manager.client is None


async def test_an_access_token_opens_nothing_on_the_internal_port(management, setting):
    request = _request(INTERNAL, {"Authorization": f"Bearer {setting.issuer.mint()}"})
    problem = await refusal(management.manager(request))
    assert (problem.status, problem.code) == (401, "assertion_refused")


async def test_an_assertion_opens_nothing_on_the_public_port(management, setting, signer):
    good = {ACTOR_HEADER: signer.assertion("token", CARLY, ACME)}
    problem = await refusal(management.manager(_request(PUBLIC, good)))
    assert (problem.status, problem.code) == (401, "token_missing")
    both = good | {"Authorization": f"Bearer {setting.issuer.mint()}"}
    bearer = await management.manager(_request(PUBLIC, both))
    assert (bearer.user, bearer.tenant) == ("2" * 32, "1" * 32), "the bearer's, not the person's"


async def test_an_assertion_for_another_owner_opens_nothing(management, at_console):
    assert (await refusal(management.manager(at_console("auth")))).status == 401


async def test_a_person_may_do_what_their_role_allows_now(management, at_console, roles):
    person = await management.manager(at_console())
    effective = await management.require(person, "connection", "view")
    assert roles.asked == [(ACME, CARLY)]
    assert effective.permissions.allows("connection", "view")
    assert effective.portfolios == (Portfolio.TEAM,)
    roles.permissions = {}
    assert (await refusal(management.require(person, "connection", "view"))).status == 403


@pytest.mark.parametrize("action", ["create", "update", "remove", "export"])
async def test_a_right_that_the_role_lacks_is_named_without_a_challenge(management, at_console, action):
    person = await management.manager(at_console())
    problem = await refusal(management.require(person, "connection", action))
    assert (problem.status, problem.code, problem.headers) == (403, "not_allowed", {})
    assert f"connection:{action}" in problem.detail


async def test_staff_may_do_no_more_than_their_role_in_a_workspace(management, at_console, roles):
    roles.permissions = {}
    person = await management.manager(at_console(staff=True))
    assert (await refusal(management.require(person, "connection", "view"))).status == 403


async def test_staff_in_no_workspace_manage_none(management, signer):
    request = _request(INTERNAL, {ACTOR_HEADER: signer.assertion("token", CARLY, staff=True)})
    assert (await refusal(management.manager(request))).status == 401


async def test_roles_that_nobody_can_tell_are_503_and_never_403(management, at_console, roles):
    person = await management.manager(at_console())
    roles.away = True
    assert (await refusal(management.require(person, "connection", "view"))).status == 503


async def test_a_bearer_needs_the_right_in_all_that_binds_an_app(management, setting):
    setting.owners.rights = rights({"connection": ["view"]}, {"connection": ["view"]}, {"connection": ["view"]})
    bearer = await management.manager(_request(PUBLIC, {"Authorization": f"Bearer {setting.issuer.mint()}"}))
    assert await management.require(bearer, "connection", "view")
    problem = await refusal(management.require(bearer, "connection", "remove"))
    assert (problem.status, problem.code) == (403, "insufficient_scope")
    assert "WWW-Authenticate" in problem.headers


async def test_a_bearer_that_died_meanwhile_is_not_confirmed_and_a_person_is(management, setting, at_console):
    person = await management.manager(at_console())
    bearer = await management.manager(_request(PUBLIC, {"Authorization": f"Bearer {setting.issuer.mint()}"}))
    management.confirm(bearer)
    setting.push(setting.owners.kill())
    with pytest.raises(Problem):
        management.confirm(bearer)
    management.confirm(person)
    async with management.while_alive(person):
        pass


async def test_the_actor_of_a_person_names_no_app(management, at_console, setting):
    admission = Admission(management, "connection")
    actor = admission.actor(await admission.bearer(at_console(), "view"))
    assert (actor.user, actor.client) == (CARLY, None)
    actor.confirm()
    assert (await refusal(admission.bearer(at_console(), "remove"))).status == 403
