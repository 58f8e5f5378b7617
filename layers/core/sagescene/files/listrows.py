"""The rows of a `.lst` file, streamed: index TAB label(s) TAB path, as MXNet's im2rec writes and reads them.

Whole blocks of lines are checked at once by patterns; only lines that do not fit are then looked at by themselves,
because a Python loop over all lines takes three times as long.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import NamedTuple

from sagescene.bounds import BLOCK_BYTES, LONGEST_LINE, MOST_COLUMNS, ROWS_OF_A_BLOCK
from sagescene.files.linefaults import LineFault, LineFaults
from sagescene.files.listcauses import (
    NUMBERED_TWICE,
    find_columns_of_all,
    find_other_columns,
    find_separator,
    is_utf_16,
)
from sagescene.files.listheaders import is_comment, is_header, is_numbered_twice, numbers_columns
from sagescene.files.othercontent import explain_list
from sagescene.files.otherlabels import is_detection
from sagescene.files.rowpatterns import RowPattern
from sagescene.finding_codes import Code
from sagescene.finding_log import VALUE, FindingLog
from sagescene.findings import Severity
from sagescene.grammar import count

LARGEST_INDEX = (1 << 64) - 1
FEWER_LABELS = "Leave classes out, or join some, so that an image has fewer labels."
_KEEPING_BYTES = "surrogateescape"  # also those that are not UTF-8
_INDEX_REMEDY = "Number the rows 0, 1, 2 and so on in the first column, and pack again."
_SUM_REMEDY = "Delete the line if it is no image, as a sum is none; else number the rows 0, 1, 2 and so on."
_DIGIT_OR_PATH = re.compile(rb"[0-9./\\]")
ROW_REMEDY = "Write the line as index, label(s) and path with one TAB between them."


class Row(NamedTuple):
    """One image of a list: the id its record carries, its labels, its path."""

    identifier: int
    labels: tuple[float, ...]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Consecutive lines: `text` is theirs, `labels` those of the rows among them, one list a column.

    `is_row` tells with a byte which of the lines are rows; the first of them has the number `first`, counted from 1.
    """

    text: str
    labels: list[list[str]]
    first: int
    is_row: bytes

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return len(self.labels[0])

    @property
    def width(self) -> int:
        """Return how many labels each has."""
        return len(self.labels)

    def lines(self) -> Sequence[int]:
        """Return the rows' numbers."""
        numbers = range(self.first, self.first + len(self.is_row))
        return [*compress(numbers, self.is_row)] if 0 in self.is_row else numbers

    def columns(self) -> list[list[str]]:
        """Return the columns: indices, one list a label, paths."""
        text = self.text
        if 0 in self.is_row:
            text = "\n".join([*compress(text.split("\n"), self.is_row), ""])
        flat = text.replace("\n", "\t").split("\t")
        step = self.width + 2
        *numbers, paths = (flat[column : self.rows * step : step] for column in range(step))
        return [*numbers, list(map(str.strip, paths))]  # of a carriage return, and of blanks as im2rec does


def read(chunks: Iterable[bytes]) -> Iterator[Row]:
    """Read the well-formed rows of a list one after the other, without the malformed ones; labels are not judged."""
    for block in read_blocks(chunks, FindingLog("")):
        indices, *labels, paths = block.columns()
        numbers = zip(*(map(_number, column) for column in labels), strict=True)
        yield from map(Row._make, zip(map(int, indices), numbers, paths, strict=True))


def read_blocks(chunks: Iterable[bytes], log: FindingLog) -> Iterator[Block]:
    """Read the well-formed rows block by block and report every other line that is not blank.

    What a row's labels say is not looked at here. Memory: one chunk and one block, or the longest line.
    """
    return _RowReader(log).read(chunks)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


