"""The edge to AWS: what each call asks for, and what becomes of AWS's answers and refusals."""

import io
import json
import random
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    DataNotFoundError,
    EndpointConnectionError,
    IncompleteReadError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.loaders import Loader
from botocore.stub import Stubber
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from sagescene import aws
from sagescene.aws import (
    Cloud,
    ModelTakenError,
    ObjectReplacedError,
    RefusedError,
    UnreadableLogError,
    explain_passing_fault,
)
from sagescene.dataset import StoredObject
from sagescene.jobs.training_job import EndedJob, TrainingJob
from sagescene.triggers import WaitCause
from sagescene.workflow import slots
from sagescene_standin.moto_changes import changed_moto

BUCKET = "sagescene-123456789012-us-east-1"
JOB = "sagescene--pets--0f1e2d3c4b5a"
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
DESCRIBED = {
    "TrainingJobName": JOB,
    "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{JOB}",
    "TrainingJobStatus": "Failed",
    "SecondaryStatus": "Failed",
    "FailureReason": "CapacityError: Unable to provision requested ML compute capacity.",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50},
    "RoleArn": "arn:aws:iam::123456789012:role/sagescene-TrainingRole",
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/datasets/pets/a.rec"}},
        }
    ],
    "ModelArtifacts": {"S3ModelArtifacts": f"s3://{BUCKET}/models/{JOB}/output/model.tar.gz"},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "CreationTime": NOON,
    "LastModifiedTime": NOON,
}
MODEL = {
    "ModelName": JOB,
    "PrimaryContainer": {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/models/{JOB}/output/model.tar.gz"},
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/sagescene-HostingRole",
}
MODEL_ARN = f"arn:aws:sagemaker:us-east-1:123456789012:model/{JOB}"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud("us-east-1")


@pytest.fixture
def sagemaker(cloud: Cloud) -> Iterator[Stubber]:
    with Stubber(cloud._sagemaker) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_job_is_described_in_plain_values(cloud: Cloud, sagemaker: Stubber) -> None:
    sagemaker.add_response("describe_training_job", DESCRIBED, {"TrainingJobName": JOB})
    job = cloud.describe_training_job(JOB)
    assert job
    assert (job.status, job.is_ended, job.metrics) == ("Failed", True, {})
    assert job.train_uri == f"s3://{BUCKET}/datasets/pets/a.rec"
    assert job.instance_type == "ml.g5.xlarge"
    assert job.ended == NOON  # the job never trained, so it has no TrainingEndTime
    assert (job.instance_count, job.billed_seconds, job.had_instances) == (1, 0, False)


def test_what_a_job_is_paid_for_is_described(cloud: Cloud, sagemaker: Stubber) -> None:
    resources = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 50}
    times = {"BillableTimeInSeconds": 61, "TrainingTimeInSeconds": 90, "TrainingStartTime": NOON}
    described = {**DESCRIBED, "ResourceConfig": resources, **times}
    sagemaker.add_response("describe_training_job", described, {"TrainingJobName": JOB})
    job = cloud.describe_training_job(JOB)
    assert job
    assert (job.instance_count, job.billed_seconds, job.training_seconds, job.had_instances) == (2, 61, 90, True)


def test_a_job_made_by_hand_may_have_no_channels(cloud: Cloud, sagemaker: Stubber) -> None:
    by_hand = {name: value for name, value in DESCRIBED.items() if name != "InputDataConfig"}
    sagemaker.add_response("describe_training_job", by_hand, {"TrainingJobName": JOB})
    job = cloud.describe_training_job(JOB)
    assert job
    assert job.train_uri == ""


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", "Requested resource not found."),
        ("ValidationException", f"Could not find training job with name {JOB}."),
        ("ResourceNotFound", "There is no such job."),
    ],
)
def test_an_unknown_job_is_none_in_each_of_awss_wordings(
    cloud: Cloud, sagemaker: Stubber, code: str, message: str
) -> None:
    sagemaker.add_client_error("describe_training_job", code, message)
    assert cloud.describe_training_job(JOB) is None


def test_a_taken_job_name_means_started_already(cloud: Cloud, sagemaker: Stubber) -> None:
    sagemaker.add_client_error("create_training_job", "ResourceInUse", "Training job names must be unique")
    assert not cloud.create_training_job(REQUEST)


