import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.effective import GrantDocument, effective, explain
from latchkey_policy.errors import PermissionsError
from latchkey_policy.names import ACTIONS
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.portfolio import Portfolio, both

SETS = st.from_type(PermissionSet)
DOCUMENTS = st.from_type(GrantDocument)


@given(DOCUMENTS, SETS, SETS)
def test_effective_never_exceeds_grant_ceiling_or_role(document, ceiling, role):
    rights = effective(document, ceiling, role)
    for part in (document.permissions, ceiling, role):
        assert rights.is_subset(part)


@given(DOCUMENTS, SETS, SETS)
def test_effective_is_the_meet_of_all_three(document, ceiling, role):
    assert effective(document, ceiling, role) == document.permissions.meet(ceiling).meet(role)
    assert effective(document, ceiling, role) == effective(document, role, ceiling)


@given(DOCUMENTS, SETS, SETS, SETS)
def test_a_smaller_ceiling_or_role_never_gives_more_and_a_restored_one_gives_all_back(document, ceiling, role, cut):
    rights = effective(document, ceiling, role)
    assert effective(document, ceiling.diff(cut), role) == rights.diff(cut)
    assert effective(document, ceiling, role.meet(cut)) == rights.meet(cut)
    assert rights.is_subset(effective(document, ceiling.join(cut), role.join(cut)))
    assert effective(document, ceiling.join(cut), role.join(cut)).is_subset(document.permissions)


@given(DOCUMENTS, SETS, SETS)
def test_explanation_says_yes_exactly_when_effective_does(document, ceiling, role):
    rights = effective(document, ceiling, role)
    parts = {"grant": document.permissions, "ceiling": ceiling, "role": role}
    for model in ("company", "asset", "note"):
        for action in ACTIONS:
            whole = explain(parts, model=model, action=action)
            assert whole.allowed == rights.allows(model, action)
            for field in ("name", "extra", "unnamed"):
                one = explain(parts, model=model, action=action, field=field)
                assert one.allowed == rights.allows_field(model, field, action)


def test_explanation_names_everybody_who_refuses():
    view, nothing = PermissionSet.of({"company": ["view"]}), PermissionSet()
    parts = {"role": view, "grant": view, "ceiling": view}
    assert explain(parts, model="company", action="view").refused_by == ()
    assert explain(parts | {"ceiling": nothing}, model="company", action="view").refused_by == ("ceiling",)
    assert explain(parts, model="company", action="remove").refused_by == ("grant", "ceiling", "role")


def test_a_part_that_is_not_asked_refuses_nothing():
    view, nothing = PermissionSet.of({"company": ["view"]}), PermissionSet()
    assert explain({"role": view}, model="company", action="view").allowed
    assert explain({"role": nothing}, model="company", action="view").refused_by == ("role",)


def test_explanation_names_who_shares_no_field_with_the_others():
    name, arr = (PermissionSet.of({"company": {"view": [field]}}) for field in ("name", "arr"))
    answer = explain({"grant": name, "ceiling": name, "role": arr}, model="company", action="view")
    assert answer.refused_by == ("role",)


@given(DOCUMENTS, DOCUMENTS)
def test_grant_documents_round_trip_and_are_named_by_what_they_hold(a, b):
    assert GrantDocument.decode(a.encode()) == a
    assert len(a.digest()) == 32
    assert (a.digest() == b.digest()) == (a == b)


def test_canonical_form_of_a_grant_document():
    document = GrantDocument(PermissionSet.of({"company": ["view"]}), Portfolio.OWN)
    assert document.encode() == b'{"permissions":{"company":{"view":"*"}},"portfolio":"own"}'


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "{",
        '{"permissions":{},"portfolio":"galaxy"}',
        '{"permissions":{"company":["fly"]},"portfolio":"own"}',
        '{"permissions":{},"portfolio":"own","role":"admin"}',
    ],
)
def test_what_is_no_grant_document_is_refused(text):
    with pytest.raises(PermissionsError):
        GrantDocument.decode(text)


def test_a_company_must_satisfy_the_portfolio_granted_and_the_one_now():
    everyone, own = Portfolio.ALL, Portfolio.OWN
    assert both(everyone, everyone) == {everyone}
    assert both(own, own) == both(everyone, own) == both(own, everyone) == {own}
