"""An evaluation as a page for people: the verdict first, then what must be known, then the figures."""

from collections.abc import Mapping
from html import escape

from sagescene.foreign_text import printable
from sagescene.grammar import percent
from sagescene.messages.charts import lines
from sagescene.messages.document import section, table, write_document
from sagescene_evaluation.caveat import Caveat, CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.evaluation import Evaluation
from sagescene_evaluation.page_cases import show_doubtful, show_mistakes
from sagescene_evaluation.page_classes import show_classes, show_confusion
from sagescene_evaluation.page_figures import show_calibration, show_figures
from sagescene_evaluation.sentences import state_verdict

_GRAVE = {
    CaveatCode.NOTHING_READ,
    CaveatCode.CLASS_NAMES_DIFFER,
    CaveatCode.NO_LABEL_FITS,
    CaveatCode.NO_BETTER_THAN_CHANCE,
}


def render(
    evaluation: Evaluation, thumbnails: Mapping[tuple[int, int], bytes] | None = None, compared: str = ""
) -> str:
    """Write the page; `thumbnails` are those of the tally, JPEGs by file and byte.

    `compared` says how the model stands against the approved version, and is empty where nobody looked for one.
    """
    small = thumbnails or {}
    caveats = find_caveats(evaluation)
    heading = _write_heading(evaluation)
    sections = [
        _show_verdict(evaluation, heading, caveats),
        section("Against the approved version", f"<p>{escape(printable(compared))}</p>") if compared else "",
        _show_caveats(caveats),
        *(
            (
                show_figures(evaluation),
                show_classes(evaluation),
                show_confusion(evaluation),
                show_mistakes(evaluation, small),
                show_doubtful(evaluation, small),
                show_calibration(evaluation),
            )
            if evaluation.images
            else ()
        ),
        _show_epochs(evaluation),
        _show_subject(evaluation),
    ]
    return write_document(heading, sections)


def _write_heading(evaluation: Evaluation) -> str:
    name = escape(evaluation.subject.data_set)
    if not evaluation.images:
        return f"{name}: the model could not be evaluated"
    every = "every label " if evaluation.is_multi_label else ""
    return f"{name}: {every}right on {percent(evaluation.accuracy.share)} of {evaluation.subject.role} images"


def _show_verdict(evaluation: Evaluation, heading: str, caveats: list[Caveat]) -> str:
    grave = any(caveat.code in _GRAVE for caveat in caveats)
    kind = "refused" if grave else "waiting" if caveats else "ready"
    job = escape(evaluation.subject.job)
    return f"""<header class="verdict {kind}">
<p class="eyebrow">Model · {evaluation.written:%Y-%m-%d %H:%M} UTC · job <code>{job}</code></p>
<h1>{heading}</h1>
<p>{escape(state_verdict(evaluation))}</p>
</header>"""


def _show_caveats(caveats: list[Caveat]) -> str:
    items = "\n".join(
        f'<li class="{"error" if caveat.code in _GRAVE else "warning"}"><p>{escape(caveat.message)}</p>\n'
        f'<p class="remedy">{escape(caveat.remedy)}</p></li>'
        for caveat in caveats
    )
    return section("To know beside it", f'<ul class="findings">\n{items}\n</ul>') if items else ""


def _show_epochs(evaluation: Evaluation) -> str:
    epochs = sorted(evaluation.subject.epochs)
    series = {"train": [epoch.train for epoch in epochs], "validation": [epoch.validation for epoch in epochs]}
    known = [share for shares in series.values() for share in shares if share is not None]
    if not known:
        return ""
    low = min(known)
    chart = lines(series, low=low, name=f"Accuracy of {len(epochs):,} epochs")
    best = max(epochs, key=lambda epoch: (-1 if epoch.validation is None else epoch.validation, -epoch.epoch))
    told = "" if best.validation is None else f" Best on validation: epoch {best.epoch:,}, {percent(best.validation)}."
    if (kept := evaluation.subject.epoch) is not None:
        told += f" The model is that of epoch {kept:,}."
    keys = '<span class="key train"></span>train<span class="key validation"></span>validation'
    return section(
        "Accuracy by epoch",
        f'<p class="soft">{keys}</p>\n{chart}\n<p class="soft">Epochs {epochs[0].epoch:,} to {epochs[-1].epoch:,}, as '
        f"the job logged them; the lower edge is {percent(low)}, the upper 100 %.{told}</p>",
    )


def _show_subject(evaluation: Evaluation) -> str:
    subject = evaluation.subject
    rows = [("model", subject.artifact), *((str(subject.role), file) for file in subject.files)]
    body = "\n".join(
        f'<tr><th scope="row">{kind}</th><td><code>{escape(printable(file.key))}</code></td>'
        f'<td class="soft"><code>{escape(printable(file.etag))}</code></td></tr>'
        for kind, file in rows
    )
    names = f'<p class="soft">Classes are named by {escape(subject.class_names.source)}.</p>\n'
    doubt = evaluation.seen.tell_doubt(evaluation.images)
    known = (
        f"Whether any of the images was trained on is not known: {doubt}."
        if doubt
        else f"{evaluation.seen.images:,} of the images were trained on."
        if subject.is_of_training
        else f"{evaluation.seen.images:,} of the images lie among the training images of this data set, too; that the "
        "model was trained on them is not known."
    )
    trained = f'<p class="soft">{escape(printable(known))}</p>\n' if evaluation.images else ""
    files = table("<td></td><th>file</th><th>ETag</th>", body, kind="files")
    return section("What was evaluated", f"{files}\n{names if subject.class_names.source else ''}{trained}")
