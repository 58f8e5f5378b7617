"""Packing: a folder a class becomes lists and records that agree, all at once or not at all."""

import errno
import io
import os
import struct
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from sagescene.files import listrows, lists, recordio, recordscan
from sagescene_command.digits import write_digits
from sagescene_command.packing import preparing, writing
from sagescene_command.packing.images import Treatment
from sagescene_command.packing.pack import pack
from sagescene_command.packing.shortage import explain_shortage
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
    (images / "rose" / "IMG_1.HEIC").touch()
    draw(images / "rose" / "a\tb.png")
    (images / "rose" / ".DS_Store").write_text("hidden files are no images and not worth a word")
    packed = pack(images, tmp_path / "a")
    assert {skipped.path.name: skipped.reason.split(" (")[0] for skipped in packed.skipped} == {
        "cut.png": "it cannot be read as an image",
        "text.jpg": "it is no image of a format that Pillow reads",
        "notes.txt": "its name is not that of an image",
        "IMG_1.HEIC": "it is a photo in a form that is not read; convert it to JPEG first",
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
        (["a/0.png", "a/1.png"], "holds 1 class folder; a"),
        (["a/0.png", "b/0.png"], "No class in .* has two images"),
        (["a/0.png", "a/1.png", "b/0.txt"], r"the class b"),
        (["a/0.png", "a/0.txt", "b/1.heic"], r"the class b .* 1.heic was left out: it is a photo in a form that is"),
        (["0.png", "a/0.png", "b/1.png"], "^1 image such as 0.png lies in .* itself"),
    ],
)
def test_a_folder_without_sense_is_refused(tmp_path: Path, files: list[str], says: str) -> None:
    (tmp_path / "images").mkdir()
    for name in files:
        path = tmp_path / "images" / name
        if path.suffix == ".png":
            draw(path)
        else:
            path.parent.mkdir(exist_ok=True)
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


@pytest.mark.parametrize(
    ("images", "boxes"),
    [
        ("images/train/1.png images/val/2.png", "labels/train/1.txt labels/val/2.txt data.yaml"),
        ("train/images/1.png valid/images/2.png", "train/labels/1.txt valid/labels/2.txt"),
        ("images/1.png images/2.png", "labels/1.txt labels/2.txt labels/classes.txt"),
    ],
)
def test_images_and_their_boxes_are_no_classes(tmp_path: Path, images: str, boxes: str) -> None:
    for name in images.split():
        draw(tmp_path / "photos" / name)
    for name in boxes.split():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_text("0 0.5 0.5 0.2 0.2\n")
    with pytest.raises(
        PackingError, match=r"photos holds the images of object detection, .*; or train another algorithm"
    ):
        pack(tmp_path / "photos", tmp_path / "a")


def test_folders_called_images_and_labels_are_classes_where_both_hold_images(tmp_path: Path) -> None:
    for name in ("images/1.png", "images/2.png", "labels/3.png", "labels/4.png"):
        draw(tmp_path / "photos" / name)
    assert pack(tmp_path / "photos", tmp_path / "a").classes == ("images", "labels")


