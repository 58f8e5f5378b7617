"""The figures of a tally: how often the model is right, how sure that is, and how much a guess would give."""

from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import NamedTuple

from sagescene_evaluation.tally import FitTally, Tally
from sagescene_model.pictures import Fit

MOST_PAIRS_TOLD = 1_000
_NORMAL_QUANTILE = 1.959964  # of 97.5 %: an interval of 95 %


class Proportion(NamedTuple):
    """How many of how many were right, with the 95 % interval of the share; all of 0 is 0, and nothing is known."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """Give it from 0 to 1."""
        return self.right / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Give Wilson's score interval, which holds near 0 and 1 and for few images as well (JASA 22, 1927)."""
        if not self.of:
            return 0.0, 1.0
        weight = _NORMAL_QUANTILE**2 / self.of
        centre = (self.share + weight / 2) / (1 + weight)
        reach = _NORMAL_QUANTILE / (1 + weight) * sqrt(self.share * (1 - self.share) / self.of + weight / 4 / self.of)
        # At the ends the interval ends exactly there, whatever rounding makes of it.
        low = 0.0 if self.right == 0 else max(0.0, centre - reach)
        return low, 1.0 if self.right == self.of else min(1.0, centre + reach)


class ClassFigures(NamedTuple):
    """One class: `support` images have it, the model `found` it on so many, on `hits` of them rightly."""

    label: int
    support: int
    found: int
    hits: int

    @property
    def precision(self) -> float | None:
        """Give the share of its answers that are right; None where it was never answered."""
        return self.hits / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Give the share of its images on which it was found; None without one."""
        return self.hits / self.support if self.support else None

    @property
    def f1(self) -> float | None:
        """Give the harmonic mean of both; None where it was neither given nor answered."""
        both = self.support + self.found
        return 2 * self.hits / both if both else None


class BinFigures(NamedTuple):
    """Answers of about one probability: how many, their mean probability, and the share of them that is right."""

    answers: int
    probability: float
    share: float


class FitFigures(NamedTuple):
    """What holds under one fit.

    `accuracy` is of images whose every label was found, `entries` of single labels where images have several, as the
    algorithm counts them; else both are the same. `balanced` is the mean recall over the classes that have images,
    `macro_f1` that of F1 over those given or found. `calibration_error` is the expected one over ten bins.
    """

    accuracy: Proportion
    entries: Proportion
    balanced: float
    macro_f1: float
    calibration_error: float
    bins: tuple[BinFigures, ...]


def measure_fit(tally: Tally, fit: Fit) -> FitFigures:
    """Give the figures of one fit."""
    counted = tally.fits[fit]
    accuracy = Proportion(counted.right, counted.images)
    figures = list(measure_classes(tally, fit))
    recalls = [each.recall for each in figures if each.recall is not None]
    scores = [each.f1 for each in figures if each.f1 is not None]
    return FitFigures(
        accuracy=accuracy,
        entries=Proportion(counted.entries, counted.images * tally.classes) if tally.is_multi_label else accuracy,
        balanced=_mean(recalls),
        macro_f1=_mean(scores),
        calibration_error=_measure_calibration_error(counted),
        bins=tuple(
            BinFigures(each.answers, each.probability / each.answers, each.right / each.answers)
            if each.answers
            else BinFigures(0, 0.0, 0.0)
            for each in counted.bins
        ),
    )


def measure_classes(tally: Tally, fit: Fit) -> Iterator[ClassFigures]:
    """Give the figures of each class that was given or found, in the order of the labels."""
    counted = tally.fits[fit]
    for label in sorted({*tally.given, *counted.found}):
        yield ClassFigures(label, tally.given[label], counted.found[label], counted.hits[label])


def rank_classes(figures: list[ClassFigures]) -> list[ClassFigures]:
    """Put the worst classes first: by F1, and of equal ones the larger; those without images come last."""
    return sorted(figures, key=lambda each: (not each.support, each.f1 or 0.0, -each.support, each.label))


def find_least_found(figures: Iterable[ClassFigures]) -> ClassFigures | None:
    """Give the class that is found on the least share of its images, of equal ones the largest; None without any."""
    given = (each for each in figures if each.support)
    return min(given, key=lambda each: (each.hits / each.support, -each.support), default=None)


def measure_chance(tally: Tally) -> float:
    """Give what always guessing the largest class would get right; of several labels, the commoner answer to each."""
    if not tally.images:
        return 0.0
    if not tally.is_multi_label:
        return max(tally.given.values(), default=0) / tally.images
    labelled = tally.images - tally.strange
    commoner = (max(tally.given[label], labelled - tally.given[label]) for label in range(tally.classes))
    return sum(commoner) / (tally.images * tally.classes)


def rank_pairs(tally: Tally, fit: Fit) -> list[tuple[int, int, int]]:
    """Give the classes most often taken for others: given, found, and on how many images; at most 1,000."""
    pairs = sorted(tally.fits[fit].pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(given, found, images) for (given, found), images in pairs[:MOST_PAIRS_TOLD]]


def do_fits_differ(figures: Mapping[Fit, FitFigures]) -> bool:
    """Tell whether squashing changes the figure by more than its interval."""
    low, high = figures[Fit.CROP].accuracy.interval
    return bool(figures[Fit.CROP].accuracy.of) and not low <= figures[Fit.SQUASH].accuracy.share <= high


def _measure_calibration_error(counted: FitTally) -> float:
    """Weigh how far probability and truth are apart in each bin by its answers (Guo et al., ICML 2017)."""
    answers = sum(each.answers for each in counted.bins)
    return sum(abs(each.probability - each.right) for each in counted.bins) / answers if answers else 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