class _RowReader:
    """The width of the rows and the number of the line, kept from block to block."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.line = 1
        self.width = 0
        self.block_bytes = BLOCK_BYTES
        self.pattern: RowPattern | None = None
        self.faults = LineFaults(log)
        self.columns_of_all = ""  # a sentence, where all rows have others than these
        self.numbers_columns = False  # in the first line that is neither blank nor a comment
        self.is_begun = False  # blank lines begin nothing

    def read(self, chunks: Iterable[bytes]) -> Iterator[Block]:
        for lines in self._whole_lines(chunks):
            if not self.is_begun:
                beginning = bytes(lines)
                self.columns_of_all = find_columns_of_all(beginning)
                self.numbers_columns = numbers_columns(beginning)
            text, is_utf_8 = _decode(lines)
            if not self.pattern:
                text = self._go_to_first_row(text)
            if self.pattern and text:
                whole = self._take_whole(text, self.pattern) if is_utf_8 else None
                block = whole or self._sift(text, self.pattern, is_utf_8=is_utf_8)
                if block.rows:
                    yield block
        self.faults.finish()

    def _whole_lines(self, chunks: Iterable[bytes]) -> Iterator[bytearray]:
        waiting = bytearray()
        at_start, skipping = True, False
        for piece in chain(_pieces(chunks), [memoryview(b"")]):
            waiting += piece
            if len(waiting) < self.block_bytes and piece:
                continue
            if at_start:
                if is_utf_16(waiting):
                    self._report_utf_16()
                    return
                if waiting.startswith(codecs.BOM_UTF8):
                    del waiting[: len(codecs.BOM_UTF8)]
                if other := explain_list(waiting):
                    self.log.report(Code.NOT_A_LIST, "", f"The file is {other.name}, not a list.", other.remedy)
                    return
                at_start = False
            if not piece and waiting and not waiting.endswith(b"\n"):
                waiting += b"\n"
            if len(waiting) > LONGEST_LINE or skipping:
                first = waiting.find(b"\n") + 1
                if not skipping and not 0 < first <= LONGEST_LINE + 1:
                    self._report_long_line()
                    skipping = True
                if skipping:
                    del waiting[: first or None]
                    self.line += bool(first)
                    skipping = not first
            end = waiting.rfind(b"\n") + 1
            if end:
                lines, waiting = waiting, waiting[end:]
                del lines[end:]
                yield lines

    def _go_to_first_row(self, text: str) -> str:
        """Tell what is wrong with the lines before the first row, and return the lines from there on."""
        position = 0
        while position < len(text):
            end = text.index("\n", position)
            self._look_at(text[position:end], self.line)
            if self.pattern:
                break
            position, self.line = end + 1, self.line + 1
        return text[position:]

    def _take_whole(self, text: str, pattern: RowPattern) -> Block | None:
        """Take these whole lines as they are, unless one of them is no row."""
        labels = pattern.read(text)
        if labels is None:
            return None
        first, rows = self.line, len(labels[0])
        self.line += rows
        return Block(text=text, labels=labels, first=first, is_row=b"\1" * rows)

    def _sift(self, text: str, pattern: RowPattern, *, is_utf_8: bool) -> Block:
        """Keep the well-formed rows of these whole lines, and tell what is wrong with the others."""
        labels, others = pattern.sift(text)
        first, is_row = self.line, bytearray(b"\1") * (len(labels[0]) + len(others))
        self.line += len(is_row)
        mended = {
            place: row
            for place in self.faults.count_known(others, first)
            if (row := self._look_at(others[place], first + place))
        }
        for place in others:
            is_row[place] = place in mended
        for place, row in mended.items():
            for column, label in zip(labels, row.split("\t")[1:-1], strict=True):
                column.insert(is_row.count(1, 0, place), label)
        if mended or not is_utf_8:
            lines = text.split("\n")
            for place, row in mended.items():
                lines[place] = row
            if not is_utf_8:
                self._tell_not_utf_8(lines, first, is_row)
            text = "\n".join(lines)
        return Block(text=text, labels=labels, first=first, is_row=bytes(is_row))

    def _look_at(self, line: str, number: int) -> str:
        """Return one line as a row; empty if it is none, and then it is told why, unless it is blank."""
        judged = self._judge(line.encode(errors=_KEEPING_BYTES))
        if isinstance(judged, LineFault):
            self.faults.tell(judged, number, line)
            return ""
        return judged.decode(errors=_KEEPING_BYTES)

    def _judge(self, line: bytes) -> bytes | LineFault:
        """Return one line as a row, or why it is none; a blank line is empty."""
        # As im2rec reads it: blanks around the line and around a number do not matter.
        fields = [field.strip() for field in line.strip().split(b"\t")]
        if fields == [b""]:
            return b""
        if is_comment(line) and not is_header(line):
            return _header("The line is a comment; it is no image.")
        index = fields[0]
        is_first, self.is_begun = not self.is_begun, True
        if is_first and (self.numbers_columns or is_header(line)):
            if is_numbered_twice(line):
                self.columns_of_all = NUMBERED_TWICE
            return _header("The line names the columns; it is no image.")
        if b"\0" in line:
            message, remedy = "The line holds a NUL byte.", "Save the list as plain UTF-8 text."
            return LineFault(code=Code.NUL_BYTE, message=message, remedy=remedy)
        if separator := find_separator(line, fields):
            return LineFault(code=Code.WRONG_SEPARATOR, message=separator)
        if other := self.columns_of_all or find_other_columns(line, fields):
            return LineFault(code=Code.WRONG_COLUMNS, message=other)
        if len(fields) < 3:
            message = f"The line has {len(fields)} of at least 3 TAB-separated fields."
            return LineFault(code=Code.TOO_FEW_FIELDS, message=message, remedy=ROW_REMEDY)
        if not _INTEGER.fullmatch(index) or int(index) > LARGEST_INDEX:
            return LineFault(
                code=Code.INDEX_NOT_AN_INTEGER,
                message=f"The index {VALUE} is not an integer from 0 to 2^64 - 1.",
                remedy=_INDEX_REMEDY if _DIGIT_OR_PATH.search(index + fields[-1]) else _SUM_REMEDY,
                value=repr(index.decode(errors="backslashreplace")),
                is_of_form=not _INTEGER.fullmatch(index),
            )
        return self._judge_labels(line, fields)

    def _judge_labels(self, line: bytes, fields: list[bytes]) -> bytes | LineFault:
        width = len(fields) - 2
        if width > MOST_COLUMNS:
            return LineFault(
                code=Code.TOO_MANY_LABELS,
                message=f"The line has {width:,} labels; at most {MOST_COLUMNS:,} are looked at.",
                remedy=FEWER_LABELS,
            )
        if is_detection([*map(_number_of, fields[1:-1])]):
            return LineFault(code=Code.DETECTION_LABELS, is_of_form=False)
        if self.width and width != self.width:
            return LineFault(
                code=Code.LABEL_WIDTH_DIFFERS,
                message=f"The line has {count(width, 'label')}, the rows before it have {self.width}.",
                remedy="Give every row the same number of labels, and no TAB inside a path.",
                is_of_form=False,  # other numbers may be the labels of detection
            )
        if not self.width:
            self._settle_width(width, len(line) + 1)
        return b"\t".join(fields)

    def _settle_width(self, width: int, row_bytes: int) -> None:
        self.width = width
        self.block_bytes = max(BLOCK_BYTES, min(ROWS_OF_A_BLOCK * row_bytes, LONGEST_LINE))
        self.pattern = RowPattern(width)

    def _tell_not_utf_8(self, lines: list[str], first: int, is_row: bytearray) -> None:
        for place in compress(range(len(lines)), is_row):
            content = lines[place].encode(errors=_KEEPING_BYTES)
            try:
                content.decode()
            except UnicodeDecodeError as error:
                self.faults.tell_not_utf_8(first + place, error.start + 1)
                # One text for one run of bytes, so that different paths stay different.
                lines[place] = content.decode(errors="backslashreplace")

    def _report_long_line(self) -> None:
        message = f"The line is longer than {LONGEST_LINE:,} bytes."
        self.log.report(Code.LINE_TOO_LONG, f"line {self.line}", message, "End every row with a line feed.")

    def _report_utf_16(self) -> None:
        message = "The list is UTF-16 text, which no tool for record files reads."
        self.log.report(Code.NOT_UTF_8, "line 1", message, "Save the list as UTF-8.", Severity.ERROR)


_INTEGER = re.compile(rb"[0-9]{1,20}")


def _header(message: str) -> LineFault:
    return LineFault(code=Code.HEADER_LINE, message=message, remedy="Delete this line.", is_of_form=False)


def _decode(content: bytearray) -> tuple[str, bool]:
    """Return text from which the bytes can be had again, and whether they are UTF-8."""
    try:
        return content.decode(), True
    except UnicodeDecodeError:
        return content.decode(errors=_KEEPING_BYTES), False


def _number_of(text: bytes) -> float:
    return _number(text.decode(errors="replace"))


def _pieces(chunks: Iterable[bytes]) -> Iterator[memoryview]:
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK_BYTES):
            yield memoryview(chunk)[start : start + BLOCK_BYTES]
