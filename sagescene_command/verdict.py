"""The report on a data set, told to a person at a terminal."""

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sagescene.findings import Finding, Severity
from sagescene.preflight.hyperparameter_table import DEFAULTS
from sagescene.preflight.hyperparameters import Value
from sagescene.preflight.report import Channel, Report, Verdict

EXIT_STATUS = {Verdict.READY: 0, Verdict.REFUSED: 1, Verdict.WAITING: 2}

_VERDICTS = {
    Verdict.READY: ("is ready to train on", "bold green"),
    Verdict.REFUSED: ("is refused", "bold red"),
    Verdict.WAITING: ("is not complete yet", "bold yellow"),
}
_SEVERITIES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def tell(report: Report, console: Console, *, test_images: int = 0) -> None:
    """Print the verdict, the findings file by file, the hyperparameters beside the defaults, and what the job costs.

    `test_images` are counted beside those of the channels, unless there are none.
    """
    says, style = _VERDICTS[report.verdict]
    console.print(Text(f"{report.data_set} {says}", style))
    if report.train != Channel():
        console.print(Text(_count(report, test_images), "dim"))
    tell_findings(report.findings, report.verdict, console)
    if report.hyperparameters:
        table = Table.grid(padding=(0, 2))
        for name, value in report.hyperparameters.items():
            if value.value != DEFAULTS.get(name):
                table.add_row(Text(name), Text(value.value, "cyan"), Text(_tell_origin(value), "dim"))
        console.print(Text("\nhyperparameters beside the defaults", "bold"), _indent(table), sep="\n")
        console.print(Text(f"\n{_tell_cost(report)}", "dim"))


def tell_findings(findings: Iterable[Finding], verdict: Verdict, console: Console) -> None:
    """Print findings file by file, each with its remedy below."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    for file, group in by_file.items():
        heading = file or ("missing" if verdict is Verdict.WAITING else "hyperparameters and instances")
        console.print(Text(f"\n{heading}", "bold"))
        for finding in group:
            console.print(_indent(_show(finding)))


def _tell_origin(value: Value) -> str:
    return f"{value.origin}: {value.detail}" if value.detail else str(value.origin)


def _tell_cost(report: Report) -> str:
    resources = report.conditions.resources
    hours = report.conditions.max_runtime_in_seconds / 3600
    epochs = {**report.defaults, **report.hyperparameters}["epochs"].value
    others = report.conditions.instance_types[1:]
    return (
        f"{epochs} epochs on {resources['InstanceCount'].value} {resources['InstanceType'].value}"
        f"{f' (else {", ".join(others)})' if others else ''}, {hours:,g} hours at most"
        f"{f'\ncost: {report.estimate}' if report.estimate else ''}"
    )


def _show(finding: Finding) -> Group:
    first = Text.assemble(
        (str(finding.severity), _SEVERITIES[finding.severity]),
        (f"  {finding.where}" if finding.where else "", "default"),
        (f"  {finding.code}", "dim"),
    )
    return Group(first, _indent(Text(finding.message)), _indent(Text(finding.remedy)))


def _indent(content: RenderableType) -> Padding:
    return Padding.indent(content, 2)


def _count(report: Report, test_images: int) -> str:
    classes = sum(images > 0 for images in report.train.classes.values())
    return (
        f"{report.train.images:,} images of {classes:,} {'class' if classes == 1 else 'classes'} to train on, "
        f"{report.validation.images:,} to validate with{f', {test_images:,} to test with' if test_images else ''}"
    )
