"""What an evaluation asks for: facts in, a step out, as in `decide`."""

from dataclasses import replace
from datetime import timedelta

from sagescene.evaluation_messages import EvaluationRequested
from sagescene.jobs.training_job import TrainingJob
from sagescene.workflow.decide_assignment import assign, find_job, find_state
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState
from sagescene.workflow.evaluation_steps import Conclude, GoOn, Measure, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import Assignment, EvaluationProgress
from sagescene.workflow.facts import EvaluationFacts
from sagescene.workflow.steps import Ignore, StandDown

# Lambda is told to let the chain of function and queue go on, so that its end is decided here. Every hop but those that
# were put off measures for minutes, so that MaxEvaluationMinutes end an evaluation long before.
MOST_HOPS = 200
_DELAY_IN_SECONDS = 60
_DELAY_OF_TELLING_IN_SECONDS = 900  # whoever took the model's notice, and was kept from sending it, holds it so long
_LONGEST_DISTURBANCE = timedelta(hours=1)  # after which the queue's own tries are left
_RESERVE_IN_SECONDS = 60.0  # of an invocation: for the batch in hand, and to keep, conclude and tell


def before_measuring(facts: EvaluationFacts) -> Ignore | StandDown | Measure | Conclude | RecordUnevaluated:
    """Decide what a trigger asks for by what is listed and how far an evaluation has come; no image is read."""
    found = find_job(facts)
    assigned = assign(found, facts) if isinstance(found, TrainingJob) else found
    return _go_on(assigned, facts) if isinstance(assigned, Assignment) else assigned


def after_measuring(
    step: Measure, progress: EvaluationProgress, took: float, facts: EvaluationFacts
) -> GoOn | Conclude | RecordUnevaluated:
    """Decide by what was counted: all is read, or the time is over, or the next message goes on."""
    hops = max(step.state.hops, step.hop) + 1
    state = replace(
        step.state,
        hops=hops,
        seconds=step.state.seconds + took,
        images=progress.images,
        tally=progress.tally,
    )
    is_stuck = progress.images == step.state.images  # the rest of the time is less than a batch takes
    # Measuring ends a batch before its seconds do: where they were the last, another message could count nothing.
    is_used_up = max(took, step.seconds) >= _seconds_left(step.state, facts)
    is_over = is_stuck or is_used_up or hops >= MOST_HOPS
    if is_over and not progress.images:
        return after_refused_evaluation(replace(step, state=state), _explain_nothing_read(step.assignment, progress))
    if progress.is_whole or is_over:
        measured = replace(state, phase=EvaluationPhase.MEASURED, is_whole=progress.is_whole)
        return Conclude(assignment=step.assignment, state=measured)
    return GoOn(
        assignment=step.assignment,
        state=state,
        message=EvaluationRequested(job=step.assignment.job.name, hop=hops),
    )


def after_refused_evaluation(step: Measure | Conclude, reason: str) -> RecordUnevaluated:
    """Decide what follows where the model, or its files, cannot be measured."""
    given = step.assignment
    state = replace(step.state, phase=EvaluationPhase.MEASURED, reason=reason)
    return RecordUnevaluated(job=given.job, data_set=given.data_set, report=given.report, reason=reason, state=state)


def after_disturbance(step: Measure | Conclude | RecordUnevaluated, reason: str) -> PutOff | RecordUnevaluated:
    """Decide when an evaluation is tried again whose files have just changed, or which AWS disturbed."""
    hop = max(step.state.hops, step.hop if isinstance(step, Measure) else 0) + 1
    if hop >= MOST_HOPS:
        return step if isinstance(step, RecordUnevaluated) else after_refused_evaluation(step, reason)
    job = step.job if isinstance(step, RecordUnevaluated) else step.assignment.job
    delay = _DELAY_IN_SECONDS if isinstance(step, Measure) else _DELAY_OF_TELLING_IN_SECONDS
    message = EvaluationRequested(job=job.name, hop=hop)
    return PutOff(subject=job.name, reason=reason, message=message, delay_in_seconds=delay)


def may_be_put_off(facts: EvaluationFacts) -> bool:
    """Tell whether a trigger may still come back by a message of its own, before it is known what it asks for."""
    if isinstance(facts.trigger, EvaluationRequested):
        return facts.trigger.hop + 1 < MOST_HOPS
    return facts.now - facts.trigger.time < _LONGEST_DISTURBANCE


def after_early_disturbance(facts: EvaluationFacts, reason: str) -> PutOff:
    """Decide when a trigger comes back of which AWS did not let know what it asks for."""
    trigger = facts.trigger
    if isinstance(trigger, EvaluationRequested):
        trigger, subject = replace(trigger, hop=trigger.hop + 1), trigger.job
    else:
        subject = trigger.key
    return PutOff(subject=subject, reason=reason, message=trigger, delay_in_seconds=_DELAY_IN_SECONDS)


def _explain_nothing_read(given: Assignment, progress: EvaluationProgress) -> str:
    names = ", ".join(stored.key for stored in given.files)
    if progress.fault:
        return f"No image of {names} can be read. {progress.fault}. Pack the images again, and upload the files anew."
    if progress.is_whole:
        return f"{names}: there is no image in it. Pack the images again, and upload the files anew."
    return "No image could be read in the time there was."


def _seconds_left(state: EvaluationState, facts: EvaluationFacts) -> float:
    return facts.settings.max_evaluation_minutes * 60 - state.seconds


def _go_on(assignment: Assignment, facts: EvaluationFacts) -> Ignore | Measure | Conclude | RecordUnevaluated:
    job = assignment.job
    state = find_state(job, assignment.identity, facts)
    if state.phase is EvaluationPhase.ENDED:
        return Ignore(subject=job.name, reason="it was evaluated on these files already", decision="known")
    if state.phase is EvaluationPhase.MEASURED:  # whoever was to tell of it died, and of two that follow one does
        state = replace(state, hops=state.hops + 1)
        if state.reason:
            return RecordUnevaluated(
                job=job, data_set=assignment.data_set, report=assignment.report, reason=state.reason, state=state
            )
        return Conclude(assignment=assignment, state=state)
    hop = facts.trigger.hop if isinstance(facts.trigger, EvaluationRequested) else 0
    seconds = min(facts.seconds_left - _RESERVE_IN_SECONDS, _seconds_left(state, facts))
    return Measure(assignment=assignment, state=state, hop=hop, seconds=max(0.0, seconds))
