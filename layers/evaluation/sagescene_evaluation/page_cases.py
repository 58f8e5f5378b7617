"""The page's single images: the mistakes that the model is surest of, and the labels that are most doubtful."""

import base64
from collections.abc import Mapping
from html import escape

from sagescene.files.images import read_size
from sagescene.foreign_text import printable
from sagescene.grammar import percent
from sagescene.messages.document import SMALL_IN_PIXELS, section, table
from sagescene_evaluation.cases import Case
from sagescene_evaluation.evaluation import Evaluation

MOST_DOUBTFUL = 50

type SmallJpegs = Mapping[tuple[int, int], bytes]


def show_mistakes(evaluation: Evaluation, thumbnails: SmallJpegs) -> str:
    """Show the surest mistakes, each with the class given and the one found."""
    figures = "\n".join(
        f"<figure>{_draw(thumbnails[case.place])}\n<figcaption>{_given(evaluation, case)}, found "
        f"{_found(evaluation, case)}, {percent(case.found_probability)}<br/>{_where(evaluation, case)}</figcaption>"
        "</figure>"
        for case in evaluation.mistakes
        if case.place in thumbnails
    )
    return section("The mistakes it is surest of", f'<div class="thumbnails">\n{figures}\n</div>') if figures else ""


def show_doubtful(evaluation: Evaluation, thumbnails: SmallJpegs) -> str:
    """Show the images whose labels are most doubtful, at most 50 of them."""
    shown = evaluation.doubtful[:MOST_DOUBTFUL]
    if not shown:
        return ""
    rows = "\n".join(
        f'<tr><td class="small">{_draw(thumbnails[case.place]) if case.place in thumbnails else ""}</td>'
        f'<th scope="row">{_where(evaluation, case)}</th>'
        f"<td>{_given(evaluation, case)} {_tell(case.given_probability)}</td>"
        f"<td>{_found(evaluation, case)} {_tell(case.found_probability)}</td></tr>"
        for case in shown
    )
    heads = "<td></td><th>image</th><th>given, and its probability</th><th>found, and its probability</th>"
    left = len(evaluation.doubtful) - len(shown)
    more = f" {left:,} more are in the JSON beside this page." if left else ""
    return section(
        "Labels to look at",
        '<p class="soft">Here the model gives the label less than it gives that class on average. The order is by how '
        "much less, not by the probability shown: where it is sure of the other images of a class, a label is more "
        f"doubtful.{more}</p>\n" + table(heads, rows, kind="doubtful"),
    )


def _draw(image: bytes) -> str:
    size = read_size(image)
    small = ' class="small"' if size and max(size.height, size.width) < SMALL_IN_PIXELS else ""
    return f'<img{small} alt="" src="data:image/jpeg;base64,{base64.b64encode(image).decode()}">'


def _tell(probability: float) -> str:
    return f'<span class="soft">{percent(probability)}</span>'


def _where(evaluation: Evaluation, case: Case) -> str:
    path = evaluation.paths.get((case.file, case.identifier))
    return f"<code>{escape(printable(path))}</code>" if path else f"id {case.identifier}"


def _given(evaluation: Evaluation, case: Case) -> str:
    return _name(evaluation, case.given, f"not {_name(evaluation, case.found, '')}")


def _found(evaluation: Evaluation, case: Case) -> str:
    return _name(evaluation, case.found, f"not {_name(evaluation, case.given, '')}")


def _name(evaluation: Evaluation, label: int | None, otherwise: str) -> str:
    return otherwise if label is None else escape(evaluation.subject.class_names.tell(label))
