"""The sizes of images held against image_shape: what chooses it, what is too small for it, and what it cuts off."""

import dataclasses
import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sagescene.files import recordio, recordscan
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.recordio import Record
from sagescene.findings import Severity
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.hyperparameters import Origin, Value
from sagescene.preflight.judgement import examine
from sagescene.preflight.report import Conditions, Report, Verdict

type Sizes = Mapping[int | tuple[int, int], int]


def png(height: int, width: int) -> bytes:
    def chunk(kind: bytes, content: bytes = b"") -> bytes:
        return struct.pack(">I", len(content)) + kind + content + bytes(4)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT") + chunk(b"IEND")


def sized(sizes: Sizes) -> RecordSummary:
    """Scan images of these sizes, height and width or the side of a square, in this order; a record has 92 bytes."""
    images = [
        png(*((size, size) if isinstance(size, int) else size)) for size, count in sizes.items() for _ in range(count)
    ]
    records = (Record(identifier=n, labels=(float(n % 2),), image=image) for n, image in enumerate(images))
    return recordscan.scan(recordio.write(records))


def listed(records: RecordSummary) -> ListSummary:
    return ListSummary(samples=records.records, label_width=1, classes=records.classes, findings=())


def report_on(train: RecordSummary, validation: RecordSummary, **chosen: object) -> Report:
    return judge(train, validation, training_json=json.dumps(chosen).encode())


def judge(
    train: RecordSummary,
    validation: RecordSummary,
    train_list: ListSummary | None = None,
    **changes: Any,  # noqa: ANN401 - of `examine`
) -> Report:
    sound: dict[str, Any] = {
        "data_set": "pets",
        "fingerprint": "0123456789ab",
        "digest": "0123456789ab" + "c" * 52,
        "written": datetime(2026, 11, 22, tzinfo=UTC),
        "train": ChannelFiles(
            listed=train_list or listed(train),
            list_file="pets_train.lst",
            records=train,
            records_file="pets_train.rec",
        ),
        "validation": ChannelFiles(
            listed=None, list_file="", records=validation, records_file="pets_val.rec", is_training=False
        ),
        "training_json": None,
        "conditions": Conditions(instance_type="ml.g4dn.xlarge", instance_count=1),
    }
    return examine(**sound | changes)


def lines(report: Report) -> list[str]:
    return [f"{finding.severity}: {finding}" for finding in report.findings]


def shape(report: Report) -> str:
    return report.hyperparameters.get("image_shape", Value(value="3,224,224", origin=Origin.ALGORITHM)).value


# -------------------------------------------------------------------------------------- outliers and the shape


def test_one_tiny_image_does_not_choose_the_shape_and_is_named() -> None:
    report = judge(sized({256: 149, 1: 1}), sized({256: 60}))
    assert lines(report) == [
        "error: pets_train.rec, record 150, byte 13708: 1 of 150 images is smaller than image_shape 3,224,224, which "
        "takes no less than 224 by 224 pixels: record 150 (1 by 1). Leave it out and pack again, or set resize to 224 "
        "in training.json, which enlarges them."
    ]
    assert (report.verdict, shape(report)) == (Verdict.REFUSED, "3,224,224")


def test_a_few_images_below_a_chosen_shape_are_counted_and_named() -> None:
    train = sized({256: 10, (100, 300): 3, (300, 223): 1, (256, 256): 136})
    (finding,) = report_on(train, sized({256: 60}), image_shape="3,224,224").findings
    assert finding.message == (
        "4 of 150 images are smaller than image_shape 3,224,224, which takes no less than 224 by 224 pixels: "
        "record 11 (100 by 300), record 12 (100 by 300), record 13 (100 by 300), record 14 (300 by 223)."
    )
    assert finding.remedy == (
        "Leave them out and pack again, or set resize to 224 in training.json, which enlarges them."
    )


def test_no_more_than_five_images_are_named() -> None:
    (finding,) = report_on(sized({256: 40, 100: 7}), sized({256: 40}), image_shape="3,224,224").findings
    assert "record 45 (100 by 100) and 2 more." in finding.message
    assert "record 46" not in finding.message


def test_more_small_images_than_are_left_out_may_have_a_smaller_shape() -> None:
    (finding,) = report_on(sized({224: 40, 100: 41}), sized({256: 60}), image_shape="3,224,224").findings
    assert finding.remedy == (
        "Set image_shape to 3,100,100 or less, or set resize to 224 in training.json, which enlarges them."
    )


