"""What becomes of an image: its own bytes, or upright, square, scaled and encoded anew."""

import errno
import io
import os
import resource
import tempfile
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat

from sagescene_command.packing import images
from sagescene_command.packing.encoded import append_jpeg
from sagescene_command.packing.images import AS_IT_IS, JPEG_QUALITY, Square, Treatment, UnpackableImageError
from sagescene_command.packing.source import PackingError

RED, BLUE, BLACK = (254, 0, 0), (0, 0, 254), (0, 0, 0)


def draw(path: Path, orientation: int | None = None, size: tuple[int, int] = (64, 32)) -> Path:
    """Draw an image whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    image.save(path, exif=exif, quality=100)
    return path


def open_file() -> BinaryIO:
    return cast(BinaryIO, tempfile.TemporaryFile(buffering=0))


def prepare(path: Path, treatment: Treatment) -> bytes | None:
    """Give what an image is encoded as behind another one; None where it goes in as it is."""
    with open_file() as file:
        append_jpeg(Image.new("RGB", (8, 8)), JPEG_QUALITY, file)
        image = images.prepare(path, treatment, file)
        content = image.piece.read() if image.piece else None
    assert image.digest == images.digest(path.read_bytes() if content is None else content)
    return content


def read(path: Path, treatment: Treatment = AS_IT_IS) -> Image.Image:
    content = prepare(path, treatment)
    assert content is not None
    return Image.open(io.BytesIO(content))


def is_near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.getpixel(place)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 20 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (2, (64, 32), (60, 4)),
        (3, (64, 32), (60, 4)),
        (4, (64, 32), (4, 4)),
        (5, (32, 64), (4, 4)),
        (6, (32, 64), (4, 4)),
        (7, (32, 64), (4, 60)),
        (8, (32, 64), (4, 60)),
    ],
)
def test_the_orientation_of_exif_is_applied(
    tmp_path: Path, kind: str, orientation: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    image = read(draw(tmp_path / f"a.{kind}", orientation))
    assert (image.size, image.format) == (size, "JPEG")
    assert is_near(image, red, RED)
    assert is_near(image, (size[0] - 1 - red[0], size[1] - 1 - red[1]), BLUE)
    assert ExifTags.Base.Orientation not in image.getexif(), "it would be turned twice"


@pytest.mark.parametrize("orientation", [None, 0, 1, 9])
def test_an_upright_image_keeps_its_bytes(tmp_path: Path, orientation: int | None) -> None:
    assert prepare(draw(tmp_path / "a.jpg", orientation), AS_IT_IS) is None


@pytest.mark.parametrize("size", [(1023, 767), (1500, 2000)])
def test_a_large_jpeg_is_scaled_as_from_all_of_its_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a.jpg"
    shapes = Image.effect_noise((60, 60), 90).resize(size, Image.Resampling.BICUBIC)
    Image.blend(shapes, Image.effect_noise(size, 30), 0.3).convert("RGB").save(path, quality=92)
    with Image.open(path) as image:
        encoded = io.BytesIO()
        few = read(path, Treatment(resize=256))
        image.resize(few.size, Image.Resampling.HAMMING).save(encoded, "JPEG", quality=JPEG_QUALITY)
    assert min(few.size) == 256
    difference = ImageStat.Stat(ImageChops.difference(few, Image.open(encoded)))
    assert max(difference.rms) < 1.5  # of 255


def test_a_large_jpeg_that_is_cut_is_not_scaled(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.effect_noise((800, 800), 80).save(path)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(UnpackableImageError, match="truncated"):
        prepare(path, Treatment(resize=50))


def test_damaged_exif_does_not_cost_the_image(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path, exif=b"Exif\0\0XXXXXXXXXXXXXXXX")
    assert prepare(path, AS_IT_IS) is None
    assert read(path, Treatment(resize=4)).size == (4, 4)


def test_a_square_is_cropped_from_the_middle_or_padded_with_black(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png", size=(65, 32))
    cropped = read(path, Treatment(square=Square.CROP))
    assert cropped.size == (32, 32)
    assert is_near(cropped, (3, 16), RED)
    assert is_near(cropped, (28, 16), BLUE)
    padded = read(path, Treatment(square=Square.PAD))
    assert padded.size == (65, 65)
    assert [is_near(padded, (3, row), colour) for row, colour in ((5, BLACK), (32, RED), (60, BLACK))] == [True] * 3
    assert read(path, Treatment(square=Square.PAD, resize=16)).size == (16, 16)
    assert read(draw(tmp_path / "tall.jpg", 6), Treatment(square=Square.CROP, resize=16)).size == (16, 16)
    assert prepare(draw(tmp_path / "square.jpg", size=(32, 32)), Treatment(square=Square.CROP)) is None


def test_a_quality_has_every_image_encoded_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.effect_noise((100, 100), 80).convert("RGB").save(path)
    sizes = [len(prepare(path, Treatment(quality=quality)) or b"") for quality in (20, 60, 90)]
    assert sizes == sorted(sizes)
    assert 0 < 2 * sizes[0] < sizes[2]


def test_an_image_that_jpeg_cannot_hold_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    Image.new("RGB", (70_000, 1)).save(path)
    with pytest.raises(UnpackableImageError, match="it cannot be encoded as JPEG"):
        prepare(path, AS_IT_IS)


@contextmanager
def let_files_grow(size: int) -> Iterator[None]:
    """Make every file as full at this size as a disk may be."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("room", "fault"), [(1, errno.ENOSPC), (0, errno.EFBIG)])
