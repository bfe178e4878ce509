"""What every event class says of its effect is what this service does when it hears, or tells, such a fact."""

import msgspec
import pytest

from latchkey_contracts.events import EVENTS, auth, client
from latchkey_kit.testing import eventually
from latchkey_token.consumers import SUBJECTS

HEARD = {word.split(".")[3] for word in SUBJECTS}
FACTS = [kind for kind in EVENTS.values() if kind.type.split(".")[0] in HEARD]
TURNING = [kind for kind in FACTS if "turn" in kind.__struct_fields__]
OTHERS = [kind for kind in FACTS if kind.effect is None]


def a_fact(kind, **given):
    """A fact of this kind: ids are those given, the rest is made up."""
    made = {int: 2, bool: False, str: "x"}
    fields = [field for field in msgspec.structs.fields(kind) if field.required or field.name in given]
    return kind(**{field.name: given.get(field.name, made.get(field.type, ())) for field in fields})


def key_of(effect, tenant, data):
    return "".join({"tenantid": tenant, **data}[name] for name in effect.key)


@pytest.mark.parametrize("kind", TURNING, ids=lambda kind: kind.__name__)
async def test_a_fact_that_is_heard_has_the_effect_that_its_class_names(house, stream, kind):
    app, user = await house.app(), house.new_id()
    tenant, bars = app.gate.tenant, kind.effect.bar == "sets"
    given = {"tenant": tenant, "user": user, "client": app.id}
    await stream.tell(a_fact(kind, **given, turn=2, barred=bars), tenant=tenant)
    await eventually(house.feed)
    assert await house.feed() == [(kind.effect.kind, key_of(kind.effect, tenant, given))]
    assert [row["barred"] for row in await house.sql("SELECT barred FROM standing WHERE turn = 2")] == [bars]


async def test_a_fact_without_an_effect_kills_nothing(house, stream):
    app, user, last = await house.app(), house.new_id(), house.new_id()
    given = {"tenant": app.gate.tenant, "user": user, "client": app.id}
    for kind in OTHERS:
        await stream.tell(a_fact(kind, **given), tenant=app.gate.tenant)
    await stream.tell(auth.UserDisabled(user=last, turn=1))
    await eventually(house.feed)
    assert await house.feed() == [("user", last)]
    assert {client.ClientCreated, client.ClientUpdated, auth.TenantLimited} <= set(OTHERS)


async def told_effects(house):
    """Kind and key by the classes of everything that this service told."""
    found = []
    for event in await house.told():
        effect, data = EVENTS[event.type, event.dataversion].effect, msgspec.json.decode(event.data)
        if effect is not None and (effect.where is None or data.get(effect.where)):
            found.append((event.type, effect.kind, key_of(effect, event.tenantid, data)))
    return found


async def test_a_reuse_and_the_end_of_a_connection_have_the_effect_that_their_classes_name(house):
    app = await house.app()
    first = await house.connected(app)
    await house.refresh(app, first.body["refresh_token"])
    await house.refresh(app, first.body["refresh_token"])
    told = await told_effects(house)
    assert sorted(kind for kind, *_ in told) == ["connection.revoked", "token.reused"]
    assert {(kind, key) for _, kind, key in told} == set(await house.feed())


async def test_a_disconnect_has_the_effect_that_its_class_names(house, admin, cut):
    app, user = await house.app(), house.new_id()
    await house.connected(app, tenant=admin[1].claims["tid"], user=user)
    await cut(client=app.id, user=user)
    ((event, kind, key),) = await told_effects(house)
    assert event == "user.disconnected"
    assert await house.feed() == [(kind, key)]
