"""Which permission a request needs."""

import io
import json
from typing import Any
from wsgiref.types import WSGIEnvironment

import pytest

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission, UnknownPermissionError, permissions_for, read_call

ACCOUNT = Account()
JOB = "arn:aws:sagemaker:us-east-1:123456789012:training-job/sagescene--pets--0123456789ab"
ROLE = "arn:aws:iam::123456789012:role/training"


def request(method: str, uri: str, service: str, body: bytes = b"", **headers: str) -> WSGIEnvironment:
    path, _, query = uri.partition("?")
    credential = f"Credential=ASIAEXAMPLE/20261123/us-east-1/{service}/aws4_request"
    return {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }


def needed(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    call = read_call(environ)
    return [(one.action, one.resource) for one in permissions_for(call, ACCOUNT)]


def needed_for_json(target: str, service: str, **parameters: Any) -> list[Permission]:  # noqa: ANN401
    body = json.dumps(parameters).encode()
    environ = request("POST", "/", service, body, HTTP_X_AMZ_TARGET=target)
    permissions = list(permissions_for(read_call(environ), ACCOUNT))
    assert environ["wsgi.input"].read() == body
    return permissions


@pytest.mark.parametrize(
    ("method", "uri", "action", "resource"),
    [
        ("GET", "/data/a/b.rec", "s3:GetObject", "arn:aws:s3:::data/a/b.rec"),
        ("HEAD", "/data/a/b.rec", "s3:GetObject", "arn:aws:s3:::data/a/b.rec"),
        ("PUT", "/data/a%20b%2Bc.rec", "s3:PutObject", "arn:aws:s3:::data/a b+c.rec"),
        ("POST", "/data/a?uploads", "s3:PutObject", "arn:aws:s3:::data/a"),
        ("DELETE", "/data/a?uploadId=1", "s3:AbortMultipartUpload", "arn:aws:s3:::data/a"),
        ("GET", "/data?list-type=2&prefix=x", "s3:ListBucket", "arn:aws:s3:::data"),
        ("GET", "/data?uploads&prefix=x", "s3:ListBucketMultipartUploads", "arn:aws:s3:::data"),
        ("GET", "/", "s3:ListAllMyBuckets", "*"),
    ],
)
def test_s3_requests_name_the_action_and_the_object(method: str, uri: str, action: str, resource: str) -> None:
    assert needed(request(method, uri, "s3")) == [(action, resource)]


def test_a_copy_also_reads_its_source() -> None:
    environ = request("PUT", "/data/b", "s3", HTTP_X_AMZ_COPY_SOURCE="/other/a%20b?versionId=1")
    assert needed(environ) == [
        ("s3:PutObject", "arn:aws:s3:::data/b"),
        ("s3:GetObject", "arn:aws:s3:::other/a b"),
    ]


def test_the_prefix_of_a_listing_is_a_condition_key() -> None:
    with_prefix = read_call(request("GET", "/data?list-type=2&prefix=datasets%2F", "s3"))
    without = read_call(request("GET", "/data?list-type=2", "s3"))
    assert [dict(one.context) for one in permissions_for(with_prefix, ACCOUNT)] == [{"s3:prefix": "datasets/"}]
    assert [dict(one.context) for one in permissions_for(without, ACCOUNT)] == [{}]


def test_a_tagged_job_needs_its_tags_and_its_role() -> None:
    permissions = needed_for_json(
        "SageMaker.CreateTrainingJob",
        "sagemaker",
        TrainingJobName=JOB.rsplit("/", 1)[1],
        RoleArn=ROLE,
        Tags=[{"Key": "set", "Value": "pets"}],
    )
    assert permissions == [
        Permission(action="sagemaker:CreateTrainingJob", resource=JOB),
        Permission(action="sagemaker:AddTags", resource=JOB),
        Permission(action="iam:PassRole", resource=ROLE, context={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    ]


def test_a_listing_of_jobs_knows_no_resource() -> None:
    (permission,) = needed_for_json("SageMaker.ListTrainingJobs", "sagemaker", NameContains="sagescene--")
    assert (permission.action, permission.resource) == ("sagemaker:ListTrainingJobs", "*")


def test_a_version_of_a_model_needs_its_group_too() -> None:
    group = "sagescene--pets"
    permissions = needed_for_json("SageMaker.CreateModelPackage", "sagemaker", ModelPackageGroupName=group)
    assert {one.action for one in permissions} == {"sagemaker:CreateModelPackage"}
    assert {one.resource for one in permissions} == {
        ACCOUNT.arn("sagemaker", f"model-package-group/{group}"),
        ACCOUNT.arn("sagemaker", f"model-package/{group}/*"),
    }


def test_a_message_is_sent_to_the_queue_of_its_url() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/uploads"
    (permission,) = needed_for_json("AmazonSQS.SendMessage", "sqs", QueueUrl=url, MessageBody="x")
    assert permission.resource == "arn:aws:sqs:us-east-1:123456789012:uploads"


def test_a_log_is_read_by_its_group() -> None:
    (permission,) = needed_for_json("Logs_20140328.FilterLogEvents", "logs", logGroupName="/aws/sagemaker/TrainingJobs")
    resource = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs"
    assert (permission.action, permission.resource) == ("logs:FilterLogEvents", resource)


def test_a_form_names_its_topic() -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:notices"
    body = f"Action=Publish&TopicArn={topic}&Message=a%26b".encode()
    environ = request("POST", "/", "sns", body, CONTENT_TYPE="application/x-www-form-urlencoded; charset=utf-8")
    assert needed(environ) == [("sns:Publish", topic)]
    assert environ["wsgi.input"].read() == body


@pytest.mark.parametrize("target", ["DynamoDB_20120810.PutItem", "SageMaker.CreateEndpoint", "AWSEvents.PutRule"])
def test_what_no_one_has_said_the_permission_of_is_an_error(target: str) -> None:
    with pytest.raises(UnknownPermissionError, match=target.partition(".")[2]):
        needed_for_json(target, "sagemaker" if "SageMaker" in target else "other", Name="x")


def test_the_access_key_tells_who_calls() -> None:
    assert read_call(request("GET", "/", "s3")).access_key == "ASIAEXAMPLE"
    presigned = request("GET", "/data/a?X-Amz-Credential=KEY%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", "s3")
    del presigned["HTTP_AUTHORIZATION"]
    assert read_call(presigned).access_key == "KEY"
