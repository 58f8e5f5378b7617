"""What a smoke test's set is called, and by which names all that comes of it can be found again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sagescene import keys, parts
from sagescene.errors import SagesceneError

_FORM = "smoke-%Y%m%d-%H%M%S"  # as long as the name of a job leaves room for, whatever the stack's JobPrefix


class NoSmokeTestError(SagesceneError):
    """A name is not that of a smoke test's set."""

    def __init__(self, name: str) -> None:
        """Name it."""
        super().__init__(f"{name} is no set of a smoke test: those are named like {datetime.now(UTC):{_FORM}}.")


def name_set(now: datetime) -> str:
    """Name the set of a smoke test that begins now."""
    return now.astimezone(UTC).strftime(_FORM)


def read_beginning(data_set: str) -> datetime:
    """Say when the smoke test began that a set is of.

    Raises:
        NoSmokeTestError: it is of none, so that nobody's own set is taken for one.
    """
    try:
        began = datetime.strptime(data_set, _FORM).replace(tzinfo=UTC)
    except ValueError:
        raise NoSmokeTestError(data_set) from None
    if name_set(began) != data_set:  # strptime takes fewer digits, too
        raise NoSmokeTestError(data_set)
    return began


def begin_of_jobs(prefix: str, data_set: str) -> str:
    """Say how the names of all jobs and models of a set begin, in the stack of this JobPrefix."""
    return f"{prefix}--{data_set}--"


def begins_by_day(folder: str, jobs: str, since: datetime, until: datetime) -> Iterator[str]:
    """Say how keys begin, in a folder of days (UTC), of jobs whose names begin so, created from one day to another."""
    day = since
    while day.date() <= until.date():
        yield f"{folder}{day.date().isoformat()}/{jobs}"
        day += timedelta(days=1)


def begins_of_objects(jobs: str, data_set: str) -> tuple[str, ...]:
    """Say how the keys of all objects begin that a smoke test leaves in the bucket, those by day aside."""
    return (
        f"{parts.DATASETS}{data_set}/",
        f"{keys.REPORTS}{data_set}/",
        f"{keys.NOTICES}{data_set}/",
        f"{keys.MODELS}{jobs}",
        f"{keys.CHECKPOINTS}{jobs}",
    )
