"""What each finding tells to do, done to the letter with its example: the finding is gone, and the set is ready."""

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sagescene.files import listrows, recordio
from sagescene.files.recordio import Record
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Verdict
from tests.unit.preflight import test_examination
from tests.unit.preflight.test_examination import (
    CASES,
    SOUND,
    TRAIN,
    VALIDATION,
    channel,
    idx,
    judge,
    lst,
    png,
    rec,
)

type Files = dict[str, bytes]
type Edit = Callable[[Files], Mapping[str, bytes | None]]

# Nothing is to be done, or elsewhere than in the set: look at it, know it, deploy the stack otherwise.
NO_EDIT = {
    Code.REPEATS_SAMPLED,
    Code.ROWS_WITHOUT_RECORD,
    Code.SHARED_SAMPLED,
    Code.MULTI_LABEL_IN_RECORDS,
    Code.CLASS_NAME_TOO_LONG,
    Code.IMAGE_DAMAGED,
    Code.STORAGE_TOO_SMALL,
    Code.COST_ABOVE_LIMIT,
    Code.COST_UNKNOWN,
    Code.INSTANCE_TYPE_UNDOCUMENTED,
}
# Their cases are no sets: the stack cannot come upon them otherwise.
NO_SET = {Code.LABELS_DIFFER, Code.CLASSES_NOT_IN_LIST, Code.NO_RECORDS, Code.NOT_READ_IN_TIME, Code.LIST_TOO_LARGE}
DECODED = {Code.IMAGE_UNDECODABLE, Code.IMAGE_TOO_LARGE}  # tests/unit/command/test_decode.py


class Case(NamedTuple):
    """The example of a finding: its files, how they were judged, and what was found."""

    files: Files
    options: dict[str, Any]
    findings: tuple[Finding, ...]

    def remedy(self, code: str) -> str:
        return next(finding.remedy for finding in self.findings if finding.code == code)


def example(code: str, monkeypatch: pytest.MonkeyPatch) -> Case:
    taken: list[tuple[Files, dict[str, Any]]] = []

    def take(files: Mapping[str, bytes], **options: Any) -> Examination:  # noqa: ANN401
        taken.append((dict(files), options))
        return judge(files, **options)

    with monkeypatch.context() as patch:
        patch.setattr(test_examination, "judge", take)
        examined = CASES[code]()
    ((files, options),) = taken
    return Case(files, options, examined.report.findings)


def packed(name: str, rows: Iterable[tuple[int, int, str]], **size: int) -> Files:
    rows = list(rows)
    records = [Record(identifier=n, labels=(float(label),), image=png(n, **size)) for n, label, _ in rows]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


def packed_from(files: Files, name: str = "train") -> Files:
    """Pack the images of a list as it is."""
    rows = list(listrows.read([files[f"{name}.lst"]]))
    return {
        f"{name}.rec": rec(
            Record(identifier=row.identifier, labels=row.labels, image=png(row.identifier)) for row in rows
        )
    }


def packed_anew(edit: Edit) -> Edit:
    def edit_and_pack(files: Files) -> Files:
        edited = {name: content for name, content in edit(files).items() if content is not None}
        return {**edited, **packed_from({**files, **edited})}

    return edit_and_pack


def without_line(name: str, number: int) -> Edit:
    def edit(files: Files) -> Files:
        lines = files[name].splitlines(keepends=True)
        del lines[number - 1]
        return {name: b"".join(lines)}

    return edit


def files_of(**contents: bytes | None) -> Edit:
    return lambda _: {re.sub("_(?=lst|rec|idx|json|txt)", ".", name): content for name, content in contents.items()}


def images_of(change: Callable[[Record], Record | None], name: str = "train.rec") -> Edit:
    """Replace images or leave them out, and their rows with them."""

    def edit(files: Files) -> Files:
        kept = [changed for record in recordio.read([files[name]]) if (changed := change(record))]
        identifiers = {record.identifier for record in kept}
        listed = name.replace(".rec", ".lst")
        rows = [row for row in listrows.read([files[listed]]) if row.identifier in identifiers]
        return {name: rec(kept), listed: lst((row.identifier, *row.labels, row.path) for row in rows)}

    return edit


def exchanged(*kinds: str) -> Edit:
    """Exchange files of these kinds between the channels."""
    return lambda files: {
        f"{to}.{kind}": files[f"{of}.{kind}"]
        for to, of in (("train", "validation"), ("validation", "train"))
        for kind in kinds
    }


def sound_image(record: Record) -> Record:
    return replace(record, image=png(record.identifier))


