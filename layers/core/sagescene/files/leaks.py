"""What the training and the validation files share: images that are in both, and labels that must mean the same."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

from sagescene.files.classnames import ClassNames
from sagescene.files.listrows import Row
from sagescene.files.lostrows import LostRows
from sagescene.files.numbering import Numbering
from sagescene.files.overlaps import Overlap
from sagescene.files.recordcontent import PackedImage
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import agree, name_some
from sagescene.quoting import quote

NAMED = 5
_SCAN_OF_JPEG, _PIXELS_OF_PNG = re.compile(b"\xff\xda"), re.compile(b"IDAT")
_HALF = 0.5  # of the images of a channel: no longer a few that slipped in
_FEW = 0.01  # of the validation images: mislabelled ones, where more are labelled by another rule


class _Labelled(NamedTuple):
    """A training image: its record, how many labels it has, and the one, or a hash of several.

    Thousands of labels an image are not held for each; their hash tells them apart, and is shown to nobody.
    """

    record: int
    number: int
    label: float

    @classmethod
    def of(cls, image: PackedImage) -> Self:
        number = len(image.labels)
        return cls(image.record, number, image.labels[0] if number == 1 else hash(image.labels))

    def is_labelled_as(self, other: Self) -> bool:
        return (self.number, self.label) == (other.number, other.label)


class _Relabelled(NamedTuple):
    """An image of both channels, and its two labels where it has one in each."""

    place: str
    labels: tuple[float, float] | None

    def tell(self, names: ClassNames) -> str:
        if self.labels is None:
            return self.place
        here, there = map(names.tell_label, self.labels)
        return f"{self.place} (label {here}, there {there})"


class Leaks:
    """Compares the channels while they are read, the training files first: paths and numbers of lists, images.

    An image is told by its length, a checksum of its first 128 KiB and the bytes in the middle of those.
    """

    def __init__(self, *, train_list: str, train_records: str, validation_list: str, validation_records: str) -> None:
        """Compare these files; the names are the ones that findings carry."""
        self._train_list, self._train_records = train_list, train_records
        self._validation_list, self._validation_records = validation_list, validation_records
        self._paths = Overlap[int]()
        self._images = Overlap[_Labelled]()
        self.lost_rows = LostRows(self._paths)
        self._are_in_order = True
        self.train_numbering, self.validation_numbering = Numbering(), Numbering()
        self._shared_paths: list[str] = []
        self._shared_images: list[str] = []
        self._relabelled: list[_Relabelled] = []
        self._contradicting: list[str] = []
        self._contradicted = set[int]()  # hashes of images that are there again with another label
        self._training_images = self._number_contradicting = 0
        self._number_of_paths = self._number_of_images = self._number_relabelled = self._validation_images = 0

    def remember_rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass the rows of the training list on, and remember their paths."""
        for row in rows:
            self._paths.remember(row.path, row.identifier)
            self.train_numbering.add(row)
            yield row
        self.train_numbering.is_whole = True

    def compare_rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass the rows of the validation list on, and look for their paths among those of training."""
        for row in rows:
            self.validation_numbering.add(row)
            place = self._paths.find(row.path)
            if place is not None:
                self.lost_rows.add(row.identifier, place)
                self._number_of_paths += 1
                if len(self._shared_paths) < NAMED:
                    self._shared_paths.append(quote(row.path))
            yield row
        self.validation_numbering.is_whole = True

    def remember_image(self, image: PackedImage) -> None:
        """Remember an image of the training records, and look for it among those before."""
        if not _can_be_told(image):
            return
        self._training_images += 1
        labelled, told_by = _Labelled.of(image), (image.length, image.contents[1])
        first = self._images.remember(told_by, labelled)
        if first and not labelled.is_labelled_as(first):
            self._number_contradicting += 1
            self._contradicted.add(hash(told_by))
            if len(self._contradicting) < NAMED:
                self._contradicting.append(f"{_name(image.record, image.offset)} is {_name(first.record)} again")

    def compare_image(self, image: PackedImage) -> None:
        """Look for an image of the validation records among those of training."""
        self._validation_images += bool(image.length)
        if not _can_be_told(image):
            return
        twin = self._images.find((image.length, image.contents[1]))
        if twin is None:
            return
        labelled = _Labelled.of(image)
        here, there = _name(image.record, image.offset), _name(twin.record)
        if labelled.is_labelled_as(twin):
            self._number_of_images += 1
            self._are_in_order = self._are_in_order and image.record == twin.record
            if len(self._shared_images) < NAMED:
                self._shared_images.append(f"{here} is {there} there")
        else:
            self._number_relabelled += 1
            if len(self._relabelled) < NAMED:
                labels = (labelled.label, twin.label) if labelled.number == twin.number == 1 else None
                self._relabelled.append(_Relabelled(f"{here} is {there} there", labels))

    @property
    def are_all_shared(self) -> bool:
        """Tell whether each channel has the images of the other in their order, with their labels, and no others."""
        seen = {self._number_of_images, self._training_images, self._validation_images}
        return self._are_in_order and len(seen) == 1 and 0 not in seen

    def findings(self, names: ClassNames, *, are_records_copied: bool = False) -> Iterator[Finding]:
        """Give what the channels have in common and label differently, one finding of a kind."""
        yield from self._compare_numbering()
        yield from self._compare_labels(names)
        shared = self._number_of_images + self._number_relabelled
        if self._number_of_paths > shared and not self.lost_rows.are_other_lists:  # else the images tell it better
            but = "" if shared else ", though no packed image is"
            yield Code.PATHS_SHARED.found(
                file=self._validation_list,
                message=(
                    f"{self._number_of_paths:,} of the paths {agree(self._number_of_paths, 'is', 'are')} in "
                    f"{self._train_list} as well"
                    f"{_among(self._paths)}{but}: {name_some(self._shared_paths, self._number_of_paths)}."
                ),
                remedy=(
                    "Nothing needs doing if the lists start from different folders; else validate with other images."
                ),
            )
        if are_records_copied:
            yield Code.IMAGES_SHARED.found(
                file=self._validation_records,
                message=(
                    f"It holds the images of {self._train_records} in their order and no others: it is the same file "
                    "under another name."
                ),
                remedy="Put the records of each channel's own list in its place.",
                severity=Severity.ERROR,
            )
        elif self._number_of_images:
            share = self._number_of_images * self._images.thinned_by / self._validation_images
            yield Code.IMAGES_SHARED.found(
                file=self._validation_records,
                message=(
                    f"{self._number_of_images:,} of the {self._validation_images:,} images "
                    f"{agree(self._number_of_images, 'is', 'are')} in {self._train_records} as well"
                    f"{_among(self._images)}: {name_some(self._shared_images, self._number_of_images)}."
                ),
                remedy="Validate with images that are not trained on: the accuracy would otherwise promise too much.",
                severity=Severity.ERROR if share >= _HALF else Severity.WARNING,
            )
        if max(self._paths.thinned_by, self._images.thinned_by) > 1:
            compared = " and ".join(
                f"one of {overlap.thinned_by} {what}"
                for what, overlap in (("paths", self._paths), ("images", self._images))
                if overlap.thinned_by > 1
            )
            yield Code.SHARED_SAMPLED.found(
                file=self._validation_records,
                message=f"Only {compared} of the training files could be looked for here.",
                remedy="Nothing needs doing; a single image that is in both channels may not have been seen.",
            )

    def _compare_numbering(self) -> Iterator[Finding]:
        differing, shared = self.train_numbering.compare(self.validation_numbering)
        if differing:
            named = [
                f"{quote(repr(each.folder))} is {each.label:g} there and {each.other:g} here"
                for each in differing[:NAMED]
            ]
            folders, what = (
                ("names of files", "names of files, without their numbers,")
                if differing[0].is_file
                else ("folders", "folders")
            )
            yield Code.LABELS_NUMBERED_APART.found(
                file=self._validation_list,
                message=(
                    f"Of {shared:,} {what} that are in {self._train_list} as well, {len(differing):,} "
                    f"{agree(len(differing), 'has', 'have')} another label in each list: "
                    f"{name_some(named, len(differing))}."
                ),
                remedy=(
                    f"Number the {folders} once for both lists and pack again; as it is, the accuracy means nothing."
                ),
            )

    def _compare_labels(self, names: ClassNames) -> Iterator[Finding]:
        if self._number_contradicting:
            number = self._number_contradicting + len(self._contradicted)
            share = number * self._images.thinned_by / self._training_images
            yield Code.IMAGE_LABELS_DIFFER.found(
                file=self._train_records,
                message=(
                    f"{number:,} of the {self._training_images:,} images{_among(self._images)} "
                    "are there several times, with different labels: "
                    f"{name_some(self._contradicting, self._number_contradicting)}."
                ),
                remedy="Keep each image once, with its right label, and pack again.",
                severity=Severity.ERROR if share >= _HALF else Severity.WARNING,
            )
        number = self._number_relabelled
        if number:
            share = number * self._images.thinned_by / self._validation_images
            named = [each.tell(names) for each in self._relabelled]
            yield Code.IMAGE_LABELS_DIFFER.found(
                file=self._validation_records,
                message=(
                    f"{number:,} of the {self._validation_images:,} images{_among(self._images)} "
                    f"{agree(number, 'is', 'are')} in {self._train_records} as well, but with another label: "
                    f"{name_some(named, number)}."
                ),
                remedy="Label each image alike in both channels, and pack again.",
                severity=Severity.ERROR if share >= _FEW else Severity.WARNING,
            )


def _can_be_told(image: PackedImage) -> bool:
    """Tell whether the first bytes show some of the picture; long metadata are alike in images that are not."""
    if image.length <= len(image.head):
        return image.length > 0
    # The one that is there soon comes first: to look for a scan in 128 KiB of PNG takes 70 us.
    is_png = image.head[:1] == b"\x89"
    first, second = (_PIXELS_OF_PNG, _SCAN_OF_JPEG) if is_png else (_SCAN_OF_JPEG, _PIXELS_OF_PNG)
    return bool(first.search(image.head) or second.search(image.head))


def _name(record: int, offset: int = 0) -> str:
    return f"record {record}" if record else f"the record at byte {offset}" if offset else "one"


def _among(overlap: Overlap[Any]) -> str:
    return f", by a sample of one in {overlap.thinned_by}" if overlap.thinned_by > 1 else ""
