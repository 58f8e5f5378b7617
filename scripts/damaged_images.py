"""Images with one damage each, on which this project's judgement is held against MXNet's reader."""

import io
import random
import zlib
from collections.abc import Iterator

from PIL import Image

SIDE = 24
_ROW = 1 + 3 * SIDE
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def damage_images() -> Iterator[tuple[str, bytes]]:
    """Make images of each format that are whole, that lack their end or their pixels, and whose pixels are damaged."""
    for kind, pixels, end, options in (
        ("JPEG", b"\xff\xda", 2, {}),
        ("progressive JPEG", b"\xff\xda", 2, {"progressive": True}),
        ("PNG", b"IDAT", 12, {}),
    ):
        content = _draw(kind.split()[-1], **options)
        yield f"a whole {kind}", content
        yield f"a {kind} and bytes behind it", content + bytes(50)
        yield f"a {kind} without its end", content[:-end]
        yield f"a {kind} without its pixels", content[: content.index(pixels)]
    for kind in ("BMP", "TIFF"):
        content = _draw(kind)
        yield f"a whole {kind}", content
        yield f"a {kind} without its last byte", content[:-1]
    yield "a TIFF of 32 bits", _draw("TIFF", "I")
    yield "a TIFF of 1 bit, coded as fax machines do", _draw("TIFF", "1", compression="group3")
    yield "a GIF", _draw("GIF")
    yield "a WebP", _draw("WEBP")
    yield from _damage_jpeg()
    yield from _damage_png()


def _draw(form: str, mode: str = "RGB", /, **options: bool | str) -> bytes:
    encoded = io.BytesIO()
    noise = random.Random(SIDE).randbytes(SIDE * SIDE)  # nosec B311 # noqa: S311 - the same in every run
    Image.frombytes("L", (SIDE, SIDE), noise).convert(mode).save(encoded, form, **options)
    return encoded.getvalue()


def _damage_jpeg() -> Iterator[tuple[str, bytes]]:
    jpeg = _draw("JPEG")
    scan = jpeg.index(b"\xff\xda") + 14
    middle = (scan + len(jpeg)) // 2
    yield "a JPEG with zeros in its scan", jpeg[:middle] + bytes(100) + jpeg[middle + 100 :]
    yield "a JPEG with an empty scan", jpeg[:scan] + jpeg[-2:]
    yield "a JPEG with an unknown segment in its scan", jpeg[:middle] + b"\xff\x02" + jpeg[middle:]
    yield "a JPEG with a frame in its scan", jpeg[:middle] + b"\xff\xc0\0\x11" + jpeg[middle:]
    yield "a JPEG without quantization tables", jpeg.replace(b"\xff\xdb", b"\xff\xe9")
    yield "a JPEG with a damaged Huffman table", jpeg.replace(b"\xff\xc4\0\x1f\0", b"\xff\xc4\0\x1f\0\xff")
    yield "a JPEG of 12 bits", jpeg.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c")
    yield "a lossless JPEG", jpeg.replace(b"\xff\xc0\0\x11", b"\xff\xc3\0\x11")
    yield "a JPEG of two components", jpeg.replace(b"\x03\1\x22\0", b"\x02\1\x22\0")
    yield "a JPEG with a segment of no kind", jpeg[:2] + b"\xff\xf0\0\2" + jpeg[2:]
    several = _draw("JPEG", progressive=True)
    second = several.index(b"\xff\xda", several.index(b"\xff\xda") + 2)
    yield "a progressive JPEG with a damaged scan", several[: second + 5] + b"\xff" + several[second + 6 :]


