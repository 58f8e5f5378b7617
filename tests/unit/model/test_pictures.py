"""Images come to a model as MXNet's reader gives them; `make check-mxnet` holds the same against MXNet itself."""

import io
import subprocess
import sys
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sagescene_model import photographs, pictures
from sagescene_model.params import Array
from sagescene_model.pictures import Fit, PictureRefused, decode, decode_fits, make_thumbnail

RANDOM = np.random.default_rng(5)
PIXELS = RANDOM.integers(0, 256, (9, 12, 3)).astype(np.uint8)


def encode(pixels: NDArray[Any], form: str = "PNG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    """Encode an image."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, form, **options)
    return target.getvalue()


def encode_clear_palette() -> bytes:
    """Encode an image of a palette whose colours are transparent more or less."""
    target = io.BytesIO()
    Image.fromarray(PIXELS).quantize(16).save(target, "PNG", transparency=bytes(range(16)))
    return target.getvalue()


@pytest.mark.parametrize(("height", "width", "top", "left"), [(9, 12, 0, 0), (4, 5, 2, 3), (6, 12, 1, 0), (9, 1, 0, 5)])
def test_the_centre_is_cut_out(height: int, width: int, top: int, left: int) -> None:
    found = decode(encode(PIXELS), (3, height, width), Fit.CROP)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(
        found.transpose(1, 2, 0), PIXELS[top : top + height, left : left + width].astype(np.float32)
    )


@pytest.mark.parametrize(("height", "width"), [(18, 24), (12, 12), (9, 30), (30, 9)])
def test_a_smaller_image_is_enlarged_until_it_can_be_cut(height: int, width: int) -> None:
    flat = np.full((9, 12, 3), 77, np.uint8)
    assert np.unique(decode(encode(flat), (3, height, width), Fit.CROP)).tolist() == [77]


def test_enlarging_goes_between_the_nearest_pixels() -> None:
    row = np.array([[[0], [100]]], np.uint8).repeat(3, 2).repeat(2, 0)
    found = decode(encode(row), (3, 4, 4), Fit.CROP)
    assert found[0].tolist() == [[0, 25, 75, 100]] * 4


def test_resize_takes_the_shorter_side_and_no_more_than_four_pixels() -> None:
    stripes = np.zeros((8, 16, 3), np.uint8)
    stripes[:, 1::4] = stripes[:, 2::4] = 200  # between which each new pixel lies
    assert np.unique(decode(encode(stripes), (3, 2, 4), Fit.CROP, resize=2)).tolist() == [200]
    assert decode(encode(stripes.transpose(1, 0, 2).copy()), (3, 4, 2), Fit.CROP, resize=2).shape == (3, 4, 2)


@pytest.mark.parametrize("resize", [None, 32, 256])
@pytest.mark.parametrize("is_upright", [False, True])
def test_a_line_of_pixels_takes_no_more_memory_than_any_image(*, is_upright: bool, resize: int | None) -> None:
    line = np.repeat([0, 30, 50, 0], [9_999, 1, 1, 9_999]).astype(np.uint8).reshape(1, -1, 1).repeat(3, 2)
    content = encode(line.transpose(1, 0, 2).copy() if is_upright else line)
    tracemalloc.start()
    try:
        found = decode(content, (3, 224, 224), Fit.CROP, resize=resize)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 30 <= found.min() < found.max() <= 50  # the middle of the line, whose end is 10,000 pixels away
    assert most < 20 << 20


def test_squash_takes_the_whole_picture() -> None:
    halves = np.zeros((20, 40, 3), np.uint8)
    halves[:, 20:] = 200
    halves[0, :] = halves[-1, :] = 255
    squashed = decode(encode(halves), (3, 10, 10), Fit.SQUASH)
    assert (squashed[0, 5, 0], squashed[0, 5, 9]) == (0, 200)
    assert squashed[0, 0, 0] > 50
    cropped = decode(encode(halves), (3, 10, 10), Fit.CROP)
    assert np.unique(cropped).tolist() == [0, 200]


def test_a_square_image_of_the_size_is_the_same_both_ways() -> None:
    square = encode(PIXELS[:, :9])
    np.testing.assert_array_equal(decode(square, (3, 9, 9), Fit.CROP), decode(square, (3, 9, 9), Fit.SQUASH))


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_a_photo_is_turned_as_its_camera_says(orientation: int, turns: int) -> None:
    smooth = np.add.outer(np.arange(16) * 10, np.arange(16) * 4).astype(np.uint8)[:, :, None].repeat(3, 2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain = decode(encode(smooth, "JPEG"), (3, 16, 16), Fit.CROP)
    turned = decode(encode(smooth, "JPEG", exif=exif), (3, 16, 16), Fit.CROP)
    np.testing.assert_array_equal(turned, np.rot90(plain, turns, (1, 2)))


def test_a_png_is_not_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    np.testing.assert_array_equal(
        decode(encode(PIXELS, exif=exif), (3, 9, 12), Fit.CROP), decode(encode(PIXELS), (3, 9, 12), Fit.CROP)
    )


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "packbits"}])
def test_a_tiff_is_read(options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(
        decode(encode(PIXELS, "TIFF", **options), (3, 9, 12), Fit.CROP), decode(encode(PIXELS), (3, 9, 12), Fit.CROP)
    )


@pytest.mark.parametrize(
    ("orientation", "flipped"), [(1, ()), (2, (2,)), (3, (1, 2)), (4, (1,)), (5, ()), (6, (2,)), (7, (1, 2)), (8, (1,))]
)
def test_a_tiff_is_flipped_but_never_turned(orientation: int, flipped: tuple[int, ...]) -> None:
    content = encode(PIXELS, "TIFF", tiffinfo={0x0112: orientation})
    plain = decode(encode(PIXELS), (3, 9, 12), Fit.CROP)
    np.testing.assert_array_equal(decode(content, (3, 9, 12), Fit.CROP), np.flip(plain, flipped))


def test_what_is_transparent_in_a_tiff_is_black() -> None:
    alpha = RANDOM.integers(0, 256, (9, 12, 1)).astype(np.uint8)
    found = decode(encode(np.dstack([PIXELS, alpha]), "TIFF"), (3, 9, 12), Fit.CROP)
    np.testing.assert_array_equal(found.transpose(1, 2, 0), np.round(PIXELS * (alpha / 255)))


def test_gray_becomes_three_channels_and_colour_one() -> None:
    gray = PIXELS[:, :, 0].copy()
    found = decode(encode(gray), (3, 9, 12), Fit.CROP)
    assert all((channel == gray).all() for channel in found)
    one = decode(encode(PIXELS), (1, 9, 12), Fit.CROP)
    assert np.abs(one[0] - PIXELS @ [0.299, 0.587, 0.114]).max() <= 1


def test_gray_of_a_jpeg_is_its_own_channel() -> None:
    content = encode(PIXELS, "JPEG", subsampling=0, quality=50)
    with Image.open(io.BytesIO(content)) as opened:
        opened.draft("YCbCr", None)
        luma = np.asarray(opened)[:, :, 0].astype(np.float32)
    np.testing.assert_array_equal(decode(content, (1, 9, 12), Fit.CROP)[0], luma)


def test_sixteen_bits_are_cut_to_eight() -> None:
    wide = RANDOM.integers(0, 1 << 16, (9, 12)).astype(np.uint16)
    np.testing.assert_array_equal(decode(encode(wide), (1, 9, 12), Fit.CROP)[0], wide >> 8)


def test_what_is_transparent_keeps_its_colour() -> None:
    clear = np.dstack([PIXELS, np.zeros((9, 12), np.uint8)])
    np.testing.assert_array_equal(
        decode(encode(clear), (3, 9, 12), Fit.CROP), decode(encode(PIXELS), (3, 9, 12), Fit.CROP)
    )


@pytest.mark.parametrize("kept", [0.6, 0.999])
def test_a_jpeg_that_is_cut_is_read(kept: float) -> None:
    noise = RANDOM.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    content = encode(noise, "JPEG", quality=90)
    cut = decode(content[: int(kept * len(content))], (3, 64, 64), Fit.CROP)
    np.testing.assert_array_equal(cut[:, :8, :8], decode(content, (3, 64, 64), Fit.CROP)[:, :8, :8])


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xd8", encode(PIXELS)[:60], encode(PIXELS, "GIF"), encode(PIXELS, "TIFF")[:-20]]
)
def test_what_is_no_image_is_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused, match=r"The image cannot be decoded \(.*\)\. Take it out of the set"):
        decode(content, (3, 8, 8), Fit.CROP)


