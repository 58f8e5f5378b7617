"""A model entered in the registry once, beside the version that is approved: with what, is kept before it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sagescene import keys
from sagescene.aws import ObjectReplacedError, RefusedError
from sagescene.finding_codes import Code
from sagescene.jobs import requests
from sagescene.jobs.model_version import ModelVersion, find_approved
from sagescene.jobs.training_job import TrainingJob
from sagescene.observability import count, logger
from sagescene.settings import EvaluateSettings
from sagescene.workflow.context import Context
from sagescene.workflow.evaluator import Assignment, Conclusion, Opponent

_LONGEST_TOKEN = 36
_MOST_EVALUATIONS = 5  # of the approved version, the newest
_SHARED = {Code.IMAGES_SHARED, Code.SHARED_SAMPLED, Code.PATHS_SHARED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the registry holds of a data set as a model comes to it: its own version, if any, and its opponent.

    `registration` is what was kept of entering it, None before. `refusal` says why the registry could not be asked;
    then there is no opponent.
    """

    own: ModelVersion | None = None
    registration: Mapping[str, Any] | None = None
    opponent: Opponent | None = None
    refusal: str = ""


def look_up(given: Assignment, context: Context[EvaluateSettings]) -> Standing | None:
    """Find what a model is to be held against, which is never its own version; None without a registry."""
    settings, cloud, job = context.settings, context.cloud, given.job.name
    if not settings.registers_models:
        return None
    group = requests.model_package_group(given.data_set, settings)
    try:
        cloud.create_model_package_group(group)
        versions = cloud.list_model_packages(group["ModelPackageGroupName"])
    except RefusedError as refused:
        return Standing(refusal=_explain(refused))
    return Standing(
        own=next((each for each in versions if each.job == job), None),
        registration=cloud.read_json(settings.data_bucket, keys.registration_key(job, given.job.created)),
        opponent=_meet(find_approved(versions, besides=job), given.data_set, context),
    )


def register(
    given: Assignment,
    concluded: Conclusion,
    standing: Standing,
    evaluation_key: str,
    context: Context[EvaluateSettings],
) -> str:
    """Enter a model in the registry unless it stands there, and say what became of that."""
    if standing.opponent is None:
        return standing.refusal
    own, kept = standing.own, standing.registration
    if own and (kept is None or kept["identity"] != given.identity):
        return f"It stands in the model registry as version {own.version} already ({own.approval})."
    if kept is None:
        kept = _keep(plan(given, concluded, standing.opponent, evaluation_key, context.settings), given.job, context)
    request, hindrances = kept["request"], kept["hindrances"]
    try:
        version = own or context.cloud.create_model_package(request)
    except RefusedError as refused:
        return _explain(refused)
    is_approved = request["ModelApprovalStatus"] == requests.APPROVED
    logger.info("model registered", version=version.version, approved=is_approved)
    count("ModelRegistered")
    entered = f"It is version {version.version} of {request['ModelPackageGroupName']} in the model registry"
    if is_approved:
        return f"{entered}, and approved because it is better (ApproveWhenBetter)."
    if not context.settings.approves_when_better:
        return f"{entered}, and waits for somebody to approve it."
    return f"{entered}, and waits for somebody to approve it, because {'; '.join(hindrances)}."


def plan(
    given: Assignment,
    concluded: Conclusion,
    opponent: Opponent,
    evaluation_key: str,
    settings: EvaluateSettings,
) -> dict[str, Any]:
    """Decide with which request a model is entered, and what keeps it from being approved by itself."""
    challenge = concluded.challenge
    hindrances = [*(challenge.hindrances if challenge else ("it was compared with none",)), *find_doubts(given)]
    return {
        "identity": given.identity,
        "hindrances": hindrances,
        "request": requests.model_package(
            job=given.job,
            data_set=given.data_set,
            evaluation_key=evaluation_key,
            report=given.report,
            figures={
                **concluded.figures,
                "role": given.role,
                "verdict": challenge.outcome if challenge else "",
                "compared-with": str(opponent.version) if opponent.version else "none",
            },
            is_approved=settings.approves_when_better and not hindrances,
            token=sha256(f"{given.job.name} {given.identity}".encode()).hexdigest()[:_LONGEST_TOKEN],
            settings=settings,
        ),
    }


def find_doubts(given: Assignment) -> list[str]:
    """Give what the look before training leaves open of a data set whose model could be approved by itself."""
    if given.report is None:
        return ["there is no report on its data set"]
    shared = any(finding.code in _SHARED for finding in given.report.findings)
    return ["training and validation share images, or may do so"] if shared else []


def _explain(refused: RefusedError) -> str:
    """Say why a model is not registered; raises what a later try does not meet."""
    if refused.refusal.waits_for:
        raise refused
    logger.warning("model not registered", reason=str(refused))
    return f"It could not be entered in the model registry:\n{refused}\n{refused.refusal.failure.remedy}"


def _keep(planned: Mapping[str, Any], job: TrainingJob, context: Context[EvaluateSettings]) -> Mapping[str, Any]:
    """Keep with what a model is entered, and give what another evaluation of it has kept before, if one has."""
    cloud, bucket, key = context.cloud, context.settings.data_bucket, keys.registration_key(job.name, job.created)
    if cloud.write_json_once(bucket, key, planned):
        return planned
    kept: Mapping[str, Any] = cloud.read_json(bucket, key)
    return kept


def _meet(approved: ModelVersion | None, data_set: str, context: Context[EvaluateSettings]) -> Opponent:
    """Read the newest evaluations of the approved version: one of them may be on the same images."""
    if approved is None:
        return Opponent()
    cloud, bucket = context.cloud, context.settings.data_bucket
    listed = cloud.list_objects(bucket, keys.evaluations_of(data_set, approved.job)) if approved.job else []
    found = [stored for stored in listed if keys.is_evaluation_key(stored.key)]
    newest = sorted(found, key=lambda stored: stored.last_modified, reverse=True)[:_MOST_EVALUATIONS]
    documents = []
    for stored in newest:
        try:
            documents.append(cloud.read_json(bucket, stored.key))
        except ObjectReplacedError:  # the next message reads the newer one
            continue
    return Opponent(version=approved.version, documents=tuple(filter(None, documents)))
