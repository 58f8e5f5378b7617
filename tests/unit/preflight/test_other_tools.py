"""Sets that other people's tools made: each is refused with one remark a cause, or ready, and told what mends it."""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from sagescene.files.recordio import Record
from sagescene.findings import Severity
from sagescene.preflight.report import Report, Verdict
from tests.unit.preflight.test_examination import SOUND, TRAIN, VALIDATION, channel, idx, judge, lst, png, rec

TRAIN_LIST, RECORDS = TRAIN["train.lst"], TRAIN["train.rec"]
type Lines = list[list[str]]


def renamed(old: str, new: str, files: Mapping[str, bytes] = SOUND) -> dict[str, bytes]:
    return {re.sub(old, new, name): content for name, content in files.items()}


def cut(*names: str) -> dict[str, bytes]:
    """Cut the training channel in as many chunks as there are names, which hold `{}` for the ending."""
    rows = TRAIN_LIST.splitlines(keepends=True)
    packed = [RECORDS[start : start + len(RECORDS) // 40] for start in range(0, len(RECORDS), len(RECORDS) // 40)]
    assert len(packed) == 40
    share = 40 // len(names)
    files = {}
    for number, name in enumerate(names):
        files[name.format("rec")] = b"".join(packed[number * share : (number + 1) * share])
        files[name.format("lst")] = b"".join(rows[number * share : (number + 1) * share])
    return files


def relisted(change: Callable[[Lines], str | bytes]) -> dict[str, bytes]:
    """Write the training list anew from its fields."""
    text = change([line.split("\t") for line in TRAIN_LIST.decode().splitlines()])
    return {**SOUND, "train.lst": text.encode() if isinstance(text, str) else text}


def joined(separator: str) -> Callable[[Lines], str]:
    return lambda lines: "".join(separator.join(fields) + "\n" for fields in lines)


def table(line: str) -> Callable[[Lines], str]:
    """Write each line by a pattern of number, index, label and path."""
    return lambda lines: "".join(line.format(number, *fields) for number, fields in enumerate(lines))


def faces(*, head: bool, tail: bool) -> dict[str, bytes]:
    meta = rec([Record(identifier=99, labels=(41.0, 43.0), image=b"")])
    return {**SOUND, "train.rec": meta * head + RECORDS + 2 * meta * tail}


def detection(*header: float, objects: int = 1, packed: bool = True) -> dict[str, bytes]:
    files = {}
    for name, first in (("train", 0), ("validation", 1000)):
        labels = {
            number: (*header, *((number % 2, 0.1, 0.2, 0.5, 0.6) * (1 + number % objects)))
            for number in range(first, first + 40)
        }
        files[f"{name}.lst"] = lst((number, *each, f"{name}{number}.png") for number, each in labels.items())
        files[f"{name}.rec"] = rec(
            Record(identifier=number, labels=tuple(map(float, each if packed else each[:1])), image=png(number))
            for number, each in labels.items()
        )
    return files


def labelled_from(least: int) -> dict[str, bytes]:
    files = {}
    for name, first in (("train", 0), ("validation", 1000)):
        labels = {number: least + number % 2 for number in range(first, first + 40)}
        files[f"{name}.lst"] = lst((number, label, f"{name}{number}.png") for number, label in labels.items())
        files[f"{name}.rec"] = rec(
            Record(identifier=number, labels=(float(label),), image=png(number)) for number, label in labels.items()
        )
    return files


def errors(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity is Severity.ERROR]


FOREIGN: Mapping[str, tuple[dict[str, bytes], list[str], str]] = {
    # name: the files, the errors in all, what the first of them says
    "im2rec --chunks": (
        {**VALIDATION, **cut("train_0.{}", "train_1.{}")},
        ["channel-in-chunks"],
        "cat train_0.rec train_1.rec > train.rec; cat train_0.lst train_1.lst > train.lst",
    ),
    "im2rec --chunks with a ratio": (
        {**VALIDATION, **cut("pets_0_train.{}", "pets_1_train.{}", "pets_0_test.{}")},
        ["channel-in-chunks"],
        "> pets_train.rec",
    ),
    "im2rec --chunks without channels": (cut("pets_0.{}", "pets_1.{}"), ["channel-in-chunks"], "--train-ratio 0.8"),
    "chunks in the channel's folder": (
        {**VALIDATION, **cut("train/part-00000.{}", "train/part-00001.{}")},
        ["channel-in-chunks"],
        "> train/part.rec",
    ),
    "chunks that begin with a dash": (
        {**VALIDATION, **cut("-train_0.{}", "-train_1.{}")},
        ["channel-in-chunks"],
        "cat ./-train_0.rec ./-train_1.rec > train.rec",
    ),
    "many chunks": (
        {**VALIDATION, **cut(*(f"train_{number}.{{}}" for number in range(10)))},
        ["channel-in-chunks"],
        "cat train_*.rec > train.rec",
    ),
    "chunks counted from 1": (
        {**VALIDATION, **cut("train-2.{}", "train-1.{}")},
        ["channel-in-chunks"],
        "cat train-1.rec train-2.rec > train.rec",
    ),
    "the sets of two months": (
        {**VALIDATION, **cut("pets-2026-11_train.{}", "pets-2026-12_train.{}")},
        ["surplus-file", "surplus-file"],
        "Delete all but one",
    ),
    "chunks whose whole is there, too": ({**SOUND, **cut("train_0.{}", "train_1.{}")}, ["channel-in-chunks"], "Delete"),
    "one part of four": (
        renamed("^train", "train-00001-of-00004"),
        ["channel-in-chunks"],
        "1 of 4 are here. Fetch the others",
    ),
    "a part without an ending": (
        renamed("^train.rec", "train/part-00000"),
        ["channel-in-chunks"],
        "cat train/part-00000 > train/train.rec",
    ),
    "pieces of bytes": (
        {**renamed("^train.rec", "train.rec.002"), "train.rec.001": b""},
        ["channel-in-chunks"],
        "cat train.rec.001 train.rec.002 > train.rec",
    ),
    "endings in capitals": (
        {name.upper(): content for name, content in SOUND.items()},
        ["ending-in-capitals"],
        "mv TRAIN.REC TRAIN.rec",
    ),
    "a name that begins with a dash": (
        renamed("^train.rec", "-TRAIN.REC"),
        ["ending-in-capitals"],
        "mv ./-TRAIN.REC ./-TRAIN.rec",
    ),
    "one ending in capitals": (renamed("train.lst", "train.Lst"), ["ending-in-capitals"], "mv train.Lst train.lst"),
    "a list with a second ending": (renamed("lst$", "lst.txt"), ["ending-in-capitals"], "mv train.lst.txt train.lst"),
    "records with a second ending in capitals": (
        renamed("^train.rec", "train.REC.TXT"),
        ["ending-in-capitals"],
        "mv train.REC.TXT train.rec",
    ),
    "records with a blank behind": (
        renamed("^train.rec", "train.rec "),
        ["ending-in-capitals"],
        "mv 'train.rec ' train.rec",
    ),
    "training.json with a blank behind": (
        {**SOUND, "training.json ": b"{}"},
        ["name-not-exact"],
        "mv 'training.json ' training.json",
    ),
    "training.json in capitals": (
        {**SOUND, "Training.JSON": b"{}"},
        ["name-not-exact"],
        "mv Training.JSON training.json",
    ),
    "a second ending": ({**SOUND, "classes.txt.txt": b""}, ["name-not-exact"], "mv classes.txt.txt classes.txt"),
    "compressed": (renamed("(rec|lst)$", r"\1.gz"), ["file-compressed"], "gunzip train.lst.gz"),
    "compressed, and beginning with a dash": (
        renamed("^train.rec", "-train.rec.gz"),
        ["file-compressed"],
        "gunzip ./-train.rec.gz",
    ),
    "zipped beside the other channel": (renamed("^train.rec", "train.rec.zip"), ["file-compressed"], "unzip"),
    "an archive": ({"pets.tar": b"", "training.json": b"{}"}, ["file-compressed"], "tar -xf pets.tar"),
    "TFRecord": ({"train-00000-of-00002.tfrecord": b""}, ["other-format"], "these are TFRecord files"),
    "Parquet": ({"train.parquet": b"", "train.lst": TRAIN_LIST}, ["other-format"], "these are Parquet files"),
    "images": (
        {"train.lst": TRAIN_LIST, "cat/1.jpg": b"", "cat/2.JPEG": b"", "dog/1.png": b"", ".x/3.png": b""},
        ["images-not-packed"],
        "There are 3 images (cat 2, dog 1) not packed",
    ),
    "photos of a phone": (
        {"cat/1.HEIC": b"", "cat/2.jpg": b"", "dog/1.heic": b""},
        ["images-not-packed"],
        "There are 3 images (cat 2, dog 1) not packed; a job takes one .rec a channel. cat/1.HEIC, dog/1.heic are "
        "photos in a form that is not read, such as HEIC or camera raw: convert them to JPEG. Pack them where",
    ),
    "a face set": (faces(head=True, tail=True), ["meta-records"], "3 records hold no image"),
    "a face set, meta record first": (faces(head=True, tail=False), ["meta-records"], "record 1."),
    "a face set, meta records last": (faces(head=False, tail=True), ["meta-records"], "record 41, record 42."),
    "a list of faces": (relisted(table("1\t{3}\t{2}\n")), ["wrong-columns"], "The path is in column 2 of 3"),
    "detection": (detection(4, 5, 64, 64), ["detection-labels"] * 2, "object detection"),
    "detection, no size": (detection(2, 5, objects=3), ["detection-labels"] * 2, "object detection"),
    "detection, a size left out": (detection(4, 5), ["detection-labels"] * 2, "object detection"),
    "detection, one label packed": (detection(4, 5, 8, 8, packed=False), ["detection-labels"] * 2, "object detection"),
    "detection, no list for validation": (
        {name: content for name, content in detection(4, 5, 8, 8).items() if name != "validation.lst"},
        ["detection-labels"] * 2,
        "object detection",
    ),
    "blanks": (relisted(joined(" ")), ["wrong-separator"], "blanks, not by TABs"),
    "commas and blanks": (relisted(joined(", ")), ["wrong-separator"], "commas"),
    "semicolons": (relisted(joined(";")), ["wrong-separator"], "semicolons"),
    "several TABs": (relisted(joined("\t\t")), ["wrong-separator"], "several TABs"),
    "CSV in quotation marks": (relisted(table('"{1}","{2}","{3}"\n')), ["wrong-separator"], "commas"),
    "quotation marks": (relisted(table('"{1}"\t"{2}"\t"{3}"\n')), ["wrong-columns"], "quotation marks"),
    "path and label": (relisted(table("{3}\t{2}\n")), ["wrong-columns"], "two columns, path and label"),
    "path and label by a blank": (relisted(table("{3} {2}\n")), ["wrong-columns"], "two columns, path and label"),
    "path in front": (relisted(table("{3}\t{1}\t{2}\n")), ["wrong-columns"], "The path is in column 1 of 3"),
    "a text behind the path": (
        relisted(table("{1}\t{2}\t{3}.jpg\tby me\n")),
        ["wrong-columns"],
        "The path is in column 3 of 4",
    ),
    "paths alone": (relisted(table("{3}\n")), ["too-few-fields"], "lines 1, 2, 3, 4, 5 and 35 more"),
    "label before index": (
        relisted(table("{2}\t{1}\t{3}\n")),
        ["wrong-columns"],
        "lines 1 to 40: The label stands before the index",
    ),
    "label before index with a header": (
        relisted(lambda lines: "label\tindex\tpath\n" + table("{2}.0\t{1}\t{3}\n")(lines)),
        ["wrong-columns"],
        "lines 2 to 41: The label stands before the index",
    ),
    "pandas' own index": (relisted(table("{0}\t{1}\t{2}\t{3}\n")), ["wrong-columns"], "lines 1 to 40: A numbering"),
    "pandas' own index with a header": (
        relisted(lambda lines: "\tindex\tlabel\tpath\n" + table("{0}\t{1}\t{2}\t{3}\n")(lines)),
        ["wrong-columns"],
        "lines 2 to 41: A numbering",
    ),
    **{
        f"pandas' own index with the header {header}": (
            relisted(lambda lines, header=header: header + "\n" + table("{0}\t{1}\t{2}\t{3}\n")(lines)),  # type: ignore[misc]
            ["wrong-columns"],
            "lines 2 to 41: A numbering",
        )
        for header in ("\t0\t1\t2", "Unnamed: 0\t索引\t标签\t路径")
    },
    "label before index with a header of numbers": (
        relisted(lambda lines: "0\t1\t2\n" + table("{2}\t{1}\t{3}\n")(lines)),
        ["wrong-columns"],
        "lines 2 to 41: The label stands before the index",
    ),
    "lines of an old Mac": (relisted(lambda lines: table("{1}\t{2}\t{3}\r")(lines)), ["wrong-columns"], "carriage"),
    "names of classes": (
        relisted(
            lambda lines: joined("\t")([[index, ["cat", "dog"][int(label)], path] for index, label, path in lines])
        ),
        ["label-not-a-number"],
        "lines 1, 2, 3, 4, 5 and 35 more: The label 'cat' is not a number; the same holds for 'dog'.",
    ),
    **{
        f"{encoding} without its mark": (
            relisted(lambda lines, encoding=encoding: joined("\t")(lines).encode(encoding)),  # type: ignore[misc]
            ["not-utf-8"],
            "UTF-16",
        )
        for encoding in ("utf-16-le", "utf-16-be")
    },
    "UTF-16": (relisted(lambda lines: joined("\t")(lines).encode("utf-16")), ["not-utf-8"], "UTF-16"),
    "labels from 1": (labelled_from(1), ["class-missing"], "Your labels begin at 1"),
}


def offsets(change: Callable[[int, str, str], str]) -> dict[str, bytes]:
    """Write the training records' index anew, line by line."""
    lines = (line.split("\t") for line in idx(RECORDS).decode().splitlines())
    text = "".join(change(number, *fields) for number, fields in enumerate(lines))
    return {**SOUND, "train.idx": text.encode()}


WRONG_INDEX = ["index-file-differs"]
READY: Mapping[str, tuple[dict[str, bytes], list[str]]] = {
    "an index of -1": (offsets(lambda _, number, __: f"{number}\t-1\n"), WRONG_INDEX),
    "an index of -1 as unsigned": (
        offsets(lambda line, number, offset: f"{number}\t{offset if line < 9 else 2**64 - 1}\n"),
        WRONG_INDEX,
    ),
    "a huge index": (offsets(lambda _, number, __: f"{number}\t{10**30}\n"), WRONG_INDEX),
    "an index of CRLF": (offsets(lambda _, number, offset: f"{number}\t{offset}\r\n"), []),
    "an index of another file": ({**SOUND, "train.idx": idx(VALIDATION["validation.rec"])}, WRONG_INDEX),
    "an index of text": ({**SOUND, "train.idx": b"none\n"}, WRONG_INDEX),
    "a TAB at the end": (relisted(table("{1}\t{2}\t{3}\t\n")), []),
    "a mark of UTF-8": (relisted(lambda lines: joined("\t")(lines).encode("utf-8-sig")), []),
    "pandas' index for the index": (relisted(lambda lines: "\tlabel\tpath\n" + joined("\t")(lines)), ["header-line"]),
    "Latin-1": (relisted(lambda lines: table("{1}\t{2}\té{3}\n")(lines).encode("latin-1")), ["not-utf-8"]),
    "images beside": ({**SOUND, "cat/1.jpg": b"", "photos.zip": b"", "old.tfrecord": b"", "TEST.REC": b""}, []),
    "an old list with a second ending beside": ({**SOUND, "train.lst.txt": b"", "notes.txt": b""}, []),
    "names of other classes": ({**SOUND, "test/Classes.txt": b"", ".x/Training.json": b"", "old.json": b""}, []),
    "an image a class": (
        {**channel("train", 0, 40, classes=40), **channel("validation", 1000, 40, classes=40)},
        ["few-images-of-class"],
    ),
    "a year in the names": (renamed("^train", "pets_2024_train"), []),
    "a chunk of a test channel": ({**SOUND, "pets_0_test.rec": b"", "pets_1_test.rec": b""}, []),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_set_of_another_tool_is_refused_once_for_each_cause(name: str) -> None:
    files, codes, says = FOREIGN[name]
    report = judge(files).report
    assert (report.verdict, errors(report)) == (Verdict.REFUSED, codes)
    first = next(finding for finding in report.findings if finding.severity is Severity.ERROR)
    assert says in str(first).replace("datasets/pets/", "")


@pytest.mark.parametrize("name", READY)
def test_what_a_job_does_not_mind_is_no_error(name: str) -> None:
    files, codes = READY[name]
    report = judge(files).report
    assert (report.verdict, [finding.code for finding in report.findings]) == (Verdict.READY, codes)


IN_SEVERAL: Mapping[str, tuple[str, list[str]]] = {
    # name: what the whole is called, and its parts
    "few": ("train", [f"train_{number}.{{}}" for number in (0, 1, 2, 10)]),
    "padded": ("train", [f"train_{number:03}.{{}}" for number in range(1, 11)]),
    "unpadded": ("my set_train", [f"my set_{number}_train.{{}}" for number in range(20)]),
    "beginning with a dash": ("my set_train", [f"-my set_{number}_train.{{}}" for number in range(20)]),
    "with gaps": ("train", [f"train_{number}.{{}}" for number in (0, 1, 2, 9, 10, 100, 101, 102)]),
    "of a total": ("train", [f"train-{number}-of-10.{{}}" for number in range(1, 11)]),
}


def run_joining(remedy: str, files: Mapping[str, bytes], folder: Path) -> None:
    """Run the commands that a remedy names, as a person does that types them where the files lie."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (commands,) = re.findall(r"\((cat .*)\) and upload", remedy)
    subprocess.run(["bash", "-c", commands], cwd=folder, check=True)


@pytest.mark.parametrize("name", IN_SEVERAL)
def test_chunks_that_are_joined_as_told_are_the_whole(name: str, tmp_path: Path) -> None:
    whole, parts = IN_SEVERAL[name]
    files = {**VALIDATION, **cut(*parts)}
    (finding,) = judge(files).report.findings
    run_joining(finding.remedy, files, tmp_path)
    assert (tmp_path / f"{whole}.rec").read_bytes() == TRAIN["train.rec"]
    assert (tmp_path / f"{whole}.lst").read_bytes() == TRAIN["train.lst"]


@pytest.mark.parametrize("numbers", [range(1, 13), range(8, 26), [1, 2, 3, 9, 10, 11]])
def test_pieces_that_are_joined_as_told_are_the_whole(numbers: Sequence[int], tmp_path: Path) -> None:
    size = -(-len(RECORDS) // len(numbers))
    pieces = {f"train.rec.part{number}": RECORDS[at * size : (at + 1) * size] for at, number in enumerate(numbers)}
    (finding,) = judge({**VALIDATION, "train.lst": TRAIN_LIST, **pieces}).report.findings
    run_joining(finding.remedy, pieces, tmp_path)
    assert (tmp_path / "train.rec").read_bytes() == RECORDS


def test_a_command_that_would_be_cut_is_not_told() -> None:
    parts = [f"pictures-of-a-camera-with-a-long-name_{number}_train.{{}}" for number in range(0, 40, 2)]
    (finding,) = judge({**VALIDATION, **cut(*parts)}).report.findings
    assert finding.remedy.startswith("Join them in the order of their numbers and upload")


@pytest.mark.parametrize(
    ("files", "may_be_sets"),
    [
        ({**VALIDATION, **cut("train-01.{}", "train-02.{}")}, True),
        ({**VALIDATION, **cut("train-00000-of-00002.{}", "train-00001-of-00002.{}")}, False),
        ({**renamed("^train.rec", "train.rec.002"), "train.rec.001": b""}, False),
    ],
    ids=["months or chunks", "all of so many", "pieces of bytes"],
)
def test_numbered_files_that_may_be_sets_of_months_are_told_so(files: dict[str, bytes], *, may_be_sets: bool) -> None:
    (finding,) = judge(files).report.findings
    assert finding.code == "channel-in-chunks"
    assert ("If each is a set of its own, delete all but one." in finding.remedy) is may_be_sets


def test_a_set_that_lacks_one_channel_waits_though_images_lie_beside_it() -> None:
    files = {**TRAIN, "cat/1.jpg": b"", "photos.tar": b"", "old.tfrecord": b""}
    report = judge(files).report
    assert (report.verdict, errors(report)) == (Verdict.WAITING, ["file-missing"])


def test_a_set_that_waits_says_which_file_may_be_what_it_awaits() -> None:
    (finding,) = judge(renamed("train.lst", "train.csv")).report.findings
    assert finding.remedy.endswith("_train. If train.csv is it, rename it and upload it again: mv train.csv train.lst.")


def test_meta_records_are_no_images() -> None:
    report = judge(faces(head=True, tail=True)).report
    assert (report.train.images, report.train.classes) == (40, {0: 20, 1: 20})


@pytest.mark.parametrize("largest", [0, 10**9])
def test_face_and_detection_sets_are_told_in_samples_as_well(largest: int) -> None:
    assert errors(judge(faces(head=True, tail=True), largest=largest).report) == ["meta-records"]
    assert errors(judge(detection(4, 5, 64, 64), largest=largest).report) == ["detection-labels"] * 2
