"""Which files belong to the checkout; of the standard library alone, for environments that hold little else."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def list_files() -> list[Path]:
    """List the files that git keeps, or would keep, by their paths from the checkout's root.

    Raises:
        FileNotFoundError: if there is no git to ask.
    """
    git = shutil.which("git")
    if not git:
        raise FileNotFoundError("Git is missing, which tells what belongs to the checkout: install it.")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]