REQUEST: dict[str, Any] = {
    "TrainingJobName": JOB,
    "RoleArn": MODEL["ExecutionRoleArn"],
    "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
}


@pytest.mark.parametrize(
    ("code", "message", "waits_for"),
    [
        ("ThrottlingException", "Rate exceeded", WaitCause.RATE),
        ("ValidationException", "Could not assume role x.", None),
        ("AccessDeniedException", "not authorized", None),
    ],
)
def test_what_sagemaker_refuses_is_told_from_what_fails(
    cloud: Cloud, sagemaker: Stubber, code: str, message: str, waits_for: WaitCause | None
) -> None:
    for operation in ("create_training_job", "create_model"):
        sagemaker.add_client_error(operation, code, message)
    with pytest.raises(RefusedError, match=message) as refused:
        cloud.create_training_job(REQUEST)
    assert refused.value.refusal.waits_for is waits_for
    with pytest.raises(RefusedError, match=message):
        cloud.create_model(MODEL)


def test_an_existing_model_of_the_same_artifact_is_the_model(cloud: Cloud, sagemaker: Stubber) -> None:
    sagemaker.add_client_error(
        "create_model", "ValidationException", f'Cannot create already existing model "{MODEL_ARN}".'
    )
    sagemaker.add_response("describe_model", {**MODEL, "ModelArn": MODEL_ARN, "CreationTime": NOON})
    assert cloud.create_model(MODEL) == MODEL_ARN


def test_a_model_is_there_or_not_or_cannot_be_asked_for(cloud: Cloud, sagemaker: Stubber) -> None:
    sagemaker.add_response("describe_model", {**MODEL, "ModelArn": MODEL_ARN, "CreationTime": NOON})
    sagemaker.add_client_error("describe_model", "ValidationException", f'Could not find model "{MODEL_ARN}".')
    sagemaker.add_client_error("describe_model", "AccessDeniedException", "not authorized")
    assert cloud.has_model("m")
    assert not cloud.has_model("m")
    with pytest.raises(ClientError, match="not authorized"):
        cloud.has_model("m")


def test_an_existing_model_of_another_artifact_is_left_alone(cloud: Cloud, sagemaker: Stubber) -> None:
    other = {"Image": "image", "ModelDataUrl": "s3://elsewhere/model.tar.gz"}
    sagemaker.add_client_error("create_model", "ValidationException", "Cannot create already existing model")
    sagemaker.add_response(
        "describe_model", {**MODEL, "PrimaryContainer": other, "ModelArn": MODEL_ARN, "CreationTime": NOON}
    )
    with pytest.raises(ModelTakenError, match="elsewhere"):
        cloud.create_model(MODEL)


def test_awss_own_errors_are_not_swallowed(cloud: Cloud, sagemaker: Stubber) -> None:
    sagemaker.add_client_error("describe_training_job", "AccessDeniedException", "not authorized")
    for operation in ("create_training_job", "create_model"):
        sagemaker.add_client_error(operation, "InternalFailure", "Could not assume role")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        cloud.describe_training_job(JOB)
    with pytest.raises(ClientError, match="InternalFailure"):
        cloud.create_training_job(REQUEST)
    with pytest.raises(ClientError, match="InternalFailure"):
        cloud.create_model(MODEL)


def test_ended_jobs_are_this_stacks_on_every_page(cloud: Cloud, sagemaker: Stubber) -> None:
    def summaries(*jobs: tuple[str, str]) -> list[dict[str, Any]]:
        arn = "arn:aws:sagemaker:us-east-1:123456789012:training-job/x"
        return [
            {"TrainingJobName": name, "TrainingJobArn": arn, "CreationTime": NOON, "TrainingJobStatus": status}
            for name, status in jobs
        ]

    asked = {
        "NameContains": "sagescene--",
        "CreationTimeAfter": NOON,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 100,
    }
    first = summaries(("sagescene--a--1", "Completed"), ("my-sagescene--a--2", "Completed"))
    second = summaries(("sagescene--b--3", "InProgress"), ("sagescene--c--4", "Stopped"))
    sagemaker.add_response("list_training_jobs", {"TrainingJobSummaries": first, "NextToken": "more"}, asked)
    sagemaker.add_response("list_training_jobs", {"TrainingJobSummaries": second}, {**asked, "NextToken": "more"})
    names = ["sagescene--a--1", "sagescene--c--4"]
    assert cloud.list_ended_jobs("sagescene--", NOON) == [EndedJob(name=name, created=NOON) for name in names]


