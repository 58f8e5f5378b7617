"""What a person has accepted of a judgement, and what need not be told because its cause is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity

_CONSEQUENCES: Mapping[Code, Collection[Code]] = {
    Code.LABELS_NUMBERED_APART: (
        Code.CLASS_NOT_IN_VALIDATION,
        Code.IMAGE_LABELS_DIFFER,
        Code.PATHS_SHARED,
        Code.CLASS_NAMES_CONFLICT,
    ),
    Code.ONE_CLASS_ONLY: (
        Code.CLASS_MISSING,
        Code.CLASS_NOT_IN_TRAIN,
    ),
    Code.SPLITS_AS_CLASSES: (
        Code.CLASS_NOT_IN_VALIDATION,
        Code.CLASSES_UNEVEN,
        Code.FEW_IMAGES_OF_CLASS,
        Code.LABELS_NUMBERED_APART,
    ),
    Code.HIDDEN_FOLDERS_AS_CLASSES: (
        Code.CLASS_NOT_IN_VALIDATION,
        Code.CLASSES_UNEVEN,
        Code.FEW_IMAGES_OF_CLASS,
        Code.IMAGE_LABELS_DIFFER,
        Code.LABELS_NUMBERED_APART,
    ),
    Code.LISTS_EXCHANGED: (
        Code.CLASS_NOT_IN_TRAIN,
        Code.CLASS_NOT_IN_VALIDATION,
        Code.LABEL_NOT_AS_LISTED,
        Code.RECORD_NOT_IN_LIST,
        Code.ROWS_WITHOUT_RECORD,
    ),
}


def weigh(findings: Iterable[Finding], accepted: Collection[Code], *, file: str) -> tuple[Finding, ...]:
    """Make accepted judgements warnings, name to others the way to accept them, and leave out what these explain.

    `file` is the `training.json` that accepts.
    """
    weighed = tuple(_weigh(finding, accepted, file) for finding in findings)
    refused_for = {finding.code for finding in weighed if finding.severity is Severity.ERROR}
    explained = {code for cause, codes in _CONSEQUENCES.items() if cause in refused_for for code in codes}
    return tuple(finding for finding in weighed if finding.code not in explained)


def _weigh(finding: Finding, accepted: Collection[Code], file: str) -> Finding:
    if finding.code not in _JUDGEMENTS:
        return finding
    if finding.code in accepted:
        return replace(
            finding,
            severity=Severity.WARNING,
            message=f"{finding.message} This was accepted in {file}.",
            remedy=f"Nothing needs doing if that still holds; else take {finding.code} out of accept.",
        )
    if finding.severity is Severity.ERROR:
        way = f'If it is meant so, write "accept": ["{finding.code}"] in training.json.'
        return replace(finding, remedy=f"{finding.remedy} {way}")
    return finding


_JUDGEMENTS = frozenset(code for code in Code if code.is_judgement)
