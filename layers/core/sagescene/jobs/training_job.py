"""Training jobs as SageMaker describes and lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagescene.costs import Bill, Prices

ENDED = ("Completed", "Failed", "Stopped")  # SageMaker's statuses that are final
TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"  # in which every training job has its streams
LONGEST_JOB = timedelta(days=30)  # it trains for 28 days at most


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedJob:
    """A training job of a listing."""

    name: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """A training job as DescribeTrainingJob shows it; `train_uri` is empty for one without channels.

    `instance_type` is that of all its `instance_count` instances, empty when they are of several. Of `billed_seconds`
    each instance is paid for, 0 as long as that is not known; `training_seconds` is how long it trained. It
    `had_instances`, unless it ended while it waited for its first ones.
    """

    name: str
    status: str
    secondary_status: str
    failure_reason: str
    instance_type: str
    image: str
    train_uri: str
    artifact: str
    created: datetime
    ended: datetime
    metrics: Mapping[str, float]
    had_instances: bool = True
    instance_count: int = 1
    billed_seconds: int = 0
    training_seconds: int = 0

    @property
    def is_ended(self) -> bool:
        """Tell whether its status is final."""
        return self.status in ENDED

    def bill(self, prices: Prices) -> Bill | None:
        """Give what SageMaker bills for it, with its cost by these prices; None where nothing is billed."""
        if not self.billed_seconds:
            return None
        bill = Bill(
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            billable_seconds=self.billed_seconds,
            training_seconds=self.training_seconds,
        )
        return bill.priced(prices)
