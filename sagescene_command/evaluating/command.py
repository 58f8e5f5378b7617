"""The command `sagescene evaluate`: its options, and what it says."""

import sys
from functools import partial
from pathlib import Path

import click
from rich.text import Text

from sagescene.foreign_text import printable_json
from sagescene_command.following.options import print_lines
from sagescene_command.narration import show_progress
from sagescene_command.predicting.options import failures, model_options
from sagescene_command.terminal import Console

NOTHING_READ = 1  # exit status where no image could be evaluated
EXAMPLE = """\b
For example:
    sagescene evaluate pets pets/ --html page.html
    sagescene evaluate model.tar.gz s3://BUCKET/datasets/pets/ --json
"""


@click.command("evaluate", epilog=EXAMPLE, short_help="Say how often a model is right on a data set.")
@click.argument("model")
@click.argument("data")
@click.option("--json", "as_json", is_flag=True, help="Print the evaluation as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the page too.")
@model_options
def evaluate_command(
    *,
    model: str,
    data: str,
    as_json: bool,
    html: Path | None,
    classes: Path | None,
    resize: int | None,
    stack_name: str | None,
) -> None:
    """Hold MODEL against DATA: how often it is right, on which classes it is not, and with which images.

    MODEL is a folder, a model.tar.gz, an s3:// address, or the name of a data set of a deployed stack, whose newest
    model is taken. DATA is a folder of packed files or s3://BUCKET/datasets/SET/, of which the test records are read,
    or else the validation records. Every image is shown to the model in both ways of fitting it.

    The exit status is 0 when it was evaluated, 1 when no image could be, and 3 when the model or the set cannot be used
    or the page not be written.
    """
    console = Console(stderr=as_json)
    with failures():
        from sagescene_command import page_file
        from sagescene_command.evaluating.evaluate import evaluate
        from sagescene_command.predicting.models import load_model
        from sagescene_evaluation import caveats, document, page, sentences

        if html:
            page_file.require_writable(html)
        show = partial(show_progress, console)
        found = load_model(model, classes=classes, stack_name=stack_name, show_progress=show)
        measured = evaluate(found, data, resize=resize, show_progress=show)
        evaluation = measured.evaluation
        if as_json:
            click.echo(printable_json(document.as_json(evaluation), indent=2))
        else:
            console.print(Text(sentences.state_verdict(evaluation)), soft_wrap=True)
            for caveat in caveats.find_caveats(evaluation):
                console.print(Text(f"{caveat.message} {caveat.remedy}", "yellow"), soft_wrap=True)
        if html:
            address = page_file.write(html, page.render(evaluation, measured.thumbnails))
            if not as_json:
                print_lines(console, ["", f"page: {address}"])
    sys.exit(0 if evaluation.images else NOTHING_READ)
