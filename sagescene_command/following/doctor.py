"""What the way from a drop to a model needs, looked at before the first drop: each thing, and how it is mended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagescene.jobs import registry
from sagescene.settings import StartSettings
from sagescene_command.following import account
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.following.faults import explain


class Health(StrEnum):
    """How it stands with one thing: `unknown` where AWS did not let it be looked at."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    UNKNOWN = "unknown"


# By what is looked at; the first fault decides.
EXIT_STATUS = {"Region": 11, "quota": 12, "role": 13, "bucket": 14, "notices": 15, "key": 16, "budget": 17}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found of one thing, and the fix unless it is ok."""

    subject: str
    health: Health
    says: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        """Give it as plain values."""
        return {"subject": self.subject, "health": str(self.health), "says": self.says, "fix": self.fix}


def examine(stack: DeployedStack, settings: StartSettings) -> Iterator[Diagnosis]:
    """Look at everything, one thing after the other; what cannot be looked at is said to be unknown."""
    yield judge_region(stack.region)
    named = [settings.quota_of(name) for name in settings.instance_types]
    yield from _look("quota", lambda: judge_quotas(settings, account.read_quotas(named)))
    roles = [stack.resources[role] for role in ("TrainingRole", "HostingRole")]
    yield from _look("role", lambda: [judge_trust(role, account.read_trust(role)) for role in roles])
    yield from _look("bucket", lambda: [judge_bucket(stack.bucket, sends=account.sends_events(stack.bucket))])
    key = settings.kms_key_arn
    yield from _look("bucket", lambda: judge_bucket_key(account.read_bucket_key(stack.bucket), key))
    yield from _look("notices", lambda: [judge_subscriptions(account.read_subscriptions(settings.topic_arn))])
    if key:
        yield from _look("key", lambda: [judge_key(key, account.read_key_state(key))], without=_judge_missing_key)
    tags = settings.cost_allocation_tags
    yield from _look(
        "budget", lambda: [judge_budgets(tags, account.read_budgets())], without=lambda: judge_budgets(tags, ())
    )


def _look(
    subject: str, judge: Callable[[], Sequence[Diagnosis]], without: Callable[[], Diagnosis] | None = None
) -> Sequence[Diagnosis]:
    """Judge, or say why it could not be looked at; `without` judges where AWS says that there is no such thing."""
    try:
        return judge()
    except (BotoCoreError, ClientError) as fault:
        if without and isinstance(fault, ClientError) and fault.response["Error"]["Code"] == "NotFoundException":
            return [without()]
        return [Diagnosis(subject=subject, health=Health.UNKNOWN, says="could not be looked at", fix=explain(fault))]


def judge_region(region: str) -> Diagnosis:
    """Say whether the algorithm's image is published in a Region."""
    try:
        return Diagnosis(subject="Region", health=Health.OK, says=f"{region} has {registry.image_uri(region)}")
    except registry.UnknownRegionError as fault:
        return Diagnosis(subject="Region", health=Health.FAULT, says=f"{region} has no image", fix=str(fault))


def judge_quotas(settings: StartSettings, quotas: Mapping[str, float]) -> list[Diagnosis]:
    """Say of each type how many instances the account may train on; a fault only where no type has enough."""
    most = {name: quotas.get(settings.quota_of(name)) for name in settings.instance_types}
    are_few = all(value is not None and value < settings.instance_count for value in most.values())
    lacking = Health.FAULT if are_few else Health.WARNING
    return [_judge_quota(name, value, settings, lacking) for name, value in most.items()]


def _judge_quota(name: str, value: float | None, settings: StartSettings, lacking: Health) -> Diagnosis:
    quota, deploy = settings.quota_of(name), "deploy with other InstanceTypes."
    if value is None:
        says = f"{quota}: SageMaker names no quota for it here: the Region may not offer it"
        fix = f"Look for {name} in the Service Quotas console, or {deploy}"
        return Diagnosis(subject="quota", health=Health.UNKNOWN, says=says, fix=fix)
    if value < settings.instance_count:
        says = f"{quota}: {value:g}, and a job uses {settings.instance_count}"
        fix = f"Ask for {name} in the Service Quotas console, or {deploy}"
        return Diagnosis(subject="quota", health=lacking, says=says, fix=fix)
    return Diagnosis(subject="quota", health=Health.OK, says=f"{quota}: {value:g}")


