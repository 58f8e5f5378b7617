"""Every call that Sagescene makes to AWS; the only module that knows botocore."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, EnvProvider
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    DataNotFoundError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

from sagescene.bounds import (
    LARGEST_IN_ONE_REQUEST,
    LONGEST_NOTICE_IN_BYTES,
    LONGEST_SUBJECT,
    MOST_OBJECTS,
    PIECE_IN_BYTES,
)
from sagescene.dataset import StoredObject, UnfinishedUpload
from sagescene.errors import PassingError, SagesceneError
from sagescene.foreign_text import printable_json, to_ascii
from sagescene.jobs.model_version import ModelVersion
from sagescene.jobs.refusals import TOO_FAST, Refusal, explain_refusal
from sagescene.jobs.requests import job_of_version
from sagescene.jobs.training_job import ENDED, TRAINING_LOGS, EndedJob, TrainingJob
from sagescene.parts import DATASETS
from sagescene.ranges import read_in_ranges

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2RequestPaginateTypeDef
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# The operations called here: all that botocore knows of AWS is 28 MB of memory and a third of a function's start.
_MODELS = str(Path(__file__).with_name("service_models"))
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})
_MOST_LOG_PAGES, _MOST_LOG_LINES = 500, 20_000
_FAULT_OF_AWS = 500  # and above, of HTTP's statuses
# The last is S3's answer to If-Match when the object was deleted.
_CONDITION_FAILED = {"PreconditionFailed", "NoSuchKey"}
# S3 wrote nothing, and does not say that anything lies there: only the same request again shows who was first.
_CONFLICT = "ConditionalRequestConflict"
_WRITES_IN_CONFLICT = 5  # in all; after the last the invocation fails, and comes again
_REST_IS_CUT = "\n\nThe rest of this message was cut, because SNS takes no longer one."


class ObjectReplacedError(SagesceneError):
    """An object is no longer what the listing showed."""

    def __init__(self, key: str) -> None:
        """Name the object."""
        super().__init__(f"{key} was replaced or deleted while it was being read.")


class ModelTakenError(SagesceneError):
    """A model of the job's name exists, made from another artifact."""

    def __init__(self, name: str, artifact: str) -> None:
        """Name the model and the artifact it was made from."""
        super().__init__(f"Model {name} exists already, made from {artifact}.")


class RefusedError(SagesceneError):
    """SageMaker refuses a request, which the same request again does not change; `refusal` says what does."""

    def __init__(self, refusal: Refusal) -> None:
        """Take AWS's own words as the message."""
        super().__init__(refusal.message)
        self.refusal = refusal


class UnreadableLogError(SagesceneError):
    """What a training job logged cannot be had; the message is AWS's."""


def explain_passing_fault(error: Exception) -> str | None:
    """Tell what is in the way for now, of AWS's or ours; None for an error that does not pass by itself."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        passes = status >= _FAULT_OF_AWS or error.response["Error"]["Code"] in TOO_FAST
    else:
        passes = isinstance(
            error,
            (PassingError, BotocoreConnectionError, HTTPClientError, ResponseStreamingError, IncompleteReadError),
        )
    return str(error) if passes else None


class _ModelReader(JSONFileLoader):
    """Reads the models as plain dictionaries: botocore's ordered ones take 0.8 MB more."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - JSON
        """Read a file by its path without the suffix; None when there is none."""
        try:
            return json.loads(Path(f"{file_path}.json").read_bytes())
        except FileNotFoundError:
            return None


class _Models(Loader):
    """Gives the layer's models, and botocore's own of what a later one reads besides, such as rules in another form."""

    def __init__(self) -> None:
        super().__init__([_MODELS], file_loader=_ModelReader(), include_default_search_paths=False)

    @cached_property
    def _whole(self) -> Loader:
        return Loader()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:  # noqa: ANN401 - JSON
        try:
            return super().load_service_model(service_name, type_name, api_version)
        except DataNotFoundError:
            return self._whole.load_service_model(service_name, type_name, api_version)

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        try:
            return super().load_data_with_path(name)
        except DataNotFoundError:
            if "/" in name:  # what may extend the model of a service: the layer's is cut from the whole
                raise
            return self._whole.load_data_with_path(name)


