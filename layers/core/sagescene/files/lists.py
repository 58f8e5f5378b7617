"""What a `.lst` file says: samples, classes and every fault in it, from one streamed pass in flat memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from sagescene.bounds import LARGEST_LIST_IN_BYTES, MOST_LABELS_IN_ALL
from sagescene.files.classnames import ClassNames
from sagescene.files.labeltally import WRONG_NUMBERS, LabelTally
from sagescene.files.listrows import read_blocks
from sagescene.files.repeats import Repeats
from sagescene.files.toldrepeats import report_repeats
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding, Severity
from sagescene.grammar import agree

IMBALANCE = 10
NAMED_CLASSES = 10
_ADD_CLASSES = (
    "Put images of at least two classes in the list, and pack again; im2rec.py leaves out files with endings that its "
    "--exts does not name."
)
_MAKE_FOLDERS = (
    "Put the images of each class into a folder of its own, make the list by im2rec.py --list --recursive, which "
    "numbers the folders, and pack again."
)
_UNCOUNTED = WRONG_NUMBERS | {Code.LABEL_NOT_A_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSummary:
    """What one list says, and what is wrong with it.

    `samples` counts the rows that im2rec would pack: index, label(s) and path are there and are numbers where
    they must be. `label_width` is the number of labels a row, 0 without a row. `classes` maps a label to its
    samples; in a list of several labels a row, a column to the samples that have a 1 there, and is not whole where they
    are more than can be held. `counts` says how many findings there are of each code, in all places. A list that is too
    large to be read in time is not `is_read`, and nothing is counted of it.
    """

    samples: int
    label_width: int
    classes: Mapping[int, int]
    findings: tuple[Finding, ...]
    has_all_classes: bool = True
    counts: Mapping[Code, int] = field(default_factory=dict)
    is_read: bool = True


def summarize(chunks: Iterable[bytes], *, file: str = "", complete: bool = True) -> ListSummary:
    """Summarize a list given as consecutive pieces of any size; `file` is the name its findings carry.

    A list that need not show every class (a validation list) is `complete=False`: then nothing is said about
    missing, single or uneven classes, which `judge_classes` says where their names are known later. Memory does not
    grow with the list: it holds one piece, a block of 64 KiB, 3 MB to find repeats and at most about 30,000 distinct
    labels. Blank lines, a byte order mark, CRLF and a missing last line feed are harmless.
    """
    log = FindingLog(file)
    tally = LabelTally(log)
    repeats = Repeats(columns=2)
    samples = width = rows = 0
    for block in read_blocks(chunks, log):
        width = block.width
        rows += block.rows
        if rows * width > MOST_LABELS_IN_ALL:
            return _give_up(
                f"It has more than {rows - block.rows:,} rows of {width:,} labels; at most {MOST_LABELS_IN_ALL:,} "
                "labels are looked at in all.",
                log,
            )
        samples += block.rows - tally.add(block)
        if repeats.wants(block.rows):
            indices, *_, paths = block.columns()
            repeats.add(block.lines(), _tell_apart(indices), paths)
    _report_repeats(log, repeats, samples)
    del repeats  # before the classes are put together, which takes as much
    classes = tally.classes(width)
    if not samples:
        if not log.has_errors:  # else its rows are the faulty ones
            log.report(Code.LIST_EMPTY, "", "The list names no image.", "Write one line for each image.")
    elif complete and tally.is_whole:
        find_class_faults(classes, width, _if_all_count(samples, log.counts), log)
    return ListSummary(
        samples=samples,
        label_width=width,
        classes=classes,
        findings=log.close(),
        has_all_classes=tally.is_whole,
        counts=log.counts,
    )


def judge_classes(summary: ListSummary, names: ClassNames, *, file: str = "", has_folders: bool = True) -> ListSummary:
    """Add what a complete list's classes lack, by their names, to a summary that says nothing of it yet."""
    if not summary.has_all_classes:
        return summary
    log = FindingLog(file)
    samples = _if_all_count(summary.samples, summary.counts)
    find_class_faults(summary.classes, summary.label_width, samples, log, names, has_folders=has_folders)
    return replace(summary, findings=(*summary.findings, *log.close()), counts={**summary.counts, **log.counts})


