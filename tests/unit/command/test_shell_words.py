"""Commands that are shown to be typed can be typed, whatever files and data sets are called."""

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sagescene.files import recordio
from sagescene.shell_words import quote_name, quote_path
from sagescene_command import images_only, operations
from sagescene_command.cli import commands
from sagescene_command.following.leaving import leaving_watch
from sagescene_command.following.sights import Sight, judge
from sagescene_command.interrupts import Interrupted
from sagescene_command.terminal import Console
from tests.unit.command.test_following_sights import LONG_AGO, NOW


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


def type_again(result: Result, before: str) -> Result:
    """Type the command that stands at the end of a line of the output."""
    (line,) = [line for line in result.output.splitlines() if before in line]
    sagescene, *words = shlex.split(line.partition(before)[2])
    assert sagescene == "sagescene"
    return run(*words)


@pytest.fixture(autouse=True)
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("cat", "dog"):
        Path("photos", name).mkdir(parents=True)
        for number in range(5):
            shade = (40 * number, 0 if name == "cat" else 90, 0)
            Image.new("RGB", (449, 449), shade).save(Path("photos", name, f"{number}.png"))
    return Path("photos")


@pytest.mark.parametrize(
    ("path", "spelt"),
    [("pets", "pets"), ("-pets", "./-pets"), ("-my pets/", "'./-my pets/'"), (Path("a/-b"), "a/-b"), ("", "''")],
)
def test_a_path_that_begins_with_a_dash_is_told_from_an_option(path: Path | str, spelt: str) -> None:
    assert quote_path(path) == spelt


@pytest.mark.parametrize(("name", "spelt"), [("pets", "pets"), ("-my pets", "-- '-my pets'"), ("a-b", "a-b")])
def test_a_name_that_begins_with_a_dash_is_told_from_an_option(name: str, spelt: str) -> None:
    assert quote_name(name) == spelt


def test_what_packing_says_to_type_can_be_typed() -> None:
    packed = run("pack", "--", "photos", "-Ünser Täg/")
    checked = type_again(packed, "Next: ")
    assert checked.output.startswith("-Ünser Täg is ready"), checked.output
    shutil.rmtree("-Ünser Täg")
    assert type_again(packed, "to have whole pictures seen: ").exit_code == 0


def test_what_is_said_of_images_that_are_not_packed_can_be_typed(photos: Path) -> None:
    photos.rename("-photos")
    said = images_only.explain_images("-photos/", ["datasets/-photos/cat/1.png"])
    assert run(*shlex.split(said.partition("Pack them first: sagescene ")[2])).exit_code == 0
    assert sorted(path.name for path in Path().iterdir()) == ["-photos", "-photos-packed"]


def test_what_is_said_of_a_repair_can_be_typed() -> None:
    assert run("pack", "photos", "./-pets/").exit_code == 0
    records = Path("-pets/-pets_val.idx")
    records.write_text(recordio.index_line(7, 7))
    checked = run("check", "--", "-pets")
    mended = type_again(checked, "in a copy by: ")
    assert "write the copy, answer yes" in mended.output, mended.output
    mended = run("repair", "--yes", "--", "-pets", "-copy")
    assert mended.output.endswith("Next: sagescene drop ./-copy -- -pets\n")


def test_what_is_said_of_a_data_set_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Interrupted), leaving_watch(Console(), "-pets"):
        raise Interrupted(2)
    told = capsys.readouterr().out
    assert "sagescene status -- -pets," in told
    assert "sagescene watch -- -pets." in told
    assert "sagescene stop -- -pets\n" in told
    assert "sagescene status -- -pets says" in str(operations.NoRunningJobError("-pets"))
    assert judge(Sight(data_set="-pets", uploaded=LONG_AGO), NOW).remedy.endswith("sagescene start -- -pets")
