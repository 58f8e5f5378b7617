"""How the training images of a set differ from those that it was trained on before."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sagescene.files.classnames import ClassNames
from sagescene.files.setimages import ImagesOfSet
from sagescene.quoting import quote

NAMED = 5
_SHOWN_OF_LABELS = 40  # characters of the labels of an image that has several


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelling:
    """So many `images` were of the class `before` and are of the class `after`, both as people read them."""

    before: str
    after: str
    images: int

    def __str__(self) -> str:
        """Tell it as `cat (0) -> dog (1): 12`."""
        return f"{self.before} -> {self.after}: {self.images:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChange:
    """What became of the images that the training job `job` had; `relabellings` are the five most frequent ones.

    `not_compared` says why nothing is known of that, and is empty otherwise.
    """

    job: str
    added: int = 0
    removed: int = 0
    relabelled: int = 0
    relabellings: tuple[Relabelling, ...] = ()
    not_compared: str = ""

    def __str__(self) -> str:
        """Tell the change in a sentence."""
        if self.not_compared:
            return f"Not compared with the set of job {self.job}: {self.not_compared}."
        numbers = (self.added, "added"), (self.removed, "removed"), (self.relabelled, "relabelled")
        told = [f"{number:,} {what}" for number, what in numbers if number]
        if not told:
            return f"Against the set of job {self.job}: the same training images with the same labels."
        first, _, what = told[0].partition(" ")
        told[0] = f"{first} training image{'s' * (first != '1')} {what}"
        return f"Against the set of job {self.job}: {', '.join(told)}."

    def as_json(self) -> dict[str, Any]:
        """Give the change as plain values."""
        return asdict(self) | {"relabellings": [asdict(each) for each in self.relabellings]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        relabellings = tuple(Relabelling(**each) for each in document["relabellings"])
        return cls(**{**document, "relabellings": relabellings})


def compare(
    images: ImagesOfSet, names: ClassNames, earlier: ImagesOfSet, earlier_names: ClassNames, *, job: str
) -> SetChange:
    """Hold images against those that a job was trained on; one that is there several times counts as often.

    A label that stands for a class of the same name is the same one, whatever its number.
    """
    if earlier.missing:
        return SetChange(job=job, not_compared=f"when it was read, {earlier.missing}")
    if images.missing:
        return SetChange(job=job, not_compared=images.missing)
    if (names.more or earlier_names.more) and (names.names, names.more) != (earlier_names.names, earlier_names.more):
        return SetChange(job=job, not_compared="its class names changed, and are too many to tell which labels did")
    renumber = _renumbering(names, earlier_names)
    now, before = Counter(images.pairs()), Counter((digest, renumber(label)) for digest, label in earlier.pairs())
    gone: defaultdict[bytes, list[str]] = defaultdict(list)
    for digest, label in sorted((before - now).elements()):
        gone[digest].append(label)
    added, relabelled = 0, Counter[tuple[str, str]]()
    for digest, label in sorted((now - before).elements()):
        if former := gone.get(digest):
            relabelled[former.pop(0), label] += 1
        else:
            added += 1
    back = {renumber(label): label for label in earlier.labels}
    most = sorted(relabelled.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    return SetChange(
        job=job,
        added=added,
        removed=sum(map(len, gone.values())),
        relabelled=relabelled.total(),
        relabellings=tuple(
            Relabelling(before=_tell(back[old], earlier_names), after=_tell(new, names), images=number)
            for (old, new), number in most
        ),
    )


def _renumbering(names: ClassNames, earlier: ClassNames) -> Callable[[str], str]:
    """Give what turns an earlier label into the present one of the same class, or into one that there is not."""
    present = {name: f"{label}" for label, name in names.names.items()}
    former = {name: f"{label}" for label, name in earlier.names.items()}
    new_labels: dict[str, str] = {}
    for name, label in former.items():
        if name in present:
            new_labels[label] = present[name]
        elif label in present.values() and names.names[int(label)] in former:
            new_labels[label] = f"former {label}"  # its number is now that of a class that had another
    return lambda label: new_labels.get(label, label)


def _tell(label: str, names: ClassNames) -> str:
    return names.tell(int(label)) if label.isdecimal() else quote(label, _SHOWN_OF_LABELS)
