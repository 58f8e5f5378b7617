"""The folders of a test list are told to be other classes only where they surely are."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.files.classnames import ClassNames
from sagescene.files.listrows import Row
from sagescene.files.numbering import Numbering
from sagescene_evaluation.list_look import find_other_numbers, teach

FRUIT = ("fig", "kiwi", "olive", "plum")
NAMES = ClassNames.of(dict(enumerate(FRUIT)), "classes.txt")


def look(rows: Iterable[tuple[str, float]], names: ClassNames = NAMES) -> dict[int, str]:
    """Give what folders of paths are called at other numbers."""
    numbering = Numbering()
    for _ in teach(numbering, [Row(number, (label,), path) for number, (path, label) in enumerate(rows)]):
        pass
    found = find_other_numbers(numbering, names, "a_test.lst")
    assert found.source == ("a_test.lst" if found.names else "")
    return dict(found.names)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("fig/1 0  kiwi/1 1  plum/1 2  plum/2 2  olive/1 3", {2: "plum", 3: "olive"}),
        ("test/fig/a/1 0  test/kiwi/a/1 1  test/plum/a/1 2", {2: "plum"}),
        ("x/PLUM/1 2  x/Olive/1 3", {2: "PLUM", 3: "Olive"}),
        ("x/fig_1 1  x/kiwi_2 0  x/kiwi_3 0", {0: "kiwi", 1: "fig"}),
        ("kiwi/1 0  fig/1 1  pear/1 2", {0: "kiwi", 1: "fig"}),
        ("fig/1 0  kiwi/1 1  olive/1 7", {}),  # of no class of the model, as another caveat says
        ("fig/1 0  Kiwi/1 1  olive/1 2  plum/1 3", {}),
        ("test/fig/1 0  test/plum/1 3", {}),
        ("monday/fig/1 0  monday/kiwi/1 1  tuesday/kiwi/1 1", {}),
        ("pear/1 2  apple/1 3", {}),  # other names
        ("ann/1 0  bob/1 1  olive/1 3", {}),  # photographers, of whom one is called so
        ("plum/1 2  plum/2 2", {}),  # one folder for everything
        ("plum/1 2  plum/2 0  olive/1 3", {}),  # folders that hold several labels
        ("plum/1 2  kiwi/1 2  olive/1 3", {}),  # a label in several folders
        ("plum/1 2  olive/1 3  loose 0", {}),
        ("1 2  2 3", {}),
    ],
)
def test_names_at_other_numbers_are_told_and_nothing_else_is(rows: str, found: dict[int, str]) -> None:
    fields = rows.split()
    paths = [f"{path}.png" for path in fields[::2]]
    assert look(zip(paths, map(float, fields[1::2]), strict=True)) == found


def test_rows_of_several_labels_and_models_without_names_tell_nothing() -> None:
    numbering = Numbering()
    for label, folder in ((2, "plum"), (3, "olive")):
        numbering.add(Row(label, (float(label), 0.0), f"{folder}/1.png"))
    assert find_other_numbers(numbering, NAMES, "a_test.lst").names == {}
    assert look([("plum/1.png", 2.0), ("olive/1.png", 3.0)], ClassNames()) == {}


@given(
    names=st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=2, max_size=9, unique=True),
    order=st.randoms(use_true_random=False),
    around=st.sampled_from(["{}/x.png", "test/{}/x.png", "{}/images/x.png", "a/b/{}/c/x.png"]),
)
def test_exactly_the_names_that_moved_are_told(names: list[str], order: object, around: str) -> None:
    moved = names[:]
    order.shuffle(moved)  # type: ignore[attr-defined]
    rows = [(around.format(name), float(label)) for label, name in enumerate(moved)]
    expected = {label: name for label, name in enumerate(moved) if name != names[label]}
    assert look(rows, ClassNames.of(dict(enumerate(names)), "classes.txt")) == expected


@given(
    images=st.lists(st.tuples(st.sampled_from(["ann", "bob", "eve", "may 3"]), st.integers(0, 3)), max_size=30),
    inner=st.booleans(),
)
def test_folders_that_are_no_names_of_the_model_tell_nothing(images: list[tuple[str, int]], inner: bool) -> None:
    rows = [(f"{who}/{FRUIT[label]}/x.png" if inner else f"{who}/x.png", float(label)) for who, label in images]
    assert look(rows) == {}
