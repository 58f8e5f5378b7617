"""What a person is told when AWS refuses to be asked about a place in S3, or cannot be reached."""

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

NO_REGION = (
    "No AWS Region is chosen: set AWS_REGION to that of the stack; for the local one, sagescene up prints what to set."
)


def explain_aws_error(place: str, error: BotoCoreError | ClientError) -> str:
    """Say in one sentence why a place cannot be read, and what to do where that is known."""
    if isinstance(error, NoCredentialsError):
        return (
            "There are no AWS credentials: run aws configure, or set AWS_PROFILE to a profile that may read the bucket."
        )
    if isinstance(error, NoRegionError):
        return NO_REGION
    match error.response["Error"]["Code"] if isinstance(error, ClientError) else "":
        case "NoSuchBucket":
            return f"{place} is in no bucket that exists: look for a misspelt name."
        case "AccessDenied" | "403" | "AllAccessDisabled":
            return f"{place} may not be read with these credentials: they need s3:ListBucket and s3:GetObject there."
        case "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken" as code:
            return f"AWS does not accept these credentials ({code}): log in again."
    return f"{place} cannot be read: {error}"
