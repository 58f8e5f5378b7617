"""The command `sagescene pack`: its options, and what it says."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sagescene.foreign_text import printable
from sagescene.shell_words import quote_path
from sagescene_command.examples import for_example
from sagescene_command.file_faults import explain
from sagescene_command.following.options import JSON, echo_json
from sagescene_command.narration import show_progress
from sagescene_command.terminal import Console

# A command imports what only it needs.
if TYPE_CHECKING:
    from sagescene_command.packing.source import PictureSource

EXAMPLE = for_example(
    "sagescene pack photos/ pets/pets",
    "sagescene pack photos/ pets/ --resize 256 --test-ratio 0.1",
    "sagescene pack photos/ pets/ --labels photos/labels.csv",
)


@click.command("pack", epilog=EXAMPLE, short_help="Pack images, one folder for each class, into .rec and .lst.")
@click.argument("images", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("prefix")
@click.option("--validation-share", default=0.2, show_default=True, help="Part of each class kept for validation.")
@click.option("--seed", default=100, show_default=True, help="The same seed splits and shuffles the same way.")
@click.option(
    "--class-depth",
    type=click.IntRange(min=1),
    metavar="FOLDERS",
    help="Name classes by so many folders of the path; without it by all, as im2rec --recursive does.",
)
@click.option("--test-ratio", default=0.0, help="Part of each class kept for PREFIX_test; without it there is none.")
@click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take the labels from a CSV file with a column of files and one of labels, or several of 0 and 1, or a list.",
)
@click.option("--file-column", default="", metavar="NAME", help="The column of files, if its name does not tell.")
@click.option(
    "--label-column",
    "label_columns",
    multiple=True,
    metavar="NAME",
    help="The column of labels, if its name does not tell; repeated, several of 0 and 1.",
)
@click.option("--resize", type=int, metavar="PIXELS", help="Scale every image to this length of its shorter side.")
@click.option(
    "--square",
    type=click.Choice(["pad", "crop"]),
    help="Make every image square: pad it with black, or crop its longer sides.",
)
@click.option("--center-crop", is_flag=True, help="The same as --square crop, by im2rec's name.")
@click.option("--quality", type=int, metavar="1-100", help="Encode every image anew, as JPEG of this quality.")
@click.option("--exact", is_flag=True, help="Pack the files' own bytes, not even turned upright as EXIF asks.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="THREADS", help="Threads that read; without it one a core.")
@click.option("--force", is_flag=True, help="Replace the files of an earlier packing.")
@JSON
@click.pass_context
def pack_command(
    context: click.Context,
    /,
    *,
    images: Path,
    prefix: str,
    resize: int | None,
    square: str | None,
    center_crop: bool,
    quality: int | None,
    exact: bool,
    test_ratio: float,
    labels: Path | None,
    file_column: str,
    label_columns: tuple[str, ...],
    class_depth: int | None,
    as_json: bool,
    **settings: Any,  # noqa: ANN401
) -> None:
    """Pack IMAGES, one folder for each class, into PREFIX_train and PREFIX_val: .lst, .rec and .idx each.

    Folders train, val and test of such folders are packed as they are split; with --labels, images may lie anywhere in
    IMAGES, and a column such as split says which of them are to train, validate and test with. A PREFIX that is a
    folder or ends in a slash puts the files inside. Upright JPEG and PNG files go in unchanged, all others as JPEG,
    turned upright.

    The exit status is 0 when the files were written, else 1; 2 when the command line is wrong.
    """
    from sagescene_command.packing import pack, summary
    from sagescene_command.packing.images import Square, Treatment
    from sagescene_command.packing.source import PackingError
    from sagescene_command.packing.table import LabelFile
    from sagescene_command.packing.writing import settle_prefix

    console = Console(stderr=as_json)

    def say(sentences: Iterable[str], style: str = "") -> None:
        for sentence in sentences:
            console.print(printable(sentence), style=style, soft_wrap=True, markup=False, highlight=False)

    def tell_found(source: "PictureSource") -> None:
        say(source.remarks)
        if source.is_held_out and _is_given(context, "validation_share"):
            say(["The folder has its validation images already: --validation-share is not used."], "yellow")
        say(summary.propose_resize(source, treatment, _repeat(context)), "yellow")

    try:
        if center_crop and square == Square.PAD:
            raise PackingError("An image is either padded or cropped: give --square pad or --center-crop.")
        if not labels and (file_column or label_columns):
            raise PackingError("Columns are those of a CSV file: give --labels FILE.")
        if labels and class_depth:
            raise PackingError("Classes are folders or stand in a file: give --class-depth or --labels.")
        shape = Square.CROP if center_crop else Square(square) if square else None
        treatment = Treatment(resize=resize, square=shape, quality=quality, exact=exact)
        with show_progress(console, "packing") as progress:
            packed = pack.pack(
                images,
                settle_prefix(prefix, images),
                treatment=treatment,
                test_share=test_ratio,
                class_depth=class_depth,
                labels=LabelFile(path=labels, file_column=file_column, label_columns=label_columns) if labels else None,
                found=tell_found,
                progress=progress,
                **settings,
            )
    except (PackingError, OSError) as fault:
        raise click.ClickException(printable(explain(fault))) from fault
    say(summary.tell_faults(packed), "yellow")
    if as_json:
        echo_json(summary.as_json(packed))
    else:
        say(summary.tell_result(packed))


def _repeat(context: click.Context) -> str:
    """Give the command line again, as it would be typed."""
    words = ["sagescene", "pack"]
    for parameter in context.command.params:
        name = str(parameter.name)
        value = context.params[name]
        if isinstance(parameter, click.Argument):
            words.append(quote_path(value))
        elif _is_given(context, name):
            options = value if parameter.multiple else [value]
            words += [shlex.quote(word) for each in options for word in _spell(parameter.opts[0], each)]
    return " ".join(words)


def _is_given(context: click.Context, parameter: str) -> bool:
    return context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def _spell(option: str, value: object) -> list[str]:
    return [option] if value is True else [option, str(value)]
