"""Lists, records and hyperparameters held together: what is refused, what is only warned of, what is reported."""

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.recordimages import SmallImage
from sagescene.findings import Finding, Severity
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.hyperparameters import Origin
from sagescene.preflight.judgement import examine
from sagescene.preflight.report import Conditions, Report, Verdict, read_report

WRITTEN = datetime(2026, 11, 22, 12, 30, 15, 250000, tzinfo=UTC)
FAULT = Finding(
    code="label-negative",
    severity=Severity.ERROR,
    file="train.lst",
    where="line 3",
    message="The label '-1' is negative.",
    remedy="Number the classes.",
)


def listed(classes: Mapping[int, int], *, label_width: int = 1, samples: int | None = None) -> ListSummary:
    samples = sum(classes.values()) if samples is None else samples
    return ListSummary(samples=samples, label_width=label_width, classes=classes, findings=())


def packed(
    classes: Mapping[int, int],
    *,
    label_width: int = 1,
    records: int | None = None,
    height: int | None = 300,
    width: int | None = 330,
    unmatched: int = 0,
) -> RecordSummary:
    return RecordSummary(
        records=sum(classes.values()) if records is None else records,
        label_width=label_width,
        classes=classes,
        smallest_height=height,
        smallest_width=width,
        sizes={(height, width): 100} if height and width else {},
        shorter_sides={min(height, width): 100} if height and width else {},
        smallest=(SmallImage(record=1, offset=0, height=height, width=width),) if height and width else (),
        formats={"jpeg": 100},
        size=0,
        unmatched=unmatched,
        findings=(),
    )


TRAIN = {0: 60, 1: 40}
VALIDATION = {0: 30, 1: 20}


def report_on(
    stack: Mapping[str, str] = MappingProxyType({"epochs": "", "num_layers": "18"}),
    instance_type: str = "ml.g4dn.xlarge",
    companions: Mapping[str, str] = MappingProxyType({}),
    **changes: Any,  # noqa: ANN401 - any argument of `examine`, or one of four files
) -> Report:
    sound: dict[str, Any] = {
        "data_set": "pets",
        "fingerprint": "0123456789ab",
        "digest": "0123456789ab" + "c" * 52,
        "written": WRITTEN,
        "training_json": None,
        "conditions": Conditions(
            instance_type=instance_type, instance_count=1, hyperparameters=stack, companions=companions
        ),
    }
    files = {
        "train_list": listed(TRAIN),
        "train_records": packed(TRAIN),
        "validation_list": listed(VALIDATION),
        "validation_records": packed(VALIDATION),
    }
    given = {name: changes.pop(name, content) for name, content in files.items()}
    train = ChannelFiles(
        listed=given["train_list"],
        list_file="pets_train.lst",
        records=given["train_records"],
        records_file="pets_train.rec",
    )
    validation = ChannelFiles(
        listed=given["validation_list"],
        list_file="pets_val.lst",
        records=given["validation_records"],
        records_file="pets_val.rec",
        is_training=False,
    )
    return examine(train=train, validation=validation, **sound | changes)


def lines(report: Report) -> list[str]:
    return [f"{finding.severity}: {finding}" for finding in report.findings]


def _measured(report: Report) -> dict[str, str]:
    return {name: each.value for name, each in report.hyperparameters.items() if each.origin is Origin.MEASURED}


def test_a_sound_data_set_is_ready_and_measured() -> None:
    report = report_on()
    assert lines(report) == []
    assert report.verdict is Verdict.READY
    assert (report.train.images, report.train.rows, report.train.classes) == (100, 100, TRAIN)
    assert (report.validation.images, report.validation.label_width) == (50, 1)
    assert {name: (each.value, each.origin) for name, each in report.hyperparameters.items()} == {
        "num_layers": ("18", Origin.STACK),
        "num_training_samples": ("100", Origin.MEASURED),
        "num_classes": ("2", Origin.MEASURED),
        "momentum": ("0.9", Origin.ALGORITHM),
    }


def test_the_validation_list_may_be_missing() -> None:
    report = report_on(validation_list=None)
    assert (report.verdict, report.validation.rows, report.validation.images) == (Verdict.READY, None, 50)


