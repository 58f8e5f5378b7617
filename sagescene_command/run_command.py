"""The command that runs a data set through the local stack."""

import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sagescene_command import streams
from sagescene_command.examples import for_example
from sagescene_command.stack_options import prepare, require_setup, stack_options, stand_up
from sagescene_command.time_options import time_option

if TYPE_CHECKING:
    from sagescene_command.narration import Narrator
    from sagescene_command.terminal import Console


def _require_room(_context: click.Context, _option: click.Parameter, folder: Path | None) -> Path | None:
    """See that there can be a folder for what is to be kept, before a run takes its time."""
    from sagescene_command import saving

    try:
        if folder:
            saving.require_room(folder)
    except saving.UnsavableError as fault:
        raise click.BadParameter(str(fault)) from fault
    return folder


@click.command(
    "run",
    epilog=for_example(
        "sagescene run", "sagescene run pets/ --parameter Epochs=5", "sagescene run pets/ --quota ml.g4dn.xlarge=0"
    ),
    short_help="Train on a data set through the local stack.",
)
@click.argument("data_set", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; the story goes to standard error.")
@time_option("--timeout", default=600.0, help="Give up so long after the set was dropped.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    callback=_require_room,
    help="Keep what came of it: the model, reports and pages, the outcome, the log, notices.",
)
@stack_options
def run_command(
    data_set: Path | None,
    *,
    as_json: bool,
    save: Path | None,
    timeout: float,
    fail_with: str | None,
    **choices: Any,  # noqa: ANN401
) -> None:
    """Run DATA_SET, a folder of .rec and .lst files, through the local stack; without it, handwritten digits.

    The exit status is 0 when a model came of it, else 1; 2 when the command line is wrong.
    """
    require_setup()
    from sagescene_command import ending, saving
    from sagescene_command.local_run import LocalRun, TooLongError, UnusableFolderError, find_uploads
    from sagescene_command.narration import Narrator
    from sagescene_command.relay import Relay
    from sagescene_command.room import needing_room
    from sagescene_command.terminal import Console

    console = Console(stderr=as_json)
    narrator = Narrator(console)
    keeper = saving.Keeper(narrator)
    relay = Relay(keeper)
    streams.watch(sys.stdout, relay.fail)
    with needing_room(), tempfile.TemporaryDirectory() as scratch:
        try:
            folder = data_set.resolve() if data_set else None
            uploads = find_uploads(folder, folder.name) if folder else {}
            with narrator.doing("stack", "is being prepared"):
                stack = prepare(relay.listen, **choices)
            if folder is None:
                folder = _pack_digits(Path(scratch), console, narrator)
                uploads = find_uploads(folder, folder.name)
            with narrator.telling_of_interrupts(), stack:
                with narrator.doing("stack", "is being stood up"):
                    stand_up(stack, fail_with)
                narrator.say("stack", f"stands at {stack.endpoint}, watching the bucket {stack.outputs['Bucket']}")
                with narrator.doing("run", f"{folder.name} is dropped"):
                    result = LocalRun(relay).run(stack, uploads, limit_in_seconds=timeout)
                kept = save or Path(scratch) / "kept"
                if save:
                    saved = saving.save(stack, folder.name, result, keeper, save)
                    narrator.say("saved", f"{save}: {', '.join(saved)}")
                elif result.model:
                    with suppress(saving.UnsavableError):  # the model is then asked about no images
                        saving.save(stack, folder.name, result, keeper, kept)
            ending.tell(result, narrator, data=folder, kept=kept, for_good=bool(save))
        except (UnusableFolderError, TooLongError, saving.UnsavableError) as fault:
            raise click.ClickException(str(fault)) from fault
    if as_json:
        click.echo(result.as_json())
    sys.exit(0 if result.model else 1)


def _pack_digits(scratch: Path, console: "Console", narrator: "Narrator") -> Path:
    with narrator.doing("pack", "scikit-learn's handwritten digits"):
        from sagescene_command import digits  # seconds, with all that packs

        return digits.pack_digits(scratch, console, narrator)
