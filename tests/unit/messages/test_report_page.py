"""The page of a report: whole in one file, nothing run, everything escaped, the verdict first."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.bounds import THUMBNAILS_IN_BYTES
from sagescene.files.classnames import ClassNames
from sagescene.files.recordcontent import PackedImage
from sagescene.files.setchange import Relabelling, SetChange
from sagescene.files.thumbnails import Thumbnail, Thumbnails
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.messages import page
from sagescene.preflight.hyperparameters import Origin, Value
from sagescene.preflight.report import SHORTER_SIDES, Channel, Report, Verdict

FINDING = Finding(
    code="label-negative",
    severity=Severity.ERROR,
    file="train.lst",
    where="line 3",
    message="The label '-1' is negative.",
    remedy="Number the classes.",
)
SOUND = Report(
    data_set="pets",
    fingerprint="0123456789ab",
    written=datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
    verdict=Verdict.READY,
    train=Channel(
        images=100, rows=100, label_width=1, classes={0: 60, 1: 40}, sizes={(300, 400): 100}, shorter_sides={256: 100}
    ),
    validation=Channel(
        images=50, label_width=1, classes={0: 30, 1: 20}, sizes={(300, 400): 50}, shorter_sides={256: 50}
    ),
    hyperparameters={"epochs": Value(value="5", origin=Origin.TRAINING_JSON)},
)
VOID = {"meta", "img", "rect"}


class Page(HTMLParser):
    """A page as its elements, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(content)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def render(request: Mapping[str, Any] | None = None, thumbnails: tuple[Thumbnail, ...] = (), **changes: Any) -> Page:  # noqa: ANN401
    return Page(page.render(dataclasses.replace(SOUND, **changes), thumbnails, request))


@pytest.mark.parametrize(
    ("verdict", "heading"),
    [
        (Verdict.READY, "pets is ready to train on"),
        (Verdict.REFUSED, "pets is refused"),
        (Verdict.WAITING, "pets is not complete yet"),
    ],
)
def test_the_verdict_comes_first_and_the_findings_next(verdict: Verdict, heading: str) -> None:
    text = render(verdict=verdict, findings=(FINDING,)).text
    body = text[text.index("Data set ·") :]
    order = [
        heading,
        "1 error.",
        "Findings",
        "train.lst",
        "line 3",
        "The label '-1'",
        "Number the classes.",
        "Images of",
    ]
    assert [body.index(part) for part in order] == sorted(body.index(part) for part in order)


def test_errors_come_before_warnings_of_a_file() -> None:
    warning = dataclasses.replace(FINDING, severity=Severity.WARNING, message="It is odd.")
    text = render(findings=(warning, FINDING)).text
    assert text.index("The label '-1'") < text.index("It is odd.")
    assert "1 error and 1 warning." in text


def test_what_is_found_in_no_file_has_a_heading_of_its_own() -> None:
    absent = Code.FILE_MISSING.found(file="", message="There is no train .lst.", remedy="Add it.")
    cost = Code.COST_ABOVE_LIMIT.found(file="", message="The job may cost more.", remedy="Allow it.")
    waiting = render(verdict=Verdict.WAITING, findings=(absent,)).text
    refused = render(verdict=Verdict.REFUSED, findings=(cost,)).text
    assert "Missing\n" in waiting
    assert "Hyperparameters and instances" not in waiting
    assert "Hyperparameters and instances\n" in refused


def test_findings_are_counted_in_all_their_places() -> None:
    several = dataclasses.replace(FINDING, where="lines 3, 4, 5, 6, 7 and 1,000 more", places=1005)
    rest = dataclasses.replace(FINDING, where="", places=27)
    odd = dataclasses.replace(FINDING, severity=Severity.WARNING, where="a; b; c", places=2)
    assert "1,032 errors and 2 warnings." in render(findings=(several, rest, odd)).text


def test_many_classes_of_as_many_images_are_told_with_one_number() -> None:
    train = Channel(images=800, classes=dict.fromkeys(range(100), 8))
    validation = Channel(images=101, classes=dict.fromkeys(range(99), 1) | {99: 2})
    text = render(train=train, validation=validation).text
    assert "train: 8 images a class" in text
    assert "validation: 1 to 2 images a class" in text


@settings(max_examples=100)
@given(st.text(), st.text(), st.text(min_size=1))
def test_what_the_data_says_is_never_markup(name: str, message: str, value: str) -> None:
    hostile = f"<script>alert(1)</script>{message}\"'><img src=x onerror=alert(1)>"
    told = dataclasses.replace(FINDING, message=hostile, file=hostile, where=hostile, remedy=hostile)
    shown = render(
        {"TrainingJobName": hostile},
        data_set=name + hostile,
        findings=(told,),
        hyperparameters={hostile: Value(value=value + hostile, origin=Origin.STACK)},
    )
    assert "script" not in shown.tags
    assert "img" not in shown.tags
    assert not [attribute for attribute, _ in shown.attributes if attribute.startswith("on")]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    image = Thumbnail(label=3, format="png", image=b"\x89PNG")
    shown = render({"RoleArn": "arn"}, (image,), findings=(FINDING,))
    assert {"script", "link", "iframe", "object"}.isdisjoint(shown.tags)
    sources = [value for name, value in shown.attributes if name in {"src", "href", "srcset", "action"}]
    assert sources == ["data:image/png;base64,iVBORw=="]
    assert "class 3" in shown.text
    assert "url(" not in page.render(SOUND)
    assert "@import" not in page.render(SOUND)