def test_fewer_records_than_rows_is_a_warning_and_the_records_count() -> None:
    report = report_on(train_records=packed({0: 59, 1: 40}))
    assert lines(report) == [
        "warning: pets_train.rec: pets_train.lst lists 100 images, but only 99 are packed; these are counted. "
        "Look for 1 image that im2rec could not read, and pack again."
    ]
    assert report.verdict is Verdict.READY
    assert report.hyperparameters["num_training_samples"].value == "99"


def test_dropped_images_that_the_scan_has_named_are_not_named_again() -> None:
    assert lines(report_on(train_records=packed({0: 59, 1: 40}, unmatched=1))) == []


def test_more_records_than_rows_is_an_error() -> None:
    report = report_on(train_records=packed({0: 61, 1: 40}))
    assert report.verdict is Verdict.REFUSED
    assert lines(report) == [
        "error: pets_train.rec: The file holds 101 images, but pets_train.lst lists only 100. "
        "Use the list that this file was packed from."
    ]


def test_records_of_an_empty_list_leave_the_list_to_its_own_finding() -> None:
    empty = dataclasses.replace(listed({}), label_width=0, findings=(FAULT,))
    assert [finding.code for finding in report_on(train_list=empty).findings] == ["label-negative"]


def test_labels_lost_in_packing_are_an_error_that_names_the_option() -> None:
    three = {0: 50, 1: 40, 2: 30}
    report = report_on(
        train_list=listed(three, label_width=3, samples=100),
        validation_list=listed(three, label_width=3, samples=50),
    )
    assert lines(report) == [
        f"error: {channel}.rec: The records hold 1 label an image, but {channel}.lst lists 3 labels. "
        "Pack the images again with im2rec --pack-label."
        for channel in ("pets_train", "pets_val")
    ]


def test_records_of_several_labels_under_a_list_of_one_are_of_another_list() -> None:
    (finding, *_) = report_on(train_records=packed(TRAIN, label_width=2, records=100)).findings
    assert (finding.code, finding.remedy) == (
        "label-width-not-as-listed",
        "Use the list that this file was packed from.",
    )


def test_labels_that_the_list_does_not_have_are_an_error() -> None:
    report = report_on(train_records=packed({0: 50, 1: 40, 7: 10}))
    assert lines(report) == [
        "error: pets_train.rec: The file has images of class 7, which pets_train.lst does not list. "
        "Use the list that this file was packed from.",
        "warning: pets_val.rec: The file has no image of class 7, which pets_train.rec has. "
        "Add validation images of every class; the accuracy says nothing about the others.",
    ]


def test_labels_in_other_numbers_than_listed_are_an_error() -> None:
    assert [finding.code for finding in report_on(train_records=packed({0: 59, 1: 41})).findings] == ["labels-differ"]


def test_validation_images_of_a_class_that_train_lacks_are_an_error() -> None:
    classes = dict.fromkeys(range(2, 15), 1) | VALIDATION
    report = report_on(validation_list=None, validation_records=packed(classes))
    assert lines(report) == [
        "error: pets_val.rec: The file has images of classes 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more, "
        "of which pets_train.rec has none. Add training images of every class, or leave these images out."
    ]


def test_validation_without_a_class_is_only_warned_of() -> None:
    report = report_on(
        train_list=listed(TRAIN | {2: 50}),
        train_records=packed(TRAIN | {2: 50}),
        validation_list=None,
        validation_records=packed(VALIDATION),
    )
    assert (report.verdict, [finding.code for finding in report.findings]) == (
        Verdict.READY,
        ["class-not-in-validation"],
    )


def found(code: str, *, where: str = "", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, severity=severity, file="f", where=where, message="It is so.", remedy="Mend it.")


@pytest.mark.parametrize(
    ("of_list", "of_records", "remaining"),
    [
        (["label-negative"], ["label-negative", "image-not-readable"], ["label-negative", "image-not-readable"]),
        (["too-few-fields"], ["record-not-in-list"], ["too-few-fields"]),
        (["too-few-fields"], ["record-not-in-list"] * 2, ["too-few-fields", *["record-not-in-list"] * 2]),
        ([], ["label-negative"], ["label-negative"]),
    ],
)
def test_list_and_records_do_not_tell_one_fault_twice(
    of_list: list[str], of_records: list[str], remaining: list[str]
) -> None:
    rows, records = (
        dict[str, Any](findings=tuple(map(found, codes)), counts=Counter(codes)) for codes in (of_list, of_records)
    )
    report = report_on(
        train_list=dataclasses.replace(listed(TRAIN), **rows),
        train_records=dataclasses.replace(packed(TRAIN), **records),
    )
    assert [finding.code for finding in report.findings] == remaining


