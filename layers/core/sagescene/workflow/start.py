"""An upload, a retry or a person's wish becomes a training job, a wait or a refusal."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from math import isfinite

from sagescene import dataset, keys, parts
from sagescene.aws import ObjectReplacedError, RefusedError, explain_passing_fault
from sagescene.dataset import AmbiguousSet, DataSet, StoredObject
from sagescene.files.classnames import ListedNames, read_class_names
from sagescene.observability import count, log_about, logger
from sagescene.parts import Part
from sagescene.preflight import examination
from sagescene.preflight.reading import Examination, Reader
from sagescene.preflight.report import Report, Verdict
from sagescene.settings import StartSettings
from sagescene.triggers import Trigger
from sagescene.workflow import reports, waits
from sagescene.workflow.changes import with_change, with_last_run
from sagescene.workflow.context import Context
from sagescene.workflow.decide import after_reading, before_reading, find_upload_under_way, is_fresh
from sagescene.workflow.decide_names import names_of
from sagescene.workflow.decide_refused import after_refused_start
from sagescene.workflow.decide_wait import after_passing_fault
from sagescene.workflow.facts import OnDemand, StartFacts
from sagescene.workflow.perform import keep, perform
from sagescene.workflow.steps import Decision, Examine, GiveUp, Refuse, Start, Wait


def start(trigger: Trigger, context: Context[StartSettings]) -> Decision:
    """Judge the data set that a trigger names, and start its training job when it is time to."""
    logger.append_keys(upload=trigger.key)
    log_about(data_set=parts.set_of(trigger.key))
    if trigger.bucket == context.settings.data_bucket and parts.part_of(trigger.key) is Part.TEST:
        logger.info("test files are not trained on")
    facts = gather(trigger, context)
    try:
        return _decide(facts, context)
    except Exception as fault:
        reason = explain_passing_fault(fault)
        if reason is None or not waits.is_worth_it(trigger, context.now):
            raise
        # The queue would bring the trigger back after half an hour.
        return perform(after_passing_fault(facts, reason), context)


def _decide(facts: StartFacts, context: Context[StartSettings]) -> Decision:
    began = context.seconds_left()
    first = before_reading(facts)
    if isinstance(first, Examine | GiveUp):
        log_about(job=first.job, data_set=parts.set_of(facts.trigger.key))
    step = _examine(first, facts, context, began) if isinstance(first, Examine) else first
    while isinstance(step, Start):
        try:
            return perform(step, context)
        except RefusedError as refused:
            step = after_refused_start(step, facts, refused.refusal)
    return perform(step, context)


def gather(trigger: Trigger, context: Context[StartSettings]) -> StartFacts:
    """Give what is known; AWS is asked for each thing when it is first needed."""
    settings, cloud = context.settings, context.cloud
    bucket = settings.data_bucket

    def list_reports(data_set: str) -> list[StoredObject]:
        objects = cloud.list_objects(bucket, f"{keys.REPORTS}{data_set}/")
        return [stored for stored in objects if keys.is_report_key(stored.key)]

    listed_reports = OnDemand(list_reports)

    def find_report(key: str) -> Report | None:
        data_set = keys.data_set_of_report(key)
        return reports.read_newest(key, context, lambda: any(key == stored.key for stored in listed_reports[data_set]))

    def read_names(stored: StoredObject) -> ListedNames | None:
        try:
            return read_class_names(cloud.read(bucket, stored), file=stored.key)
        except ObjectReplacedError:
            return None

    return StartFacts(
        trigger=trigger,
        now=context.now,
        jitter=context.jitter,
        settings=settings,
        objects=OnDemand(lambda data_set: cloud.list_data_set(bucket, data_set)),
        unfinished_uploads=OnDemand(
            lambda data_set: cloud.list_unfinished_uploads(bucket, f"{parts.DATASETS}{data_set}/")
        ),
        jobs=OnDemand(cloud.describe_training_job),
        models=OnDemand(cloud.has_model),
        reports=listed_reports,
        documents=OnDemand(lambda stored: reports.read(stored, context)),
        report_under=OnDemand(find_report),
        class_names=OnDemand(read_names),
    )


def _later(facts: StartFacts, seconds: float) -> StartFacts:
    """Set the facts' clock on: what was read over midnight is a job of the new day."""
    return replace(facts, now=facts.now + timedelta(seconds=seconds)) if isfinite(seconds) else facts


def _examine(
    step: Examine, facts: StartFacts, context: Context[StartSettings], began: float
) -> Refuse | Wait | GiveUp | Start:
    try:
        examined, is_kept = _read(step, context)
    except ObjectReplacedError as replaced:
        return after_reading(step, facts, None, str(replaced))
    facts = _later(facts, began - context.seconds_left())
    if not is_kept:
        examined = with_last_run(examined, facts)
    decided = after_reading(step, facts, examined)
    if is_kept or not isinstance(decided, Start):
        return decided
    is_own_name = keep(with_change(examined, facts, context), decided.request, context)
    # Reading may take minutes: no job is paid for on files that were replaced meanwhile.
    is_listing_fresh = is_fresh(began - context.seconds_left())
    is_unchanged = is_own_name and (is_listing_fresh or _is_unchanged(step.data_set, context))
    if is_unchanged:
        return decided
    changed = "its files changed while they were being read"
    taken = "another content of the set has taken the name of its report meanwhile"
    return after_reading(step, facts, examined, changed if is_own_name else taken)


def _read(step: Examine, context: Context[StartSettings]) -> tuple[Examination, bool]:
    """Examine a data set, unless an earlier report calls it ready under the same conditions; tells which it was."""
    settings, cloud = context.settings, context.cloud
    conditions = examination.conditions_of(step.data_set, settings)
    earlier = step.earlier
    if earlier and earlier.verdict is Verdict.READY and earlier.conditions == conditions:
        logger.info("data set was examined already", images=earlier.train.images)
        return Examination(report=earlier), True
    bucket = settings.data_bucket
    examined = examination.examine(
        step.data_set,
        Reader(whole=partial(cloud.read, bucket), span=partial(cloud.read_span, bucket)),
        conditions,
        written=context.now,
        largest_whole_in_bytes=settings.largest_whole_in_megabytes * 10**6,
        seconds_left=context.seconds_left,
    )
    count("DatasetExamined")
    if isinstance(step.data_set, DataSet):
        train = examined.report.train
        logger.info("counted the images", images=train.images, classes=len(train.classes))
    return examined, False


def _is_unchanged(data_set: DataSet | AmbiguousSet, context: Context[StartSettings]) -> bool:
    bucket, prefix = context.settings.data_bucket, f"{parts.DATASETS}{data_set.name}/"
    objects = context.cloud.list_data_set(bucket, data_set.name)
    assembled = dataset.assemble(data_set.name, objects, bucket)
    # Its names are no content, and were judged all the same.
    is_same = (assembled.digest, names_of(assembled)) == (data_set.digest, names_of(data_set))
    uploads = context.cloud.list_unfinished_uploads(bucket, prefix)
    return is_same and not find_upload_under_way(objects, uploads, context.now)
