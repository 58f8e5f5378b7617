"""What people take for one name, though its characters differ."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

JOINTS = str.maketrans("_-", "  ")  # as which people write the blank within a name
_PLAIN = re.compile(r"[\w/.-]*", re.ASCII)  # most names, of which no more than capitals need be looked at


def fold(name: str) -> str:
    """Take small letters for capital ones, one form of é, _ and - for blanks, a part without what is around it.

    Around it may be blanks and quotation marks.
    """
    if _PLAIN.fullmatch(name):
        return name.lower().translate(JOINTS)
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "/".join(part.strip().strip("\"'").strip() for part in name.split("/")).translate(JOINTS)


def find_alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find names that people take for one, each with the first such; letters by themselves, A and a, may be two."""
    alike: dict[str, str] = {}
    for name in names:
        folded = "/".join(fold(part) if len(part) > 1 else part for part in name.split("/"))
        other = alike.setdefault(folded, name)
        if other != name:
            yield other, name
