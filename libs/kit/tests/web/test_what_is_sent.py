"""Bodies and queries that are not right are refused by name, and lose nothing."""

import gzip

import msgspec
import pytest
from structlog.testing import capture_logs


async def test_another_content_type_is_415(post):
    response, document = await post(b"title=x", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (response.status, document["code"]) == (415, "unsupported_media_type")


async def test_a_body_above_a_mebibyte_is_413(post):
    response, document = await post(b'{"title":"' + b"x" * 1024 * 1024 + b'"}')
    assert (response.status, document["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b"\xff\xfe", b'{"title":"\xff"}', b'{"title":"\xed\xa0\x80"}',
        rb'{"title":"\ud800"}', rb'{"title":"\ud800 and more"}', b'{"title":"\x00"}', rb'{"title":"a\u0000b"}',
        rb'{"title":"x","other":"\\\u0000"}', b"[" * 500_000, b'{"title":"x","unknown":' + b"[" * 500_000,
        b'{"title":1}', b"{}", b"null",
    ],
)  # fmt: skip
async def test_a_body_that_is_not_right_is_400(post, body):
    response, document = await post(body)
    assert (response.status, document["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, deflate", "\xff", "x" * 500])
@pytest.mark.parametrize("body", [b'{"title":"x"}', gzip.compress(b'{"title":"x"}', mtime=0), b""])
async def test_a_packed_body_is_400_in_the_routes_own_format(coding, body, raw):
    for path, code in ((b"/echo", "code"), (b"/oauth-echo", "error")):
        head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % (
            path,
            len(body),
        )
        status, text = await raw(head + b"Content-Encoding: " + coding.encode("latin-1"), body)
        assert (status, msgspec.json.decode(text)[code]) == (400, "invalid_request")
        assert b"Content-Encoding" in text


async def test_a_body_that_says_it_is_not_packed_is_read(post):
    response, document = await post(b'{"title":"x"}', **{"Content-Encoding": "Identity"})
    assert (response.status, document["title"]) == (200, "x")


async def test_text_that_only_looks_like_nul_is_kept(post):
    response, document = await post(rb'{"title":"\\u0000"}')
    assert (response.status, document["title"]) == (200, r"\u0000")


async def test_an_error_points_to_the_member(post):
    _, document = await post(b'{"title":"x","items":[{"name":"a"},{"name":1}]}')
    assert document["errors"] == [{"pointer": "/items/1/name", "message": "Expected `str`, got `int`"}]


@pytest.mark.parametrize("address", ["limit=1&limit=2", "limit=ten", "other=1", "limit=%00", "%00=1"])
async def test_a_query_that_is_not_right_is_400(ask, address):
    response, text = await ask("GET", f"/filtered?{address}")
    assert response.status == 400
    assert msgspec.json.decode(text)["code"] == "invalid_request"


async def test_a_parameter_given_twice_is_named_to_the_caller_alone(ask):
    with capture_logs() as lines:
        response, text = await ask("GET", "/filtered?hidden=1&hidden=2")
    assert response.status == 400
    assert msgspec.json.decode(text)["errors"] == [{"pointer": "/hidden", "message": "This is given twice."}]
    assert "hidden" not in str(lines)
