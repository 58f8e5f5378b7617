"""Images that are damaged, or whose size lies far in: what MXNet's reader refuses, what it reads, what is held."""

import io
import struct
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from sagescene.bounds import HEAD_BYTES, IMAGE_END_BYTES
from sagescene.files import recordio, recordsample, recordscan
from sagescene.files.framing import HEADER, MAGIC, Remainder, Source
from sagescene.files.images import Image, ImageSize, Soundness, inspect
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.recordio import Record

HEAD = HEAD_BYTES


def draw(form: str, mode: str = "RGB", side: int = 24, **options: bool | str) -> bytes:
    stream = io.BytesIO()
    Pillow.effect_noise((side, side), 90).convert(mode).save(stream, form, **options)
    return stream.getvalue()


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bmp(depth: int, compression: int, *masks: int) -> bytes:
    header = struct.pack("<IiiHHIIIIII", 40, 24, 24, 1, depth, compression, 0, 0, 0, 0, 0)
    masked = struct.pack(f"<{len(masks)}I", *masks)
    return b"BM" + struct.pack("<III", 0, 0, 54 + len(masked)) + header + masked + bytes(24 * 24 * 4)


def metadata(size: int) -> bytes:
    """Make segments of a JPEG of at least this many bytes, which hold what looks like markers."""
    return (b"\xff\xe2\xff\xff" + (b"\xff\xc0\0\x11" * 16384)[:65533]) * (size // 65537 + 1)


def with_metadata(jpeg: bytes, size: int) -> bytes:
    return jpeg[:2] + metadata(size) + jpeg[2:]


def in_two_scans(jpeg: bytes) -> bytes:
    """Have the only scan claim one of the three components, so that others have to follow."""
    scan = jpeg.index(b"\xff\xda")
    length = int.from_bytes(jpeg[scan + 2 : scan + 4])
    return jpeg[:scan] + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + jpeg[scan + 2 + length :]


def framed(marker: int, bits: int = 8, jpeg: bytes = b"") -> bytes:
    """Write another start of frame into a JPEG, or other bits of a sample."""
    jpeg = jpeg or JPEG
    start = jpeg.index(b"\xff\xc0")
    return jpeg[: start + 1] + bytes([marker]) + jpeg[start + 2 : start + 4] + bytes([bits]) + jpeg[start + 5 :]


def of_components(number: int) -> bytes:
    """Write a frame of so many components into a JPEG, of which the scan has three at most."""
    start, scan = JPEG.index(b"\xff\xc0"), JPEG.index(b"\xff\xda")
    frame = struct.pack(">BHHB", 8, 24, 24, number) + b"".join(bytes([each + 1, 0x11, 0]) for each in range(number))
    parts = b"".join(bytes([each + 1, 0x11 * (each > 0)]) for each in range(min(number, 3)))
    header = struct.pack(">HB", 6 + len(parts), len(parts) // 2) + parts + b"\0\x3f\0"
    return (
        JPEG[:start]
        + b"\xff\xc0"
        + struct.pack(">H", 2 + len(frame))
        + frame
        + JPEG[start + 19 : scan]
        + b"\xff\xda"
        + header
        + JPEG[scan + 14 :]
    )


def with_segment(marker: int, at: int) -> bytes:
    return JPEG[:at] + bytes([0xFF, marker, 0, 4, 0, 0]) + JPEG[at:]


def plain_png(bits: int, colour: int, *, interlaced: int = 0, palette: bytes = b"", method: bytes = b"\0\0") -> bytes:
    """Make a PNG of black pixels; a palette comes before them."""
    row = (24 * bits * {2: 3, 4: 2, 5: 3, 6: 4, 7: 4}.get(colour, 1) + 7) // 8
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBB", 24, 24, bits, colour) + method + bytes([interlaced]))
        + (chunk(b"PLTE", palette) if palette else b"")
        + chunk(b"IDAT", zlib.compress(bytes(2 * (1 + row) * 24)))
        + chunk(b"IEND")
    )


JPEG, PROGRESSIVE, GRAY, PNG = draw("JPEG"), draw("JPEG", progressive=True), draw("JPEG", "L"), draw("PNG")
SCAN, PIXELS, END = JPEG.index(b"\xff\xda"), PNG.index(b"IDAT") - 4, len(PNG) - 12

# What `jpegtran -arithmetic` makes of a picture of two grays, with and without -progressive, from the frame on.
ARITHMETIC = bytes.fromhex(
    "ffc9000b080018001801011100ffcc000600101005ffda0008010100003f00d2cd5d09ebcd32f52aed51edef2549f221fca1"
    "0dbea5e0d7d0fc62c27d1f9278391b5a6ec5ffd9"
)
ARITHMETIC_PROGRESSIVE = bytes.fromhex(
    "ffca000b080018001801011100ffcc00040010ffda0008010100000001d2a93c8312ff00c71e2fe25b06a560ffcc00041005"
    "ffda0008010100010502eec5e4c959e660ffcc00041005ffda0008010100063f02f3a6c8f105e84a1ea887055cffcc000410"
    "05ffda0008010100013f21d2f1800872b8ffda00080101000000100280ffcc00041005ffda0008010100013f10a5e3b43cd0"
    "e8ffd9"
)
TABLES = GRAY[: GRAY.index(b"\xff\xc0")]
PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PNG_NONE = [(bits, colour) for bits in (0, 1, 2, 3, 4, 8, 16, 32) for colour in range(8)]

BMP, TIFF = draw("BMP"), draw("TIFF")
ROW = b"\x18\x07\0\0"  # 24 pixels of one colour, and the end of the row
COMPRESSED_BMP = bmp(8, 1)[:10] + struct.pack("<I", 1078) + bmp(8, 1)[14:54] + bytes(1024) + ROW * 24 + b"\0\1"
TIFF_OF_LATE_DIRECTORY = (
    b"MM\0*"
    + struct.pack(">I", 8 + 24 * 24)
    + bytes(24 * 24)
    + struct.pack(">H", 8)
    + b"".join(
        struct.pack(">HHI", tag, kind, 1) + (struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">I", value))
        for tag, kind, value in (
            (256, 3, 24),
            (257, 3, 24),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, 8),
            (278, 3, 24),
            (279, 4, 24 * 24),
        )
    )
    + bytes(4)
)


