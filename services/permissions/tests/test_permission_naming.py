"""Rules without I/O: clashes, unknown names, and the words for what is missing."""

import pytest

from latchkey_permissions.domain.bounds import Reach, beyond, holds
from latchkey_permissions.domain.lacking import lacking
from latchkey_permissions.domain.management import MODELS
from latchkey_permissions.domain.naming import Wrong, wrong_names
from latchkey_permissions.domain.registration import Registered, clashes
from latchkey_policy.catalogue import Catalogue, Field, Model
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet, everything
from latchkey_policy.portfolio import Portfolio

COMPANY = Model(
    name="company",
    route="companies",
    title="Company",
    plural="companies",
    actions=ACTIONS,
    fields=(Field("name", "text", "Name"), Field("phase", "text", "Phase"), Field("arr", "number", "ARR", False)),
)
CATALOGUE = Catalogue([COMPANY, *MODELS])


def test_management_models_make_a_catalogue_of_their_own():
    assert {one.name for one in Catalogue(MODELS)} == {
        "auditconsumer", "auditlog", "connection", "member", "oauthclient", "role", "serviceaccount",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "route", "words"),
    [
        ("role", "hats", "The model name role belongs to Latchkey."),
        ("hat", "roles", "The route roles of model hat belongs to Latchkey."),
        ("hat", "mcp", "The route mcp of model hat belongs to Latchkey."),
        ("company", "firms", "The model name company belongs to crm."),
        ("firm", "companies", "The route companies of model firm belongs to crm."),
    ],
)
def test_clash_names_what_is_taken_and_by_whom(name, route, words):
    wanted = Model(name=name, route=route, title="X", plural="x", actions=("view",))
    assert clashes([wanted], [Registered(COMPANY, "crm")]) == [words]


def test_every_unknown_name_is_pointed_at():
    written = {"company": ("view", "fly"), "a/b~\n": ("view",), "auditlog": ("view", "remove")}
    assert list(wrong_names(written, CATALOGUE)) == [
        Wrong("/company/1", "The model company has no action called fly."),
        Wrong("/a~1b~0?", "There is no data model called a/b~?."),
        Wrong("/auditlog/1", "The model auditlog has no action called remove."),
    ]


def test_fields_are_checked_where_they_stand():
    written = {
        "company": {
            "view": ["name", "colour"],
            "update": ["arr"],
            "create": {"except": ["arr", "colour"]},
            "remove": ["name"],
            "export": "all",
            "fly": "*",
        }
    }
    assert list(wrong_names(written, CATALOGUE)) == [
        Wrong("/company/view/1", "The model company has no field called colour."),
        Wrong("/company/update/0", "The field company.arr is read-only: nothing may update it."),
        Wrong("/company/create/except/1", "The model company has no field called colour."),
        Wrong("/company/remove", "company:remove takes a record as a whole and has no list of fields."),
        Wrong("/company/export", 'Fields are "*", a list, or {"except": a list}.'),
        Wrong("/company/fly", "The model company has no action called fly."),
    ]


@pytest.mark.parametrize("own", Portfolio)
def test_a_portfolio_holds_itself_and_what_is_always_within_it(own):
    held = {wanted for wanted in Portfolio if holds(own, wanted)}
    assert (
        held
        == {
            Portfolio.ALL: set(Portfolio),
            Portfolio.TEAM: {Portfolio.TEAM, Portfolio.OWN},
            Portfolio.OWN: {Portfolio.OWN},
            Portfolio.LISTED: {Portfolio.LISTED},
        }[own]
    )


def test_every_field_is_no_more_than_a_list_of_all_that_there_are():
    whole = Reach(permissions=PermissionSet.of({"company": {"view": "*", "update": "*"}}))
    listed = {"company": {"view": ["name", "phase", "arr"], "update": ["name", "phase"]}}
    assert list(beyond(whole, Reach(permissions=PermissionSet.of(listed)), CATALOGUE)) == []
    some = Reach(permissions=PermissionSet.of({"company": {"view": ["name"], "update": "*"}}))
    (found,) = beyond(whole, some, CATALOGUE)
    assert (found.pointer, found.message) == (
        "/permissions/company", "Your own role does not hold Company: view (Phase, ARR).",
    )  # fmt: skip


def test_lacking_rights_read_well_and_name_fields_only_when_some_are_there():
    whole = everything(CATALOGUE).restrict(CATALOGUE)
    role = PermissionSet.of(
        {"company": {"view": ["name", "phase"], "update": ["name"], "create": "*"}, "role": ["view"]}
    )
    asked = PermissionSet({name: whole.rights[name] for name in ("company", "role")})
    assert lacking(asked.diff(role.restrict(CATALOGUE)), CATALOGUE) == (
        "Company: view (ARR), update (Phase), remove, export",
        "Role: create, update, remove",
    )
