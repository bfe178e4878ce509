# ruff: noqa: RUF001 - letters that look like others are the point here
import hmac
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from latchkey_oauth import base62
from latchkey_oauth.token_string import (
    MAX_GENERATION,
    Kind,
    Presented,
    derive_code_secret,
    derive_secret,
    is_opaque,
    opaque,
    open_sealed,
    seal,
    secret_hash,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
KEYS = {1: KEY, 2: OTHER_KEY}
CONNECTION = "0123456789abcdef" * 2
SECRET = bytes(range(20))
TOKEN = seal("refresh", CONNECTION, 7, SECRET, 1, KEY)
CODE = seal("code", CONNECTION, 0, SECRET, 1, KEY)

connections = st.binary(min_size=16, max_size=16).map(bytes.hex)
secrets = st.binary(min_size=20, max_size=20)


def with_right_crc(text: str) -> str:
    return text[:-6] + base62.checksum(text[:-6])


@given(connections, st.integers(0, MAX_GENERATION), secrets, st.integers(0, 65_535), st.binary(min_size=1, max_size=64))
def test_what_is_sealed_opens_again(connection, generation, secret, key_id, key):
    kind: Kind = "refresh" if generation else "code"
    text = seal(kind, connection, generation, secret, key_id, key)
    assert len(text) == 92
    assert text.startswith("lk_rt_" if generation else "lk_ac_")
    assert open_sealed(text, {key_id: key}) == Presented(kind, key_id, connection, generation, secret)


def test_the_published_format_does_not_move():
    assert TOKEN == "lk_rt_00k6cMaRbpeDXWLw8TeRPlIgR5DVCtb98NEl4h6o7eBFgeTb53OMCMNcGj1XHLLhqAQjFuv007ZIi0v34QmWjS"


def test_the_mac_covers_prefix_and_claims_with_hmac_sha256_and_the_crc_is_crc32():
    body = base62.decode(TOKEN[6:86], 59)
    assert body is not None
    assert body[:43] == b"\x01" + b"\x00\x01" + bytes.fromhex(CONNECTION) + b"\x00\x00\x00\x07" + SECRET
    number = 0
    for digit in TOKEN[86:]:
        number = number * 62 + base62.ALPHABET.index(digit)
    assert number == zlib.crc32(TOKEN[:86].encode())


@pytest.mark.parametrize("position", range(92))
def test_no_character_can_be_changed_even_with_a_right_crc(position):
    for char in base62.ALPHABET + "_-+/= \0é":
        changed = TOKEN[:position] + char + TOKEN[position + 1 :]
        if changed != TOKEN:
            assert open_sealed(changed, KEYS) is None
            if position < 86 and changed.isascii():
                assert open_sealed(with_right_crc(changed), KEYS) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lk_rt_",
        TOKEN[:-1],
        TOKEN + "0",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.upper(),
        "lk_rt_0" + TOKEN[6:],
        TOKEN.replace("lk_rt_", "lk_ac_"),
        with_right_crc(TOKEN.replace("lk_rt_", "lk_ac_")),
        with_right_crc(CODE.replace("lk_ac_", "lk_rt_")),
        with_right_crc("lk_pt_" + TOKEN[6:]),
        TOKEN[:20] + "１" + TOKEN[21:],
        TOKEN[:20] + "\udc80" + TOKEN[21:],
        "lk_rt_" + "z" * 86,
        with_right_crc("lk_rt_" + "z" * 86),
    ],
)
def test_another_spelling_is_nothing(text):
    assert open_sealed(text, KEYS) is None


@given(st.text())
@example(TOKEN[:-1] + "\ud800")
def test_no_text_raises(text):
    assert open_sealed(text, KEYS) is None
    assert open_sealed("lk_rt_" + text, KEYS) is None
    assert not is_opaque("lk_cs_", "lk_cs_" + text)


@given(st.text(alphabet=base62.ALPHABET, min_size=86, max_size=86))
def test_noise_of_the_right_shape_is_nothing(body):
    assert open_sealed(with_right_crc("lk_rt_" + body), KEYS) is None


def test_a_token_under_a_retired_or_another_key_is_nothing():
    assert open_sealed(TOKEN, {}) is None
    assert open_sealed(TOKEN, {2: KEY}) is None
    assert open_sealed(TOKEN, {1: OTHER_KEY}) is None


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_nothing_even_with_a_right_mac(version, monkeypatch):
    monkeypatch.setattr("latchkey_oauth.token_string._VERSION", version)
    other = seal("refresh", CONNECTION, 7, SECRET, 1, KEY)
    assert open_sealed(other, KEYS) is not None
    monkeypatch.undo()
    assert open_sealed(other, KEYS) is None


