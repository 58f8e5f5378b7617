"""What people read of a model's evaluation: a part of its model's notice, or a notice of its own."""

from collections.abc import Iterable

from sagescene.messages.notices import Notice


def figures(summary: str, warnings: Iterable[str], page_url: str, registered: Iterable[str] = ()) -> str:
    """Give an evaluation's figures in words, what is doubtful about them, and where all of it is shown.

    `registered` says what became of the model in the registry, and is empty where there is none.
    """
    lines = [
        summary,
        *(f"- {warning}" for warning in warnings),
        *filter(None, registered),
        f"The whole evaluation: {page_url}",
    ]
    return "\n".join(lines)


def without_figures(reason: str) -> str:
    """Say why a model has no evaluation."""
    return f"It could not be evaluated:\n{reason}"


def still_evaluated(page_url: str) -> str:
    """Say that an evaluation takes longer than people were to wait for it, and where it will be found."""
    return (
        "Its evaluation has not ended within an hour. As soon as it has, it lies here, without a further notice: "
        f"{page_url}\nIf it never does, the log of EvaluateModelFunction says why."
    )


def evaluated_anew(data_set: str, job: str, said: str) -> Notice:
    """Say what came of evaluating a model, whose notice was sent before, on other test files."""
    return Notice(
        subject=f"Data set {data_set} has other test files",
        text=f"The test files of data set {data_set} were read with the model of training job {job}; nothing was "
        f"trained.\n\n{said}",
    )
