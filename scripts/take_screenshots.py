"""Writes the pictures of `docs/images` from the pages of a run that `sagescene run --save FOLDER` kept."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).parents[1] / "docs/images"
WIDTH, HEIGHT = 900, 1000  # pixels
COLOURS = 64  # a page has few, and a picture of few is small
PATIENCE_IN_SECONDS = 120


def take_screenshots(kept: Path) -> None:
    """Take a picture of the data set's page and of the evaluation's, as headless Chromium shows them.

    Raises:
        FileNotFoundError: if there is no chromium on the PATH, or a page is missing.
    """
    chromium = shutil.which("chromium")
    if not chromium:
        raise FileNotFoundError("There is no chromium on the PATH: install it.")
    evaluations = sorted((kept / "reports").glob("*.evaluation.html"))
    reports = sorted(set((kept / "reports").glob("*.html")) - set(evaluations))
    if not evaluations or not reports:
        raise FileNotFoundError(f"{kept} has no page of a data set, or none of an evaluation.")
    IMAGES.mkdir(exist_ok=True)
    for page, name in ((reports[0], "data-set"), (evaluations[0], "evaluation")):
        with tempfile.TemporaryDirectory() as scratch:
            shot = Path(scratch) / "page.png"
            command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
            options = [f"--user-data-dir={scratch}/profile", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}"]
            subprocess.run(  # nosec B603 # noqa: S603 - the browser, and our own pages
                [*command, *options, page.resolve().as_uri()],
                capture_output=True,
                timeout=PATIENCE_IN_SECONDS,
                check=True,
            )
            with Image.open(shot) as picture:
                picture.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    take_screenshots(Path(sys.argv[1]))
