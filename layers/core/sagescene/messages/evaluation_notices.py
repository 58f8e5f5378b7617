"""What people read of a model's evaluation: a part of its model's notice, or a notice of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from sagescene.messages.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of an evaluation, and whether that is its figures, not that there are none."""

    text: str
    has_figures: bool


def figures(summary: str, warnings: Iterable[str], page_url: str, registered: Iterable[str] = ()) -> Said:
    """Give an evaluation's figures in words, what is doubtful about them, and where all of it is shown.

    `registered` says what became of the model in the registry, and is empty where there is none.
    """
    lines = [
        summary,
        *(f"- {warning}" for warning in warnings),
        *filter(None, registered),
        f"The whole evaluation: {page_url}",
    ]
    return Said(text="\n".join(lines), has_figures=True)


def without_figures(reason: str) -> Said:
    """Say why a model has no evaluation."""
    return Said(text=f"It could not be evaluated:\n{reason}", has_figures=False)


def still_evaluated(page_url: str) -> Said:
    """Say that an evaluation takes longer than people were to wait for it, and where it will be found."""
    text = (
        "Its evaluation has not ended within an hour. As soon as it has, a notice says what came of it, and it lies "
        f"here: {page_url}\nIf none comes, the log of EvaluateModelFunction says why."
    )
    return Said(text=text, has_figures=False)


def evaluated_apart(data_set: str, job: str, said: Said) -> Notice:
    """Say what came of an evaluation of a model whose notice was sent before: on files that came later, or late.

    Any file that is put in the place of a test file has one. Figures are a topic of their own, so that whoever mends a
    faulty file hears of them at once.
    """
    return Notice(
        subject=f"Data set {data_set} has another evaluation",
        text=f"This is of the model of training job {job} and the files that data set {data_set} has now to test it "
        f"with; nothing was trained.\n\n{said.text}",
        topic=f"{data_set}/{'evaluation' if said.has_figures else 'no-evaluation'}",
        data_set=data_set,
    )