def test_images_of_more_sizes_than_are_counted_are_held_against_the_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene.files.recordimages.MOST_SIZES", 1)
    (finding,) = report_on(sized({256: 40, 100: 3}), sized({256: 40}), image_shape="3,224,224").findings
    assert finding.message.startswith("3 of 43 images are smaller")


@pytest.mark.parametrize(
    ("train", "validation", "chosen_shape", "has_outliers"),
    [
        ({28: 149, 12: 1}, {28: 60}, "3,28,28", True),
        ({28: 149, 14: 1}, {28: 60}, "3,14,14", False),  # half is not below half
        ({256: 19, 20: 1}, {}, "3,224,224", True),  # one is allowed, be it more than 1 %
        ({256: 18, 20: 2}, {}, "3,20,20", False),
        ({256: 198, 20: 2}, {256: 100}, "3,224,224", True),
        ({256: 197, 20: 3}, {256: 99}, "3,20,20", False),  # 3 of 299
        ({256: 100}, {256: 99, 20: 1}, "3,224,224", True),
        ({256: 80, 64: 100}, {256: 99}, "3,64,64", False),
    ],
)
def test_outliers_are_few_and_far_below_the_others(
    train: Sizes, validation: Sizes, chosen_shape: str, *, has_outliers: bool
) -> None:
    report = judge(sized(train), sized(validation) if validation else sized({256: 1}))
    has_small = "images-below-image-shape" in [finding.code for finding in report.findings]
    assert (shape(report), has_small) == (chosen_shape, has_outliers)


LEGITIMATE: Mapping[str, tuple[Sizes, Sizes, dict[str, object]]] = {
    "one size": ({256: 150}, {256: 60}, {}),
    "two sizes": ({64: 50}, {256: 50}, {}),
    "two sizes of which one is rare": ({256: 180, 224: 5}, {256: 60}, {}),
    "an outlier among 200, enlarged": ({256: 199, 1: 1}, {256: 60}, {"resize": 256}),
    "photos, resized": ({(1200, 1600): 50, (1600, 1200): 50}, {(1200, 1600): 30}, {"resize": 256}),
    "photos of many sizes, resized": (
        {(900 + n, 1300): 1 for n in range(100)},
        {(900 + n, 1300): 1 for n in range(30)},
        {"resize": 256},
    ),
    "thumbnails": ({28: 100}, {28: 60}, {}),
    "images that the shape covers mostly": ({(256, 340): 100}, {(256, 340): 60}, {}),
    "small shapes of a pretrained model, enlarged": (
        {96: 100},
        {96: 60},
        {"use_pretrained_model": 1, "num_layers": 18, "resize": 224},
    ),
}


@pytest.mark.parametrize("name", LEGITIMATE)
def test_a_legitimate_set_is_ready_without_a_word(name: str) -> None:
    train, validation, chosen = LEGITIMATE[name]
    report = report_on(sized(train), sized(validation), **chosen)
    assert (lines(report), report.verdict) == ([], Verdict.READY)


# -------------------------------------------------------------------------- a few small images that are no outliers


def test_several_small_images_are_counted_in_both_channels_and_the_smallest_of_all_is_named() -> None:
    train, validation = sized({190: 100, 200: 400, 110: 4}), sized({200: 60, (100, 300): 2, 132: 1, 133: 1})
    assert lines(judge(train, validation)) == [
        "warning: pets_val.rec, record 61, byte 5520: The smallest image has 100 by 300 pixels, so that image_shape is "
        "3,100,100 and training sees 25% of the typical image; without the 7 of 568 images that are so small, it would "
        "be 3,133,133. Replace them or leave them out, pack again and set resize to 133, or set image_shape to "
        "3,133,133 and resize to 133 in training.json.",
    ]


def test_images_just_large_enough_are_not_among_the_small_ones() -> None:
    finding = judge(sized({100: 147, 70: 2, 69: 1}), sized({100: 60})).findings[0]
    assert "; without this 1 of 210 images, it would be 3,70,70." in finding.message