class _OffLambda(CredentialProvider):
    """Looks for credentials wherever botocore does, with all of its models: they may come from services such as STS."""

    METHOD = "botocore"

    def load(self) -> Credentials | None:
        """Give what a session of botocore's own finds."""
        return Session().get_credentials()


class Cloud:
    """The account and Region that a function works in; a client is made when it is first needed, if not before."""

    def __init__(self, region: str) -> None:
        """Open no connection yet."""
        self.region = region

    def connect(self) -> None:
        """Make the clients that every invocation needs: while a function starts it has a whole processor."""
        _ = self._s3, self._sagemaker

    @cached_property
    def _session(self) -> Session:
        session = Session()
        session.register_component("data_loader", _Models())
        session.register_component("credential_provider", CredentialResolver([EnvProvider(), _OffLambda()]))
        return session

    def _make_client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes their classes when it has read the model
        return self._session.create_client(service, region_name=self.region, config=_CONFIG)

    @cached_property
    def _s3(self) -> "S3Client":
        client: S3Client = self._make_client("s3")
        # Of ListObjectsV2 botocore does the same by itself.
        client.meta.events.register("after-call.s3.ListMultipartUploads", _decode_keys)
        return client

    @cached_property
    def _sagemaker(self) -> "SageMakerClient":
        client: SageMakerClient = self._make_client("sagemaker")
        return client

    @cached_property
    def _logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self._make_client("logs")
        return client

    @cached_property
    def _sns(self) -> "SNSClient":
        client: SNSClient = self._make_client("sns")
        return client

    @cached_property
    def _sqs(self) -> "SQSClient":
        client: SQSClient = self._make_client("sqs")
        return client

    def list_objects(self, bucket: str, prefix: str, after: str = "", most: int | None = None) -> list[StoredObject]:
        """List the objects under a prefix whose keys come after the one given; with `most`, so many of the first."""
        request: ListObjectsV2RequestPaginateTypeDef = {"Bucket": bucket, "Prefix": prefix}
        if after:
            request["StartAfter"] = after
        pages = self._s3.get_paginator("list_objects_v2").paginate(**request)
        listed = (
            StoredObject(
                key=entry["Key"],
                etag=entry["ETag"].strip('"'),
                size=entry["Size"],
                last_modified=entry["LastModified"],
            )
            for page in pages
            for entry in page.get("Contents", [])
        )
        return [*islice(listed, most)]

    def list_data_set(self, bucket: str, name: str) -> list[StoredObject]:
        """List the objects of a data set, no more of them than show that there are too many."""
        return self.list_objects(bucket, f"{DATASETS}{name}/", most=MOST_OBJECTS + 1)

    def exists(self, bucket: str, key: str) -> bool:
        """Tell whether an object exists."""
        return self.find_object(bucket, key) is not None

    def find_object(self, bucket: str, key: str) -> StoredObject | None:
        """Find one object by listing: HEAD and GET may answer 403 in place of 404."""
        return next((stored for stored in self.list_objects(bucket, key) if stored.key == key), None)

    def list_unfinished_uploads(self, bucket: str, prefix: str) -> list[UnfinishedUpload]:
        """List the multipart uploads under way below a prefix."""
        # Without the encoding one key with a control character makes the whole answer unreadable.
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=bucket, Prefix=prefix, EncodingType="url"
        )
        return [
            UnfinishedUpload(key=entry["Key"], id=entry["UploadId"], began=entry["Initiated"])
            for page in pages
            for entry in page.get("Uploads", [])
        ]

    def read(self, bucket: str, stored: StoredObject) -> Iterator[bytes]:
        """Stream exactly the listed version of an object, a large one in several ranges at once.

        Raises:
            ObjectReplacedError: it is another by now.
        """
        if stored.size > LARGEST_IN_ONE_REQUEST:
            _ = self._s3  # made once, before several threads ask for it
            yield from read_in_ranges(partial(self._get_span, bucket, stored), stored.size)
            return
        body = self._get(Bucket=bucket, Key=stored.key, IfMatch=stored.etag)
        while piece := body.read(PIECE_IN_BYTES):
            yield piece

    def read_span(self, bucket: str, stored: StoredObject, offset: int, length: int) -> bytes:
        """Read so many bytes of the listed version of an object; raises ObjectReplacedError as `read` does."""
        return self._get_span(bucket, stored, offset, length).read()

    def _get_span(self, bucket: str, stored: StoredObject, offset: int, length: int) -> "StreamingBody":
        span = f"bytes={offset}-{offset + length - 1}"
        return self._get(Bucket=bucket, Key=stored.key, IfMatch=stored.etag, Range=span)

    def _get(self, **request: Any) -> "StreamingBody":  # noqa: ANN401 - the parameters of GetObject
        try:
            return self._s3.get_object(**request)["Body"]
        except ClientError as error:
            bucket, key = request["Bucket"], request["Key"]
            is_replaced = error.response["Error"]["Code"] == "PreconditionFailed"
            if is_replaced or self._is_missing(error, partial(self.exists, bucket, key)):
                raise ObjectReplacedError(key) from error
            raise

    def _is_missing(self, error: ClientError, is_listed: Callable[[], bool]) -> bool:
        """Tell whether an object is not there; S3 says that it is forbidden where no other key may be listed."""
        code = error.response["Error"]["Code"]
        return code == "NoSuchKey" or (code == "AccessDenied" and not is_listed())

    def write_page(self, bucket: str, key: str, page: str) -> None:
        """Write an HTML page, replacing what was there."""
        self._s3.put_object(Bucket=bucket, Key=key, Body=page.encode(), ContentType="text/html; charset=utf-8")

    def read_newest(self, bucket: str, key: str, is_listed: Callable[[], bool] | None = None) -> bytes | None:
        """Read an object that is most likely there, unlisted; None when there is none.

        Where S3 says that it is forbidden, `is_listed` tells whether it is there; without it that takes a call more.
        """
        read = partial(self._s3.get_object, Bucket=bucket, Key=key)
        try:
            return read()["Body"].read()
        except ClientError as error:
            if self._is_missing(error, is_listed or partial(self.exists, bucket, key)):
                return None
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
        return read()["Body"].read()  # it may have been written between the two answers

    def read_json(self, bucket: str, key: str) -> Any:  # noqa: ANN401
        """Read a JSON object, or give None when there is none."""
        stored = self.find_object(bucket, key)
        return json.loads(b"".join(self.read(bucket, stored))) if stored else None

    def write_json(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        """Write a JSON object, replacing what was there."""
        self._s3.put_object(Bucket=bucket, Key=key, Body=_encode(document), ContentType="application/json")

    def write_json_once(self, bucket: str, key: str, document: Mapping[str, Any]) -> str | None:
        """Write a JSON object unless there is one; gives its ETag, None when another writer was first."""
        return self._write_if(bucket, key, document, IfNoneMatch="*")

    def replace_json(self, bucket: str, key: str, etag: str, document: Mapping[str, Any]) -> str | None:
        """Write a JSON object over exactly the version of this ETag; gives its own, None when it is another by now.

        S3 asks for the permission to read the object as well:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        return self._write_if(bucket, key, document, IfMatch=etag)

    def _write_if(
        self,
        bucket: str,
        key: str,
        document: Mapping[str, Any],
        tries: int = _WRITES_IN_CONFLICT,
        **condition: Any,  # noqa: ANN401 - of PutObject
    ) -> str | None:
        body = _encode(document)
        try:
            written = self._s3.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _CONDITION_FAILED:
                return None
            if code == _CONFLICT and tries > 1:
                return self._write_if(bucket, key, document, tries - 1, **condition)
            raise
        return written["ETag"].strip('"')

    def describe_training_job(self, name: str) -> TrainingJob | None:
        """Describe a training job, or give None for an unknown name.

        A job that a person made by hand may have no channels: its `train_uri` is then empty.
        """
        try:
            job = self._sagemaker.describe_training_job(TrainingJobName=name)
        except ClientError as error:
            if _is_unknown(error):
                return None
            raise
        sources = {
            channel["ChannelName"]: channel["DataSource"].get("S3DataSource")
            for channel in job.get("InputDataConfig", [])
        }
        train = sources.get("train")
        return TrainingJob(
            name=job["TrainingJobName"],
            status=job["TrainingJobStatus"],
            secondary_status=job["SecondaryStatus"],
            failure_reason=job.get("FailureReason") or "",
            instance_type=job.get("ResourceConfig", {}).get("InstanceType", ""),
            image=job.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
            train_uri=train["S3Uri"] if train else "",
            artifact=(job.get("ModelArtifacts") or {}).get("S3ModelArtifacts", ""),
            created=job["CreationTime"],
            ended=job.get("TrainingEndTime") or job["LastModifiedTime"],  # a job may end before it trains
            metrics={metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])},
            had_instances="TrainingStartTime" in job,
            instance_count=job.get("ResourceConfig", {}).get("InstanceCount", 1),
            billed_seconds=job.get("BillableTimeInSeconds", 0),
            training_seconds=job.get("TrainingTimeInSeconds", 0),
        )

    def search_training_log(self, job: TrainingJob, word: str) -> Iterator[str]:
        """Give the lines with a word that the first instance of a job logged, the oldest first; none without a log.

        At most 20,000 lines are given, and 500 answers asked for: some may be empty while CloudWatch searches.

        Raises:
            UnreadableLogError: CloudWatch does not give them.
        """
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=TRAINING_LOGS,
            logStreamNamePrefix=f"{job.name}/algo-1-",
            filterPattern=f'"{word}"',
            startTime=int(job.created.timestamp() * 1000),
        )
        try:
            events = (event for page in islice(pages, _MOST_LOG_PAGES) for event in page["events"])
            # What stands in for AWS may give all streams.
            lines = (event["message"] for event in events if event["logStreamName"].startswith(f"{job.name}/"))
            yield from islice(lines, _MOST_LOG_LINES)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ResourceNotFoundException":
                return
            raise UnreadableLogError(str(error)) from error

    def create_training_job(self, request: Mapping[str, Any]) -> bool:
        """Start a training job, unless its name is taken: false means that it was started already.

        Raises RefusedError.
        """
        try:
            self._sagemaker.create_training_job(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceInUse":
                return False
            _raise_if_refused(error)
            raise
        return True

    def list_ended_jobs(self, prefix: str, created_after: datetime) -> list[EndedJob]:
        """List the training jobs of a prefix that have ended, newest first."""
        pages = self._sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains=prefix,
            CreationTimeAfter=created_after,
            SortBy="CreationTime",
            SortOrder="Descending",
            PaginationConfig={"PageSize": 100},
        )
        return [
            EndedJob(name=summary["TrainingJobName"], created=summary["CreationTime"])
            for page in pages
            for summary in page["TrainingJobSummaries"]
            if summary["TrainingJobName"].startswith(prefix) and summary["TrainingJobStatus"] in ENDED
        ]

    def create_model(self, request: Mapping[str, Any]) -> str:
        """Create a model, or find the one an earlier try created; gives its ARN.

        Raises ModelTakenError and RefusedError.
        """
        try:
            return self._sagemaker.create_model(**request)["ModelArn"]
        except ClientError as error:
            if "already existing model" not in error.response["Error"]["Message"]:
                _raise_if_refused(error)
                raise
        existing = self._sagemaker.describe_model(ModelName=request["ModelName"])
        artifact = existing["PrimaryContainer"]["ModelDataUrl"]
        if artifact != request["PrimaryContainer"]["ModelDataUrl"]:
            raise ModelTakenError(request["ModelName"], artifact)
        return existing["ModelArn"]

    def has_model(self, name: str) -> bool:
        """Tell whether there is a model of this name."""
        try:
            self._sagemaker.describe_model(ModelName=name)
        except ClientError as error:
            if _is_unknown(error):
                return False
            raise
        return True

    def create_model_package_group(self, request: Mapping[str, Any]) -> None:
        """Create a group of versions unless there is one; raises RefusedError."""
        try:
            self._sagemaker.create_model_package_group(**request)
        except ClientError as error:
            if "already exist" in error.response["Error"]["Message"].lower():
                return
            _raise_if_refused(error)
            raise

    def list_model_packages(self, group: str) -> list[ModelVersion]:
        """List the versions of a group, newest first; raises RefusedError."""
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
        )
        try:
            return [
                ModelVersion(
                    version=summary["ModelPackageVersion"],
                    job=job_of_version(summary.get("ModelPackageDescription", "")),
                    approval=summary.get("ModelApprovalStatus", ""),
                    arn=summary["ModelPackageArn"],
                )
                for page in pages
                for summary in page["ModelPackageSummaryList"]
                if "ModelPackageVersion" in summary
            ]
        except ClientError as error:
            _raise_if_refused(error)
            raise

    def create_model_package(self, request: Mapping[str, Any]) -> ModelVersion:
        """Enter a version, or give the one that the same ClientToken entered before; raises RefusedError."""
        try:
            arn = self._sagemaker.create_model_package(**request)["ModelPackageArn"]
        except ClientError as error:
            _raise_if_refused(error)
            raise
        return ModelVersion(
            version=int(arn.rpartition("/")[2]),
            job=job_of_version(request["ModelPackageDescription"]),
            approval=request["ModelApprovalStatus"],
            arn=arn,
        )

    def notify(self, topic_arn: str, subject: str, text: str) -> None:
        """Publish a notice, fitted to what SNS takes: a text that is longer is cut, and says so.

        A subject is less than 100 printable ASCII characters of which the first is no blank.
        """
        fitted = to_ascii(subject).strip()[:LONGEST_SUBJECT]
        self._sns.publish(TopicArn=topic_arn, Subject=fitted or "Sagescene", Message=_cut(text))

    def notify_chat(self, topic_arn: str, message: Mapping[str, Any]) -> None:
        """Publish a notice in the form that chats are sent; whoever made it kept to its bounds."""
        self._sns.publish(TopicArn=topic_arn, Message=json.dumps(message))

    def send_later(
        self, queue_url: str, message: Mapping[str, Any], delay_in_seconds: int, correlation_id: str | None
    ) -> None:
        """Put a message in a queue that shows it after the delay, at most 900 seconds; the id is for its log lines."""
        text: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": correlation_id or ""}
        self._sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=json.dumps(message),
            DelaySeconds=delay_in_seconds,
            MessageAttributes={"correlation_id": text} if correlation_id else {},
        )


def _decode_keys(parsed: dict[str, Any], **_: object) -> None:
    # The marker as well: it goes back with the request for the next page.
    if parsed.get("EncodingType") == "url":
        for holder, name in ((parsed, "NextKeyMarker"), *((upload, "Key") for upload in parsed.get("Uploads", []))):
            if name in holder:
                holder[name] = unquote_plus(holder[name])


def _is_unknown(error: ClientError) -> bool:
    # The API's page says ResourceNotFound; what it really answers is a ValidationException, in one of two wordings.
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"].lower()
    return code == "ResourceNotFound" or "not found" in message or "could not find" in message


def _raise_if_refused(error: ClientError) -> None:
    refusal = explain_refusal(error.response["Error"]["Code"], error.response["Error"]["Message"])
    if refusal:
        raise RefusedError(refusal) from error


def _cut(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= LONGEST_NOTICE_IN_BYTES:
        return text
    room = LONGEST_NOTICE_IN_BYTES - len(_REST_IS_CUT.encode())
    return encoded[:room].decode(errors="ignore") + _REST_IS_CUT


def _encode(document: Mapping[str, Any]) -> bytes:
    return printable_json(document, indent=2).encode()
