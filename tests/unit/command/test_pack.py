"""Packing: a folder a class becomes lists and records that agree, all at once or not at all."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from sagescene.files import listrows, lists, recordio, recordscan
from sagescene_command.digits import write_digits
from sagescene_command.packing import writing
from sagescene_command.packing.images import Treatment
from sagescene_command.packing.pack import pack
from sagescene_command.packing.source import PackingError


def draw(path: Path, size: tuple[int, int] = (20, 10), mode: str = "RGB", color: str | int = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path)
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for name in ("rose", "aster", "red tulip"):
        for number in range(5):
            draw(tmp_path / "images" / name / f"{number}.png", (20 + number, 10))
    return tmp_path / "images"


def read_records(path: Path) -> list[recordio.Record]:
    return list(recordio.read([path.read_bytes()]))


def read_rows(path: Path) -> list[listrows.Row]:
    return list(listrows.read([path.read_bytes()]))


def test_lists_records_and_indices_agree(images: Path, tmp_path: Path) -> None:
    packed = pack(images, tmp_path / "out" / "flowers", validation_share=0.4)
    assert (packed.train, packed.validation, packed.classes) == (9, 6, ("aster", "red tulip", "rose"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "classes.txt",
        *(f"flowers_{part}.{kind}" for part in ("train", "val") for kind in ("idx", "lst", "rec")),
    ]
    assert (tmp_path / "out" / "classes.txt").read_text() == "aster\nred tulip\nrose\n"
    for part, samples in (("train", 3), ("val", 2)):
        prefix = tmp_path / "out" / f"flowers_{part}"
        rows = read_rows(prefix.with_suffix(".lst"))
        summary = recordscan.scan(
            [prefix.with_suffix(".rec").read_bytes()],
            rows=rows,
            index=recordio.read_index([prefix.with_suffix(".idx").read_bytes()]),
        )
        assert summary.findings == ()
        assert summary.classes == {0: samples, 1: samples, 2: samples}
        for row, record in zip(rows, read_records(prefix.with_suffix(".rec")), strict=True):
            assert record.image == (images / row.path).read_bytes()
            assert packed.classes[int(row.labels[0])] == Path(row.path).parts[0]


def test_the_list_is_im2recs(images: Path, tmp_path: Path) -> None:
    pack(images, tmp_path / "a")
    lines = (tmp_path / "a_train.lst").read_bytes().decode().splitlines()
    assert "5\t1.000000\tred tulip/0.png" in lines + (tmp_path / "a_val.lst").read_text().splitlines()
    assert [int(line.split("\t")[0]) for line in lines] != sorted(int(line.split("\t")[0]) for line in lines)


def test_the_same_seed_gives_the_same_bytes_and_another_another_split(images: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        pack(images, tmp_path / name / "flowers", seed=seed)
    first, again, other = ((tmp_path / name / "flowers_train.rec").read_bytes() for name in "abc")
    assert first == again
    assert first != other


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_every_class_of_two_images_is_in_both_parts(images: Path, tmp_path: Path, share: float) -> None:
    draw(images / "single" / "0.png")
    draw(images / "pair" / "0.png")
    draw(images / "pair" / "1.png")
    packed = pack(images, tmp_path / "a", validation_share=share)
    train = lists.summarize([(tmp_path / "a_train.lst").read_bytes()]).classes
    validation = lists.summarize([(tmp_path / "a_val.lst").read_bytes()]).classes
    assert set(train) == set(range(5))
    assert {packed.classes[label] for label in validation} == {"aster", "pair", "red tulip", "rose"}


def test_other_formats_become_jpeg_and_jpeg_stays_as_it_is(tmp_path: Path) -> None:
    jpeg = draw(tmp_path / "images" / "a" / "0.jpg")
    draw(tmp_path / "images" / "a" / "1.bmp")
    draw(tmp_path / "images" / "b" / "0.gif", mode="P", color=3)
    draw(tmp_path / "images" / "b" / "1.webp", mode="RGBA", color="#ff000000")
    pack(tmp_path / "images", tmp_path / "p")
    packed: dict[str, recordio.Record] = {}
    for part in ("train", "val"):
        rows = read_rows(tmp_path / f"p_{part}.lst")
        packed |= dict(zip((row.path for row in rows), read_records(tmp_path / f"p_{part}.rec"), strict=True))
    assert packed["a/0.jpg"].image == jpeg.read_bytes()
    assert {record.image[:3] for record in packed.values()} == {b"\xff\xd8\xff"}
    pixel = Image.open(io.BytesIO(packed["b/1.webp"].image)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250, "a transparent image is laid on white"


def test_resize_sets_the_shorter_side(images: Path, tmp_path: Path) -> None:
    for name in ("aster", "rose"):
        draw(images / name / "tall.png", (8, 80))
    pack(images, tmp_path / "a", treatment=Treatment(resize=16))
    for part in ("train", "val"):
        summary = recordscan.scan([(tmp_path / f"a_{part}.rec").read_bytes()])
        assert summary.formats.keys() == {"jpeg"}
        assert {min(size) for size in summary.sizes} == {16}


def test_an_image_that_has_the_size_already_is_not_encoded_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(2):
            draw(tmp_path / "images" / name / f"{number}.png", (20, 10))
    pack(tmp_path / "images", tmp_path / "a", treatment=Treatment(resize=10))
    assert recordscan.scan([(tmp_path / "a_train.rec").read_bytes()]).formats == {"png": 2}


def test_unreadable_files_are_left_out_and_named(images: Path, tmp_path: Path) -> None:
    whole = draw(images / "rose" / "cut.png", (300, 300)).read_bytes()
    (images / "rose" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (images / "rose" / "text.jpg").write_text("no image")
    (images / "rose" / "notes.txt").write_text("notes")
    draw(images / "rose" / "a\tb.png")
    (images / "rose" / ".DS_Store").write_text("hidden files are no images and not worth a word")
    packed = pack(images, tmp_path / "a")
    assert {skipped.path.name: skipped.reason.split(" (")[0] for skipped in packed.skipped} == {
        "cut.png": "it cannot be read as an image",
        "text.jpg": "it cannot be read as an image",
        "notes.txt": "its name is not that of an image",
        "a\tb.png": "its name holds a TAB or a line break, which a list cannot",
    }
    assert packed.train + packed.validation == 15


def test_progress_reaches_its_end(images: Path, tmp_path: Path) -> None:
    (images / "rose" / "notes.txt").write_text("notes")
    steps: list[tuple[int, int]] = []
    pack(images, tmp_path / "a", progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (30, 30)
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "at least two"),
        (["a/0.png", "a/1.png"], "holds 1 class folder"),
        (["a/0.png", "b/0.png"], "No class in .* has two images"),
        (["a/0.png", "a/1.png", "b/0.txt"], r"class folder\(s\) b"),
        (["0.png", "a/0.png", "b/1.png"], "0.png lie in .* itself"),
    ],
)
def test_a_folder_without_sense_is_refused(tmp_path: Path, files: list[str], says: str) -> None:
    (tmp_path / "images").mkdir()
    for name in files:
        path = tmp_path / "images" / name
        if path.suffix == ".png":
            draw(path)
        else:
            path.parent.mkdir()
            path.write_text("no image")
    with pytest.raises(PackingError, match=says):
        pack(tmp_path / "images", tmp_path / "out" / "a")
    assert not (tmp_path / "out").exists()


def draw_all(folder: Path, names: str) -> Path:
    """Draw an image for each name; no two are equal."""
    for number, name in enumerate(names.split(), start=sum(1 for _ in folder.rglob("*"))):
        draw(folder / name, color=f"#{number:06x}")
    return folder


def read_parts(folder: Path, name: str) -> dict[str, dict[str, float]]:
    """Read the label of each path in each list."""
    lists_of_set = {path.stem.removeprefix(f"{name}_"): read_rows(path) for path in folder.glob("*.lst")}
    return {part: {row.path: row.labels[0] for row in rows} for part, rows in lists_of_set.items()}


def test_splits_are_packed_as_they_are_and_their_classes_numbered_once(tmp_path: Path) -> None:
    images = draw_all(
        tmp_path / "pets",
        "Training/ape/0.png Training/cat/1.png Training/dog/2.png valid/dog/1.png valid/cat/5.png Testing/dog/6.png",
    )
    packed = pack(images, tmp_path / "out" / "a")
    assert packed.classes == ("ape", "cat", "dog")
    assert packed.images == {"train": 3, "val": 2, "test": 1}
    assert read_parts(tmp_path / "out", "a") == {
        "train": {"Training/ape/0.png": 0, "Training/cat/1.png": 1, "Training/dog/2.png": 2},
        "val": {"valid/dog/1.png": 2, "valid/cat/5.png": 1},
        "test": {"Testing/dog/6.png": 2},
    }
    for part in ("train", "val", "test"):
        records = read_records(tmp_path / "out" / f"a_{part}.rec")
        for row, record in zip(read_rows(tmp_path / "out" / f"a_{part}.lst"), records, strict=True):
            assert (record.identifier, record.image) == (row.identifier, (images / row.path).read_bytes())


def test_a_split_without_validation_keeps_part_of_training_for_it(tmp_path: Path) -> None:
    images = draw_all(tmp_path / "pets", " ".join(f"train/{name}/{n}.png" for name in ("cat", "dog") for n in range(5)))
    draw_all(images, "test/cat/0.png test/loose.png")
    packed = pack(images, tmp_path / "out" / "a")
    assert packed.images == {"train": 8, "val": 2, "test": 1}
    assert [(skipped.path.name, skipped.reason) for skipped in packed.skipped] == [
        ("loose.png", "it is in no class folder")
    ]


def test_the_folders_of_archives_are_looked_through(tmp_path: Path) -> None:
    images = draw_all(
        tmp_path / "scenes",
        "seg_train/seg_train/sea/1.png seg_train/seg_train/street/2.png seg_test/seg_test/sea/3.png "
        "seg_test/seg_test/street/4.png seg_pred/seg_pred/5.png seg_train/seg_train/sea/6.png "
        "seg_train/seg_train/street/7.png",
    )
    (images / "__MACOSX" / "sea").mkdir(parents=True)
    packed = pack(images, tmp_path / "out" / "a")
    assert (packed.classes, packed.images) == (("sea", "street"), {"train": 2, "val": 2, "test": 2})
    assert [(skipped.path.name, skipped.reason) for skipped in packed.skipped] == [("5.png", "it is in no split")]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("train/cat/1.png train/dog/2.png val/3.png", "but train and val are splits"),
        ("train/cat/1.png train/dog/2.png val/cat/3.png val/4.png", r"4\.png lie in .*/val itself"),
        ("train/cat/1.png train/dog/2.png val/cat/3.png val/Dog/4.png", r"/val has the class folder\(s\) Dog, which"),
        ("val/cat/1.png val/dog/2.png test/cat/3.png test/dog/4.png", "but val and test are splits"),
        ("train/cat/1.png train/dog/2.png train_set/dog/2.png val/dog/2.png val/cat/2.png", "are splits"),
        (
            "cat/train/1.png cat/val/2.png dog/train/3.png dog/val/4.png",
            "cat holds the splits train and val; pack that",
        ),
        ("pets/train/cat/1.png pets/train/dog/2.png pets/test/cat/3.png", "pets holds the splits train and test"),
        ("train/cat/1.png train/dog/2.png val/cat/3.png val/dog/4.png logo.png", ""),
    ],
)
def test_splits_that_leave_a_question_are_refused(tmp_path: Path, files: str, says: str) -> None:
    images = draw_all(tmp_path / "images", files)
    if says:
        with pytest.raises(PackingError, match=says):
            pack(images, tmp_path / "out" / "a")
        assert not (tmp_path / "out").exists()
    else:
        assert [skipped.path.name for skipped in pack(images, tmp_path / "out" / "a").skipped] == ["logo.png"]


def test_a_class_called_train_is_packed(tmp_path: Path) -> None:
    images = draw_all(tmp_path / "vehicles", "bus/1.png bus/2.png car/1.png car/2.png train/1.png train/2.png")
    assert pack(images, tmp_path / "out" / "a").classes == ("bus", "car", "train")


@pytest.mark.parametrize(("share", "resize"), [(0.0, None), (1.0, None), (0.2, 0), (0.2, 10**6)])
def test_senseless_settings_are_refused(images: Path, tmp_path: Path, share: float, resize: int | None) -> None:
    with pytest.raises(PackingError):
        pack(images, tmp_path / "a", validation_share=share, treatment=Treatment(resize=resize))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match="nowhere is no folder"):
        pack(tmp_path / "nowhere", tmp_path / "a")


def test_a_failure_leaves_the_earlier_files(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(images, tmp_path / "out" / "a")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    write = writing.write_picture

    def fail_late(files: Sequence[BinaryIO], record: recordio.Record, name: str) -> None:
        if name.endswith("3.png"):
            raise OSError("disk full")
        write(files, record, name)

    monkeypatch.setattr(writing, "write_picture", fail_late)
    with pytest.raises(OSError, match="disk full"):
        pack(images, tmp_path / "out" / "a", seed=5, force=True)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_digits_can_be_packed(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert write_digits(tmp_path / "digits", side=28) == 1797
    packed = pack(tmp_path / "digits", tmp_path / "digits")
    assert (packed.train + packed.validation, packed.classes) == (1797, tuple("0123456789"))
    summary = recordscan.scan([(tmp_path / "digits_train.rec").read_bytes()])
    assert (summary.findings, summary.sizes) == ((), {(28, 28): packed.train})