def make_job() -> TrainingJob:
    return TrainingJob(
        name=JOB,
        status="Completed",
        secondary_status="Completed",
        failure_reason="",
        instance_type="ml.g4dn.xlarge",
        image="",
        train_uri="",
        artifact="",
        created=NOON,
        ended=NOON,
        metrics={},
    )


def test_a_training_log_is_searched_and_that_of_its_first_instance_only(cloud: Cloud) -> None:
    def event(message: str, stream: str = f"{JOB}/algo-1-1") -> dict[str, str]:
        return {"logStreamName": stream, "message": message}

    asked = {
        "logGroupName": "/aws/sagemaker/TrainingJobs",
        "logStreamNamePrefix": f"{JOB}/algo-1-",
        "filterPattern": '"accuracy="',
        "startTime": int(NOON.timestamp() * 1000),
    }
    with Stubber(cloud._logs) as logs:
        logs.add_response("filter_log_events", {"events": [event("one")], "nextToken": "t"}, asked)
        pages = {"events": [event("another", f"{JOB}--r2/algo-1-1"), event("two")]}
        logs.add_response("filter_log_events", pages, asked | {"nextToken": "t"})
        assert list(cloud.search_training_log(make_job(), "accuracy=")) == ["one", "two"]
        logs.add_client_error("filter_log_events", "ResourceNotFoundException")
        assert list(cloud.search_training_log(make_job(), "accuracy=")) == []
        logs.add_client_error("filter_log_events", "AccessDeniedException", "not authorized")
        with pytest.raises(UnreadableLogError, match="not authorized"):
            list(cloud.search_training_log(make_job(), "accuracy="))


@pytest.fixture
def bucket() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def test_a_person_may_be_signed_in_as_a_role(
    bucket: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.put_object(Bucket=BUCKET, Key="x", Body=b"x")
    role = "role_arn = arn:aws:iam::123456789012:role/person\nsource_profile = keys\nregion = us-east-1\n"
    keys = "aws_access_key_id = none\naws_secret_access_key = none\n"
    (tmp_path / "config").write_text(f"[profile person]\n{role}[profile keys]\n{keys}")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "person")
    assert [stored.key for stored in Cloud("us-east-1").list_objects(BUCKET, "")] == ["x"]


