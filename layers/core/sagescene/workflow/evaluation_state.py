"""How far an evaluation has come, kept in the bucket: of several at work on it the first to write goes on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from sagescene.workflow.context import Context


class EvaluationPhase(StrEnum):
    """What an evaluation has behind it; the values stand in the bucket, so they never change."""

    MEASURING = "measuring"
    MEASURED = "measured"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationState:
    """The state of the evaluation of a job's model on certain files, as it is kept under `key`.

    `hops` invocations have measured `seconds` in all; `tally` is what they counted, None before the first, and `images`
    how many of them, `is_whole` once that was all. `reason` says why there are no figures, empty where there are.
    `etag` is that of the version that was read, empty where there is none yet.
    """

    key: str
    job: str
    phase: EvaluationPhase = EvaluationPhase.MEASURING
    hops: int = 0
    seconds: float = 0
    images: int = 0
    is_whole: bool = False
    tally: Mapping[str, Any] | None = None
    reason: str = ""
    etag: str = field(default="", compare=False)

    @classmethod
    def from_json(cls, key: str, document: Mapping[str, Any], etag: str) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        return cls(
            key=key,
            job=document["job"],
            phase=EvaluationPhase(document["phase"]),
            hops=document["hops"],
            seconds=document["seconds"],
            images=document["images"],
            is_whole=document["is_whole"],
            tally=document["tally"],
            reason=document["reason"],
            etag=etag,
        )

    def as_json(self) -> dict[str, Any]:
        """Give the state as plain values."""
        return {
            "job": self.job,
            "phase": str(self.phase),
            "hops": self.hops,
            "seconds": self.seconds,
            "images": self.images,
            "is_whole": self.is_whole,
            "tally": self.tally,
            "reason": self.reason,
        }


def read_state(key: str, context: Context) -> EvaluationState | None:
    """Read a state as it is listed; None where there is none.

    Raises:
        ObjectReplacedError: another invocation has just written it.
    """
    stored = context.cloud.find_object(context.settings.data_bucket, key)
    if stored is None:
        return None
    document = b"".join(context.cloud.read(context.settings.data_bucket, stored))
    return EvaluationState.from_json(key, json.loads(document), stored.etag)


def write_state(state: EvaluationState, context: Context) -> EvaluationState | None:
    """Write a state over the version that it came of; None where another invocation has written since."""
    bucket, cloud, document = context.settings.data_bucket, context.cloud, state.as_json()
    if state.etag:
        etag = cloud.replace_json(bucket, state.key, state.etag, document)
    else:
        etag = cloud.write_json_once(bucket, state.key, document)
    return replace(state, etag=etag) if etag else None