def test_lost_labels_are_told_once_for_all_records() -> None:
    three = {0: 50, 1: 40, 2: 30}
    each = tuple(found("label-width-not-as-listed", where=f"record {number}") for number in range(1, 21))
    report = report_on(
        train_list=listed(three, label_width=3, samples=100),
        train_records=dataclasses.replace(packed(TRAIN), findings=each),
        validation_list=None,
        validation_records=packed(three, label_width=3, records=50),
    )
    (finding,) = report.findings
    assert (finding.code, finding.where) == ("label-width-not-as-listed", "")


def test_a_file_looked_at_in_samples_is_described_by_its_list() -> None:
    sampled = dataclasses.replace(packed({0: 6}, records=10), looked_at=10, is_counted=False)
    report = report_on(train_records=sampled)
    assert report.findings == ()
    assert (report.train.images, report.train.looked_at, report.train.classes) == (100, 10, TRAIN)
    images = report.hyperparameters["num_training_samples"]
    rows = "the rows of the training list, more than the records that were read"
    assert (images.value, images.detail) == ("100", rows)


def test_what_is_counted_of_a_file_that_ends_early_is_said() -> None:
    cut = dataclasses.replace(packed({0: 3}), findings=(FAULT,))
    assert report_on(train_records=cut).hyperparameters["num_training_samples"].detail.startswith("the rows of the tr")
    assert report_on().hyperparameters["num_training_samples"].detail == "the training images, counted"


def test_a_sampled_file_is_counted_by_its_index() -> None:
    sampled = dataclasses.replace(packed({0: 6}, records=99), looked_at=10)
    report = report_on(train_records=sampled)
    assert [finding.code for finding in report.findings] == ["images-dropped"]
    assert (report.train.images, report.hyperparameters["num_training_samples"].value) == (99, "99")


BOUNDS = (1, 16, 28, 32, 64, 96, 128, 160, 192, 224, 256, 320, 384, 512, 768, 1024, 2048)


def test_shorter_sides_are_counted_in_ranges_from_each_bound_to_the_next() -> None:
    first = dict.fromkeys(BOUNDS, 1)
    last = {following - 1: 10 for following in BOUNDS[1:]} | {9000: 10}
    records = dataclasses.replace(packed(TRAIN), shorter_sides=first | last)
    assert report_on(train_records=records, stack={"resize": "224"}).train.shorter_sides == dict.fromkeys(BOUNDS, 11)


def test_both_channels_have_equally_many_labels() -> None:
    report = report_on(validation_list=None, validation_records=packed({0: 30, 1: 20, 2: 9}, label_width=3, records=50))
    assert [finding.code for finding in report.findings] == ["label-width-of-validation"]


def test_several_labels_an_image_are_measured_as_the_classes() -> None:
    three = {0: 50, 1: 40, 2: 30}
    report = report_on(
        train_list=listed(three, label_width=3, samples=100),
        train_records=packed(three, label_width=3, records=100),
        validation_list=None,
        validation_records=packed({0: 9, 1: 40, 2: 0}, label_width=3, records=50),
    )
    assert report.verdict is Verdict.READY
    assert _measured(report) == {"num_training_samples": "100", "num_classes": "3", "multi_label": "1"}


def test_several_labels_are_as_many_classes_though_no_image_has_the_last() -> None:
    report = report_on(
        train_list=listed({0: 60, 1: 0}, label_width=2, samples=100),
        train_records=packed({0: 60}, label_width=2, records=100),
        validation_list=None,
        validation_records=packed({0: 30}, label_width=2, records=50),
    )
    assert _measured(report)["num_classes"] == "2"


def test_of_a_set_without_an_image_nothing_is_measured_but_that() -> None:
    nothing = packed({}, label_width=0, height=None, width=None)
    report = report_on(
        train_list=listed({}, label_width=0),
        train_records=nothing,
        validation_list=None,
        validation_records=nothing,
        stack={},
    )
    measured = _measured(report)
    assert measured == {"num_training_samples": "0", "num_classes": "0"}
    assert [finding.code for finding in report.findings] == ["no-records", "no-records"]


