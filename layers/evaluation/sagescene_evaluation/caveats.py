"""What must be known beside the verdict of an evaluation, and what to do about it."""

from enum import StrEnum
from math import sqrt
from typing import NamedTuple

from sagescene.foreign_text import printable
from sagescene.grammar import agree, count, percent
from sagescene_evaluation.evaluation import Evaluation, Role, SampleKind, Subject
from sagescene_evaluation.measures import ClassFigures, Proportion, do_fits_differ
from sagescene_evaluation.sentences import tell_never_found
from sagescene_model.pictures import Fit

_MOST_SEEN_TOLD = 5  # images
_SURE_DEVIATIONS = 3  # from what guessing gives


class CaveatCode(StrEnum):
    """What a caveat is about."""

    NOTHING_READ = "nothing-read"
    CLASS_NAMES_DIFFER = "class-names-differ"
    NO_TEST_FILES = "no-test-files"
    COPY_OF_VALIDATION = "copy-of-validation"
    TRAINED_ON = "trained-on"
    SAMPLE = "sample"
    FILE_ENDS_EARLY = "file-ends-early"
    IMAGES_DAMAGED = "images-damaged"
    LABELS_OF_NO_CLASS = "labels-of-no-class"
    NO_BETTER_THAN_CHANCE = "no-better-than-chance"
    NEAR_CHANCE = "near-chance"
    FITS_DIFFER = "fits-differ"
    BELOW_THE_JOB = "below-the-job"
    CLASS_IS_WORSE = "class-is-worse"


class Caveat(NamedTuple):
    """One thing to know about the figures, and what to do about it."""

    code: CaveatCode
    message: str
    remedy: str


def find_caveats(evaluation: Evaluation) -> list[Caveat]:
    """Give what must be known beside the verdict, the gravest first."""
    found = [*_find_of_files(evaluation), *(_find_of_figures(evaluation) if evaluation.images else ())]
    return [caveat._replace(message=printable(caveat.message)) for caveat in found]


def _find_of_files(evaluation: Evaluation) -> list[Caveat]:
    found = []
    if not evaluation.images:
        found.append(_tell_nothing_read(evaluation))
    found += _compare_names(evaluation.subject)
    if evaluation.subject.role is Role.VALIDATION:
        found.append(
            Caveat(
                CaveatCode.NO_TEST_FILES,
                "The data set has no test files, so the validation images were used; the best epoch was chosen by "
                "them, which makes the figure too good.",
                "Upload images that training never sees as a _test.rec, or in the folder test/.",
            )
        )
    if evaluation.subject.copies:
        names = ", ".join(evaluation.subject.copies)
        found.append(
            Caveat(
                CaveatCode.COPY_OF_VALIDATION,
                f"{names}: this is the validation file by another name; the best epoch was chosen by its images, which "
                "makes the figure too good.",
                "Replace it by images that training never sees.",
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
                f"The figures are without {count(evaluation.damaged, 'image')} that could not be read: "
                f"{'; '.join(evaluation.damages)}{more}.",
                "Replace these images or leave them out, and pack again.",
            )
        )
    if evaluation.strange:
        labels = ", ".join(f"{label} ({images:,})" for label, images in evaluation.strangers.items())
        left = evaluation.strange - sum(evaluation.strangers.values())
        more = f" and others ({left:,})" if left else ""
        found.append(
            Caveat(
                CaveatCode.LABELS_OF_NO_CLASS,
                f"Counted as wrong: {count(evaluation.strange, 'image')} with a label that is none of the model's "
                f"{evaluation.classes:,} classes: {labels}{more}.",
                "Pack the test images with the class numbers that the model was trained with.",
            )
        )
    return found


def _tell_nothing_read(evaluation: Evaluation) -> Caveat:
    unknown = "Not one image was read, so nothing is known of this model"
    if evaluation.faults or evaluation.damaged:
        message, remedy = f"{unknown}.", "Look at what is said of the files below, and upload them again."
    elif evaluation.sample:
        message = f"{unknown}: the time that MaxEvaluationMinutes allows was over before."
        remedy = "Give it more minutes."
    else:
        files = evaluation.subject.files
        names = ", ".join(each.key for each in files)
        message = f"{unknown}: {names} {agree(len(files), 'holds', 'hold')} no record."
        remedy = "Pack the images again, and look whether the copy or the upload ended."
    return Caveat(CaveatCode.NOTHING_READ, message, remedy)


