"""The environment in which MXNet trains: a Python that the library runs on, made once beside the command's own."""

import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


class UnavailableError(Exception):
    """The environment is not there, and could not be made."""


def find_python(checkout: Path = CHECKOUT) -> Path:
    """Return MXNet's Python, which `make mxnet` makes in the checkout if it has not yet.

    Raises:
        UnavailableError: it cannot be made.
    """
    environment = checkout / ".venv/mxnet"
    if not (environment / "stamp").exists():
        _make(checkout)
    return environment / "bin/python"


def _make(checkout: Path) -> None:
    try:
        done = subprocess.run(  # nosec B603, B607 # noqa: S603 - our own words
            ["make", "--silent", "--no-print-directory", "--directory", checkout, "mxnet"],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise UnavailableError(f"MXNet's environment cannot be made: {error.strerror or error}: make.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("make")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"make ended with status {done.returncode}."
        raise UnavailableError(f"MXNet's environment cannot be made: {reason}")
