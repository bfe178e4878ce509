"""The matrix says what was chosen, and its form says the same: for permission sets of every shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict, MultiDictProxy
from sets_over_models import SETS

from latchkey_console.apps.matrix import permissions_from, read, ticked
from latchkey_console.apps.matrix_rows import LATER
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet, everything


def cells_of(models, chosen):
    rows = [row for section in models.sections(chosen) for row in section.rows]
    return {row.model.name: {cell.action: cell for cell in row.cells if cell} for row in rows}


def row_of(models, chosen, name):
    return next(row for section in models.sections(chosen) for row in section.rows if row.model.name == name)


def submitted(models, chosen):
    """What a browser sends that shows these permissions."""
    return read(ticked(models.sections(chosen)), models)


@given(chosen=SETS)
def test_a_page_that_nobody_touched_says_what_it_shows(models, chosen):
    said = submitted(models, chosen.plain())
    assert models.today(said) == chosen.restrict(models.catalogue)
    assert not models.differ(chosen.plain(), said)


@given(chosen=SETS)
def test_what_a_form_says_shows_the_same_boxes_again(models, chosen):
    said = submitted(models, chosen.plain())
    assert submitted(models, said) == said
    assert list(ticked(models.sections(said))) == list(ticked(models.sections(chosen.plain())))


@given(chosen=SETS)
def test_fields_of_one_day_stay_in_or_out(models, chosen):
    said = PermissionSet.of(submitted(models, chosen.plain()))
    for model, actions in said.rights.items():
        for action, fields in actions.items():
            if models.catalogue.by_name[model].fields_for(action):
                assert fields.but == chosen.fields(model, action).but


@given(words=st.data())
def test_any_ticks_make_permissions_that_stay_within_the_catalogue(models, words):
    known = sorted(set(ticked(models.sections(everything(models.catalogue).plain()))))
    chosen = words.draw(st.sets(st.sampled_from([*known, "note:view", "company.extra:view", "company:fly", "x", ""])))
    said = PermissionSet.of(read(chosen, models))
    for word in said.scopes():
        assert word in chosen
    for model, actions in said.restrict(models.catalogue).rights.items():
        for action, fields in actions.items():
            possible = models.catalogue.by_name[model].fields_for(action)
            assert {name for name in possible if name in fields} == {
                name for name in possible if f"{model}.{name}:{action}" in chosen
            }


@given(chosen=SETS)
def test_a_parent_is_full_half_or_empty_as_its_fields_are(models, chosen):
    today = chosen.restrict(models.catalogue)
    for name, cells in cells_of(models, chosen.plain()).items():
        model = models.catalogue.by_name[name]
        assert set(cells) == set(model.actions)
        for action, cell in cells.items():
            possible = model.fields_for(action)
            assert (cell.state != "none") == today.allows(name, action)
            assert cell.possible == len(possible)
            if possible:
                whole = cell.ticked == cell.possible and chosen.fields(name, action).but
                assert (cell.state == "all") == whole
                assert cell.ticked == len([one for one in possible if today.allows_field(name, one, action)])
            else:
                assert cell.state != "some"


@given(chosen=SETS, dropped=st.sampled_from(ACTIONS))
def test_a_box_that_is_unticked_takes_the_action_away_whatever_its_fields_say(models, chosen, dropped):
    words = [word for word in ticked(models.sections(chosen.plain())) if word != f"company:{dropped}"]
    assert not PermissionSet.of(read(words, models)).allows("company", dropped)


def test_ticking_an_action_gives_every_field_and_those_of_one_day(models):
    words = [*ticked(models.sections({})), "company:update"]
    assert read(words, models) == {"company": ("update",)}


@pytest.mark.parametrize(
    ("left_out", "fields"),
    [
        ({"name"}, {"except": ("name",)}),
        ({"name", LATER}, ("address.city", "address.geo.lat")),
        ({LATER}, ("address.city", "address.geo.lat", "name")),
        ({"name", "address.city", "address.geo.lat"}, None),
    ],
)
def test_fields_that_are_unticked_are_left_out(models, left_out, fields):
    words = set(ticked(models.sections({"company": ("view", "update")})))
    said = read(words - {f"company.{name}:update" for name in left_out}, models)
    assert said == {"company": {"view": "*", "update": fields}} if fields else {"company": ("view",)}


def test_boxes_are_not_there_where_nothing_can_be(models):
    company, audit = row_of(models, {}, "company"), row_of(models, {}, "auditlog")
    by_name = {one.name: dict(zip(ACTIONS, one.cells, strict=True)) for one in company.fields}
    assert [name for name, cells in by_name.items() if cells["update"] is None] == ["arr"]
    assert all(cells["remove"] is None for cells in by_name.values())
    assert [cell and cell.action for cell in audit.cells] == [None, "view", None, None, "export"]
    assert audit.fields == ()


def test_nested_fields_stand_below_what_they_are_nested_in(models):
    shown = [(one.kind, one.name, one.depth) for one in row_of(models, {}, "company").fields]
    assert shown == [
        ("field", "name", 0),
        ("group", "address", 0),
        ("group", "address.geo", 1),
        ("field", "address.geo.lat", 2),
        ("field", "address.city", 1),
        ("field", "arr", 0),
        ("later", LATER, 0),
    ]


def test_records_come_before_the_management_and_titles_in_their_order(models):
    shown = [(section.management, [row.model.title for row in section.rows]) for section in models.sections({})]
    assert shown == [(False, ["Asset", "Company"]), (True, ["Audit log"])]


def test_a_form_says_nothing_of_another_matrix(models):
    form = MultiDictProxy(MultiDict([("permissions", "auditlog:view"), ("other", "auditlog:export"), ("empty", "")]))
    assert permissions_from(form, models) == {"auditlog": ("view",)}
    assert permissions_from(form, models, "other") == {"auditlog": ("export",)}
    assert permissions_from(form, models, "empty") == {}


def test_a_form_without_a_matrix_takes_nothing_away(models):
    assert permissions_from(MultiDictProxy(MultiDict({"name": "Acme Sync"})), models) is None


def test_another_spelling_is_no_difference(models):
    assert not models.differ({"company": ("view",)}, {"company": {"view": "*"}})
    assert not models.differ({"company": ("update",)}, {"company": {"update": {"except": ("arr",)}}})
    assert models.differ({"company": ("view",)}, {"company": {"view": ("name", "arr")}})