def test_few_classes_have_a_bar_each_and_many_a_column_each() -> None:
    few, many = render(), render(train=Channel(images=9, classes=dict.fromkeys(range(31), 3)))
    assert "Images of 31 classes" not in [value for _, value in few.attributes]
    assert "60 images" in [value for _, value in few.attributes]
    assert "Images of 31 classes" in [value for _, value in many.attributes]


def test_classes_are_called_by_their_names() -> None:
    names = ClassNames.of({0: "<b>ant</b>", 2: "bee"}, "classes.txt")
    thumbnail = Thumbnail(label=0, format="png", image=b"")
    few = render(thumbnails=(thumbnail,), class_names=names)
    assert "Named by classes.txt." in few.text
    assert "<b>ant</b> (0)" in few.text
    assert "class <b>ant</b> (0)" in few.text
    assert "An image of class <b>ant</b> (0)" in [value for _, value in few.attributes]
    many = render(train=Channel(images=9, classes=dict.fromkeys(range(31), 3)), class_names=names)
    assert "31 classes in their order, from <b>ant</b> (0) to 30." in many.text
    assert "Named by" not in render().text


def test_tens_of_thousands_of_classes_share_columns() -> None:
    classes = dict.fromkeys(range(22_000), 5)
    content = page.render(dataclasses.replace(SOUND, train=Channel(images=9, classes=classes)))
    assert len(content) < 100_000


def test_many_sizes_are_shown_in_ranges() -> None:
    sizes = {(height, 900): 1 for height in range(300, 310)}
    several = Channel(images=20, sizes=sizes, shorter_sides={256: 18, 2048: 2})
    text = render(train=several, validation=several).text
    assert "256 to 319" in text
    assert "2048 and more" in text
    assert "32 to 63" not in text
    assert "300 × 400" in render().text  # noqa: RUF001


def test_ranges_of_sizes_follow_each_other() -> None:
    assert sorted(set(SHORTER_SIDES)) == list(SHORTER_SIDES)


def test_samples_say_how_many_were_looked_at() -> None:
    assert "of which looked at" not in render().text
    assert "of which looked at" in render(train=dataclasses.replace(SOUND.train, looked_at=70)).text


def test_a_waiting_set_has_no_empty_sections() -> None:
    text = render(
        verdict=Verdict.WAITING, train=Channel(), validation=Channel(), hyperparameters={}, fingerprint=""
    ).text
    assert "Images" not in text
    assert "Hyperparameters" not in text
    assert "CreateTrainingJob" not in text


def test_a_page_with_all_its_images_stays_small() -> None:
    thumbnails = Thumbnails()
    for label in range(200):
        image = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\1\0\0\0\1\0\x08\2" + bytes(40_000 - label)
        thumbnails.consider(PackedImage(1, 0, (float(label),), len(image), image))
    picked = thumbnails.pick()
    assert 2 < len(picked) <= 12
    assert sum(len(thumbnail.image) for thumbnail in picked) <= THUMBNAILS_IN_BYTES
    assert len(page.render(SOUND, picked)) < 330_000


@pytest.mark.parametrize(("height", "is_shown"), [(1024, True), (1025, False), (1 << 31, False)])
def test_a_small_file_that_promises_many_pixels_is_no_thumbnail(height: int, *, is_shown: bool) -> None:
    thumbnails = Thumbnails()
    image = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x08\0" + height.to_bytes(4) + b"\x08\2" + bytes(100)
    thumbnails.consider(PackedImage(1, 0, (0.0,), len(image), image))
    assert bool(thumbnails.pick()) is is_shown


@pytest.mark.parametrize(("shown", "says"), [(0, "None of 2 classes shown"), (1, "1 of 2 classes shown"), (2, "")])
def test_classes_whose_images_are_not_shown_are_counted(shown: int, says: str) -> None:
    thumbnails = tuple(Thumbnail(label=label, format="png", image=b"") for label in range(shown))
    text = render(thumbnails=thumbnails).text
    assert ("classes shown: at most 12, of images with up to 64 KB." in text) is bool(says)
    assert says in text


def test_a_change_is_told_with_its_relabellings_escaped() -> None:
    relabelled = Relabelling(before="<b>cat</b> (0)", after="dog (1)", images=1200)
    change = SetChange(job="job", relabelled=1200, relabellings=(relabelled,))
    content = page.render(dataclasses.replace(SOUND, change=change))
    text = Page(content).text
    assert "What changed since the last training" in text
    assert "Against the set of job job: 1,200 training images relabelled." in text
    assert "<b>cat</b> (0) -> dog (1): 1,200" in text
    assert "What changed" not in page.render(SOUND)
    unknown = dataclasses.replace(SOUND, change=SetChange(job="job", not_compared="it is too large"))
    assert "Not compared with the set of job job: it is too large." in page.render(unknown)
    assert "Relabelled" not in page.render(unknown)
