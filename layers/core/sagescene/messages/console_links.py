"""Links into the console of AWS, each in its partition's domain."""

from urllib.parse import quote

from sagescene.jobs.training_job import TRAINING_LOGS


def object_url(region: str, bucket: str, key: str) -> str:
    """Link to an object in the S3 console, which opens it for whoever is signed in and may read it."""
    return f"{_console(region)}/s3/object/{bucket}?region={region}&prefix={quote(key)}"


def job_logs_url(region: str, job: str) -> str:
    """Link to a training job's log streams in the CloudWatch console, which escapes its path twice."""
    group = quote(quote(TRAINING_LOGS, safe=""), safe="").replace("%", "$")
    return (
        f"{_console(region)}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}$3FlogStreamNameFilter$3D{job}"
    )


def quotas_url(region: str) -> str:
    """Link to SageMaker's quotas, where one can be raised."""
    return f"{_console(region)}/servicequotas/home/services/sagemaker/quotas"


def _console(region: str) -> str:
    match region.split("-")[:2]:
        case ["cn", _]:
            domain = "amazonaws.cn"
        case ["us", "gov"]:
            domain = "amazonaws-us-gov.com"
        case _:
            domain = "aws.amazon.com"
    return f"https://{region}.console.{domain}"
