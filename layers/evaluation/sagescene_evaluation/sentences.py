"""What an evaluation says to people: the verdict in one sentence, then what must be known beside it."""

from enum import StrEnum
from typing import NamedTuple

from sagescene.foreign_text import printable
from sagescene.grammar import agree
from sagescene_evaluation.evaluation import Evaluation, Role, SampleKind
from sagescene_evaluation.measures import ClassFigures, Proportion, do_fits_differ
from sagescene_model.pictures import Fit

_MOST_SEEN_TOLD = 5  # images


class CaveatCode(StrEnum):
    """What a caveat is about."""

    NOTHING_READ = "nothing-read"
    NO_TEST_FILES = "no-test-files"
    TRAINED_ON = "trained-on"
    SAMPLE = "sample"
    FILE_ENDS_EARLY = "file-ends-early"
    IMAGES_DAMAGED = "images-damaged"
    LABELS_OF_NO_CLASS = "labels-of-no-class"
    NO_BETTER_THAN_CHANCE = "no-better-than-chance"
    FITS_DIFFER = "fits-differ"
    BELOW_THE_JOB = "below-the-job"
    CLASS_IS_WORSE = "class-is-worse"


class Caveat(NamedTuple):
    """One thing to know about the figures, and what to do about it."""

    code: CaveatCode
    message: str
    remedy: str


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
    """Name the class that is found least; nothing where each is found on all of its images, or none is there."""
    worst = next(iter(evaluation.per_class), None)
    if worst is None or worst.recall is None or worst.hits == worst.support:
        return ""
    name = evaluation.subject.class_names.tell(worst.label)
    return f"The worst class is {name}: it was found on {worst.hits:,} of its {_count(worst.support, 'image')}."


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


def percent(share: float) -> str:
    """Write a share as `97.2 %`, or `10 %` where the tenth is 0; never 100 % for less."""
    tenths = 99.9 if share < 1 and round(100 * share, 1) >= 100 else 100 * share
    return f"{tenths:.1f}".removesuffix(".0") + " %"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' if number != 1 else ''}"


def _tell(proportion: Proportion) -> str:
    low, high = proportion.interval
    return f"{percent(proportion.share)}, 95 % interval {percent(low).removesuffix(' %')} to {percent(high)}"


def find_caveats(evaluation: Evaluation) -> list[Caveat]:
    """Give what must be known beside the verdict, the gravest first."""
    found = [*_find_of_files(evaluation), *(_find_of_figures(evaluation) if evaluation.images else ())]
    return [caveat._replace(message=printable(caveat.message)) for caveat in found]


def _find_of_files(evaluation: Evaluation) -> list[Caveat]:
    found = []
    if not evaluation.images:
        found.append(
            Caveat(
                CaveatCode.NOTHING_READ,
                "Not one image was read, so nothing is known of this model.",
                "Look at what is said of the files below, and upload them again.",
            )
        )
    if evaluation.subject.role is Role.VALIDATION:
        found.append(
            Caveat(
                CaveatCode.NO_TEST_FILES,
                "The data set has no test files, so the validation images were used; the best epoch was chosen by "
                "them, which makes the figure too good.",
                "Upload images that training never sees as a _test.rec, or in the folder test/.",
            )
        )
    if evaluation.seen.images:
        found.append(_tell_seen(evaluation))
    if evaluation.sample and evaluation.images:
        found.append(_tell_sample(evaluation))
    found += [
        Caveat(
            CaveatCode.FILE_ENDS_EARLY,
            f"{fault}; what follows there was not read.",
            "Upload the file again from where it is whole.",
        )
        for fault in evaluation.faults
    ]
    if evaluation.damaged:
        left = evaluation.damaged - len(evaluation.damages)
        more = f" and {left:,} more" if left else ""
        found.append(
            Caveat(
                CaveatCode.IMAGES_DAMAGED,
                f"The figures are without {_count(evaluation.damaged, 'image')} that could not be read: "
                f"{'; '.join(evaluation.damages)}{more}.",
                "Replace these images or leave them out, and pack again.",
            )
        )
    if evaluation.strange:
        labels = ", ".join(f"{label} ({images:,})" for label, images in evaluation.strangers.items())
        found.append(
            Caveat(
                CaveatCode.LABELS_OF_NO_CLASS,
                f"Counted as wrong: {_count(evaluation.strange, 'image')} with a label that is none of the model's "
                f"{evaluation.classes:,} classes: {labels}.",
                "Pack the test images with the class numbers that the model was trained with.",
            )
        )
    return found