def deep_tiff(samples: int, depth: int, form: int = 1) -> bytes:
    """Make a TIFF of so many samples a pixel, of so many bits: integers (1), signed ones (2) or floats (3)."""
    pixels = bytes(range(24)) * (24 * samples * depth // 8)
    values = {256: 24, 257: 24, 258: depth, 259: 1, 262: 2 if samples == 3 else 1, 273: 8, 277: samples, 278: 24}
    values |= {279: len(pixels), 284: 1, 339: form}
    entries, behind = b"", 8 + len(pixels) + 2 + 12 * len(values) + 4
    for tag, value in values.items():
        if tag in (258, 339) and samples > 2:
            entries += struct.pack("<HHII", tag, 3, samples, behind + (tag == 339) * 2 * samples)
        elif tag in (258, 339):
            entries += struct.pack("<HHI2H", tag, 3, samples, value, value if samples == 2 else 0)
        else:
            entries += struct.pack("<HHII", tag, 4, 1, value)
    several = struct.pack(f"<{2 * samples}H", *[depth] * samples, *[form] * samples) if samples > 2 else b""
    directory = struct.pack("<H", len(values)) + entries + bytes(4) + several
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + directory


# Each was given to MXNet 1.9.1's ImageRecordIter: SOUND and CUT were read, BROKEN and None ended it, but for the
# compression of Zstandard, of which it makes a black picture.
JUDGED: Mapping[str, tuple[bytes, Soundness | None]] = {
    "jpeg": (JPEG, Soundness.SOUND),
    "jpeg, bytes behind its end": (JPEG + bytes(100), Soundness.SOUND),
    "jpeg, bytes between its segments": (
        JPEG[:20] + b"z\xff\0z" + JPEG[20:SCAN] + b"abc" + JPEG[SCAN:],
        Soundness.SOUND,
    ),
    "jpeg, long metadata": (with_metadata(JPEG, 200_000), Soundness.SOUND),
    "jpeg without its end": (JPEG[:-2], Soundness.CUT),
    "jpeg, gray, without its end": (GRAY[:-2], Soundness.CUT),
    "jpeg, half": (JPEG[: SCAN + 60], Soundness.CUT),
    "jpeg, nothing of its scan": (JPEG[: SCAN + 14], Soundness.CUT),
    "jpeg, cut within the scan's header": (JPEG[: SCAN + 5], Soundness.BROKEN),
    "jpeg without its scan": (JPEG[:SCAN], Soundness.BROKEN),
    "jpeg, its end instead of its scan": (JPEG[:SCAN] + b"\xff\xd9" + bytes(20), Soundness.BROKEN),
    "jpeg, a segment longer than the file": (JPEG[:SCAN] + b"\xff\xfe\xff\xff" + JPEG[SCAN:], Soundness.BROKEN),
    "progressive": (PROGRESSIVE, Soundness.SOUND),
    "progressive, bytes behind its end": (PROGRESSIVE + b"xx", Soundness.SOUND),
    "progressive without its end": (PROGRESSIVE[:-2], Soundness.BROKEN),
    "jpeg of several scans": (in_two_scans(JPEG), Soundness.SOUND),
    "jpeg of several scans without its end": (in_two_scans(JPEG)[:-2], Soundness.BROKEN),
    "jpeg of more bits in its tables": (framed(0xC1), Soundness.SOUND),
    "jpeg, arithmetic": (TABLES + ARITHMETIC, Soundness.SOUND),
    "jpeg, arithmetic, progressive": (TABLES + ARITHMETIC_PROGRESSIVE, Soundness.SOUND),
    "jpeg, arithmetic, progressive, without its end": (TABLES + ARITHMETIC_PROGRESSIVE[:-2], Soundness.BROKEN),
    "jpeg of CMYK": (draw("JPEG", "CMYK"), Soundness.SOUND),
    **{
        f"none: a jpeg of frame {marker:X}": (framed(marker), None)
        for marker in (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF)
    },
    **{f"none: a jpeg of {bits} bits": (framed(0xC0, bits), None) for bits in (0, 1, 7, 9, 12, 16)},
    "none: a progressive jpeg of 12 bits": (PROGRESSIVE.replace(b"\xff\xc2\0\x11\x08", b"\xff\xc2\0\x11\x0c"), None),
    **{f"none: a jpeg of {number} components": (of_components(number), None) for number in (2, 5)},
    **{
        f"jpeg, a segment {marker:X} that is passed over": (with_segment(marker, SCAN), Soundness.SOUND)
        for marker in (0xCC, 0xDC, 0xDD, 0xE0, 0xEF, 0xFE)
    },
    **{
        f"jpeg, a segment {marker:X} before its scan": (with_segment(marker, SCAN), Soundness.BROKEN)
        for marker in (0x02, 0xBF, 0xC3, 0xC8, 0xD8, 0xDE, 0xDF, 0xF0, 0xFD)
    },
    **{
        f"none: a jpeg with a segment {marker:X} before its frame": (with_segment(marker, 2), None)
        for marker in (0x02, 0xBF, 0xC8, 0xD8, 0xDE, 0xDF, 0xF0, 0xFD)
    },
    "png": (PNG, Soundness.SOUND),
    **{
        f"png of {bits} bits, colour {colour}": (
            plain_png(bits, colour, palette=bytes(6) if colour == 3 else b""),
            Soundness.SOUND,
        )
        for colour, depths in PNG_DEPTHS.items()
        for bits in depths
    },
    **{
        f"none: a png of {bits} bits, colour {colour}": (plain_png(bits, colour, palette=bytes(6)), None)
        for bits, colour in PNG_NONE
        if bits not in PNG_DEPTHS.get(colour, ())
    },
    "png, interlaced": (plain_png(8, 2, interlaced=1), Soundness.SOUND),
    **{f"none: a png, interlaced in way {way}": (plain_png(8, 2, interlaced=way), None) for way in (2, 3, 255)},
    "none: a png of another compression": (plain_png(8, 2, method=b"\1\0"), None),
    "none: a png of other filters": (plain_png(8, 2, method=b"\0\1"), None),
    "none: a png without its palette": (plain_png(8, 3), None),
    "none: a png, its palette behind its pixels": (
        plain_png(8, 3)[:-12] + chunk(b"PLTE", bytes(6)) + chunk(b"IEND"),
        None,
    ),
    "png, a palette that it does without": (plain_png(8, 2, palette=bytes(6)), Soundness.SOUND),
    "png, a chunk that may be passed over": (PNG[:PIXELS] + chunk(b"aBCD") + PNG[PIXELS:], Soundness.SOUND),
    "none: a png, a chunk that must be understood": (PNG[:PIXELS] + chunk(b"ABCD") + PNG[PIXELS:], None),
    "none: a png, a chunk behind its pixels that must be understood": (PNG[:END] + chunk(b"ABCD") + PNG[END:], None),
    "none: a png, its header of 14 bytes": (
        PNG[:8] + chunk(b"IHDR", PNG[16:29] + b"\0") + PNG[33:],
        None,
    ),
    "png, bytes behind its end": (PNG + bytes(50), Soundness.SOUND),
    "png without its end": (PNG[:END], Soundness.BROKEN),
    "png, its end cut": (PNG[:-4], Soundness.BROKEN),
    "png without pixels": (PNG[:PIXELS] + PNG[END:], Soundness.BROKEN),
    "png, half": (PNG[: PIXELS + 100], Soundness.BROKEN),
    "png, half with an end": (PNG[: PIXELS + 100] + PNG[END:], Soundness.BROKEN),
    "png, a chunk longer than the file": (PNG[:PIXELS] + b"\x7f" + PNG[PIXELS + 1 :], Soundness.BROKEN),
    "png, its first chunk alone": (PNG[:PIXELS], Soundness.BROKEN),
    "bmp": (BMP, Soundness.SOUND),
    "bmp, rows from the top down": (BMP[:22] + struct.pack("<i", -24) + BMP[26:], Soundness.SOUND),
    "bmp of a palette": (draw("BMP", "P"), Soundness.SOUND),
    "bmp of 1 bit": (draw("BMP", "1"), Soundness.SOUND),
    "bmp, compressed": (COMPRESSED_BMP, Soundness.SOUND),
    "bmp of OS/2": (b"BM" + struct.pack("<IIIIHHHH", 0, 0, 26, 12, 24, 24, 1, 24) + BMP[54:], Soundness.SOUND),
    "bmp of 16 bits": (bmp(16, 3, 0xF800, 0x7E0, 0x1F), Soundness.SOUND),
    "bmp without its last byte": (BMP[:-1], Soundness.BROKEN),
    "bmp, its header alone": (BMP[:54], Soundness.BROKEN),
    "none: a bmp of 2 bits": (bmp(2, 0), None),
    "none: a bmp of other masks": (bmp(16, 3, 0xF00, 0xF0, 0xF), None),
    "none: a bmp of no width": (BMP[:18] + bytes(4) + BMP[22:], None),
    "none: a bmp of a negative width": (BMP[:18] + struct.pack("<i", -24) + BMP[22:], None),
    "none: a bmp around a JPEG": (bmp(24, 4), None),
    "tiff": (TIFF, Soundness.SOUND),
    "tiff, LZW": (draw("TIFF", compression="tiff_lzw"), Soundness.SOUND),
    "tiff, its directory at the end": (TIFF_OF_LATE_DIRECTORY, Soundness.SOUND),
    "tiff, fax of group 3": (draw("TIFF", "1", compression="group3"), Soundness.SOUND),
    "tiff, fax of group 4": (draw("TIFF", "1", compression="group4"), Soundness.SOUND),
    "tiff, fax of rows each by itself": (draw("TIFF", "1", compression="tiff_ccitt"), Soundness.SOUND),
    **{f"tiff of {bits} bits": (deep_tiff(1, bits), Soundness.SOUND) for bits in (1, 2, 4, 8, 16)},
    **{f"tiff of {count} samples": (deep_tiff(count, 16), Soundness.SOUND) for count in (2, 3, 4, 13)},
    "tiff of signed samples": (deep_tiff(3, 16, 2), Soundness.SOUND),
    "tiff without its last byte": (TIFF[:-1], Soundness.BROKEN),
    "none: a tiff, deflate": (draw("TIFF", compression="tiff_deflate"), None),
    "none: a tiff, Zstandard": (draw("TIFF", compression="zstd"), None),
    "none: a tiff of floats": (draw("TIFF", "F"), None),
    "none: a tiff of short floats": (deep_tiff(1, 16, 3), None),
    "none: a tiff of two short floats": (deep_tiff(2, 16, 3), None),
    "none: a tiff of three short floats": (deep_tiff(3, 16, 3), None),
    "none: a tiff of Pillow's integers": (draw("TIFF", "I"), None),
    **{f"none: a tiff of {bits} bits": (deep_tiff(1, bits), None) for bits in (10, 12, 14, 24, 32, 64)},
    **{f"none: a tiff of {count} long samples": (deep_tiff(count, 32), None) for count in (2, 3, 4)},
    "none: a BigTIFF": (draw("TIFF", big_tiff=True), None),
    "none: webp": (draw("WEBP"), None),
    "none: gif": (draw("GIF"), None),
}


@pytest.mark.parametrize("name", JUDGED)
def test_an_image_is_judged_as_mxnet_takes_it(name: str) -> None:
    content, soundness = JUDGED[name]
    kind = next((kind for kind in ("png", "bmp", "tiff") if name.startswith(kind)), "jpeg")
    expected = soundness and Image(ImageSize(kind, 24, 24), soundness)
    assert inspect(content) == expected
    for at_hand in (33, min(200, len(content)), max(33, len(content) // 2)):
        remainder = Remainder(Source([content[at_hand:] + b"the next record"]), len(content) - at_hand)
        found = inspect(memoryview(content)[:at_hand], len(content) - at_hand, remainder)
        assert found == expected


@pytest.mark.parametrize("name", ["jpeg without its end", "progressive without its end", "png without its end"])
def test_what_is_not_at_hand_is_taken_to_be_sound(name: str) -> None:
    image = inspect(JUDGED[name][0], missing=1)
    assert image is not None
    assert image.soundness is Soundness.SOUND


# ------------------------------------------------------------------------------------------- in records

SHAPES = [("jpeg", 24), ("jpeg", 16), ("png", 24), ("png", 40), ("bmp", 16)]
DRAWN = {shape: draw(shape[0].upper(), side=shape[1]) for shape in SHAPES}
CUT_AT = {"jpeg": -2, "png": -12, "bmp": -1}
TOLD = {"image-cut", "image-broken"}


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(SHAPES), st.booleans()), max_size=40))
def test_images_are_counted_however_often_and_in_whichever_order_they_come(
    images: list[tuple[tuple[str, int], bool]],
) -> None:
    contents = (DRAWN[shape][: None if is_whole else CUT_AT[shape[0]]] for shape, is_whole in images)
    packed = (Record(identifier=number, labels=(0.0,), image=image) for number, image in enumerate(contents))
    summary = recordscan.scan(recordio.write(packed))
    assert summary.formats == Counter(kind for (kind, _), _ in images)
    assert summary.sizes == Counter((side, side) for (_, side), _ in images)
    assert summary.shorter_sides == Counter(side for (_, side), _ in images)
    lowest = sorted(((side, number) for number, ((_, side), _) in enumerate(images, start=1)))[:5]
    assert [each.record for each in summary.smallest] == sorted(number for _, number in lowest)
    told = {each.code: int(each.message.split(maxsplit=1)[0]) for each in summary.findings if each.code in TOLD}
    damaged = Counter(
        "image-cut" if kind == "jpeg" else "image-broken" for (kind, _), is_whole in images if not is_whole
    )
    assert told == damaged