@pytest.mark.parametrize(("channel"), ["train", "validation"])
def test_a_file_without_records_is_refused(channel: str) -> None:
    empty: dict[str, Any] = {f"{channel}_records": packed({}, label_width=0, height=None, width=None)}
    report = report_on(**empty)
    assert [finding.code for finding in report.findings] == ["no-records"]


@pytest.mark.parametrize("part", ["train_list", "train_records", "validation_list", "validation_records"])
def test_what_the_parsers_found_refuses_the_set(part: str) -> None:
    sound: dict[str, Any] = {
        "train_list": listed(TRAIN),
        "train_records": packed(TRAIN),
        "validation_list": listed(VALIDATION),
        "validation_records": packed(VALIDATION),
    }
    report = report_on(**{part: dataclasses.replace(sound[part], findings=(FAULT,))})
    assert (report.findings, report.verdict) == ((FAULT,), Verdict.REFUSED)


def test_a_warning_does_not_refuse() -> None:
    warning = dataclasses.replace(FAULT, severity=Severity.WARNING)
    report = report_on(train_list=dataclasses.replace(listed(TRAIN), findings=(warning,)))
    assert (report.findings, report.verdict) == ((warning,), Verdict.READY)


def test_what_follows_from_a_scan_cut_short_is_not_reported() -> None:
    truncated = dataclasses.replace(packed({0: 3}), findings=(FAULT,))
    assert report_on(train_records=truncated).findings == (FAULT,)
    assert report_on(validation_records=truncated).findings == (FAULT,)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"num_training_samples": 101}', "num_training_samples is 101, but the data says 100."),
        (b'{"num_training_samples": 10}', "num_training_samples is 10, but the data says 100."),
        (b'{"num_classes": 3}', "num_classes is 3, but the data says 2."),
        (b'{"num_classes": 1}', "num_classes is 1, but the data says 2."),
        (b'{"multi_label": 1}', "multi_label is 1, but the data says 0."),
    ],
)
def test_a_number_that_contradicts_the_data_is_an_error(content: bytes, sentence: str) -> None:
    report = report_on(training_json=content)
    assert [finding.message for finding in report.findings] == [sentence]
    assert report.verdict is Verdict.REFUSED


def test_numbers_that_agree_with_the_data_are_fine() -> None:
    content = b'{"num_training_samples": 100, "num_classes": 2, "multi_label": 0}'
    assert report_on(training_json=content).findings == ()


def test_an_empty_training_json_is_an_error() -> None:
    assert [finding.code for finding in report_on(training_json=b"").findings] == ["not-json"]


@pytest.mark.parametrize(
    ("shape", "verdict"),
    [
        ("3,300,330", Verdict.READY),
        ("3,301,330", Verdict.REFUSED),
        ("3,300,331", Verdict.REFUSED),
    ],
)
def test_images_must_be_as_large_as_image_shape(shape: str, verdict: Verdict) -> None:
    assert report_on(stack={"image_shape": shape}).verdict is verdict


@pytest.mark.parametrize("more", ["", ', "use_pretrained_model": 0'])
def test_small_images_are_reported_with_both_remedies(more: str) -> None:
    report = report_on(
        training_json=f'{{"image_shape": "3,128,100"{more}}}'.encode(),
        train_records=packed(TRAIN, height=150, width=150),
        validation_records=packed(VALIDATION, height=90, width=120),
    )
    assert lines(report) == [
        "error: pets_val.rec, record 1, byte 0: 100 of 100 images are smaller than image_shape 3,128,100, which takes "
        "no less than 128 by 100 pixels: record 1 (90 by 120) and 99 more. Set image_shape to 3,90,90 or less, or set "
        "resize to 128 in training.json, which enlarges them."
    ]


@pytest.mark.parametrize("shape", ["224", "3,224", "3,224,224,3", "3x224x224", "large"])
def test_images_are_not_held_against_a_shape_that_is_none(shape: str) -> None:
    assert [finding.code for finding in report_on(stack={"image_shape": shape}).findings] == ["hyperparameter-invalid"]