def refuse_by_size(size: int, *, file: str) -> ListSummary | None:
    """Refuse a list of more bytes than can be read in time; `file` is the name its finding carries."""
    if size <= LARGEST_LIST_IN_BYTES:
        return None
    message = f"It has {size:,} bytes; at most {LARGEST_LIST_IN_BYTES:,} are looked at."
    return _give_up(message, FindingLog(file))


def _give_up(message: str, log: FindingLog) -> ListSummary:
    log.report(
        Code.LIST_TOO_LARGE, "", message, "Make several smaller data sets of it, or give its images fewer labels."
    )
    return ListSummary(samples=0, label_width=0, classes={}, findings=log.close(), is_read=False)


def _tell_apart(indices: list[str]) -> list[str]:
    """Return texts that are equal where the numbers are; few lists write 007, and to read each takes twice as long."""
    return [index.lstrip("0") for index in indices] if min(indices) < "1" else indices


def _report_repeats(log: FindingLog, repeats: Repeats, samples: int) -> None:
    report_repeats(log, repeats)
    if repeats.is_sampled:
        log.report(
            Code.REPEATS_SAMPLED,
            "",
            f"Of {samples:,} rows {repeats.compared:,} were searched for repeated indices and paths.",
            "Nothing needs doing; a repeat among the others would not have been seen.",
        )


def _if_all_count(samples: int, counts: Mapping[Code, int]) -> int | None:
    return None if _UNCOUNTED & counts.keys() else samples


def find_class_faults(
    classes: Mapping[int, int],
    width: int,
    samples: int | None,
    log: FindingLog,
    names: ClassNames | None = None,
    *,
    has_folders: bool = True,
) -> None:
    """Report classes that are missing, alone or uneven; `classes`, `width` and `samples` as in `ListSummary`.

    `samples` is None where labels are wrong and not counted: then nothing is said of all images. Whether the list
    `has_folders` decides what to do about a single class.
    """
    if not classes:
        return
    tell = (names or ClassNames()).tell
    present = sorted(label for label, images in classes.items() if images)
    if width > 1 and samples and not present:
        log.report(
            Code.ONE_CLASS_ONLY,
            "",
            f"No image has a 1 in any of its {width:,} labels.",
            "Write 1 where the row's image is of the column's class, and pack again.",
        )
    elif width > 1:
        if samples and {0, samples}.issuperset(classes.values()):
            log.report(
                Code.ONE_CLASS_ONLY,
                "",
                f"All images have the same {width:,} labels.",
                "Put images in the list that differ in one label at least.",
                Severity.WARNING,
            )
        for column in (label for label, images in classes.items() if not images):
            log.report(
                Code.CLASS_WITHOUT_SAMPLES,
                f"label column {column}",
                f"No image has a 1 in label column {tell(column)} (counted from 0).",
                "Add images of this class, or leave the column out.",
            )
    else:
        missing = present[-1] + 1 - len(present)
        if missing and missing == present[0] and len(present) > 1:
            log.report(
                Code.CLASS_MISSING,
                "",
                f"Your labels begin at {present[0]:,}; the algorithm numbers classes from 0.",
                f"Subtract {present[0]:,} from every label, in both channels if both begin so, and pack again.",
            )
        elif missing:
            unseen = islice((n for n in range(present[-1]) if n not in classes), NAMED_CLASSES)
            listed = ", ".join(map(tell, unseen)) + (", ..." if missing > NAMED_CLASSES else "")
            log.report(
                Code.CLASS_MISSING,
                "",
                f"The labels go up to {present[-1]:,}, but {missing:,} below it "
                f"{agree(missing, 'has', 'have')} no image: {listed}.",
                "Number the classes from 0 without a gap, and pack again.",
            )
        if len(present) == 1 and samples:
            log.report(
                Code.ONE_CLASS_ONLY,
                "",
                f"All images have the label {tell(present[0])}, so that there is nothing to learn: that is what the "
                "model would answer to any image.",
                _ADD_CLASSES if has_folders else _MAKE_FOLDERS,
            )
    if len(present) > 1:
        largest = max(present, key=classes.__getitem__)
        smallest = min(present, key=classes.__getitem__)
        if classes[largest] > IMBALANCE * classes[smallest]:
            log.report(
                Code.CLASSES_UNEVEN,
                "",
                f"Class {tell(largest)} has {classes[largest]:,} images, class {tell(smallest)} only "
                f"{classes[smallest]:,}.",
                "Add images to the small classes, or expect them to be recognized badly.",
            )
