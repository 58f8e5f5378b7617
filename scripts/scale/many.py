"""Arithmetic about many data sets: what a burst cost, and what so many a day ask of queue, function and SageMaker."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.scale import published

DAY = 86_400
RINGING_FILES = 3  # of a set, each a message
REQUESTS_A_MESSAGE = 3  # it is sent, received and deleted
QUEUES = 2  # that Lambda polls
POLL_SECONDS = 20
_WRITES = ("PutObject", "ListObjectsV2", "ListMultipartUploads")
_READS = ("GetObject",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What `make scale` keeps in benchmarks/scale.json."""

    sets: int
    uploads: int
    jobs: int
    given_up: int
    waited_seconds: Mapping[str, float]
    invocations: Mapping[str, Mapping[str, float]]
    calls: Mapping[str, int]
    notices: int

    @property
    def messages(self) -> int:
        """Give how many messages went through the uploads queue."""
        return self.uploads + self.calls.get("SendMessage", 0)

    @property
    def jobs_a_second(self) -> float:
        """Give how many jobs were started a second, until the last one was."""
        return self.jobs / self.waited_seconds["last"]

    @property
    def start_seconds_a_set(self) -> float:
        """Give how long StartTraining took for one set in all, over its several messages."""
        return self.invocations["StartTraining"]["seconds"] / self.sets


def costs(simulated: Simulated, memory_mb: Mapping[str, float]) -> dict[str, float]:
    """Give the dollars of a burst by what they are paid for; `memory_mb` is that of each function."""
    calls = simulated.calls
    gb_seconds = sum(
        figures["seconds"] * memory_mb[function] / 1024 for function, figures in simulated.invocations.items()
    )
    invocations = sum(figures["count"] for figures in simulated.invocations.values())
    return {
        "Lambda's time": gb_seconds * published.GB_SECOND.value,
        "Lambda's requests": invocations * published.MILLION_INVOCATIONS.value / 1e6,
        "S3, PUT and LIST": sum(calls.get(name, 0) for name in _WRITES) * published.THOUSAND_WRITES.value / 1e3,
        "S3, GET": sum(calls.get(name, 0) for name in _READS) * published.THOUSAND_READS.value / 1e3,
        "SQS": simulated.messages * REQUESTS_A_MESSAGE * published.MILLION_MESSAGES.value / 1e6,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """So many sets a day, spread evenly, for each of which StartTraining takes so many seconds."""

    sets: int
    seconds_a_set: float
    dollars_a_set: float

    @property
    def messages(self) -> int:
        """Give how many messages the uploads are."""
        return self.sets * RINGING_FILES

    @property
    def queue_requests(self) -> float:
        """Give what SQS bills: the messages, and long polls that bring none."""
        return self.messages * REQUESTS_A_MESSAGE + QUEUES * published.POLLERS.value * DAY / POLL_SECONDS

    @property
    def concurrency(self) -> float:
        """Give how many invocations there are at once on average."""
        return self.sets * self.seconds_a_set / DAY

    @property
    def creation_hours(self) -> float:
        """Give how long CreateTrainingJob takes for all of them."""
        return self.sets / published.JOBS_A_SECOND / 3600

    @property
    def dollars(self) -> float:
        """Give what a day costs: what each set does, and the polling."""
        idle = self.queue_requests - self.messages * REQUESTS_A_MESSAGE
        return self.sets * self.dollars_a_set + idle * published.MILLION_MESSAGES.value / 1e6


def most_sets_a_day(at_once: int, seconds_a_set: float) -> float:
    """Give how many sets so many invocations at once look at in a day."""
    return at_once * DAY / seconds_a_set
