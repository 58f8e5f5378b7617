"""How contents are told apart whose digests begin alike, so that one name means one."""

from collections.abc import Mapping
from dataclasses import replace

from sagescene import dataset, keys
from sagescene.dataset import AmbiguousSet, DataSet
from sagescene.preflight.report import Report


def tell_apart[Content: DataSet | AmbiguousSet](
    assembled: Content, report_under: Mapping[str, Report | None]
) -> Content:
    """Give a content whose name is another's already a longer one; the reports are by their keys."""
    named_so = report_under[keys.report_key(assembled.name, assembled.fingerprint)]
    if named_so is None or named_so.is_of(assembled.digest):
        return assembled
    return replace(assembled, digits=dataset.LONGER_FORM)
