from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.catalogue import Catalogue
from latchkey_policy.permissions import PermissionSet, everything

SETS = st.from_type(PermissionSet)


@given(a=SETS)
def test_unknown_names_and_writing_to_read_only_fields_fall_away(catalogue, a):
    closed = a.restrict(catalogue)
    assert closed.is_subset(a)
    assert closed.is_subset(everything(catalogue))
    assert closed.restrict(catalogue) == closed
    assert "note" not in closed.rights
    assert not closed.allows("asset", "export")
    for action in ("create", "update"):
        assert not closed.allows_field("company", "arr", action)
    for model, actions in closed.rights.items():
        known = {field.name for field in catalogue.by_name[model].fields}
        assert all(fields.names <= known and not fields.but for a, fields in actions.items() if a != "remove")


@given(a=SETS, b=SETS)
def test_restricting_respects_the_lattice(catalogue, a, b):
    assert a.meet(b).restrict(catalogue) == a.restrict(catalogue).meet(b.restrict(catalogue))
    assert a.join(b).restrict(catalogue) == a.restrict(catalogue).join(b.restrict(catalogue))


def test_all_fields_and_a_full_list_are_the_same_today(catalogue):
    listed = PermissionSet.of({"company": {"view": ["address.city", "arr", "name"]}})
    assert PermissionSet.of({"company": ["view"]}).restrict(catalogue) == listed


def test_a_field_gained_later_is_in_a_role_and_not_in_what_was_closed(catalogue):
    role = everything(catalogue)
    assert role.allows_field("company", "gained_later", "view")
    assert not role.allows_field("company", "arr", "update")
    assert not role.restrict(catalogue).allows_field("company", "gained_later", "view")


def test_a_model_without_fields_is_governed_by_its_actions(catalogue):
    assert everything(catalogue).restrict(catalogue).allows("auditlog", "export")


def test_a_model_that_the_catalogue_drops_leaves_the_rest(catalogue):
    smaller = Catalogue(model for model in catalogue if model.name != "asset")
    left = everything(catalogue).restrict(smaller)
    assert left == everything(smaller).restrict(smaller)
    assert left.allows("company", "remove")
