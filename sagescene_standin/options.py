"""What may be chosen when the local stack is stood up."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sagescene_standin.account import Account
from sagescene_standin.occurrence import Listener, Occurrence
from sagescene_standin.sagemaker.options import SageMakerOptions


def _ignore(_: Occurrence) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a stack stands; only the runtime directory has no default."""

    runtime_directory: Path
    """Where awslambdaric and boto3 are, which Lambda offers to every function."""

    listen: Listener = _ignore
    """Called with every occurrence, from several threads."""

    host: str = "127.0.0.1"
    """Address of the endpoint; another one than the loopback lets containers in, and whoever else can reach it."""

    port: int = 0
    """Of the endpoint; 0 takes a free one."""

    time_factor: float = 1.0
    """How many times faster the delays and visibility timeouts of queues pass."""

    retry_delays: Sequence[float] = (1.0, 2.0)
    """Seconds before each retry of a failed asynchronous invocation; AWS waits 60 and 120."""

    start_processes: bool = True
    """Whether each function's first process starts before its first invocation."""

    sagemaker: SageMakerOptions = field(default_factory=SageMakerOptions)
    """SageMaker's limits, and how long jobs stay in each stage."""

    now: Callable[[], float] = time.time
    """The clock (epoch seconds) of objects, queues, schedules, retries, events, alarms and training jobs."""

    account: Account = field(default_factory=Account)
    """Account and Region that are played."""
