"""What each refusal of SageMaker means, in the words that the local stack took from public reports."""

import pytest

from sagescene.jobs.failures import Cause
from sagescene.jobs.refusals import Refusal, explain_refusal
from sagescene.triggers import WaitCause
from sagescene_standin.sagemaker import faults
from sagescene_standin.sagemaker.faults import ServiceFault

USAGE = "ml.g5.xlarge for training job usage"
SPOT_USAGE = "ml.g5.xlarge for spot training job usage"
URL, ROLE = "s3://bucket/models/job/output/model.tar.gz", "arn:aws:iam::123456789012:role/TrainingRole"
RATE, QUOTA = WaitCause.RATE, WaitCause.QUOTA
TYPE = "another type"


def explain(fault: ServiceFault) -> Refusal:
    refusal = explain_refusal(fault.code, fault.message)
    assert refusal, fault
    return refusal


def helps(refusal: Refusal) -> WaitCause | str | None:
    """Say what can help: what is waited for, another type, or nothing."""
    return refusal.waits_for or (TYPE if refusal.is_of_type else None)


def old_quota(limit: int, used: int, asked: int) -> ServiceFault:
    """Build the answer as it was worded in 2018 (aws/sagemaker-python-sdk#35)."""
    return ServiceFault(
        "ResourceLimitExceeded",
        f"The account-level service limit for training-job/ml.p2.xlarge is {limit} Instances, with current utilization "
        f"of {used} Instances and a request delta of {asked} Instances. Please contact AWS support to request an "
        "increase for this limit.",
    )


