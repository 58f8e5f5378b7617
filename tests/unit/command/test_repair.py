"""`sagescene repair`: what it mends, what it leaves, and that nothing is written unasked or over the set."""

import errno
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from sagescene.files import listrows, recordio
from sagescene.files.listrows import Row
from sagescene.files.recordio import Record
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene_command.cli import commands
from sagescene_command.repairing import reading, suggestion
from sagescene_command.repairing.labels import Renumbering, renumber
from sagescene_command.repairing.planning import Change, ChannelContent, RepairPlan, find_unmended, plan
from sagescene_command.repairing.rows import rebuild, write_rows
from sagescene_command.repairing.texts import mend_text

CLASSES = 3
IMAGES = {"train": range(60), "val": range(100, 130)}


def draw(number: int) -> bytes:
    encoded = io.BytesIO()
    Image.effect_noise((32, 32), 20 + number % 90).convert("RGB").save(encoded, "PNG")
    return encoded.getvalue()


PICTURES = {number: draw(number) for numbers in IMAGES.values() for number in numbers}


def write_channel(folder: Path, name: str, label_of: Callable[[int], float]) -> None:
    records = [Record(identifier=n, labels=(label_of(n),), image=PICTURES[n]) for n in IMAGES[name]]
    offset, index = 0, ""
    for record in records:
        index += recordio.index_line(record.identifier, offset)
        offset += len(recordio.pack(record))
    (folder / f"pets_{name}.rec").write_bytes(b"".join(recordio.write(records)))
    (folder / f"pets_{name}.idx").write_text(index)
    rows = [Row(n, (label_of(n),), f"{name}/class {n % CLASSES}, {n}.png") for n in IMAGES[name]]
    (folder / f"pets_{name}.lst").write_bytes(write_rows(rows))


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a set whose image n is of class n % 3, with the label that `label_of` gives that class."""

    def make(label_of: Callable[[int], float] = float) -> Path:
        folder = tmp_path / "pets"
        folder.mkdir()
        for name in IMAGES:
            write_channel(folder, name, lambda n: label_of(n % CLASSES))
        (folder / "classes.txt").write_text("cat\ndog\nowl\n")
        return folder

    return make


def repair(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["repair", *map(str, arguments)])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def change_list(folder: Path, change: Callable[[bytes], bytes]) -> None:
    path = folder / "pets_train.lst"
    path.write_bytes(change(path.read_bytes()))


def change_index(folder: Path, change: Callable[[bytes], bytes]) -> None:
    path = folder / "pets_val.idx"
    path.write_bytes(change(path.read_bytes()))


def replace_lines(listed: bytes, number: int, by: bytes) -> bytes:
    lines = listed.splitlines(keepends=True)
    return b"".join([*lines[:number], by, *lines[number + 1 :]])


def quoted(separator: bytes) -> Callable[[bytes], bytes]:
    def quote(listed: bytes) -> bytes:
        rows = (line.split(b"\t") for line in listed.splitlines())
        return b"".join(separator.join(b'"%b"' % field for field in row) + b"\n" for row in rows)

    return quote


def reordered(pattern: bytes) -> Callable[[bytes], bytes]:
    return lambda listed: re.sub(rb"(?m)^(\d+)\t(\d+)\.0+\t(.+)$", pattern, listed)


FAULTS: dict[str, Callable[[Path], None]] = {
    "header": lambda folder: change_list(folder, lambda listed: b"index\tlabel\tpath\n" + listed),
    **{
        f"header {named}": lambda folder, header=header: change_list(folder, lambda listed: header + b"\n" + listed)  # type: ignore[misc]
        for named, header in {
            "in Japanese": "\ufeff番号\tラベル\tパス".encode(),
            "of numbers": b"0\t1\t2",
            "of numbers and none": b"\t0\t1\t2",
        }.items()
    },
    "commas": lambda folder: change_list(folder, lambda listed: listed.replace(b"\t", b",")),
    "semicolons": lambda folder: change_list(folder, lambda listed: listed.replace(b"\t", b";")),
    "blanks": lambda folder: change_list(folder, lambda listed: listed.replace(b"\t", b" ")),
    **{
        f"columns separated by {separator!a}": lambda folder, separator=separator: change_list(  # type: ignore[misc]
            folder, lambda listed: listed.replace(b"\t", separator.encode())
        )
        for separator in ("|", "\\t", "\u00a0", "\u3000")
    },
    "quotation marks": lambda folder: change_list(folder, quoted(b"\t")),
    "quotation marks and commas": lambda folder: change_list(folder, quoted(b",")),
    "indices with decimals": lambda folder: change_list(
        folder, lambda listed: re.sub(rb"(?m)^(\d+)", rb"\1.0", listed)
    ),
    "UTF-16": lambda folder: change_list(folder, lambda listed: listed.decode().encode("utf-16")),
    "header, commas and UTF-16": lambda folder: change_list(
        folder, lambda listed: ("index,label,path\n" + listed.decode().replace("\t", ",")).encode("utf-16")
    ),
    "a comment and a header": lambda folder: change_list(
        folder, lambda listed: b"# of cats, 2026\nindex\tlabel\tpath\n" + listed + b"# end\n"
    ),
    "UTF-16 without its mark": lambda folder: change_list(folder, lambda listed: listed.decode().encode("utf-16-le")),
    "UTF-16 the other way round": lambda folder: change_list(
        folder, lambda listed: listed.decode().encode("utf-16-be")
    ),
    "bytes of Windows-1252": lambda folder: change_list(
        folder, lambda listed: listed.replace(b"class 1, 4.", b"K\xe4tzchen \x80\x81.")
    ),
    "lines of an old Mac": lambda folder: change_list(folder, lambda listed: listed.replace(b"\n", b"\r")),
    "a row with another label": lambda folder: change_list(
        folder, lambda listed: replace_lines(listed, 4, b"4\t2.0\ttrain/class 1, 4.png\n")
    ),
    "a row without its label": lambda folder: change_list(
        folder, lambda listed: replace_lines(listed, 4, b"4\tx.png\n")
    ),
    "a row with a word for its label": lambda folder: change_list(
        folder, lambda listed: replace_lines(listed, 4, b"4\tdog\tx.png\n")
    ),
    "no row for a record": lambda folder: change_list(folder, lambda listed: replace_lines(listed, 4, b"")),
    "a row twice": lambda folder: change_list(folder, lambda listed: replace_lines(listed, 4, b"3\t0.0\tx.png\n")),
    "a line that is no row": lambda folder: change_list(folder, lambda listed: listed + b"no row at all\n"),
    "another list": lambda folder: change_list(
        folder, lambda listed: b"".join(b"7" + line for line in listed.splitlines(keepends=True))
    ),
    "an index of other records": lambda folder: change_index(folder, lambda index: index.replace(b"\t0", b"\t4")),
}


# Of these every row can be read.
TEXTS = (
    {fault for fault in FAULTS if "quotation" in fault or "decimals" in fault}
    | {fault for fault in FAULTS if fault.startswith(("header ", "columns "))}
    | {"header", "commas", "semicolons", "blanks", "a comment and a header", "lines of an old Mac"}
    | {fault for fault in FAULTS if "UTF-16" in fault}
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_set_with_a_fault_is_ready_when_it_is_repaired_and_repairing_it_again_changes_nothing(
    fault: str, make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make()
    sound = contents(folder)
    FAULTS[fault](folder)
    before = contents(folder)
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 0, result.output
    assert contents(folder) == before
    mended = contents(tmp_path / "mended")
    assert mended.keys() == sound.keys()
    changed = {name for name in sound if mended[name] != before[name]}
    assert changed == {"pets_val.idx" if "index" in fault else "pets_train.lst"}
    (name,) = changed
    assert name in result.output
    assert repair(tmp_path / "mended", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == mended
    if fault in TEXTS or "index" in fault:
        assert mended == sound


@pytest.mark.parametrize(
    "label_of", [lambda n: n + 1, lambda n: 5 * n + 2, lambda n: n if n < 2 else 7], ids=["from 1", "apart", "a gap"]
)
def test_labels_get_numbers_from_0_without_a_gap_in_lists_and_records(
    label_of: Callable[[int], float], make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make(label_of)
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 0, result.output
    assert any(line.split() == [f"{label_of(2):g}", "2"] for line in result.output.splitlines())
    for name in IMAGES:
        written = list(recordio.read([(tmp_path / f"mended/pets_{name}.rec").read_bytes()]))
        assert [(record.identifier, *record.labels) for record in written] == [(n, n % CLASSES) for n in IMAGES[name]]
        assert [record.image for record in written] == [PICTURES[n] for n in IMAGES[name]]
        rows = list(listrows.read([(tmp_path / f"mended/pets_{name}.lst").read_bytes()]))
        assert [(row.identifier, *row.labels) for row in rows] == [(n, n % CLASSES) for n in IMAGES[name]]
    assert (tmp_path / "mended/classes.txt").read_text() == "cat\ndog\nowl\n"
    assert repair(tmp_path / "mended", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(tmp_path / "mended")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_names_the_repair_of_what_it_mends(fault: str, make: Callable[..., Path]) -> None:
    folder = make()
    FAULTS[fault](folder)
    result = CliRunner().invoke(commands, ["check", f"{folder}/", "--no-decode"])
    assert result.output.count(f"sagescene repair {folder} {folder}-mended\n") == 1


def test_a_check_names_no_repair_where_none_would_be_made(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    monkeypatch.chdir(folder)

    def check() -> str:
        return CliRunner().invoke(commands, ["check", ".", "--no-decode"]).output

    (folder / "training.json").write_text('{"epoch": 1}')
    assert "sagescene repair" not in check()
    FAULTS["header"](folder)
    assert "sagescene repair . ../pets-mended\n" in check()


@pytest.mark.parametrize(
    "change",
    [
        reordered(rb"\1\t\t\2\t\t\3"),
        reordered(rb"\1\t\1\t\2\t\3"),
        reordered(rb"\1\t\3\t\2"),
        reordered(rb"\3"),
        reordered(rb"+\1\t\2\t\3"),
        lambda listed: b"".join(listed.splitlines(keepends=True)[:30]) + b"30\t0.0",
        lambda _: b"<!DOCTYPE html>\n<html>404</html>\n",
        lambda _: b"\x0a#\xd7\xce\n\0\tx\xe4\n",
    ],
    ids=["two TABs", "pandas", "label last", "paths alone", "signs", "cut", "HTML", "records"],
)
def test_a_check_names_no_repair_that_would_mend_nothing(
    change: Callable[[bytes], bytes], make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make()
    change_list(folder, change)
    checked = CliRunner().invoke(commands, ["check", str(folder), "--no-decode"])
    assert checked.exit_code == 1
    assert "Nothing of this can be mended safely" in repair(folder, tmp_path / "mended", "--yes").output
    assert "sagescene repair" not in checked.output


def test_a_set_too_large_to_be_read_twice_is_given_the_command_that_tells(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    change_list(folder, reordered(rb"\3"))
    size = sum(map(len, contents(folder).values()))
    told = "Whether any of this can be mended safely is told, before anything is written, by: sagescene repair "
    for most, times in ((size, 0), (size - 1, 1)):
        monkeypatch.setattr(suggestion, "MOST_BYTES_PLANNED", most)
        assert CliRunner().invoke(commands, ["check", str(folder), "--no-decode"]).output.count(told) == times


def test_no_repair_is_named_of_a_set_that_has_too_many_labels_to_plan_it(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    FAULTS["header"](folder)
    monkeypatch.setattr(reading, "MOST_LABELS", -1)
    result = CliRunner().invoke(commands, ["check", str(folder), "--no-decode"])
    assert result.exit_code == 0
    assert "sagescene repair" not in result.output


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_and_others_stay() -> None:
    listed = "\ufeff0\t1\tKätzchen.png\n".encode() + b"1\t0\tK\xe4tzchen \x80\x81.png\r\n2\t0\tb.png\n"
    mended = mend_text(listed, 1)
    assert mended.content.decode() == "\ufeff0\t1\tKätzchen.png\n1\t0\tKätzchen €\\x81.png\r\n2\t0\tb.png\n"
    assert mended.changes == ("UTF-8 instead of Windows-1252 on 1 line",)
    assert mend_text(b"PK\3\4\xe4", 1).content == b"PK\3\4\xe4", "of what is no text, nothing is made"


def test_a_sound_set_is_copied_byte_for_byte_without_a_question(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    result = repair(folder, tmp_path / "copy")
    assert result.exit_code == 0
    assert contents(tmp_path / "copy") == contents(folder)
    assert f"Next: sagescene drop {tmp_path}/copy pets" in result.output
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "make room there, or choose a folder on another disk"), (errno.EROFS, "choose a folder where you")],
)
def test_a_target_that_takes_no_copy_is_named_and_not_what_is_copied(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(source: Path, _: Path) -> None:  # as shutil does
        raise OSError(number, "why", str(source), None, "/tmp/.out.x")

    folder = make()
    FAULTS["header"](folder)
    monkeypatch.setattr(shutil, "copyfile", fail)
    result = repair(folder, tmp_path / "out", "--yes")
    assert result.exit_code == 3
    assert f"Error: {tmp_path}/out cannot take the copy (why): {remedy}" in result.output


def test_nothing_is_written_when_nobody_says_yes(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    FAULTS["header"](folder)
    result = repair(folder, tmp_path / "mended")
    assert result.exit_code == 4
    assert "line 1, which names the columns, left out" in result.output
    assert not (tmp_path / "mended").exists()


@pytest.mark.parametrize(("options", "status"), [(["--yes"], 0), ([], 4)])
def test_a_repair_is_told_as_json_alone(
    options: list[str], status: int, make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make()
    FAULTS["header"](folder)
    command = ["repair", str(folder), str(tmp_path / "mended"), "--json", *options]
    result = CliRunner(mix_stderr=False).invoke(commands, command)
    assert result.exit_code == status
    told = json.loads(result.stdout)
    assert told["written"] == (None if status else str(tmp_path / "mended"))
    assert [change["file"] for change in told["changes"]] == ["pets_train.lst"]
    assert told["report"]["verdict"] == "ready"  # the line of column names is a warning
    assert "line 1, which names the columns, left out" in result.stderr


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 4)])
def test_a_person_at_a_terminal_is_asked(
    answer: str, status: int, make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    FAULTS["header"](folder)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    result = CliRunner().invoke(commands, ["repair", str(folder), str(tmp_path / "mended")], input=f"{answer}\n")
    assert result.exit_code == status
    assert result.output.index("left out") < result.output.index(f"Write {tmp_path}/mended?")
    assert (tmp_path / "mended").exists() == (status == 0)


def test_whoever_ends_the_input_at_the_question_has_not_said_yes(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    FAULTS["header"](folder)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    monkeypatch.setattr("click.confirm", Mock(side_effect=click.Abort))  # as click does at Ctrl-D
    result = repair(folder, tmp_path / "mended")
    assert result.exit_code == 4
    assert "Nothing is written" in result.output


def test_names_of_labels_that_no_image_has_are_left_out_of_classes_txt(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make(lambda n: 2 * n)
    (folder / "classes.txt").write_bytes("cat\nfox\ndög\nelk\nowl\n".encode())
    assert repair(folder, tmp_path / "mended", "--yes").exit_code == 0
    assert (tmp_path / "mended/classes.txt").read_bytes() == "cat\ndög\nowl\n".encode()


@pytest.mark.parametrize(
    ("file", "content", "mended"),
    [
        ("meta/classes.txt", b"cat\nfox\nd\xc3\xb6g\nelk\nowl\n", b"cat\nd\xc3\xb6g\nowl\n"),
        ("classes.txt", b"cat\nfox\ndog\nelk\nowl\n\n \n", b"cat\ndog\nowl\n"),
        ("classes.txt", b"\xef\xbb\xbfcat\r\nfox\r\ndog\r\nelk\r\nowl", b"cat\ndog\nowl\n"),
        ("classes.txt", b"cat\rfox\rdog\relk\rowl\r", b"cat\ndog\nowl\n"),
        ("classes.txt", b"cat\ndog\nowl\n\n", b"cat\ndog\nowl\n\n"),
        ("classes.txt", b"\n", b"\n"),
    ],
)
def test_names_are_read_wherever_and_however_a_check_reads_them(
    file: str, content: bytes, mended: bytes, make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make(lambda n: 2 * n)
    (folder / "classes.txt").unlink()
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_bytes(content)
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "mended" / file).read_bytes() == mended


def test_names_that_are_not_utf_8_are_left_out_as_well_and_stay_as_they_are(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make(lambda n: 2 * n)
    (folder / "classes.txt").write_bytes(b"cat\nfox\nd\xf6g\nelk\nowl\n\n")
    assert repair(folder, tmp_path / "mended", "--yes").exit_code == 1
    assert (tmp_path / "mended/classes.txt").read_bytes() == b"cat\nd\xf6g\nowl\n"


def test_what_cannot_be_mended_is_named_with_its_remedy(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    FAULTS["header"](folder)
    (folder / "training.json").write_text('{"epoch": 1}')
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 1
    assert "not mended: training.json, epoch: " in result.output
    assert "Did you mean epochs?" in result.output
    assert f"mend the rest, then type sagescene check {tmp_path}/mended" in result.output


def relabel_lists(folder: Path) -> None:
    """Write 7 for 2 in both lists and not in the records, so that classes.txt seems to call folder owl otherwise."""
    for name in IMAGES:
        path = folder / f"pets_{name}.lst"
        listed = path.read_bytes().replace(b"\t2.000000\t", b"\t7.000000\t")
        for label, animal in enumerate([b"cat", b"dog", b"owl"]):
            listed = listed.replace(b"%b/class %d, " % (name.encode(), label), b"%b/" % animal)
        path.write_bytes(listed)


def test_what_another_change_mends_as_well_is_not_called_unmended(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    relabel_lists(folder)
    (folder / "training.json").write_text('{"epoch": 1}')
    asked = repair(folder, tmp_path / "mended")
    assert asked.output.count("no change is for: training.json, epoch: ") == 1
    assert "not mended" not in asked.output
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.output.count("not mended: ") == result.output.count("not mended: training.json, epoch: ") == 1
    command = ["repair", str(folder), str(tmp_path / "again"), "--json", "--yes"]
    (unmended,) = json.loads(CliRunner(mix_stderr=False).invoke(commands, command).stdout)["unmended"]
    assert unmended.startswith("training.json, epoch: ")


@pytest.mark.parametrize("label_of", [float, lambda n: n + 1], ids=["from 0", "from 1"])
@pytest.mark.parametrize(
    "columns", [rb"\3\t\1\t\2", rb"\2\t\1\t\3", rb"\3 \2", rb"\1-\2-\3"], ids=["path", "swapped", "blank", "none"]
)
def test_a_list_whose_rows_cannot_be_read_is_not_made_up_from_the_records(
    columns: bytes, label_of: Callable[[int], float], make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make(label_of)
    change_list(folder, reordered(columns))
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 1
    assert "Nothing of this can be mended safely" in result.output
    assert not (tmp_path / "mended").exists()


@pytest.mark.parametrize("kind", ["rec", "lst"])
def test_more_labels_than_can_be_held_are_refused_in_a_sentence(
    kind: str, make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    change_list(folder, lambda listed: listed.replace(b".000000\t", b"\t1\t1\t") if kind == "lst" else listed)
    if kind == "rec":
        path = folder / "pets_train.rec"
        several = (replace(record, labels=(1.0, 0.0, 1.0)) for record in recordio.read([path.read_bytes()]))
        path.write_bytes(b"".join(recordio.write(several)))
    monkeypatch.setattr(reading, "MOST_LABELS", 119)  # two more an image are 120
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 3
    assert f"Error: pets_train.{kind} holds more than 119 labels besides" in result.output
    monkeypatch.setattr(reading, "MOST_LABELS", 120)
    assert repair(folder, tmp_path / "mended", "--yes").exit_code != 3


def test_a_row_without_its_label_keeps_its_path(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    FAULTS["a row without its label"](folder)
    repair(folder, tmp_path / "mended", "--yes")
    rows = {row.identifier: row for row in listrows.read([(tmp_path / "mended/pets_train.lst").read_bytes()])}
    assert rows[4] == Row(4, (1.0,), "x.png")


def test_records_that_end_early_are_left_as_they_are(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make(lambda n: n + 1)
    records = folder / "pets_train.rec"
    records.write_bytes(records.read_bytes()[:-5000])
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 1
    assert "Nothing of this can be mended safely" in result.output
    assert not (tmp_path / "mended").exists()


def test_records_of_which_one_is_too_long_to_be_held_are_left_as_they_are(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(lambda n: n + 1)
    monkeypatch.setattr(recordio, "LARGEST_RECORD_IN_BYTES", 50)
    assert "Nothing of this can be mended safely" in repair(folder, tmp_path / "mended", "--yes").output


def test_records_of_which_two_have_one_id_are_left_as_they_are(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make(lambda n: n + 1)
    records = folder / "pets_train.rec"
    (folder / "pets_train.idx").unlink()
    first = next(recordio.read([records.read_bytes()]))
    records.write_bytes(records.read_bytes() + recordio.pack(first))
    result = repair(folder, tmp_path / "mended", "--yes")
    assert result.exit_code == 1
    assert "Nothing of this can be mended safely" in result.output


def test_a_missing_file_is_told_by_its_own_exit_status(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    (folder / "pets_val.rec").unlink()
    assert repair(folder, tmp_path / "mended", "--yes").exit_code == 2


@pytest.mark.parametrize("target", ["pets", "pets/mended", ".", "full", "file"])
def test_a_copy_is_not_put_into_the_set_nor_over_anything(
    target: str, make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    (tmp_path / "file").touch()
    before = contents(folder)
    assert repair(folder, tmp_path / target, "--yes").exit_code == 3
    assert contents(folder) == before
    assert contents(tmp_path / "full") == {"mine": b""}
    assert repair(folder, tmp_path, "--yes", "--force").exit_code == 3
    if target == "full":
        assert repair(folder, tmp_path / target, "--force").exit_code == 0
        assert contents(tmp_path / "full") == {**before, "mine": b""}


def channel(rows: list[Row], records: dict[int, tuple[float, ...]], name: str = "train") -> ChannelContent:
    return ChannelContent(
        list_file=f"{name}.lst",
        listed=write_rows(rows),
        records_file=f"{name}.rec",
        records=records,
        are_whole=True,
        index_file=f"{name}.idx",
    )


def carry_out(planned: RepairPlan, channels: list[ChannelContent]) -> list[ChannelContent]:
    return [
        replace(
            each,
            listed=planned.texts.get(each.list_file, each.listed),
            records={
                identifier: tuple(planned.labels[label] for label in labels)
                for identifier, labels in each.records.items()
            }
            if each.records_file in planned.relabelled
            else each.records,
        )
        for each in channels
    ]


LABELS = st.integers(0, 6).map(lambda label: (float(label),))
ROWS = st.lists(st.builds(Row, st.integers(0, 12), LABELS, st.sampled_from("abc")), max_size=12)
RECORDS = st.dictionaries(st.integers(0, 12), LABELS, max_size=12)

# Rows that are read as label, index and path: the numbers of the first column repeat, those of the second do not.
SWAPPED = [Row(0, (float(label),), "a") for label in range(5)]


@given(ROWS, RECORDS, ROWS, RECORDS)
@example(SWAPPED, {0: (0.0,)}, [], {})
@example(SWAPPED, {}, [], {})
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(
    rows: list[Row],
    records: dict[int, tuple[float, ...]],
    other_rows: list[Row],
    other_records: dict[int, tuple[float, ...]],
) -> None:
    channels = [channel(rows, records), channel(other_rows, other_records, "validation")]
    mended = carry_out(plan(channels, ()), channels)
    assert plan(mended, ()).changes == ()
    for before, after in zip(channels, mended, strict=True):
        if before.listed and not any(listrows.read([before.listed])):
            assert after == before
            continue
        by_id = {row.identifier: row.labels for row in listrows.read([after.listed])}
        assert {identifier: by_id.get(identifier) for identifier in after.records} == after.records
        assert after.records.keys() == before.records.keys()


@given(st.binary(max_size=200), st.integers(1, 3))
def test_a_text_that_was_mended_is_left_alone(content: bytes, width: int) -> None:
    mended = mend_text(content, width)
    assert (mended.content == content) >= (not mended.changes)
    assert all("TABs" not in change for change in mend_text(mended.content, width).changes)


@pytest.mark.parametrize(
    ("trained", "others", "names", "expected"),
    [
        ({0, 1, 2}, {0, 2}, None, None),
        ({1, 2}, {1}, None, Renumbering(labels={1: 0, 2: 1})),
        ({1, 2}, {0, 1}, None, None),
        ({0, 2}, set(), ["a", "b", "c"], Renumbering(labels={0: 0, 2: 1}, names=("a", "c"))),
        ({0, 2}, set(), ["a", "c"], Renumbering(labels={0: 0, 2: 1})),
        ({0, 4}, set(), ["a", "b", "c"], None),
        ({-1, 2}, set(), None, None),
        ({0.5, 2}, set(), None, None),
        (set(), set(), None, None),
    ],
)
def test_labels_are_renumbered_only_where_no_class_is_guessed(
    trained: set[float], others: set[float], names: list[str] | None, expected: Renumbering | None
) -> None:
    assert renumber(trained, others, names) == expected


def test_rows_without_a_record_stay_unless_the_list_is_of_another_packing() -> None:
    rows = [Row(1, (0.0,), "a"), Row(2, (1.0,), "b"), Row(3, (1.0,), "c")]
    assert rebuild(rows, {1: (1.0,), 2: (1.0,)}).rows == (Row(1, (1.0,), "a"), *rows[1:])
    assert rebuild(rows, {1: (1.0,), 7: (1.0,)}).rows == (Row(1, (1.0,), "a"), Row(7, (1.0,), "7"))


def test_labels_that_are_no_classes_are_no_reason_to_write_a_list_anew() -> None:
    assert plan([channel([Row(1, (0.1,), "a"), Row(2, (-1.0,), "b")], {1: (0.25,), 2: (-1.0,)})], ()) == RepairPlan()


def test_records_that_were_not_read_to_their_end_say_nothing() -> None:
    cut = replace(channel([Row(1, (2.0,), "a"), Row(2, (1.0,), "b")], {1: (1.0,)}), are_whole=False)
    assert plan([replace(cut, index_agrees=False)], ()) == RepairPlan()


def test_channels_that_are_numbered_apart_keep_their_labels() -> None:
    channels = [channel([Row(1, (1.0,), "a")], {1: (1.0,)})]
    apart = Code.LABELS_NUMBERED_APART.found(file="train.lst", message="", remedy="")
    assert plan(channels, ()).labels == {1: 0}
    assert plan(channels, [apart]) == RepairPlan()


def test_lists_that_were_exchanged_are_not_made_up_from_the_records() -> None:
    channels = [channel([Row(1, (0.0,), "a")], {2: (1.0,)})]
    exchanged = Code.LISTS_EXCHANGED.found(file="train.lst", message="", remedy="")
    assert plan(channels, ()).texts
    assert plan(channels, [exchanged]) == RepairPlan()


def test_errors_that_no_change_is_for_are_left() -> None:
    def found(code: Code, file: str) -> Finding:
        return code.found(file=file, message="", remedy="")

    findings = [
        found(Code.WRONG_SEPARATOR, "a.lst"),
        found(Code.RECORD_NOT_IN_LIST, "a.rec"),
        found(Code.IMAGE_BROKEN, "a.rec"),
        found(Code.IMAGE_CUT, "a.rec"),
        found(Code.CLASS_MISSING, "b.rec"),
    ]
    changes = (Change(file="a.lst", what=""),)
    assert find_unmended(RepairPlan(changes=changes, texts={"a.lst": b""}), findings) == (findings[2], findings[4])
    assert find_unmended(RepairPlan(labels={1: 0}), findings) == tuple(findings[:3])


def test_a_class_whose_records_are_all_lost_is_not_numbered_away() -> None:
    rows = [Row(1, (0.0,), "a"), Row(2, (1.0,), "b"), Row(3, (2.0,), "c")]
    assert plan([channel(rows, {1: (0.0,), 3: (2.0,)})], ()) == RepairPlan()


def test_several_labels_are_not_taken_from_records_that_kept_one() -> None:
    assert plan([channel([Row(1, (0.0, 1.0), "a")], {1: (0.0,)})], ()) == RepairPlan()
