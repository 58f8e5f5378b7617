"""What changed between two contents of a set, told by their images' bytes and the classes their labels stand for."""

import json
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.bounds import LARGEST_IMAGES_IN_BYTES
from sagescene.files import setimages
from sagescene.files.classnames import ClassNames
from sagescene.files.recordcontent import PackedImage
from sagescene.files.setchange import Relabelling, SetChange, compare
from sagescene.files.setimages import ImageCollector, ImagesOfSet

UNNAMED = ClassNames()


def collect(images: Iterable[tuple[bytes, tuple[float, ...]]], *, is_whole: bool = True) -> ImagesOfSet:
    collector = ImageCollector()
    for record, (content, labels) in enumerate(images, start=1):
        collector.add(PackedImage(record, 0, labels, len(content), memoryview(content)))
    return collector.collected(is_whole=is_whole)


def labelled(images: Mapping[str, int]) -> ImagesOfSet:
    return collect((name.encode(), (float(label),)) for name, label in images.items())


def named(*names: str) -> ClassNames:
    return ClassNames.of(dict(enumerate(names)), "classes.txt")


def change(before: ImagesOfSet, now: ImagesOfSet, old: ClassNames = UNNAMED, new: ClassNames = UNNAMED) -> SetChange:
    return compare(now, new, before, old, job="job")


def numbers(found: SetChange) -> tuple[int, int, int]:
    assert not found.not_compared
    return found.added, found.removed, found.relabelled


@given(
    images=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=30),
    kept=st.lists(st.sampled_from(["kept", "removed", "relabelled"]), min_size=30, max_size=30),
    more=st.lists(st.integers(0, 2), max_size=9),
    order=st.randoms(use_true_random=False),
)
def test_as_many_images_are_told_as_were_added_removed_and_relabelled(
    images: list[tuple[int, int]], kept: list[str], more: list[int], order: object
) -> None:
    # The same bytes come several times, always with one label of their own: else a removal may be a relabelling.
    first = [(b"image %d %d" % image, (float(image[1]),)) for image in images]
    fates = {content: kept[at] for at, (content, _) in enumerate(first)}
    second = [
        (content, (labels[0] + 3,) if fates[content] == "relabelled" else labels)
        for content, labels in first
        if fates[content] != "removed"
    ]
    second += [(b"another image %d" % at, (float(label),)) for at, label in enumerate(more)]
    order.shuffle(second)  # type: ignore[attr-defined]
    came_to = [fates[content] for content, _ in first]
    found = change(collect(first), collect(second))
    assert numbers(found) == (len(more), came_to.count("removed"), came_to.count("relabelled"))


def test_an_image_that_is_there_several_times_counts_as_often() -> None:
    before = collect([(b"a", (0.0,)), (b"a", (0.0,)), (b"a", (1.0,))])
    assert numbers(change(before, collect([(b"a", (0.0,))]))) == (0, 2, 0)
    assert numbers(change(before, collect([(b"a", (0.0,)), (b"a", (2.0,)), (b"a", (1.0,))]))) == (0, 0, 1)
    assert numbers(change(before, collect([(b"a", (0.0,))] * 4))) == (1, 0, 1)


def test_an_image_is_told_by_all_of_its_bytes() -> None:
    contents = [b"\0" * at + b"\1" + b"\0" * (200 - at) for at in range(201)]
    images = [collect([(content, (0.0,))]) for content in [*contents, contents[0] + b"\0"]]
    assert len({each.digests for each in images}) == len(images)


def test_the_most_frequent_relabellings_are_named_by_the_classes() -> None:
    before = labelled({f"{label} {at}": label for label in range(7) for at in range(label + 1)})
    now = labelled({f"{label} {at}": 7 for label in range(7) for at in range(label + 1)})
    names = named("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen")
    found = change(before, now, names, names)
    assert found.relabelled == 28
    assert [str(each) for each in found.relabellings] == [
        "gnu (6) -> hen (7): 7",
        "fox (5) -> hen (7): 6",
        "elk (4) -> hen (7): 5",
        "dog (3) -> hen (7): 4",
        "cat (2) -> hen (7): 3",
    ]