def test_the_smallest_readable_image_of_either_channel_gives_the_shape() -> None:
    none, small = packed(VALIDATION, height=None, width=None), packed(TRAIN, height=90, width=120)
    assert report_on(train_records=small, validation_records=none).hyperparameters["image_shape"].value == "3,90,90"
    report = report_on(
        train_records=none, train_list=listed(VALIDATION), validation_records=small, validation_list=None
    )
    assert report.hyperparameters["image_shape"].value == "3,90,90"


def test_small_images_cannot_shrink_the_shape_of_a_pretrained_model() -> None:
    small = packed(VALIDATION, height=90, width=120)
    (finding,) = report_on(training_json=b'{"use_pretrained_model": 1}', validation_records=small).findings
    assert (finding.code, finding.remedy) == (
        "images-below-image-shape",
        "Set resize to 224 in training.json, which enlarges them.",
    )


def test_resizing_makes_small_images_fit() -> None:
    report = report_on(training_json=b'{"resize": 256}', validation_records=packed(VALIDATION, height=90, width=120))
    assert report.findings == ()


def test_every_fault_is_reported_at_once() -> None:
    report = report_on(
        train_list=dataclasses.replace(listed(TRAIN), findings=(FAULT,)),
        train_records=packed({0: 61, 1: 40}),
        training_json=b'{"epoch": 3, "mini_batch_size": 51}',
        stack={"learning_rate": "2"},
    )
    assert [finding.code for finding in report.findings] == [
        "label-negative",
        "more-records-than-rows",
        "hyperparameter-unknown",
        "batch-above-images",
        "hyperparameter-invalid",
    ]


# -------------------------------------------------------------------------------------------------- the report


def test_a_report_has_the_documented_shape() -> None:
    report = report_on(train_list=dataclasses.replace(listed(TRAIN), findings=(FAULT,))).as_json()
    assert report["train"] == {
        "images": 100,
        "looked_at": None,
        "rows": 100,
        "label_width": 1,
        "classes": {"0": 60, "1": 40},
        "smallest_height": 300,
        "smallest_width": 330,
        "sizes": [{"height": 300, "width": 330, "images": 100}],
        "shorter_sides": {"256": 100},
        "formats": {"jpeg": 100},
    }
    assert report["conditions"] == {
        "instance_type": "ml.g4dn.xlarge",
        "instance_count": 1,
        "max_epochs": 0,
        "storage_type": "",
        "storage_in_gb": 0,
        "instance_types": [],
        "volume_size_in_gb": 0,
        "max_runtime_in_seconds": 0,
        "hyperparameters": {"epochs": "", "num_layers": "18"},
        "beside": {},
        "hourly_prices_usd": {},
        "max_job_cost_usd": "0",
    }
    assert report["hyperparameters"]["num_classes"] == {
        "value": "2",
        "origin": "measured",
        "detail": "as many as the labels need",
    }
    assert report["defaults"]["epochs"] == {"value": "30", "origin": "algorithm", "detail": "as AWS documents it"}
    assert report["resources"] == {}
    assert report["findings"] == [
        {
            "code": "label-negative",
            "severity": "error",
            "file": "train.lst",
            "where": "line 3",
            "message": "The label '-1' is negative.",
            "remedy": "Number the classes.",
            "places": 1,
        }
    ]
    assert {name: report[name] for name in ("dataset", "fingerprint", "digest", "written", "verdict")} == {
        "dataset": "pets",
        "fingerprint": "0123456789ab",
        "digest": "0123456789ab" + "c" * 52,
        "written": "2026-11-22T12:30:15.250000+00:00",
        "verdict": "refused",
    }


@pytest.mark.parametrize(
    "report",
    [
        report_on(training_json=b'{"epoch": 3, "epochs": 4}', validation_list=None, companions={"train.idx": "etag"}),
        Report(data_set="pets", fingerprint="ab", written=WRITTEN, verdict=Verdict.REFUSED, findings=(FAULT,)),
        Report(data_set="pets", fingerprint="", written=WRITTEN, verdict=Verdict.WAITING),
    ],
    ids=["examined", "refused", "waiting"],
)
def test_a_kept_report_reads_back_the_same(report: Report) -> None:
    assert read_report(json.dumps(report.as_json()).encode()) == report


