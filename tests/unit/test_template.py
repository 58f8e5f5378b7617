"""What no linter sees in `template.yaml`: cycles, wide policies, numbers that must agree, patterns that must bite."""

import json
import shlex
import tomllib
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any, cast

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from sagescene import foreign, parts
from sagescene.bounds import (
    BYTES_A_SECOND,
    LARGEST_ON_ONE_CONNECTION_IN_BYTES,
    RANGES_AT_ONCE,
    SECONDS_TO_REPORT,
    SHARE_TO_SAMPLE,
)
from sagescene.jobs.registry import REGIONS
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene.keys import CHECKPOINTS
from sagescene_command.cli import commands
from sagescene_standin.cloudformation.intrinsics import list_references
from sagescene_standin.cloudformation.parameters import check_rules
from sagescene_standin.cloudformation.template import StackTemplate, read_template
from sagescene_standin.errors import TemplateRejectedError
from sagescene_standin.events.pattern_complexity import is_too_complex
from scripts.generate_instance_types import render
from tests.stack_template import PSEUDO_PARAMETERS, ROOT, environment_of, follow, transform

EVENTS = ROOT / "events"
KEPT_CLOSE = {
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "SubnetIds": "subnet-0a1b2c,subnet-3d4e5f",
    "SecurityGroupIds": "sg-0a1b2c",
    "NetworkIsolation": "true",
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
    "CostAllocationTag": "cost-centre=vision lab",
}
LONGEST_DESCRIPTION = 1024  # characters that CloudWatch takes
LARGEST_ENVIRONMENT = 4096  # bytes that Lambda takes
SPOT = {"ManagedSpotTraining": "yes"}
VARIANTS = [{}, {"ExistingBucket": "photos"}, {"NotificationEmail": "ada@example.com"}, SPOT, KEPT_CLOSE]


@pytest.mark.parametrize("parameters", VARIANTS)
def test_no_resource_depends_on_itself(parameters: dict[str, str]) -> None:
    resources = transform(**parameters).resources
    graph = {
        name: {other for other in (*list_references(resource), *dependencies(resource)) if other in resources}
        for name, resource in resources.items()
    }
    assert "StartTrainingRole" in graph["StartTrainingFunction"]
    TopologicalSorter(graph).prepare()


def dependencies(resource: Mapping[str, Any]) -> list[str]:
    names = resource.get("DependsOn", [])
    return [names] if isinstance(names, str) else names


@pytest.mark.parametrize("parameters", VARIANTS)
def test_no_role_has_a_managed_policy_or_a_wide_action(parameters: dict[str, str]) -> None:
    resources = transform(**parameters).resources
    roles = {name: role["Properties"] for name, role in resources.items() if role["Type"] == "AWS::IAM::Role"}
    of_functions = {"StartTrainingRole", "FinishTrainingRole", "EvaluateModelRole"}
    assert roles.keys() == {"TrainingRole", "HostingRole", *of_functions}
    traces = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
    resourceless = {"sagemaker:ListTrainingJobs", "cloudwatch:PutMetricData", *traces}
    for role in roles.values():
        assert "ManagedPolicyArns" not in role
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions)
            of_network = {action for action in actions if action.startswith("ec2:") and "SubnetIds" in parameters}
            assert statement["Resource"] != "*" or set(actions) <= resourceless | of_network


@pytest.mark.parametrize(("parameters", "actions"), [({}, set()), (SPOT, {"GetObject", "PutObject", "DeleteObject"})])
def test_the_training_role_reaches_checkpoints_only_of_jobs_on_spot_instances(
    parameters: dict[str, str], actions: set[str]
) -> None:
    template = transform(**parameters)
    role = follow(
        template.resources["TrainingRole"]["Properties"]["Policies"][0]["PolicyDocument"], template.parameters
    )
    of_checkpoints = [one for one in role["Statement"] if "checkpoints/" in str(one["Resource"])]
    assert {action for one in of_checkpoints for action in one["Action"]} == {f"s3:{action}" for action in actions}
    (listing,) = (one for one in role["Statement"] if one["Action"] == "s3:ListBucket")
    assert listing["Condition"]["StringLike"]["s3:prefix"] == ["datasets/*", *["checkpoints/*"] * bool(actions)]
    if actions:
        (resource,) = (one["Resource"] for one in of_checkpoints)
        assert resource == "arn:aws:s3:::sagescene-123456789012-us-east-1/checkpoints/*"


