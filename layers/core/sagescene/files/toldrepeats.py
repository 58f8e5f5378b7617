"""Rows of a list that repeat an earlier one, told in one finding for all of them."""

from itertools import zip_longest

from sagescene.bounds import SHOWN_OF_A_KIND
from sagescene.files.repeats import Repeats
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.grammar import name_some


class _Told:
    """How many lines repeat an earlier one, the first of both, and whether all repeat the same."""

    def __init__(self) -> None:
        self.number = 0
        self.lines: list[int] = []
        self.firsts: list[int] = []
        self.is_of_one = True

    def add(self, pair: tuple[int, int]) -> None:
        line, first = pair
        self.number += 1
        if len(self.lines) < SHOWN_OF_A_KIND:
            self.lines.append(line)
            self.firsts.append(first)
        self.is_of_one = self.is_of_one and first == self.firsts[0]

    def report(self, log: FindingLog, code: Code, one: str, several: str, remedy: str) -> None:
        if not self.number:
            return
        if self.is_of_one:
            message = f"{one} on line {self.firsts[0]} already."
        else:
            message = f"{several} before, on lines {name_some(list(map(str, self.firsts)), self.number)}."
        for line in self.lines:
            log.report(code, f"line {line}", message, remedy)
        if self.number > len(self.lines):
            log.add_places(code, self.number - len(self.lines))


def report_repeats(log: FindingLog, repeats: Repeats) -> None:
    """Report the rows whose index, the first column, or path was there before; once where both always were."""
    indices, paths, are_rows = _Told(), _Told(), True
    for of_index, of_path in zip_longest(repeats.find(0), repeats.find(1)):
        are_rows = are_rows and of_index == of_path
        if of_index:
            indices.add(of_index)
        if of_path:
            paths.add(of_path)
    if are_rows:
        indices.report(
            log,
            Code.INDEX_REPEATED,
            "The row, index and path, was there",
            "The rows, index and path, were there",
            "Delete the rows that are there twice, and pack again.",
        )
        return
    indices.report(
        log,
        Code.INDEX_REPEATED,
        "The index was used",
        "The indices were used",
        "Give every row an index of its own, and pack again.",
    )
    paths.report(log, Code.PATH_REPEATED, "The image was named", "The images were named", "Name every image once.")