def test_an_outlier_is_named_though_no_image_of_the_other_channel_is_readable() -> None:
    unreadable = recordscan.scan([])
    (finding,) = (
        finding
        for finding in judge(sized({256: 149, 1: 1}), unreadable).findings
        if finding.code == "images-below-image-shape"
    )
    assert finding.file == "pets_train.rec"


@pytest.mark.parametrize("chosen", [{"image_shape": "3,224,224", "resize": 224}, {"resize": 224}])
def test_the_remedy_gives_the_shape_that_it_promises(chosen: dict[str, object]) -> None:
    report = report_on(sized({256: 149, 1: 1}), sized({256: 60}), **chosen)
    assert report.findings == ()
    assert shape(report) == "3,224,224"


@pytest.mark.parametrize(
    ("train", "validation", "is_warned_of"),
    [
        ({256: 150}, {256: 60}, False),
        ({100: 10, 110: 40, 120: 60, 130: 40}, {100: 5, 120: 55}, False),
        (dict.fromkeys(range(100, 300), 2), dict.fromkeys(range(100, 300), 1), False),
        (dict.fromkeys(range(100, 300), 2) | {60: 3}, dict.fromkeys(range(100, 300), 1), True),
        ({224: 149, 157: 1}, {300: 60}, False),
        ({224: 149, 156: 1}, {300: 60}, True),
        ({5000: 149, 2510: 1}, {5000: 60}, False),  # image_shape is no larger than 224 for any of them
        ({256: 80, 64: 10}, {256: 10}, True),
        ({256: 79, 64: 11}, {256: 10}, False),
        ({256: 900}, {64: 100}, True),
        ({64: 50}, {256: 50}, False),
    ],
)
def test_only_a_few_images_much_smaller_than_the_others_are_warned_of(
    train: Sizes, validation: Sizes, *, is_warned_of: bool
) -> None:
    codes = [finding.code for finding in judge(sized(train), sized(validation)).findings]
    assert ("few-small-images" in codes) is is_warned_of
    assert "images-below-image-shape" not in codes


@pytest.mark.parametrize(
    ("train", "refused"),
    [
        ({256: 140, 28: 10}, ["few-small-images"]),
        ({256: 140, 1: 10}, ["few-small-images"]),
        ({256: 140, 29: 10}, []),
        ({28: 140, 14: 10}, []),
        ({256: 60, 28: 50}, []),
    ],
)
def test_few_small_images_may_not_decide_for_the_network_of_small_images(train: Sizes, refused: list[str]) -> None:
    report = judge(sized(train), sized({max(train): 40}))
    assert [finding.code for finding in report.findings if finding.severity is Severity.ERROR] == refused


def test_what_is_cropped_for_the_sake_of_few_small_images_is_told_with_them() -> None:
    (finding,) = judge(sized({256: 140, 29: 10}), sized({256: 40})).findings
    assert finding.message.startswith(
        "The smallest image has 29 by 29 pixels, so that image_shape is 3,29,29 and training sees 1.3% of the typical "
        "image; without the 10 of 190 images that are so small, it would be 3,224,224."
    )
    assert finding.remedy == (
        "Replace them or leave them out and pack again, or set image_shape to 3,224,224 and resize to 224 in "
        "training.json."
    )


def test_where_images_are_cropped_without_few_small_ones_as_well_one_remedy_mends_both() -> None:
    train, validation = sized({400: 140, 100: 10}), sized({400: 40})
    (finding,) = judge(train, validation).findings
    assert finding.remedy == (
        "Replace them or leave them out, pack again and set resize to 224, or set image_shape to 3,224,224 and resize "
        "to 224 in training.json."
    )
    assert report_on(train, validation, image_shape="3,224,224", resize=224).findings == ()
    assert report_on(sized({400: 140}), validation, resize=224).findings == ()


def test_where_training_sees_half_of_the_typical_image_no_loss_is_told() -> None:
    report = judge(sized({97: 140, 69: 3}), sized({100: 2000}))
    (finding,) = (finding for finding in report.findings if finding.code == "few-small-images")
    assert "image_shape is 3,69,69; without" in finding.message


def test_images_that_are_cropped_for_many_small_ones_are_told_so() -> None:
    report = judge(sized({256: 60, 28: 50}), sized({256: 40}))
    assert [finding.code for finding in report.findings] == ["images-mostly-cropped"]


