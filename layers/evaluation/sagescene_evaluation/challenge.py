"""A model held against the one in use: better, worse or within noise, by a paired test on the same images.

The test is McNemar's in its exact form: of the images that only one of both models gets right, each is as likely to
be either's if the models are equally good (Psychometrika 12, 1947).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log
from typing import NamedTuple

from sagescene.files.classnames import ClassNames
from sagescene.grammar import agree, count
from sagescene_evaluation.caveat import CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.evaluation import MOST_CLASSES_TOLD, Evaluation, Role

NOISE = 0.05  # from this probability on, two models are not told apart
SURE = 0.01  # below this one, a model may be approved without anybody looking at it
MARGIN = 0.05  # of recall: a class that loses more is worse
_BY_CHANCE = 1  # image of a class, however few it has: losing that one says nothing
_MOST_TOLD = 5  # classes
_HINDERING = {
    CaveatCode.NO_BETTER_THAN_CHANCE: "it is not better than guessing",
    CaveatCode.NEAR_CHANCE: "it is not right more often than guessing would surely be",
    CaveatCode.NO_LABEL_FITS: "the labels of its test images are none of its classes",
    CaveatCode.LABELS_OF_NO_CLASS: "some test images have a label that is none of its classes",
    CaveatCode.CLASSES_NOT_TESTED: "some of its classes have no test images",
    CaveatCode.IMAGES_REPEATED: "some test images are there more than once",
    CaveatCode.CLASS_NAMES_DIFFER: "the test files call its classes otherwise",
}


class Outcome(StrEnum):
    """What holding a model against another came to."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN_NOISE = "within noise"
    NOT_COMPARABLE = "not comparable"


