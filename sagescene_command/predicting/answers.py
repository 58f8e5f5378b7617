"""What a model says of images, and how it is shown: as a table, as CSV, as JSON."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sagescene.files.classnames import tell_class
from sagescene.foreign_text import printable, printable_json
from sagescene.grammar import percent

CSV_COLUMNS = ("image", "fit", "rank", "label", "name", "probability", "error")
_FORMULAS = ("=", "+", "-", "@")  # what a spreadsheet computes begins so, as OWASP has it; TAB is written out anyway
_DIGITS = 6  # float32 holds no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A class, with its name if it has one, and its probability from 0 to 1."""

    label: int
    name: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAnswer:
    """What a model says of an image that was fitted in one way, the most probable class first, or why nothing."""

    image: str
    fit: str
    guesses: tuple[Guess, ...] = ()
    fault: str = ""


def rank(probabilities: Sequence[float], names: Mapping[int, str], top: int) -> tuple[Guess, ...]:
    """Give the `top` most probable classes, all for 0; of two alike the lower label goes first."""
    labels = sorted(range(len(probabilities)), key=lambda label: -probabilities[label])
    return tuple(
        Guess(label=label, name=names.get(label, ""), probability=probabilities[label])
        for label in labels[: top or None]
    )


def as_json(answer: ImageAnswer) -> str:
    """Write an answer as one line of JSON; a class without a name has null there."""
    document: dict[str, object] = {"image": answer.image, "fit": answer.fit}
    if answer.fault:
        return printable_json(document | {"error": answer.fault})
    predictions = [
        {"label": guess.label, "name": guess.name or None, "probability": round(guess.probability, _DIGITS)}
        for guess in answer.guesses
    ]
    return printable_json(document | {"predictions": predictions})


def as_csv(answer: ImageAnswer) -> str:
    """Write an answer as lines of CSV, one a class, with the columns of `CSV_COLUMNS`.

    A path or a name that a spreadsheet would take for a formula begins with an apostrophe.
    """
    head = [_as_cell(answer.image), answer.fit]
    if answer.fault:
        return write_csv([[*head, "", "", "", "", _as_cell(answer.fault)]])
    return write_csv(
        [*head, number, guess.label, _as_cell(guess.name), f"{guess.probability:.{_DIGITS}f}", ""]
        for number, guess in enumerate(answer.guesses, start=1)
    )


def _as_cell(text: str) -> str:
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_FORMULAS) and len(shown) > 1 else shown  # "-" alone is standard input


def write_csv(rows: object) -> str:
    """Write rows as lines, without the last line's end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().removesuffix("\n")


def as_words(answer: ImageAnswer) -> str:
    """Write an answer for people: `dog (3) 93 %, cat (0) 7 %`."""
    if answer.fault:
        return printable(answer.fault)
    return ", ".join(
        f"{tell_class(guess.label, printable(guess.name))} {percent(guess.probability)}" for guess in answer.guesses
    )
