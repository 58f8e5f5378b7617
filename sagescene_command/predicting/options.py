"""What `sagescene predict`, `export` and `evaluate` have in common: how a model is named, and how they fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable
from sagescene_command import streams
from sagescene_command.file_faults import explain
from sagescene_command.following.options import STACK_NAME

FAILED = 3  # exit status where nothing could be answered or written
_LIBRARIES = ("numpy", "onnx", "onnxruntime")  # the extra `evaluation` of pyproject.toml

_OPTIONS = (
    click.option(
        "--classes",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Names of the classes, one a line; without it a classes.txt beside the model, or the training job's.",
    ),
    click.option(
        "--resize",
        type=click.IntRange(min=1),
        metavar="PIXELS",
        help="The hyperparameter resize that it was trained with, if the stack's report does not tell.",
    ),
    STACK_NAME,
)


def model_options[F: Callable[..., Any]](command: F) -> F:
    """Give a command the options that tell about a model: `classes`, `resize`, `stack_name`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def failures() -> Iterator[None]:
    """End the command with one sentence and exit status 3 where a model cannot be found, read, asked or written."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        raise _fail(
            f"{library} is not installed here, and models need it: pip install {' '.join(_LIBRARIES)}"
        ) from error
    except streams.ReaderGoneError:
        raise
    except streams.UnwritableError as error:
        error.exit_code = FAILED
        raise
    except (SagesceneError, OSError) as error:
        raise _fail(printable(explain(error))) from error


def _fail(sentence: str) -> click.ClickException:
    failure = click.ClickException(sentence)
    failure.exit_code = FAILED
    return failure
