"""The report as a page for people: one HTML file that needs nothing beside it and runs no script."""

import base64
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sagescene.bounds import MOST_BARS, MOST_THUMBNAILS, THUMBNAIL_IN_BYTES
from sagescene.files.images import read_size
from sagescene.files.setchange import SetChange
from sagescene.files.thumbnails import Thumbnail
from sagescene.findings import Finding, Severity
from sagescene.foreign_text import printable_json
from sagescene.grammar import count
from sagescene.messages.charts import bar, columns
from sagescene.messages.document import SMALL_IN_PIXELS, section, table, write_document
from sagescene.preflight.hyperparameter_table import TABLE
from sagescene.preflight.hyperparameters import Value
from sagescene.preflight.report import SHORTER_SIDES, Channel, Report, Verdict

_MOST_SIZES = 10
_TIMES = " \N{MULTIPLICATION SIGN} "

_HEADINGS: Final = {
    Verdict.READY: "is ready to train on",
    Verdict.REFUSED: "is refused",
    Verdict.WAITING: "is not complete yet",
}
_ORIGINS: Final = {
    "measured": "fitted to the files",
    "training.json": "asked for in training.json",
    "stack": "chosen by the stack",
    "algorithm": "the algorithm's own default",
}


def render(report: Report, thumbnails: Sequence[Thumbnail] = (), request: Mapping[str, Any] | None = None) -> str:
    """Write the page; `request` is the CreateTrainingJob request of a data set that is ready."""
    name = html.escape(report.data_set)
    sections = [
        _show_verdict(report),
        _show_findings(report.findings, report.verdict),
        _show_channels(report),
        _show_change(report.change),
        _show_classes(report),
        _show_sizes(report.train, report.validation),
        _show_thumbnails(thumbnails, report),
        _show_hyperparameters(report),
        _show_cost(report),
        _show_request(request),
    ]
    return write_document(f"{name} {_HEADINGS[report.verdict]}", sections)


def _show_verdict(report: Report) -> str:
    errors = sum(finding.places for finding in report.findings if finding.severity is Severity.ERROR)
    warnings = sum(finding.places for finding in report.findings) - errors
    found = " and ".join(filter(None, (_number_of(errors, "error"), _number_of(warnings, "warning"))))
    consequence = {
        Verdict.READY: "Its training job can be started.",
        Verdict.REFUSED: "No training job is started and nothing is paid for: correct the errors, then upload again.",
        Verdict.WAITING: "It is judged when its missing files are there.",
    }[report.verdict]
    content = f" · content <code>{html.escape(report.fingerprint)}</code>" if report.fingerprint else ""
    return f"""<header class="verdict {report.verdict}">
<p class="eyebrow">Data set · {report.written:%Y-%m-%d %H:%M} UTC{content}</p>
<h1>{html.escape(report.data_set)} {_HEADINGS[report.verdict]}</h1>
<p>{f"{found}. " if found else "Nothing is wrong with it. "}{consequence}</p>
</header>"""


def _show_findings(findings: Sequence[Finding], verdict: Verdict) -> str:
    of_no_file = "Missing" if verdict is Verdict.WAITING else "Hyperparameters and instances"
    by_file = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    files = list(dict.fromkeys(finding.file for finding in by_file))
    by_file.sort(key=lambda finding: files.index(finding.file))
    groups = [
        f"<h3>{html.escape(file) or of_no_file}</h3>\n"
        f'<ul class="findings">\n{"\n".join(map(_show_finding, group))}\n</ul>'
        for file, group in groupby(by_file, key=lambda finding: finding.file)
    ]
    return section("Findings", "\n".join(groups)) if groups else ""


def _show_finding(finding: Finding) -> str:
    where = f" · {html.escape(finding.where)}" if finding.where else ""
    return (
        f'<li class="{finding.severity}"><p><span class="kind">{finding.severity.capitalize()}</span>'
        f'<span class="soft">{where} · <code>{html.escape(finding.code)}</code></span></p>\n'
        f'<p>{html.escape(finding.message)}</p>\n<p class="remedy">{html.escape(finding.remedy)}</p></li>'
    )


