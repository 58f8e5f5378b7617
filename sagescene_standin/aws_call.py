"""Which operation an HTTP request calls on which resource, in the words of IAM policies."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote
from wsgiref.types import WSGIEnvironment

from sagescene_standin.account import Account

_JSON_SERVICES = {
    "AmazonSQS": "sqs",
    "SageMaker": "sagemaker",
    "AWSEvents": "events",
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCall:
    """An API call; `parameters` are those of a JSON or query protocol, bucket and key those of S3."""

    service: str
    operation: str
    access_key: str | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bucket: str = ""
    key: str = ""
    prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One action on one resource that the caller must be allowed."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


class UnknownPermissionError(Exception):
    """Nobody has said yet what a role needs for an operation."""

    def __init__(self, call: AwsCall) -> None:
        super().__init__(
            f"The local stack does not know which permission {call.service}:{call.operation} needs, and lets no role "
            "call it: say so in sagescene_standin/aws_call.py."
        )


def read_call(environ: WSGIEnvironment) -> AwsCall:
    """Read the call from a request, whose body can still be read afterwards."""
    access_key, signed_service = _read_credential(environ)
    if target := environ.get("HTTP_X_AMZ_TARGET", ""):
        prefix, _, operation = target.partition(".")
        service = _JSON_SERVICES.get(prefix, signed_service or prefix.lower())
        parameters = json.loads(_peek_body(environ) or b"{}")
        return AwsCall(service=service, operation=operation, access_key=access_key, parameters=parameters)
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(_peek_body(environ).decode(), keep_blank_values=True))
        service, operation = signed_service or "", form.get("Action", "")
        return AwsCall(service=service, operation=operation, access_key=access_key, parameters=form)
    if signed_service in (None, "s3"):
        return _read_s3_call(environ, access_key)
    operation = environ.get("PATH_INFO", "").rsplit("/", 1)[-1]
    return AwsCall(service=str(signed_service), operation=operation, access_key=access_key)


def permissions_for(call: AwsCall, account: Account) -> Iterator[Permission]:
    """Name what the caller needs to be allowed.

    Raises:
        UnknownPermissionError: it is not known here what the operation needs.
    """
    match call.service:
        case "s3":
            yield from _s3_permissions(call)
        case "sqs" if name := call.parameters.get("QueueUrl") or call.parameters.get("QueueName"):
            resource = account.arn("sqs", str(name).rsplit("/", 1)[-1])
            yield Permission(action=f"sqs:{call.operation.removesuffix('Batch')}", resource=resource)
        case "sns" if topic := call.parameters.get("TopicArn") or call.parameters.get("TargetArn"):
            yield Permission(action=f"sns:{call.operation.removesuffix('Batch')}", resource=topic)
        case "sagemaker":
            yield from _sagemaker_permissions(call, account)
        case "logs" if group := call.parameters.get("logGroupName"):
            yield Permission(action=f"logs:{call.operation}", resource=account.arn("logs", f"log-group:{group}"))
        case "events" if call.operation == "PutEvents":
            yield Permission(action="events:PutEvents", resource=account.arn("events", "event-bus/default"))
        case "lambda" if call.operation == "invocations":
            yield Permission(action="lambda:InvokeFunction", resource="*")
        case _:
            raise UnknownPermissionError(call)


def _read_credential(environ: WSGIEnvironment) -> tuple[str | None, str | None]:
    """Find access key and service in the signature's credential: KEY/date/region/service/aws4_request."""
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    if "Credential=" in authorization:
        scope = authorization.split("Credential=")[1].split(",")[0]
    else:
        scope = parse_qs(str(environ.get("QUERY_STRING", ""))).get("X-Amz-Credential", [""])[0]
    parts = scope.split("/")
    return (parts[0], parts[3]) if len(parts) == 5 else (None, None)


def _peek_body(environ: WSGIEnvironment) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _read_s3_call(environ: WSGIEnvironment, access_key: str | None) -> AwsCall:
    path = unquote(str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).split("?")[0])
    bucket, _, key = path.lstrip("/").partition("/")
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return AwsCall(
        service="s3",
        operation=_s3_action(environ["REQUEST_METHOD"], bucket, key, set(query)),
        access_key=access_key,
        parameters={
            "CopySource": unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")).lstrip("/"),
            "Multipart": bool({"uploads", "uploadId"} & set(query)),
        },
        bucket=bucket,
        key=key,
        prefix=query["prefix"][0] if "prefix" in query else None,
    )


def _s3_action(method: str, bucket: str, key: str, query: set[str]) -> str:
    if not bucket:
        return "ListAllMyBuckets"
    if not key:
        if method in ("GET", "HEAD"):
            special = {
                "uploads": "ListBucketMultipartUploads",
                "versions": "ListBucketVersions",
                "location": "GetBucketLocation",
                "notification": "GetBucketNotification",
                "policy": "GetBucketPolicy",
                "versioning": "GetBucketVersioning",
            }
            return next((action for name, action in special.items() if name in query), "ListBucket")
        return {"PUT": "CreateBucket", "DELETE": "DeleteBucket"}.get(method, "DeleteObject")
    if "tagging" in query:
        return {"GET": "GetObjectTagging", "PUT": "PutObjectTagging"}.get(method, "DeleteObjectTagging")
    if method in ("GET", "HEAD"):
        if "uploadId" in query:
            return "ListMultipartUploadParts"
        return "GetObjectVersion" if "versionId" in query else "GetObject"
    if method == "DELETE":
        return "AbortMultipartUpload" if "uploadId" in query else "DeleteObject"
    return "PutObject"


def _s3_permissions(call: AwsCall) -> Iterator[Permission]:
    bucket = f"arn:aws:s3:::{call.bucket}"
    if call.operation == "ListAllMyBuckets":
        yield Permission(action="s3:ListAllMyBuckets", resource="*")
        return
    context = {} if call.prefix is None else {"s3:prefix": call.prefix}
    resource = f"{bucket}/{call.key}" if call.key else bucket
    yield Permission(action=f"s3:{call.operation}", resource=resource, context=context)
    if source := call.parameters.get("CopySource"):
        yield Permission(action="s3:GetObject", resource=f"arn:aws:s3:::{source.split('?')[0]}")


def _sagemaker_permissions(call: AwsCall, account: Account) -> Iterator[Permission]:
    parameters = call.parameters
    kinds = {
        "TrainingJobName": "training-job",
        "ModelName": "model",
        "ModelPackageGroupName": "model-package-group",
    }
    named = next((f"{kind}/{parameters[name]}" for name, kind in kinds.items() if name in parameters), None)
    if call.operation == "CreateModelPackage" and named:
        # Both are resources of this action: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
        yield Permission(action="sagemaker:CreateModelPackage", resource=account.arn("sagemaker", named))
        named = f"model-package/{parameters['ModelPackageGroupName']}/*"
    if call.operation.startswith(("List", "Search")):
        named = None
    elif named is None:
        raise UnknownPermissionError(call)
    resource = account.arn("sagemaker", named) if named else "*"
    yield Permission(action=f"sagemaker:{call.operation}", resource=resource)
    if parameters.get("Tags") and call.operation.startswith("Create"):
        yield Permission(action="sagemaker:AddTags", resource=resource)
    role = parameters.get("RoleArn") or parameters.get("ExecutionRoleArn")
    if role and call.operation.startswith("Create"):
        context = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        yield Permission(action="iam:PassRole", resource=role, context=context)
