"""What the last run of a data set cost, as the bucket and SageMaker remember it."""

from itertools import count, islice

from botocore.exceptions import BotoCoreError, ClientError

from sagescene import keys
from sagescene.aws import Cloud
from sagescene.bounds import EARLIER_LOOKED_AT
from sagescene.costs import Prices
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.estimate import LastRun


def find_last_run(cloud: Cloud, bucket: str, data_set: str, job_prefix: str, prices: Prices) -> LastRun | None:
    """Find the completed job on the newest of a set's contents, as the stack does before it starts one.

    None where no job is found that has a price, and for whoever may read the files and not what came of them: a check
    is no worse without it.
    """
    try:
        job = _find_completed(cloud, bucket, data_set, job_prefix)
    except (BotoCoreError, ClientError):
        return None
    return LastRun.of(job.name, job.bill(prices)) if job else None


def _find_completed(cloud: Cloud, bucket: str, data_set: str, job_prefix: str) -> TrainingJob | None:
    listed = cloud.list_objects(bucket, f"{keys.REPORTS}{data_set}/")
    newest_first = sorted(listed, key=lambda stored: stored.last_modified, reverse=True)
    contents = filter(None, (keys.content_of_report(stored.key) for stored in newest_first))
    for content in islice(contents, EARLIER_LOOKED_AT):
        for attempt in count(1):
            job = cloud.describe_training_job(keys.job_name(job_prefix, data_set, content, attempt))
            if job is None or job.status == "Completed":
                break
        if job:
            return job
    return None