def _show_channels(report: Report) -> str:
    channels = (report.train, report.validation)
    if channels == (Channel(), Channel()):
        return ""
    rows: tuple[tuple[str, Callable[[Channel], str]], ...] = (
        ("images", lambda channel: f"{channel.images:,}"),
        *([("of which looked at", _looked_at)] if any(channel.looked_at is not None for channel in channels) else []),
        ("rows of the list", lambda channel: "no list" if channel.rows is None else f"{channel.rows:,}"),
        ("classes", lambda channel: f"{sum(images > 0 for images in channel.classes.values()):,}"),
        ("labels an image", lambda channel: f"{channel.label_width}"),
        ("smallest height", lambda channel: _pixels(channel.smallest_height)),
        ("smallest width", lambda channel: _pixels(channel.smallest_width)),
        ("formats", lambda channel: ", ".join(f"{images:,} {name}" for name, images in channel.formats.items())),
    )
    lines = "\n".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f'<td class="number">{html.escape(show(it))}</td>' for it in channels)
        + "</tr>"
        for name, show in rows
    )
    heads = '<td></td><th class="number">train</th><th class="number">validation</th>'
    return section("Files", table(heads, lines))


def _looked_at(channel: Channel) -> str:
    return "all" if channel.looked_at is None else f"{channel.looked_at:,}"


def _show_change(change: SetChange | None) -> str:
    if change is None:
        return ""
    lines = "\n".join(f"<li>{html.escape(str(each))}</li>" for each in change.relabellings)
    most = f'<p class="soft">Relabelled most often:</p>\n<ul>\n{lines}\n</ul>' if lines else ""
    return section("What changed since the last training", f"<p>{html.escape(str(change))}</p>\n{most}")


def _show_classes(report: Report) -> str:
    train, validation, tell = report.train, report.validation, report.class_names.tell
    labels = sorted({*train.classes, *validation.classes})
    if not labels:
        return ""
    if len(labels) > MOST_BARS:
        charts = "".join(
            _draw_columns(name, {label: channel.classes.get(label, 0) for label in labels})
            for name, channel in (("train", train), ("validation", validation))
        )
        ends = f"from {html.escape(tell(labels[0]))} to {html.escape(tell(labels[-1]))}"
        caption = f'<p class="soft">{len(labels):,} classes in their order, {ends}.</p>'
        return section("Images of each class", charts + caption)
    bars = [(tell(label), train.classes.get(label, 0), validation.classes.get(label, 0)) for label in labels]
    source = report.class_names.source
    caption = f'<p class="soft">Named by {html.escape(source)}.</p>\n' if source else ""
    return section("Images of each class", caption + _draw_bars("class", bars))


def _show_sizes(train: Channel, validation: Channel) -> str:
    sizes, bounds = {*train.sizes, *validation.sizes}, sorted({*train.shorter_sides, *validation.shorter_sides})
    if not sizes or not bounds:
        return ""
    channels = (train, validation)
    is_complete = all(sum(it.sizes.values()) == sum(it.shorter_sides.values()) for it in channels)
    if is_complete and len(sizes) <= _MOST_SIZES:
        bars = [
            (f"{height}{_TIMES}{width}", train.sizes.get((height, width), 0), validation.sizes.get((height, width), 0))
            for height, width in sorted(sizes)
        ]
        return section("Image sizes", _draw_bars(f"height{_TIMES}width", bars))
    bars = [(_range(at), train.shorter_sides.get(at, 0), validation.shorter_sides.get(at, 0)) for at in bounds]
    return section("Image sizes", _draw_bars("shorter side", bars))


def _range(bound: int) -> str:
    following = [side for side in SHORTER_SIDES if side > bound]
    return f"{bound} to {following[0] - 1}" if following else f"{bound} and more"


