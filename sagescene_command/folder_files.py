"""The files of a folder that holds a data set; what links bring in from elsewhere is none of them."""

from collections.abc import Iterable
from pathlib import Path

from sagescene.foreign_text import printable
from sagescene.grammar import agree, name_some
from sagescene.parts import DATASETS

_NAMED = 5


def find_files(folder: Path, name: str) -> dict[str, Path]:
    """Find the files below a folder by the keys that they have in the data set `name`, in the order of their paths.

    Hidden ones and those in hidden folders are left out.
    """
    places = ((path.relative_to(folder), path) for path in sorted(folder.rglob("*")) if path.is_file())
    return {f"{DATASETS}{name}/{place.as_posix()}": path for place, path in places if not _is_hidden(place)}


def explain_links(folder: Path, files: Iterable[Path]) -> str:
    """Say which files are links that lead out of their folder, and what to do; nothing if none is.

    A folder may come from anybody, and one that is called like a test file may be a link to a private key: it would be
    uploaded, copied, or quoted in a finding.
    """
    root = folder.resolve()
    leading_out = [path for path in files if path.is_symlink() and not path.resolve().is_relative_to(root)]
    if not leading_out:
        return ""
    names = [str(path.relative_to(folder)) for path in leading_out[:_NAMED]]
    are = agree(len(leading_out), "is a link that leads", "are links that lead")
    return printable(
        f"{name_some(names, len(leading_out))} {are} out of {folder} ({names[0]} to {leading_out[0].resolve()}), and "
        "what lies elsewhere is neither read nor uploaded. Put the files themselves in the place of links to your own "
        "(cp -L copies what a link leads to), and delete links that are not of your making."
    )


def _is_hidden(place: Path) -> bool:
    return any(segment.startswith(".") for segment in place.parts)
