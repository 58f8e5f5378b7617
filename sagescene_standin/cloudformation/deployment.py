"""Create the stack of a template in moto and make sure that everything in it is really there."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from moto.iam.models import iam_backends

from sagescene_standin.account import Account, connect
from sagescene_standin.cloudformation.resource_types import supported_types
from sagescene_standin.cloudformation.template import CODE_BUCKET, StackTemplate
from sagescene_standin.errors import DeploymentError
from sagescene_standin.moto_models import models, parsing


class UnsupportedResourceError(DeploymentError):
    """The template holds resources that the local stack cannot create."""

    def __init__(self, resources: Mapping[str, str]) -> None:
        named = ", ".join(f"{logical_id} ({kind})" for logical_id, kind in sorted(resources.items()))
        super().__init__(
            f"The local stack cannot create {named}: teach sagescene_standin/cloudformation/resource_types.py the type."
        )


class DeploymentFailedError(DeploymentError):
    """CloudFormation did not create the stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One created resource, with its properties as they are after every reference was resolved."""

    logical_id: str
    physical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedStack:
    """What stands after a deployment."""

    resources: Mapping[str, Resource]
    outputs: Mapping[str, str]

    def of_type(self, cloudformation_type: str) -> Iterator[Resource]:
        """Go through the resources of one type."""
        return (resource for resource in self.resources.values() if resource.type == cloudformation_type)

    def dead_letter_queues(self) -> frozenset[str]:
        """Collect the ARNs of the queues that keep what failed: of queues, rules' targets and functions."""
        queues = (
            queue.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
            for queue in self.of_type("AWS::SQS::Queue")
        )
        targets = (
            target.get("DeadLetterConfig", {}).get("Arn")
            for rule in self.of_type("AWS::Events::Rule")
            for target in rule.properties.get("Targets", [])
        )
        functions = (
            config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            for config in self.of_type("AWS::Lambda::EventInvokeConfig")
        )
        return frozenset(arn for arn in (*queues, *targets, *functions) if arn)


def check_types(template: StackTemplate) -> None:
    """Make sure that every resource of the template can be created.

    Raises:
        UnsupportedResourceError: neither moto nor this project knows a resource type.
    """
    known = supported_types()
    kinds = {logical_id: resource["Type"] for logical_id, resource in template.resources.items()}
    if unknown := {logical_id: kind for logical_id, kind in kinds.items() if kind not in known}:
        raise UnsupportedResourceError(unknown)


def create_stack(
    template: StackTemplate, *, name: str, account: Account, session: boto3.Session, endpoint: str
) -> CreatedStack:
    """Create every resource of the template; a create that fails is rolled back.

    Raises:
        DeploymentFailedError: the stack did not come to be, or resources of it are missing.
    """
    _upload_code(template, session, endpoint)
    cloudformation = connect(session, "cloudformation", endpoint)
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template.body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in template.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    description = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if description["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        raise DeploymentFailedError(f"Stack {name} is {description['StackStatus']}: {_first_failure(events)}")
    _remove_code(template, session, endpoint)
    stack = CreatedStack(
        resources=_list_resources(template, name, account),
        outputs={output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])},
    )
    if missing := template.resources.keys() - stack.resources.keys():
        raise DeploymentFailedError(f"Stack {name} lacks {', '.join(sorted(missing))} after its creation")
    for role in stack.of_type("AWS::IAM::Role"):
        _complete_role(role, account)
    for bucket in stack.of_type("AWS::S3::Bucket"):
        _complete_bucket(bucket, connect(session, "s3", endpoint))
    for function in stack.of_type("AWS::Lambda::Function"):
        _complete_function(function, connect(session, "lambda", endpoint))
    return stack


def _first_failure(events: Iterable[Mapping[str, Any]]) -> str:
    failed = (event for event in events if event["ResourceStatus"] == "CREATE_FAILED")
    return next(
        (f"{it['LogicalResourceId']} ({it['ResourceType']}): {it['ResourceStatusReason']}" for it in failed),
        "no reason given",
    )


def _upload_code(template: StackTemplate, session: boto3.Session, endpoint: str) -> None:
    s3 = connect(session, "s3", endpoint)
    region = session.region_name
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=CODE_BUCKET, **location)
    for key, folder in template.code.items():
        # moto only wants some archive: functions run from the built folder.
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("built-in", str(folder))
        s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=archive.getvalue())


def _remove_code(template: StackTemplate, session: boto3.Session, endpoint: str) -> None:
    # Whoever lists the buckets is to see those of the stack.
    s3 = connect(session, "s3", endpoint)
    for key in template.code:
        s3.delete_object(Bucket=CODE_BUCKET, Key=key)
    s3.delete_bucket(Bucket=CODE_BUCKET)


def _list_resources(template: StackTemplate, name: str, account: Account) -> dict[str, Resource]:
    resource_map = models.cloudformation_backends[account.id][account.region].get_stack(name).resource_map
    created = {logical_id: resource_map[logical_id] for logical_id in template.resources}
    return {
        logical_id: Resource(
            logical_id=logical_id,
            physical_id=str(getattr(resource, "physical_resource_id", logical_id)),
            type=template.resources[logical_id]["Type"],
            properties=parsing.clean_json(template.resources[logical_id].get("Properties", {}), resource_map),
        )
        for logical_id, resource in created.items()
        if resource is not None
    }


def _complete_role(role: Resource, account: Account) -> None:
    """Write policies as text, as IAM keeps them: moto's CloudFormation keeps the values that stood in the template."""
    policies = iam_backends[account.id]["aws"].get_role(role.physical_id).policies
    for name, policy in policies.items():
        policies[name] = policy if isinstance(policy, str) else json.dumps(policy)


def _complete_bucket(bucket: Resource, s3: Any) -> None:  # noqa: ANN401
    """Set what moto's CloudFormation drops of a bucket's properties."""
    name, properties = bucket.physical_id, bucket.properties
    if "VersioningConfiguration" in properties:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
    if "PublicAccessBlockConfiguration" in properties:
        s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"]
        )
    if "LifecycleConfiguration" in properties:
        rules = [_lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    switch = properties.get("NotificationConfiguration", {}).get("EventBridgeConfiguration")
    if switch is not None and str(switch.get("EventBridgeEnabled", True)).lower() == "true":
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Write a rule of CloudFormation's AWS::S3::Bucket Rule as the API's LifecycleRule."""
    given = dict(rule)
    expiration = {
        api: given.pop(name)
        for name, api in (("ExpirationInDays", "Days"), ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"))
        if name in given
    }
    return {
        "ID": given.pop("Id"),
        "Filter": {"Prefix": given.pop("Prefix", "")},
        **given,
        **({"Expiration": expiration} if expiration else {}),
    }


def _complete_function(function: Resource, client: Any) -> None:  # noqa: ANN401
    """Set what moto's CloudFormation drops of a function (it has no place for LoggingConfig)."""
    if layers := function.properties.get("Layers"):
        client.update_function_configuration(FunctionName=function.physical_id, Layers=layers)
