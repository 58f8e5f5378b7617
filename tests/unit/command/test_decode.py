"""What decoding finds in images, against what MXNet makes of them, and what `sagescene check` says of it."""

import io
import json
import random
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sagescene.dataset import StoredObject
from sagescene.files import recordio
from sagescene.files.images import Soundness, inspect
from sagescene.files.recordio import Record
from sagescene.findings import Finding
from sagescene_command.cli import commands
from sagescene_command.decoding.decode import decode
from sagescene_command.decoding.judging import Damage, judge
from sagescene_command.packing.images import MOST_PIXELS
from sagescene_command.parallel import map_in_order
from scripts.damaged_images import damage_images

DATA = Path(__file__).parents[2] / "data"
IMAGES = dict(damage_images())
# What is in neither was read by MXNet 1.9.1 (`make check-mxnet`), or is reported by the look at headers.
REFUSED = {
    "a JPEG without quantization tables",
    "a JPEG with a damaged Huffman table",
    "a progressive JPEG with a damaged scan",
    "a PNG with a wrong checksum of its pixels",
    "a PNG with a comment of no kind",
    "a PNG with a comment among its pixels",
    "a PNG with a damaged stream",
    "a PNG with a wrong checksum of its stream",
    "a PNG without the checksum of its stream",
    "a PNG with half of its stream",
    "a PNG with half of its rows",
    "a PNG with an unknown filter",
    "a PNG with a wrong checksum of its end",
    "an interlaced PNG without its last row",
    "an interlaced PNG with an unknown filter",
}
UNDECODABLE = IMAGES["a JPEG with a damaged Huffman table"]
READ = {"a JPEG with an unknown segment in its scan", "a JPEG with a frame in its scan"}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_judged_as_mxnet_takes_it(name: str) -> None:
    expected = Damage.REFUSED if name in REFUSED else Damage.READ if name in READ else None
    assert judge(IMAGES[name]) is expected


def decodes_whole(jpeg: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
            opened.load()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("name", ["a whole JPEG", "a whole progressive JPEG"])
def test_what_refuses_all_pixels_refuses_the_few_that_are_computed(name: str) -> None:
    chance, refused = random.Random(20261126), 0  # nosec B311
    for _ in range(400):
        place, whole = chance.randrange(2, len(IMAGES[name]) - 2), IMAGES[name]
        image = whole[:place] + chance.randbytes(1) + whole[place + 1 :]
        seen = inspect(image)
        if seen and seen.soundness is not Soundness.BROKEN and seen.size.height * seen.size.width <= MOST_PIXELS:
            is_refused = not decodes_whole(image + b"\xff\xd9")
            refused += is_refused
            assert (judge(image) is not None) is is_refused
    assert 20 < refused < 380


def test_every_damage_is_of_an_image_that_there_is() -> None:
    assert IMAGES.keys() > REFUSED | READ


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (17, 9), (700, 600)])
def test_what_pillow_writes_is_sound(mode: str, size: tuple[int, int]) -> None:
    encoded = io.BytesIO()
    noise = Image.effect_noise(size, 90)
    (Image.new(mode, size, 7) if mode == "I;16" else noise.convert(mode)).save(encoded, "PNG")
    assert judge(encoded.getvalue()) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_an_image_of_too_many_pixels_is_not_decoded(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = IMAGES[f"a whole {form}"]
    monkeypatch.setattr("sagescene_command.decoding.judging.MOST_PIXELS", 24 * 24 - 1)
    assert judge(image) is Damage.TOO_LARGE
    claimed = (60_000).to_bytes(2) * 2
    bomb = image.replace(b"\x08\0\x18\0\x18", b"\x08" + claimed)
    monkeypatch.undo()
    assert judge(bomb if form == "JPEG" else image[:16] + (60_000).to_bytes(4) * 2 + image[24:]) is Damage.TOO_LARGE


def test_a_jpeg_of_too_many_scans_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_model.photographs.MOST_SCANS", 9)
    content = rec(IMAGES["a whole progressive JPEG"], IMAGES["a whole JPEG"], IMAGES["a whole PNG"])
    (found,) = decode([stored("a.rec", content)], lambda _: [content], jobs=1, progress=lambda *_: None)
    assert (found.code, found.severity) == ("image-too-large", "error")
    assert found.message.startswith("1 of 3 images is a JPEG file of too many scans to be decoded, and was not: ")


def test_an_image_of_more_pixels_than_a_model_takes_is_a_warning_and_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_command.decoding.judging.LARGEST_IN_PIXELS", 24 * 24 - 1)
    assert judge(UNDECODABLE) is Damage.REFUSED
    for form in ("JPEG", "PNG"):
        assert judge(IMAGES[f"a whole {form}"]) is Damage.TOO_LARGE_FOR_MODELS
    content = rec(IMAGES["a whole PNG"])
    (found,) = decode([stored("a.rec", content)], lambda _: [content], jobs=1, progress=lambda *_: None)
    assert (found.code, found.severity) == ("image-too-large", "warning")
    assert found.message.startswith("1 of 1 image has more than 575 pixels: training reads it, ")
    monkeypatch.setattr("sagescene_command.decoding.judging.LARGEST_IN_PIXELS", 24 * 24)
    assert judge(IMAGES["a whole PNG"]) is None


def stored(key: str, content: bytes) -> StoredObject:
    return StoredObject(key=key, etag="", size=len(content), last_modified=datetime(2026, 11, 26, tzinfo=UTC))


def rec(*images: bytes) -> bytes:
    records = (Record(identifier=n, labels=(0.0,), image=image) for n, image in enumerate(images))
    return b"".join(recordio.write(records))


def test_a_file_has_one_finding_of_a_kind_with_the_count_and_the_first_places() -> None:
    sound, refused, cut = IMAGES["a whole PNG"], UNDECODABLE, IMAGES["a JPEG with a frame in its scan"]
    files = {"a.rec": rec(sound, refused, cut, *[refused] * 6, sound), "b.rec": rec(sound, cut)}
    objects = [stored(key, content) for key, content in files.items()]
    steps: list[tuple[int, int]] = []
    found = list(decode(objects, lambda file: [files[file.key]], jobs=2, progress=lambda *step: steps.append(step)))
    assert [(each.file, str(each.code), str(each.severity)) for each in found] == [
        ("a.rec", "image-undecodable", "error"),
        ("a.rec", "image-damaged", "warning"),
        ("b.rec", "image-damaged", "warning"),
    ]
    assert found[0].where == f"record 2, byte {len(rec(sound))}"
    assert found[0].message.startswith("7 of 10 images cannot be decoded, and training would fail")
    assert found[0].message.endswith(": record 2, record 4, record 5, record 6, record 7 and 2 more.")
    assert found[2].message.startswith("1 of 2 images is a JPEG file whose picture breaks off")
    assert steps == sorted(steps)
    assert steps[-1] == (sum(map(len, files.values())),) * 2


def test_an_image_in_a_record_that_is_too_long_is_not_held_and_those_behind_it_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recordio, "LARGEST_RECORD_IN_BYTES", 2000)
    content = rec(IMAGES["a whole PNG"], IMAGES["a whole PNG"] + bytes(2000), UNDECODABLE)
    found = list(decode([stored("a.rec", content)], lambda _: [content], jobs=1, progress=lambda *_: None))
    assert [(each.code, each.severity) for each in found] == [
        ("image-undecodable", "error"),
        ("image-too-large", "error"),
    ]
    assert found[1].message == "1 of 3 images lies in a record of more than 64 MiB, and was not decoded: record 2."


