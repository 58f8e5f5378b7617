"""What a file, a record or an image is instead of what it should be, told by its first bytes, and what to do then."""

import re
from typing import NamedTuple

_LOOKED_AT_BYTES = 512

_DOWNLOAD = "Download the file again, and look at it before you upload it."
_LIST_OF_THESE = "Upload the list of these records under this name."
_PACK = "Pack the images with `sagescene pack` or MXNet's im2rec."
_UNPACK = "Unpack it, and upload what was in it."
REPLACE_IMAGE = "Replace the image or leave it out, and pack again."


class OtherContent(NamedTuple):
    """A kind of content: its name in a sentence, and what to do."""

    name: str
    remedy: str


type _Kinds = tuple[tuple[re.Pattern[bytes], OtherContent], ...]


def _kinds(*rows: tuple[bytes, str, str]) -> _Kinds:
    return tuple((re.compile(pattern, re.DOTALL), OtherContent(name, remedy)) for pattern, name, remedy in rows)


# None of these begins a list: its first line begins with a number, or names its columns.
_FILES = _kinds(
    (rb"\x1f\x8b", "a gzip archive", _UNPACK),
    (
        rb"PK\x03\x04",
        "a ZIP archive or an Office document",
        "Upload what was in it; of a sheet, its text with TABs.",
    ),
    (rb".{257}ustar", "a tar archive", _UNPACK),
    (rb"version https://git-lfs", "a pointer of Git LFS", "Fetch the file itself (git lfs pull), and upload that."),
    (rb"(?i:\s*(<!doctype html|<html))", "an HTML page", _DOWNLOAD),
    (rb"(?i:\s*(<\?xml(?!.*<svg)|<error>))", "an XML document, as S3 answers what fails", _DOWNLOAD),
    (rb"\s*\{\s*\"", "JSON, such as a manifest", "Write a list: index, label(s) and path with one TAB between them."),
    (rb"\x0a\x23\xd7\xce", "a record file", _LIST_OF_THESE),
    (rb"0\t0\r?\n\d+\t\d+\r?\n", "an .idx file", _LIST_OF_THESE),
    (rb"PAR1", "a Parquet file", _PACK),
    (rb"\x89HDF\r\n", "an HDF5 file", _PACK),
    (rb"\x93NUMPY", "a NumPy array", _PACK),
)
# What else a record file may be.
_INSTEAD_OF_RECORDS = _kinds(
    (rb"\d+\t[^\t\n]+\t[^\n]+\n", "a list", "Upload the records of this list under this name."),
    (rb".{3}\x00{5}.{4}\x0a", "a TFRecord file", _PACK),  # length, its checksum, and an Example's first field
)
_PROTOBUF = _kinds((rb"\x0a.{1,5}\x0a\x06values", "a message of RecordIO-protobuf", _PACK))
_READ_IMAGES = _kinds(
    (rb"\xff\xd8\xff", "a JPEG image", _PACK),
    (rb"\x89PNG\r\n", "a PNG image", _PACK),
)
_CONVERT = "Convert it to JPEG, and pack again."
_UNREAD_IMAGES = _kinds(
    (rb"GIF8", "a GIF image", _CONVERT),
    (rb"RIFF.{4}WEBP", "a WebP image", _CONVERT),
    (rb".{4}ftypavi[fs]", "an AVIF image", _CONVERT),
    (rb".{4}ftyp(hei|hev|mif1|msf1)", "a HEIC image", _CONVERT),
    (rb"\x00\x00\x00\x0cjP {2}|\xff\x4f\xff\x51", "a JPEG 2000 image", _CONVERT),
    (rb"\x00\x00\x01\x00", "a Windows icon", _CONVERT),
    (rb"P[1-7]\s", "a PNM image", _CONVERT),
    (rb"8BPS", "a Photoshop document", _CONVERT),
    (rb"\s*(<\?xml.*)?<svg", "an SVG drawing", _CONVERT),
    (rb"%PDF-", "a PDF document", _CONVERT),
    (rb"/9j/|iVBORw0KGgo", "Base64 text", "Decode the text, and pack again."),
)


def explain_record_file(head: bytes | bytearray | memoryview) -> OtherContent | None:
    """Say what a record file is that begins with these bytes and holds no record; None for what is not known."""
    return _find(head, _FILES, _INSTEAD_OF_RECORDS) or _find(head, _READ_IMAGES, _UNREAD_IMAGES, remedy=_PACK)


def explain_list(head: bytes | bytearray | memoryview) -> OtherContent | None:
    """Say what a list is that begins with these bytes; None for what may be a list."""
    return _find(head, _FILES)


def explain_record(head: bytes | bytearray | memoryview) -> OtherContent | None:
    """Say what a record begins with instead of its flag, label and id; None for what is not known."""
    return _find(head, _PROTOBUF, _READ_IMAGES, _UNREAD_IMAGES, _FILES, remedy=_PACK)


def explain_image(head: bytes | bytearray | memoryview) -> OtherContent | None:
    """Say what an image is that begins with these bytes and that MXNet does not read; None for what is not known.

    Of JPEG and PNG there are forms that it does not read, too: nothing is said of these.
    """
    return _find(head, _UNREAD_IMAGES) or _find(head, _FILES, remedy=REPLACE_IMAGE)


def _find(head: bytes | bytearray | memoryview, *tables: _Kinds, remedy: str = "") -> OtherContent | None:
    beginning = bytes(head[:_LOOKED_AT_BYTES])
    for pattern, content in (kind for table in tables for kind in table):
        if pattern.match(beginning):
            return content._replace(remedy=remedy) if remedy else content
    return None
