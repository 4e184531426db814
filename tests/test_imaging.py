"""Pictures in and out: looks are compared by pixels, refusals by their kind and words."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from types import SimpleNamespace

import pytest
from PIL import Image, ImageChops

from app import imaging
from app.errors import InvalidPicture, PictureTooLarge, UnsupportedPicture
from app.imaging import Limits, WrittenFormat, converted, prepare, sniff, to_jpeg
from tests import pictures
from tests.pictures import RED, opened, picture, rotated, saved, scenery

WHITE = (255, 255, 255)


def half_clear(mode: str = "RGBA") -> Image.Image:
    """Return a red picture whose left half cannot be seen."""
    image = Image.new("RGBA", (48, 32), (*RED, 255))
    image.paste((0, 0, 255, 0), (0, 0, 24, 32))
    return image.convert(mode)


def grey_ramp() -> Image.Image:
    """Return a 16-bit picture of 256 columns, from black to white."""
    words = b"".join((column * 257).to_bytes(2, "little") for column in range(256))
    return Image.frombytes("I;16", (256, 8), words * 8)


def frames(file_format: str) -> bytes:
    """Return an animation that begins red."""
    rest = [Image.new("RGB", (48, 32), color) for color in ("blue", "green")]
    first = Image.new("RGB", (48, 32), RED)
    return saved(first, file_format, save_all=True, append_images=rest, duration=100)


def jpeg_with(*, after_header: bytes = b"", at_end: bytes = b"") -> bytes:
    plain = picture("JPEG")
    return plain[:20] + after_header + plain[20:] + at_end


def clear_sixteen_bit_grey() -> bytes:
    return saved(Image.new("I;16", (48, 32), 0x8000), "PNG", transparency=0x8000)


def file_of_each_kind() -> dict[str, bytes]:
    plain, exif = scenery(), rotated(saved(scenery(), "JPEG"), 6)
    return {
        "jpeg": saved(plain, "JPEG"),
        "grey jpeg": saved(plain.convert("L"), "JPEG"),
        "progressive jpeg": saved(plain, "JPEG", progressive=True),
        "cmyk jpeg": saved(plain.convert("CMYK"), "JPEG", icc_profile=pictures.cmyk_profile()),
        "rotated jpeg": exif,
        "mpo": saved(plain, "MPO", save_all=True, append_images=[plain]),
        "png": saved(plain, "PNG", icc_profile=pictures.swapped_profile()),
        "16-bit png": clear_sixteen_bit_grey(),
        "palette png": saved(plain.convert("P"), "PNG", transparency=bytes(range(256))),
        "rgba png": saved(half_clear(), "PNG"),
        "animated png": frames("PNG"),
        "webp": saved(plain, "WEBP"),
        "lossless webp": saved(half_clear(), "WEBP", lossless=True),
        "animated webp": frames("WEBP"),
        "gif": saved(plain, "GIF"),
        "animated gif": frames("GIF"),
        "avif": saved(plain, "AVIF"),
        "rotated avif": rotated(saved(plain, "AVIF"), 6, "AVIF"),
    }


KINDS = file_of_each_kind()


def assert_alike(found: Image.Image, wanted: Image.Image, tolerance: int = 24) -> None:
    """Compare two pictures, allowing for what JPEG does to them."""
    assert found.size == wanted.size
    difference = ImageChops.difference(found.convert("RGB"), wanted.convert("RGB"))
    assert max(difference.tobytes()) <= tolerance


def assert_color(found: str, wanted: tuple[int, int, int]) -> None:
    assert all(abs(a - b) <= 5 for a, b in zip(bytes.fromhex(found[1:]), wanted, strict=True))


# What comes in


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("output", ["original", "jpeg", "webp", "png"])
def test_every_kind_of_file_becomes_every_format(kind: str, output: imaging.ImageFormat) -> None:
    kept = prepare(KINDS[kind], output=output)
    image = opened(kept.data)
    assert kept.mime_type == (sniff(KINDS[kind]) if output == "original" else f"image/{output}")
    assert kept.sha256 == hashlib.sha256(kept.data).hexdigest()
    if output != "original":
        assert image.size == (kept.width, kept.height)


@pytest.mark.parametrize("kind", KINDS)
def test_an_original_is_kept_byte_for_byte(kind: str) -> None:
    assert prepare(KINDS[kind]).data == KINDS[kind]


@pytest.mark.parametrize(
    "kind", ["jpeg", "progressive jpeg", "mpo", "webp", "avif", "rotated jpeg"]
)
def test_a_picture_looks_the_same_as_a_jpeg(kind: str) -> None:
    wanted = scenery().rotate(-90, expand=True) if "rotated" in kind else scenery()
    assert_alike(opened(to_jpeg(KINDS[kind], quality=95)), wanted)


@pytest.mark.parametrize("kind", ["animated png", "animated webp", "animated gif"])
@pytest.mark.parametrize("output", ["jpeg", "webp", "png"])
def test_the_first_frame_of_an_animation_is_taken(kind: str, output: imaging.ImageFormat) -> None:
    kept = prepare(KINDS[kind], output=output)
    assert_alike(opened(kept.data), Image.new("RGB", (48, 32), RED))
    assert getattr(opened(kept.data), "n_frames", 1) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_bytes_tell_the_type(kind: str) -> None:
    wanted = "jpeg" if kind == "mpo" else kind.rpartition(" ")[2]
    assert sniff(KINDS[kind][:32]) == f"image/{wanted}"


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WAVE", b"GIF88a", b"\0\0\0\x10ftypisom"])
def test_the_first_bytes_tell_of_no_type_that_is_not_ours(data: bytes) -> None:
    assert sniff(data) is None


# What may stay as it is


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG"),
        picture("JPEG", mode="L", color=90),
        picture("JPEG", progressive=True),
        picture("JPEG", icc_profile=pictures.srgb_profile()),
        saved(Image.new("RGB", (48, 32), RED), "JPEG", keep_rgb=True),  # has an Adobe marker
    ],
)
def test_a_plain_jpeg_passes_through_byte_for_byte(data: bytes) -> None:
    assert to_jpeg(data) == data
    assert prepare(data, output="jpeg").data == data


@pytest.mark.parametrize(
    "data",
    [
        rotated(picture("JPEG"), 1),
        picture("JPEG", comment=b"by me"),
        picture("JPEG", xmp=b"<x:xmpmeta/>"),
        picture("JPEG", icc_profile=b"no profile at all"),
        picture("JPEG", icc_profile=pictures.linear_grey_profile()),
        jpeg_with(after_header=b"\xff\xed\0\x10Photoshop 3.0\0"),
        jpeg_with(at_end=b"ftypmp42 and then a film"),
        jpeg_with(at_end=picture("JPEG")),
        KINDS["mpo"],
    ],
)
def test_a_jpeg_with_anything_else_in_it_is_written_anew(data: bytes) -> None:
    bare = to_jpeg(data)
    assert_alike(opened(bare), opened(data))
    assert set(opened(bare).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    assert to_jpeg(bare) == bare


@pytest.mark.parametrize("wanted", ["jpeg", "webp", "png"])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "rotated jpeg"])
def test_a_picture_is_converted_as_it_would_be_kept(kind: str, wanted: WrittenFormat) -> None:
    data = KINDS[kind]
    assert converted(data, wanted) == prepare(data, output=wanted).data


@pytest.mark.parametrize("wanted", ["jpeg", "webp", "png"])
def test_a_plain_file_is_written_again_only_where_that_is_asked(wanted: WrittenFormat) -> None:
    plain = converted(saved(scenery((640, 480)), "PNG"), wanted)
    assert converted(plain, wanted, quality=10) == plain
    again = converted(plain, wanted, quality=10, anew=True)
    assert sniff(again) == f"image/{wanted}"
    assert opened(again).size == (640, 480)
    assert len(again) < len(plain) or wanted == "png"


@pytest.mark.parametrize(
    ("output", "data"),
    [
        ("png", picture("PNG")),
        ("png", picture("PNG", mode="RGBA", icc_profile=pictures.srgb_profile(), dpi=(72, 72))),
        ("png", KINDS["palette png"]),
        ("webp", KINDS["webp"]),
        ("webp", KINDS["lossless webp"]),
    ],
)
def test_a_plain_png_or_webp_passes_through(output: imaging.ImageFormat, data: bytes) -> None:
    assert prepare(data, output=output).data == data


@pytest.mark.parametrize(
    ("output", "data"),
    [
        ("png", frames("PNG")),
        ("png", rotated(picture("PNG"), 1, "PNG")),
        ("png", picture("PNG") + b"and a secret"),
        ("png", picture("PNG", icc_profile=b"broken")),
        ("webp", frames("WEBP")),
        ("webp", rotated(picture("WEBP"), 1, "WEBP")),
        ("webp", picture("WEBP", xmp=b"<x:xmpmeta/>")),
        ("webp", picture("WEBP") + b"and a secret"),
    ],
)
def test_a_png_or_webp_with_more_in_it_is_bared(output: imaging.ImageFormat, data: bytes) -> None:
    bare = prepare(data, output=output).data
    assert bare != data
    assert_alike(opened(bare), opened(data))
    assert prepare(bare, output=output).data == bare


# Looks


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_turned_picture_comes_out_upright(orientation: int, file_format: str) -> None:
    turned = rotated(saved(scenery(), "PNG"), orientation, file_format)
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}.get(orientation)
    wanted = scenery() if turn is None else scenery().transpose(Image.Transpose(turn))
    for output in ("jpeg", "original"):
        kept = prepare(turned, output=output)
        assert (kept.width, kept.height) == wanted.size
        assert_alike(opened(kept.thumbnails[0].data), wanted)
    assert_alike(opened(to_jpeg(turned)), wanted)


@pytest.mark.parametrize(
    "data",
    [
        saved(half_clear(), "PNG"),
        saved(half_clear(), "WEBP", lossless=True),
        saved(half_clear(), "GIF"),
        saved(half_clear(), "AVIF", quality=100),
        saved(half_clear("P"), "PNG"),
        saved(half_clear().quantize(), "PNG"),
    ],
)
def test_what_cannot_be_seen_is_white_in_a_jpeg(data: bytes) -> None:
    image = opened(to_jpeg(data))
    assert_alike(image.crop((40, 0, 48, 32)), Image.new("RGB", (8, 32), RED))
    assert_alike(image.crop((0, 0, 8, 32)), Image.new("RGB", (8, 32), WHITE))


def test_half_transparent_grey_is_mixed_with_white() -> None:
    image = opened(to_jpeg(picture("PNG", mode="LA", color=(0, 128))))
    assert_alike(image, Image.new("L", (48, 32), 127), 2)


@pytest.mark.parametrize("output", ["png", "webp"])
def test_png_and_webp_keep_transparency(output: imaging.ImageFormat) -> None:
    kept = prepare(saved(half_clear(), "GIF"), output=output)
    alpha = opened(kept.data).getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((47, 0))) == (0, 255)


@pytest.mark.parametrize("alphas", [bytes((0, 255)), bytes((128, 255))])
def test_a_palette_with_alphas_is_flattened_on_white(alphas: bytes) -> None:
    image = Image.new("P", (48, 32), 0)
    image.putpalette([0, 0, 0, *RED])
    jpeg = opened(to_jpeg(saved(image, "PNG", transparency=alphas)))
    assert_alike(jpeg, Image.new("L", (48, 32), 255 - alphas[0]), 2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_one_transparent_colour_is_white_in_a_jpeg(mode: str) -> None:
    clear = (0, 0, 0) if mode == "RGB" else 0
    jpeg = to_jpeg(picture("PNG", mode=mode, color=clear, transparency=clear))
    assert_alike(opened(jpeg), Image.new("RGB", (48, 32), WHITE), 2)


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    jpeg = opened(to_jpeg(saved(grey_ramp(), "PNG"), quality=100))
    assert jpeg.mode == "L"
    assert_alike(jpeg, Image.frombytes("L", (256, 8), bytes(range(256)) * 8), 2)


def test_a_transparent_sixteen_bit_grey_is_white_in_a_jpeg() -> None:
    assert_alike(opened(to_jpeg(clear_sixteen_bit_grey())), Image.new("RGB", (48, 32), WHITE), 2)


def test_untagged_cmyk_looks_as_it_does_without_a_profile() -> None:
    cyan = to_jpeg(picture("JPEG", mode="CMYK", color=(255, 0, 0, 0)))
    assert opened(cyan).mode == "RGB"
    assert_alike(opened(cyan), Image.new("RGB", (48, 32), (0, 255, 255)), 3)


@pytest.mark.parametrize(
    ("mode", "color", "profile", "wanted"),
    [
        ("RGB", (255, 0, 0), pictures.swapped_profile(), (0, 0, 255)),
        ("RGBA", (255, 0, 0, 255), pictures.swapped_profile(), (0, 0, 255)),
        ("P", 0, pictures.swapped_profile(), (0, 0, 0)),
        ("L", 128, pictures.linear_grey_profile(), (188, 188, 188)),
        ("LA", (128, 255), pictures.linear_grey_profile(), (188, 188, 188)),
        ("I;16", 0x8080, pictures.linear_grey_profile(), (188, 188, 188)),
    ],
)
def test_a_profile_is_applied(
    mode: str, color: object, profile: bytes, wanted: tuple[int, int, int]
) -> None:
    data = picture("PNG", mode=mode, color=color, icc_profile=profile)
    for output in ("original", "jpeg", "webp", "png"):
        kept = prepare(data, output=output)
        assert_color(kept.color, wanted)
        assert output == "original" or "icc_profile" not in opened(kept.data).info


def test_a_cmyk_profile_is_applied() -> None:
    cyan = picture("JPEG", mode="CMYK", color=(255, 0, 0, 0), icc_profile=pictures.cmyk_profile())
    assert_alike(opened(to_jpeg(cyan)), Image.new("RGB", (48, 32), (255, 0, 0)), 5)


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b"broken"),
        ("RGB", pictures.swapped_profile()[:200]),
        ("RGB", pictures.linear_grey_profile()),
        ("L", pictures.srgb_profile()),
        ("RGB", pictures.cmyk_profile()),
    ],
)
def test_a_profile_that_cannot_be_used_changes_nothing(mode: str, profile: bytes) -> None:
    image = scenery().convert(mode)
    assert_alike(opened(to_jpeg(saved(image, "PNG", icc_profile=profile), quality=95)), image)


def test_metadata_is_not_carried_into_another_format() -> None:
    data = picture("JPEG", comment=b"by me", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0", dpi=(300, 300))
    for output in ("png", "webp"):
        info = opened(prepare(data, output=output).data).info
        assert not {"comment", "exif", "dpi", "icc_profile"} & set(info)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0garbage",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\x01",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG"])
def test_broken_exif_is_no_reason_to_refuse(exif: bytes, file_format: str) -> None:
    assert_color(prepare(picture(file_format, exif=exif), output="jpeg").color, RED)


def test_quality_makes_a_jpeg_smaller() -> None:
    noise = saved(Image.effect_noise((64, 64), 90), "PNG")
    assert len(to_jpeg(noise, quality=20)) < len(to_jpeg(noise, quality=95))


# Thumbnails and colour


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((1000, 500), [(320, 320, 160), (640, 640, 320)]),
        ((500, 1000), [(320, 160, 320), (640, 320, 640)]),
        ((500, 400), [(320, 320, 256), (640, 500, 400)]),
        ((320, 200), [(320, 320, 200)]),
        ((5, 7), [(320, 5, 7)]),
        ((2000, 1), [(320, 320, 1), (640, 640, 1)]),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_thumbnails_have_their_longest_side(
    size: tuple[int, int], wanted: list[tuple[int, int, int]], file_format: str
) -> None:
    small = prepare(picture(file_format, size)).thumbnails
    assert [(each.size, each.width, each.height) for each in small] == wanted
    assert [opened(each.data).size for each in small] == [each[1:] for each in wanted]
    assert {sniff(each.data) for each in small} == {"image/webp"}


@pytest.mark.parametrize("output", ["original", "jpeg"])
def test_a_large_jpeg_scaled_down_on_decoding_looks_right(output: imaging.ImageFormat) -> None:
    large = rotated(saved(scenery((2600, 1400)), "JPEG"), 6)
    kept = prepare(large, output=output)
    assert (kept.width, kept.height) == (1400, 2600)
    wanted = scenery((640, 345)).rotate(-90, expand=True)
    assert_alike(opened(kept.thumbnails[1].data), wanted)


def test_a_thumbnail_keeps_transparency() -> None:
    small = opened(prepare(saved(half_clear(), "PNG")).thumbnails[0].data)
    assert small.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (Image.new("RGB", (9, 9), RED), RED),
        (Image.new("L", (900, 9), 77), (77, 77, 77)),
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), WHITE),
        (half_clear(), tuple((part + 255) // 2 for part in RED)),
    ],
)
def test_the_colour_is_the_average_over_white(
    image: Image.Image, wanted: tuple[int, int, int]
) -> None:
    assert_color(prepare(saved(image, "PNG")).color, wanted)


# What is refused


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Not a picture, this.", "text"),
        (json.dumps({"error": "quota"}).encode(), "text"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "web page"),
        (b"<html><svg></svg>", "web page"),
        (b"\0\x01\x02\x03", "kind known here"),
        (b"\0\0\0\x14ftypisom\0\0\0\0mp42", "kind known here"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InvalidPicture, match=words):
        prepare(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (picture("TIFF"), "TIFF"),
        (picture("BMP"), "BMP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg/>', "SVG"),
        (b"\x89JPEG? MM\0*", None),
        (picture("PPM"), None),
    ],
)
def test_formats_that_are_not_ours_are_never_opened(data: bytes, name: str | None) -> None:
    kind, words = (UnsupportedPicture, f"{name}.*convert it") if name else (InvalidPicture, "known")
    with pytest.raises(kind, match=words):
        to_jpeg(data)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7])
def test_a_file_cut_short_is_refused(kind: str, part: float) -> None:
    first_frame = len(KINDS[kind]) // (4 if kind.startswith("animated") or kind == "mpo" else 1)
    with pytest.raises(InvalidPicture, match="damaged or cut short"):
        prepare(KINDS[kind][: int(first_frame * part)])


def test_a_jpeg_that_lacks_only_its_last_marker_is_cut_short() -> None:
    with pytest.raises(InvalidPicture, match="cut short"):
        to_jpeg(saved(scenery((200, 200)), "JPEG")[:-2])


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_over_a_limit_is_refused(kind: str) -> None:
    data = KINDS[kind]
    with pytest.raises(PictureTooLarge, match="pixels"):
        prepare(data, limits=Limits(max_pixels=48 * 32 - 1))
    with pytest.raises(PictureTooLarge, match="MB"):
        prepare(data, limits=Limits(max_bytes=len(data) - 1))
    assert prepare(data, limits=Limits(max_bytes=len(data), max_pixels=48 * 32))


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "16-bit png", "rotated jpeg"])
def test_the_size_is_judged_by_the_header_alone(kind: str) -> None:
    with pytest.raises(PictureTooLarge, match="48 by 32 pixels|32 by 48 pixels"):  # noqa: RUF043
        prepare(KINDS[kind][:-30], limits=Limits(max_pixels=1000))


def bomb(width: int, height: int) -> bytes:
    """Return a GIF of a few bytes that claims a size, and a background to be filled at once."""
    screen = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    frame = b"!\xf9\x04\x08\0\0\0\0,\0\0\0\0" + screen + b"\0\x02\x02L\x01\0;"
    return b"GIF89a" + screen + b"\x80\0\0" + bytes(6) + frame


@pytest.mark.parametrize("size", [(8000, 8000), (20_000, 20_000), (65_535, 65_535)])
def test_a_bomb_is_refused_whatever_the_owner_allows(size: tuple[int, int]) -> None:
    most = Limits(max_pixels=min(50_000_000, size[0] * size[1] - 1))
    with pytest.raises(PictureTooLarge, match="the limit is 50,000,000"):
        prepare(bomb(*size), limits=most)


def test_the_owners_limit_alone_decides_below_pillows() -> None:
    large = picture("PNG", (100_000, 1_000), mode="1", color=1)  # Pillow's usual limit is 89 Mpx
    assert prepare(large, limits=Limits(max_pixels=100_000_000)).width == 100_000


@pytest.mark.parametrize(("output", "side"), [("webp", 16_384), ("jpeg", 65_501)])
def test_a_side_too_long_for_the_format_is_refused(output: imaging.ImageFormat, side: int) -> None:
    with pytest.raises(PictureTooLarge, match="another format"):
        prepare(picture("PNG", (side, 1), mode="L", color=9), output=output)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_at_random_ends_in_a_picture_or_a_refusal(kind: str) -> None:
    chance = random.Random(kind)  # noqa: S311 - repeatable
    for _ in range(30):
        data = bytearray(KINDS[kind])
        for _ in range(chance.choice((1, 3, 9))):
            data[chance.randrange(min(len(data), chance.choice((64, 9999))))] = chance.randrange(
                256
            )
        del data[chance.choice((len(data), chance.randrange(len(data)))) :]
        try:
            kept = prepare(bytes(data), output=chance.choice(("original", "jpeg", "png", "webp")))
        except InvalidPicture:
            continue
        assert opened(kept.thumbnails[0].data)


# Bytes around pictures


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_bytes_of_image_data_are_found(kind: type) -> None:
    shaped = SimpleNamespace(image=SimpleNamespace(image_bytes=kind(b"abc")))
    assert imaging.image_bytes(shaped) == b"abc"


@pytest.mark.parametrize(
    "shaped",
    [
        None,
        b"abc",
        SimpleNamespace(image=None),
        SimpleNamespace(image=SimpleNamespace()),
        SimpleNamespace(image=SimpleNamespace(image_bytes=None)),
        SimpleNamespace(image=SimpleNamespace(image_bytes="YWJj")),
    ],
)
def test_image_data_without_bytes_is_refused(shaped: object) -> None:
    with pytest.raises(InvalidPicture, match="image_bytes"):
        imaging.image_bytes(shaped)


@pytest.mark.parametrize("data", [b"", b"a", b"\xff\0\xfe", picture("PNG")])
def test_base64_comes_back_the_same(data: bytes) -> None:
    assert imaging.decode_base64(imaging.encode_base64(data)) == data


@pytest.mark.parametrize("text", ["YWJ", "YW Jj", "YWJj\n", "data:image/png;base64,YWJj", "Ünï="])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidPicture, match="base64"):
        imaging.decode_base64(text)


def test_a_third_decode_waits_for_one_of_two() -> None:
    thread = threading.Thread(target=prepare, args=(picture("PNG"),))
    with imaging._DECODES:
        with imaging._DECODES:
            thread.start()
            thread.join(0.05)
            assert thread.is_alive()
        thread.join(5)
        assert not thread.is_alive()


def test_a_refusal_gives_its_place_back() -> None:
    for _ in range(3):
        with pytest.raises(InvalidPicture):
            prepare(b"no")
    assert prepare(picture("PNG"))