class ClassLoss(NamedTuple):
    """A class that the challenger finds on fewer of its `support` images than the model in use."""

    label: int
    support: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What came of it: on so many images only one of both models is right, which chance gives with `probability`.

    `losses` are the classes that are worse by more than the margin, the worst first, of the `classes` that the larger
    of both models has. The model in use was trained on
    `seen` of the images, as far as that is known. `reason` says why there is no comparison, and is empty where there is
    one.
    """

    outcome: Outcome
    reason: str = ""
    images: int = 0
    won: int = 0
    lost: int = 0
    probability: float = 1.0
    losses: tuple[ClassLoss, ...] = ()
    seen: int = 0
    classes: int = 0


def hold_against(challenger: Evaluation, in_use: Sequence[Evaluation]) -> Challenge:
    """Compare a model with the one in use by that of its evaluations which read the same images."""
    reason = _find_obstacle(challenger)
    if not reason and not in_use:
        reason = "there is no evaluation of it"
    same = [each for each in in_use if each.answers.are_of_images_of(challenger.answers)]
    if not reason and not same:
        reason = "it was evaluated on other images"
    if not reason:
        reason = _find_obstacle(same[0]) or _find_other_name(challenger, same[0])
    if reason:
        return Challenge(outcome=Outcome.NOT_COMPARABLE, reason=reason)
    pairs = list(challenger.answers.pair_with(same[0].answers))
    won = sum(new and not old for new, old in pairs)
    lost = sum(old and not new for new, old in pairs)
    probability = measure_probability(won, lost)
    direction = Outcome.BETTER if won > lost else Outcome.WORSE
    return Challenge(
        outcome=direction if probability < NOISE else Outcome.WITHIN_NOISE,
        images=len(pairs),
        won=won,
        lost=lost,
        probability=probability,
        losses=find_losses(challenger, same[0]),
        seen=same[0].seen.images,
        classes=max(challenger.classes, same[0].classes),
    )


def measure_probability(won: int, lost: int) -> float:
    """Give how likely so uneven a division of the images is, either way, if both models are equally good."""
    fewer, all_images = min(won, lost), won + lost
    if won == lost:
        return 1.0
    # From the largest term down, each by the one before: no number overflows, and the sum ends where it stands still.
    term = exp(lgamma(all_images + 1) - lgamma(fewer + 1) - lgamma(all_images - fewer + 1) - all_images * log(2))
    tail = 0.0
    for number in range(fewer, -1, -1):
        if tail + term == tail:
            break
        tail += term
        term *= number / (all_images - number + 1)
    return min(1.0, 2 * tail)


def find_losses(challenger: Evaluation, in_use: Evaluation) -> tuple[ClassLoss, ...]:
    """Give the classes whose recall falls by more than the margin, and by more than one image."""
    # A class that the challenger does not have is none of its figures: it is found on no image any more.
    hits = {each.label: each.hits for each in challenger.per_class}
    losses = [
        ClassLoss(before.label, before.support, before.hits, after)
        for before in in_use.per_class
        for after in (hits.get(before.label, 0),)
        if before.hits - after > max(_BY_CHANCE, MARGIN * before.support)
    ]
    return tuple(sorted(losses, key=lambda each: ((each.after - each.before) / each.support, each.label)))


def find_hindrances(challenge: Challenge, challenger: Evaluation) -> list[str]:
    """Give why a model may not be approved without anybody looking at it; nothing where it may."""
    seen = challenger.seen
    doubt = seen.tell_doubt(challenger.images)
    caveats = {caveat.code for caveat in find_caveats(challenger)}
    found = {
        "it is not compared with an approved version": challenge.outcome is Outcome.NOT_COMPARABLE,
        "it is not better": challenge.outcome in {Outcome.WORSE, Outcome.WITHIN_NOISE},
        f"chance gives such a difference with a probability of {SURE:g} or more": challenge.outcome is Outcome.BETTER
        and challenge.probability >= SURE,
        "a class is worse": bool(challenge.losses),
        "it was evaluated on the validation images, by which its best epoch was chosen": (
            challenger.subject.role is Role.VALIDATION
        ),
        "a test file is the validation file by another name": bool(challenger.subject.copies),
        "not all images were read": challenger.sample is not None or bool(challenger.faults or challenger.damaged),
        **{reason: code in caveats for code, reason in _HINDERING.items()},
        f"{_tell_trained_on(seen.images)} trained on": bool(seen.images),
        f"it is not known whether its test images were trained on, because {doubt}": bool(doubt),
        f"{_tell_trained_on(challenge.seen)} trained on for the approved version": bool(challenge.seen),
        "one of both has more classes than are compared": challenge.classes > MOST_CLASSES_TOLD,
    }
    return [reason for reason, holds in found.items() if holds]


def state_challenge(challenge: Challenge, version: int, names: ClassNames) -> str:
    """Say what came of it in sentences; version 0 is none: nothing was approved yet."""
    if not version:
        return "No version of this data set is approved yet, so there is none to compare it with."
    if challenge.outcome is Outcome.NOT_COMPARABLE:
        return f"Not comparable with the approved version {version}: {challenge.reason}."
    compared = {
        Outcome.BETTER: f"Better than the approved version {version}",
        Outcome.WORSE: f"Worse than the approved version {version}",
        Outcome.WITHIN_NOISE: f"Within noise of the approved version {version}",
    }[challenge.outcome]
    verdict = (
        f"{compared}: of the same {challenge.images:,} images it alone is right on {challenge.won:,}, the other alone "
        f"on {challenge.lost:,} (McNemar's exact test, p = {challenge.probability:.2g})."
    )
    if not challenge.losses:
        return verdict
    told = "; ".join(
        f"{names.tell(each.label)} on {each.after:,} instead of {each.before:,} of its {each.support:,} images"
        for each in challenge.losses[:_MOST_TOLD]
    )
    more = f" and {len(challenge.losses) - _MOST_TOLD:,} more" if len(challenge.losses) > _MOST_TOLD else ""
    return f"{verdict} More than {100 * MARGIN:g} percentage points of recall are lost by {told}{more}."


def _tell_trained_on(images: int) -> str:
    return f"{count(images, 'test image')} {agree(images, 'was', 'were')}"


def _find_obstacle(evaluation: Evaluation) -> str:
    answers, job = evaluation.answers, evaluation.subject.job
    if not evaluation.images:
        return f"no image was read with the model of {job}"
    if answers.images != evaluation.images:
        return f"the evaluation of {job} is of an earlier version, which kept no answer for each image"
    if not answers.is_whole:
        return f"the evaluation of {job} has more images than answers are kept for"
    return ""


def _find_other_name(challenger: Evaluation, in_use: Evaluation) -> str:
    """Say which class is called otherwise: whoever reads answers by their number would take one class for another."""
    names, others = (each.subject.class_names for each in (challenger, in_use))
    other = [label for label in names.names if names.names[label] != others.names.get(label, names.names[label])]
    if not other:
        return ""
    more = f", and {len(other) - 1:,} more {agree(len(other) - 1, 'differs', 'differ')}" if other[1:] else ""
    return f"class {other[0]} is {names.names[other[0]]} here and {others.names[other[0]]} there{more}"
