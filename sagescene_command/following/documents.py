"""What a stack has written, held against what the commands read of it: a newer version may write it otherwise.

More fields and codes that nobody knows here are passed over; what is missed or of another kind is told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sagescene.errors import SagesceneError
from sagescene.findings import Finding


class NewerStackError(SagesceneError):
    """The stack has written a document that only a newer command reads; what earlier ones wrote is read."""

    def __init__(self, address: str) -> None:
        """Name the document, and say what to do."""
        super().__init__(
            f"The stack is newer than this command, which cannot read {address}: update the command to its version."
        )


@contextmanager
def reading(address: str) -> Iterator[None]:
    """Raise NewerStackError where something is missed in the document of this address or is of another kind."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NewerStackError(address) from error


def require_report(report: Mapping[str, Any], address: str) -> None:
    """Raise NewerStackError unless the report can be told of."""
    with reading(address):
        report["fingerprint"], report["verdict"], datetime.fromisoformat(report["written"])
        tuple(map(Finding.from_json, report["findings"]))


def require_outcome(outcome: Mapping[str, Any], address: str) -> None:
    """Raise NewerStackError unless the outcome of a job, or a mark of it, can be judged by."""
    with reading(address):
        outcome["job"]
        if "written" in outcome:
            outcome["decision"], outcome["reason"], datetime.fromisoformat(outcome["written"])
