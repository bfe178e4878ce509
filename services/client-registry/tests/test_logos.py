"""Logos: whatever file comes, what is kept is a picture that we have drawn."""

import io
import struct
import zlib

import pytest
from PIL import Image

from latchkey_client_registry.drawing import LONGEST_SIDE, drawn
from latchkey_client_registry.handlers.logos import MOST_BYTES
from latchkey_contracts.requests.clients import ClientsGet
from latchkey_kit.web.problems import Problem
from latchkey_verify.testing import TENANT, USER

RED, CLEAR = (200, 30, 40, 255), (0, 0, 0, 0)


def picture(kind="PNG", mode="RGB", size=(64, 64), **options):
    colour = {"RGB": RED[:3], "RGBA": RED}.get(mode, 40)
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width, height):
    """A PNG of a few kilobytes whose head promises that many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(4_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def opened(png):
    assert png.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_becomes_a_square_png(kind):
    image = opened(drawn(picture(kind)))
    assert (image.format, image.size, image.mode) == ("PNG", (256, 256), "RGBA")
    red, green, blue, opaque = image.getpixel((128, 128))
    assert (abs(red - 200) < 8, abs(green - 30) < 8, abs(blue - 40) < 8, opaque) == (True, True, True, 255)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "GIF"), ("RGBA", "WEBP"), ("CMYK", "JPEG"), ("I;16", "PNG")],
)
def test_every_way_to_store_colours_is_read(mode, kind):
    assert opened(drawn(picture(kind, mode))).size == (256, 256)


def test_sixteen_bits_of_grey_keep_their_brightness():
    written = io.BytesIO()
    Image.new("I;16", (50, 50), 156 * 256).save(written, "PNG")
    assert opened(drawn(written.getvalue())).getpixel((128, 128)) == (156, 156, 156, 255)


@pytest.mark.parametrize(
    ("size", "corner"), [((200, 100), (128, 10)), ((100, 200), (10, 128)), ((LONGEST_SIDE, 16), (5, 5))]
)
def test_what_is_not_square_stands_in_the_middle_of_nothing(size, corner):
    image = opened(drawn(picture(size=size)))
    assert image.getpixel((128, 128)) == RED
    assert image.getpixel(corner) == CLEAR


@pytest.mark.parametrize("size", [(1, 1), (LONGEST_SIDE, 1), (1, LONGEST_SIDE)])
def test_the_thinnest_picture_can_still_be_seen(size):
    assert opened(drawn(picture(size=size))).getchannel("A").getbbox() is not None


def test_nothing_of_the_file_comes_along():
    exif, secret = Image.Exif(), "taken at home"
    exif[0x010E] = secret
    for sent in (picture("JPEG", exif=exif, comment=secret), picture("PNG", exif=exif, icc_profile=secret.encode())):
        assert secret.encode() in sent
        made = drawn(sent)
        assert secret.encode() not in made
        assert opened(made).info == {}


def test_a_photo_is_turned_as_its_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = opened(drawn(picture("JPEG", size=(200, 100), exif=exif)))
    assert (image.getpixel((10, 128)), image.getpixel((128, 10))[3]) == (CLEAR, 255)


def test_of_a_moving_picture_the_first_frame_is_taken():
    frames, written = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")], io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    assert opened(drawn(written.getvalue())).getpixel((128, 128)) == (255, 0, 0, 255)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"GIF89a", SVG, b"<?xml version='1.0'?>" + SVG, b"<html>", b"%PDF-1.7", picture("BMP"), picture("TIFF"),
        picture("ICO"), picture()[:40], picture("JPEG")[:200], picture("WEBP")[:30], picture("GIF")[:20],
        bomb(LONGEST_SIDE + 1, 10), bomb(10, LONGEST_SIDE + 1), bomb(12_000, 12_000), bomb(60_000, 60_000),
    ],
)  # fmt: skip
def test_what_is_no_picture_for_us_is_refused_in_words(sent):
    with pytest.raises(Problem) as refused:
        drawn(sent)
    assert (refused.value.status, refused.value.errors[0].pointer) == (400, "/logo")
    assert refused.value.errors[0].message == refused.value.detail


@pytest.fixture
def logo(registry, http):
    """Fetch a logo as a browser does: the whole answer."""

    async def fetch(path):
        async with http.get(registry.public_url + path) as response:
            return response.status, response.headers, await response.read()

    return fetch


@pytest.fixture
def draw(console):
    async def put(client, sent, **claims):
        headers = {"Content-Type": "image/svg+xml"}  # believed by nobody
        return await console("PUT", f"/v1/oauth-clients/{client}/logo", sent, headers=headers, **claims)

    return put


async def test_a_logo_is_shown_to_everybody_and_kept_by_browsers(made, draw, logo, manage):
    client = await made()
    assert client["logo"] is None
    status, shown = await draw(client["id"], picture("JPEG"))
    assert (status, shown["updated_by"], shown["revision"]) == (200, USER, 2)
    assert shown["logo"].startswith(f"/logos/{client['id']}/")
    status, headers, png = await logo(shown["logo"])
    assert (status, headers["Content-Type"], opened(png).size) == (200, "image/png", (256, 256))
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert (await manage("GET", f"/{client['id']}"))[1]["logo"] == shown["logo"]
    assert (await manage("GET"))[1]["data"][0]["logo"] == shown["logo"]


async def test_another_picture_has_another_path_and_the_old_one_is_gone(made, draw, logo, console):
    client = (await made())["id"]
    first = (await draw(client, picture()))[1]["logo"]
    second = (await draw(client, picture(mode="L")))[1]["logo"]
    assert first != second
    assert [(await logo(path))[0] for path in (first, second)] == [404, 200]
    status, shown = await console("DELETE", f"/v1/oauth-clients/{client}/logo")
    assert (status, shown["logo"]) == (200, None)
    assert (await logo(second))[0] == 404


async def test_the_same_picture_twice_is_one_change_and_the_log_tells_of_each(made, draw, console, told):
    client = (await made())["id"]
    answers = [await draw(client, picture()) for _ in range(2)]
    assert [shown["revision"] for _, shown in answers] == [2, 2]
    for _ in range(2):
        await console("DELETE", f"/v1/oauth-clients/{client}/logo")
    found = await told("client.updated")
    assert [(one.tenantid, one.userid) for one in found] == [(TENANT, USER)] * 2


async def test_whoever_asks_for_consent_learns_of_the_logo(made, draw, registry, peer):
    client = (await made())["id"]
    shown = (await draw(client, picture()))[1]
    known = await peer("auth", registry.internal_url).ask(ClientsGet(client=client, tenants=(TENANT,)))
    assert (known.client.logo, known.client.published) == (shown["logo"], False)


async def test_what_is_too_large_or_no_picture_changes_nothing(made, draw, manage):
    client = (await made())["id"]
    for sent, expected in ((bytes(MOST_BYTES + 1), 413), (bytes(1024 * 1024), 413), (SVG, 400), (b"", 400)):
        status, problem = await draw(client, sent)
        assert (status, problem["errors"][0]["pointer"] if status == 400 else "") == (
            expected, "/logo" if expected == 400 else "",
        )  # fmt: skip
    assert (await manage("GET", f"/{client}"))[1]["revision"] == 1


async def test_nobody_draws_on_another_tenants_client_or_without_the_right(made, draw, owners, manage):
    client = (await made())["id"]
    assert (await draw(client, picture(), tid="9" * 32))[0] == 404
    owners.person = {"oauthclient": ["view"]}
    assert (await draw(client, picture()))[0] == 403
    assert (await manage("GET", f"/{client}"))[1]["logo"] is None


@pytest.mark.parametrize(
    "path", ["/logos/x/y.png", f"/logos/{'0' * 32}/{'0' * 64}.png", f"/logos/{'0' * 32}/..%2f", "/logos/", "/logos"]
)
async def test_there_is_no_other_picture(logo, path):
    status, headers, _ = await logo(path)
    assert status == 404
    assert "max-age" not in headers.get("Cache-Control", "")
