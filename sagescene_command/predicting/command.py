"""The command `sagescene predict`: its options, and how it shows what a model says."""

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len
from rich.text import Text

from sagescene.foreign_text import printable
from sagescene_command.narration import show_progress
from sagescene_command.predicting.options import failures, model_options
from sagescene_command.terminal import Console

# A command imports what only it needs.
if TYPE_CHECKING:
    from sagescene_command.predicting.answers import ImageAnswer
    from sagescene_command.predicting.provenance import Provenance
    from sagescene_model.inference import Classifier
    from sagescene_model.pictures import Fit

UNANSWERED = 1  # exit status where an image could not be read
ROWS_AT_ONCE = 32
WIDEST_NAME = 60  # columns that a name may take before it moves the rest of its row
EXAMPLE = """\b
For example:
    sagescene predict pets photo.jpg
    sagescene predict model.tar.gz photos/ --fit both --csv > answers.csv
    find photos -name '*.jpg' | sagescene predict s3://bucket/models/JOB/output/model.tar.gz - --json
"""


@click.command("predict", epilog=EXAMPLE)
@click.argument("model")
@click.argument("images", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, for each image and fit.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a line for each class of each image and fit.")
@click.option("--top", type=click.IntRange(min=0), default=3, show_default=True, help="Classes an image; 0 for all.")
@click.option(
    "--fit",
    type=click.Choice(["crop", "squash", "both"]),
    default="crop",
    show_default=True,
    help="Cut out the image's centre, as training does, or resize all of it.",
)
@model_options
def predict_command(
    *,
    model: str,
    images: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    top: int,
    fit: str,
    classes: Path | None,
    resize: int | None,
    stack_name: str | None,
) -> None:
    """Ask MODEL what is on IMAGES.

    MODEL is a folder, a model.tar.gz, an s3:// address, or the name of a data set of a deployed stack, whose newest
    model is taken. IMAGES are JPEG, PNG, BMP or TIFF files, folders of such, or - for standard input: an image, or the
    paths of images, one a line.

    The exit status is 0 when every image was answered, 1 when some could not be read, which their rows say, and 3 when
    the model cannot be used or a folder holds no image.
    """
    if as_json and as_csv:
        raise click.UsageError("Answers have one form: give --json or --csv.")
    form = "json" if as_json else "csv" if as_csv else None
    with failures():
        from sagescene_command.predicting.classify import classify
        from sagescene_command.predicting.images import STANDARD_INPUT, list_images
        from sagescene_model.pictures import Fit

        console = _choose_console(form)
        classifier, epoch, provenance = _load(model, classes, stack_name, console)
        resize = resize or provenance.resize
        fits = list(Fit) if fit == "both" else [Fit(fit)]
        write = _choose_writer(form, console)
        if not form:
            console.print(Text(describe(classifier, epoch, fits, resize), "dim"), soft_wrap=True)
        # A second walk is cheap beside the work; standard input can be read but once.
        is_counted = STANDARD_INPUT not in images
        total = sum(1 for _ in list_images(images, None)) * len(fits) if is_counted else 0
        listed = list_images(images, sys.stdin.buffer if sys.stdin else None)
        done = unanswered = 0
        with show_progress(console, "predicting") as progress:
            answers = classify(classifier, listed, fits, names=provenance.class_names.names, top=top, resize=resize)
            for rows in batched(answers, ROWS_AT_ONCE, strict=False):
                write(rows)
                done += len(rows)
                unanswered += sum(bool(row.fault) for row in rows)
                if is_counted:
                    progress(done, total)
    sys.exit(UNANSWERED if unanswered else 0)


def describe(classifier: "Classifier", epoch: int, fits: "Iterable[Fit]", resize: int | None) -> str:
    """Say what a model takes, and how images are fitted to it."""
    _, height, width = classifier.shape
    before = f", after resizing the shorter side to {resize}" if resize else ""
    ways = {
        "crop": f"crop cuts out the centre, as training does{before}",
        "squash": "squash resizes all of the image",
    }
    answers = "; each class has a probability of its own" if classifier.is_multi_label else ""
    return (
        f"{classifier.name}, epoch {epoch}: {classifier.classes:,} classes, images of {width} x {height}; "
        + "; ".join(ways[fit] for fit in fits)
        + answers
    )


def _load(
    model: str, classes: Path | None, stack_name: str | None, console: Console
) -> "tuple[Classifier, int, Provenance]":
    """Load a model; beside the classifier, what is needed of its artifact is kept."""
    from sagescene_command.predicting.models import load_model
    from sagescene_command.predicting.provenance import expect_all_named
    from sagescene_model.inference import Classifier

    found = load_model(model, classes=classes, stack_name=stack_name, show_progress=partial(show_progress, console))
    classifier = Classifier(found.artifact, threads=os.process_cpu_count() or 1)
    if found.has_file_of_names:
        expect_all_named(found.provenance.class_names, classifier.classes)
    return classifier, found.artifact.epoch, found.provenance


def _choose_console(form: str | None) -> Console:
    """Choose where the bar is drawn: where the table is, if a person sees it; never among other lines."""
    return Console(stderr=form is not None or not sys.stdout.isatty())


def _choose_writer(form: str | None, bar: Console) -> "Callable[[Iterable[ImageAnswer]], None]":
    from sagescene_command.predicting import answers

    if form is None:
        return Table(bar if sys.stdout.isatty() else Console()).write
    output = sys.stdout  # while a bar is drawn, rich puts another stream in its place
    if form == "csv":
        click.echo(",".join(answers.CSV_COLUMNS), file=output)
    render = answers.as_csv if form == "csv" else answers.as_json

    def write(rows: "Iterable[ImageAnswer]") -> None:
        for row in rows:
            output.write(f"{render(row)}\n")
        output.flush()

    return write


class Table:
    """Prints answers as they come, in columns as wide as what came so far."""

    def __init__(self, console: Console) -> None:
        """Print nothing yet."""
        self._console, self._width = console, 0

    def write(self, rows: "Iterable[ImageAnswer]") -> None:
        """Print rows."""
        from sagescene_command.predicting.answers import as_words

        shown = [(printable(row.image), row) for row in rows]
        self._width = max(self._width, *(min(cell_len(name), WIDEST_NAME) for name, _ in shown))
        for name, row in shown:
            gap = " " * (self._width - cell_len(name))
            words = Text(as_words(row), "red" if row.fault else "")
            self._console.print(Text.assemble(name, gap, "  ", (f"{row.fit:<6}", "dim"), "  ", words), soft_wrap=True)