@pytest.mark.parametrize(("prefix", "generation"), [("lk_ac_", 1), ("lk_rt_", 0)])
def test_a_kind_with_the_generation_of_the_other_is_nothing_even_with_a_right_mac(prefix, generation):
    claims = b"\x01" + b"\x00\x01" + bytes.fromhex(CONNECTION) + generation.to_bytes(4) + SECRET
    mac = hmac.digest(KEY, prefix.encode() + claims, "sha256")[:16]
    text = prefix + base62.encode(claims + mac)
    assert open_sealed(text + base62.checksum(text), KEYS) is None


@pytest.mark.parametrize(
    "parts",
    [
        ("code", CONNECTION, 1, SECRET, 1, KEY),
        ("refresh", CONNECTION, 0, SECRET, 1, KEY),
        ("refresh", CONNECTION, -1, SECRET, 1, KEY),
        ("refresh", CONNECTION, MAX_GENERATION + 1, SECRET, 1, KEY),
        ("refresh", CONNECTION, 1, SECRET[:19], 1, KEY),
        ("refresh", CONNECTION[:30], 1, SECRET, 1, KEY),
        ("refresh", CONNECTION.upper(), 1, SECRET, 1, KEY),
        ("refresh", CONNECTION, 1, SECRET, 65_536, KEY),
    ],
)
def test_a_misfit_is_never_sealed(parts):
    with pytest.raises(ValueError):  # noqa: PT011 - which sentence does not matter
        seal(*parts)


def test_a_successor_is_the_same_each_time_and_another_for_any_other_input():
    first = derive_secret(KEY, SECRET, b"n" * 16, CONNECTION, 8)
    assert first == derive_secret(KEY, SECRET, b"n" * 16, CONNECTION, 8)
    assert len(first) == 20
    others = {
        derive_secret(OTHER_KEY, SECRET, b"n" * 16, CONNECTION, 8),
        derive_secret(KEY, SECRET[::-1], b"n" * 16, CONNECTION, 8),
        derive_secret(KEY, SECRET, b"m" * 16, CONNECTION, 8),
        derive_secret(KEY, SECRET, b"n" * 16, CONNECTION[::-1], 8),
        derive_secret(KEY, SECRET, b"n" * 16, CONNECTION, 9),
    }
    assert len(others | {first}) == 6


@pytest.mark.parametrize("parts", [(b"", b"n" * 16, 8), (SECRET, b"n", 8), (SECRET, b"n" * 16, 0)])
def test_a_successor_is_not_derived_from_misfits(parts):
    secret, nonce, generation = parts
    with pytest.raises(ValueError):  # noqa: PT011 - which sentence does not matter
        derive_secret(KEY, secret, nonce, CONNECTION, generation)


def test_the_code_of_an_attempt_is_the_same_each_time_and_another_for_any_other_input():
    first = derive_code_secret(KEY, b"a" * 32)
    assert first == derive_code_secret(KEY, b"a" * 32)
    assert len(first) == 20
    assert len({first, derive_code_secret(OTHER_KEY, b"a" * 32), derive_code_secret(KEY, b"b" * 32)}) == 3
    with pytest.raises(ValueError, match="32 bytes"):
        derive_code_secret(KEY, b"a" * 56)


@given(st.binary(min_size=32, max_size=32))
def test_an_opaque_string_is_known_by_its_crc(secret):
    text = opaque("lk_cs_", secret)
    assert len(text) == 56
    assert is_opaque("lk_cs_", text)
    assert not is_opaque("lk_pat_", text)
    assert not is_opaque("lk_cs_", text[:-1] + ("a" if text[-1] != "a" else "b"))
    assert not is_opaque("lk_cs_", with_right_crc("lk_cs_" + "z" * 50))


def test_an_opaque_string_holds_32_bytes():
    with pytest.raises(ValueError, match="32 bytes"):
        opaque("lk_cs_", b"short")


@given(st.binary(min_size=1, max_size=59))
def test_base62_has_one_spelling(raw):
    text = base62.encode(raw)
    number = 0
    for digit in text:
        number = number * 62 + base62.ALPHABET.index(digit)
    assert number == int.from_bytes(raw)
    assert base62.decode(text, len(raw)) == raw
    assert base62.decode("0" + text, len(raw)) is None


def test_hashes_are_sha256_and_reprs_keep_the_secret():
    assert secret_hash("abc") == secret_hash(b"abc")
    assert secret_hash("abc").hex().startswith("ba7816bf8f01cfea")
    presented = open_sealed(TOKEN, KEYS)
    assert presented is not None
    assert repr(SECRET) not in repr(presented)