def asking(**hyperparameters: object) -> Edit:
    return lambda _: {"training.json": json.dumps(hyperparameters).encode()}


def training_json(text: str) -> Edit:
    return lambda _: {"training.json": text.encode()}


def renumbered(files: Files) -> Files:
    """Number the rows anew, and nothing more."""
    lines = files["train.lst"].splitlines(keepends=True)
    return {"train.lst": b"".join(b"%d\t%b" % (n, line.partition(b"\t")[2]) for n, line in enumerate(lines))}


def labelled(*labels: int) -> Edit:
    """Give every image these labels, but the first of each channel a 0 for its first."""

    def edit(_: Files) -> Files:
        files = {}
        for name, first in (("train", 0), ("validation", 1000)):
            rows = {number: (int(number > first), *labels[1:]) for number in range(first, first + 40)}
            files[f"{name}.lst"] = lst((number, *row, f"{name}{number}.png") for number, row in rows.items())
            files[f"{name}.rec"] = rec(
                Record(identifier=number, labels=tuple(map(float, row)), image=png(number))
                for number, row in rows.items()
            )
        return files

    return edit


def with_more(files: Files) -> Files:
    rows = [(row.identifier, int(row.labels[0]), row.path) for row in listrows.read([files["train.lst"]])]
    return packed("train", [*rows, *((n, 1, f"more/{n}.png") for n in range(2000, 2040))])


WRITTEN = '{"epochs": 5, "image_shape": "3,28,28"}'
UPLOAD_AGAIN = files_of(train_rec=TRAIN["train.rec"])
LIST_AGAIN = files_of(train_lst=TRAIN["train.lst"])
NAMES = files_of(classes_txt=b"ant\nbee\n")


