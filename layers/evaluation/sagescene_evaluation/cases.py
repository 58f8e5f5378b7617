"""Images where the model's answer is not the label: the ones kept of them, and which are most doubtful."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

MOST_MISTAKES = 24
MOST_DOUBTFUL = 1_000


class Case(NamedTuple):
    """One image whose label and answer differ, under the first fit.

    `file` counts the test files from 0, `offset` is the record's byte in it, `identifier` its row's index in the list.
    Where an image has several labels it is about the worst one of them: `given` is None where that class was found
    and not given, `found` is None where it was given and not found. `given_probability` is the model's for what the
    label says, `found_probability` for what the model says.
    """

    file: int
    offset: int
    identifier: int
    given: int | None
    found: int | None
    given_probability: float
    found_probability: float

    @property
    def place(self) -> tuple[int, int]:
        """Tell the image from all others."""
        return self.file, self.offset

    @property
    def label(self) -> int:
        """Give the class whose label is in doubt."""
        return self.found if self.given is None else self.given  # type: ignore[return-value]  # one of them is there

    @classmethod
    def from_json(cls, fields: Iterable[Any]) -> Self:
        """Read what stood in JSON as a list.

        Raises:
            ValueError, TypeError: if it is something else.
        """
        file, offset, identifier, given, found, given_probability, found_probability = fields
        return cls(
            int(file),
            int(offset),
            int(identifier),
            None if given is None else int(given),
            None if found is None else int(found),
            float(given_probability),
            float(found_probability),
        )


def rank_mistakes(cases: Iterable[Case]) -> list[Case]:
    """Give the mistakes that the model is surest of, the surest first."""
    return sorted(cases, key=lambda case: (-case.found_probability, case.place))[:MOST_MISTAKES]


def rank_doubtful(cases: Iterable[Case], confidences: Mapping[int, float]) -> list[Case]:
    """Give the images with the most doubtful labels, the most doubtful first.

    The rank is the probability of the given label less the mean of it over all images of that class (`confidences`):
    a label is held against what the model makes of its class, so that a hard class does not fill the list. It is the
    self-confidence of Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
    JAIR 70 (2021), adjusted by the class thresholds of the same work.
    """

    def doubt(case: Case) -> tuple[float, tuple[int, int]]:
        return case.given_probability - confidences.get(case.label, 0.0), case.place

    return sorted(cases, key=doubt)[:MOST_DOUBTFUL]
