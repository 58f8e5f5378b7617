"""What a check says of `sagescene repair` where it may help."""

from pathlib import Path

from sagescene.finding_codes import Code
from sagescene.preflight.report import Report
from sagescene.shell_words import quote_path
from sagescene_command.repairing.planning import ABOUT_ROWS

# Of these a repair mends at least some; whether it does is known once it has read all.
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


def suggest_repair(folder: Path, report: Report) -> str:
    """Give the command that mends a copy of the set in a folder; nothing where no finding is one that it mends."""
    if MENDED.isdisjoint(finding.code for finding in report.findings):
        return ""
    copy = folder.with_name(f"{folder.name}-mended") if folder.name not in {"", ".."} else _find_beside(folder)
    command = f"sagescene repair {quote_path(folder)} {quote_path(copy)}"
    return f"What of this can be mended safely is mended in a copy by: {command}"


def _find_beside(folder: Path) -> Path:
    return folder / ".." / f"{folder.resolve().name}-mended"
