"""The labels of a list or of records: what is wrong with one, and how often each is there."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import chain, islice

from sagescene.bounds import LONGEST_LABEL, MOST_LABELS
from sagescene.files.listrows import Block
from sagescene.finding_codes import Code
from sagescene.finding_log import VALUE, FindingLog

LARGEST_LABEL = 1 << 24  # a record holds its labels as 32-bit floats, which are exact up to here
# What `fault_of_label` finds, in a list and in records.
WRONG_NUMBERS = frozenset(
    {
        Code.LABEL_NOT_FINITE,
        Code.LABEL_NOT_0_OR_1,
        Code.LABEL_NOT_AN_INTEGER,
        Code.LABEL_NEGATIVE,
        Code.LABEL_TOO_LARGE,
    }
)
TOLD_ONE_BY_ONE = 100  # wrong labels of a kind
ROWS_A_LABEL, FEWEST_ROWS = 128, 1 << 16  # that are counted before all counts start anew

type Faults = Mapping[str, tuple[Code, str]]  # code and reason by the text of a label


def fault_of_label(label: float, width: int) -> tuple[Code, str] | None:
    """Return code and reason why a number is no label of a row with `width` labels, or None."""
    if not math.isfinite(label):
        return Code.LABEL_NOT_FINITE, "is not a finite number"
    if width > 1 and label not in (0, 1):
        return Code.LABEL_NOT_0_OR_1, "is neither 0 nor 1, as each of several labels of a row must be"
    if label != int(label):
        return Code.LABEL_NOT_AN_INTEGER, "is not a whole number"
    if label < 0:
        return Code.LABEL_NEGATIVE, "is negative"
    if label > LARGEST_LABEL:
        return Code.LABEL_TOO_LARGE, f"is larger than {LARGEST_LABEL:,}, up to which records are exact"
    return None


class LabelTally:
    """Counts the texts of labels column by column, and judges each text once, when it is first seen."""

    def __init__(self, log: FindingLog) -> None:
        """Start with no label."""
        self.log = log
        self.columns: list[Counter[str]] = []
        self.earlier: defaultdict[int, Counter[str]] = defaultdict(Counter)  # by column
        self.rows = 0  # since the counts started anew
        self.told: Counter[Code] = Counter()
        self.distinct = 0
        self.is_whole = True

    def add(self, block: Block) -> int:
        """Count a block's labels, report the wrong ones, and return how many rows have one that is none."""
        wrong: dict[int, Faults] = {}
        found: dict[int, Mapping[str, int]] = {}
        if not self.columns:
            self.columns = [Counter() for _ in range(block.width)]
        for column, counts in enumerate(self.columns):
            if not self.is_whole:
                break
            known = len(counts)
            counts.update(block.labels[column])
            new = list(islice(reversed(counts), len(counts) - known))
            faults = {text: fault for text in new if (fault := _fault_of_text(text, block.width))}
            if faults:
                wrong[column] = faults
                # Forgotten, so that it is new, and reported, wherever it comes again.
                found[column] = {text: counts.pop(text) for text in faults}
            self.distinct += len(new) - len(faults)
            self._stop_at_limit()
        self.rows += block.rows
        if self.rows > max(FEWEST_ROWS, ROWS_A_LABEL * self.distinct):
            self.count_anew()
        if any(self.told[code] < TOLD_ONE_BY_ONE for faults in wrong.values() for code, _ in faults.values()):
            self._tell(block, wrong)
        else:  # a list may have millions of them
            for column, numbers in found.items():
                self._count(wrong[column], numbers)
        return _count_unreadable(block, wrong, found)

    def count_anew(self) -> None:
        """Set the counts aside while they are small: Python has the integers up to 256 ready.

        Of 21,841 classes the larger ones alone fill most of a processor's second cache: there a row costs 25 ns more.
        """
        for column, counts in enumerate(self.columns):
            self.earlier[column].update(counts)
            self.columns[column] = Counter(dict.fromkeys(counts, 0))
        self.rows = 0

    def classes(self, width: int) -> dict[int, int]:
        """Return the samples of each class, or of each column's 1."""
        classes: Counter[int] = Counter()
        for column, counts in enumerate(self.columns):
            for text, samples in chain(counts.items(), self.earlier.get(column, Counter()).items()):
                if width == 1:
                    classes[int(float(text))] += samples
                else:
                    classes[column] += samples if float(text) else 0
        return {label: classes[label] for label in sorted(classes)}

    def _tell(self, block: Block, wrong: Mapping[int, Faults]) -> None:
        """Tell of each row as long as not so many of its kind were told."""
        if block.width == 1:
            remedy = "Number the classes 0, 1, 2 and so on, write those numbers as labels, and pack again."
        else:
            remedy = "Write 1 where the row's image is of the column's class, 0 where it is not, and pack again."
        rows = {
            row for column, faults in wrong.items() for row, text in enumerate(block.labels[column]) if text in faults
        }
        lines = block.lines()
        for row in sorted(rows):
            for column, faults in wrong.items():
                text = block.labels[column][row]
                if text not in faults:
                    continue
                code, reason = faults[text]
                if self.told[code] >= TOLD_ONE_BY_ONE:
                    self._count(faults, {text: 1})
                else:
                    self.told[code] += 1
                    where, shown = f"line {lines[row]}", text if len(text) <= 40 else text[:40] + "..."
                    self.log.report(code, where, f"The label {VALUE} {reason}.", remedy, value=repr(shown))

    def _count(self, faults: Faults, found: Mapping[str, int]) -> None:
        """Count the places of faults, by how often each text was found."""
        numbers = Counter[Code]()
        for text, number in found.items():
            numbers[faults[text][0]] += number
        for code, number in numbers.items():
            self.log.add_places(code, number)

    def _stop_at_limit(self) -> None:
        if self.distinct > MOST_LABELS and self.is_whole:
            self.is_whole = False
            self.log.report(
                Code.TOO_MANY_LABELS,
                "",
                f"The list has more than {MOST_LABELS:,} distinct labels; later ones were not looked at.",
                "Write class numbers as labels; this algorithm cannot learn continuous values.",
            )


def _count_unreadable(block: Block, wrong: Mapping[int, Faults], found: Mapping[int, Mapping[str, int]]) -> int:
    """Return how many rows have a label that is no number."""
    texts = {
        column: unreadable
        for column, faults in wrong.items()
        if (unreadable := {text for text, (code, _) in faults.items() if code is Code.LABEL_NOT_A_NUMBER})
    }
    if len(texts) == 1:
        ((column, unreadable),) = texts.items()
        return sum(found[column][text] for text in unreadable)
    rows = set[int]()
    for column, unreadable in texts.items():
        rows.update(row for row, text in enumerate(block.labels[column]) if text in unreadable)
    return len(rows)


def _fault_of_text(text: str, width: int) -> tuple[Code, str] | None:
    try:
        if "_" in text or len(text) > LONGEST_LABEL:  # Python reads 1_000, nothing else does
            return Code.LABEL_NOT_A_NUMBER, "is not a number"
        return fault_of_label(float(text), width)
    except ValueError:
        return Code.LABEL_NOT_A_NUMBER, "is not a number"