def test_everything_that_takes_a_customers_key_has_it_and_nothing_by_default() -> None:
    taking = {
        "DataBucket": ("BucketEncryption", "ServerSideEncryptionConfiguration"),
        "NoticesTopic": ("KmsMasterKeyId",),
        "ChatNoticesTopic": ("KmsMasterKeyId",),
        "StartTrainingLogs": ("KmsKeyId",),
        "FinishTrainingLogs": ("KmsKeyId",),
        "EvaluateModelLogs": ("KmsKeyId",),
        "StartTrainingFunction": ("KmsKeyArn",),
        "FinishTrainingFunction": ("KmsKeyArn",),
        "EvaluateModelFunction": ("KmsKeyArn",),
    }
    plain, keyed = transform(ChatNotices="yes"), transform(**KEPT_CLOSE, ChatNotices="yes")
    for name, place in taking.items():
        found: Any = keyed.resources[name]["Properties"]
        for step in place:
            found = found[step]
        assert "KmsKeyArn" in list_references(found)
    assert "KmsKeyArn" not in {
        reference for name in taking for reference in list_references(plain.resources[name]["Properties"])
    } - set(list_references(plain.resources["StartTrainingFunction"]["Properties"]["Environment"]))


def test_every_role_is_bounded_when_a_boundary_is_given() -> None:
    for parameters, bounded in ((KEPT_CLOSE, True), ({}, False)):
        roles = [one for one in transform(**parameters).resources.values() if one["Type"] == "AWS::IAM::Role"]
        assert ["PermissionsBoundary" in role["Properties"] for role in roles] == [bounded] * 5


def test_the_numbers_of_the_queue_hold_each_other() -> None:
    resources = transform().resources
    queue = resources["UploadsQueue"]["Properties"]
    dead_letters = resources["UploadsDeadLetters"]["Properties"]
    function = resources["StartTrainingFunction"]["Properties"]
    mapping = resources["StartTrainingFunctionUploads"]["Properties"]
    assert function["Timeout"] == 300
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5  # as Lambda advises
    tries = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]
    assert queue["MessageRetentionPeriod"] == 4 * 86400 > tries
    assert dead_letters["MessageRetentionPeriod"] == 14 * 86400 > queue["MessageRetentionPeriod"]
    assert mapping["BatchSize"] == 1
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 5}


def test_the_largest_records_that_are_read_whole_fit_the_functions_time() -> None:
    function = transform().resources["StartTrainingFunction"]["Properties"]
    largest = int(function["Environment"]["Variables"]["LARGEST_WHOLE_IN_MEGABYTES"]) * 10**6
    time_to_read = (function["Timeout"] - SECONDS_TO_REPORT) * (1 - SHARE_TO_SAMPLE)
    assert BYTES_A_SECOND <= 85_000_000 * (RANGES_AT_ONCE - 1)  # one is only asked for
    assert function["MemorySize"] == 1769  # one vCPU, and room for the ranges that are held
    assert largest / BYTES_A_SECOND < time_to_read
    assert time_to_read > LARGEST_ON_ONE_CONNECTION_IN_BYTES / 85_000_000


@pytest.mark.parametrize("function", ["StartTrainingFunction", "EvaluateModelFunction"])
@pytest.mark.parametrize(("partition", "setting"), [("aws", {"RecursiveLoop": "Allow"}), ("aws-us-gov", {})])
def test_lambda_leaves_the_chain_of_messages_to_the_bound_in_them_where_it_ends_loops_at_all(
    function: str, partition: str, setting: dict[str, str]
) -> None:
    properties = read_template(ROOT, {}, {**PSEUDO_PARAMETERS, "AWS::Partition": partition}).resources[function]
    assert {name: value for name, value in properties["Properties"].items() if name == "RecursiveLoop"} == setting