@pytest.mark.parametrize(("folder", "file"), [("images", "labels.csv"), ("cat", "1.txt")])
def test_a_table_or_a_folder_without_its_images_is_none_of_boxes(folder: str, file: str, tmp_path: Path) -> None:
    draw(tmp_path / "photos" / folder / "1.png")
    (tmp_path / "photos/labels").mkdir()
    (tmp_path / "photos/labels" / file).write_text("file,label\n1.png,x\n")
    with pytest.raises(PackingError, match="No image of the class labels"):
        pack(tmp_path / "photos", tmp_path / "a")


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
    "folder",
    [
        "@eaDir/0.jpg",
        "#recycle",
        "$RECYCLE.BIN/a",
        "$Recycle.Bin",
        "System Volume Information",
        "lost+found",
        "__MACOSX",
    ],
)
@pytest.mark.parametrize("place", ["", "cat/"])
def test_folders_that_systems_make_are_passed_over_as_hidden_ones_are(folder: str, place: str, tmp_path: Path) -> None:
    images = draw_all(tmp_path / "images", "cat/1.png cat/2.png dog/3.png dog/4.png")
    draw(images / place / folder / "5.png")
    packed = pack(images, tmp_path / "out" / "a")
    assert (packed.classes, packed.skipped) == (("cat", "dog"), ())


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ("cat", ""),
        ("cat ", "'Cat' and 'cat ' in"),
        ("Cat ", "'Cat' and 'Cat ' in"),
        ("Cafe\u0301", r"'Cafe\\u0301' and 'Caf\\xe9' in"),
        ("\u212aiwi", r"'Kiwi' and '\\u212aiwi' in"),
        ("CAFE\u0301", "'CAFE\u0301' and 'Café' in"),
        ("birds/Owl", ""),
        ("birds /Owl", "'birds /Owl' and 'birds/owl' in"),
        ("Café/ birds", ""),
        ("B", ""),
        ("red\x1b[31m", r"'red\\x1b\[31m' in .* control characters"),
    ],
)
@pytest.mark.parametrize("split", ["", "train"])
def test_names_that_no_two_classes_should_have_are_refused(split: str, other: str, says: str, tmp_path: Path) -> None:
    images = tmp_path / "images"
    for name in ("Cat", "Café", "Kiwi", "birds/owl", "b", "dog", other):
        for number in range(2):
            draw(images / split / name / f"{number}{len(name)}{other == name}.png")
    if split:
        draw(images / "val" / "dog" / "1.png")
    if says:
        with pytest.raises(PackingError, match=says):
            pack(images, tmp_path / "out" / "a")
        assert not (tmp_path / "out").exists()
    else:
        assert len(pack(images, tmp_path / "out" / "a").classes) == 7


def test_names_that_differ_in_capitals_or_joints_alone_are_two_classes_and_told(tmp_path: Path) -> None:
    classes = ("Delta", "delta", "CO", "Co", "A", "a", "night-owl", "night_owl")
    names = " ".join(f"{name}/{name}{n}.png" for name in classes for n in range(2))
    remarks: list[str] = []
    packed = pack(
        draw_all(tmp_path / "images", names), tmp_path / "a", found=lambda source: remarks.extend(source.remarks)
    )
    assert packed.classes == tuple(sorted(classes))
    assert remarks == [
        "These are two classes each, though their names differ in capitals, hyphens or underscores alone: CO and Co, "
        "Delta and delta, night-owl and night_owl; where one is meant, join the folders and pack again."
    ]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("train/cat/1.png train/dog/2.png val/3.png", "but train and val are splits"),
        ("train/cat/1.png train/dog/2.png val/cat/3.png val/4.png", r"4\.png lies in .*/val itself"),
        ("train/cat/1.png train/dog/2.png val/cat/3.png val/Dog/4.png", r"/val has the class folder Dog, which"),
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


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "another disk"),
        (errno.EDQUOT, "another disk"),
        (errno.EFBIG, "size of files"),
        (errno.EMFILE, "fewer --jobs"),
        (errno.ENFILE, "fewer --jobs"),
        (errno.EROFS, "choose a PREFIX where you may write"),
    ],
)
def test_what_is_short_is_named_with_a_remedy(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writing, "write_picture", fail)
    with pytest.raises(PackingError) as raised:
        pack(images, tmp_path / "out" / "a")
    told = str(raised.value)
    assert told.startswith(f"{tmp_path / 'out'} cannot take the packed files ({os.strerror(number)}): ")
    assert remedy in told
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("place", ["out", ".", "../photos/a"])
def test_only_where_files_are_to_lie_it_is_told_that_they_may_not(tmp_path: Path, place: str) -> None:
    out = tmp_path / "out"
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / place / "1"))
    told = PackingError if place != "../photos/a" else PermissionError
    with pytest.raises(told) as raised, explain_shortage(out / "a"):
        raise denied
    assert ("choose a PREFIX where you may write" in str(raised.value)) == (told is PackingError)


def test_no_thread_outlives_a_failure(images: Path, tmp_path: Path) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError(done, total)

    before = threading.active_count()
    with pytest.raises(RuntimeError) as raised:
        pack(images, tmp_path / "out" / "flowers", treatment=Treatment(resize=8), progress=fail)
    assert threading.active_count() == before
    assert raised.value.args == (1, 30), "what holds the error holds the frames, and an iterator in them"


