"""Which keys of records a request to SageMaker can carry.

An address (S3Uri) has at most 1,024 characters, and its pattern takes no line break, of which Java knows more than S3
forbids: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html. The job that is to download a
key with // fails: https://github.com/aws-samples/generative-ai-on-amazon-sagemaker/pull/242; . and .. would be folders.
"""

import re
from collections.abc import Iterable

from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.parts import NO_NAMES, suggest_key

LONGEST_ADDRESS = 1_024
_LINE_BREAKS = re.compile("[\n\r\x85\u2028\u2029]")


def report_unusable(log: FindingLog, keys: Iterable[str], bucket: str) -> None:
    """Report the keys of a bucket whose addresses SageMaker refuses; without a bucket, those no bucket makes usable."""
    for key in keys:
        length = len(f"s3://{bucket}/{key}")
        if length > LONGEST_ADDRESS:
            log.report(
                Code.KEY_REFUSED_BY_SAGEMAKER,
                where="",
                message=f"Its address has {length:,} characters, and SageMaker takes {LONGEST_ADDRESS:,}.",
                remedy="Give the file or its folders shorter names.",
                file=key,
            )
        if not NO_NAMES.isdisjoint(key.split("/")):
            log.report(
                Code.KEY_REFUSED_BY_SAGEMAKER,
                where="",
                message="Its key has a folder called . or .. or nothing at all, and SageMaker would not download it.",
                remedy=f"Upload it as {suggest_key(key)} instead, and delete this object.",
                file=key,
            )
        if _LINE_BREAKS.search(key):
            log.report(
                Code.KEY_REFUSED_BY_SAGEMAKER,
                where="",
                message="Its key holds a line or paragraph separator, with which SageMaker takes no address.",
                remedy="Upload it under a name without that character.",
                file=key,
            )