@pytest.mark.parametrize(
    ("fault", "cause", "help_", "remedy"),
    [
        (faults.throttled(), "rate", RATE, "fewer calls"),
        (faults.not_offered("ml.p2.xlarge"), "configuration", TYPE, "InstanceTypes that the Region has"),
        (faults.quota_exceeded(USAGE, "Instances", 0, 0, 1), "quota", TYPE, f'Raise the quota "{USAGE}"'),
        (faults.quota_exceeded(SPOT_USAGE, "Instances", 0, 0, 1), "quota", TYPE, f'Raise the quota "{SPOT_USAGE}"'),
        (faults.quota_exceeded(USAGE, "Instances", 2, 0, 4), "quota", TYPE, "smaller InstanceCount"),
        (faults.quota_exceeded(USAGE, "Instances", 2, 2, 2), "quota", QUOTA, f'Raise the quota "{USAGE}"'),
        (faults.quota_exceeded(USAGE, "Instances", 1, 1, 1), "quota", QUOTA, f'Raise the quota "{USAGE}"'),
        (old_quota(0, 0, 2), "quota", TYPE, 'Raise the quota "training-job/ml.p2.xlarge"'),
        (old_quota(2, 2, 2), "quota", QUOTA, 'Raise the quota "training-job/ml.p2.xlarge"'),
        (
            faults.quota_exceeded("Number of instances across all training jobs", "Instances", 4, 4, 1),
            "quota",
            QUOTA,
            "Number of instances across all training jobs",
        ),
        (
            faults.quota_exceeded("Number of instances across all training jobs", "Instances", 4, 0, 11),
            "quota",
            None,
            "smaller InstanceCount",
        ),
        (
            faults.above_limit("Size of EBS volume for a training job instance", "GBs", 1024, 1025),
            "quota",
            None,
            "smaller VolumeSizeInGB",
        ),
        (
            faults.above_limit("Longest run time for a training job", "Seconds", 432_000, 432_001),
            "quota",
            None,
            "smaller MaxRuntimeInSeconds",
        ),
        (
            faults.quota_exceeded("Longest run time for a training job", "Seconds", 432_000, 0, 432_001),
            "quota",
            None,
            "smaller MaxRuntimeInSeconds",
        ),
        (faults.unsupported_type("ml.p3dn.24xlarge"), "configuration", TYPE, "InstanceTypes that SageMaker takes"),
        (faults.needs_gpu("ml.c4.2xlarge", "image-classification"), "configuration", TYPE, "InstanceTypes"),
        (
            faults.invalid(
                "1 validation error detected: Value 'ml.t2.medium' at 'resourceConfig.instanceType' failed to satisfy "
                "constraint: Member must satisfy enum value set: [ml.p2.xlarge]"
            ),
            "configuration",
            TYPE,
            "InstanceTypes",
        ),
        (faults.role_refused(ROLE), "permission", None, "assume the stack's role"),
        (
            faults.invalid("SageMaker is unable to perform: sts:AssumeRole on the role. Check the trust relationship."),
            "permission",
            None,
            "assume the stack's role",
        ),
        (faults.no_objects("s3://b/k", "us-east-1", ROLE, "b"), "permission", None, "list the bucket"),
        (
            faults.invalid(
                "1 validation error detected: Value 's3://b/k' at 'inputDataConfig.1.member.dataSource.s3DataSource."
                "s3Uri' failed to satisfy constraint: Member must have length less than or equal to 1024"
            ),
            "configuration",
            None,
            "shorter keys",
        ),
        (faults.model_data_unreadable(URL, ROLE, "us-east-1"), "permission", None, "read the artifact"),
        (faults.model_data_missing(URL), "permission", None, "put it back"),
        (faults.denied("me", "sagemaker:CreateTrainingJob", "arn"), "permission", TYPE, "service control policy"),
        (
            ServiceFault("AccessDeniedException", "User: x is not authorized to perform: sagemaker:CreateTrainingJob"),
            "permission",
            None,
            "function's role",
        ),
        (
            faults.invalid("The tag policy does not allow the specified value for the tag key."),
            "permission",
            None,
            "tag",
        ),
        (faults.invalid("Something new."), "unknown", None, "Mend what SageMaker's message names."),
        (ServiceFault("ResourceNotFound", "No such experiment."), "unknown", None, "Mend what"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_where_that_means_several_things_by_its_words(
    fault: ServiceFault, cause: str, help_: WaitCause | str | None, remedy: str
) -> None:
    refusal = explain(fault)
    assert (refusal.failure.cause, helps(refusal)) == (Cause(cause), help_)
    assert remedy in refusal.failure.remedy
    assert refusal.message == fault.message


@pytest.mark.parametrize(
    ("fault", "could_be_fewer"),
    [
        (faults.quota_exceeded(USAGE, "Instances", 0, 0, 1), False),
        (faults.quota_exceeded(SPOT_USAGE, "Instances", 0, 0, 8), False),
        (old_quota(0, 0, 2), False),
        (faults.quota_exceeded(USAGE, "Instances", 10, 0, 11), True),
        (faults.above_limit(USAGE, "Instances", 0, 1), False),
        (faults.above_limit(USAGE, "Instances", 1, 2), True),
        (old_quota(1, 0, 2), True),
    ],
)
def test_fewer_instances_are_a_remedy_only_where_the_quota_admits_any(
    fault: ServiceFault, *, could_be_fewer: bool
) -> None:
    assert ("smaller InstanceCount" in explain(fault).failure.remedy) is could_be_fewer


def test_what_people_call_their_files_explains_nothing() -> None:
    refusal = explain(faults.no_objects("s3://b/datasets/unsupported instance type/", "us-east-1", ROLE, "b"))
    assert "list the bucket" in refusal.failure.remedy


def test_a_limit_in_words_never_seen_is_waited_for() -> None:
    refusal = explain(ServiceFault("ResourceLimitExceeded", "Limit exceeded."))
    assert helps(refusal) is QUOTA
    assert refusal.failure.remedy == 'Raise the quota "that is named" in the Service Quotas console.'


def test_a_volume_above_the_types_disks_is_refused_without_a_word_and_still_told() -> None:
    refusal = explain(faults.volume_too_large())
    assert helps(refusal) is None
    assert refusal.message == "SageMaker answered ValidationException, and no word of why."


@pytest.mark.parametrize("code", ["InternalFailure", "ServiceUnavailable", "InternalError", "503", "ExpiredToken"])
def test_a_fault_of_aws_is_left_to_the_queues_deliveries(code: str) -> None:
    assert explain_refusal(code, "Could not assume role") is None
