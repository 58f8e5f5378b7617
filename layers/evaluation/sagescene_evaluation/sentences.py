"""The verdict of an evaluation in one sentence, and what goes with it in others."""

from sagescene.grammar import count, name_some, percent
from sagescene_evaluation.evaluation import Evaluation, Role, SampleKind
from sagescene_evaluation.measures import Proportion, find_least_found
from sagescene_model.pictures import Fit

_NAMED_CLASSES = 3


def state_verdict(evaluation: Evaluation) -> str:
    """Give the figure, its interval and the chance level as one or two sentences."""
    accuracy, kind = evaluation.accuracy, f"{evaluation.subject.role} images"
    if not accuracy.of:
        return f"None of the {kind} could be evaluated."
    of_all = f" out of {evaluation.all_images:,}" if evaluation.sample and evaluation.all_images else ""
    sampled = {
        None: "",
        SampleKind.BALANCED: " of a class-balanced sample",
        SampleKind.FIRST: " of the first that were read",
    }
    counted = f"{accuracy.right:,} of {accuracy.of:,} {kind}{sampled[evaluation.sample]}{of_all} ({_tell(accuracy)})"
    chance = percent(evaluation.chance)
    if evaluation.is_multi_label:
        entries = evaluation.fits[Fit.CROP].entries
        return (
            f"Every label right on {counted}. Of single labels {percent(entries.share)} are right; always giving the "
            f"commoner answer for each class would get {chance} of them."
        )
    return f"Right on {counted}; always guessing the largest class would give {chance}."


def state_worst(evaluation: Evaluation) -> str:
    """Name the class that is found least; nothing where each is found on all of its images, or none is there.

    Several that are never found are told together.
    """
    if never_found := tell_never_found(evaluation):
        return never_found
    worst = find_least_found(evaluation.per_class)
    if worst is None or worst.hits == worst.support:
        return ""
    name = evaluation.subject.class_names.tell(worst.label)
    return f"The worst class is {name}: it was found on {worst.hits:,} of its {count(worst.support, 'image')}."


def tell_never_found(evaluation: Evaluation) -> str:
    """Name the classes that are found on none of their images; nothing of fewer than two."""
    labels = [each.label for each in evaluation.tested if not each.hits]
    if len(labels) < 2:
        return ""
    named = [*map(evaluation.subject.class_names.tell, labels[:_NAMED_CLASSES])]
    return f"{len(labels):,} classes are found on none of their images: {name_some(named, len(labels))}."


def relate_to_job(evaluation: Evaluation) -> str:
    """Say what the job itself reported, of which epoch, and whether that is found here; nothing where it is unknown.

    SageMaker's final metric is that of the last epoch, while the weights are those of the best one.
    """
    subject = evaluation.subject
    last, kept = subject.job_accuracy, subject.kept_accuracy
    if kept is None and last is None:
        return ""
    if kept is None or subject.epoch is None:
        return (
            f"The job itself reported {percent(last or 0)} on its validation images for its last epoch; of the epoch "
            "whose weights it kept, no figure is known here."
        )
    others = "" if last is None or percent(last) == percent(kept) else f", and {percent(last)} for its last epoch"
    figure = evaluation.fits[Fit.CROP].entries
    is_comparable = subject.role is Role.VALIDATION and not evaluation.sample and figure.of
    is_same = is_comparable and abs(kept - figure.share) < 0.5 / figure.of
    agreed = " What it reported for the one that it kept is found here, to the image." if is_same else ""
    return (
        f"The job itself reported {percent(kept)} on its validation images for epoch {subject.epoch:,}, which it kept"
        f"{others}.{agreed}"
    )


def _tell(proportion: Proportion) -> str:
    low, high = proportion.interval
    return f"{percent(proportion.share)}, 95 % interval {percent(low).removesuffix(' %')} to {percent(high)}"
