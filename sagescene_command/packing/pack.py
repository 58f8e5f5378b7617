"""Packs a folder of images into the train, validation and test files that the algorithm reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sagescene.files.recordio import Record
from sagescene_command.packing import writing
from sagescene_command.packing.division import Numbered, divide, flags_of
from sagescene_command.packing.folders import find_classes, refuse_empty
from sagescene_command.packing.images import AS_IT_IS, Treatment, UnpackableImageError
from sagescene_command.packing.labels import find_labelled
from sagescene_command.packing.preparing import ReadyPictures, keep_ready, prepare_all
from sagescene_command.packing.shortage import explain_shortage
from sagescene_command.packing.source import PackedChannel, PackingError, Picture, PictureSource, Skipped
from sagescene_command.packing.table import LabelFile
from sagescene_command.packing.tree import NO_IMAGE_NAME, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed: the files written, images a channel, class names in the order of their labels, files left out.

    `duplicates` names pairs of equal images of which only the first is trained on.
    """

    files: tuple[Path, ...]
    images: Mapping[PackedChannel, int]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    duplicates: tuple[tuple[str, str], ...]

    @property
    def train(self) -> int:
        """Count the images to train on."""
        return self.images[PackedChannel.TRAIN]

    @property
    def validation(self) -> int:
        """Count the images to validate with."""
        return self.images[PackedChannel.VALIDATION]


def pack(
    images: Path,
    prefix: Path,
    *,
    validation_share: float = 0.2,
    test_share: float = 0.0,
    seed: int = 100,
    class_depth: int | None = None,
    labels: LabelFile | None = None,
    treatment: Treatment = AS_IT_IS,
    jobs: int | None = None,
    force: bool = False,
    found: Callable[[PictureSource], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Packed:
    """Write PREFIX_train, PREFIX_val and maybe PREFIX_test, each .lst, .rec and .idx, and classes.txt.

    `images` holds one folder for each class, or folders train, val and test of such, or images whose labels stand in a
    CSV file, `labels`; `folders.find_classes` and `labels.find_labelled` say how they are read, `division.divide` how
    what is not split is, and `images.prepare` which bytes go in. The same folder and settings give the same bytes.
    Files that cannot be read are left out of list and records alike, and named in the result. The files appear all at
    once, or none does; existing ones are replaced only with `force`.
    `found` is called with what will be packed before it is read, `progress` with the steps done and in all; every
    image is two steps.

    Raises:
        PackingError: if there is nothing sensible to pack, something would be overwritten, or room is short.
    """
    if not 0 < validation_share < 1:
        raise PackingError(f"The validation share {validation_share} is not between 0 and 1.")
    if not 0 <= test_share < 1 - validation_share:
        raise PackingError(
            f"The test share {test_share} and the validation share {validation_share} leave nothing to train on; "
            "together they must be less than 1."
        )
    if not images.is_dir():
        raise PackingError(f"{images} is no folder; name the folder that holds one folder for each class.")
    outputs = writing.name_outputs(prefix)
    if not force:
        writing.refuse_existing(outputs)
    own = [*outputs, *map(writing.name_partial, outputs)]
    if labels:
        source = find_labelled(walk(images, [*own, labels.path]), labels)
    else:
        source = find_classes(walk(images, own), class_depth)

    def deal(left_out: Mapping[Picture, str]) -> dict[PackedChannel, list[Numbered]]:
        return _deal(source, left_out, validation_share=validation_share, test_share=test_share, seed=seed)

    if test_share and source.parts:
        raise PackingError(f"{images} is split already; pack it without a test ratio.")
    deal({})
    if found:
        found(source)
    left_out: dict[Picture, str] = {}
    total = 2 * len(source.pictures)
    with (
        explain_shortage(prefix),
        keep_ready(prefix) as ready,
        closing(prepare_all(source.pictures, treatment, jobs, ready)) as results,
    ):
        for done, (picture, result) in enumerate(results, start=1):
            if isinstance(result, UnpackableImageError):
                left_out[picture] = str(result)
            else:
                ready.add(picture, result)
            if progress:
                progress(done, total)
        channels = deal(left_out)
        targets = writing.name_outputs(prefix, channels)
        prefix.parent.mkdir(parents=True, exist_ok=True)
        done = total - len(ready)
        with writing.appear_together(targets, force=force) as files:
            for position, pictures in enumerate(channels.values()):
                for identifier, picture in pictures:
                    record = Record(identifier=identifier, labels=picture.labels, image=ready.read(picture))
                    writing.write_picture(files[3 * position : 3 * position + 3], record, picture.name)
                    done += 1
                    if progress:
                        progress(done, total)
            files[-1].write("".join(f"{name}\n" for name in source.classes).encode())
        duplicates = tuple(_find_duplicates(channels, ready))
    if force:  # what an earlier packing wrote for a channel that is no more would look like a part of this one
        for stale in set(outputs) - set(targets):
            stale.unlink(missing_ok=True)
    return Packed(
        files=tuple(targets),
        images={channel: len(pictures) for channel, pictures in channels.items()},
        classes=source.classes,
        skipped=(
            *(Skipped(path=picture.path, reason=why) for picture, why in left_out.items()),
            *sorted(source.skipped, key=lambda skipped: skipped.reason == NO_IMAGE_NAME),
        ),
        duplicates=duplicates,
    )


def _deal(
    source: PictureSource, left_out: Mapping[Picture, str], *, validation_share: float, test_share: float, seed: int
) -> dict[PackedChannel, list[Numbered]]:
    """Deal the pictures that are packed to channels, with a number each.

    Raises:
        PackingError: if a class has nothing to train on, or nothing is left to validate with.
    """
    numbers = {
        picture: number for number, picture in enumerate(each for each in source.pictures if each not in left_out)
    }

    def number(pictures: Sequence[Picture]) -> list[Numbered]:
        return [(numbers[picture], picture) for picture in pictures if picture in numbers]

    channels = divide(
        number(source.whole),
        {channel: number(pictures) for channel, pictures in source.parts.items()},
        validation_share=validation_share,
        test_share=test_share,
        seed=seed,
        is_stratified=not source.is_multi_label,
    )
    skipped = [Skipped(path=picture.path, reason=reason) for picture, reason in left_out.items()]
    learned = {
        label
        for _, picture in channels.get(PackedChannel.TRAIN, [])
        for label in (flags_of(picture) if source.is_multi_label else map(int, picture.labels))
    }
    refuse_empty(source.folder, [name for label, name in enumerate(source.classes) if label not in learned], skipped)
    if PackedChannel.VALIDATION not in channels:
        raise PackingError(f"No class in {source.folder} has two images; validation needs one of every class.")
    return channels


def _find_duplicates(
    channels: Mapping[PackedChannel, Sequence[Numbered]], ready: ReadyPictures
) -> Iterator[tuple[str, str]]:
    learned = {ready.digest_of(picture): picture.name for _, picture in channels[PackedChannel.TRAIN]}
    for channel in (PackedChannel.VALIDATION, PackedChannel.TEST):
        for _, picture in channels.get(channel, []):
            if name := learned.get(ready.digest_of(picture)):
                yield name, picture.name
