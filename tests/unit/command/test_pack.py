"""Packing: a folder a class becomes lists and records that agree, all at once or not at all."""

import io
from pathlib import Path

import pytest
from PIL import Image

from sagescene.files import listrows, lists, recordio, recordscan
from sagescene_command import pack as packing
from sagescene_command.digits import write_digits
from sagescene_command.pack import PackingError, pack


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
        pack(images, tmp_path / name, seed=seed)
    first, again, other = ((tmp_path / f"{name}_train.rec").read_bytes() for name in "abc")
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
    pack(images, tmp_path / "a", resize=16)
    for part in ("train", "val"):
        summary = recordscan.scan([(tmp_path / f"a_{part}.rec").read_bytes()])
        assert summary.formats.keys() == {"jpeg"}
        assert {min(size) for size in summary.sizes} == {16}


def test_an_image_that_has_the_size_already_is_not_encoded_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(2):
            draw(tmp_path / "images" / name / f"{number}.png", (20, 10))
    pack(tmp_path / "images", tmp_path / "a", resize=10)
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
    assert steps[-1] == (32, 32)
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


def test_splits_are_refused_and_a_class_called_train_is_packed(tmp_path: Path) -> None:
    for number in range(2):
        for split in ("train", "val"):
            for name in ("cat", "dog"):
                draw(tmp_path / "pets" / split / name / f"{number}.png")
        for name in ("bus", "car", "train"):
            draw(tmp_path / "vehicles" / name / f"{number}.png")
    draw(tmp_path / "pets" / "logo.png")
    with pytest.raises(PackingError, match=r"but train and val are splits; .* or pack .*/pets/train alone"):
        pack(tmp_path / "pets", tmp_path / "out" / "a")
    assert not (tmp_path / "out").exists()
    assert pack(tmp_path / "pets" / "train", tmp_path / "out" / "a").classes == ("cat", "dog")
    assert pack(tmp_path / "vehicles", tmp_path / "out" / "a").classes == ("bus", "car", "train")


@pytest.mark.parametrize(("share", "resize"), [(0.0, None), (1.0, None), (0.2, 0), (0.2, 10**6)])
def test_senseless_settings_are_refused(images: Path, tmp_path: Path, share: float, resize: int | None) -> None:
    with pytest.raises(PackingError):
        pack(images, tmp_path / "a", validation_share=share, resize=resize)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match="nowhere is no folder"):
        pack(tmp_path / "nowhere", tmp_path / "a")


def test_a_failure_leaves_the_earlier_files(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(images, tmp_path / "out" / "a")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    content = packing._read_image

    def fail_late(path: Path, resize: int | None) -> bytes:
        if path.name == "3.png":
            raise OSError("disk full")
        return content(path, resize)

    monkeypatch.setattr(packing, "_read_image", fail_late)
    with pytest.raises(OSError, match="disk full"):
        pack(images, tmp_path / "out" / "a", seed=5)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_digits_can_be_packed(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert write_digits(tmp_path / "digits", side=28) == 1797
    packed = pack(tmp_path / "digits", tmp_path / "digits")
    assert (packed.train + packed.validation, packed.classes) == (1797, tuple("0123456789"))
    summary = recordscan.scan([(tmp_path / "digits_train.rec").read_bytes()])
    assert (summary.findings, summary.sizes) == ((), {(28, 28): packed.train})