def _damage_png() -> Iterator[tuple[str, bytes]]:
    png = _draw("PNG")
    header = png[16:29]
    start = png.index(b"IDAT") + 4
    pixels = png[start : start + int.from_bytes(png[start - 8 : start - 4])]
    rows = zlib.decompress(pixels)
    middle = len(pixels) // 2
    data = (b"IDAT", pixels)
    for name, chunks in (
        ("with a wrong checksum of its pixels", [(b"IDAT", pixels, 1)]),
        ("with a wrong checksum of a comment", [(b"tEXt", b"a\0b", 1), data]),
        ("with a comment of no kind", [(b"t_Xt", b"a\0b"), data]),
        ("with a part that must be understood", [(b"ABCD", b""), data]),
        (
            "with a comment among its pixels",
            [(b"IDAT", pixels[:middle]), (b"tEXt", b"a\0b"), (b"IDAT", pixels[middle:])],
        ),
        ("in two parts", [(b"IDAT", pixels[:middle]), (b"IDAT", pixels[middle:])]),
        ("with a damaged stream", [(b"IDAT", pixels[:middle] + bytes(50) + pixels[middle + 50 :])]),
        ("with a wrong checksum of its stream", [(b"IDAT", pixels[:-1] + bytes([pixels[-1] ^ 1]))]),
        ("without the checksum of its stream", [(b"IDAT", pixels[:-4])]),
        ("with half of its stream", [(b"IDAT", pixels[:middle])]),
        ("with half of its rows", [(b"IDAT", zlib.compress(rows[: len(rows) // 2]))]),
        ("with too many rows", [(b"IDAT", zlib.compress(rows + bytes(5000)))]),
        ("with an unknown filter", [(b"IDAT", zlib.compress(rows[: 5 * _ROW] + b"\x09" + rows[5 * _ROW + 1 :]))]),
    ):
        yield f"a PNG {name}", _assemble(header, *chunks)
    yield "a PNG of 7 bits", _assemble(header[:8] + b"\x07" + header[9:], data)
    yield "a PNG of colour type 5", _assemble(header[:9] + b"\5" + header[10:], data)
    yield "a PNG interlaced in no known way", _assemble(header[:12] + b"\2", data)
    yield "a PNG of no kind of compression", _assemble(header[:10] + b"\1" + header[11:], data)
    indices = (b"IDAT", zlib.compress(bytes(1 + SIDE) * SIDE))
    yield "a PNG without its palette", _assemble(header[:9] + b"\3" + header[10:], indices)
    yield "a PNG with its palette", _assemble(header[:9] + b"\3" + header[10:], (b"PLTE", bytes(768)), indices)
    yield "a PNG with two headers", _assemble(header, (b"IHDR", header), data)
    yield "a PNG with a wrong checksum of its end", _assemble(header, data)[:-1] + b"\0"
    for bits, colour, row in ((1, 0, 3), (16, 6, 8 * SIDE), (8, 4, 2 * SIDE)):
        plain = zlib.compress((b"\0" + bytes(row)) * SIDE)
        yield (
            f"a PNG of {bits} bits and colour type {colour}",
            _assemble(header[:8] + bytes([bits, colour]) + header[10:], (b"IDAT", plain)),
        )
    # Adam7: of 24 pixels a side the passes have these columns and rows.
    passes = ((3, 3), (3, 3), (6, 3), (6, 6), (12, 6), (12, 12), (24, 12))
    interlaced = b"".join((b"\0" + bytes(3 * columns)) * lines for columns, lines in passes)
    last = len(interlaced) - 1 - 3 * 24
    for name, content in (
        ("an interlaced PNG", interlaced),
        ("an interlaced PNG without its last row", interlaced[:last]),
        ("an interlaced PNG with an unknown filter", interlaced[:last] + b"\x05" + interlaced[last + 1 :]),
    ):
        yield name, _assemble(header[:12] + b"\1", (b"IDAT", zlib.compress(content)))


def _assemble(header: bytes, *chunks: tuple[bytes, bytes] | tuple[bytes, bytes, int]) -> bytes:
    """Put a PNG together; what a chunk has behind its content spoils its checksum."""
    return _SIGNATURE + b"".join(
        len(content).to_bytes(4) + kind + content + (zlib.crc32(kind + content) ^ sum(spoilt)).to_bytes(4)
        for kind, content, *spoilt in [(b"IHDR", header), *chunks, (b"IEND", b"")]
    )