def _compare_names(subject: Subject) -> list[Caveat]:
    """Hold the model's class names against those of the files; as of a set trained before, others are only told."""
    names, others = subject.class_names, subject.names_of_files
    shared = [label for label in names.names if label in others.names]
    differing = [label for label in shared if names.names[label] != others.names[label]]
    if not differing:
        return []
    label = differing[0]
    left = len(differing) - 1
    more = f" ({left:,} more {agree(left, 'differs', 'differ')})" if left else ""
    return [
        Caveat(
            CaveatCode.CLASS_NAMES_DIFFER,
            f"{others.source} calls class {label} {others.names[label]}, the model {names.names[label]}{more}: classes "
            "are compared by number, so the figures mean nothing unless only the names are others.",
            "Evaluate the model on images of its own classes, packed with its own class numbers.",
        )
    ]


def _tell_seen(evaluation: Evaluation) -> Caveat:
    seen, unseen = evaluation.seen, evaluation.unseen
    kind = f"{evaluation.subject.role} images"
    rest = f" Of the other {count(unseen.of, 'image')} {percent(unseen.share)} are right." if unseen.of else ""
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
    crop = evaluation.fits[Fit.CROP]
    figure = crop.entries
    found = _judge_by_chance(evaluation)
    if do_fits_differ(evaluation.fits):
        squash = evaluation.fits[Fit.SQUASH].accuracy
        better, other = (
            ("centre cut out", "whole picture squashed")
            if crop.accuracy.share >= squash.share
            else ("whole picture squashed", "centre cut out")
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
        found.append(_tell_worst(evaluation, worst))
    return found


def _tell_worst(evaluation: Evaluation, worst: ClassFigures) -> Caveat:
    never_found = "" if worst.hits else tell_never_found(evaluation)
    told = evaluation.subject.class_names.tell(worst.label)
    return Caveat(
        CaveatCode.CLASS_IS_WORSE,
        never_found or f"Class {told} is found on {worst.hits:,} of its {count(worst.support, 'image')} only.",
        f"Look at {'their' if never_found else 'its'} images and labels, and train with more of them.",
    )


def _judge_by_chance(evaluation: Evaluation) -> list[Caveat]:
    """Hold the figure against guessing; where one class is large, also what the model makes of the others."""
    figures, chance = evaluation.fits[Fit.CROP], percent(evaluation.chance)
    figure = figures.entries
    if figure.interval[0] > evaluation.chance:
        return []
    if figure.share > evaluation.chance:
        return [
            Caveat(
                CaveatCode.NEAR_CHANCE,
                f"The model is right on {percent(figure.share)}, which is not surely more than guessing would be "
                f"({chance}): the interval begins at {percent(figure.interval[0])}.",
                "Test with more images; if it stays so, the model has learnt nothing that helps.",
            )
        ]
    if _tells_classes_apart(evaluation):
        return [
            Caveat(
                CaveatCode.NEAR_CHANCE,
                f"Always guessing the largest class would be right at least as often ({chance}), but the model tells "
                f"classes apart: their mean recall is {percent(figures.balanced)}, which no guessing reaches.",
                "Look at the recall of the classes that matter; train on as many images of each as will be asked.",
            )
        ]
    guess = "giving the commoner answer for each class" if evaluation.is_multi_label else "guessing the largest class"
    told = (
        "which guessing would be as well"
        if percent(figure.share) == chance
        else f"less often than guessing: always {guess} gives {chance}"
    )
    return [
        Caveat(
            CaveatCode.NO_BETTER_THAN_CHANCE,
            f"The model is right on {percent(figure.share)}, {told}.",
            "Do not use it; look whether the labels of these images are numbered as those of training, and "
            "whether the job learnt anything from epoch to epoch.",
        )
    ]


def _tells_classes_apart(evaluation: Evaluation) -> bool:
    """Tell whether the mean recall is surely above that of guessing, which is one over the classes."""
    supports = [each.support for each in evaluation.per_class if each.support]
    if len(supports) < 2 or evaluation.is_multi_label:
        return False
    guess = 1 / len(supports)
    deviation = guess * sqrt(guess * (1 - guess) * sum(1 / support for support in supports))
    return evaluation.fits[Fit.CROP].balanced > guess + _SURE_DEVIATIONS * deviation


def _find_worst(evaluation: Evaluation) -> ClassFigures | None:
    """Give the class that is surely found less often than all are: the interval of its recall ends below theirs."""
    given = [each for each in evaluation.per_class if each.support]
    low, _ = Proportion(sum(each.hits for each in given), sum(each.support for each in given)).interval
    worse = [each for each in given if Proportion(each.hits, each.support).interval[1] < low]
    return min(worse, key=lambda each: (each.hits / each.support, -each.support), default=None)