def _tell_seen(evaluation: Evaluation) -> Caveat:
    seen, unseen = evaluation.seen, evaluation.unseen
    kind = f"{evaluation.subject.role} images"
    rest = f" Of the other {_count(unseen.of, 'image')} {percent(unseen.share)} are right." if unseen.of else ""
    places = [
        evaluation.paths.get((each.file, each.identifier))
        or f"byte {each.offset:,} of {evaluation.subject.files[each.file].key}"
        for each in seen.named[:_MOST_SEEN_TOLD]
    ]
    left = seen.images - len(places)
    more = f" and {left:,} more" if left else ""
    return Caveat(
        CaveatCode.TRAINED_ON,
        f"{seen.images:,} of {evaluation.images:,} {kind} {agree(seen.images, 'was', 'were')} trained on: the figure "
        f"is too good by up to {100 * seen.right / evaluation.images:.1f} percentage points.{rest} Trained on: "
        f"{', '.join(places)}{more}.",
        f"Leave these images out of the {evaluation.subject.role} files, or out of training, and pack again.",
    )


def _tell_sample(evaluation: Evaluation) -> Caveat:
    of_all = f"{evaluation.all_images:,}" if evaluation.all_images is not None else "more"
    if evaluation.sample is SampleKind.BALANCED:
        message = (
            f"In the time that MaxEvaluationMinutes allows {evaluation.images:,} of {of_all} images were read, as "
            "evenly over the classes as can be: where classes are of unequal size, all images may give another figure."
        )
        remedy = "Give it more minutes for all of them; nothing needs doing if the interval is narrow enough."
    else:
        seen = sum(each.support > 0 for each in evaluation.per_class)
        message = (
            f"In the time that MaxEvaluationMinutes allows the first {evaluation.images:,} of {of_all} images were "
            f"read; they show {seen:,} of {evaluation.classes:,} classes, whose mean recall is "
            f"{percent(evaluation.fits[Fit.CROP].balanced)}."
        )
        remedy = "Upload the .idx file and the list beside it, and a class-balanced sample is taken."
    return Caveat(CaveatCode.SAMPLE, message, remedy)


def _find_of_figures(evaluation: Evaluation) -> list[Caveat]:
    found, crop = [], evaluation.fits[Fit.CROP]
    figure = crop.entries
    if figure.share <= evaluation.chance:
        found.append(
            Caveat(
                CaveatCode.NO_BETTER_THAN_CHANCE,
                f"The model is right on {percent(figure.share)}, which guessing would be as well "
                f"({percent(evaluation.chance)}).",
                "Do not use it; look whether the labels of the test files are numbered as those of training, and "
                "whether the job learnt anything from epoch to epoch.",
            )
        )
    if do_fits_differ(evaluation.fits):
        squash = evaluation.fits[Fit.SQUASH].accuracy
        better, other = (
            ("centre cut out", "whole picture squashed")
            if crop.accuracy.share >= squash.share
            else (
                "whole picture squashed",
                "centre cut out",
            )
        )
        found.append(
            Caveat(
                CaveatCode.FITS_DIFFER,
                f"How a picture is fitted to the model's shape matters: {percent(crop.accuracy.share)} with its centre "
                f"cut out, {percent(squash.share)} with the whole picture squashed.",
                f"Give the model pictures with the {better}, not the {other}; or train and predict on square ones of "
                "the model's size.",
            )
        )
    subject = evaluation.subject
    job = subject.job_accuracy if subject.kept_accuracy is None else subject.kept_accuracy
    if job is not None and job > figure.interval[1]:
        found.append(
            Caveat(
                CaveatCode.BELOW_THE_JOB,
                f"The job itself reported {percent(job)} on its validation images, which is more than here.",
                "Look whether these images differ from those of training, or whether images of training lie among "
                "the validation images.",
            )
        )
    if worst := _find_worst(evaluation):
        told = evaluation.subject.class_names.tell(worst.label)
        found.append(
            Caveat(
                CaveatCode.CLASS_IS_WORSE,
                f"Class {told} is found on {worst.hits:,} of its {worst.support:,} images only.",
                "Look at its images and labels, and train with more of them.",
            )
        )
    return found


def _find_worst(evaluation: Evaluation) -> ClassFigures | None:
    """Give the class that is surely found less often than all are: the interval of its recall ends below theirs."""
    given = [each for each in evaluation.per_class if each.support]
    low, _ = Proportion(sum(each.hits for each in given), sum(each.support for each in given)).interval
    worse = [each for each in given if Proportion(each.hits, each.support).interval[1] < low]
    return min(worse, key=lambda each: (each.hits / each.support, -each.support), default=None)