PARTS_OF_A_LONG_PNG = [chunk(b"IDAT", bytes(8192))] * 40
LONG_PNG = PNG[:PIXELS] + b"".join(PARTS_OF_A_LONG_PNG) + PNG[END:]
LONG_JPEG = JPEG[:-2] + b"\x11" * 300_000 + JPEG[-2:]


def scan(*contents: bytes, piece: int = 0) -> RecordSummary:
    packed = b"".join(
        recordio.write(Record(identifier=n, labels=(float(n % 2),), image=image) for n, image in enumerate(contents))
    )
    piece = piece or len(packed)
    return recordscan.scan(packed[start : start + piece] for start in range(0, len(packed), piece))


def told(summary: RecordSummary) -> list[str]:
    return [f"{each.code} {each.where}" for each in summary.findings if each.code.startswith("image")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LONG_JPEG, ""),
        (LONG_JPEG[:-2], "image-cut"),
        (LONG_JPEG + bytes(IMAGE_END_BYTES - 2), ""),
        (LONG_JPEG[:-150_000], "image-cut"),
        (PROGRESSIVE[:-2] + b"\x11" * 300_000, "image-broken"),
        (LONG_PNG, ""),
        (LONG_PNG + bytes(200_000), ""),
        (LONG_PNG[:-12], "image-broken"),
        (LONG_PNG[:-12] + bytes(200_000), "image-broken"),
        (PNG[:PIXELS] + chunk(b"tEXt", bytes(300_000)) + PNG[PIXELS:], ""),
        (PNG[:PIXELS] + chunk(b"tEXt", bytes(300_000)) + PNG[END:], "image-broken"),
        (with_metadata(JPEG, 200_000), ""),
        (with_metadata(JPEG, 2_000_000), ""),
        (with_metadata(JPEG[:SCAN], 200_000), "image-broken"),
        (with_metadata(JPEG[:-2], 200_000), "image-cut"),
        (with_metadata(JPEG[:SCAN], 200_000) + b"\xff\xfe\xff\xff" + bytes(2000), "image-broken"),
    ],
)
@pytest.mark.parametrize("piece", [0, 1000, 65_536])
def test_an_image_longer_than_what_is_held_is_read_on(content: bytes, code: str, piece: int) -> None:
    assert len(content) > HEAD
    summary = scan(GRAY, content, GRAY, piece=piece)
    start = len(recordio.pack(Record(identifier=0, labels=(0.0,), image=GRAY)))
    assert told(summary) == [f"{code} record 2, byte {start}"] * bool(code)
    assert (summary.records, summary.shorter_sides) == (3, {24: 3})


