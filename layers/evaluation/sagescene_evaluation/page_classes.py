"""The page's classes: the worst first, and which are taken for which."""

from html import escape

from sagescene.grammar import percent
from sagescene.messages.charts import share_bar
from sagescene.messages.document import section, table
from sagescene_evaluation.evaluation import Evaluation

MOST_CLASSES = 30
MOST_PAIRS = 20
LARGEST_MATRIX = 12
_LONGEST_LEVEL = 3  # characters of a column's name that is not turned upright
_LEAST_SHADE = 12  # percent: one mistake is to be seen


def show_classes(evaluation: Evaluation) -> str:
    """Show precision, recall, F1 and support of each class, the worst 30 of them."""
    shown = evaluation.per_class[:MOST_CLASSES]
    rows = "\n".join(
        f'<tr><th scope="row">{_name(evaluation, each.label)}</th>'
        + "".join(f'<td class="number">{_tell(share)}</td>' for share in (each.precision, each.recall, each.f1))
        + f'<td class="number">{each.support:,}</td></tr>'
        for each in shown
    )
    heads = "".join(f'<th class="number">{name}</th>' for name in ("precision", "recall", "F1", "images"))
    left = len(evaluation.per_class) - len(shown)
    more = f'\n<p class="soft">The {len(shown)} worst; all others are in the JSON beside this page.</p>' if left else ""
    return section(
        "Classes, the worst first",
        table(f"<th>class</th>{heads}", rows, kind="classes") + more,
    )


def show_confusion(evaluation: Evaluation) -> str:
    """Show the confusion matrix of few classes, and which of many are most often taken for others."""
    if not evaluation.pairs:
        return ""
    if evaluation.classes <= LARGEST_MATRIX:
        return section("Given classes, and what was found", _draw_matrix(evaluation))
    support = {each.label: each.support for each in evaluation.per_class}
    shown = [(*pair, support.get(pair[0], 0)) for pair in evaluation.pairs[:MOST_PAIRS]]
    largest = shown[0][2]
    rows = "\n".join(
        f'<tr><th scope="row">{_name(evaluation, given)}</th><td>{_name(evaluation, found)}</td>'
        f'<td class="plot">{share_bar(images / largest, kind="validation", name=f"{images:,} images")}</td>'
        f'<td class="number">{images:,}{f" of {of:,}" if of else ""}</td></tr>'
        for given, found, images, of in shown
    )
    heads = '<th>given</th><th>found</th><td class="plot"></td><th class="number">images</th>'
    return section("Classes most often taken for others", table(heads, rows, kind="pairs"))


def _draw_matrix(evaluation: Evaluation) -> str:
    counts = {(given, found): images for given, found, images in evaluation.pairs}
    counts |= {(each.label, each.label): each.hits for each in evaluation.per_class}
    support = {each.label: each.support or 1 for each in evaluation.per_class}
    labels = sorted(support)
    rows = "\n".join(
        f'<tr><th scope="row">{_name(evaluation, given)}</th>'
        + "".join(_draw_cell(counts.get((given, found), 0), support[given], given == found) for found in labels)
        + "</tr>"
        for given in labels
    )
    heads = "".join(f'<th scope="col" class="number">{_name(evaluation, label)}</th>' for label in labels)
    told = '<p class="soft">A row for each class given, a column for each found; images.</p>'
    is_turned = any(len(evaluation.subject.class_names.tell(label)) > _LONGEST_LEVEL for label in labels)
    return f"{table(f'<td></td>{heads}', rows, kind='matrix named' if is_turned else 'matrix')}\n{told}"


def _draw_cell(images: int, support: int, is_right: bool) -> str:
    kind = ' class="right"' if is_right else ""
    shade = max(_LEAST_SHADE, 80 * images / support) if images else 0
    return f'<td{kind} style="--share: {shade:.0f}%">{images or ""}</td>'


def _name(evaluation: Evaluation, label: int) -> str:
    return escape(evaluation.subject.class_names.tell(label))


def _tell(share: float | None) -> str:
    return "none" if share is None else percent(share)
