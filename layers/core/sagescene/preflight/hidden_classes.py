"""Folders that programs made for themselves and im2rec numbered as classes."""

from collections.abc import Iterator, Mapping
from os.path import commonprefix

from sagescene.files.numbering import Numbering
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import agree, name_some
from sagescene.hidden_names import is_hidden
from sagescene.quoting import quote

_NAMED = 5


def find_hidden_classes(numbering: Numbering, file: str) -> Iterator[Finding]:
    """Report a list, `file`, that was read to its end and has hidden folders with labels that no other folder has."""
    found = _find(numbering.labels) if numbering.is_whole else {}
    if not found:
        return
    named = [f"{quote(repr(folder))} (label {label:g})" for folder, label in found.items()][:_NAMED]
    folders = agree(len(found), "folder", f"{len(found):,} folders")
    yield Code.HIDDEN_FOLDERS_AS_CLASSES.found(
        file=file,
        message=(
            f"{name_some(named, len(found))} {agree(len(found), 'is a class', 'are classes')}, but such folders are "
            "made by programs for their own files."
        ),
        remedy=(
            f"Delete the {folders}, make the list anew and pack again; `sagescene pack` passes over "
            f"{agree(len(found), 'it', 'them')}."
        ),
    )


def _find(labels: Mapping[str, float]) -> dict[str, float]:
    parted = [folder.split("/") for folder in labels]
    shared = len(commonprefix(parted))  # noqa: RUF071 - of parts, not of characters
    hidden = {
        folder: labels[folder]
        for folder, parts in zip(labels, parted, strict=True)
        if any(map(is_hidden, parts[shared:]))
    }
    others = {label for folder, label in labels.items() if folder not in hidden}
    return {folder: hidden[folder] for folder in sorted(hidden, key=hidden.__getitem__) if hidden[folder] not in others}
