"""Images on their way through a model: decoded in threads, asked in batches, answered in their order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched

import numpy as np

from sagescene_command.parallel import map_in_order
from sagescene_command.predicting.answers import ImageAnswer, rank
from sagescene_command.predicting.images import NamedImage, fit_image
from sagescene_model.inference import Classifier
from sagescene_model.params import Array
from sagescene_model.pictures import Fit

MOST_IN_BATCH = 32
BATCH_BYTES = 64 << 20


def classify(
    classifier: Classifier,
    images: Iterable[NamedImage],
    fits: Sequence[Fit],
    *,
    names: Mapping[int, str],
    top: int,
    resize: int | None = None,
    jobs: int | None = None,
) -> Iterator[ImageAnswer]:
    """Yield an answer an image and fit; memory is one batch, and what `jobs` threads decode ahead of it.

    `top` is the number of classes in an answer, 0 for all.

    Raises:
        ModelRefused: if the model answers with what are no numbers.
    """
    size = np.dtype(np.float32).itemsize * int(np.prod(classifier.shape))
    fit_one = partial(fit_image, shape=classifier.shape, fits=fits, resize=resize)
    fitted = (fitted for _, fitted in map_in_order(fit_one, images, jobs))
    each = ((image.name, fit, image.arrays.get(fit), image.fault) for image in fitted for fit in fits)
    for batch in batched(each, max(1, min(MOST_IN_BATCH, BATCH_BYTES // size)), strict=False):
        arrays = [array for _, _, array, _ in batch if array is not None]
        answers: Iterator[Array] = iter(classifier.probabilities(np.stack(arrays)) if arrays else ())
        for name, fit, array, fault in batch:
            guesses = () if array is None else rank(next(answers).tolist(), names, top)
            yield ImageAnswer(image=name, fit=str(fit), guesses=guesses, fault=fault)