EDITS: Mapping[str, Mapping[str, Edit]] = {
    "file-missing": {"Add the train .lst": LIST_AGAIN},
    "file-of-no-channel": {
        "Put it in a folder named train": lambda files: {
            "odd.rec": None,
            "train.rec": None,
            "train/odd.rec": files["train.rec"],
        },
        "delete it": files_of(odd_rec=None),
    },
    "too-many-files": {
        "delete what is no part of the data set": lambda files: {name: None for name in files if name.endswith(".jpg")},
    },
    "surplus-file": {"Delete all but one": lambda _: {"train/more.rec": None}},
    "key-swept-into-channel": {
        "Delete it": lambda _: {"train.rec.md5": None},
        "rename it so that its key begins otherwise": lambda files: {
            "train.rec.md5": None,
            "md5-of-train.rec.txt": files["train.rec.md5"],
        },
    },
    "key-refused-by-sagemaker": {
        "Give the file or its folders shorter names": lambda files: {**dict.fromkeys(files), **SOUND}
    },
    "other-format": {"Pack the images": lambda _: {**SOUND, "train.tfrecord": None}},
    "images-not-packed": {"upload what that makes": lambda _: SOUND},
    "list-empty": {"Write one line for each image": LIST_AGAIN},
    "line-too-long": {"End every row with a line feed": LIST_AGAIN},
    "nul-byte": {
        "Save the list as plain UTF-8 text": lambda files: {"train.lst": files["train.lst"].replace(b"\0", b"")}
    },
    "not-a-list": {"upload what was in it": LIST_AGAIN},
    "not-utf-8": {"Save the list as UTF-8": lambda files: {"train.lst": files["train.lst"].decode("latin-1").encode()}},
    "header-line": {"Delete this line": without_line("train.lst", 1)},
    "wrong-separator": {
        "one TAB between index, label(s) and path": lambda files: {"train.lst": files["train.lst"].replace(b" ", b"\t")}
    },
    "wrong-columns": {"its index, label(s) and path with one TAB": LIST_AGAIN},
    "too-few-fields": {"Write the line as index, label(s) and path": LIST_AGAIN},
    "index-not-an-integer": {
        "Number the rows 0, 1, 2 and so on in the first column, and pack again": packed_anew(renumbered)
    },
    "index-repeated": {"Give every row an index of its own, and pack again": packed_anew(renumbered)},
    "path-repeated": {"Name every image once": LIST_AGAIN},
    "record-file-empty": {"Pack the images, then upload the file": UPLOAD_AGAIN},
    "not-a-record-file": {"Upload the file again": UPLOAD_AGAIN},
    "no-magic-number": {"Upload the file again": UPLOAD_AGAIN},
    "trailing-bytes": {"Upload the file again": UPLOAD_AGAIN},
    "truncated": {"Upload the file again": UPLOAD_AGAIN},
    "part-out-of-order": {"Upload the file again": UPLOAD_AGAIN},
    "header-too-short": {"Upload the file again": UPLOAD_AGAIN},
    "index-file-differs": {
        "Upload the .idx file of these records": lambda files: {"train.idx": idx(files["train.rec"])},
        "delete it": files_of(train_idx=None),
    },
    "meta-records": {"Pack the images alone, with one label each": UPLOAD_AGAIN},
    "records-in-order-of-classes": {
        "Shuffle the lines of the list and pack again": lambda _: channel("train", 0, 40, size=450_000)
    },
    "records-sampled": {
        "Put the .idx file beside it": lambda files: {
            f"{name}.idx": idx(files[f"{name}.rec"]) for name in ("train", "validation")
        }
    },
    "label-not-0-or-1": {"0 where it is not, and pack again": labelled(1, 0)},
    "label-width-differs": {"Give every row the same number of labels": LIST_AGAIN},
    "detection-labels": {"cut the objects out, and pack these images with one label each": lambda _: SOUND},
    "class-missing": {"Number the classes from 0 without a gap, and pack again": packed_anew(LIST_AGAIN)},
    "class-without-samples": {"Add images of this class": labelled(1, 1, 1), "leave the column out": labelled(1, 1)},
    "one-class-only": {"Put images of at least two classes in the list": lambda _: SOUND},
    "classes-uneven": {"Add images to the small classes": with_more},
    "few-images-of-class": {"Add images to the small classes": with_more},
    "few-training-images": {"Add training images": lambda _: TRAIN},
    "too-many-labels": {"Write class numbers as labels": LIST_AGAIN},
    "class-names-not-utf-8": {
        "Save the file as UTF-8": lambda files: {"classes.txt": files["classes.txt"].decode("latin-1").encode()}
    },
    "class-names-too-large": {"Write one line for each class": NAMES, "delete the file": files_of(classes_txt=None)},
    "class-name-missing": {"take the line out if it stands for no class": without_line("classes.txt", 2)},
    "class-names-numbered": {
        "Order the lines by these numbers and take the numbers off": NAMES,
        "put them in brackets": files_of(classes_txt=b"(1) bee\n(0) ant\n"),
    },
    "class-name-not-printable": {"Write a plain name": NAMES},
    "class-name-repeated": {"Give every class a name of its own": NAMES},
    "class-names-alike": {
        "Give the images of both one label": lambda _: {
            **channel("train", 0, 40, classes=2),
            **channel("validation", 1000, 40, classes=2),
            "classes.txt": b"ant\nbee\n",
        }
    },
    "class-names-miscounted": {"Write one name for each class": NAMES},
    "class-names-conflict": {
        "Write the names in the order of the labels": files_of(classes_txt=b"a\nb\n"),
        "delete the file": files_of(classes_txt=None),
    },
    "image-not-readable": {"Convert it to JPEG": images_of(sound_image)},
    "image-format-undocumented": {"Convert to JPEG or PNG and pack again": images_of(sound_image)},
    "image-broken": {
        "Replace these images": images_of(sound_image),
        "leave them out": images_of(lambda record: record if record.identifier else None),
    },
    "image-cut": {"Replace these images and pack again": images_of(sound_image)},
    "image-size-unknown": {"Remove the metadata and pack again": images_of(sound_image)},
    "few-small-images": {
        "Replace it": images_of(sound_image),
        "leave it out and pack again": images_of(lambda record: record if record.identifier != 7 else None),
        "set image_shape to 3,224,224 and resize to 224": asking(image_shape="3,224,224", resize=224),
    },
    "records-not-compared": {"Make sure that list and records were packed together": LIST_AGAIN},
    "record-not-in-list": {"Use the list from which the records were packed": LIST_AGAIN},
    "record-repeated": {"Delete the file and pack the list anew": packed_from},
    "classes-without-record": {
        "Pack the list again with images of every class": packed_from,
        "take the classes out of the list": lambda files: {
            f"{name}.lst": lst(
                (row.identifier, *row.labels, row.path)
                for row in listrows.read([files[f"{name}.lst"]])
                if row.labels != (2.0,)
            )
            for name in ("train",)
        },
    },
    "packing-ended-early": {"Pack the list again to its end": packed_from},
    "list-not-split": {"Delete these rows from the list": LIST_AGAIN},
    "label-not-as-listed": {
        "Pack the records again from this list": packed_from,
        "upload the list they were packed from": LIST_AGAIN,
    },
    "label-width-not-as-listed": {
        "Pack the images again with im2rec --pack-label": packed_from,
    },
    "images-dropped": {"and pack again": lambda _: {"train.rec": test_examination.LARGE_RECORDS, "train.idx": None}},
    "more-records-than-rows": {
        "Use the list that this file was packed from": lambda _: {"train.lst": test_examination.LARGE["train.lst"]}
    },
    "label-width-of-validation": {"Give the images of both channels the same number of labels": lambda _: SOUND},
    "class-not-in-train": {
        "Add training images of every class": lambda _: channel("train", 0, 40, classes=3),
        "leave these images out": images_of(
            lambda record: record if record.labels != (2.0,) else None, "validation.rec"
        ),
    },
    "class-not-in-validation": {
        "Add validation images of every class": lambda _: channel("validation", 1000, 40, classes=3)
    },
    "lists-exchanged": {
        "Exchange the two lists": exchanged("lst"),
        "or the two .rec files": exchanged("rec"),
    },
    "labels-numbered-apart": {
        "Number the folders once for both lists and pack again": lambda _: packed(
            "validation", ((n, n % 2, f"{'ab'[n % 2]}/{n}.png") for n in range(1000, 1040))
        )
    },
    "hidden-folders-as-classes": {
        "Delete the folder, make the list anew and pack again": lambda _: test_examination.in_classes("cat", "dog")
    },
    "splits-as-classes": {
        "Pack the folder that holds the splits with `sagescene pack`": lambda _: {
            **packed("train", ((n, n % 2, f"{['cat', 'dog'][n % 2]}/{n}.png") for n in range(40))),
            **packed("validation", ((n, n % 2, f"{['cat', 'dog'][n % 2]}/{n}.png") for n in range(1000, 1040))),
        }
    },
    "image-labels-differ": {
        "Label each image alike in both channels": files_of(validation_rec=VALIDATION["validation.rec"])
    },
    "validation-of-one-class": {"make list and records again": lambda _: VALIDATION},
    "validation-larger-than-train": {
        "Exchange the files of both channels": exchanged("lst", "rec"),
    },
    "paths-shared": {"validate with other images": lambda _: VALIDATION},
    **{
        code: {"0, 1, 2 and so on, write those numbers as labels, and pack again": packed_anew(LIST_AGAIN)}
        for code in (
            "label-not-a-number",
            "label-not-finite",
            "label-not-an-integer",
            "label-negative",
            "label-too-large",
        )
    },
    "training-json-too-large": {WRITTEN: training_json(WRITTEN)},
    "not-json": {WRITTEN: training_json(WRITTEN)},
    "not-an-object": {WRITTEN: training_json(WRITTEN)},
    "hyperparameter-repeated": {"Keep one of them": asking(epochs=2)},
    "hyperparameter-unknown": {"Did you mean epochs?": asking(epochs=3)},
    "hyperparameter-invalid": {"Correct epochs": asking(epochs=1), "leave it out": asking()},
    "not-acceptable": {"Write a list of codes": asking(accept=["images-shared"])},
    "contradicts-data": {"Remove num_classes": asking()},
    "depth-not-for-height": {
        "Set num_layers to 18, 34, 50, 101, 152 or 200": asking(num_layers=200),
        "change the height in image_shape": asking(num_layers=20, image_shape="3,28,28"),
    },
    "pretrained-depth": {
        "Set num_layers to 18, 34, 50, 101, 152 or 200": asking(use_pretrained_model=1, num_layers=18),
        "use_pretrained_model to 0": asking(use_pretrained_model=0, num_layers=20),
    },
    "pretrained-image-shape": {
        "Set image_shape to 3,224,224": asking(use_pretrained_model=1, image_shape="3,224,224"),
        "use_pretrained_model to 0": asking(use_pretrained_model=0, image_shape="3,100,100"),
    },
    "weighted-loss-needs-multi-label": {"Remove use_weighted_loss": asking()},
    "top-k-above-classes": {"Remove top_k": asking()},
    "one-channel": {"Set image_shape to 3,64,64": asking(image_shape="3,64,64")},
    "batch-above-images": {
        "Set mini_batch_size to 40 or less": asking(mini_batch_size=40),
        "add training images": lambda _: {**channel("train", 0, 41), **channel("validation", 1000, 41)},
    },
    "batch-below-gpus": {"Set mini_batch_size to 8 or more": asking(mini_batch_size=8)},
    "batch-of-few-validation-images": {"Add validation images: from 32 on": lambda _: channel("validation", 1000, 32)},
    "batch-uneven": {"Set mini_batch_size to a multiple of 8": asking(mini_batch_size=16)},
    "epochs-above-limit": {"Set epochs to 5 or less": asking(epochs=5)},
    "checkpoint-after-end": {
        "Set checkpoint_frequency to 2 or less": asking(epochs=2, checkpoint_frequency=2),
        "or remove it": asking(epochs=2),
    },
    "steps-not-rising": {"Write each epoch once, the smallest first": asking(lr_scheduler_step=[2, 3])},
    "step-after-end": {
        "Keep the epochs in lr_scheduler_step below 2": asking(epochs=2, lr_scheduler_step=[1]),
        "or remove it": asking(epochs=2),
    },
    "early-stopping-never": {
        "Set early_stopping_min_epochs to 2 or less": asking(
            epochs=2, early_stopping=True, early_stopping_min_epochs=2
        ),
        "remove early_stopping": asking(epochs=2),
    },
    "resize-below-image-shape": {
        "Set resize to 224 or more": asking(resize=224, image_shape="3,224,224"),
        "or remove it": asking(image_shape="3,224,224"),
    },
    "without-effect": {"Remove gamma": asking(), "use optimizer rmsprop": asking(gamma=0.5, optimizer="rmsprop")},
    "images-below-image-shape": {
        "Set image_shape to 3,300,300 or less": asking(image_shape="3,300,300"),
        "set resize to 400": asking(image_shape="3,400,400", resize=400),
    },
    "images-mostly-cropped": {"Set resize to 256": asking(resize=256)},
    "images-shared": {"Validate with images that are not trained on": lambda _: VALIDATION},
}


