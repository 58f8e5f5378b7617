"""What the classes of a data set are called, and whether its files agree on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from sagescene.alike_names import find_alike
from sagescene.files import classnames
from sagescene.files.classnames import ClassNames
from sagescene.files.numbering import Numbering
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import name_some
from sagescene.preflight.channel_checks import ChannelFiles

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedList:
    """A list that was read, by its key, and which folders it gives which labels."""

    file: str
    numbering: Numbering


def settle_names(listed: Mapping[int, str] | None, train: NumberedList, validation: NumberedList | None) -> ClassNames:
    """Name the classes by `classes.txt`, else by the folders of the lists where all of them were read to the end."""
    if listed:
        return ClassNames.of(listed, classnames.FILE_NAME)
    others = [validation.numbering] if validation else []
    if not all(numbering.is_whole for numbering in (train.numbering, *others)):
        return ClassNames()
    return ClassNames.of(train.numbering.name_labels(others), f"folders of {PurePosixPath(train.file).name}")


def find_conflict(
    listed: Mapping[int, str], file: str, train: NumberedList, validation: NumberedList | None
) -> Iterator[Finding]:
    """Report the names that a `classes.txt`, `file`, gives other labels than a list gives its folders, once for all.

    Names that no folder has are another vocabulary for the same classes.
    """
    by_name = Numbering.of_names(listed)
    for numbered in (train, validation):
        if numbered is None:
            continue
        differing, shared = by_name.compare(numbered.numbering)
        if differing:
            labels = [
                f"{classnames.show(each.folder)} is {each.label:g} here and {each.other:g} there"
                for each in differing[:_NAMED]
            ]
            what = "that files begin with" if differing[0].is_file else "that are folders"
            yield Code.CLASS_NAMES_CONFLICT.found(
                file=file,
                message=(
                    f"{len(differing):,} of the {shared:,} names {what} in {numbered.file} as well stand at another "
                    f"label there: {name_some(labels, len(differing))}."
                ),
                remedy=(
                    "Write the names in the order of the labels, the first that of label 0; or delete the file, "
                    "and the folders name the classes."
                ),
            )
            return


def find_miscount(
    names: ClassNames, file: str, train: ChannelFiles, validation: ChannelFiles, num_classes: int
) -> Iterator[Finding]:
    """Report a `classes.txt`, `file`, with more or fewer names than there are classes.

    Faults of the training files say by themselves why the counts differ, as classes do that training has lost.
    """
    listed = train.listed
    found = (*train.records.findings, *(listed.findings if listed else ()))
    if names.source != classnames.FILE_NAME or not num_classes or any(it.severity is Severity.ERROR for it in found):
        return
    count = len(names.names)
    others = (listed.classes if listed else {}, validation.classes)
    if count in (num_classes, *(max(classes, default=-1) + 1 for classes in others)):
        return
    if count < num_classes:
        message = f"The file names {count:,} of {num_classes:,} classes: class {count:,} has no name."
    else:
        last = names.names[num_classes]
        message = f"The file names {count:,} classes, but the images have only {num_classes:,}: {last} has no image."
    yield Code.CLASS_NAMES_MISCOUNTED.found(
        file=file,
        message=message,
        remedy="Write one name for each class, the first that of label 0, and no line for anything else.",
    )


def find_alike_names(names: ClassNames, class_names_file: str, train: ChannelFiles) -> Iterator[Finding]:
    """Warn of classes whose names people take for one."""
    labels = {name: label for label, name in names.names.items()}
    alike = [f"{names.tell(labels[other])} and {names.tell(labels[name])}" for other, name in find_alike(labels)]
    if alike:
        more = f", and {len(alike) - _NAMED:,} more" if len(alike) > _NAMED else ""
        yield Code.CLASS_NAMES_ALIKE.found(
            file=class_names_file if names.source == classnames.FILE_NAME else train.list_file,
            message=(
                "These classes have names that differ in capitals, blanks, hyphens or underscores, in quotation marks "
                f"around them, or in the form of their accents alone: {', '.join(alike[:_NAMED])}{more}."
            ),
            remedy="Give the images of both one label if they are one class; nothing needs doing if they are two.",
        )
