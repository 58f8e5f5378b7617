"""The page's figures: both fits side by side, and how far the model's probabilities can be believed."""

from collections.abc import Callable

from sagescene.grammar import percent
from sagescene.messages.charts import share_bar
from sagescene.messages.document import section, table
from sagescene_evaluation.evaluation import Evaluation
from sagescene_evaluation.measures import FitFigures, Proportion
from sagescene_evaluation.sentences import relate_to_job
from sagescene_model.pictures import Fit

_FITS = {Fit.CROP: "centre cut out, as in training", Fit.SQUASH: "whole picture squashed"}


def show_figures(evaluation: Evaluation) -> str:
    """Show each figure under both fits, the chance level and the job's own."""
    rows: list[tuple[str, Callable[[FitFigures], str]]] = [
        ("images right", lambda figures: _tell(figures.accuracy)),
        ("95 % interval", lambda figures: " to ".join(map(percent, figures.accuracy.interval))),
        *([("labels right", lambda figures: _tell(figures.entries))] if evaluation.is_multi_label else []),
        ("mean recall of the classes", lambda figures: percent(figures.balanced)),
        ("mean F1 of the classes", lambda figures: percent(figures.macro_f1)),
        ("calibration error", lambda figures: percent(figures.calibration_error)),
    ]
    fits = [evaluation.fits[fit] for fit in _FITS]
    body = "\n".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td class='number'>{tell(figures)}</td>" for figures in fits)}</tr>'
        for name, tell in rows
    )
    heads = "".join(f'<th class="number">{name}</th>' for name in _FITS.values())
    told = relate_to_job(evaluation)
    alike = (
        f" {evaluation.same:,} of {evaluation.images:,} images have the model's size; only for these both fits are one."
    )
    return section(
        "Figures",
        f"{table(f'<td></td>{heads}', body, kind='figures')}\n"
        f'<p class="soft">Guessing gives {percent(evaluation.chance)}. {told}{alike}</p>',
    )


def show_calibration(evaluation: Evaluation) -> str:
    """Show how often answers of about one probability are right."""
    figures = evaluation.fits[Fit.CROP]
    rows = "\n".join(
        f'<tr><th scope="row" class="number">{10 * place} to {10 * place + 10} %</th>'
        f"<td>{share_bar(each.probability, kind='train', name=f'believed {percent(each.probability)}')}"
        f"{share_bar(each.share, kind='validation', name=f'right {percent(each.share)}')}</td>"
        f'<td class="number">{percent(each.share)}</td><td class="number">{each.answers:,}</td></tr>'
        for place, each in enumerate(figures.bins)
        if each.answers
    )
    surer = sum(each.answers * (each.probability - each.share) for each in figures.bins)
    leaning = "surer of itself than it should be" if surer > 0 else "less sure of itself than it could be"
    keys = '<span class="key train"></span>believed<span class="key validation"></span>right'
    return section(
        "How sure it is, and how often it is right",
        f'<p class="soft">On the whole the model is {leaning}; probability and truth are '
        f'{percent(figures.calibration_error)} apart.</p>\n<p class="soft">{keys}</p>\n'
        + table(
            '<th class="number">probability</th><td class="plot"></td><th class="number">right</th>'
            '<th class="number">answers</th>',
            rows,
            kind="bars",
        ),
    )


def _tell(proportion: Proportion) -> str:
    return f"{percent(proportion.share)} ({proportion.right:,} of {proportion.of:,})"
