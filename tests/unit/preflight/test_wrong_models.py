"""Sets that would train a wrong model and are refused, beside legitimate ones that look like them and are not."""

from collections.abc import Callable, Collection, Mapping

import pytest

from sagescene.files.recordio import Record
from sagescene.findings import Finding, Severity
from sagescene.preflight.report import Report, Verdict
from tests.unit.preflight.test_examination import idx, judge, lst, png, rec

TEN = {f"c{label}": label for label in range(10)}


def made(
    name: str,
    folders: Mapping[str, int],
    images: int = 20,
    *,
    first: int | None = None,
    lost: Collection[int] = (),
    is_shuffled: bool = False,
    pictures: Callable[[int], int] = lambda number: number,
) -> dict[str, bytes]:
    """Make a channel of so many images a folder, class by class as --no-shuffle has them, without the lost records."""
    start = {"train": 0, "validation": 100_000}[name] if first is None else first
    rows = [
        (start + number, label, f"{folder}/{start + number}.png")
        for number, (folder, label) in enumerate(each for each in folders.items() for _ in range(images))
    ]
    if is_shuffled:
        rows.sort(key=lambda row: row[0] * 7919 % 1009)
    records = [
        Record(identifier=number, labels=(float(label),), image=png(pictures(number)))
        for place, (number, label, _) in enumerate(rows)
        if place not in lost
    ]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


def found(report: Report, severity: Severity) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity is severity]


def only(report: Report, code: str) -> Finding:
    (finding,) = (finding for finding in report.findings if finding.code == code)
    return finding


TRAIN, VALIDATION = made("train", TEN), made("validation", TEN, 4)
SCATTERED = set(range(3, 200, 4)) - {199}

WRONG: Mapping[str, tuple[dict[str, bytes], list[str]]] = {
    "packing died in a list by classes": (
        made("train", TEN, lost=range(40, 200)) | VALIDATION,
        ["classes-without-record"],
    ),
    "both packings died": (
        made("train", TEN, lost=range(40, 200)) | made("validation", TEN, 4, lost=range(8, 40)),
        ["classes-without-record", "packing-ended-early"],
    ),
    "packing died in a shuffled list": (
        made("train", TEN, is_shuffled=True, lost=range(150, 200)) | VALIDATION,
        ["packing-ended-early"],
    ),
    "packing died, and some images were broken": (
        made("train", TEN, is_shuffled=True, lost={5, 60, *range(150, 200)}) | VALIDATION,
        ["packing-ended-early"],
    ),
    "a training class in the middle lost all its images": (
        made("train", TEN, lost=range(60, 80)) | VALIDATION,
        ["classes-without-record"],
    ),
    "a training class of one image lost it": (
        made("train", TEN, 1, lost=[4]) | VALIDATION,
        ["classes-without-record"],
    ),
    "the last tenth of a validation list is missing": (
        TRAIN | made("validation", TEN, 4, is_shuffled=True, lost=range(36, 40)),
        ["packing-ended-early"],
    ),
}

LEGITIMATE: Mapping[str, tuple[dict[str, bytes], list[str]]] = {
    "all there": (TRAIN | VALIDATION, []),
    "crawled, a quarter of the rows gone": (made("train", TEN, lost=SCATTERED) | VALIDATION, ["rows-without-record"]),
    "crawled, a short list that ends in a broken image": (
        TRAIN | made("validation", TEN, 1, is_shuffled=True, first=100_000, lost=[9]),
        ["classes-without-record"],
    ),
    "less than a tenth missing at the end": (
        made("train", TEN, is_shuffled=True, lost=range(181, 200)) | VALIDATION,
        ["rows-without-record"],
    ),
    "a class lost from validation alone": (
        TRAIN | made("validation", TEN, 4, lost=range(8, 12)),
        ["classes-without-record"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_would_train_a_wrong_model_is_refused(name: str) -> None:
    files, codes = WRONG[name]
    report = judge(files).report
    assert (report.verdict, found(report, Severity.ERROR)) == (Verdict.REFUSED, codes)


@pytest.mark.parametrize("name", LEGITIMATE)
def test_what_only_looks_like_it_is_ready(name: str) -> None:
    files, codes = LEGITIMATE[name]
    report = judge(files).report
    assert (report.verdict, found(report, Severity.WARNING)) == (Verdict.READY, codes)
    assert found(report, Severity.ERROR) == []


# -------------------------------------------------------------------------------------------- lost in packing


def test_lost_classes_and_rows_are_told_once_by_their_numbers() -> None:
    report = judge(WRONG["packing died in a list by classes"][0]).report
    (finding,) = report.findings
    assert finding.message == (
        "Of the 10 classes in datasets/pets/train.lst, 8 have no record (classes 2, 3, 4, 5, 6, 7, 8, 9), so that the "
        "model would have seen 2; 160 of 200 rows (80 %) have none, the last 160 among them: packing ended early."
    )


def test_a_class_lost_from_validation_is_told_with_its_share_and_not_again_as_absent() -> None:
    (finding,) = judge(LEGITIMATE["a class lost from validation alone"][0]).report.findings
    assert (finding.severity, finding.file) == ("warning", "datasets/pets/validation.rec")
    assert "1 have no record (class 2)" in finding.message
    assert "4 of 40 rows (10 %) have none." in finding.message


def test_scattered_rows_are_told_with_their_share() -> None:
    finding = only(judge(LEGITIMATE["crawled, a quarter of the rows gone"][0]).report, "rows-without-record")
    assert "49 of 200 rows of the list (24 %) have no record" in finding.message


@pytest.mark.parametrize(("kept", "codes"), [(range(3000), ["packing-ended-early"]), (range(0, 4000, 2), [])])
def test_a_large_file_whose_packing_died_is_seen_through_its_index(kept: Collection[int], codes: list[str]) -> None:
    folders = {"a": 0, "b": 1}
    train = made("train", folders, 2000, is_shuffled=True, lost=set(range(4000)) - set(kept))
    files = train | made("validation", folders)
    report = judge({**files, "train.idx": idx(files["train.rec"])}, largest=len(files["validation.rec"])).report
    assert found(report, Severity.ERROR) == codes
    assert ("images-dropped" in found(report, Severity.WARNING)) is not bool(codes)