def test_an_image_of_too_many_pixels_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST_IN_PIXELS", 9 * 12 - 1)
    with pytest.raises(PictureRefused, match="The image has more than 107 pixels"):
        decode(encode(PIXELS), (3, 8, 8), Fit.CROP)
    head = bytearray(encode(PIXELS))
    head[16:24] = (60_000).to_bytes(4) * 2
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4)
    with pytest.raises(PictureRefused, match=r"^The image has more than 107 pixels\. Make it smaller\.$"):
        decode(bytes(head), (3, 8, 8), Fit.CROP)


def test_a_jpeg_of_too_many_scans_for_its_pixels_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encode(PIXELS, "JPEG", progressive=True)
    scans = content.count(b"\xff\xda")
    # A comment, and what stands behind the end, as a phone's film does.
    content = content[:2] + b"\xff\xfe\0\x0a" + b"\xff\xda" * 4 + content[2:] + b"\xff\xda\0\x02" * 9
    for name, allowed in (("MOST_SCANS", scans), ("MOST_PIXELS_OF_SCANS", scans * 9 * 12)):
        monkeypatch.setattr(photographs, name, allowed)
        decode(content, (3, 8, 8), Fit.CROP)
        monkeypatch.setattr(photographs, name, allowed - 1)
        for refused in (lambda: decode(content, (3, 8, 8), Fit.CROP), lambda: make_thumbnail(content, 8)):
            with pytest.raises(PictureRefused, match="a JPEG of too many scans to be decoded"):
                refused()
        monkeypatch.undo()
    decode(encode(PIXELS), (3, 8, 8), Fit.CROP)


