"""Resource types that moto's CloudFormation lacks, each created in moto's own service.

moto finds a type by its class: subclassing CloudFormationModel is its way of extension.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.core.utils import camelcase_to_underscores
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sagescene_standin.cloudwatch.metric_math import read_queries
from sagescene_standin.moto_models import parsing, ssm_backends

type Properties = Mapping[str, Any]
# Gets the physical name, the resolved properties, account id and Region; returns the physical id.
type Creator = Callable[[str, Properties, str, str], str]


def supported_types() -> frozenset[str]:
    """Name every resource type that can be created: moto's and those of this module."""
    return frozenset(parsing.get_model_map())


# Gets the physical id, account id and Region.
type Deleter = Callable[[str, str, str], object]


def _go_with_owner(_physical_id: str, _account: str, _region: str) -> None:
    """Delete nothing: it is an attribute of a resource that is deleted."""


def _define(
    cloudformation_type: str,
    name_property: str,
    create: Creator,
    delete: Deleter = _go_with_owner,
    attribute: str = "Arn",
) -> type[CloudFormationModel]:
    class Resource(CloudFormationModel):
        def __init__(self, physical_resource_id: str) -> None:
            self.physical_resource_id = physical_resource_id
            self.type = cloudformation_type

        @staticmethod
        def cloudformation_name_type() -> str:
            return name_property

        @staticmethod
        def cloudformation_type() -> str:
            return cloudformation_type

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return attr == attribute

        def get_cfn_attribute(self, _attribute: str) -> str:
            return self.physical_resource_id

        @classmethod
        def create_from_cloudformation_json(
            cls,
            resource_name: str,
            cloudformation_json: dict[str, Any],
            account_id: str,
            region_name: str,
            **_: object,
        ) -> "Resource":
            return cls(create(resource_name, cloudformation_json["Properties"], account_id, region_name))

        @classmethod
        def delete_from_cloudformation_json(
            cls, resource_name: str, _json: dict[str, Any], account_id: str, region_name: str
        ) -> None:
            delete(resource_name, account_id, region_name)

        def is_created(self) -> bool:
            return True

    return Resource


def _create_queue_policy(name: str, properties: Properties, account: str, region: str) -> str:
    policy = json.dumps(properties["PolicyDocument"])
    for url in properties["Queues"]:
        sqs_backends[account][region].set_queue_attributes(url.rsplit("/", 1)[-1], {"Policy": policy})
    return name


def _create_bucket_policy(name: str, properties: Properties, account: str, _region: str) -> str:
    policy = json.dumps(properties["PolicyDocument"]).encode()
    s3_backends[account]["aws"].put_bucket_policy(properties["Bucket"], policy)
    return name


def _create_topic_policy(name: str, properties: Properties, account: str, region: str) -> str:
    for arn in properties["Topics"]:
        policy = json.dumps(properties["PolicyDocument"])
        sns_backends[account][region].set_topic_attribute(arn, "Policy", policy)
    return name


def _create_subscription(_name: str, properties: Properties, account: str, region: str) -> str:
    backend = sns_backends[account][region]
    subscription = backend.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
    for attribute in ("FilterPolicy", "RawMessageDelivery"):
        if attribute in properties:
            value = properties[attribute]
            text = json.dumps(value) if isinstance(value, dict) else str(value).lower()
            backend.set_subscription_attributes(subscription.arn, attribute, text)
    return str(subscription.arn)


def _create_alarm(name: str, properties: Properties, account: str, region: str) -> str:
    given = {camelcase_to_underscores(key): value for key, value in properties.items() if key != "AlarmName"}
    if "metrics" in given:
        watched: dict[str, Any] = {"namespace": None, "metric_name": None, "period": None}
        given |= {**watched, "metric_data_queries": read_queries(given.pop("metrics"))}
    given["description"] = given.pop("alarm_description", "")
    for number in ("evaluation_periods", "period", "datapoints_to_alarm"):
        if given.get(number) is not None:
            given[number] = int(given[number])
    given["threshold"] = float(given["threshold"])
    defaults: dict[str, Any] = {"dimensions": [], "alarm_actions": [], "statistic": None}
    backend = cloudwatch_backends[account][region]
    backend.put_metric_alarm(name=name, **{**defaults, **given})
    # An alarm knows nothing when it is created; moto would call it OK.
    backend.set_alarm_state(name, "Unchecked: Initial alarm creation", "{}", "INSUFFICIENT_DATA")
    return name


def _delete_alarm(name: str, account: str, region: str) -> None:
    cloudwatch_backends[account][region].delete_alarms([name])


def _delete_subscription(arn: str, account: str, region: str) -> None:
    sns_backends[account][region].unsubscribe(arn)


def _create_event_invoke_config(_name: str, properties: Properties, account: str, region: str) -> str:
    config = {key: value for key, value in properties.items() if key not in ("FunctionName", "Qualifier")}
    for number in ("MaximumEventAgeInSeconds", "MaximumRetryAttempts"):
        if number in config:
            config[number] = int(config[number])
    function = properties["FunctionName"].rsplit(":", 1)[-1]
    lambda_backends[account][region].put_function_event_invoke_config(function, config)
    return f"{function}|{properties['Qualifier']}"


def _create_parameter(name: str, properties: Properties, account: str, region: str) -> str:
    ssm_backends[account][region].put_parameter(
        name=name,
        description=properties.get("Description", ""),
        value=properties["Value"],
        parameter_type=properties["Type"],
        allowed_pattern=properties.get("AllowedPattern", ""),
        keyid="",
        overwrite=False,
        tags=[],
        data_type=properties.get("DataType", "text"),
        tier=properties.get("Tier"),
        policies=None,
    )
    return str(properties["Value"])  # what Fn::GetAtt gives; moto's own type has no attributes


def _create_query_definition(name: str, properties: Properties, account: str, region: str) -> str:
    # moto saves no queries. CloudFormation's id of one is a UUID; a group that it names may not be there yet.
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{name}/{properties['QueryString']}"))


_DEFINED = [  # kept: moto's registry holds its subclasses weakly
    _define("AWS::SQS::QueuePolicy", "", _create_queue_policy),
    _define("AWS::S3::BucketPolicy", "", _create_bucket_policy),
    _define("AWS::SNS::TopicPolicy", "", _create_topic_policy),
    _define("AWS::SNS::Subscription", "", _create_subscription, _delete_subscription),
    _define("AWS::CloudWatch::Alarm", "AlarmName", _create_alarm, _delete_alarm),
    _define("AWS::Lambda::EventInvokeConfig", "", _create_event_invoke_config),
    _define("AWS::Logs::QueryDefinition", "Name", _create_query_definition),
    _define("AWS::SSM::Parameter", "Name", _create_parameter, attribute="Value"),
]
# moto remembers the types it found when it was first asked.
for remembered in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
    remembered.cache_clear()
