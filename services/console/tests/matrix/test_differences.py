"""What a change leads to, told before it is saved."""

import pytest
from hypothesis import given
from sets_over_models import SETS

from latchkey_console.apps.differences import beyond, difference, unseen, with_view
from latchkey_policy.permissions import PermissionSet, everything


def said(lines):
    return [(line.sentence, line.details) for line in lines]


@given(before=SETS, after=SETS)
def test_nothing_is_told_to_change_only_where_nothing_does(models, before, after):
    found = difference(before.plain(), after.plain(), models)
    was, will = before.restrict(models.catalogue), after.restrict(models.catalogue)
    assert bool(found.less) == (not was.is_subset(will))
    assert bool(found.more) == (not will.is_subset(was))
    if found.less or found.more:
        assert found.changed


@given(chosen=SETS)
def test_adding_the_view_that_is_needed_is_a_closure(models, chosen):
    chosen = chosen.restrict(models.catalogue)
    closed = with_view(chosen, models)
    assert chosen.is_subset(closed)
    assert with_view(closed, models) == closed
    added = closed.diff(chosen)
    assert all(set(actions) == {"view"} for actions in added.rights.values())


@given(one=SETS, two=SETS)
def test_more_rights_never_need_more_view_than_is_there(models, one, two):
    """Where something may be viewed already, only fields that are updated need more."""
    closed = with_view(one.join(two).restrict(models.catalogue), models)
    for model in closed.rights:
        assert closed.fields(model, "update") <= closed.fields(model, "view")
        if closed.allows(model, "remove") or closed.allows(model, "export"):
            assert closed.allows(model, "view")


@pytest.mark.parametrize(
    ("permissions", "lacking"),
    [
        ({"company": ("create",)}, []),
        ({"company": ("view", "update", "remove", "export")}, []),
        ({"company": ("remove",)}, [("View companies", ())]),
        ({"company": {"view": ("name",), "remove": "*"}}, []),
        (
            {"company": {"view": ("name",), "update": ("name", "address.city")}},
            [("View companies", ("View only City",))],
        ),
        ({"auditlog": ("export",)}, [("View the audit log", ())]),
    ],
)
def test_view_is_missed_where_a_record_has_to_be_found(models, permissions, lacking):
    assert said(unseen(permissions, models)) == lacking


def test_a_change_is_told_in_the_words_of_consent(models):
    before = {"company": ("view", "remove"), "asset": ("view",)}
    after = {"company": {"view": "*", "update": ("name",)}, "asset": ("view",)}
    found = difference(before, after, models)
    assert said(found.less) == [("Remove companies", ())]
    assert said(found.more) == [("Update companies", ("Update only Name",))]


def test_fields_of_one_day_are_a_change_that_takes_and_gives_nothing(models):
    found = difference({"asset": ("view",)}, {"asset": {"view": ("name",)}}, models)
    assert (found.changed, found.less, found.more) == (True, (), ())


def test_what_the_own_role_does_not_hold_is_named(models):
    own = PermissionSet.of({"company": {"view": "*", "update": ("name",)}})
    assert said(beyond({"company": ("view", "update")}, own, models)) == [
        ("Update companies", ("Update only Latitude and City",))
    ]
    assert beyond({"company": ("view", "update")}, everything(models.catalogue), models) == ()
