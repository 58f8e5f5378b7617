"""One answer after another counted: right or wrong, how sure, and which images are worth a look."""

import numpy as np

from sagescene.grammar import count as numbered
from sagescene_evaluation.cases import Case, rank_doubtful, rank_mistakes
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.sources import StoredImage
from sagescene_evaluation.tally import BINS, MOST_NAMED, MOST_PAIRS, FitTally, Tally
from sagescene_model.params import Array
from sagescene_model.pictures import Fit, PictureRefused, make_thumbnail

_THUMBNAIL_IN_PIXELS = 96
SHOWN_OF_DOUBTFUL = 24  # with their thumbnails


def count(
    tally: Tally, image: StoredImage, answers: dict[Fit, Array], trained_on: TrainingImages | None = None
) -> None:
    """Count the model's probabilities for one image, by fit; without SQUASH, they are those of CROP."""
    labels = _read_labels(tally, image)
    if labels is None:
        _note_stranger(tally, image)
    if Fit.SQUASH not in answers:
        tally.same += 1
    right = tally.fits[Fit.CROP].right
    for fit, counted in tally.fits.items():
        counted.images += 1
        if labels is not None:
            _count_fit(counted, labels, answers.get(fit, answers[Fit.CROP]), is_several=tally.is_multi_label)
    is_right = tally.fits[Fit.CROP].right > right
    tally.answers.note(image.content, image.labels, is_right=is_right, file=tally.file)
    tally.repeats.look_for(image.content)
    tally.labels.note(tally.file, image.identifier, image.labels)
    if trained_on:
        trained_on.look_for(image, tally.file, tally.seen, is_right=is_right)
    if labels is not None:
        _keep(tally, image, _note_case(tally, image, labels, answers[Fit.CROP]))


def rank(tally: Tally) -> None:
    """Keep the worst mistakes and the most doubtful labels, and the thumbnails of those that are shown."""
    tally.mistakes = rank_mistakes(tally.mistakes)
    tally.doubtful = rank_doubtful(tally.doubtful, tally.mean_confidences())
    shown = {case.place for case in (*tally.mistakes, *tally.doubtful[:SHOWN_OF_DOUBTFUL])}
    tally.thumbnails = {place: image for place, image in tally.thumbnails.items() if place in shown}


def _read_labels(tally: Tally, image: StoredImage) -> Array | None:
    """Give the labels as a row of 0 and 1, one a class; None where the model has no such class."""
    labels = np.zeros(tally.classes, np.float32)
    if tally.is_multi_label:
        if len(image.labels) != tally.classes or not {*image.labels} <= {0.0, 1.0}:
            return None
        labels[:] = image.labels
    else:
        (label, *more) = image.labels or (-1.0,)
        if more or not 0 <= label < tally.classes or not label.is_integer():
            return None
        labels[int(label)] = 1
    return labels


def _note_stranger(tally: Tally, image: StoredImage) -> None:
    tally.strange += 1
    several = len(image.labels) > 1 or tally.is_multi_label
    told = numbered(len(image.labels), "label") if several else f"{image.labels[0]:g}" if image.labels else "none"
    if told in tally.strangers or len(tally.strangers) < MOST_NAMED:
        tally.strangers[told] += 1


def _count_fit(counted: FitTally, labels: Array, probabilities: Array, *, is_several: bool) -> None:
    if is_several:
        answer = probabilities > 0.5
        is_right = answer == (labels > 0)
        counted.right += bool(is_right.all())
        counted.entries += int(is_right.sum())
        counted.found.update(np.flatnonzero(answer).tolist())
        counted.hits.update(np.flatnonzero(answer & is_right).tolist())
        _count_bins(counted, np.where(answer, probabilities, 1 - probabilities), is_right)
        return
    given, found = int(labels.argmax()), int(probabilities.argmax())
    counted.found[found] += 1
    if given == found:
        counted.right += 1
        counted.hits[found] += 1
    elif (given, found) in counted.pairs or len(counted.pairs) < MOST_PAIRS:
        counted.pairs[given, found] += 1
    _count_bins(counted, probabilities[found : found + 1], np.array([given == found]))


def _count_bins(counted: FitTally, probabilities: Array, is_right: Array) -> None:
    places = np.minimum((probabilities * BINS).astype(np.intp), BINS - 1)
    for bin_, answers, total, right in zip(
        counted.bins,
        np.bincount(places, minlength=BINS).tolist(),
        np.bincount(places, probabilities, BINS).tolist(),
        np.bincount(places, is_right, BINS).tolist(),
        strict=True,
    ):
        bin_.answers += answers
        bin_.probability += total
        bin_.right += int(right)


def _note_case(tally: Tally, image: StoredImage, labels: Array, probabilities: Array) -> Case | None:
    """Count the label and its probability; give the image as a case where the answer is another."""
    place = (tally.file, image.offset, image.identifier)
    tally.given.update(np.flatnonzero(labels).tolist())
    if not tally.is_multi_label:
        given, found = int(labels.argmax()), int(probabilities.argmax())
        chances = float(probabilities[given]), float(probabilities[found])
        tally.confidences[given] = tally.confidences.get(given, 0.0) + chances[0]
        return Case(*place, given, found, *chances) if given != found else None
    confidences = np.where(labels > 0, probabilities, 1 - probabilities)
    for label, confidence in enumerate(confidences.tolist()):
        tally.confidences[label] = tally.confidences.get(label, 0.0) + confidence
    worst = int(confidences.argmin())
    confidence = float(confidences[worst])
    if bool(labels[worst] > 0) == bool(probabilities[worst] > 0.5):
        return None
    is_given = bool(labels[worst] > 0)
    return Case(*place, worst if is_given else None, None if is_given else worst, confidence, 1 - confidence)


def _keep(tally: Tally, image: StoredImage, case: Case | None) -> None:
    if case is None:
        return
    tally.mistakes.append(case)
    tally.doubtful.append(case)
    rank(tally)
    if case in tally.mistakes or case in tally.doubtful[:SHOWN_OF_DOUBTFUL]:
        try:
            tally.thumbnails[case.place] = make_thumbnail(image.content, _THUMBNAIL_IN_PIXELS)
        except PictureRefused:  # it was decoded for the model a moment ago, if only its gray
            return