def _draw_columns(name: str, classes: Mapping[int, int]) -> str:
    fewest, most = min(classes.values()), max(classes.values())
    images = f"{fewest:,} to {most:,} images" if fewest < most else count(most, "image")
    return f"<h3>{name}: {images} a class</h3>\n{columns(classes, kind=name)}\n"


def _draw_bars(heading: str, bars: Iterable[tuple[str, int, int]]) -> str:
    bars = list(bars)
    largest = max(max(train, validation) for _, train, validation in bars)
    lines = "\n".join(
        f'<tr><th scope="row" class="number">{html.escape(name)}</th>'
        f"<td>{bar(train, largest, kind='train')}{bar(validation, largest, kind='validation')}</td>"
        f'<td class="number">{train:,}</td><td class="number">{validation:,}</td></tr>'
        for name, train, validation in bars
    )
    keys = '<span class="key train"></span>train<span class="key validation"></span>validation'
    return f"""<table class="bars">
<caption>{keys}</caption>
<thead><tr><th class="number">{heading}</th><td class="plot"></td><th class="number">train</th>
<th class="number">validation</th></tr></thead>
<tbody>
{lines}
</tbody>
</table>"""


def _show_thumbnails(thumbnails: Sequence[Thumbnail], report: Report) -> str:
    tell, classes = report.class_names.tell, sum(images > 0 for images in report.train.classes.values())
    figures = "\n".join(_show_thumbnail(thumbnail, html.escape(tell(thumbnail.label))) for thumbnail in thumbnails)
    content = f'<div class="thumbnails">\n{figures}\n</div>' if figures else ""
    if len(thumbnails) < classes:
        limits = f"at most {MOST_THUMBNAILS}, of images with up to {THUMBNAIL_IN_BYTES // 1024} KB"
        content += f'<p class="soft">{len(thumbnails) or "None"} of {classes:,} classes shown: {limits}.</p>'
    return section("One image of a class", content) if content else ""


def _show_thumbnail(thumbnail: Thumbnail, name: str) -> str:
    size = read_size(thumbnail.image)
    small = ' class="small"' if size and max(size.height, size.width) < SMALL_IN_PIXELS else ""
    data = base64.b64encode(thumbnail.image).decode()
    return (
        f'<figure><img{small} alt="An image of class {name}" '
        f'src="data:image/{thumbnail.format};base64,{data}"><figcaption>class {name}</figcaption></figure>'
    )


def _show_hyperparameters(report: Report) -> str:
    if not report.hyperparameters:
        return ""
    values = {**report.hyperparameters, **report.defaults}
    unused = ", ".join(f"<code>{name}</code>" for name in TABLE if name not in values)
    caption = f'<p class="soft">Not used, and without a default: {unused}.</p>' if unused else ""
    return section("Hyperparameters", _show_values(values) + caption)


def _show_cost(report: Report) -> str:
    epochs = {**report.defaults, **report.hyperparameters}.get("epochs")
    if not epochs:
        return ""
    values = _show_values({**report.conditions.resources, "epochs": epochs})
    estimate = f"<p>Cost: {html.escape(str(report.estimate))}.</p>\n" if report.estimate else ""
    return section("What decides the cost", estimate + values)


def _show_values(values: Mapping[str, Value]) -> str:
    lines = "\n".join(
        f'<tr><th scope="row"><code>{html.escape(name)}</code></th><td><code>{html.escape(value.value)}</code></td>'
        f'<td class="soft">{_ORIGINS[value.origin]}{html.escape(f": {value.detail}" if value.detail else "")}</td></tr>'
        for name, value in values.items()
    )
    return table("<td></td><th>value</th><th>where it comes from</th>", lines, kind="values")


def _show_request(request: Mapping[str, Any] | None) -> str:
    if not request:
        return ""
    text = html.escape(printable_json(request, indent=2))
    return section("What is requested of SageMaker", f"<p class='soft'>CreateTrainingJob</p>\n<pre>{text}</pre>")


def _number_of(number: int, word: str) -> str:
    return count(number, word) if number else ""


def _pixels(length: int | None) -> str:
    return "unknown" if length is None else f"{length:,} pixels"
