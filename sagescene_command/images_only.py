"""Folders of images that are not packed yet, and the command that packs them."""

import shlex
from collections.abc import Collection

from sagescene.foreign import describe_images, is_image
from sagescene.parts import DATASETS, Part, part_of


def explain_images(path: str, keys: Collection[str]) -> str:
    """Say how many images a folder holds and how they are packed; nothing if it holds none, or records or lists too.

    `keys` are those that the folder's files would have in a bucket.
    """
    images = [key for key in keys if is_image(key)]
    if not images or {part_of(key) for key in keys} - {None, Part.TRAINING_JSON, Part.CLASS_NAMES}:
        return ""
    folder = path.rstrip("/") or path
    described = describe_images(key.removeprefix(DATASETS).partition("/")[2] for key in images)
    command = f"sagescene pack {shlex.quote(folder)} {shlex.quote(f'{folder}-packed/')}"
    return f"{path} holds {described}, not packed yet. Pack them first: {command}"