def test_the_numbers_of_the_evaluations_queue_hold_each_other() -> None:
    resources = transform().resources
    queue = resources["EvaluationsQueue"]["Properties"]
    dead_letters = resources["EvaluationsDeadLetters"]["Properties"]
    function = resources["EvaluateModelFunction"]["Properties"]
    mapping = resources["EvaluateModelFunctionEvaluations"]["Properties"]
    assert (function["Timeout"], function["MemorySize"]) == (900, 3008)
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"]
    tries = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]
    assert queue["MessageRetentionPeriod"] == 4 * 86400 > tries
    assert dead_letters["MessageRetentionPeriod"] == 14 * 86400
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 5})
    assert function["Layers"] == [{"Ref": layer} for layer in layers_of(resources)]


def layers_of(resources: Mapping[str, Any]) -> list[str]:
    return [name for name, one in resources.items() if one["Type"] == "AWS::Lambda::LayerVersion"]


def test_with_evaluation_left_out_nothing_of_it_is_deployed() -> None:
    left, whole = transform(EvaluateModel="no"), transform()
    of_evaluation = whole.resources.keys() - left.resources.keys()
    assert {"EvaluateModelFunction", "EvaluationsQueue", "EvaluateModelRole", "TestRecordsUploaded"} <= of_evaluation
    assert not [name for name in left.resources if "Evaluat" in name or name == "TestRecordsUploaded"]
    assert not {*list_references(left.body["Resources"])} & of_evaluation
    assert environment_of("FinishTrainingFunction", EvaluateModel="no")["EVALUATIONS_QUEUE_URL"] == ""


def test_the_registry_is_asked_for_by_a_parameter_and_its_permissions_come_with_it() -> None:
    for registry, approves in (("no", "no"), ("yes", "no"), ("yes", "yes")):
        asked = {"ModelRegistry": registry, "ApproveWhenBetter": approves}
        environment = environment_of("EvaluateModelFunction", **asked)
        assert environment["REGISTERS_MODELS"] == str(registry == "yes").lower()
        assert environment["APPROVES_WHEN_BETTER"] == str(approves == "yes").lower()
        role = str(follow(transform(**asked).resources["EvaluateModelRole"], asked))
        assert ("sagemaker:CreateModelPackage" in role) is (registry == "yes")
    assert environment_of("EvaluateModelFunction")["REGISTERS_MODELS"] == "false"


