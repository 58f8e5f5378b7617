"""Where the local stack finds what was built for it, and how fast it is meant to be on one machine."""

import gc
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sagescene_standin.stack import Stack

CHECKOUT = Path(__file__).parents[1]
BUILD = CHECKOUT / ".aws-sam/build"
SAMPLE_EVENTS = CHECKOUT / "events"
_COMPILED = {".pyc"}  # written by whoever imports a source, whenever that is
RUNTIME = Path(sys.prefix) / "lambda-runtime"
# One command drops all files of a set within moments, so a second's quiet is enough here.
PARAMETERS = {"QuietPeriodInSeconds": "1"}


class UnpreparedError(Exception):
    """The environment holds nothing that a local stack could run."""

    def __init__(self) -> None:
        """Say where it does."""
        super().__init__(
            "The local stack needs a checkout of Sagescene: run `make build` there, and then its .venv/bin/sagescene."
        )


def leave_account_out(environment: MutableMapping[str, str]) -> None:
    """Forget whose account AWS's tools would use: the local stack is none, and a profile may be of no use to it.

    The Region stays.
    """
    regions = {"AWS_REGION", "AWS_DEFAULT_REGION"}
    for name in [name for name in environment if name.startswith("AWS_") and name not in regions]:
        del environment[name]
    environment["AWS_CONFIG_FILE"] = environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def require_environment() -> None:
    """Raise UnpreparedError unless `make setup` made the environment: an installed package lacks all that it adds."""
    if not RUNTIME.is_dir():
        raise UnpreparedError


def find_newer(checkout: Path) -> Path | None:
    """Give what was written last of a checkout's template, functions and layers, if its build is older, else None."""
    built = checkout / ".aws-sam/build/template.yaml"
    files = [
        checkout / "template.yaml",
        *(path for room in ("functions", "layers") for path in (checkout / room).rglob("*")),
    ]
    written = {path: path.stat().st_mtime for path in files if path.is_file() and path.suffix not in _COMPILED}
    newest = max(written, key=written.__getitem__)
    is_newer = built.is_file() and written[newest] > built.stat().st_mtime
    return newest.relative_to(checkout) if is_newer else None


@contextmanager
def importing() -> Iterator[None]:
    """Keep the garbage collector from what is imported: all of it stays, and it would look at it again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def prepare(parameters: Mapping[str, str], *, build: Path = BUILD, **options: Any) -> "Stack":  # noqa: ANN401
    """Read what `sam build` built; `options` are fields of `Options`. Raises what `Stack.prepare` raises."""
    # All that stands for AWS takes a second to import: whoever only reads this module need not wait for it.
    with importing():
        from sagescene_standin.options import Options
        from sagescene_standin.stack import Stack

    return Stack.prepare(build, {**PARAMETERS, **parameters}, Options(runtime_directory=RUNTIME, **options))
