"""The CreateTrainingJob request that an examined data set asks for."""

from typing import Any

from sagescene import keys
from sagescene.dataset import DataSet
from sagescene.jobs import registry, requests
from sagescene.preflight.report import Report
from sagescene.settings import StartSettings


def request_job(
    data_set: DataSet, report: Report, *, name: str, instance_type: str, settings: StartSettings
) -> dict[str, Any]:
    """Build the request of the job `name` for an examined data set; raises UnknownRegionError."""
    bucket = settings.data_bucket
    return requests.training_job(
        name=name,
        image=registry.image_uri(settings.aws_region),
        train_uri=f"s3://{bucket}/{data_set.train_records.key}",
        validation_uri=f"s3://{bucket}/{data_set.validation_records.key}",
        output_uri=f"s3://{bucket}/{keys.MODELS.rstrip('/')}",
        hyperparameters={name: value.value for name, value in report.hyperparameters.items()},
        tags={
            "sagescene:dataset": data_set.name,
            "sagescene:report": keys.report_key(data_set.name, report.fingerprint),
        },
        instance_type=instance_type,
        settings=settings,
    )