def test_every_byte_at_which_a_long_head_may_end_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for head in range(100, 700):
        monkeypatch.setattr(recordscan, "HEAD_BYTES", head)
        summary = scan(JPEG, PROGRESSIVE[:-2], PNG, JPEG[:-2], PNG[:END])
        assert [line.split(",")[0] for line in told(summary)] == ["image-broken record 2", "image-cut record 4"]
        assert summary.findings[0].message.startswith("2 of 5 images lack their pixels or their end")
        assert summary.shorter_sides == {24: 5}


def test_a_kind_of_damage_is_told_once_with_its_count_and_first_places() -> None:
    summary = scan(*[JPEG, JPEG[:-2], JPEG[:SCAN]] * 20)
    broken, cut = (finding for finding in summary.findings if finding.code in {"image-broken", "image-cut"})
    assert (broken.severity, cut.severity) == ("error", "warning")
    assert broken.where.startswith("record 3, byte ")
    assert broken.message == (
        "20 of 60 images lack their pixels or their end, and training would fail at the first: record 3, record 6, "
        "record 9, record 12, record 15 and 15 more."
    )
    assert "20 of 60 images are JPEG files that end within their picture" in cut.message
    assert "record 2, record 5, record 8, record 11, record 14 and 15 more." in cut.message


