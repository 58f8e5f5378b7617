"""Notices of models that wait for an evaluation: the marker that decides who sends one, so that it goes out once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import console_links, end_notices
from sagescene.messages.evaluation_notices import Said
from sagescene.preflight.report import Report
from sagescene.workflow.context import LONGEST_INVOCATION, Context
from sagescene.workflow.notifying import send

LONGEST_WAIT = timedelta(hours=1)
CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedNotice:
    """A model that people are not told of yet, as it is kept under `key`; `holder` took to telling them at `taken`."""

    key: str
    job: str
    data_set: str
    model: str
    asked: datetime
    holder: str = ""
    taken: datetime | None = None

    @classmethod
    def of(cls, job: TrainingJob, data_set: str, model: str, now: datetime) -> Self:
        """Give the marker of a model, by its ARN, whose evaluation is asked for now."""
        key = keys.awaited_key(job.name, job.created)
        return cls(key=key, job=job.name, data_set=data_set, model=model, asked=now)

    @classmethod
    def from_json(cls, key: str, mark: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        return cls(
            key=key,
            job=mark["job"],
            data_set=mark["data_set"],
            model=mark["model"],
            asked=datetime.fromisoformat(mark["asked"]),
            holder=mark["holder"],
            taken=datetime.fromisoformat(mark["taken"]) if mark["taken"] else None,
        )

    def as_json(self) -> dict[str, Any]:
        """Give the marker as plain values."""
        return {
            "job": self.job,
            "status": "Completed",
            "data_set": self.data_set,
            "decision": "awaited",
            "model": self.model,
            "asked": self.asked.isoformat(),
            "holder": self.holder,
            "taken": self.taken.isoformat() if self.taken else None,
        }


def is_overdue(awaited: AwaitedNotice, now: datetime) -> bool:
    """Tell whether people have waited for an evaluation long enough."""
    return now - awaited.asked >= LONGEST_WAIT


def read(key: str, context: Context) -> AwaitedNotice | None:
    """Read a marker; None where there is none."""
    mark = context.cloud.read_json(context.settings.data_bucket, key)
    return AwaitedNotice.from_json(key, mark) if mark else None


def acquire(job: TrainingJob, holder: str, context: Context) -> AwaitedNotice | None:
    """Take a model's notice, to send it: None where it is another's, was sent, or waits for nobody.

    Whoever dies with it is given it again, and is followed by another after a while.
    """
    bucket, cloud = context.settings.data_bucket, context.cloud
    key = keys.awaited_key(job.name, job.created)
    listed = {stored.key: stored for stored in cloud.list_objects(bucket, keys.outcomes_of(job.name, job.created))}
    if key not in listed or keys.told_key(job.name, job.created) in listed:
        return None
    try:
        awaited = read(key, context)
    except ObjectReplacedError:
        return None  # another is just taking it
    if awaited is None or awaited.holder == holder:
        return awaited
    if awaited.taken and context.now - awaited.taken < LONGEST_INVOCATION:
        return None
    own = replace(awaited, holder=holder, taken=context.now)
    return own if cloud.replace_json(bucket, key, listed[key].etag, own.as_json()) else None


def ask(awaited: AwaitedNotice, context: Context) -> None:
    """Have a model's notice wait; where it waits already, since then."""
    context.cloud.write_json_once(context.settings.data_bucket, awaited.key, awaited.as_json())


def tell(awaited: AwaitedNotice, job: TrainingJob, report: Report | None, said: Said, context: Context) -> None:
    """Send the notice that was acquired, with what is `said` of the evaluation, and note that it was sent."""
    settings, page_key = context.settings, keys.page_key(awaited.data_set, keys.fingerprint_of(job.name))
    page_url = console_links.object_url(settings.aws_region, settings.data_bucket, page_key)
    bill = job.bill(settings.prices)
    send(end_notices.model_created(awaited.data_set, job, awaited.model, report, page_url, said, bill=bill), context)
    key = keys.told_beside(awaited.key)
    told = awaited.as_json() | {"decision": "told", "by": awaited.holder, "written": context.now.isoformat()}
    if key:
        context.cloud.write_json_once(context.settings.data_bucket, key, told)
