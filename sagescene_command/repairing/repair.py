"""A data set looked at, and its repair planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sagescene.dataset import DataSet, assemble
from sagescene.findings import Finding
from sagescene.parts import DATASETS
from sagescene.preflight.report import Report
from sagescene_command import check
from sagescene_command.places import Place, find_folder
from sagescene_command.progress import ShowProgress
from sagescene_command.repairing.planning import RepairPlan, find_unmended, plan
from sagescene_command.repairing.reading import name_file, read_channels, read_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The report on a set, its files by their paths from the folder on, and the plan; None without all its files."""

    report: Report
    files: Mapping[str, Path]
    plan: RepairPlan | None
    unmended: tuple[Finding, ...] = ()


def prepare(folder: Path, show_progress: ShowProgress) -> Prepared:
    """Look at the set in a folder and plan its repair.

    Raises:
        UncheckableError: the folder is none, or cannot be read.
    """
    examined, _ = check.check(str(folder), {}, show_progress=show_progress, decodes=False)
    return prepare_from(find_folder(str(folder)), folder, examined.report, show_progress)


def prepare_from(place: Place, folder: Path, report: Report, show_progress: ShowProgress) -> Prepared:
    """Plan the repair of the set in a folder, which is `place`, from the report on it.

    Raises:
        TooManyLabelsError: its labels are more than a repair holds.
    """
    keys = f"{DATASETS}{place.name}/"
    files = {stored.key.removeprefix(keys): folder / stored.key.removeprefix(keys) for stored in place.objects}
    assembled = assemble(place.name, place.objects)
    if not isinstance(assembled, DataSet):
        return Prepared(report=report, files=files, plan=None)
    with show_progress("planning"):
        channels = read_channels(place, assembled)
    names = read_names(place, assembled.class_names) if assembled.class_names else None
    planned = plan(channels, report.findings, names_file=name_file(place, assembled.class_names), names=names)
    return Prepared(report=report, files=files, plan=planned, unmended=find_unmended(planned, report.findings))