@pytest.mark.parametrize(("allowed", "is_alone"), [(9 * 12 - 1, True), (9 * 12, False)])
def test_of_large_images_one_is_held_at_a_time(allowed: int, is_alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[bool] = []

    def watch(image: Image.Image, *_: object) -> Array:
        alone.append(pictures._ALONE.locked())
        raise ValueError(image.size)  # after which the next one has its turn all the same

    monkeypatch.setattr(pictures, "_LARGE_IN_PIXELS", allowed)
    monkeypatch.setattr(pictures, "_fit", watch)
    for ask in (lambda: decode(encode(PIXELS), (3, 8, 8), Fit.CROP), lambda: decode_fits(encode(PIXELS), (3, 8, 8))):
        with pytest.raises(PictureRefused):
            ask()
    monkeypatch.setattr(Image.Image, "thumbnail", watch)
    with pytest.raises(PictureRefused):
        make_thumbnail(encode(PIXELS), 8)
    assert alone == [is_alone] * 3
    assert not pictures._ALONE.locked()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(encode(PIXELS), id="pixels near the bound"),
        pytest.param(encode_clear_palette(), id="a palette that is clear in parts"),
    ],
)
def test_an_image_is_decoded_without_a_warning(content: bytes) -> None:
    program = (
        "import sys; from PIL import Image; from sagescene_model.pictures import make_thumbnail; "
        "Image.MAX_IMAGE_PIXELS = 100; make_thumbnail(sys.stdin.buffer.read(), 8)"
    )
    done = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True)
    assert done.stderr == b""


@pytest.mark.parametrize("kind", [b"gAMA", b"tRNS", b"acTL", b"tEXt"])
def test_a_png_is_read_whatever_is_wrong_beside_its_pixels(kind: bytes) -> None:
    whole = encode(PIXELS)
    damaged = whole[:33] + b"\0\0\0\4" + kind + bytes(8) + whole[33:]
    np.testing.assert_array_equal(decode(damaged, (3, 9, 12), Fit.CROP), decode(whole, (3, 9, 12), Fit.CROP))


@pytest.mark.parametrize("kind", [b"gA_A", b"ABCD"])
def test_a_png_with_a_part_that_no_reader_may_pass_over_is_refused(kind: bytes) -> None:
    whole = encode(PIXELS)
    with pytest.raises(PictureRefused):
        decode(whole[:33] + b"\0\0\0\4" + kind + bytes(8) + whole[33:], (3, 9, 12), Fit.CROP)


@pytest.mark.parametrize(
    ("shape", "resize", "is_same"),
    [
        ((3, 9, 12), None, True),
        ((3, 9, 12), 9, True),
        ((3, 9, 12), 12, False),
        ((3, 9, 9), None, False),
        ((1, 4, 20), 6, False),
    ],
)
def test_both_fits_come_of_one_decoding(shape: tuple[int, int, int], resize: int | None, *, is_same: bool) -> None:
    found = decode_fits(encode(PIXELS), shape, resize=resize)
    assert list(found) == ([Fit.CROP] if is_same else [Fit.CROP, Fit.SQUASH])
    for fit in Fit:
        alone = decode(encode(PIXELS), shape, fit, resize=resize)
        np.testing.assert_array_equal(found.get(fit, found[Fit.CROP]), alone)


def test_a_thumbnail_is_small_and_whole() -> None:
    halves = np.zeros((200, 400), np.uint8)
    halves[:, 200:] = 200
    with Image.open(io.BytesIO(make_thumbnail(encode(halves), 96))) as small:
        assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (96, 48))
        pixels = np.asarray(small)
    assert pixels[20, 5].max() < 20
    assert pixels[20, 90].min() > 180
    with pytest.raises(PictureRefused):
        make_thumbnail(b"no image", 96)
