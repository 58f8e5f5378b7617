"""What `sagescene pack` says, and how it reads its command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sagescene.files import recordscan
from sagescene_command.cli import commands
from sagescene_command.packing.writing import settle_prefix


def draw(folder: Path, side: int = 8, images: int = 3) -> Path:
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(images):
            colour = (90 * number, 0 if name == "cat" else 90, 0)
            Image.new("RGB", (side + 100, side), colour).save(folder / name / f"{number}.png")
    return folder


def pack(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["pack", *map(str, arguments)])


@pytest.mark.parametrize(
    ("given", "prefix"),
    [
        ("out/pets", "out/pets"),
        ("out/pets/", "out/pets/pets"),
        ("out/pets//", "out/pets/pets"),
        ("there", "there/there"),
        ("./", "work"),
        (".", "work"),
        ("there/..", "there/../work"),
        ("/", "/photos"),
    ],
)
def test_a_prefix_that_is_a_folder_puts_the_files_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, prefix: str
) -> None:
    (tmp_path / "work" / "there").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    assert settle_prefix(given, Path("photos")) == Path(prefix)


def test_it_ends_with_what_was_written_and_what_to_type(tmp_path: Path) -> None:
    done = pack(draw(tmp_path / "photos"), f"{tmp_path}/my pets/")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "4 images to train on and 2 to validate with, of 2 classes"
    assert lines[1] == f"  {tmp_path}/my pets/my pets_train.lst"
    assert lines[-1] == f"Next: sagescene check '{tmp_path}/my pets'"
    again = pack(tmp_path / "photos", f"{tmp_path}/my pets/")
    assert again.exit_code == 1
    assert "replace them with --force" in again.output
    assert pack(tmp_path / "photos", f"{tmp_path}/my pets/", "--force").exit_code == 0


def test_it_counts_what_was_left_out_by_reason_the_gravest_first_and_names_the_first_few(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos")
    for number in range(7):
        (photos / "cat" / f"{number}\x1b[2J\n.txt").touch()
    (photos / "aaa.txt").touch()
    (photos / "dog" / "link.png").symlink_to("nowhere")
    for name in ("torn.png", "zero.png"):
        (photos / "dog" / name).write_bytes(b"no image")
    (photos / "dog" / "twin.png").write_bytes((photos / "dog" / "0.png").read_bytes())
    (photos / "dog" / "1.png").write_bytes((photos / "dog" / "0.png").read_bytes())
    (photos / "dog" / "2.png").write_bytes((photos / "dog" / "0.png").read_bytes())
    done = pack(photos, tmp_path / "out" / "a")
    lines = done.output.splitlines()
    assert lines[:3] == [
        "11 files are left out:",
        f"  it is no image of a format that Pillow reads: {photos}/dog/torn.png, {photos}/dog/zero.png",
        f"  it is a link that leads nowhere: {photos}/dog/link.png",
    ]
    named, _, more = lines[3].rpartition(" and ")
    assert named.startswith(f"  its name is not that of an image: {photos}/aaa.txt, {photos}/cat/0\\x1b[2J\\n.txt, ")
    assert named.count(".txt") + int(more.removesuffix(" more")) == 8
    assert lines[4].startswith("1 image is trained on and held back as well")
    assert " equals dog/" in lines[5]
    assert "\x1b" not in done.output


def test_large_photos_are_proposed_a_size_before_they_are_read(tmp_path: Path) -> None:
    photos = draw(tmp_path / "large photos", side=449, images=2)
    done = pack(photos, f"{tmp_path}/out/", "--seed", 5)
    first = done.output.splitlines()[0]
    assert first.startswith("The images are large, typically 449 pixels on the shorter side")
    assert first.endswith(f": sagescene pack '{photos}' {tmp_path}/out/ --seed 5 --resize 256")
    assert "The images are large" not in pack(photos, f"{tmp_path}/small/", "--resize", 256).output
    assert "The images are large" not in pack(draw(tmp_path / "photos", side=448), f"{tmp_path}/other/").output


def test_the_options_reach_the_images(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos", side=300)
    done = pack(photos, f"{tmp_path}/out/", "--test-ratio", 0.3, "--center-crop", "--resize", 32, "--quality", 50)
    assert done.output.startswith("2 images to train on and 2 to validate with, and 2 to test with, of 2 classes")
    records = recordscan.scan([(tmp_path / "out" / "out_test.rec").read_bytes()])
    assert (dict(records.sizes), dict(records.formats)) == ({(32, 32): 2}, {"jpeg": 2})
    assert pack(photos, f"{tmp_path}/exact/", "--exact").exit_code == 0
    exact = recordscan.scan([(tmp_path / "exact" / "exact_train.rec").read_bytes()])
    assert (dict(exact.sizes), dict(exact.formats)) == ({(300, 400): 4}, {"png": 4})


@pytest.mark.parametrize(
    ("splits", "options", "is_told"),
    [
        (("train", "val"), ["--validation-share", 0.5], True),
        (("train", "val"), [], False),
        (("train", "test"), ["--validation-share", 0.5], False),
    ],
)
def test_a_validation_share_of_a_folder_that_is_split_is_said_not_to_be_used(
    tmp_path: Path, splits: tuple[str, ...], options: list[object], is_told: bool
) -> None:
    for split in splits:
        draw(tmp_path / "photos" / split, side=8 if split == "train" else 9)
    done = pack(tmp_path / "photos", f"{tmp_path}/out/", *options)
    assert done.exit_code == 0, done.output
    assert ("--validation-share is not used" in done.output) == is_told


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--square", "pad", "--center-crop"], "give --square pad or --center-crop"),
        (["--exact", "--quality", 90], "give --exact alone"),
        (["--test-ratio", 0.9], "must be less than 1"),
    ],
)
def test_options_that_contradict_are_refused(tmp_path: Path, options: list[object], says: str) -> None:
    done = pack(draw(tmp_path / "photos"), f"{tmp_path}/out/", *options)
    assert done.exit_code == 1
    assert says in done.output
    assert not (tmp_path / "out").exists()


def test_what_was_packed_is_told_as_json_alone(tmp_path: Path) -> None:
    photos = draw(tmp_path / "photos")
    (photos / "cat" / "torn.png").write_bytes(b"no image")
    command = ["pack", str(photos), f"{tmp_path}/pets/", "--json"]
    done = CliRunner(mix_stderr=False).invoke(commands, command)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["images"]["train"] + told["images"]["val"] == 6
    assert told["classes"] == ["cat", "dog"]
    assert [Path(file).exists() for file in told["files"]] == [True] * len(told["files"])
    assert [Path(skipped["path"]).name for skipped in told["skipped"]] == ["torn.png"]
    assert "1 file is left out" in done.stderr