def find_each_damage() -> list[Finding]:
    """Decode a file with one image of each kind of damage."""
    bomb = IMAGES["a whole PNG"][:16] + (60_000).to_bytes(4) * 2 + IMAGES["a whole PNG"][24:]
    content = rec(UNDECODABLE, IMAGES["a JPEG with a frame in its scan"], bomb)
    return list(decode([stored("train.rec", content)], lambda _: [content], jobs=1, progress=lambda *_: None))


def test_every_code_of_decoding_is_reached() -> None:
    assert [finding.code for finding in find_each_damage()] == ["image-undecodable", "image-damaged", "image-too-large"]


def test_what_follows_a_fault_of_the_framing_is_left_to_the_look_at_records() -> None:
    content = rec(UNDECODABLE) + bytes(8) + rec(UNDECODABLE)
    found = list(decode([stored("a.rec", content)], lambda _: [content], jobs=1, progress=lambda *_: None))
    assert [each.message[:11] for each in found] == ["1 of 1 imag"]


def test_no_more_is_read_than_the_threads_can_take() -> None:
    taken: list[int] = []
    finish = threading.Event()

    def items() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    def double(item: int) -> int:
        finish.wait(10)
        return 2 * item

    results = map_in_order(double, items(), 2)
    threading.Timer(0.1, finish.set).start()
    assert next(results) == (0, 0)
    assert len(taken) < 20
    assert [result for _, result in results] == [2 * item for item in range(1, 1000)]


def test_an_end_in_between_leaves_no_thread_behind() -> None:
    results = map_in_order(lambda item: item, range(1000), 2)
    before = threading.active_count()
    next(results)
    results.close()  # type: ignore[attr-defined] # as any exception in the loop over it does
    assert threading.active_count() == before


def check(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["check", *map(str, arguments)])


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """The set `multi` with one image whose pixels are damaged, and nothing that its header would show."""
    folder = copytree(DATA / "multi", tmp_path / "pets")
    records = folder / "train/train.rec"
    kept: list[Record] = list(recordio.read([records.read_bytes()]))
    kept[3] = Record(identifier=kept[3].identifier, labels=kept[3].labels, image=_spoil(kept[3].image))
    records.write_bytes(_join(kept))
    (folder / "train/train.idx").unlink(missing_ok=True)
    return folder


def _join(records: Iterable[Record]) -> bytes:
    return b"".join(recordio.write(records))


def _spoil(image: bytes) -> bytes:
    if image.startswith(b"\x89PNG"):
        middle = image.index(b"IDAT") + 20
        return image[:middle] + bytes([image[middle] ^ 255]) + image[middle + 1 :]
    return image.replace(b"\xff\xdb", b"\xff\xe9")


def test_check_decodes_the_images_of_a_folder_unless_told_not_to(damaged: Path) -> None:
    result = check(damaged, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["verdict"]) == (1, "refused")
    (found,) = [finding for finding in report["findings"] if finding["code"] == "image-undecodable"]
    assert (found["file"], found["where"].partition(",")[0]) == ("train/train.rec", "record 4")
    result = check(damaged, "--json", "--no-decode")
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (0, "ready")
    assert check(damaged, "--jobs", 1).exit_code == 1
