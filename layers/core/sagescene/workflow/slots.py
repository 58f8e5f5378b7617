"""Limits on jobs without a database: each job takes a slot, an object that a conditional write gives to one job.

Who holds a slot is a hint; whether that job still runs is asked of SageMaker, by whoever finds no slot free.
Invocations for one job share its slots, and each is named there: a slot is free again when the last gives it back.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

from sagescene import keys
from sagescene.aws import ObjectReplacedError, RefusedError
from sagescene.dataset import StoredObject
from sagescene.jobs.refusals import explain_limit
from sagescene.workflow.context import LONGEST_INVOCATION, Context
from sagescene.workflow.steps import JobLimit, Start

FREE = 2  # bytes of "{}": the listing shows which slots are free
# Asked about another name, SageMaker answers with an error, and whoever asks could start nothing any more.
_JOB_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_TRIES = 20  # against the other invocations for the job that give back at the same moment: at most four


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot that was taken: where it lies, and by which invocation."""

    key: str
    invocation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """What stands in a slot: its job, none where somebody else wrote it, and who may start it, with when they began."""

    job: str = ""
    invocations: Mapping[str, datetime] = field(default_factory=dict)

    def living(self, now: datetime) -> Mapping[str, datetime]:
        return {name: began for name, began in self.invocations.items() if now - began <= LONGEST_INVOCATION}

    def as_json(self) -> dict[str, Any]:
        began = {name: time.isoformat() for name, time in self.invocations.items()}
        return {"job": self.job, "invocations": began} if began else {}


def acquire(step: Start, context: Context) -> Sequence[Slot]:
    """Take a slot of every limit for a job, at once all of them or none; invocations for one job share theirs.

    Raises:
        RefusedError: none is free.
    """
    listed = _list(context) if step.limits else []
    over = next((limit for limit in step.limits if _is_over(limit, step.job, listed, context)), None)
    if over:  # before anything is written: it will be asked again and again until the group is another
        raise RefusedError(explain_limit(over.cause, over.most))
    invocation, taken = uuid4().hex, list[Slot]()
    for limit in step.limits:
        key = _take(limit, step.job, invocation, listed, context)
        if key is None:
            release(taken, context)
            raise RefusedError(explain_limit(limit.cause, limit.most))
        taken.append(Slot(key=key, invocation=invocation))
    return taken


def release(slots: Sequence[Slot], context: Context) -> None:
    """Give slots back, each unless another invocation for the same job may still start it."""
    for slot in slots:
        any(_is_given_back(slot, context) for _ in range(_TRIES))


def _is_given_back(slot: Slot, context: Context) -> bool:
    stored = context.cloud.find_object(context.settings.data_bucket, slot.key)
    if stored is None:
        return True
    holder = _read_holder(stored, context)
    if holder is None:
        return False
    others = {name: began for name, began in holder.living(context.now).items() if name != slot.invocation}
    is_mine = slot.invocation in holder.invocations
    return not is_mine or _write(slot.key, stored.etag, replace(holder, invocations=others), context)


def _is_over(limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context) -> bool:
    return not (limit.ends_with_job or any(_free(limit, listed)) or any(_own(limit, job, listed, context)))


def _take(limit: JobLimit, job: str, invocation: str, listed: Sequence[StoredObject], context: Context) -> str | None:
    for key, etag, others in _open(limit, job, listed, context):
        if _write(key, etag, _Holder(job=job, invocations={**others, invocation: context.now}), context):
            return key
        holder = _holder_in(context.cloud.read_newest(context.settings.data_bucket, key))
        if holder.job in {job, ""}:  # shared from now on, or given back again
            return _take(limit, job, invocation, _list(context), context)
    return None


def _open(
    limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context
) -> Iterator[tuple[str, str | None, Mapping[str, datetime]]]:
    for stored, holder in _own(limit, job, listed, context):
        yield stored.key, stored.etag, holder.living(context.now)
    for key, etag in chain(_free(limit, listed), _left(limit, listed, context)):
        yield key, etag, {}


def _own(
    limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context
) -> Iterator[tuple[StoredObject, _Holder]]:
    """Give the slot that another invocation for this job has just taken: one is enough, or none is left for others."""
    for stored in _held(limit, listed):
        if context.now - stored.last_modified <= LONGEST_INVOCATION:
            holder = _read_holder(stored, context)
            if holder and holder.job == job:
                yield stored, holder


def _free(limit: JobLimit, listed: Sequence[StoredObject]) -> Iterator[tuple[str, str | None]]:
    """Give the keys of the slots that no job holds, each with the ETag of what lies there, if anything does."""
    present = {stored.key: stored for stored in listed}
    for key in _keys_of(limit):
        stored = present.get(key)
        if stored is None or stored.size == FREE:
            yield key, stored.etag if stored else None


def _left(limit: JobLimit, listed: Sequence[StoredObject], context: Context) -> Iterator[tuple[str, str]]:
    """Give the slots that their holders need no more: the job has ended, never came to be, or holds another slot."""
    if not limit.ends_with_job:
        return
    seen = set()
    for stored in _held(limit, listed):
        holder = _read_holder(stored, context)
        if holder is None:
            continue
        is_surplus = holder.job in seen
        if holder.job:  # what nobody is named in is nobody's second one
            seen.add(holder.job)
        if is_surplus or _has_left(holder.job, stored, context):
            yield stored.key, stored.etag


def _has_left(job: str, stored: StoredObject, context: Context) -> bool:
    described = context.cloud.describe_training_job(job) if job else None
    if described is None:
        return context.now - stored.last_modified > LONGEST_INVOCATION
    return described.is_ended


def _held(limit: JobLimit, listed: Sequence[StoredObject]) -> Iterator[StoredObject]:
    held = {stored.key: stored for stored in listed if stored.size != FREE}
    return (held[key] for key in _keys_of(limit) if key in held)


def _read_holder(stored: StoredObject, context: Context) -> _Holder | None:
    try:
        return _holder_in(b"".join(context.cloud.read(context.settings.data_bucket, stored)))
    except ObjectReplacedError:
        return None  # another invocation has just taken it, or given it back


def _holder_in(content: bytes | None) -> _Holder:
    try:
        kept = json.loads(content or b"")
        # The version before named none of them.
        began = {
            name: datetime.fromisoformat(time).astimezone(UTC) for name, time in kept.get("invocations", {}).items()
        }
        return _Holder(job=kept["job"], invocations=began) if _JOB_NAME.fullmatch(kept["job"]) else _Holder()
    except (ValueError, TypeError, KeyError, AttributeError):
        return _Holder()  # somebody else wrote it: no job holds it


def _write(key: str, etag: str | None, holder: _Holder, context: Context) -> bool:
    bucket, cloud, document = context.settings.data_bucket, context.cloud, holder.as_json()
    if etag is None:
        return cloud.write_json_once(bucket, key, document) is not None
    return cloud.replace_json(bucket, key, etag, document) is not None


def _list(context: Context) -> Sequence[StoredObject]:
    return context.cloud.list_objects(context.settings.data_bucket, keys.SLOTS)


def _keys_of(limit: JobLimit) -> Iterator[str]:
    return (keys.slot_key(limit.group, number) for number in range(1, limit.most + 1))