@pytest.mark.parametrize(
    ("old", "new", "labels", "relabelled"),
    [
        (named("cat", "dog"), named("ant", "cat", "dog"), {"a": 1, "b": 2}, ()),  # another class before them
        (named("cat", "dog"), named("dog", "cat"), {"a": 1, "b": 0}, ()),
        (named("cat", "dog"), named("cats", "dogs"), {"a": 0, "b": 1}, ()),  # renamed where they stand
        (named("cat", "dog"), UNNAMED, {"a": 0, "b": 1}, ()),
        (named("cat", "dog"), named("dog"), {"a": 0, "b": 0}, ("cat (0) -> dog (0): 1",)),  # the cats became dogs
        (
            named("cat", "dog"),
            named("dog", "cat"),
            {"a": 0, "b": 1},
            ("cat (0) -> dog (0): 1", "dog (1) -> cat (1): 1"),
        ),
    ],
)
def test_a_label_is_the_same_when_it_stands_for_the_class_of_the_same_name(
    old: ClassNames, new: ClassNames, labels: Mapping[str, int], relabelled: tuple[str, ...]
) -> None:
    found = change(labelled({"a": 0, "b": 1}), labelled(labels), old, new)
    assert tuple(sorted(map(str, found.relabellings))) == relabelled
    assert numbers(found) == (0, 0, len(relabelled))


def test_several_labels_of_an_image_are_told_as_they_are() -> None:
    found = change(collect([(b"a", (1.0, 0.0))]), collect([(b"a", (1.0, 1.0))]))
    assert found.relabellings == (Relabelling(before="1 0", after="1 1", images=1),)


def test_what_was_not_seen_whole_is_not_compared() -> None:
    images, sample = labelled({"a": 0}), collect([(b"a", (0.0,))], is_whole=False)
    assert str(change(images, sample)) == (
        "Not compared with the set of job job: only a sample of its images was looked at."
    )
    assert str(change(sample, images)) == (
        "Not compared with the set of job job: when it was read, only a sample of its images was looked at."
    )


def test_names_of_which_not_all_are_known_are_not_compared_when_they_differ() -> None:
    many, others = ClassNames(names={0: "cat"}, more=1), ClassNames(names={0: "dog"}, more=1)
    images = labelled({"a": 0})
    assert "are too many" in str(change(images, images, many, others))
    assert numbers(change(images, images, many, many)) == (0, 0, 0)


def test_more_images_or_labels_than_are_held_are_not_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setimages, "IMAGES_COMPARED_AT_MOST", 2)
    assert not labelled({"a": 0, "b": 1}).missing
    assert labelled({"a": 0, "b": 1, "c": 0, "d": 0}) == ImagesOfSet(missing="it has more than 2 training images")
    monkeypatch.setattr(setimages, "LABELS_COMPARED_IN_BYTES", 21)
    assert labelled({"a": 0, "b": 0}).labels == ("0",)
    assert labelled({"a": 0, "b": 1}).missing == "its images have too many distinct labels"


def test_as_many_images_and_labels_as_are_held_are_read_again() -> None:
    images = collect((b"%d" % at, (float(at),)) for at in range(50_000))
    again = collect((b"%d" % at, (float(at % 9),)) for at in range(100_000))
    for each in (images, again):
        assert not each.missing
        kept = json.dumps(each.as_json(), indent=2)
        assert len(kept) < LARGEST_IMAGES_IN_BYTES
        assert ImagesOfSet.from_json(json.loads(kept)) == each


@pytest.mark.parametrize(
    "other",
    [
        {"version": setimages.VERSION + 1},
        {"digests": "AAAA"},
        {"digests": "no base 64"},
        {"labelled": "AQ=="},
        {"labels": []},
        {"labels": None},
        {"missing": ...},
    ],
)
def test_what_is_no_collection_is_none(other: Mapping[str, object]) -> None:
    document = labelled({"a": 0}).as_json()
    assert ImagesOfSet.from_json(document)
    changed = {name: value for name, value in {**document, **other}.items() if value is not ...}
    assert ImagesOfSet.from_json(changed) is None
    assert ImagesOfSet.from_json([document]) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (SetChange(job="j", added=1200), "1,200 training images added."),
        (SetChange(job="j", removed=1, relabelled=5), "1 training image removed, 5 relabelled."),
        (SetChange(job="j", added=2, removed=3, relabelled=4), "2 training images added, 3 removed, 4 relabelled."),
        (SetChange(job="j"), "the same training images with the same labels."),
    ],
)
def test_a_change_is_told_in_a_sentence(found: SetChange, said: str) -> None:
    assert str(found) == f"Against the set of job j: {said}"
    assert SetChange.from_json(json.loads(json.dumps(found.as_json()))) == found