def test_an_image_that_was_read_on_says_nothing_of_the_next() -> None:
    (cut,) = (each for each in scan(LONG_JPEG[:-2], JPEG, LONG_PNG, PNG).findings if each.code.startswith("image"))
    assert (cut.code, cut.message[:15]) == ("image-cut", "1 of 4 images i")


def test_a_size_that_is_not_found_is_a_warning() -> None:
    # Cut into parts at the magic number, beyond which the frame is not looked for.
    content = JPEG[:2] + metadata(100_000) + b"\xff\xe2\x10\x00" + bytes(2) + MAGIC * 1000 + metadata(200_000)
    content = content[: len(content) // 4 * 4] + MAGIC + JPEG[2:]
    (finding,) = (each for each in scan(JPEG, content).findings if each.code.startswith("image"))
    assert (finding.code, finding.severity) == ("image-size-unknown", "warning")
    assert finding.message.startswith("The size of 1 of 2 images lies behind more metadata than was read: record 2.")


def test_a_sampled_image_is_judged_by_what_was_read_of_it() -> None:
    contents = [LONG_JPEG[:-2], with_metadata(JPEG, 200_000), JPEG[:SCAN]] * 400
    packed = [recordio.pack(Record(identifier=n, labels=(0.0,), image=each)) for n, each in enumerate(contents)]
    content = b"".join(packed)
    lines = [(n, sum(map(len, packed[:n]))) for n in range(0, len(packed))]
    summary = recordsample.sample(lambda start, length: content[start : start + length], len(content), index=lines)
    codes = {finding.code for finding in summary.findings}
    assert {"image-broken", "image-size-unknown"} <= codes
    assert "image-cut" not in codes


def test_metadata_is_skipped_and_not_held() -> None:
    def pieces() -> Iterator[bytes]:
        segment = metadata(1)
        image_bytes = 2 + 1000 * len(segment) + len(JPEG) - 2
        yield MAGIC + struct.pack("<I", HEADER.size + image_bytes) + HEADER.pack(0, 1.0, 7, 0) + JPEG[:2]
        for _ in range(1000):
            yield segment
        yield JPEG[2:] + bytes(-image_bytes % 4)

    tracemalloc.start()
    try:
        summary = recordscan.scan(pieces())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (told(summary), summary.shorter_sides) == ([], {24: 1})
    assert summary.size > 60_000_000
    assert peak < 2_000_000