def test_an_object_is_read_as_it_was_listed_or_not_at_all(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401
    bucket.put_object(Bucket=BUCKET, Key="datasets/a b+c/train.lst", Body=b"x" * 600_000)
    (stored,) = cloud.list_objects(BUCKET, "datasets/a b+c/")
    assert [len(chunk) for chunk in cloud.read(BUCKET, stored)] == [262_144, 262_144, 75_712]
    bucket.put_object(Bucket=BUCKET, Key=stored.key, Body=b"y")
    with pytest.raises(ObjectReplacedError, match=r"train\.lst was replaced or deleted while it was being read\.$"):
        list(cloud.read(BUCKET, stored))
    gone = StoredObject(key="datasets/gone.lst", etag="e", size=1, last_modified=NOON)
    with pytest.raises(ObjectReplacedError, match=r"gone\.lst was replaced or deleted while it was being read\.$"):
        list(cloud.read(BUCKET, gone))


def test_the_newest_version_of_an_object_is_read_unlisted(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401
    key = "reports/pets/0123456789ab.json"
    assert cloud.read_newest(BUCKET, key) is None
    for body in (b"first", b"second"):
        bucket.put_object(Bucket=BUCKET, Key=key, Body=body)
        assert cloud.read_newest(BUCKET, key) == body


@pytest.mark.parametrize(("keys", "is_missing"), [([], True), (["a.json.old"], True), (["a.json"], False)])
def test_an_object_that_may_not_be_read_is_missing_if_no_listing_holds_it(
    cloud: Cloud, keys: list[str], *, is_missing: bool
) -> None:
    listed = [{"Key": key, "ETag": '"e"', "Size": 1, "LastModified": NOON} for key in keys]
    stored, denied = StoredObject(key="a.json", etag="e", size=1, last_modified=NOON), ClientError
    with Stubber(cloud._s3) as stubber:
        for _ in range(2):
            stubber.add_client_error("get_object", "AccessDenied", http_status_code=403)
            stubber.add_response("list_objects_v2", {"Contents": listed})
        with pytest.raises(ObjectReplacedError if is_missing else denied):
            list(cloud.read(BUCKET, stored))
        if not is_missing:
            stubber.add_client_error("get_object", "AccessDenied", http_status_code=403)
        with nullcontext() if is_missing else pytest.raises(denied, match="AccessDenied"):
            assert cloud.read_newest(BUCKET, "a.json") is None
        stubber.assert_no_pending_responses()


def test_an_object_that_is_written_while_it_is_looked_for_is_read(cloud: Cloud) -> None:
    with Stubber(cloud._s3) as stubber:
        stubber.add_client_error("get_object", "AccessDenied", http_status_code=403)
        stubber.add_response("get_object", {"Body": io.BytesIO(b"written since")})
        assert cloud.read_newest(BUCKET, "a.json", lambda: True) == b"written since"


def test_a_fault_while_the_newest_version_is_read_is_no_missing_object(cloud: Cloud) -> None:
    with Stubber(cloud._s3) as stubber:
        stubber.add_client_error("get_object", "SlowDown", http_status_code=503)
        with pytest.raises(ClientError, match="SlowDown"):
            cloud.read_newest(BUCKET, "a.json")


def test_a_large_object_is_read_in_ranges_of_the_version_that_was_listed(
    cloud: Cloud,
    bucket: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = random.Random(0).randbytes(9 << 20)
    key = "datasets/pets/train.rec"
    bucket.put_object(Bucket=BUCKET, Key=key, Body=content)
    (stored,) = cloud.list_objects(BUCKET, key)
    asked = []
    cloud._s3.meta.events.register("before-call.s3.GetObject", lambda params, **_: asked.append(params["headers"]))
    monkeypatch.setattr(aws, "LARGEST_IN_ONE_REQUEST", stored.size)
    assert b"".join(cloud.read(BUCKET, stored)) == content
    (headers,) = asked
    assert "Range" not in headers
    asked.clear()
    monkeypatch.setattr(aws, "LARGEST_IN_ONE_REQUEST", stored.size - 1)
    assert b"".join(cloud.read(BUCKET, stored)) == content
    assert {headers["If-Match"] for headers in asked} == {stored.etag}
    assert len({headers["Range"] for headers in asked}) == 2
    bucket.put_object(Bucket=BUCKET, Key=key, Body=bytes(stored.size))
    with pytest.raises(ObjectReplacedError, match=r"train\.rec was replaced or deleted while it was being read\.$"):
        next(cloud.read(BUCKET, stored))


def test_an_outcome_is_written_once(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401
    assert cloud.write_json_once(BUCKET, "reports/pets/x.outcome.json", {"status": "Completed"})
    assert not cloud.write_json_once(BUCKET, "reports/pets/x.outcome.json", {"status": "Failed"})
    assert b"Completed" in bucket.get_object(Bucket=BUCKET, Key="reports/pets/x.outcome.json")["Body"].read()
    assert cloud.exists(BUCKET, "reports/pets/x.outcome.json")
    assert not cloud.exists(BUCKET, "reports/pets/x.outcome")


def test_an_object_is_replaced_only_while_it_is_the_version_that_is_named(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401
    key = "slots/at-once/1.json"
    first = cloud.write_json_once(BUCKET, key, {"job": "one"})
    assert first
    second = cloud.replace_json(BUCKET, key, first, {"job": "two"})
    assert second
    assert cloud.replace_json(BUCKET, key, first, {"job": "three"}) is None
    assert cloud.read_json(BUCKET, key) == {"job": "two"}
    (listed,) = cloud.list_objects(BUCKET, key)
    assert listed.etag == second
    bucket.delete_object(Bucket=BUCKET, Key=key)
    assert cloud.replace_json(BUCKET, key, second, {"job": "four"}) is None


@pytest.mark.parametrize(
    ("answers", "etag"),
    [
        (["ConditionalRequestConflict"], "e"),
        (["ConditionalRequestConflict"] * 4, "e"),
        (["ConditionalRequestConflict", "PreconditionFailed"], None),
        (["ConditionalRequestConflict", "NoSuchKey"], None),
    ],
)
def test_a_write_that_meets_another_is_made_again_to_see_who_was_first(
    cloud: Cloud, answers: list[str], etag: str | None
) -> None:
    with Stubber(cloud._s3) as stub:
        for code in answers:
            stub.add_client_error("put_object", code)
        if etag:
            stub.add_response("put_object", {"ETag": f'"{etag}"'})
        assert cloud.replace_json(BUCKET, "slots/at-once/1.json", "former", {"job": "one"}) == etag
        stub.assert_no_pending_responses()


def test_a_write_that_meets_others_again_and_again_fails(cloud: Cloud) -> None:
    with Stubber(cloud._s3) as stub:
        for _ in range(5):
            stub.add_client_error("put_object", "ConditionalRequestConflict")
        with pytest.raises(ClientError, match="ConditionalRequestConflict"):
            cloud.write_json_once(BUCKET, "slots/at-once/1.json", {"job": "one"})
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ClientError({"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}, "X"), True),  # type: ignore[typeddict-item]
        (ClientError({"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "X"), True),  # type: ignore[typeddict-item]
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "X"), True),
        (ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "X"), False),  # type: ignore[typeddict-item]
        (EndpointConnectionError(endpoint_url="https://x"), True),
        (ReadTimeoutError(endpoint_url="https://x"), True),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), True),
        (ParamValidationError(report="x"), False),
        (ValueError("x"), False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_passes_by_itself_is_told_from_what_does_not(error: Exception, *, passes: bool) -> None:
    assert explain_passing_fault(error) == (str(error) if passes else None)


def test_a_slot_is_free_when_it_has_two_bytes(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401, ARG001
    for number, document in enumerate(({}, {"job": "x"})):
        cloud.write_json_once(BUCKET, f"slots/at-once/{number}.json", document)
    free, taken = cloud.list_objects(BUCKET, "slots/")
    assert free.size == slots.FREE != taken.size


def test_uploads_under_way_are_seen(cloud: Cloud, bucket: Any) -> None:  # noqa: ANN401
    begun = bucket.create_multipart_upload(Bucket=BUCKET, Key="datasets/pets/train.rec")
    bucket.create_multipart_upload(Bucket=BUCKET, Key="datasets/other/train.rec")
    (unfinished,) = cloud.list_unfinished_uploads(BUCKET, "datasets/pets/")
    assert (unfinished.key, unfinished.id) == ("datasets/pets/train.rec", begun["UploadId"])
    assert unfinished.began.tzinfo


@pytest.mark.parametrize(
    ("subject", "taken"),
    [
        ("Data set größe " + "x" * 200, "Data set gro?e " + "x" * 84),
        ("  a b.rec is not in a data set", "a b.rec is not in a data set"),
        ("Ünï cödé ﬁne…", "Uni code fine..."),
        ("U\u0308ni \N{CAT} кот", "Uni ? ???"),
        ("two\nlines", "two?lines"),
        (" ", "Sagescene"),
    ],
)
def test_a_subject_keeps_to_what_sns_takes(cloud: Cloud, subject: str, taken: str) -> None:
    with Stubber(cloud._sns) as stubber:
        expected = {"TopicArn": "arn", "Subject": taken, "Message": "größe"}
        stubber.add_response("publish", {"MessageId": "1"}, expected)
        cloud.notify("arn", subject, "größe")


@pytest.mark.parametrize("shift", range(4))
def test_a_text_is_cut_to_what_sns_takes_and_never_within_a_character(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(cloud._sns, "publish", lambda **request: sent.append(request["Message"]))
    whole = "x" * shift + "𝄞" * 65_535
    cloud.notify("arn", "subject", whole)
    cloud.notify("arn", "subject", whole + "𝄞𝄞")
    assert sent[0] == whole
    assert 262_140 < len(sent[1].encode()) <= 262_144
    beginning, _, end = sent[1].rpartition("\n\n")
    assert whole.startswith(beginning)
    assert end == "The rest of this message was cut, because SNS takes no longer one."


@pytest.fixture
def strict_bucket() -> Iterator[Any]:
    """A bucket that answers as S3 does to keys with control characters."""
    moto_api_backend.reset()
    with (
        changed_moto(
            time_factor=1,
            on_object_event=lambda *_: None,
            on_message=lambda *_: None,
            call_function=lambda *_: None,
        ),
        mock_aws(),
    ):
        client = boto3.client("s3", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
        client.create_bucket(Bucket=BUCKET)
        yield client


def test_a_set_is_listed_as_far_as_it_shows_to_have_too_many_files(
    cloud: Cloud,
    strict_bucket: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "MOST_OBJECTS", 2)
    for name in ("pets/a", "pets/b", "pets/c", "pets/d", "pets2/a"):
        strict_bucket.put_object(Bucket=BUCKET, Key=f"datasets/{name}", Body=b"x")
    listed = [stored.key for stored in cloud.list_data_set(BUCKET, "pets")]
    assert listed == ["datasets/pets/a", "datasets/pets/b", "datasets/pets/c"]


def test_keys_with_control_characters_are_listed(cloud: Cloud, strict_bucket: Any) -> None:  # noqa: ANN401
    key = "datasets/pets/a\x01 b+c\n%41.rec"
    strict_bucket.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    with pytest.raises(ClientError):  # S3 begins it, but boto3 cannot read the answer
        strict_bucket.create_multipart_upload(Bucket=BUCKET, Key=key)
    assert [stored.key for stored in cloud.list_objects(BUCKET, "datasets/pets/")] == [key]
    assert {upload.key for upload in cloud.list_unfinished_uploads(BUCKET, "datasets/pets/")} == {key}


def test_uploads_under_way_are_seen_on_every_page(cloud: Cloud) -> None:
    def upload(name: str) -> dict[str, Any]:
        return {"Key": f"datasets/pets/{name}", "UploadId": name, "Initiated": NOON}

    asked = {"Bucket": BUCKET, "Prefix": "datasets/pets/", "EncodingType": "url"}
    encoded, key = "a%01+b%2B%C3%A9.rec", "a\x01 b+é.rec"
    with Stubber(cloud._s3) as stubber:
        answer = {"EncodingType": "url", "IsTruncated": True, "Uploads": [upload(encoded)]}
        markers = {"NextKeyMarker": f"datasets/pets/{encoded}", "NextUploadIdMarker": "one"}
        stubber.add_response("list_multipart_uploads", {**answer, **markers}, asked)
        answer = {"EncodingType": "url", "IsTruncated": False, "Uploads": [upload("b.rec")]}
        markers = {"KeyMarker": f"datasets/pets/{key}", "UploadIdMarker": "one"}
        stubber.add_response("list_multipart_uploads", answer, {**asked, **markers})
        listed = cloud.list_unfinished_uploads(BUCKET, "datasets/pets/")
    assert [one.key for one in listed] == [f"datasets/pets/{key}", "datasets/pets/b.rec"]


def test_what_a_later_botocore_reads_besides_the_layers_models_is_its_own(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Cloud("us-east-1")._session.get_component("data_loader").load_service_model("s3", "service-2")
    rules, form = {"nodes": "1"}, {"version": 3}
    extension = {"merge": {"metadata": {"endpointPrefix": "s4"}}}
    folder = tmp_path / "s3/2006-03-01"
    folder.mkdir(parents=True)
    (folder / "endpoint-bdd-1.json").write_text(json.dumps(rules))
    (folder / "service-2.sdk-extras.json").write_text(json.dumps(extension))
    (tmp_path / "partitions-2.json").write_text(json.dumps(form))
    monkeypatch.setattr(Loader, "BUILTIN_DATA_PATH", str(tmp_path))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path / "none"))
    loader = cloud._session.get_component("data_loader")
    assert loader.load_service_model("s3", "endpoint-bdd-1") == rules
    assert loader.load_data("partitions-2") == form
    assert loader.load_service_model("s3", "service-2") == before
    with pytest.raises(DataNotFoundError):
        loader.load_data("partitions-3")


def test_the_installed_botocore_reads_the_layers_models_alone(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "BUILTIN_DATA_PATH", "none")
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", "none")
    clients: list[Any] = [cloud._s3, cloud._sagemaker, cloud._logs, cloud._sns, cloud._sqs]
    for client in clients:
        for name in client.meta.method_to_api_mapping:
            assert not client.can_paginate(name) or client.get_paginator(name)


def test_credentials_off_lambda_come_from_wherever_botocore_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = tmp_path / "config"
    profiles.write_text(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/trainer\nsource_profile = person\n"
        "[profile person]\naws_access_key_id = AKIAPERSON\naws_secret_access_key = secret\n"
    )
    with mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
        credentials = Cloud("us-east-1")._session.get_credentials()
        assert credentials
        assert credentials.method == "assume-role"
        assert credentials.access_key.startswith("ASIA")