def test_a_full_disk_is_no_fault_of_the_image(tmp_path: Path, room: int, fault: int) -> None:
    path = draw(tmp_path / "a.png", 3)
    with open_file() as file:
        start = file.write(bytes(1000))
        with let_files_grow(start + room), pytest.raises(OSError, match=os.strerror(fault)):
            images.prepare(path, AS_IT_IS, file)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_too_many_open_files_are_no_fault_of_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = draw(tmp_path / "a.png")
    fail_to_read(monkeypatch, number)
    with open_file() as file, pytest.raises(OSError, match=os.strerror(number)):
        images.prepare(path, AS_IT_IS, file)


def test_a_file_that_is_gone_is_called_so(tmp_path: Path) -> None:
    with open_file() as file, pytest.raises(UnpackableImageError) as raised:
        images.prepare(tmp_path / "a.png", AS_IT_IS, file)
    assert str(raised.value) == "it cannot be read (No such file or directory)"


def fail_to_read(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(path: Path) -> bytes:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "read_bytes", fail)


class _Watched(io.FileIO):
    """A file of the system's that tells how often Python wrote into it."""

    writes = 0

    def write(self, content: Buffer, /) -> int:
        self.writes += 1
        return super().write(content)


def test_pillow_itself_writes_what_it_encodes_so_that_other_threads_run(tmp_path: Path) -> None:
    with _Watched(tmp_path / "file", "w+b") as file:
        piece, content = append_jpeg(Image.new("RGB", (650, 240)), JPEG_QUALITY, cast(BinaryIO, file))
        assert piece.length == len(content) > 0
        assert file.writes == 0


def test_a_jpeg_of_too_many_scans_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (64, 32), "red").save(tmp_path / "a.jpg", progressive=True)
    assert prepare(tmp_path / "a.jpg", AS_IT_IS) is None
    monkeypatch.setattr("sagescene_model.photographs.MOST_SCANS", 9)
    with pytest.raises(UnpackableImageError, match="a JPEG of too many scans to be decoded; save it anew"):
        prepare(tmp_path / "a.jpg", AS_IT_IS)


@pytest.mark.parametrize("kind", [b"tEXt", b"iCCP", b"pHYs", b"tRNS", b"eXIf"])
def test_a_png_is_packed_whatever_the_checksums_beside_its_pixels(tmp_path: Path, kind: bytes) -> None:
    path = draw(tmp_path / "a.png")
    write_behind_header(path, kind + b"0123" + bytes(4))
    assert prepare(path, AS_IT_IS) is None
    assert is_near(read(path, Treatment(resize=16)), (8, 8), RED)


def test_a_png_that_says_how_it_was_held_is_turned_by_sound_parts_alone(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png", 6)
    write_behind_header(path, b"tEXt" + bytes(8))
    assert read(path).size == (32, 64)


def test_a_png_with_a_wrong_checksum_of_what_must_be_read_is_left_out(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png")
    whole = path.read_bytes()
    path.write_bytes(whole[:29] + bytes(4) + whole[33:])
    with pytest.raises(UnpackableImageError, match="Pillow reads"):
        prepare(path, AS_IT_IS)


def write_behind_header(png: Path, chunk: bytes) -> None:
    whole = png.read_bytes()
    png.write_bytes(whole[:33] + (len(chunk) - 8).to_bytes(4) + chunk + whole[33:])


def test_exact_bytes_are_not_touched(tmp_path: Path) -> None:
    for kind in ("jpg", "png"):
        assert prepare(draw(tmp_path / f"a.{kind}", 6), Treatment(exact=True)) is None
    with pytest.raises(UnpackableImageError, match="it is WEBP, which the algorithm cannot read; without --exact"):
        prepare(draw(tmp_path / "a.webp"), Treatment(exact=True))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"resize": 0}, "choose 1 to 16384"),
        ({"resize": 16385}, "choose 1 to 16384"),
        ({"quality": 0}, "choose 1 to 100"),
        ({"quality": 101}, "choose 1 to 100"),
        ({"exact": True, "quality": 90}, "give --exact alone"),
        ({"exact": True, "resize": 90}, "give --exact alone"),
        ({"exact": True, "square": Square.PAD}, "give --exact alone"),
    ],
)
def test_senseless_treatments_are_refused(settings: dict[str, int], says: str) -> None:
    with pytest.raises(PackingError, match=says):
        Treatment(**settings)  # type: ignore[arg-type]  # one of the settings is no number
