"""The files under a folder, without what a list cannot name and what lies elsewhere."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from sagescene.foreign import is_image
from sagescene.hidden_names import is_hidden
from sagescene_command.packing.source import Skipped

NO_IMAGE_NAME = "its name is not that of an image"
_UNREAD = "it is a photo in a form that is not read; convert it to JPEG first"

_OUTPUT_SUFFIXES = {".rec", ".lst", ".idx"}
_OUTPUT_NAMES = {"classes.txt", "training.json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Images and folders under `root`, by their sorted paths from there; `skipped` are the other files."""

    root: Path
    images: tuple[PurePosixPath, ...]
    folders: tuple[PurePosixPath, ...]
    skipped: tuple[Skipped, ...]


def has_image_name(path: Path) -> bool:
    """Tell whether a file is called like an image of a kind that can be read."""
    return path.suffix.lower() in Image.registered_extensions()


def walk(root: Path, own: Collection[Path]) -> Tree:
    """Look through a folder; hidden files and those of systems are passed over in silence, as are the packer's `own`.

    A folder that holds nothing but records, lists and indices is the output of packing, and none of the tree's folders.
    """
    images: list[PurePosixPath] = []
    folders: list[PurePosixPath] = []
    skipped: list[Skipped] = []

    def leave_out(error: OSError) -> None:
        skipped.append(Skipped(path=Path(error.filename), reason=f"it cannot be read ({error.strerror})"))

    own = {path.absolute() for path in own}
    names_of_own = {path.name for path in own}
    for folder, inner, names in root.walk(on_error=leave_out):
        place = PurePosixPath(folder.relative_to(root))
        inner[:] = sorted(name for name in inner if not is_hidden(name))
        files = [folder / name for name in sorted(names) if not is_hidden(name)]
        others = [path for path in files if path.name not in names_of_own or path.absolute() not in own]
        for path in others:
            image = place / path.name
            if reason := _find_fault(path, root, str(image)):
                skipped.append(Skipped(path=path, reason=reason))
            else:
                images.append(image)
        if folder != root and not (files and not inner and all(map(_is_output, files))):
            folders.append(place)
    return Tree(root=root, images=tuple(sorted(images)), folders=tuple(folders), skipped=tuple(skipped))


def list_folders(folder: Path) -> list[str]:
    """Name the folders in a folder, without hidden ones and links."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and not is_hidden(entry.name)]


def list_images(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder itself that are called like images."""
    return (path for path in folder.iterdir() if path.is_file() and not is_hidden(path.name) and has_image_name(path))


def _is_output(path: Path) -> bool:
    return path.suffix in _OUTPUT_SUFFIXES or path.name in _OUTPUT_NAMES


def _find_fault(path: Path, root: Path, name: str) -> str:
    is_link = path.is_symlink()
    if is_link:
        target = path.resolve()
        if not target.is_relative_to(root.resolve()):
            return f"it is a link that leads out of {root}"
        if target.is_dir():
            return "it is a link to another folder, and what is there is packed there"
    if not path.is_file():
        return "it is a link that leads nowhere" if is_link else "it is no file"
    if not has_image_name(path):
        return _UNREAD if is_image(path.name) else NO_IMAGE_NAME
    if any(character in name for character in "\t\r\n"):
        return "its name holds a TAB or a line break, which a list cannot"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return ""