def test_few_small_images_are_not_told_beside_outliers_of_the_same_set() -> None:
    report = judge(sized({100: 190, 60: 8, 20: 1}), sized({100: 60}))
    assert shape(report) == "3,60,60"
    assert [finding.code for finding in report.findings] == ["images-below-image-shape", "images-mostly-cropped"]


@pytest.mark.parametrize("chosen", [{"image_shape": "3,1,1", "num_layers": 20}, {"resize": 28}])
def test_a_shape_that_small_images_did_not_decide_is_not_laid_on_them(chosen: dict[str, object]) -> None:
    report = report_on(sized({256: 140, 1: 10}), sized({256: 60}), **chosen)
    assert "few-small-images" not in [finding.code for finding in report.findings]


def test_a_sample_stands_for_all_images_of_its_file() -> None:
    def sample(sizes: Sizes) -> RecordSummary:
        return dataclasses.replace(sized(sizes), records=1_000_000, looked_at=sum(sizes.values()))

    rows = ListSummary(samples=1_000_000, label_width=1, classes={0: 500_000, 1: 500_000}, findings=())
    codes = [each.code for each in judge(sample({100: 300}), sized({256: 1000}), train_list=rows).findings]
    assert codes == []
    few, *_ = judge(sample({200: 300}), sized({100: 1000}), train_list=rows).findings
    assert "without the 1,000 of 1,300 images looked at that are so small, it would be" in few.message
    # 3 of 300 images looked at, which are 1 % of a million.
    (outliers,) = judge(sample({256: 297, 20: 3}), sized({256: 1000}), train_list=rows).findings
    assert outliers.message.startswith("3 of 300 images looked at are smaller than image_shape 3,224,224")


# ------------------------------------------------------------------------------------------ what the shape cuts off


def test_photos_of_which_little_is_seen_are_warned_of_with_the_resize_that_mends_it() -> None:
    report = judge(sized({(1200, 1600): 64}), sized({(1200, 1600): 40}))
    assert lines(report) == [
        "warning: pets_train.rec: The typical image has 1,200 by 1,600 pixels; image_shape 3,224,224 is a piece cut "
        "out of it with 2.6% of the picture; a caller that squashes the whole picture to that shape shows the model "
        "another one. Set resize to 256 in training.json, and training sees 57% of it."
    ]
    assert report.verdict is Verdict.READY


@pytest.mark.parametrize(
    ("size", "chosen", "says"),
    [
        ((316, 316), {}, None),  # 50.2 %
        ((317, 317), {}, "with 50% of the picture. Set resize to 256"),
        ((400, 499), {}, "with 25% of the picture. Set"),
        ((400, 500), {}, "with 25% of the picture; a caller that squashes"),
        ((500, 400), {}, "with 25% of the picture; a caller that squashes"),
        ((1000, 1000), {"resize": 900}, "after resize to 900 with 6.2% of the picture. Set resize to 256"),
        ((900, 1600), {"resize": 256}, "training.json, and training sees 56% of it."),
        ((500, 1500), {}, "Set resize to 224 in training.json, and training sees 33% of it; or cut or pad the images"),
        ((500, 1500), {"resize": 224}, "shows the model another one. Cut or pad the images to squares and"),
        ((60, 300), {}, "image_shape 3,60,60 is a piece cut out of it with 20% of the picture"),
        ((600, 600), {"image_shape": "3,224,600"}, "Cut or pad the images to the proportions of image_shape"),
    ],
)
def test_the_share_of_a_picture_that_is_seen_depends_on_shape_and_resize(
    size: tuple[int, int], chosen: dict[str, object], says: str | None
) -> None:
    report = report_on(sized({size: 40}), sized({256: 40}), **chosen)
    assert bool(report.findings) is bool(says)
    assert not says or says in str(report.findings[-1])


def test_the_typical_image_is_the_one_in_the_middle_of_the_training_images() -> None:
    assert judge(sized({256: 40, 2000: 40}), sized({2000: 40})).findings == ()
    (finding,) = judge(sized({256: 40, 2000: 41}), sized({256: 100})).findings
    assert "has 2,000 by 2,000 pixels" in finding.message


def test_no_more_than_ten_sizes_are_shown() -> None:
    report = judge(sized({300 + side: 1 + side for side in range(12)}), sized({300: 40}))
    assert report.train.sizes == {(300 + side, 300 + side): 1 + side for side in range(11, 1, -1)}
