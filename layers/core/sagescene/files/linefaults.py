"""Lines of a list that are no rows: told one by one, and only counted once more of their form tell nothing new."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sagescene.files.listcauses import Causes
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog

FORMS_HELD = 1_000
LONGEST_FORM = 1_000  # characters
_FORM = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineFault:
    """Why a line is no row; of a fault that `Causes` tells, `message` is what it is told by.

    `is_of_form` tells whether every line that differs in the values of digits alone has the same fault.
    """

    code: Code
    message: str = ""
    remedy: str = ""
    value: str = ""
    is_of_form: bool = True


class LineFaults:
    """Tells the faults of lines to a log."""

    def __init__(self, log: FindingLog) -> None:
        self._log = log
        self._causes = Causes()
        self._known: dict[str, LineFault] = {}

    def count_known(self, lines: Mapping[int, str], first: int) -> list[int]:
        """Count the lines whose form is known, and return the places of the others, of which each is to be told.

        Here a line costs 0.3 us, told by itself 5. `first` is the number of the line at place 0.
        """
        forms = "\n".join(lines.values()).translate(_FORM).split("\n")
        found = [*map(self._known.get, forms)] if lines else []
        last = dict(zip(found, lines, strict=True))
        for fault, number in Counter(found).items():
            if fault:
                self._tell(fault, first + last[fault], number)
        return [place for place, fault in zip(lines, found, strict=True) if not fault]

    def tell(self, fault: LineFault, number: int, line: str) -> None:
        """Tell the fault of one line by its number."""
        self._tell(fault, number, 1)
        is_told = fault.code in Causes.CODES or self._log.is_told(fault.code, fault.message, fault.remedy)
        if is_told and fault.is_of_form and len(line) <= LONGEST_FORM and len(self._known) < FORMS_HELD:
            self._known[line.translate(_FORM)] = fault

    def tell_not_utf_8(self, line: int, byte: int) -> None:
        """Tell of a row with a byte, counted from 1, that is not UTF-8."""
        self._causes.add_not_utf_8(line, byte)

    def finish(self) -> None:
        """Tell what was counted."""
        self._causes.report(self._log)

    def _tell(self, fault: LineFault, line: int, number: int) -> None:
        if fault.code in Causes.CODES:
            self._causes.add(fault.code, fault.message, line, number)
        elif number == 1:
            self._log.report(fault.code, f"line {line}", fault.message, fault.remedy, value=fault.value)
        else:
            self._log.add_told(fault.code, fault.message, fault.remedy, number)
