import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchkey_policy.errors import UnknownScope
from latchkey_policy.permissions import PermissionSet
from latchkey_policy.scope import Granted, Missing, NothingLeft, ScopeRequest, parse_scope, resolve

SETS = st.from_type(PermissionSet)
COMPANY_AND_ASSET = PermissionSet.of({"company": ["view", "update"], "asset": ["view"]})
COMPANY_ONLY = PermissionSet.of({"company": ["view", "update", "remove"]})
NOTHING_BUT_AUDIT = PermissionSet.of({"auditlog": ["view"]})


@pytest.mark.parametrize("text", ["", "   ", "offline_access", "openid claudeai", "company", "Default"])
@pytest.mark.parametrize("default", ["default", "inclusive"])
def test_words_that_ask_for_nothing_mean_the_default_of_the_client(catalogue, text, default):
    assert parse_scope(text, default=default, catalogue=catalogue) == ScopeRequest(default)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("default", "default"),
        ("inclusive", "inclusive"),
        ("*", "inclusive"),
        ("inclusive default", "default"),
        ("company:view default", "default"),
        ("company:view *", "inclusive"),
        ("inclusive offline_access", "inclusive"),
    ],
)
def test_default_wins_and_inclusive_holds_every_listed_word(catalogue, text, kind):
    for default in ("default", "inclusive"):
        assert parse_scope(text, default=default, catalogue=catalogue) == ScopeRequest(kind)


def test_listed_words_add_up(catalogue):
    text = "company:view openid company.address.city:update company.name:update asset:remove"
    asked = {"company": {"view": "*", "update": ["address.city", "name"]}, "asset": ["remove"]}
    request = parse_scope(text, default="default", catalogue=catalogue)
    assert request == ScopeRequest("listed", PermissionSet.of(asked))


@pytest.mark.parametrize(
    "word",
    [
        "note:view",
        "company:fly",
        "asset:export",
        "company.extra:view",
        "company.address:view",
        "company.:view",
        "company.name:remove",
        "company.name:export",
        "company:*",
        "company:view:name",
        "company:",
        ":view",
        ":",
        "https://ws.example/v1",
    ],
)
def test_a_name_that_the_catalogue_lacks_is_told(catalogue, word):
    with pytest.raises(UnknownScope) as refusal:
        parse_scope(f"company:view {word} default", default="inclusive", catalogue=catalogue)
    assert refusal.value.word == word
    assert word in str(refusal.value)


def test_what_is_told_fits_an_error_description(catalogue):
    with pytest.raises(UnknownScope) as refusal:
        parse_scope('x:"\\\x00é' + "y" * 10_000, default="default", catalogue=catalogue)
    assert str(refusal.value).startswith("Unknown scope: x:????yyy")
    assert len(str(refusal.value)) < 100


@given(text=st.text(alphabet=" :.*companyviewdefault\x00\n", max_size=40))
def test_any_text_is_read_or_refused(catalogue, text):
    if ":" not in text:
        assert parse_scope(text, default="default", catalogue=catalogue).kind != "listed"
        return
    with contextlib.suppress(UnknownScope):
        parse_scope(text, default="default", catalogue=catalogue)


def ask(catalogue, text, ceiling, role):
    return resolve(parse_scope(text, default="default", catalogue=catalogue), ceiling, role, catalogue)


def test_default_is_refused_with_what_is_missing_where_inclusive_passes(catalogue):
    missing = ask(catalogue, "default", COMPANY_AND_ASSET, COMPANY_ONLY)
    assert isinstance(missing, Missing)
    assert missing.permissions.scopes() == ("asset:view",)
    granted = ask(catalogue, "inclusive", COMPANY_AND_ASSET, COMPANY_ONLY)
    assert isinstance(granted, Granted)
    assert granted.permissions.scopes() == ("company:update", "company:view")


def test_default_is_refused_for_one_missing_field(catalogue):
    role = PermissionSet.of({"company": {"view": {"except": ["arr"]}, "update": "*"}, "asset": ["view"]})
    assert ask(catalogue, "", COMPANY_AND_ASSET, role) == Missing(PermissionSet.of({"company": {"view": ["arr"]}}))


def test_default_compares_only_what_the_catalogue_has(catalogue):
    ceiling = PermissionSet.of({"company": ["update"], "note": ["view"]})
    role = PermissionSet.of({"company": {"update": ["name", "address.city"]}})
    assert ask(catalogue, "default", ceiling, role) == Granted(role)


@pytest.mark.parametrize("text", ["inclusive", "*", "company:view", "default"])
def test_nothing_in_common(catalogue, text):
    answer = ask(catalogue, text, COMPANY_AND_ASSET, NOTHING_BUT_AUDIT)
    assert isinstance(answer, Missing if text == "default" else NothingLeft)
    assert ask(catalogue, text, PermissionSet(), NOTHING_BUT_AUDIT) == NothingLeft()


def test_writing_to_a_read_only_field_leaves_nothing(catalogue):
    assert ask(catalogue, "company.arr:update", COMPANY_AND_ASSET, COMPANY_ONLY) == NothingLeft()


@given(ceiling=SETS, role=SETS, asked=SETS)
def test_what_is_granted_lies_within_request_ceiling_and_role(catalogue, ceiling, role, asked):
    for request in (ScopeRequest("default"), ScopeRequest("inclusive"), ScopeRequest("listed", asked)):
        match resolve(request, ceiling, role, catalogue):
            case Granted(granted):
                assert not granted.is_empty
                assert granted.is_subset(ceiling.meet(role))
                assert granted.restrict(catalogue) == granted
                assert request.kind != "listed" or granted.is_subset(asked)
                assert request.kind != "default" or ceiling.restrict(catalogue) == granted
            case Missing(missing):
                assert request.kind == "default"
                assert missing.is_subset(ceiling)
                assert missing.meet(role).is_empty
            case NothingLeft():
                common = ceiling.meet(role).restrict(catalogue)
                assert (common.meet(asked) if request.kind == "listed" else common).is_empty
