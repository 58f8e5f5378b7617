"""Whether what does not work now is waited for or given up: facts in, a step out, as in `decide`."""

from sagescene import keys, parts
from sagescene.jobs.failures import WAITED_TOO_LONG, Failure
from sagescene.messages import start_notices
from sagescene.messages.notices import Notice
from sagescene.triggers import WaitCause
from sagescene.workflow import waits
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import Claim, GiveUp, Wait


def wait(
    cause: WaitCause,
    reason: str,
    data_set: str,
    job: str,
    facts: StartFacts,
    notice: tuple[Claim, Notice] | None = None,
) -> Wait | GiveUp:
    """Decide how long to wait, or that waiting has lasted long enough; `job` is the one that waits to be started."""
    trigger, waiting, now = facts.trigger, facts.trigger.waiting, facts.now
    stack, too_long = facts.settings.stack_name, None
    if waits.is_over(trigger, cause, now):
        too_long = start_notices.waited_too_long(data_set, cause, reason, stack, waits.longest(cause))
    elif waiting and waits.is_chain_over(waiting, now):
        too_long = start_notices.waited_too_often(data_set, waiting.hops, waiting.began, reason, stack)
    if too_long:
        return give_up(data_set, job, reason, WAITED_TOO_LONG[cause], too_long, facts, waited_for=cause)
    return _put_off(cause, reason, data_set, facts, notice)


def after_passing_fault(facts: StartFacts, reason: str) -> Wait:
    """Decide how long to wait out what passes by itself; what was waited for before goes on being waited for."""
    trigger = facts.trigger
    cause = trigger.waiting.cause if trigger.waiting else WaitCause.SERVICE
    return _put_off(cause, reason, parts.set_of(trigger.key) or trigger.key, facts)


def _put_off(
    cause: WaitCause, reason: str, data_set: str, facts: StartFacts, notice: tuple[Claim, Notice] | None = None
) -> Wait:
    trigger, now = facts.trigger, facts.now
    return Wait(
        data_set=data_set,
        cause=cause,
        reason=reason,
        message=trigger.put_off(cause, now),
        delay_in_seconds=waits.delay_in_seconds(trigger, cause, now, facts.jitter),
        notice=notice,
    )


def give_up(
    data_set: str,
    job: str,
    reason: str,
    failure: Failure,
    notice: Notice,
    facts: StartFacts,
    *,
    waited_for: WaitCause | None = None,
) -> GiveUp:
    """Decide that a job is not started; a later trigger tries again."""
    return GiveUp(
        data_set=data_set,
        job=job,
        reason=reason,
        failure=failure,
        claim=Claim.of(facts.trigger, keys.notice_key(data_set, job, "given-up")),
        notice=notice,
        outcome_key=keys.not_started_key(job, facts.trigger.time),
        waited_for=waited_for,
    )
