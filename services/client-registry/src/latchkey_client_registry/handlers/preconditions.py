"""`ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1): nobody writes over what they have not seen."""

import re

from aiohttp import hdrs, web

from latchkey_kit.web.problems import FieldError, bad_request

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_NUMBER = re.compile(r"[0-9]{1,18}")


def tag(revision: int) -> dict[str, str]:
    """The header that names a revision."""
    return {hdrs.ETAG: f'"{revision}"'}


def expected(request: web.Request) -> frozenset[int] | None:
    """Give the revisions that the request is for; ``None`` when any will do.

    A tag that is weak, or not one of ours, is none of them.

    Raises:
        Problem: 400 for what is no list of tags.

    """
    given = request.headers.getall(hdrs.IF_MATCH, [])
    if not given or given == ["*"]:
        return None
    tags = [_TAG.fullmatch(one.strip()) for line in given for one in line.split(",")]
    if None in tags:
        error = FieldError(pointer="/If-Match", message='Send the ETag as it came, such as "7".')
        raise bad_request("If-Match is not valid.", error)
    return frozenset(int(one[2]) for one in tags if one and not one[1] and _NUMBER.fullmatch(one[2]))
