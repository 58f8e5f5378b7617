"""Files, records and images that are something else are told by what they are."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from sagescene.files import lists, recordscan
from sagescene.files.framing import MAGIC
from sagescene.files.recordio import Record, write

LIST = b"0\t1.000000\tcat/1.jpg\n1\t0.000000\tdog/1.jpg\n"
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>'
EXAMPLE = struct.pack("<QI", 500, 0x1234) + b"\x0a\xf1\x03"


def drawn(form: str) -> bytes:
    Image.new("RGB", (32, 32)).save(file := BytesIO(), form)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "remedy"),
    [
        (b"\x1f\x8b\x08\0", "a gzip archive", "Unpack it"),
        (b"PK\x03\x04\x14\0", "a ZIP archive", "of a sheet"),
        (b"train/\0".ljust(257, b"\0") + b"ustar", "a tar archive", "Unpack it"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7\n", "a pointer of Git LFS", "git lfs pull"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "an HTML page", "Download the file again"),
        (XML, "an XML document", "Download the file again"),
        (b'{"source-ref": "s3://b/1.jpg", "class": 1}\n', "JSON", "Write a list"),
        (b"PAR1\x15\x04", "a Parquet file", "im2rec"),
        (b"\x93NUMPY\x01\0", "a NumPy array", "im2rec"),
    ],
)
def test_a_file_of_another_kind_is_named_in_both_places(content: bytes, name: str, remedy: str) -> None:
    (listed,) = lists.summarize([content]).findings
    (packed,) = recordscan.scan([content]).findings
    assert (listed.code, packed.code) == ("not-a-list", "not-a-record-file")
    for finding in (listed, packed):
        assert f"the file is {name}" in finding.message.replace("The file", "the file")
        assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (MAGIC + bytes(28), "a record file"),
        (b"0\t0\n7\t1204\n", "an .idx file"),
        (b"0\t0\r\n7\t1204\r\n", "an .idx file"),
    ],
)
def test_a_list_that_is_another_file_of_the_set_is_named(content: bytes, name: str) -> None:
    (finding,) = lists.summarize([content]).findings
    assert finding.message == f"The file is {name}, not a list."
    assert finding.remedy == "Upload the list of these records under this name."


@pytest.mark.parametrize(
    ("content", "name"),
    [(LIST, "a list"), (EXAMPLE, "a TFRecord file"), (drawn("JPEG"), "a JPEG image"), (drawn("WEBP"), "a WebP image")],
)
def test_a_record_file_that_is_something_else_is_named(content: bytes, name: str) -> None:
    (finding,) = recordscan.scan([content[:3], content[3:]]).findings
    assert finding.message.endswith(f"starts a RecordIO record: the file is {name}.")


@pytest.mark.parametrize("beginning", [b"", b"\xef\xbb\xbf", b"# made by a tool\n", b"\n", b"index\tlabel\tpath\n"])
def test_a_list_is_none_of_them(beginning: bytes) -> None:
    assert lists.summarize([beginning + LIST]).samples == 2


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (drawn("JPEG"), "a JPEG image"),
        (drawn("PNG"), "a PNG image"),
        (b"\x0a\x90\x01\x0a\x06values\x12\x85\x01".ljust(160, b"\0"), "a message of RecordIO-protobuf"),
    ],
)
def test_a_record_without_its_header_is_told_by_what_it_begins_with(payload: bytes, name: str) -> None:
    content = MAGIC + struct.pack("<I", len(payload)) + payload + bytes(-len(payload) % 4)
    (finding,) = recordscan.scan([content]).findings
    assert (finding.code, finding.message) == (
        "header-too-short",
        f"The record begins with {name}, without the header that im2rec gives each.",
    )
    assert finding.remedy == "Pack the images with `sagescene pack` or MXNet's im2rec."


@pytest.mark.parametrize(
    ("image", "message", "remedy"),
    [
        (drawn("GIF"), "image is a GIF image, and MXNet", "Convert it"),
        (drawn("WEBP"), "image is a WebP image, and MXNet", "Convert it"),
        (drawn("AVIF"), "image is an AVIF image, and MXNet", "Convert it"),
        (drawn("JPEG2000"), "image is a JPEG 2000 image, and MXNet", "Convert it"),
        (drawn("ICO"), "image is a Windows icon, and MXNet", "Convert it"),
        (drawn("PPM"), "image is a PNM image, and MXNet", "Convert it"),
        (drawn("PDF"), "image is a PDF document, and MXNet", "Convert it"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image is a HEIC image, and MXNet", "Convert it"),
        (b'<?xml version="1.0"?><svg width="9"/>', "image is an SVG drawing, and MXNet", "Convert it"),
        (b"/9j/4AAQSkZJRgABAQ", "image is Base64 text, and MXNet", "Decode the text"),
        (b"<html><body>404</body></html>", "image is an HTML page, and MXNet", "Replace the image"),
        (XML, "image is an XML document, as S3", "Replace the image"),
        (b"", "has no image: it ends with its header", "Replace the image"),
        (b"anything else", "neither a JPEG nor a PNG file", "Replace the image"),
    ],
)
def test_an_image_that_is_none_is_told_by_what_it_is(image: bytes, message: str, remedy: str) -> None:
    records = [
        Record(identifier=0, labels=(0.0,), image=drawn("PNG")),
        Record(identifier=1, labels=(1.0,), image=image),
    ]
    (finding,) = recordscan.scan(write(records)).findings
    assert finding.code == "image-not-readable"
    assert message in finding.message
    assert finding.remedy.startswith(remedy)