def test_the_bucket_outlives_its_stack_but_not_a_create_that_failed() -> None:
    bucket = transform().resources["DataBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_a_layer_version_goes_when_the_next_one_has_come() -> None:
    layers = [one for one in transform().resources.values() if one["Type"] == "AWS::Lambda::LayerVersion"]
    assert [layer["DeletionPolicy"] for layer in layers] == ["Delete"] * 2


def test_everything_that_can_fail_has_dead_letters_and_an_alarm() -> None:
    resources = transform().resources
    targets = [
        target
        for rule in resources.values()
        if rule["Type"] == "AWS::Events::Rule"
        for target in rule["Properties"]["Targets"]
    ]
    assert len(targets) == 6
    assert all(target["DeadLetterConfig"]["Arn"] for target in targets)
    watched = {
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in resources.values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
        for query in alarm["Properties"].get("Metrics", ())
        if query.get("MetricStat", {}).get("Metric", {}).get("Namespace") == "AWS/SQS"
    }
    dead_letters = {name for name in resources if name.endswith("DeadLetters")}
    assert dead_letters == {"UploadsDeadLetters", "TrainingEndedDeadLetters", "EvaluationsDeadLetters"}
    assert dead_letters <= watched


@pytest.mark.parametrize("name", [f"{of}DeadLettersAlarm" for of in ("Uploads", "TrainingEnded", "Evaluations")])
def test_an_alarm_on_dead_letters_rings_for_each_that_comes_and_says_when_no_more_do(name: str) -> None:
    alarm = transform().resources[name]["Properties"]
    increase, letters = alarm["Metrics"]
    assert increase["Expression"] == "DIFF(FILL(letters, 0))"
    assert (letters["Id"], letters["ReturnData"]) == ("letters", False)
    assert letters["MetricStat"]["Metric"]["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["OKActions"] == alarm["AlarmActions"] == [{"Ref": "NoticesTopic"}]


def test_every_alarm_reaches_people_and_says_what_to_do() -> None:
    for name, alarm in transform().resources.items():
        if alarm["Type"] != "AWS::CloudWatch::Alarm":
            continue
        properties = alarm["Properties"]
        assert properties["AlarmActions"] == [{"Ref": "NoticesTopic"}], name
        said = properties["AlarmDescription"]
        assert "sagescene " in said, name
        assert len(said) <= LONGEST_DESCRIPTION, name


def test_alarms_on_functions_and_rules_watch_all_of_them() -> None:
    resources = transform().resources

    def watched(alarm: str) -> set[str]:
        stats = [each["MetricStat"] for each in resources[alarm]["Properties"]["Metrics"] if "MetricStat" in each]
        return {stat["Metric"]["Dimensions"][0]["Value"]["Ref"] for stat in stats}

    kinds = {name: resource["Type"] for name, resource in resources.items()}
    functions = {name for name, kind in kinds.items() if kind == "AWS::Lambda::Function"}
    assert watched("FunctionErrorsAlarm") == watched("FunctionThrottlesAlarm") == functions
    assert watched("FailedDeliveriesAlarm") == {name for name, kind in kinds.items() if kind == "AWS::Events::Rule"}


@pytest.mark.parametrize("chats", ["yes", "no"])
def test_the_alarm_on_notices_watches_every_topic(chats: str) -> None:
    resources = transform(ChatNotices=chats).resources
    metrics = [each["MetricStat"]["Metric"] for each in resources["FailedNoticesAlarm"]["Properties"]["Metrics"][1:]]
    watched = {metric["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for metric in metrics}
    assert watched == {name for name, resource in resources.items() if resource["Type"] == "AWS::SNS::Topic"}


def test_checkpoints_and_their_former_versions_are_gone_after_the_longest_job() -> None:
    rules = transform().resources["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = [each for each in rules if each.get("Prefix") == CHECKPOINTS]
    assert rule["ExpirationInDays"] == LONGEST_JOB.days
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def bucket_of(template: StackTemplate) -> dict[str, str]:
    """Give what CloudFormation makes of the references to the bucket that is watched."""
    name = follow(template.resources["WatchedBucket"]["Properties"]["Value"], template.parameters)
    created = "sagescene-123456789012-us-east-1"
    return {"DataBucket": created, "WatchedBucket.Value": created if name == "DataBucket" else name}


def matching_rules(event: dict[str, Any], **parameters: str) -> set[str]:
    template = transform(**parameters)
    return {
        name
        for name, rule in template.resources.items()
        if rule["Type"] == "AWS::Events::Rule" and "EventPattern" in rule["Properties"]
        if EventPattern.load(
            json.dumps(
                follow(
                    rule["Properties"]["EventPattern"],
                    {**template.parameters, **bucket_of(template)},
                )
            )
        ).matches_event(cast("Any", event))
    }


def uploaded(key: str, bucket: str = "sagescene-123456789012-us-east-1") -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "start_training/put.json").read_text())
    event["detail"]["object"]["key"] = key
    event["detail"]["bucket"]["name"] = bucket
    return event


@pytest.mark.parametrize("name", ["put", "multipart"])
def test_uploads_ring(name: str) -> None:
    event = json.loads((EVENTS / f"start_training/{name}.json").read_text())
    assert matching_rules(event) == {"DatasetUploaded"}


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("datasets/pets/train/train.rec", {"DatasetUploaded"}),
        ("datasets/space and+plus/train.lst", {"DatasetUploaded"}),
        ("datasets/pets/training.json", {"DatasetUploaded"}),
        ("datasets/pets/classes.txt", {"DatasetUploaded"}),
        ("datasets/pets/labels.txt", set()),
        ("datasets/train.rec", {"DatasetUploaded"}),
        ("datasets/x.jpg", set()),
        ("datasets/pets/train.idx", set()),
        ("datasets/pets/train.rec.tmp", set()),
        ("datasets/training.json", set()),
        ("datasets/classes.txt", set()),
        ("datasets/pets/Training.json", {"MisnamedUpload"}),
        ("datasets/pets/train/Classes.txt", {"MisnamedUpload"}),
        ("datasets/pets/my-Training.json", set()),
        ("datasets/pets/animals_test.rec", {"DatasetUploaded", "TestRecordsUploaded"}),
        ("datasets/pets/test.rec", {"DatasetUploaded", "TestRecordsUploaded"}),
        ("datasets/pets/deep/test/animals.rec", {"DatasetUploaded", "TestRecordsUploaded"}),
        ("datasets/pets/animals_test.lst", {"DatasetUploaded"}),
        ("evaluations/2026-11-12/job/0123456789ab.json", set()),
        ("checkpoints/job/state.lst", set()),
        ("models/y.rec", set()),
        ("models/job/output/model.tar.gz", set()),
        ("reports/pets/0123456789ab.json", set()),
        ("pets/train.rec", {"MisplacedUpload"}),
        ("train.lst", {"MisplacedUpload"}),
        ("pets/train.REC", {"MisnamedUpload", "MisplacedUpload"}),
    ],
)
def test_only_files_of_data_sets_ring(key: str, rules: set[str]) -> None:
    assert matching_rules(uploaded(key)) == rules


@pytest.mark.parametrize("ending", foreign.RINGING)
def test_a_file_that_no_job_takes_rings_where_the_product_answers_it(ending: str) -> None:
    key = f"datasets/pets/train{ending}"
    assert (matching_rules(uploaded(key)), parts.part_of(key)) == ({"MisnamedUpload"}, parts.Part.FOREIGN)


@pytest.mark.parametrize("parameters", VARIANTS)
def test_every_rule_is_as_simple_as_eventbridge_asks(parameters: dict[str, str]) -> None:
    template = transform(**parameters)
    patterns = {
        name: rule["Properties"]["EventPattern"]
        for name, rule in template.resources.items()
        if rule["Type"] == "AWS::Events::Rule" and "EventPattern" in rule["Properties"]
    }
    assert "DatasetUploaded" in patterns
    assert [name for name, pattern in patterns.items() if is_too_complex(pattern)] == []


def test_every_pattern_of_test_records_is_of_a_test_file() -> None:
    pattern = transform().resources["TestRecordsUploaded"]["Properties"]["EventPattern"]
    for wanted in pattern["detail"]["object"]["key"]:
        assert parts.part_of(wanted["wildcard"].replace("*", "pets/photos")) is parts.Part.TEST, wanted


def test_every_pattern_of_the_rules_is_of_a_file_that_the_product_answers() -> None:
    wanted = {
        rule: transform().resources[rule]["Properties"]["EventPattern"]["detail"]["object"]["key"]
        for rule in ("DatasetUploaded", "MisnamedUpload")
    }
    for each in wanted["DatasetUploaded"]:
        assert parts.part_of(each["wildcard"].replace("*", "pets/train", 1)), each
    assert tuple(each["suffix"] for each in wanted["MisnamedUpload"]) == foreign.RINGING


@pytest.mark.parametrize("ending", sorted(foreign.IMAGE_ENDINGS))
def test_images_never_ring(ending: str) -> None:
    for key in (f"datasets/pets/cat/1{ending}", f"datasets/pets/cat/1{ending.upper()}"):
        assert (matching_rules(uploaded(key)), parts.part_of(key)) == (set(), None)


def test_an_existing_bucket_is_watched_below_datasets_alone() -> None:
    assert matching_rules(uploaded("datasets/pets/train.rec", "photos"), ExistingBucket="photos") == {"DatasetUploaded"}
    assert not matching_rules(uploaded("pets/train.rec", "photos"), ExistingBucket="photos")
    assert not matching_rules(uploaded("datasets/pets/train.rec", "other"), ExistingBucket="photos")


@pytest.mark.parametrize("name", ["completed", "failed", "failed-capacity", "stopped-time-limit"])
def test_ended_jobs_ring(name: str) -> None:
    event = json.loads((EVENTS / f"finish_training/{name}.json").read_text())
    assert matching_rules(event) == {"FinishTrainingFunctionTrainingEnded"}


@pytest.mark.parametrize(
    ("job", "status"),
    [
        ("sagescene--pets--0f1e2d3c4b5a", "InProgress"),
        ("sagescene--pets--0f1e2d3c4b5a", "Stopping"),
        ("sagescene-dev--pets--0f1e2d3c4b5a", "Completed"),
        ("sagescene-pets", "Completed"),
        ("other--pets--0f1e2d3c4b5a", "Failed"),
    ],
)
def test_other_jobs_and_other_states_do_not_ring(job: str, status: str) -> None:
    event = json.loads((EVENTS / "finish_training/completed.json").read_text())
    event["detail"].update(TrainingJobName=job, TrainingJobStatus=status)
    assert not matching_rules(event)


@pytest.mark.parametrize(
    "parameters",
    [
        {"JobPrefix": "two--hyphens"},
        {"JobPrefix": "Capital"},
        {"JobPrefix": "a" * 21},
        {"InstanceTypes": "ml.m5.large"},
        {"InstanceTypes": "ml.g5.xlarge,ml.m5.large"},
        {"MaxCapacityTries": "0"},
        {"ImageShape": "3, 224, 224"},
        {"LearningRate": "0"},
        {"LearningRate": "2"},
        {"QuietPeriodInSeconds": "901"},
        {"NotificationEmail": "ada"},
        {"NumLayers": "20"},
        {"InstanceTypes": "ml.p3.16xlarge", "MiniBatchSize": "4"},
        {"KmsKeyArn": "alias/aws/sns"},
        {"SubnetIds": "subnet-0a1b2c"},
        {"SecurityGroupIds": "sg-0a1b2c"},
        {"SubnetIds": "subnet-0a1b2c, subnet-3d4e5f", "SecurityGroupIds": "sg-0a1b2c"},
        {"PermissionsBoundaryArn": "boundary"},
        {"CostAllocationTag": "vision"},
        {"HourlyPriceUSD": "0.736"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=0.00"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=1.00, ml.g5.xlarge=2.00"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=1,00"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=1000000"},  # with 28 digits no sum of it could be told
        {"HourlyPriceUSD": "ml.g4dn.xlarge=0.7360000000001"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=1.00", "MaxJobCostUSD": "-1"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=1.00", "MaxJobCostUSD": "$10"},
        {"MaxJobCostUSD": "10"},
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_created(parameters: dict[str, str]) -> None:
    with pytest.raises(TemplateRejectedError, match="|".join(parameters)):
        transform(**parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"NumLayers": "20", "ImageShape": "3,28,28"},
        {"InstanceTypes": "ml.p3.16xlarge", "MiniBatchSize": "64"},
        {"InstanceTypes": "ml.g4dn.xlarge,ml.g5.xlarge", "MiniBatchSize": "4"},
        {"LearningRate": "0.01"},
        {"LearningRate": "1e-3"},
        {"LearningRate": "1"},
        {"MaxJobCostUSD": "0.0"},
        {"MaxJobCostUSD": "0.00"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=999999.999999,ml.g5.xlarge=0.000001"},
        {"HourlyPriceUSD": "ml.g4dn.xlarge=.736,ml.p3.2xlarge=3.825,ml.p3.16xlarge=28", "MaxJobCostUSD": "7.50"},
        KEPT_CLOSE,
    ],
)
def test_a_right_parameter_is_taken(parameters: dict[str, str]) -> None:
    assert transform(**parameters).parameters.items() >= parameters.items()


def test_the_instance_types_are_those_of_the_layers_table() -> None:
    template = (ROOT / "template.yaml").read_text()
    assert render(template) == template, "make instance-types"
    assert render(template.replace("- ml.g5.48xlarge", "- ml.g7.48xlarge")) == template


def test_the_regions_are_those_that_have_the_image() -> None:
    template = (ROOT / "template.yaml").read_text()
    assert render(template.replace("ap-south-2, ", "")) == template, "make instance-types"


@pytest.mark.parametrize("region", ["ap-southeast-5", "mx-central-1", "eusc-de-east-1"])
def test_a_region_without_the_image_is_refused_before_anything_is_created(region: str) -> None:
    with pytest.raises(TemplateRejectedError, match="RegionHasTheImage failed: SageMaker publishes no Image"):
        read_template(ROOT, {}, {**PSEUDO_PARAMETERS, "AWS::Region": region})


def test_every_region_with_the_image_passes_the_rule() -> None:
    rule = yaml_parse((ROOT / "template.yaml").read_text())["Rules"]["RegionHasTheImage"]
    for region in REGIONS:
        check_rules({"RegionHasTheImage": rule}, {"AWS::Region": region})


@pytest.mark.parametrize("environment", ["default", "prod", "procedure"])
def test_the_parameters_of_samconfig_are_taken(environment: str) -> None:
    given = overrides(environment)
    assert given
    assert transform(**given).parameters.items() >= given.items()


def overrides(environment: str) -> dict[str, str]:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    pairs = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=", 1) for pair in pairs)


@pytest.mark.parametrize("function", ["StartTrainingFunction", "FinishTrainingFunction", "EvaluateModelFunction"])
def test_the_most_that_parameters_say_fits_into_a_functions_environment(function: str) -> None:
    parameters = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]
    longest = {
        "JobPrefix": "j" * parameters["JobPrefix"]["MaxLength"],
        "ExistingBucket": "b" * 63,
        "InstanceTypes": ",".join(parameters["InstanceTypes"]["AllowedValues"]),
        "HourlyPriceUSD": f"ml.{'g' * (parameters['HourlyPriceUSD']['MaxLength'] - 7)}.x=1",
        "SubnetIds": ",".join([f"subnet-{'0' * 17}"] * 16),
        "SecurityGroupIds": ",".join([f"sg-{'0' * 17}"] * 5),
        "CostAllocationTag": f"{'n' * 128}={'v' * 256}",
        "KmsKeyArn": f"arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-{'0' * 32}",
        "ChatNotices": "yes",
    }
    environment = environment_of(function, **longest)
    stack = "s" * 128  # which CloudFormation's own names begin with
    named = {name: value.replace("/sagescene-", f"/{stack}-") for name, value in environment.items()}
    measured = json.dumps({**named, "STACK_NAME": stack}, separators=(",", ":"))  # as Lambda does
    assert len(measured) < LARGEST_ENVIRONMENT


def test_the_bucket_of_the_environment_is_the_bucket_created() -> None:
    template = transform()
    created = follow(template.resources["DataBucket"]["Properties"]["BucketName"], template.parameters)
    assert environment_of("StartTrainingFunction")["DATA_BUCKET"] == created
    assert environment_of("FinishTrainingFunction", ExistingBucket="photos")["DATA_BUCKET"] == "photos"


def test_the_command_that_follows_a_data_set_is_one_of_ours() -> None:
    output = yaml_parse((ROOT / "template.yaml").read_text())["Outputs"]["FollowCommand"]["Value"]
    program, command, *arguments = shlex.split(str(follow(output, transform().parameters)))
    assert program == "sagescene"
    context = commands.make_context(program, [command, *arguments], resilient_parsing=False)
    found = commands.get_command(context, command)
    assert found
    assert found.make_context(command, list(arguments)).params["stack_name"] == PSEUDO_PARAMETERS["AWS::StackName"]


def test_eventbridge_is_turned_on_though_another_destination_of_the_bucket_is_gone() -> None:
    output = yaml_parse((ROOT / "template.yaml").read_text())["Outputs"]["EnableEventBridgeCommand"]["Value"]
    put = shlex.split(follow(output, {"ExistingBucket": "photos"}).rpartition("|")[2])
    assert put[:2] == ["xargs", "-0"]
    assert put[4:] == [
        "put-bucket-notification-configuration",
        "--bucket",
        "photos",
        "--skip-destination-validation",
        "--notification-configuration",  # and what xargs adds
    ]