# What is truthfully told next.
NEXT = {
    "records-sampled": {"records-sampled"},  # of all records by now
    "label-width-not-as-listed": {"label-width-of-validation"},  # whose images have one label
    "pretrained-depth": {"depth-not-for-height"},  # which was told beside it
}


@pytest.mark.parametrize(("code", "words"), [(code, words) for code, edits in EDITS.items() for words in edits])
def test_an_edit_as_told_makes_the_set_ready(code: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = example(code, monkeypatch)
    assert words in case.remedy(code)
    edited: dict[str, bytes | None] = {**case.files, **EDITS[code][words](case.files)}
    report = judge({name: content for name, content in edited.items() if content is not None}, **case.options).report
    told = {each.code for each in report.findings if each.code == code or each.severity is Severity.ERROR}
    assert not told or told == NEXT[code]


@pytest.mark.parametrize("code", [code for code in Code if code.is_judgement])
def test_what_is_accepted_as_told_refuses_no_more(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = example(code, monkeypatch)
    errors = [finding for finding in case.findings if finding.severity is Severity.ERROR]
    told = [re.search(r'write "accept": \["(.+?)"\] in training\.json', finding.remedy) for finding in errors]
    accepted = json.dumps({"accept": [found[1] for found in told if found]})
    report = judge({**case.files, "training.json": accepted.encode()}, **case.options).report
    assert report.verdict is Verdict.READY
    assert code in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("code", "commands"),
    [
        ("channel-in-chunks", r"Join them \((.+)\) and upload"),
        ("ending-in-capitals", r"upload again: (.+)\."),
        ("name-not-exact", r"upload again \((.+)\)"),
        ("file-compressed", r"what is in it: (.+)\."),
    ],
)
def test_commands_typed_as_told_make_the_set_ready(
    code: str, commands: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case = example(code, monkeypatch)
    content = (
        {**case.files, "train.rec.gz": gzip.compress(TRAIN["train.rec"])} if "gz" in str(case.files) else case.files
    )
    for name, written in content.items():
        tmp_path.joinpath(name).write_bytes(written)
    typed = re.search(commands, case.remedy(code))
    assert typed
    subprocess.run(["/bin/sh", "-ec", typed[1]], cwd=tmp_path, check=True)
    parts = r"train_[0-9]\..+"  # uploaded is the result instead
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if not re.fullmatch(parts, path.name)}
    report = judge(left, **case.options).report
    assert (report.verdict, code in {finding.code for finding in report.findings}) == (Verdict.READY, False)


def test_every_remedy_is_followed() -> None:
    by_commands = {Code.CHANNEL_IN_CHUNKS, Code.ENDING_IN_CAPITALS, Code.NAME_NOT_EXACT, Code.FILE_COMPRESSED}
    assert EDITS.keys() | NO_EDIT | NO_SET | DECODED | by_commands == set(Code)
    assert not EDITS.keys() & (NO_EDIT | NO_SET | DECODED | by_commands)
