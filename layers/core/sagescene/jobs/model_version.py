"""Versions of a data set's model as SageMaker's model registry lists them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sagescene.jobs.requests import APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a group, counted from 1; `job` is empty for one that somebody else entered."""

    version: int
    job: str
    approval: str
    arn: str


def find_approved(versions: Iterable[ModelVersion], *, besides: str) -> ModelVersion | None:
    """Give the newest approved version that is of another job; None where there is none."""
    approved = [each for each in versions if each.approval == APPROVED and each.job != besides]
    return max(approved, key=lambda each: each.version, default=None)
