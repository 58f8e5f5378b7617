"""Whether a set whose files were trained on has other class names by now: facts in, a sentence out."""

from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from sagescene.files import classnames
from sagescene.files.classnames import ClassNames
from sagescene.preflight.report import Report
from sagescene.workflow.facts import StartFacts


def names_of(assembled: DataSet | IncompleteSet | AmbiguousSet) -> StoredObject | None:
    """Give the `classes.txt` of a complete data set."""
    return assembled.class_names if isinstance(assembled, DataSet) else None


def explain_other_names(stored: StoredObject, report: Report | None, facts: StartFacts) -> str:
    """Say where a `classes.txt` differs from the names in the report on a set's content; empty where they agree."""
    if not report or report.conditions.companions.get(stored.key) == stored.etag:
        return ""
    listed = facts.class_names[stored]
    if listed is None:  # it was replaced just now, and that upload is judged by itself
        return ""
    if listed.names is None:
        return f"its class names cannot be read: {listed.findings[0]}"
    return _compare(stored.key, ClassNames.of(listed.names, classnames.FILE_NAME).shorten(), report.class_names)


def _compare(key: str, names: ClassNames, former: ClassNames) -> str:
    labels = sorted({*names.names, *former.names})
    differing = [label for label in labels if names.names.get(label) != former.names.get(label)]
    if not differing:
        return "" if names.more == former.more else f"{key} has another number of names than the report on these files"
    label = differing[0]
    name, before = names.names.get(label), former.names.get(label)
    if name and before:
        said = f"{key} calls class {label} {name}, the report on these files {before}"
    elif name:
        said = f"{key} calls class {label} {name}, for which the report on these files has no name"
    else:
        said = f"{key} has no name for class {label}, which the report on these files calls {before}"
    others = len(differing) - 1
    return f"{said} ({others:,} more differ)" if others else said
