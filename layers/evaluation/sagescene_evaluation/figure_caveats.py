"""What the figures of an evaluation say against its model: guessing, fits, the job's own figure and the worst class."""

from math import sqrt

from sagescene.grammar import count, percent
from sagescene_evaluation.caveat import Caveat, CaveatCode
from sagescene_evaluation.evaluation import Evaluation
from sagescene_evaluation.measures import ClassFigures, Proportion, do_fits_differ, find_least_found
from sagescene_evaluation.sentences import tell_never_found
from sagescene_model.pictures import Fit

_SURE_DEVIATIONS = 3  # from what guessing gives


def find_of_figures(evaluation: Evaluation) -> list[Caveat]:
    """Give what the figures themselves say against their use, the gravest first."""
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
    if figure.interval[0] > evaluation.chance or not _list_divided(evaluation):
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
    guess = "giving the commoner answer for each class" if evaluation.is_multi_label else "guessing the largest class"
    if _tells_classes_apart(evaluation):
        return [
            Caveat(
                CaveatCode.NEAR_CHANCE,
                f"Always {guess} would be right at least as often ({chance}), but the model tells classes apart: their "
                f"mean recall is {percent(figures.balanced)}, which no guessing reaches.",
                "Look at the recall of the classes that matter; train on as many images of each as will be asked.",
            )
        ]
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


def _list_divided(evaluation: Evaluation) -> list[ClassFigures]:
    """Give the classes that some images have and others not: where there is none, guessing is as good as knowing."""
    return [each for each in evaluation.tested if each.support < evaluation.images - evaluation.strange]


def _tells_classes_apart(evaluation: Evaluation) -> bool:
    """Tell whether classes are surely found on more of their images than guessing would find."""
    given = _list_divided(evaluation)
    if evaluation.is_multi_label:
        return _tells_labels_apart(given, evaluation.images - evaluation.strange)
    guess = 1 / len(given)
    deviation = guess * sqrt(guess * (1 - guess) * sum(1 / each.support for each in given))
    return evaluation.fits[Fit.CROP].balanced > guess + _SURE_DEVIATIONS * deviation


def _tells_labels_apart(divided: list[ClassFigures], images: int) -> bool:
    """Tell whether labels are surely found more often on the images that have them than on the others.

    Youden's index, recall less the share of false alarms, is 0 for any guessing (Cancer 3, 1950).
    """
    index = sum(each.hits / each.support - (each.found - each.hits) / (images - each.support) for each in divided)
    guesses = [(each.found / images, 1 / each.support + 1 / (images - each.support)) for each in divided]
    return index > _SURE_DEVIATIONS * sqrt(sum(share * (1 - share) * weight for share, weight in guesses))


def _find_worst(evaluation: Evaluation) -> ClassFigures | None:
    """Give the class that is surely found less often than all are: the interval of its recall ends below theirs."""
    given = evaluation.tested
    low, _ = Proportion(sum(each.hits for each in given), sum(each.support for each in given)).interval
    return find_least_found(each for each in given if Proportion(each.hits, each.support).interval[1] < low)
