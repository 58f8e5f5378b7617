"""Both channels with one file of records: said once, and not by what it does to lists and indices."""

import pytest

from sagescene.dataset import StoredObject
from sagescene.files import overlaps, recordio
from sagescene.preflight.reading import Examination
from tests.unit.preflight.test_channel_checks import codes
from tests.unit.preflight.test_examination import RECORDS, SOUND, TRAIN, VALIDATION, idx, judge, rec

SAID = (
    "It holds the images of datasets/pets/train.rec in their order and no others: it is the same file under another "
    "name."
)


def said(examined: Examination) -> list[str]:
    return [finding.message for finding in examined.report.findings if finding.code == "images-shared"]


@pytest.mark.parametrize("copied", [RECORDS, VALIDATION["validation.rec"]], ids=["training's", "validation's"])
def test_the_records_of_the_other_channel_are_told_once(copied: bytes) -> None:
    files = {**SOUND, "train.rec": copied, "validation.rec": copied}
    indices = {"train.idx": idx(TRAIN["train.rec"]), "validation.idx": idx(VALIDATION["validation.rec"])}
    examined = judge(files | indices)
    assert codes(examined.report.findings) == ["images-shared"]
    assert said(examined) == [SAID]
    assert examined.report.findings[0].severity == "error"


def test_what_a_copy_lacks_of_its_list_is_told_where_the_copy_is_accepted() -> None:
    examined = judge({**SOUND, "validation.rec": RECORDS, "training.json": b'{"accept": ["images-shared"]}'})
    assert codes(examined.report.findings) == ["record-not-in-list", "rows-without-record", "images-shared"]


def test_the_same_images_in_another_order_are_no_copy() -> None:
    records = list(recordio.read([RECORDS]))
    backwards = {**SOUND, "validation.rec": rec(reversed(records)), "validation.lst": TRAIN["train.lst"]}
    assert SAID not in said(judge(backwards))[0]
    fewer = {**SOUND, "validation.rec": rec(records[:-2]), "validation.lst": TRAIN["train.lst"]}
    assert SAID not in said(judge(fewer))[0]
    more = {**SOUND, "train.rec": rec(records[:-2]), "validation.rec": RECORDS, "validation.lst": TRAIN["train.lst"]}
    assert SAID not in said(judge(more))[0]


def test_of_more_images_than_are_held_the_etags_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlaps, "SHARED_HELD_AT_MOST", 10)
    copied = {**SOUND, "validation.rec": RECORDS}
    assert SAID not in said(judge(copied))[0]
    monkeypatch.setattr(StoredObject, "is_copy_of", lambda self, other: self.size == other.size)
    assert said(judge(copied)) == [SAID]