def judge_trust(role: str, policy: Mapping[str, Any]) -> Diagnosis:
    """Say whether SageMaker may assume a role, by its trust policy."""
    statements = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, Mapping) else statements:
        services, actions = statement.get("Principal", {}), statement.get("Action", [])
        named = services.get("Service", []) if isinstance(services, Mapping) else []
        if (
            statement.get("Effect") == "Allow"
            and "sagemaker.amazonaws.com" in ([named] if isinstance(named, str) else named)
            and "sts:AssumeRole" in ([actions] if isinstance(actions, str) else actions)
        ):
            return Diagnosis(subject="role", health=Health.OK, says=f"SageMaker may assume {role}")
    fix = "Let its trust policy allow sagemaker.amazonaws.com sts:AssumeRole, or deploy the stack anew."
    return Diagnosis(subject="role", health=Health.FAULT, says=f"SageMaker may not assume {role}", fix=fix)


def judge_bucket(bucket: str, *, sends: bool) -> Diagnosis:
    """Say whether a drop is noticed."""
    if sends:
        return Diagnosis(subject="bucket", health=Health.OK, says=f"{bucket} sends EventBridge its events")
    says = f"{bucket} sends EventBridge no events, so no drop is noticed"
    fix = "Run what the stack's output EnableEventBridgeCommand says."
    return Diagnosis(subject="bucket", health=Health.FAULT, says=says, fix=fix)


def judge_bucket_key(key: str, known: str) -> list[Diagnosis]:
    """Say of a bucket with another KMS key than the stack knows that it may not be read; nothing where it may.

    The key is named by its ARN or the end of it; AWS's own one for S3 admits whoever may use the bucket.
    """
    if known.endswith(key) or key.endswith(account.KEY_OF_S3):
        return []
    says = f"the bucket's objects are encrypted with {key}, which the stack's roles may not use"
    fix = "Deploy with the ARN of that key as KmsKeyArn, and let its policy admit the account's roles."
    return [Diagnosis(subject="bucket", health=Health.FAULT, says=says, fix=fix)]


def judge_subscriptions(arns: Sequence[str]) -> Diagnosis:
    """Say whether anybody hears of what happens, by the ARNs of the topic's subscriptions."""
    confirmed = sum(arn.startswith("arn:") for arn in arns)
    if confirmed:
        says = f"{confirmed} confirmed, {len(arns) - confirmed} not confirmed"
        return Diagnosis(subject="notices", health=Health.OK, says=f"subscriptions: {says}")
    if arns:
        fix = "Answer the mail with which SNS asks for a confirmation; look among the unwanted ones, too."
        return Diagnosis(subject="notices", health=Health.FAULT, says="no subscription is confirmed", fix=fix)
    fix = "Run what the stack's output SubscribeCommand says."
    return Diagnosis(subject="notices", health=Health.WARNING, says="nobody receives them", fix=fix)


def judge_key(key: str, state: str) -> Diagnosis:
    """Say whether a KMS key can be used."""
    if state == "Enabled":
        return Diagnosis(subject="key", health=Health.OK, says=f"{key} is enabled")
    fix = "Enable it, or cancel its deletion, in the KMS console."
    return Diagnosis(subject="key", health=Health.FAULT, says=f"{key} is {state}", fix=fix)


def judge_budgets(tags: Mapping[str, str], budgets: Sequence[Mapping[str, Any]]) -> Diagnosis:
    """Say whether a budget counts what the stack spends: one of the whole account, or of the stack's tag."""
    counted = {f"user:{name}${value}" for name, value in tags.items()}
    spent = {}
    for budget in budgets:
        filters = budget.get("CostFilters", {})
        is_of_tag = filters.keys() == {"TagKeyValue"} and counted & set(filters["TagKeyValue"])
        is_of_all = not filters and "FilterExpression" not in budget
        if budget.get("BudgetType") == "COST" and (is_of_tag or is_of_all):
            actual = budget.get("CalculatedSpend", {}).get("ActualSpend", {})
            spent[budget["BudgetName"]] = (
                Decimal(actual.get("Amount", "0")),
                Decimal(budget.get("BudgetLimit", {}).get("Amount", "Infinity")),
            )
    exceeded = [name for name, (actual, limit) in spent.items() if actual > limit]
    if exceeded:
        fix = "Look at sagescene costs; raise it in the Budgets console, or wait for its next period."
        return Diagnosis(subject="budget", health=Health.FAULT, says=f"spent up: {', '.join(exceeded)}", fix=fix)
    if spent:
        return Diagnosis(subject="budget", health=Health.OK, says=f"counted by {', '.join(spent)}")
    fix = "Deploy operations.yaml with BudgetEmail, or make one in the Budgets console."
    return Diagnosis(subject="budget", health=Health.WARNING, says="no budget counts what the stack spends", fix=fix)


def _judge_missing_key() -> Diagnosis:
    fix = "Deploy with the KmsKeyArn of a key of this account and Region."
    return Diagnosis(subject="key", health=Health.FAULT, says="there is no such key", fix=fix)


def exit_status(found: Sequence[Diagnosis]) -> int:
    """Give the exit status of the first fault, 0 without one."""
    return next((EXIT_STATUS[one.subject] for one in found if one.health is Health.FAULT), 0)
