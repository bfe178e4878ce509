from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.permissions import PermissionSet, everything
from latchkey_policy.words import Line, describe


def test_consent_lines_read_as_plain_english_strongest_first(catalogue):
    permissions = PermissionSet.of({"company": ["view", "update"], "asset": ["view", "remove"], "auditlog": ["view"]})
    assert describe(permissions, catalogue) == [
        Line("asset", "Asset", "View and remove assets", strong=True, words=("asset:view", "asset:remove")),
        Line("company", "Company", "View and update companies", strong=True, words=("company:view", "company:update")),
        Line("auditlog", "Audit event", "View audit events", strong=False, words=("auditlog:view",)),
    ]


def test_all_actions_in_one_sentence(catalogue):
    line = describe(everything(catalogue), catalogue)[0]
    assert line.sentence == "View, create, update, remove and export companies"


def test_narrowed_fields_are_named(catalogue):
    permissions = PermissionSet.of({"company": {"view": {"except": ["arr"]}, "update": ["name", "address.city"]}})
    (line,) = describe(permissions, catalogue)
    assert line.sentence == "View and update companies"
    assert line.details == ("View only Name and City",)


@given(permissions=st.from_type(PermissionSet))
def test_every_model_that_is_granted_has_one_line_and_no_other(catalogue, permissions):
    lines = describe(permissions, catalogue)
    granted = permissions.restrict(catalogue).rights
    assert sorted(line.model for line in lines) == sorted(granted)
    assert sorted(word for line in lines for word in line.words) == list(permissions.restrict(catalogue).scopes())
    assert all(line.strong == (set(granted[line.model]) != {"view"}) for line in lines)
    assert [line.strong for line in lines] == sorted((line.strong for line in lines), reverse=True)
