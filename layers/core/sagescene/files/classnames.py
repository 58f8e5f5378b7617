"""What the classes are called: the lines of `classes.txt`, or the folders of the lists."""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Self

from sagescene.alike_names import fold
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding, Severity

FILE_NAME = "classes.txt"
LARGEST_IN_BYTES = 1 << 20
MOST_NAMES = 100_000
MOST_REPORTED = 1_000
LONGEST_NAME = 100
_HEAD_BYTES = 64

_LINE_END = re.compile(r"\r\n|\r|\n")
_NUMBERED = re.compile(r"([0-9]{1,6})(\t|[ ,;:.)=-])\s*(\S.*)")
_DIGITS, _MOST_DIGITS = "0123456789", 6
_BEFORE_NUMBER = "\t ,;:=-"
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassNames:
    """The names of classes by label, the column where an image has several labels; `more` are known and left out.

    `source` says in words where they are from; it is empty where no class has a name.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    source: str = ""
    more: int = 0

    @classmethod
    def of(cls, names: Mapping[int, str], source: str) -> Self:
        """Take the names in the order of their labels, each cut to 100 characters that can be printed."""
        return cls(names={label: show(names[label]) for label in sorted(names)}, source=source if names else "")

    def tell(self, label: int) -> str:
        """Name a class for people, such as `dog (3)`."""
        return tell_class(label, self.names.get(label, ""))

    def tell_label(self, label: float) -> str:
        """Name the class of a label as a file has it, which may be none: 2.5 is told as it is."""
        return self.tell(int(label)) if label.is_integer() else f"{label:g}"

    def find_differing(self, other: Self) -> list[int]:
        """Find the labels of which another has other names; Cat and cat are one, unless they are two of these."""
        read = fold if len({*map(fold, self.names.values())}) == len(self.names) else str
        shared = [label for label in self.names if label in other.names]
        return [label for label in shared if read(self.names[label]) != read(other.names[label])]

    def shorten(self) -> Self:
        """Keep the first 1,000, as many as a report holds."""
        kept = dict(islice(self.names.items(), MOST_REPORTED))
        return replace(self, names=kept, more=self.more + len(self.names) - len(kept))

    def as_json(self) -> dict[str, Any]:
        """Give the names as plain values."""
        names = {str(label): name for label, name in self.names.items()}
        return {"source": self.source, "names": names, "more": self.more}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        names = {int(label): name for label, name in document["names"].items()}
        return cls(names=names, source=document["source"], more=document["more"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedNames:
    """What a `classes.txt` says: the name of each label, None where its faults leave that open."""

    names: Mapping[int, str] | None
    findings: tuple[Finding, ...] = ()


def read_class_names(
    chunks: Iterable[bytes], *, file: str = FILE_NAME, name_by_folders: Callable[[], Mapping[int, str]] = dict
) -> ListedNames:
    """Read a `classes.txt`: one name a line, the first that of label 0; `file` is the name that findings carry.

    `name_by_folders` gives what the folders of the lists call the classes: names with numbers that these have as well
    are no numbered lines. At most 1 MiB and 100,000 names are read. A byte order mark, CRLF, blanks around names and
    blank lines at the end are harmless.
    """
    log = FindingLog(file)
    text = _decode(_read(chunks), log)
    lines = [] if text is None else [line.strip() for line in _LINE_END.split(text.rstrip())]
    if lines == [""]:
        lines = []
    if len(lines) > MOST_NAMES:
        _report_size(f"The file has {len(lines):,} lines; at most {MOST_NAMES:,} names are read.", log)
        lines = []
    place = "before" if _are_numbered(lines) else "behind" if _are_numbered_behind(lines) else ""
    if place and dict(enumerate(lines)) != name_by_folders():
        _report_numbers(lines[0], place, log)
    else:
        _report_lines(lines, log)
    names = None if log.has_errors else dict(enumerate(lines))
    return ListedNames(names=names, findings=log.close())


def _read(chunks: Iterable[bytes]) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_IN_BYTES:  # what follows would change nothing
            break
    return bytes(content)


def _decode(content: bytes, log: FindingLog) -> str | None:
    if len(content) > LARGEST_IN_BYTES:
        _report_size(f"The file has more than {LARGEST_IN_BYTES >> 20} MiB; no more is read.", log)
        return None
    # Names hold no NUL byte; of letters in ASCII, UTF-16 makes every second one.
    has_nul_bytes = content.count(b"\0", 0, _HEAD_BYTES) * 3 > len(content[:_HEAD_BYTES])
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or has_nul_bytes:
        log.report(Code.CLASS_NAMES_NOT_UTF_8, "", "The file is UTF-16 text.", "Save it as UTF-8.")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        log.report(Code.CLASS_NAMES_NOT_UTF_8, f"line {line}", "The line is not UTF-8 text.", "Save the file as UTF-8.")
        return None


def _report_size(message: str, log: FindingLog) -> None:
    remedy = "Write one line for each class; or delete the file, and the folders of the lists name the classes."
    log.report(Code.CLASS_NAMES_TOO_LARGE, "", message, remedy)


def _are_numbered(lines: Sequence[str]) -> bool:
    """Tell whether each line holds its class's number before the name, in another order, or with a TAB or a colon.

    Names may begin with numbers, too, as 1 euro and 2 euros do: hence all have to differ, and count from 0 or 1. In the
    order of the lines a blank proves nothing; a colon in each of them does, as dictionaries are printed.
    """
    found = [_NUMBERED.fullmatch(line) for line in lines]
    if len(found) < 2 or not all(found):
        return False
    numbers = [int(each[1]) for each in found if each]
    names = {each[3] for each in found if each}
    if len(names) < len(lines) or sorted(numbers) != list(range(min(numbers), min(numbers) + len(lines))):
        return False
    between = {each[2] for each in found if each}
    return min(numbers) <= 1 and (numbers != sorted(numbers) or "\t" in between or between == {":"})


def _are_numbered_behind(lines: Sequence[str]) -> bool:
    """Tell whether each line holds its class's number behind the name, as im2rec prints what it numbered.

    Names may end with numbers, too, as Boeing 747 does, and digit 0 and digit 1: hence all have to differ without
    them, and the numbers have to be those of the classes in another order, or behind a TAB.
    """
    names, numbers, is_behind_tab = set[str](), list[int](), False
    for line in lines:
        before = line.rstrip(_DIGITS)
        name, digits = before.rstrip(_BEFORE_NUMBER), line[len(before) :]
        if name == before or not 0 < len(digits) <= _MOST_DIGITS:
            return False
        names.add(name)
        numbers.append(int(digits))
        is_behind_tab = is_behind_tab or before.endswith("\t")
    if len(names) < len(lines) or len(lines) < 2 or sorted(numbers) != list(range(len(lines))):
        return False
    return is_behind_tab or numbers != sorted(numbers)


def _report_numbers(first: str, place: str, log: FindingLog) -> None:
    log.report(
        Code.CLASS_NAMES_NUMBERED,
        "",
        f"The lines hold a number {place} each name, such as {show(first)!r}; the line alone says which label has a "
        "name.",
        "Order the lines by these numbers and take the numbers off: the first line names the class of label 0. If the "
        "numbers are part of the names, put them in brackets.",
    )


def _report_lines(lines: Iterable[str], log: FindingLog) -> None:
    first_lines: dict[str, int] = {}
    for number, name in enumerate(lines, start=1):
        where, label = f"line {number}", number - 1
        if not name:
            log.report(
                Code.CLASS_NAME_MISSING,
                where,
                f"The line is blank, so class {label} has no name.",
                "Write its name there, or take the line out if it stands for no class: later lines then move up.",
            )
        elif _CONTROL_CHARACTERS.search(name):
            log.report(
                Code.CLASS_NAME_NOT_PRINTABLE,
                where,
                f"The name of class {label} holds control characters, such as a TAB or a NUL byte.",
                "Write a plain name.",
            )
        elif name in first_lines:
            log.report(
                Code.CLASS_NAME_REPEATED,
                where,
                f"Class {label} is called {show(name)!r}, as class {first_lines[name] - 1} on line "
                f"{first_lines[name]} is.",
                "Give every class a name of its own.",
            )
        elif len(name) > LONGEST_NAME:
            log.report(
                Code.CLASS_NAME_TOO_LONG,
                where,
                f"The name of class {label} has {len(name):,} characters; the first {LONGEST_NAME} are shown.",
                "Nothing needs doing if these tell the class from the others; else give it a shorter name.",
                Severity.WARNING,
            )
        first_lines.setdefault(name, number)


def tell_class(label: int, name: str) -> str:
    """Name a class for people, such as `dog (3)`; one without a name, or called by its number, is the number."""
    return f"{name} ({label})" if name not in ("", f"{label}") else f"{label}"


def show(name: str) -> str:
    """Cut a name to 100 characters that can be printed."""
    shown = _CONTROL_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", name)
    return shown if len(shown) <= LONGEST_NAME else shown[:LONGEST_NAME] + "..."