def test_existing_output_is_replaced_only_by_force(images: Path, tmp_path: Path) -> None:
    pack(images, tmp_path / "out" / "a")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(PackingError, match=r"a_train\.lst and 6 more exist already; .* --force"):
        pack(images, tmp_path / "out" / "a", seed=5)
    with pytest.raises(PackingError, match=r"classes\.txt exists already"):
        pack(images, tmp_path / "out" / "b")
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    (tmp_path / "out" / "a_test.rec").write_bytes(b"of an earlier packing, with other labels")
    pack(images, tmp_path / "out" / "a", seed=5, force=True)
    after = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert after.keys() == before.keys()
    assert after != before


def test_a_file_that_appears_while_packing_is_not_replaced(images: Path, tmp_path: Path) -> None:
    other = tmp_path / "a_val.rec"

    def appear(*_: int) -> None:
        other.write_bytes(b"somebody else's")

    with pytest.raises(PackingError, match=r"a_val\.rec exists already"):
        pack(images, tmp_path / "a", progress=appear)
    assert {path.name for path in tmp_path.iterdir()} == {"images", "a_val.rec"}
    assert other.read_bytes() == b"somebody else's"


def test_two_packings_do_not_write_one_file(images: Path, tmp_path: Path) -> None:
    partial = tmp_path / ".a_val.rec.partial"
    (tmp_path / "precious").write_bytes(b"precious")
    partial.symlink_to(tmp_path / "precious")
    with pytest.raises(PackingError, match=r"\.a_val\.rec\.partial is there already"):
        pack(images, tmp_path / "a")
    assert {path.name for path in tmp_path.iterdir()} == {"images", "precious", partial.name}
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_an_output_is_never_an_input(images: Path, tmp_path: Path) -> None:
    first = pack(images, images / "packed" / "a")
    again = pack(images, images / "packed" / "a", force=True)
    assert (again.classes, again.skipped) == (first.classes, ())
    other = pack(images, tmp_path / "b")
    assert other.classes == first.classes
    assert {skipped.path.name for skipped in other.skipped} == {path.name for path in first.files}


def test_links_that_lead_out_are_left_out(images: Path, tmp_path: Path) -> None:
    outside = draw(tmp_path / "outside" / "0.png")
    (images / "rose" / "out.png").symlink_to(outside)
    (images / "rose" / "folder").symlink_to(outside.parent)
    (images / "rose" / "gone.png").symlink_to(tmp_path / "outside" / "gone.png")
    (images / "rose" / "within.png").symlink_to("0.png")
    (images / "rose" / "loop").symlink_to(images)
    (images / "rose" / "nowhere.png").symlink_to("nowhere")
    packed = pack(images, tmp_path / "a")
    assert {skipped.path.name: skipped.reason for skipped in packed.skipped} == {
        "folder": f"it is a link that leads out of {images}",
        "gone.png": f"it is a link that leads out of {images}",
        "loop": "it is a link to another folder, and what is there is packed there",
        "nowhere.png": "it is a link that leads nowhere",
        "out.png": f"it is a link that leads out of {images}",
    }
    assert packed.train + packed.validation == 16


def claim_size(path: Path, side: int) -> None:
    """Have a PNG file say that it is a square of this side."""
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    own = draw(path).read_bytes()
    path.write_bytes(own[:12] + header + struct.pack(">I", zlib.crc32(header)) + own[33:])


