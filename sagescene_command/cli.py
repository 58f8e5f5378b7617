"""The `sagescene` command: what its commands are called, where each lies, and how all of them end."""

import gc
import os
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import click

from sagescene_command import streams
from sagescene_command.lazy_group import LazyGroup
from sagescene_command.region import heed_aws_region

# Module and name of each command, and what the list says of it: none is imported to be listed.
_HERE = "sagescene_command"
_COMMANDS = {
    "check": (f"{_HERE}.check_command:check_command", "Look for faults before anything is paid for."),
    "costs": (f"{_HERE}.following.costs_command:costs_command", "Say what training has cost, by month and data set."),
    "doctor": (f"{_HERE}.following.doctor_command:doctor_command", "Look at what a drop needs before the first one."),
    "drop": (f"{_HERE}.following.drop_command:drop_command", "Check a folder, upload it and follow it."),
    "evaluate": (f"{_HERE}.evaluating.command:evaluate_command", "Say how often a model is right on a data set."),
    "export": (f"{_HERE}.predicting.export_command:export_command", "Write a model as ONNX."),
    "logs": (f"{_HERE}.following.logs_command:logs_command", "Print what functions and training jobs logged."),
    "models": (f"{_HERE}.following.models_command:models_command", "List the versions of a data set's model."),
    "pack": (f"{_HERE}.packing.command:pack_command", "Pack images, one folder for each class, into .rec and .lst."),
    "predict": (f"{_HERE}.predicting.command:predict_command", "Ask MODEL what is on IMAGES."),
    "redrive": (f"{_HERE}.following.redrive_command:redrive_command", "Bring back what a deployed stack could not do."),
    "repair": (f"{_HERE}.repairing.command:repair_command", "Mend labels, lists and .idx in a copy."),
    "run": (f"{_HERE}.run_command:run_command", "Train on a data set through the local stack."),
    "start": (
        f"{_HERE}.following.start_command:start_command",
        "Have a stack judge a data set now, and say what it decides.",
    ),
    "status": (f"{_HERE}.following.status_command:status_command", "Say what became of every data set of a stack."),
    "stop": (f"{_HERE}.following.stop_command:stop_command", "Have SageMaker stop a training job."),
    "up": (f"{_HERE}.up_command:up_command", "Keep the local stack standing until Ctrl-C."),
    "watch": (
        f"{_HERE}.following.watch_command:watch_command",
        "Follow a data set to its model, or to why there is none.",
    ),
}


@click.group(cls=LazyGroup, elsewhere=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sagescene")
def commands() -> None:
    """Drop an image data set; get a trained image classifier, or one plain sentence that says why not."""
    heed_aws_region(os.environ)
    for name, value in os.environ.items():
        # botocore would end in a traceback.
        if name.startswith("AWS_ENDPOINT_URL") and value and not _is_endpoint(value):
            raise click.UsageError(
                f"{name} is {value}, which is no URL: begin it with http:// or https:// and a host, or unset it."
            )


def _is_endpoint(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:  # of a port that is none
        return False


def main() -> None:
    """Run the command line; an end of its output ends it at once, with everything that it has begun."""
    try:
        streams.guard()
        commands()
    except streams.UnwritableError as error:  # of standard error, or before a command could say it
        with suppress(streams.UnwritableError):
            error.show()
        sys.exit(error.exit_code)
    finally:
        streams.release()
        # The interpreter would look for garbage once more among all that stands for AWS: a second, and many of them on
        # a busy machine.
        gc.freeze()
