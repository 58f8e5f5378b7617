"""Limits on jobs without a database: each job takes a slot, an object that a conditional write gives to one job.

Who holds a slot is a hint; whether that job still runs is asked of SageMaker, by whoever finds no slot free.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sagescene import keys
from sagescene.aws import ObjectReplacedError, RefusedError
from sagescene.dataset import StoredObject
from sagescene.jobs.refusals import explain_limit
from sagescene.workflow.context import LONGEST_INVOCATION, Context
from sagescene.workflow.steps import JobLimit, Start

FREE = 2  # bytes of "{}": the listing shows which slots are free


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot that was taken: of which limit, where it lies, and the version by which it can be given back."""

    limit: JobLimit
    key: str
    etag: str


def acquire(step: Start, context: Context) -> Sequence[Slot]:
    """Take a slot of every limit for a job, at once all of them or none; invocations for one job share theirs.

    Raises:
        RefusedError: none is free.
    """
    listed = _list(context) if step.limits else []
    over = next((limit for limit in step.limits if _is_over(limit, step.job, listed, context)), None)
    if over:  # before anything is written: it will be asked again and again until the group is another
        raise RefusedError(explain_limit(over.cause, over.most))
    taken: list[Slot] = []
    for limit in step.limits:
        slot = _take(limit, step.job, listed, context)
        if slot is None:
            release(taken, context)
            raise RefusedError(explain_limit(limit.cause, limit.most))
        taken.append(slot)
    return taken


def release(slots: Sequence[Slot], context: Context) -> None:
    """Give slots back, unless another invocation for the same job has taken them over since."""
    for slot in slots:
        _write(slot.limit, slot.key, slot.etag, "", context)


def _is_over(limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context) -> bool:
    return not (limit.ends_with_job or any(_free(limit, listed)) or any(_own(limit, job, listed, context)))


def _take(limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context) -> Slot | None:
    for open_slots in (_own(limit, job, listed, context), _free(limit, listed), _left(limit, listed, context)):
        for key, etag in open_slots:
            slot = _write(limit, key, etag, job, context)
            if slot:
                return slot
            if _holder_in(context.cloud.read_newest(context.settings.data_bucket, key)) == job:
                return _take(limit, job, _list(context), context)
    return None


def _own(limit: JobLimit, job: str, listed: Sequence[StoredObject], context: Context) -> Iterator[tuple[str, str]]:
    """Give the slot that another invocation for this job has just taken: one is enough, or none is left for others."""
    for stored in _held(limit, listed):
        if context.now - stored.last_modified <= LONGEST_INVOCATION and _read_holder(stored, context) == job:
            yield stored.key, stored.etag


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
        is_surplus = holder in seen
        if holder:  # what nobody is named in is nobody's second one
            seen.add(holder)
        if holder is not None and (is_surplus or _has_left(holder, stored, context)):
            yield stored.key, stored.etag


def _has_left(holder: str, stored: StoredObject, context: Context) -> bool:
    described = context.cloud.describe_training_job(holder) if holder else None
    if described is None:
        return context.now - stored.last_modified > LONGEST_INVOCATION
    return described.is_ended


def _held(limit: JobLimit, listed: Sequence[StoredObject]) -> Iterator[StoredObject]:
    held = {stored.key: stored for stored in listed if stored.size != FREE}
    return (held[key] for key in _keys_of(limit) if key in held)


def _read_holder(stored: StoredObject, context: Context) -> str | None:
    try:
        return _holder_in(b"".join(context.cloud.read(context.settings.data_bucket, stored)))
    except ObjectReplacedError:
        return None  # another invocation has just taken it, or given it back


def _holder_in(content: bytes | None) -> str:
    try:
        return str(json.loads(content or b"")["job"])
    except (ValueError, TypeError, KeyError):
        return ""  # somebody else wrote it: no job holds it


def _write(limit: JobLimit, key: str, etag: str | None, job: str, context: Context) -> Slot | None:
    bucket, cloud = context.settings.data_bucket, context.cloud
    # Of two that write for one job, each must be another version: or the one could give back what the other holds.
    document = {"job": job, "taken_by": uuid4().hex} if job else {}
    written = (
        cloud.write_json_once(bucket, key, document)
        if etag is None
        else cloud.replace_json(bucket, key, etag, document)
    )
    return Slot(limit=limit, key=key, etag=written) if written else None


def _list(context: Context) -> Sequence[StoredObject]:
    return context.cloud.list_objects(context.settings.data_bucket, keys.SLOTS)


def _keys_of(limit: JobLimit) -> Iterator[str]:
    return (keys.slot_key(limit.group, number) for number in range(1, limit.most + 1))
