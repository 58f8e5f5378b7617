"""Bars of numbers as inline SVG: no script, no text inside the picture, so that it scales to any width."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from sagescene.bounds import MOST_CHART_COLUMNS

_HEIGHT = 100


def bar(images: int, largest: int, *, kind: str) -> str:
    """Draw one horizontal bar, as long as its share of the largest; `kind` is its CSS class."""
    share = 100 * images / largest if largest else 0
    return (
        f'<svg class="bar {kind}" role="img" aria-label="{images:,} images"><rect width="{share:.2f}%" height="100%" '
        'rx="2"/></svg>'
    )


def columns(classes: Mapping[int, int], *, kind: str) -> str:
    """Draw many classes as thin columns in their order; neighbours share one where there are more than 200."""
    heights = _merge([images for _, images in sorted(classes.items())])
    largest = max(heights, default=0) or 1
    drawn = "".join(
        f'<rect x="{position}" y="{_HEIGHT - _HEIGHT * images / largest:.1f}" width=".8" '
        f'height="{_HEIGHT * images / largest:.1f}"/>'
        for position, images in enumerate(heights)
    )
    return (
        f'<svg class="columns {kind}" role="img" aria-label="Images of {len(classes):,} classes" '
        f'viewBox="0 0 {len(heights)} {_HEIGHT}" preserveAspectRatio="none">{drawn}</svg>'
    )


def share_bar(share: float, *, kind: str, name: str) -> str:
    """Draw one horizontal bar of a share from 0 to 1; `name` is what is read out of it."""
    return (
        f'<svg class="bar {kind}" role="img" aria-label="{name}"><rect width="{100 * share:.2f}%" height="100%" '
        'rx="2"/></svg>'
    )


def lines(series: Mapping[str, Sequence[float | None]], *, low: float, name: str) -> str:
    """Draw shares up to 1 as lines above `low`; a series' name is its CSS class, and None leaves a gap."""
    longest = max(map(len, series.values()), default=0)
    step, room = 100 / max(1, longest - 1), (1 - low) or 1
    drawn = []
    for kind, shares in series.items():
        points = [
            "" if share is None else f"{place * step:.2f},{_HEIGHT - _HEIGHT * (share - low) / room:.1f}"
            for place, share in enumerate(shares)
        ]
        for is_gap, group in groupby(points, key=lambda point: not point):
            run = list(group)
            if not is_gap:  # one point is a line to itself, whose ends are round
                drawn.append(f'<polyline class="{kind}" points="{" ".join(run if len(run) > 1 else run * 2)}"/>')
    return (
        f'<svg class="lines" role="img" aria-label="{name}" viewBox="0 0 100 {_HEIGHT}" '
        f'preserveAspectRatio="none">{"".join(drawn)}</svg>'
    )


def _merge(numbers: Sequence[int]) -> list[float]:
    step = -(-len(numbers) // MOST_CHART_COLUMNS) or 1
    groups = (numbers[start : start + step] for start in range(0, len(numbers), step))
    return [sum(group) / len(group) for group in groups]
