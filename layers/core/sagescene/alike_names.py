"""What people take for one name, though its characters differ."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_PLAIN = re.compile(r"[\w/.-]*", re.ASCII)  # most names, of which no more than capitals need be looked at


def fold(name: str) -> str:
    """Take small letters for capital ones, one form of é, and a part without blanks and quotation marks around it."""
    if _PLAIN.fullmatch(name):
        return name.lower()
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "/".join(part.strip().strip("\"'").strip() for part in name.split("/"))


def find_alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find names that people take for one, each with the first such; letters by themselves, A and a, may be two."""
    alike: dict[str, str] = {}
    for name in names:
        folded = "/".join(fold(part) if len(part) > 1 else part for part in name.split("/"))
        other = alike.setdefault(folded, name)
        if other != name:
            yield other, name
