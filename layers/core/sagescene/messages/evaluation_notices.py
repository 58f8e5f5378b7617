"""What people read of a model's evaluation: a part of its model's notice, or a notice of its own."""

from collections.abc import Iterable

from sagescene.messages.notices import Notice

_WHOLE = "The whole evaluation: "


def figures(summary: str, warnings: Iterable[str], page_url: str, registered: Iterable[str] = ()) -> str:
    """Give an evaluation's figures in words, what is doubtful about them, and where all of it is shown.

    `registered` says what became of the model in the registry, and is empty where there is none.
    """
    lines = [
        summary,
        *(f"- {warning}" for warning in warnings),
        *filter(None, registered),
        f"{_WHOLE}{page_url}",
    ]
    return "\n".join(lines)


def has_figures(said: str) -> bool:
    """Tell whether what is said of an evaluation are its figures, not that there are none."""
    return _WHOLE in said


def without_figures(reason: str) -> str:
    """Say why a model has no evaluation."""
    return f"It could not be evaluated:\n{reason}"


def still_evaluated(page_url: str) -> str:
    """Say that an evaluation takes longer than people were to wait for it, and where it will be found."""
    return (
        "Its evaluation has not ended within an hour. As soon as it has, a notice says what came of it, and it lies "
        f"here: {page_url}\nIf none comes, the log of EvaluateModelFunction says why."
    )


def evaluated_apart(data_set: str, job: str, said: str) -> Notice:
    """Say what came of an evaluation of a model whose notice was sent before: on files that came later, or late."""
    return Notice(
        subject=f"Data set {data_set} has another evaluation",
        text=f"This is of the model of training job {job} and the files that data set {data_set} has now to test it "
        f"with; nothing was trained.\n\n{said}",
        data_set=data_set,
    )
