import pytest

from latchkey_policy.errors import PermissionsError
from latchkey_policy.permissions import PermissionSet


def test_canonical_form_is_sorted_and_drops_what_grants_nothing():
    permissions = PermissionSet.of(
        {
            "task": {"view": []},
            "note": [],
            "company": {"view": {"except": []}, "update": ["phase", "arr", "phase"], "export": {"except": ["arr"]}},
            "asset": ["view", "remove"],
        }
    )
    assert permissions.encode() == (
        b'{"asset":{"remove":"*","view":"*"},'
        b'"company":{"export":{"except":["arr"]},"update":["arr","phase"],"view":"*"}}'
    )
    assert permissions.scopes() == ("asset:remove", "asset:view", "company:export", "company:update", "company:view")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"company": ["fly"]}', "Unknown action of company: fly"),
        ('{"company": {"fly": "*"}}', "Unknown action of company: fly"),
        ('{"company": [["view"]]}', "Unknown action of company"),
        ('{"Company": ["view"]}', "Illegal model name: Company"),
        ('{"company": {"view": ["a..b"]}}', "Illegal field name in company:view: a..b"),
        ('{"company": {"view": [1]}}', "Illegal field name in company:view: 1"),
        ('{"company": {"view": "all"}}', "The fields of company:view"),
        ('{"company": {"view": {"only": ["a"]}}}', "The fields of company:view"),
        ('{"company": {"view": {"except": "a"}}}', "The fields of company:view"),
        ('{"company": {"remove": ["name"]}}', "company:remove takes a record as a whole"),
        ('{"company": "view"}', "The actions of company"),
        ('{"company": null}', "The actions of company"),
        ("[]", "Permissions are an object"),
        ("{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"comp\\u0000any": []}', "Illegal model name: comp?any"),
    ],
)
def test_what_is_no_permission_set_is_refused_by_name(text, words):
    with pytest.raises(PermissionsError) as refusal:
        PermissionSet.decode(text)
    assert words in str(refusal.value)
