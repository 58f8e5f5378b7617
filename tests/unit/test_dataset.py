"""Data sets are told by their keys and identified by their content."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from sagescene import dataset, keys, parts
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from sagescene.parts import Part

NOON = datetime(2026, 11, 12, 12, 0, 0, tzinfo=UTC)


def stored(key: str, etag: str = "e", at: datetime = NOON) -> StoredObject:
    return StoredObject(key=key, etag=etag, size=1, last_modified=at)


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("datasets/pets/train/images.rec", Part.TRAIN_RECORDS),
        ("datasets/pets/train/images.lst", Part.TRAIN_LIST),
        ("datasets/pets/validation/images.rec", Part.VALIDATION_RECORDS),
        ("datasets/pets/val/images.lst", Part.VALIDATION_LIST),
        ("datasets/pets/train.rec", Part.TRAIN_RECORDS),
        ("datasets/pets/validation.rec", Part.VALIDATION_RECORDS),
        ("datasets/pets/val.lst", Part.VALIDATION_LIST),
        ("datasets/pets/glyphs_train.lst", Part.TRAIN_LIST),
        ("datasets/pets/data_rec_train.rec", Part.TRAIN_RECORDS),
        ("datasets/pets/glyphs_val.rec", Part.VALIDATION_RECORDS),
        ("datasets/pets/glyphs_test.rec", Part.TEST),
        ("datasets/pets/test/images.lst", Part.TEST),
        ("datasets/pets/train/x_val.rec", Part.TRAIN_RECORDS),
        ("datasets/pets/Train/images.rec", Part.TRAIN_RECORDS),
        ("datasets/train/validation.rec", Part.VALIDATION_RECORDS),
        ("datasets/pets/images.rec", Part.UNPLACED),
        ("datasets/pets/training.json", Part.TRAINING_JSON),
        ("datasets/pets/train.idx", None),
        ("datasets/pets/classes.txt", Part.CLASS_NAMES),
        ("datasets/pets/train/classes.txt", Part.CLASS_NAMES),
        ("datasets/pets/packed/classes.txt", Part.CLASS_NAMES),
        ("datasets/val/classes.txt", Part.CLASS_NAMES),
        ("datasets/pets/validation/classes.txt", None),
        ("datasets/pets/Test/classes.txt", None),
        ("datasets/pets/.old/classes.txt", None),
        ("datasets/pets/pets_classes.txt", None),
        ("datasets/pets/train.recording", None),
        ("datasets/pets/._train.rec", None),
        ("datasets/pets/train/.ipynb_checkpoints/x.lst", None),
        ("datasets/pets/.old/training.json", None),
        ("datasets/.pets/train.rec", Part.TRAIN_RECORDS),
        ("pets/._train.rec", None),
        ("datasets/pets/v1.rec/", None),
        ("datasets/pets/train.lst/", None),
        ("datasets/pets/v1.rec/train.rec", Part.TRAIN_RECORDS),
        ("datasets/pets/tr\x00ain.rec", None),
        ("datasets/pets/train.rec\n.rec", None),
        ("datasets/pets/\x1f/train.lst", None),
        ("datasets/pets/\x7f/training.json", None),
        ("datasets/pets/\x9b31mtrain.lst", None),
        ("datasets/p\tets/train.lst", None),
        ("datasets/pe ts/é\xa0\u2028train/train.lst", Part.TRAIN_LIST),
    ],
)
def test_a_file_is_told_by_its_folder_or_else_by_its_name(key: str, part: Part | None) -> None:
    assert parts.part_of(key) is part


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("datasets/pets/train.rec", "pets"),
        ("datasets/space and+plus/train/x.rec", "space and+plus"),
        ("datasets/train.rec", None),
        ("datasets//train.rec", None),
        ("datasets/pets/", None),
        ("models/pets/train.rec", None),
        ("my/datasets/pets/train.rec", None),
        (f"datasets/{'x' * 255}/train.rec", "x" * 255),
        (f"datasets/{'x' * 256}/train.rec", None),
        (f"datasets/{'é' * 128}/train.rec", None),
        ("datasets/p\x01ets/train.rec", None),
        ("datasets/pets/tr\x01ain.rec", "pets"),
    ],
)
def test_a_set_is_the_one_segment_after_datasets(key: str, name: str | None) -> None:
    assert parts.set_of(key) == name


@pytest.mark.parametrize(
    ("key", "suggested"),
    [
        ("train.rec", "datasets/my-set/train.rec"),
        ("pets/train/train.rec", "datasets/pets/train/train.rec"),
        ("datasets/train.rec", "datasets/my-set/train.rec"),
        ("Dataset/pets/train.rec", "datasets/pets/train.rec"),
        ("DATASETS/train.rec", "datasets/my-set/train.rec"),
        ("dataset-pets/train.rec", "datasets/dataset-pets/train.rec"),
        ("datasets2/pets/train.rec", "datasets/datasets2/pets/train.rec"),
        (f"datasets/{'é' * 128}/train/a.rec", f"datasets/{'é' * 127}/train/a.rec"),
        (f"{'x' * 300}/train.rec", f"datasets/{'x' * 255}/train.rec"),
        ("datasets/p\x01ets/tr\nain.rec", "datasets/pets/train.rec"),
        ("datasets/\x01/train.rec", "datasets/my-set/train.rec"),
        ("datasets//../pets/./train.rec", "datasets/pets/train.rec"),
    ],
)
def test_a_misplaced_file_is_told_where_it_belongs(key: str, suggested: str) -> None:
    assert parts.suggest_key(key) == suggested
    assert parts.set_of(suggested)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("datasets/pets/tr\x01ain.rec", True),
        ("datasets/p\x01ets/train.rec", True),
        ("p\x01ets/train.rec", True),
        ("datasets/pets/train.rec", False),
        ("datasets/pets/photo\x01.jpg", False),
        ("datasets/pets/._\x01.rec", False),
    ],
)
def test_a_file_is_unprintable_when_nothing_but_its_key_keeps_it_out(key: str, expected: bool) -> None:
    assert parts.is_unprintable(key) is expected


def test_a_file_of_an_unprintable_key_changes_nothing_of_its_set() -> None:
    objects = [stored(f"datasets/pets/{name}") for name in ("train.rec", "train.lst", "validation.rec")]
    strange = [stored("datasets/pets/tra\x01in.rec"), stored("datasets/pets/training.json\n/training.json")]
    plain, beside = dataset.assemble("pets", objects), dataset.assemble("pets", [*strange, *objects])
    assert isinstance(plain, DataSet)
    assert plain == beside
    assert plain.fingerprint == "4cf01bd21425"
    assert not dataset.uploaded_after(strange, objects[0].key, NOON - timedelta(days=1))


def test_what_sagemaker_would_train_on_is_told_of_whatever_its_key_holds() -> None:
    names = ("train.rec", "train.rec\x01", "train.lst", "validation.rec")
    assembled = dataset.assemble("pets", [stored(f"datasets/pets/{name}") for name in names])
    assert isinstance(assembled, AmbiguousSet)
    assert [finding.code for finding in assembled.findings] == ["key-swept-into-channel"]


def test_the_keys_about_the_longest_set_and_job_fit_s3() -> None:
    name, job = "x" * parts.LONGEST_NAME_IN_BYTES, "j" * 63
    written = (
        keys.former_outcome_key(name, f"{job}.not-started"),
        keys.notice_key(name, job, "given-up-2026-11-12"),
        keys.notice_key(name, "0123456789ab", "refused-after-2026-11-12T12-00-00"),
    )
    assert max(map(len, written)) <= 1_024


COMPLETE = [
    stored("datasets/pets/train.rec", "a"),
    stored("datasets/pets/train.lst", "b"),
    stored("datasets/pets/validation.rec", "c"),
]


def test_three_files_make_a_set_and_others_do_not_disturb_it() -> None:
    strangers = [
        stored("datasets/pets/train.idx"),
        stored("datasets/pets/pets_test.rec"),
        stored("datasets/pets/a.jpg"),
    ]
    assembled = dataset.assemble("pets", [*COMPLETE, *strangers])
    assert isinstance(assembled, DataSet)
    assert (assembled.train_records, assembled.train_list, assembled.validation_records) == tuple(COMPLETE)
    assert assembled.validation_list is assembled.training_json is None


def test_an_incomplete_set_says_what_it_awaits() -> None:
    assembled = dataset.assemble("pets", COMPLETE[:1])
    assert isinstance(assembled, IncompleteSet)
    assert assembled.missing == (Part.TRAIN_LIST, Part.VALIDATION_RECORDS)


def test_a_surplus_names_the_files_of_the_part() -> None:
    assembled = dataset.assemble("pets", [*COMPLETE, stored("datasets/pets/more_train.rec")])
    assert isinstance(assembled, AmbiguousSet)
    (finding,) = assembled.findings
    assert finding.code == "surplus-file"
    assert finding.message.endswith("datasets/pets/train.rec, datasets/pets/more_train.rec.")


def test_the_newest_of_a_surplus_is_named_whatever_the_files_are_called() -> None:
    newer = stored("datasets/pets/a_train.rec", at=NOON + timedelta(seconds=1))
    assembled = dataset.assemble("pets", [newer, *COMPLETE])
    assert isinstance(assembled, AmbiguousSet)
    (finding,) = assembled.findings
    assert finding.file == newer.key
    assert finding.message.endswith(
        "takes one: datasets/pets/train.rec, datasets/pets/a_train.rec. This is the newest."
    )


def test_a_file_of_no_channel_is_refused_by_name() -> None:
    assembled = dataset.assemble("pets", [*COMPLETE, stored("datasets/pets/extra.rec")])
    assert isinstance(assembled, AmbiguousSet)
    assert [(finding.code, finding.file) for finding in assembled.findings] == [
        ("file-of-no-channel", "datasets/pets/extra.rec")
    ]


@pytest.mark.parametrize(
    ("name", "code"), [("extra{}.rec", "file-of-no-channel"), ("train.rec.{}", "key-swept-into-channel")]
)
def test_of_thousands_of_faulty_files_five_are_named_and_the_others_counted(name: str, code: str) -> None:
    many = [stored(f"datasets/pets/{name.format(number)}") for number in range(1_000, 2_500)]
    assembled = dataset.assemble("pets", [*COMPLETE, *many])
    assert isinstance(assembled, AmbiguousSet)
    *named, others = assembled.findings
    assert [(finding.code, finding.file) for finding in named] == [(code, one.key) for one in many[:5]]
    assert (others.code, others.file) == (code, "datasets/pets/")
    assert others.message == f"There are 1,495 more findings of the kind {code}."


def test_a_surplus_of_1_500_files_names_5() -> None:
    many = [stored(f"datasets/pets/more{number}_train.rec") for number in range(1_499)]
    assembled = dataset.assemble("pets", [*COMPLETE, *many])
    assert isinstance(assembled, AmbiguousSet)
    (finding,) = assembled.findings
    assert "has 1,500 files for its train .rec, and takes one: datasets/pets/train.rec, " in finding.message
    assert finding.message.endswith("datasets/pets/more3_train.rec and 1,495 more.")


@pytest.mark.parametrize(
    "key", ["train.rec.md5", "train.rec.bak", "train.rec/parts.txt", "train.rec.idx", "validation.rec.old"]
)
def test_a_key_that_would_be_swept_into_a_channel_is_refused_by_name(key: str) -> None:
    assembled = dataset.assemble("pets", [*COMPLETE, stored(f"datasets/pets/{key}")])
    assert isinstance(assembled, AmbiguousSet)
    (finding,) = assembled.findings
    assert (finding.code, finding.file) == ("key-swept-into-channel", f"datasets/pets/{key}")
    assert "Delete it, or rename it" in finding.remedy
    assert assembled.digest != dataset.digest(COMPLETE)


def test_a_key_is_swept_into_no_list_and_no_index() -> None:
    others = [stored(f"datasets/pets/{name}") for name in ("train.lst.bak", "train.idx.bak", "train.md5", "train.re")]
    assert isinstance(dataset.assemble("pets", [*COMPLETE, *others]), DataSet)


def test_hidden_files_make_no_surplus() -> None:
    hidden = [stored(f"datasets/pets/{name}") for name in ("._train.rec", ".ipynb_checkpoints/train.lst")]
    assert isinstance(dataset.assemble("pets", [*COMPLETE, *hidden]), DataSet)


def test_content_is_what_a_job_is_made_of() -> None:
    def content(*objects: StoredObject) -> str:
        assembled = dataset.assemble("pets", objects)
        assert isinstance(assembled, DataSet)
        return assembled.fingerprint

    plain = content(*COMPLETE)
    assert re.fullmatch(r"[0-9a-f]{12}", plain)
    assert plain == content(*reversed(COMPLETE))
    assert plain == content(*COMPLETE, stored("datasets/pets/validation.lst"), stored("datasets/pets/train.idx"))
    assert plain != content(*COMPLETE, stored("datasets/pets/training.json"))
    assert plain != content(stored("datasets/pets/train.rec", "other"), *COMPLETE[1:])


@pytest.mark.parametrize(
    ("first", "last"),
    [("training.json", "val.rec"), ("train.rec.md5", "train.rec.zip"), ("train_2.rec", "train_3.rec")],
)
def test_a_key_that_spells_out_another_file_and_its_etag_is_not_taken_for_both(first: str, last: str) -> None:
    def content(*objects: StoredObject) -> str:
        assembled = dataset.assemble("pets", [*COMPLETE[: 2 if last == "val.rec" else 3], *objects])
        return assembled.digest

    honest = [stored(f"datasets/pets/{first}", "e"), stored(f"datasets/pets/{last}", "f")]
    forged = stored(f"datasets/pets/{first}\te\ndatasets/pets/{last}", "f")
    assert content(*honest) != content(forged)


def test_a_later_upload_of_another_part_judges_in_its_turn() -> None:
    later = NOON + timedelta(seconds=5)
    objects = [*COMPLETE, stored("datasets/pets/validation.lst", at=later)]
    assert dataset.uploaded_after(objects, "datasets/pets/train.rec", NOON) == objects[-1]


@pytest.mark.parametrize(
    ("key", "seconds"),
    [
        ("datasets/pets/train.rec", 60),  # the upload itself, replaced: both uploads act
        ("datasets/pets/train.idx", 60),  # rings no bell, so nobody would judge the set
        ("datasets/pets/validation.lst", 1),  # within the listing's one second
        ("datasets/pets/validation.lst", -60),
    ],
)
def test_an_upload_acts_when_no_other_surely_will(key: str, seconds: int) -> None:
    objects = [*COMPLETE, stored(key, at=NOON + timedelta(seconds=seconds))]
    assert dataset.uploaded_after(objects, "datasets/pets/train.rec", NOON) is None


def test_two_sets_of_one_reduced_name_differ_in_content() -> None:
    one = [stored(one.key.replace("pets", "a b"), one.etag) for one in COMPLETE]
    two = [stored(two.key.replace("pets", "a-b"), two.etag) for two in COMPLETE]
    assert dataset.digest(one)[:12] != dataset.digest(two)[:12]


def test_the_test_records_are_found_in_the_order_of_their_keys() -> None:
    names = ("test/b.rec", "train.rec", "a_test.rec", "a_test.lst", "a_test.idx", "val.rec")
    found = dataset.find_test_records(stored(f"datasets/pets/{name}") for name in names)
    assert [one.key for one in found] == ["datasets/pets/a_test.rec", "datasets/pets/test/b.rec"]