def test_a_report_says_what_its_verdict_depends_on() -> None:
    described = {"datasets/pets/train.idx": "etag"}
    assert report_on(companions=described).conditions == Conditions(
        instance_type="ml.g4dn.xlarge",
        instance_count=1,
        hyperparameters={"epochs": "", "num_layers": "18"},
        companions=described,
    )


def test_a_report_on_nothing_counts_nothing() -> None:
    report = Report(data_set="pets", fingerprint="", written=WRITTEN, verdict=Verdict.WAITING)
    assert report.conditions.instance_count == 0
    assert [(each.images, each.label_width) for each in (report.train, report.validation)] == [(0, 0)] * 2


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"3", b"\xff", b"[" * 100_000, b'{"verdict": "ready"}'])
def test_what_is_no_report_is_none(content: bytes) -> None:
    assert read_report(content) is None


@pytest.mark.parametrize("name", list(report_on().as_json()))
@pytest.mark.parametrize("wrong", [None, 3, "x", [1], {"x": 1}])
def test_a_report_with_a_wrong_part_is_none_or_reads_back_as_text(name: str, wrong: object) -> None:
    content = json.dumps(report_on().as_json() | {name: wrong}).encode()
    report = read_report(content)
    assert report is None or name in ("dataset", "fingerprint", "digest", "defaults", "resources")


@pytest.mark.parametrize("wrong", [{"hourly_prices_usd": {"ml.g5.xlarge": "cheap"}}, {"max_job_cost_usd": "ten"}])
def test_a_report_with_dollars_that_are_none_is_none(wrong: dict[str, object]) -> None:
    kept = report_on().as_json()
    assert read_report(json.dumps(kept | {"conditions": kept["conditions"] | wrong}).encode()) is None


def test_a_report_of_the_version_before_still_reads() -> None:
    report = report_on()
    kept = report.as_json()
    del kept["defaults"], kept["resources"]
    newer = ("instance_types", "volume_size_in_gb", "max_runtime_in_seconds", "hourly_prices_usd", "max_job_cost_usd")
    for name in newer:
        del kept["conditions"][name]
    for value in kept["hyperparameters"].values():
        del value["detail"]
    read = read_report(json.dumps(kept).encode())
    assert read
    assert {name: (each.value, each.origin) for name, each in read.hyperparameters.items()} == {
        name: (each.value, each.origin) for name, each in report.hyperparameters.items()
    }
    assert read.conditions.resources == {}


counts = st.dictionaries(st.integers(0, 30), st.integers(0, 100), max_size=5)
lists_of_any_kind = st.builds(
    ListSummary,
    samples=st.integers(0, 500),
    label_width=st.integers(0, 4),
    classes=counts,
    findings=st.sampled_from([(), (FAULT,)]),
)
records_of_any_kind = st.builds(
    RecordSummary,
    records=st.integers(0, 500),
    label_width=st.integers(0, 4),
    classes=counts,
    smallest_height=st.none() | st.integers(1, 500),
    smallest_width=st.none() | st.integers(1, 500),
    sizes=st.just({}),
    formats=st.just({}),
    size=st.just(0),
    unmatched=st.integers(0, 2),
    findings=st.sampled_from([(), (FAULT,)]),
)


@settings(max_examples=200)
@given(
    train_list=lists_of_any_kind,
    train_records=records_of_any_kind,
    validation_list=st.none() | lists_of_any_kind,
    validation_records=records_of_any_kind,
    training_json=st.none() | st.binary() | st.just(b'{"resize": 9, "use_pretrained_model": 1}'),
)
def test_any_summaries_are_judged_and_no_image_is_never_ready(**summaries: Any) -> None:  # noqa: ANN401
    report = report_on(**summaries)
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    assert (report.verdict is Verdict.REFUSED) == bool(errors)
    if not report.train.images or not report.validation.images:
        assert report.verdict is Verdict.REFUSED


def test_a_report_keeps_codes_that_this_version_does_not_know() -> None:
    report = dataclasses.replace(report_on(), findings=(dataclasses.replace(FAULT, code="of-another-version"),))
    assert read_report(json.dumps(report.as_json()).encode()) == report


def test_a_code_is_plain_text_in_a_report() -> None:
    report = report_on(training_json=b"")
    assert [type(finding["code"]) for finding in report.as_json()["findings"]] == [str]