def test_pixel_bombs_are_left_out(images: Path, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    claim_size(images / "rose" / "bomb.png", 100_000)  # Pillow refuses it
    claim_size(images / "rose" / "large.png", 13_000)  # Pillow would warn
    packed = pack(images, tmp_path / "a")
    assert {skipped.path.name: skipped.reason for skipped in packed.skipped} == {
        "bomb.png": "it has too many pixels; at most 160,000,000 can be decoded",
        "large.png": "it has 13,000 x 13,000 pixels; at most 160,000,000 can be decoded",
    }
    assert not recwarn.list


def test_an_image_that_changes_meanwhile_is_noticed(images: Path, tmp_path: Path) -> None:
    def change(done: int, _total: int) -> None:
        if done == 15:
            draw(images / "rose" / "0.png", color="blue")

    with pytest.raises(PackingError, match=r"rose/0\.png changed while it was packed"):
        pack(images, tmp_path / "a", progress=change)
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_equal_images_in_two_channels_are_named(tmp_path: Path) -> None:
    images = draw_all(tmp_path / "pets", "train/cat/1.png train/dog/2.png val/cat/3.png val/dog/4.png")
    (images / "val" / "dog" / "twin.png").write_bytes((images / "train" / "cat" / "1.png").read_bytes())
    assert pack(images, tmp_path / "a").duplicates == (("train/cat/1.png", "val/dog/twin.png"),)


def test_the_classes_are_paths_of_folders(tmp_path: Path) -> None:
    names = " ".join(f"{name}/{n}.png" for name in ("cat", "cat/wild", "dog/big/old", "dog/small") for n in range(2))
    images = draw_all(tmp_path / "pets", names)
    (images / "cat" / "notes").mkdir()
    remarks: list[str] = []
    packed = pack(images, tmp_path / "paths" / "a", found=lambda source: remarks.extend(source.remarks))
    assert packed.classes == ("cat", "cat/wild", "dog/big/old", "dog/small")
    assert remarks == [
        "The classes are paths of folders, such as cat/wild; --class-depth 1 makes cat one class instead."
    ]
    assert (tmp_path / "paths" / "classes.txt").read_text() == "cat\ncat/wild\ndog/big/old\ndog/small\n"
    assert pack(images, tmp_path / "first" / "a", class_depth=1).classes == ("cat", "dog")
    assert {path: label for rows in read_parts(tmp_path / "first", "a").values() for path, label in rows.items()} == {
        name: float(name.startswith("dog")) for name in names.split()
    }
    deep = pack(images, tmp_path / "second" / "a", class_depth=2, found=lambda source: remarks.extend(source.remarks))
    assert deep.classes == ("cat", "cat/wild", "dog/big", "dog/small")
    assert len(remarks) == 1, "whoever gives a depth knows"


def test_classes_that_are_split_themselves_can_be_one(tmp_path: Path) -> None:
    images = draw_all(tmp_path / "pets", "cat/train/1.png cat/val/2.png dog/train/3.png dog/val/4.png")
    assert pack(images, tmp_path / "a", class_depth=1).classes == ("cat", "dog")


def test_a_test_ratio_keeps_part_of_each_class(images: Path, tmp_path: Path) -> None:
    for number in range(2):
        draw(images / "pair" / f"{number}.png")
    packed = pack(images, tmp_path / "a", test_share=0.4, validation_share=0.2)
    assert packed.images == {"train": 7, "val": 4, "test": 6}
    parts = read_parts(tmp_path, "a")
    assert {part: sorted(rows.values()) for part, rows in parts.items()} == {
        "train": [0, 0, 1, 2, 2, 3, 3],
        "val": [0, 1, 2, 3],
        "test": [0, 0, 2, 2, 3, 3],
    }
    assert len({path for rows in parts.values() for path in rows}) == 17
    with pytest.raises(PackingError, match="together they must be less than 1"):
        pack(images, tmp_path / "b", test_share=0.5, validation_share=0.5)
    split = draw_all(tmp_path / "split", "train/cat/1.png train/dog/2.png val/cat/3.png val/dog/4.png")
    with pytest.raises(PackingError, match="split is split already"):
        pack(split, tmp_path / "b" / "c", test_share=0.1)


def test_the_number_of_threads_changes_nothing(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (images / "rose" / "2.png").write_bytes(b"no image")
    results = []
    for jobs, many in ((1, 1000), (7, 1000), (1, 15), (7, 15)):
        monkeypatch.setattr(preparing, "_MANY", many)
        packed = pack(images, tmp_path / f"{jobs} {many}" / "a", treatment=Treatment(resize=5), jobs=jobs)
        results.append([path.read_bytes() for path in packed.files])
        assert [skipped.path.name for skipped in packed.skipped] == ["2.png"]
    assert all(written == results[0] for written in results)


def test_digits_can_be_packed(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert write_digits(tmp_path / "digits", side=28) == 1797
    packed = pack(tmp_path / "digits", tmp_path / "digits")
    assert (packed.train + packed.validation, packed.classes) == (1797, tuple("0123456789"))
    summary = recordscan.scan([(tmp_path / "digits_train.rec").read_bytes()])
    assert (summary.findings, summary.sizes) == ((), {(28, 28): packed.train})
