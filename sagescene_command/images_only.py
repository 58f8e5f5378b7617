"""Folders of images that are not packed yet, and the command that packs them."""

from collections.abc import Collection

from sagescene.foreign import advise_converting, describe_images, is_image
from sagescene.parts import DATASETS, Part, part_of
from sagescene.shell_words import quote_path


def explain_images(path: str, keys: Collection[str]) -> str:
    """Say how many images a folder holds and how they are packed; nothing if it holds none, or records or lists too.

    `keys` are those that the folder's files would have in a bucket.
    """
    images = [key for key in keys if is_image(key)]
    if not images or {part_of(key) for key in keys} - {None, Part.TRAINING_JSON, Part.CLASS_NAMES}:
        return ""
    folder = path.rstrip("/") or path
    paths = [key.removeprefix(DATASETS).partition("/")[2] for key in images]
    unread = advise_converting(paths)
    advice = f"{unread} Then pack them" if unread else "Pack them first"
    command = f"sagescene pack {quote_path(folder)} {quote_path(f'{folder}-packed/')}"
    return f"{path} holds {describe_images(paths)}, not packed yet. {advice}: {command}"
