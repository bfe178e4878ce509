"""The laws, against plain Python sets of (model, action, field) as the oracle."""

from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet

MODELS = ("company", "asset", "note")
PROBES = ("name", "arr", "address.city", "extra", "some_field_nobody_has_named")
SETS = st.from_type(PermissionSet)


def atoms(permissions: PermissionSet) -> set[tuple[str, str, str]]:
    """The last probe stands for all fields that are named nowhere, so equal atoms mean equal sets."""
    return {(m, a, f) for m in MODELS for a in ACTIONS for f in PROBES if permissions.allows_field(m, f, a)}


@given(SETS, SETS)
def test_operations_are_those_of_sets_of_model_action_field(a, b):
    assert atoms(a.meet(b)) == atoms(a) & atoms(b)
    assert atoms(a.join(b)) == atoms(a) | atoms(b)
    assert atoms(a.diff(b)) == atoms(a) - atoms(b)
    assert a.is_subset(b) == (atoms(a) <= atoms(b))
    assert (a == b) == (atoms(a) == atoms(b))


@given(SETS, SETS, SETS)
def test_lattice_laws_hold(a, b, c):
    assert a.meet(a) == a == a.join(a)
    assert a.meet(b) == b.meet(a)
    assert a.join(b) == b.join(a)
    assert a.meet(b).meet(c) == a.meet(b.meet(c))
    assert a.join(b).join(c) == a.join(b.join(c))
    assert a.meet(a.join(b)) == a == a.join(a.meet(b))
    assert a.meet(b.join(c)) == a.meet(b).join(a.meet(c))
    assert a.join(b.meet(c)) == a.join(b).meet(a.join(c))


@given(SETS, SETS)
def test_subset_is_meet_join_and_empty_difference(a, b):
    subset = a.is_subset(b)
    assert subset == (a.meet(b) == a)
    assert subset == (a.join(b) == b)
    assert subset == a.diff(b).is_empty


@given(SETS, SETS)
def test_a_set_is_what_it_shares_and_what_it_has_alone(a, b):
    assert a.meet(b).join(a.diff(b)) == a
    assert a.diff(b).meet(b).is_empty


@given(SETS, SETS)
def test_equal_sets_have_equal_bytes_and_hash_and_others_differ(a, b):
    same = a.join(b).meet(a)
    assert same.encode() == a.encode()
    assert hash(same) == hash(a)
    assert (a.encode() == b.encode()) == (a == b)


@given(SETS)
def test_json_round_trip(a):
    assert PermissionSet.decode(a.encode()) == a
    assert PermissionSet.of(a.plain()) == a


@given(SETS, SETS)
def test_nothing_is_granted_by_an_empty_entry(a, b):
    for result in (a.meet(b), a.join(b), a.diff(b)):
        assert all(result.rights.values())
        assert all(fields for actions in result.rights.values() for fields in actions.values())
        assert result.is_empty == (not result.scopes())
        assert result.scopes() == tuple(sorted({f"{m}:{a}" for m, a, _ in atoms(result)}))


@given(SETS, SETS, SETS)
def test_every_operation_is_monotone(a, b, more):
    larger = a.join(more)
    assert a.meet(b).is_subset(larger.meet(b))
    assert a.join(b).is_subset(larger.join(b))
    assert a.diff(b).is_subset(larger.diff(b))
    assert b.diff(larger).is_subset(b.diff(a))


@given(SETS, SETS, SETS)
def test_subset_is_a_partial_order_with_meet_and_join_as_bounds(a, b, c):
    assert a.is_subset(a)
    assert not (a.is_subset(b) and b.is_subset(a)) or a == b
    assert not (a.is_subset(b) and b.is_subset(c)) or a.is_subset(c)
    assert (c.is_subset(a) and c.is_subset(b)) == c.is_subset(a.meet(b))
    assert (a.is_subset(c) and b.is_subset(c)) == a.join(b).is_subset(c)
    assert PermissionSet().is_subset(a)


@given(SETS, SETS, SETS)
def test_what_is_taken_stays_away_whatever_the_order(a, b, c):
    assert a.diff(b).diff(c) == a.diff(b.join(c)) == a.diff(c).diff(b)
    assert a.diff(b.meet(c)) == a.diff(b).join(a.diff(c))
    assert a.meet(b.diff(c)) == a.meet(b).diff(c)


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_in_which_names_are_written_says_nothing(a, chance):
    def shuffled(value):
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in chance.sample(list(value), len(value))}
        return chance.sample(value, len(value)) + value[:1] if isinstance(value, list) else value

    assert PermissionSet.of(shuffled(a.plain())) == a
    assert PermissionSet.of(shuffled(a.plain())).encode() == a.encode()
