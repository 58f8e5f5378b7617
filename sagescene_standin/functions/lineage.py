"""Recursive loops: how often one chain of requests has invoked a function, told by the trace header it carries.

What AWS documents (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html): Lambda counts in the X-Ray
trace header, whether tracing is on or not. SDKs pass the header on with each call; SQS, SNS, S3 and Lambda itself hand
it to what they invoke, other services do not. "If your function is invoked approximately 16 times in the same chain of
requests", Lambda stops the next invocation with a RecursiveInvocationException and counts it as the metric
RecursiveInvocationsDropped, unless the function's RecursiveLoop is Allow. An event source mapping leaves the message in
its queue, whose redrive policy sends it to the dead letters in the end; an asynchronous event goes to the failure
destination, and the chain with it.

What is our reading: "approximately 16" is 16 here; an event that is delivered again, after an error, counts once; a
batch carries the greatest count of its messages; EventBridge is not among the services named, so a chain ends at a
rule. The form of `Lineage` in the header is AWS's own and undocumented; ours is `<function>:<invocations>|...`, a
function being eight hexadecimal digits.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_INVOCATIONS = 16

_carried: ContextVar[str] = ContextVar("trace header", default="")


class RecursiveInvocationError(RuntimeError):
    """Lambda has stopped the invocation; `header` is the trace header that it came with."""

    def __init__(self, function: str, header: str) -> None:
        super().__init__(f"Lambda has detected that {function} is invoked in a recursive loop, and has stopped it.")
        self.header = header


def carried() -> str:
    """Give the trace header of the request that is handled at present; empty without one."""
    return _carried.get()


@contextmanager
def carrying(header: str) -> Iterator[None]:
    """Let what this thread does meanwhile belong to the chain of a trace header; an empty one begins no chain."""
    token = _carried.set(header)
    try:
        yield
    finally:
        _carried.reset(token)


def enter(header: str, function: str, *, allows_loops: bool) -> str:
    """Give the trace header of an invocation that was asked for with another one; `function` is the ARN.

    Raises:
        RecursiveInvocationError: the chain has invoked the function 16 times, and it does not allow loops.
    """
    invocations = _read(header)
    known = _digits(function)
    if invocations.get(known, 0) >= MOST_INVOCATIONS and not allows_loops:
        raise RecursiveInvocationError(function, header)
    return _write(_root(header), {**invocations, known: invocations.get(known, 0) + 1})


def merge(headers: Iterable[str]) -> str:
    """Give the trace header of a batch of which each message has its own, or none."""
    present = [header for header in headers if header]
    if len(present) <= 1:
        return "".join(present)
    invocations: dict[str, int] = {}
    for header in present:
        for function, number in _read(header).items():
            invocations[function] = max(number, invocations.get(function, 0))
    return _write(_root(present[0]), invocations)


def _read(header: str) -> dict[str, int]:
    lineage = _fields(header).get("Lineage", "")
    counts = (entry.partition(":") for entry in lineage.split("|") if entry)
    return {function: int(number) for function, _, number in counts}


def _write(root: str, invocations: dict[str, int]) -> str:
    lineage = "|".join(f"{function}:{number}" for function, number in invocations.items())
    return f"Root={root};Parent={uuid.uuid4().hex[:16]};Sampled=0;Lineage={lineage}"


def _root(header: str) -> str:
    identifier = uuid.uuid4().hex
    return _fields(header).get("Root", f"1-{identifier[:8]}-{identifier[8:]}")


def _fields(header: str) -> dict[str, str]:
    return {name: value for name, _, value in (field.partition("=") for field in header.split(";"))}


def _digits(function: str) -> str:
    return hashlib.sha256(function.encode()).hexdigest()[:8]
