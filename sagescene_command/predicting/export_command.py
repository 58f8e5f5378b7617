"""The command `sagescene export`: its options, and what it says."""

from functools import partial
from pathlib import Path

import click
from rich.text import Text

from sagescene_command.following.options import JSON, echo_json
from sagescene_command.narration import show_progress
from sagescene_command.predicting.options import failures, model_options
from sagescene_command.terminal import Console

EXAMPLE = """\b
For example:
    sagescene export pets pets.onnx
    sagescene export model.tar.gz pets.onnx --classes pets/classes.txt
"""


@click.command("export", epilog=EXAMPLE, short_help="Write a model as ONNX.")
@click.argument("model")
@click.argument("file", metavar="FILE.onnx", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE.onnx.")
@JSON
@model_options
def export_command(
    *,
    model: str,
    file: Path,
    force: bool,
    as_json: bool,
    classes: Path | None,
    resize: int | None,
    stack_name: str | None,
) -> None:
    """Write MODEL as FILE.onnx, which ONNX Runtime and many others run.

    MODEL is a folder, a model.tar.gz, an s3:// address, or the name of a data set of a deployed stack, whose newest
    model is taken. Its metadata hold the names of the classes, the shape and values of the input, how images are fitted
    to it, and the data set with its fingerprint, as far as they are known.

    The exit status is 0 when it is written, 2 when FILE.onnx is there already or its folder is not, and 3 when the
    model cannot be used or the file not be written.
    """
    console = Console(stderr=as_json)
    with failures():
        if not file.absolute().parent.is_dir():
            raise click.UsageError(f"There is no folder {file.parent} for {file.name}: make it first.")
        if file.exists() and not force:
            raise click.UsageError(f"{file} is there already: give another name, or replace it with --force.")
        from sagescene_command.predicting import onnx_file
        from sagescene_command.predicting.models import load_model

        show = partial(show_progress, console)
        found = load_model(model, classes=classes, stack_name=stack_name, show_progress=show)
        exported = onnx_file.export(found, file, resize=resize, force=force)
    if as_json:
        echo_json({"file": str(file), "size_in_bytes": file.stat().st_size, "metadata": dict(exported.metadata)})
        return
    size = file.stat().st_size / 1e6
    console.print(Text(f"{file}: {size:.1f} MB, checked by onnx.checker"), soft_wrap=True)
    for name, value in exported.metadata.items():
        console.print(Text(f"  {name}: {value}"), soft_wrap=True)
    resized = exported.metadata.get("resize")
    condition = f", for an image whose shorter side was resized to {resized}" if resized else ""
    console.print(Text(f"In Python{condition}:"), soft_wrap=True)
    console.print(Text(onnx_file.show_use(file, exported)), soft_wrap=True)
