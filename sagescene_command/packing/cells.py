"""Cells of a column of labels that hold no label, or several."""

from collections.abc import Sequence

from sagescene_command.packing.source import PackingError

_NO_LABELS = {"#n/a", "<na>", "n/a", "nan", "null"}  # as pandas and spreadsheets write an empty cell
_JOINTS = "|;,"


def is_no_label(cell: str) -> bool:
    """Tell whether a cell says that there is no label."""
    return cell.casefold() in _NO_LABELS


def refuse_several(name: str, cells: Sequence[tuple[int, str]]) -> None:
    """Refuse a column, by the lines' numbers, in which a cell joins labels that stand alone or at another place, too.

    Of those that a comma joins all stand alone: "maillot" and "maillot, tank suit" are two names of ImageNet's classes.

    Raises:
        PackingError: with the first such cell, and what to write instead.
    """
    alone = {cell for _, cell in cells}
    for joint in _JOINTS:
        places: dict[str, int] = {}
        for line, cell in cells:
            parts = [part.strip() for part in cell.split(joint)]
            if len(parts) < 2 or not all(parts):
                continue
            found = [part in alone for part in parts]
            is_moved = any(places.setdefault(part, place) != place for place, part in enumerate(parts))
            if all(found) or (joint != "," and (any(found) or is_moved)):
                raise PackingError(
                    f"Line {line} of {name} has several labels in one cell, {cell}; for several labels an image give "
                    f"each class a column of 0 and 1 instead, or write another sign than {joint} where it is one label."
                )
