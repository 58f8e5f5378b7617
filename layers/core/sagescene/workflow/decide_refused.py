"""What follows when SageMaker, or a limit of the stack, refuses a job: facts in, a step out, as in `decide`."""

from collections.abc import Mapping
from dataclasses import replace

from sagescene import keys
from sagescene.instances import types_after
from sagescene.jobs import requests
from sagescene.jobs.failures import Cause
from sagescene.jobs.refusals import Refusal
from sagescene.messages import start_notices
from sagescene.triggers import FOR_ROOM, WaitCause
from sagescene.workflow import waits
from sagescene.workflow.decide_wait import give_up, wait
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import Claim, GiveUp, Start, Wait


def after_refused_start(start: Start, facts: StartFacts, refusal: Refusal) -> Wait | GiveUp | Start:
    """Decide whether to wait, to take the next of the stack's types, or to give up at once where neither can help.

    The job keeps its name on every type, so that of two that try different ones only one starts a job.
    """
    if refusal.waits_for:
        return _wait(start, facts, refusal.waits_for, refusal.message)
    refused = {**start.refused, start.instance_type: refusal}
    others = types_after(facts.settings.instance_types, start.instance_type)
    next_type = next((name for name in others if name not in refused), None)
    if next_type and refusal.is_of_type:
        request = requests.on_type(start.request, next_type, facts.settings)
        return replace(start, instance_type=next_type, request=request, refused=refused)
    return _give_up(start, facts, refused, refusal)


def _wait(start: Start, facts: StartFacts, cause: WaitCause, reason: str) -> Wait | GiveUp:
    trigger, waiting = facts.trigger, facts.trigger.waiting
    if waiting and cause is WaitCause.RATE and waiting.cause in FOR_ROOM:
        cause = waiting.cause  # many that wait for room can throttle each other: that is no new wait
    notice = None
    if cause in FOR_ROOM and not (waiting and waiting.cause is cause):
        text = (
            start_notices.waiting_for_quota(
                start.data_set, reason, facts.settings.aws_region, start.estimate, waits.longest(cause)
            )
            if cause is WaitCause.QUOTA
            else start_notices.waiting_for_limit(start.data_set, cause, reason, start.estimate, waits.longest(cause))
        )
        notice = Claim.of(trigger, keys.notice_key(start.data_set, start.content, cause)), text
    return wait(cause, reason, start.data_set, start.job, facts, notice)


def _give_up(start: Start, facts: StartFacts, refused: Mapping[str, Refusal], last: Refusal) -> GiveUp:
    is_quota = any(refusal.failure.cause is Cause.QUOTA for refusal in refused.values())
    reasons = [
        f"{name}: {refusal.message}" if refusal.is_of_type else refusal.message for name, refusal in refused.items()
    ]
    remedies = list(dict.fromkeys(refusal.failure.remedy for refusal in refused.values()))
    return give_up(
        start.data_set,
        start.job,
        " ".join(reasons),
        replace(last.failure, remedy=" ".join(remedies)),
        start_notices.not_started(
            start.data_set,
            reasons,
            remedies,
            facts.settings.stack_name,
            facts.settings.aws_region if is_quota else "",
        ),
        facts,
    )
