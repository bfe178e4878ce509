"""A model of families against the real HTTP stack: whatever is done in whatever order, both agree on who is alive."""

import asyncio

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from latchkey_contracts.feed import wide_keys
from latchkey_contracts.requests.grants import TokenApply
from latchkey_kit.requests import PeerRefused
from latchkey_oauth.token_string import seal, secret_hash
from latchkey_token.store import kills
from latchkey_token.store.alive import KILLED
from latchkey_token.store.kills import Cut

WINDOW = CODE = 4_500
"""Seconds. Many short times fit in, and none of the longer ones does."""
YEAR = 365 * 86_400
MOST = 14
KINDS = ("client", "tenant_client", "tenant_user_client", "tenant", "user", "tenant_user")
TIMES = (100, 5_000, 200 * 86_400)
INVALID_GRANT, INVALID_CLIENT = (400, "invalid_grant"), (401, "invalid_client")
SECONDS = 60


class Family(msgspec.Struct):
    """What a naive mind knows of a connection. ``tokens`` by generation; times in seconds, without those that pass."""

    id: str
    app: str
    tenant: str
    user: str
    tokens: list[str]
    dead: bool = False
    left: int = CODE
    since: int = 0


class Machine(RuleBasedStateMachine):
    """Few apps and users, so that they meet. The loop and the house are those of the test."""

    loop: asyncio.AbstractEventLoop
    house: object
    families = Bundle("families")

    def __init__(self):
        super().__init__()
        self.known = []
        self.turns = {}
        self.barred = set()
        self.apps, self.secrets = [], {}
        self.tenants = [self.house.new_id() for _ in range(2)]
        self.users = [self.house.new_id() for _ in range(2)]
        for window in (0, WINDOW):
            app = self.run(self.house.app(retry_window=window))
            self.apps.append(app)
            self.secrets[app.id] = app.secret

    def run(self, job):
        return asyncio.run_coroutine_threadsafe(job, self.loop).result(SECONDS)

    def app_of(self, family):
        return next(app for app in self.apps if app.id == family.app)

    def keys_of(self, family):
        return dict(wide_keys(tenant=family.tenant, user=family.user, client=family.app))

    @initialize(target=families)
    def beginning(self):
        return multiple(*(self.bear(app, 0, user, 3) for app in range(2) for user in range(2)))

    @precondition(lambda self: len(self.known) < MOST)
    @rule(target=families, place=st.tuples(*[st.integers(0, 1)] * 3), used=st.integers(0, 3))
    def birth(self, place, used):
        return self.bear(*place, used)

    def bear(self, app, tenant, user, used):
        app, whose = self.apps[app], {"tenant": self.tenants[tenant], "user": self.users[user]}
        family = Family(id="", app=app.id, tokens=[], **whose)
        named = {(kind, key) for kind, key in self.keys_of(family).items()}
        if named & self.barred:
            with pytest.raises(PeerRefused) as refused:
                self.run(self.house.consent_now(app, **whose))
            assert refused.value.problem.status == 409
            return multiple()
        grant = self.run(self.house.consent_now(app, **whose))
        family.id = grant.connection
        family.tokens.append(grant.code)
        self.known.append(family)
        for _ in range(used):
            self.show_one(family, 0)
        return family

    @rule(family=families, times=st.integers(1, 3))
    def go_on(self, family, times):
        """As most clients do most of the time: the current one is used, and used again."""
        for _ in range(times):
            self.show_one(family, 0)

    @rule(family=families, back=st.integers(1, 4))
    def show(self, family, back):
        """Bring one that was spent so many rotations ago."""
        self.show_one(family, back)

    def show_one(self, family, back):
        generation = max(len(family.tokens) - 1 - back, 0)
        answer = self.bring(family, generation)
        expected = self.expected(family, generation)
        if expected == "new":
            assert answer.status == 200, answer.body
            family.tokens.append(answer.body["refresh_token"])
            assert len(set(family.tokens)) == len(family.tokens)
            family.left, family.since = YEAR, 0
        elif expected == "again":
            assert (answer.status, answer.body["refresh_token"]) == (200, family.tokens[-1])
        else:
            assert answer.error == expected
            family.dead = family.dead or (expected == INVALID_GRANT and family.left > 0)

    def expected(self, family, generation):
        if ("client", family.app) in self.barred:
            return INVALID_CLIENT
        if family.dead or family.left <= 0:
            return INVALID_GRANT
        current = len(family.tokens) - 1
        if generation == current:
            return "new"
        in_window = self.app_of(family).gate.retry_window > 0 and family.since < WINDOW
        return "again" if 0 < generation == current - 1 and in_window else INVALID_GRANT

    def bring(self, family, generation, *, client=None, secret=None):
        app = client or self.app_of(family)
        ask = self.house.refresh if generation else self.house.exchange
        secret = secret or self.secrets[app.id]
        return self.run(ask(app, family.tokens[generation], client_secret=secret))

    @rule(family=families, back=st.integers(0, 2))
    def steal(self, family, back):
        """The other client brings it, and somebody without the right secret does."""
        generation = max(len(family.tokens) - 1 - back, 0)
        thief = next(app for app in self.apps if app.id != family.app)
        answer = self.bring(family, generation, client=thief)
        assert answer.error == (INVALID_CLIENT if ("client", thief.id) in self.barred else INVALID_GRANT)
        assert self.bring(family, generation, secret="lk_cs_wrong").error == INVALID_CLIENT

    @rule(family=families, generation=st.integers(1, 5), secret=st.binary(min_size=20, max_size=20))
    def forge(self, family, generation, secret):
        app = self.app_of(family)
        forged = seal("refresh", family.id, generation, secret, 1, bytes(32))
        answer = self.run(self.house.refresh(app, forged, client_secret=self.secrets[app.id]))
        assert answer.error == (INVALID_CLIENT if ("client", app.id) in self.barred else INVALID_GRANT)

    @rule(family=families, back=st.integers(0, 3))
    def revoke(self, family, back):
        app, token = self.app_of(family), family.tokens[max(len(family.tokens) - 1 - back, 0)]
        status, _ = self.run(self.house.revoke(app, token, client_secret=self.secrets[app.id]))
        if ("client", family.app) in self.barred:
            assert status == 401
            return
        assert status == 200
        family.dead = True

    @rule(
        family=families,
        kind=st.sampled_from(KINDS),
        bars=st.sampled_from([False, False, False, True]),
        regenerates=st.booleans(),
    )
    def kill_many(self, family, kind, bars, regenerates):
        """Cut by who manages connections, or turn by an owner; a turn that does not bar lifts what was barred."""
        key = self.keys_of(family)[kind]
        if kind == "client":
            self.turn_client(family.app, bars=bars, regenerates=regenerates)
        elif kind == "tenant_user_client" or regenerates:
            self.run(self.cut_many(Cut(kind=kind, key=key, source="token", reason="test.cut")))
            bars = (kind, key) in self.barred
        else:
            turn = self.turns[key] = self.turns.get(key, 0) + 1
            self.run(self.house.turn(kind, key, turn, barred=bars))
        for one in self.known:
            one.dead = one.dead or self.keys_of(one)[kind] == key
        (self.barred.add if bars else self.barred.discard)((kind, key))

    async def cut_many(self, cut):
        async with self.house.database.transaction() as connection:
            await kills.begin(connection)
            await kills.kill_many(connection, [cut])

    def turn_client(self, client, *, bars, regenerates):
        place = next(place for place, app in enumerate(self.apps) if app.id == client)
        if regenerates:
            self.secrets[client] = "lk_cs_" + self.house.new_id()
        hashes = (secret_hash(self.secrets[client]).hex(),)
        turn = self.turns[client] = self.turns.get(client, 1) + 1
        self.apps[place] = self.run(self.house.changed(self.apps[place], turn=turn, barred=bars, secret_hashes=hashes))

    @rule(place=st.integers(0, 1))
    def repeat(self, place):
        """Old news come once more, and change nothing."""
        gate = self.apps[place].gate
        facts = [msgspec.structs.replace(one, barred=not one.barred) for one in self.house.standings.known.values()]
        for owner, ask in (
            (self.house.owner, TokenApply(gate=gate, standings=tuple(f for f in facts if f.kind == "tenant_client"))),
            (self.house.auth, TokenApply(standings=tuple(f for f in facts if f.kind != "tenant_client"))),
        ):
            assert self.run(owner.ask(ask)).number is None

    @rule(family=families, seconds=st.sampled_from(TIMES))
    def wait(self, family, seconds):
        self.run(self.house.age(family.id, seconds))
        family.left -= seconds
        family.since += seconds

    @invariant()
    def agree(self):
        rows = self.run(self.house.sql(
            f"SELECT id, generation, revoked_at IS NOT NULL OR {KILLED} AS dead FROM connection AS ours"  # noqa: S608
            " WHERE id = ANY($1)", [family.id for family in self.known],
        ))  # fmt: skip
        assert {row["id"]: (row["generation"], row["dead"]) for row in rows} == {
            family.id: (len(family.tokens) - 1, family.dead) for family in self.known
        }


async def test_a_model_of_families_agrees_with_the_service(running_house):
    """Hypothesis prints the steps that led to a disagreement, and how to take them again."""
    async with running_house(code_lifetime=CODE) as house:
        machine = type("Families", (Machine,), {"loop": asyncio.get_running_loop(), "house": house})
        manner = settings(
            max_examples=15, stateful_step_count=30, deadline=None, database=None, print_blob=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=manner)
