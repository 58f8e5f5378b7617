"""What lies in the bucket beside a folder's files, and would be judged with them once they are uploaded."""

import shlex
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sagescene.aws import Cloud
from sagescene.dataset import DataSet, StoredObject, assemble
from sagescene.grammar import agree, count
from sagescene.parts import DATASETS
from sagescene.preflight.reading import Reader
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.following.sights import State
from sagescene_command.following.uploading import is_uploaded
from sagescene_command.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """Objects of a set that an upload replaces none of: those it would be refused with, and others that count."""

    in_the_way: tuple[StoredObject, ...] = ()
    counting: tuple[StoredObject, ...] = ()


def find_leftovers(name: str, uploads: Sequence[StoredObject], stored: Iterable[StoredObject]) -> Leftovers:
    """Find what would count beside the uploads of a set; nothing where these are no whole set by themselves."""
    judged = assemble(name, uploads)
    if not isinstance(judged, DataSet):
        return Leftovers()
    replaced = {upload.key for upload in uploads}
    in_the_way, beside = list[StoredObject](), list[StoredObject]()
    for each in stored:
        if each.key in replaced:
            continue
        together = assemble(name, [*uploads, *beside, each])
        if not isinstance(together, DataSet):
            in_the_way.append(each)
        elif is_uploaded(each.key):
            judged = together
            beside.append(each)
    indices = (judged.train_index, judged.validation_index)
    counting = (each for each in beside if not each.key.endswith(".idx") or each in indices)
    return Leftovers(in_the_way=tuple(in_the_way), counting=tuple(counting))


def look_for_leftovers(stack: DeployedStack, place: Place, uploads: Container[str]) -> Leftovers:
    """Find what the bucket holds beside those files of a folder that are uploaded, which are given by their keys."""
    stored = Cloud(stack.region).list_objects(stack.bucket, f"{DATASETS}{place.name}/")
    return find_leftovers(place.name, [each for each in place.objects if each.key in uploads], stored)


def lay_beside(place: Place, found: Leftovers, stack: DeployedStack) -> Place:
    """Give the folder with what counts beside it, which is read from the bucket."""
    cloud = Cloud(stack.region)
    of_bucket = Reader(whole=partial(cloud.read, stack.bucket), span=partial(cloud.read_span, stack.bucket))

    def choose(stored: StoredObject) -> Reader:
        return of_bucket if stored in found.counting else place.reader

    reader = Reader(
        whole=lambda stored: choose(stored).whole(stored),
        span=lambda stored, offset, length: choose(stored).span(stored, offset, length),
    )
    return replace(place, objects=(*place.objects, *found.counting), reader=reader)


def tell_beside(found: Leftovers, address: str, left_out: int) -> Iterator[str]:
    """Say what of the set at an address counts beside the folder's files, and how many of these are not uploaded."""
    if left_out:
        yield f"{count(left_out, 'file')} of the folder {agree(left_out, 'is', 'are')} left out, as no part of a set"
    if number := len(found.counting):
        names = ", ".join(map(_name, found.counting))
        yield (
            f"{address} holds {names} as well, which {agree(number, 'counts', 'count')}: the folder is checked with "
            f"{agree(number, 'it', 'them')}; delete there what is not wanted"
        )


def refuse(found: Leftovers, address: str, folder: Path) -> State:
    """Give what is said of a folder whose files would be refused with those in their way."""
    files = count(len(found.in_the_way), "file")
    commands = [f"aws s3 rm {shlex.quote(address + _name(each))}" for each in found.in_the_way]
    return State(
        verdict="refused",
        reason=f"Nothing is uploaded: {address} holds {files} beside which those of {folder} would be refused.",
        is_final=True,
        remedy="\n".join(["Take away what is in the way and drop again, or give the folder another SET:", *commands]),
    )


def _name(stored: StoredObject) -> str:
    return stored.key.split("/", 2)[2]
