"""Files of a folder from anybody: a link that leads out of it is neither read, uploaded nor copied."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from sagescene_command.cli import commands
from sagescene_command.folder_files import explain_links, find_files
from sagescene_command.local_run import UnusableFolderError, find_uploads
from sagescene_command.places import UncheckableError, find_folder

DATA = Path(__file__).parents[2] / "data/two_class"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "id_rsa").write_text("SECRET KEY\n")
    return copytree(DATA, tmp_path / "pets")


@pytest.mark.parametrize("target", ["../id_rsa", "train/../../id_rsa", "{0}/id_rsa"])
@pytest.mark.parametrize(
    "find",
    [
        pytest.param(lambda folder: find_uploads(folder, "pets"), id="uploads"),
        pytest.param(lambda folder: find_folder(str(folder)), id="place"),
    ],
)
def test_a_link_that_leads_out_of_the_folder_is_refused_with_what_to_do(
    folder: Path, find: Callable[[Path], object], target: str
) -> None:
    (folder / "x_test.rec").symlink_to(target.format(folder.parent))
    with pytest.raises((UnusableFolderError, UncheckableError)) as refused:
        find(folder)
    says = str(refused.value)
    assert f"x_test.rec is a link that leads out of {folder} (x_test.rec to {folder.parent}/id_rsa), and what" in says
    assert "Put the files themselves in the place of links" in says


@pytest.mark.parametrize("command", [["check"], ["repair", "--yes"]])
def test_commands_that_read_a_folder_end_with_that_sentence_and_quote_nothing(folder: Path, command: list[str]) -> None:
    (folder / "classes.txt").symlink_to("../id_rsa")
    copy = [str(folder.parent / "copy")] if "repair" in command else []
    result = CliRunner().invoke(commands, [command[0], str(folder), *copy, *command[1:]])
    assert result.exit_code == 3
    assert "classes.txt is a link that leads out of" in result.output
    assert "SECRET" not in result.output
    assert not (folder.parent / "copy").exists()


def test_of_many_links_some_are_named_and_no_name_is_obeyed_by_a_terminal(folder: Path) -> None:
    for number in range(7):
        (folder / f"{number}\x1b[2J.rec").symlink_to("../id_rsa")
    says = explain_links(folder, find_files(folder, "pets").values())
    assert " and 2 more are links that lead out of " in says
    assert says.isprintable()


def test_links_within_a_folder_and_one_that_is_the_folder_are_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "x_test.rec").symlink_to("validation/validation.rec")
    link = tmp_path / "linked"
    link.symlink_to(folder)
    for given in (folder, link):
        assert find_uploads(given, "pets")["datasets/pets/x_test.rec"].read_bytes()
        assert "datasets/pets/x_test.rec" in {stored.key for stored in find_folder(str(given), "pets").objects}


def test_hidden_files_are_left_out_and_so_are_links_among_them(folder: Path) -> None:
    (folder / ".venv").mkdir()
    (folder / ".venv/python").symlink_to("../../id_rsa")
    (folder / ".x.rec").symlink_to("../id_rsa")
    assert {*find_uploads(folder, "pets")} == {stored.key for stored in find_folder(str(folder)).objects}
    assert not any("/." in key for key in find_uploads(folder, "pets"))
