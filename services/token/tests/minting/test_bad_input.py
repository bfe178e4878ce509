"""Whatever comes in, RFC 6749 §5.2 JSON goes out, and never a 5xx."""

import gzip
import io

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


MALFORMED = [
    (b"", FORM, (400, "invalid_request")),
    (b"grant_type=", FORM, (400, "invalid_request")),
    (b"grant_type=password&username=a&password=b", FORM, (400, "unsupported_grant_type")),
    (b"grant_type=password", FORM, (400, "unsupported_grant_type")),
    (b"grant_type=refresh_token&grant_type=refresh_token", FORM, (400, "invalid_request")),
    (b"grant_type=refresh_token&refresh_token=a&refresh_token=b", FORM, (400, "invalid_request")),
    (b"grant_type=refresh_token", FORM, (401, "invalid_client")),
    (b"grant_type=%ff%fe", FORM, (400, "invalid_request")),
    (b"grant_type=refresh%00token", FORM, (400, "invalid_request")),
    (b"grant_type=%zz", FORM, (400, "invalid_request")),
    (b"\x00\xff\xfe\x80", FORM, (400, "invalid_request")),
    (b"&" * 60_000, FORM, (400, "invalid_request")),
    (b"&".join(b"a%d=1" % n for n in range(500)), FORM, (400, "invalid_request")),
    (b"grant_type=refresh_token&refresh_token=" + b"a" * 70_000, FORM, (400, "invalid_request")),
    (io.BytesIO(b"a" * 2_000_000), FORM, (413, "invalid_request")),
    (b'{"grant_type": "refresh_token"}', {"Content-Type": "application/json"}, (400, "invalid_request")),
    (b"grant_type=refresh_token", {"Content-Type": "text/plain"}, (400, "invalid_request")),
    (b"grant_type=refresh_token", {"Content-Type": "nonsense"}, (400, "invalid_request")),
    (gzip.compress(b"grant_type=", mtime=0), FORM | {"Content-Encoding": "gzip"}, (400, "invalid_request")),
    (b"not gzip at all", FORM | {"Content-Encoding": "gzip"}, (400, "invalid_request")),
]


async def test_a_malformed_body_is_refused_in_the_words_of_the_rfc(house):
    for number, (body, headers, error) in enumerate(MALFORMED):
        answer = await house.post(body, headers=headers)
        assert (number, *answer.error) == (number, *error)
        assert_no_more_than_an_error(answer)


def assert_no_more_than_an_error(answer):
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body.keys() == {"error", "error_description"}


async def test_a_malformed_token_is_refused(house):
    app = await house.app()
    for token in ("", " ", "lk_rt_", "lk_ac_" + "0" * 86, "lk_rt_" + "z" * 86, "\U0001f511" * 92, "a\nb"):
        wanted = "invalid_grant" if token else "invalid_request"
        assert (await house.refresh(app, token)).error == (400, wanted)
        assert (await house.exchange(app, token)).error == (400, wanted)


async def test_other_methods_are_refused(house):
    async with house.http.get(f"{house.served.public_url}/oauth/token?grant_type=refresh_token") as response:
        assert (response.status, response.headers["Allow"]) == (405, "OPTIONS,POST")
        assert (await response.json())["error"] == "invalid_request"


async def test_parameters_in_the_address_do_not_count(house):
    app = await house.app()
    grant = await house.consent(app)
    async with house.http.post(
        f"{house.served.public_url}/oauth/token",
        params={"grant_type": "authorization_code", "code": grant.code, "client_id": app.id},
        headers=FORM,
    ) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_request")


async def test_unknown_parameters_harm_nobody(house):
    app = await house.app()
    grant = await house.consent(app)
    assert (await house.exchange(app, grant.code, audience="x", foo="", state="y")).status == 200
