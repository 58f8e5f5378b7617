"""What a check says of `sagescene repair` where it may help."""

from pathlib import Path

from sagescene.errors import SagesceneError
from sagescene.finding_codes import Code
from sagescene.preflight.report import Report
from sagescene.shell_words import quote_path
from sagescene_command.places import find_folder
from sagescene_command.progress import ShowProgress
from sagescene_command.repairing.planning import ABOUT_ROWS
from sagescene_command.repairing.repair import prepare_from

MOST_BYTES_PLANNED = 1 << 30  # of all files of a set: their records are read a second time, in some seconds

# Of these a repair may mend some; whether it does is known once it has read all, so a plan is made of these alone.
MENDED = ABOUT_ROWS | {
    Code.CLASS_MISSING,
    Code.HEADER_LINE,
    Code.INDEX_FILE_DIFFERS,
    Code.INDEX_NOT_AN_INTEGER,
    Code.INDEX_REPEATED,
    Code.LABEL_NOT_A_NUMBER,
    Code.NOT_UTF_8,
    Code.TOO_FEW_FIELDS,
    Code.WRONG_COLUMNS,
    Code.WRONG_SEPARATOR,
}


def suggest_repair(folder: Path, report: Report, show_progress: ShowProgress) -> str:
    """Give the command that mends a copy of the set in a folder; nothing where the planned repair changes nothing.

    The plan reads the set once more. A set too large for that is given the command that tells.
    """
    if MENDED.isdisjoint(finding.code for finding in report.findings):
        return ""
    copy = folder.with_name(f"{folder.name}-mended") if folder.name not in {"", ".."} else _find_beside(folder)
    command = f"sagescene repair {quote_path(folder)} {quote_path(copy)}"
    try:
        place = find_folder(str(folder))
        if sum(stored.size for stored in place.objects) > MOST_BYTES_PLANNED:
            return f"Whether any of this can be mended safely is told, before anything is written, by: {command}"
        prepared = prepare_from(place, folder, report, show_progress)
    except (OSError, SagesceneError):  # of what cannot be planned nothing is promised; the check is told by now
        return ""
    if not prepared.plan or not prepared.plan.changes:
        return ""
    return f"What of this can be mended safely is mended in a copy by: {command}"


def _find_beside(folder: Path) -> Path:
    return folder / ".." / f"{folder.resolve().name}-mended"
