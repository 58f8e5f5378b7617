"""The file that the page of a look is written to: whether it can be is known before the files are read."""

import os
from pathlib import Path

from sagescene_command.places import UncheckableError


def require_writable(page: Path) -> None:
    """Raise UncheckableError unless a page can be written there, as far as that shows before."""
    folder = page.absolute().parent
    if not folder.is_dir():
        raise UncheckableError(f"There is no folder {page.parent} for {page.name}: make it first.")
    if not os.access(page if os.access(page, os.F_OK) else folder, os.W_OK):
        raise UncheckableError(f"{page} may not be written: give another place with --html.")


def write(page: Path, html: str) -> str:
    """Write a page and give its address for a browser; raises UncheckableError when that fails after all."""
    try:
        page.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UncheckableError(
            f"{page} cannot be written ({error.strerror}): give another place with --html."
        ) from error
    return page.resolve().as_uri()
