"""A list's text made what im2rec reads: UTF-8, without a line of column names, with TABs between its columns."""

import codecs
import math
from collections import Counter
from dataclasses import dataclass

from sagescene.files.listcauses import find_separator, is_header

_SEPARATORS = {"commas": b",", "semicolons": b";", "vertical bars": b"|", "blanks": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedText:
    """A list's bytes, and a sentence on each change to them."""

    content: bytes
    changes: tuple[str, ...] = ()


def mend_text(content: bytes, width: int) -> MendedText:
    """Mend a list whose rows have `width` labels; a line that does not read as such a row stays as it is."""
    changes = []
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            return MendedText(content=content)
        changes.append("written in UTF-8 instead of UTF-16")
    lines = content.split(b"\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is not None and is_header(lines[first].removeprefix(codecs.BOM_UTF8)):
        del lines[first]
        changes.append(f"line {first + 1}, which names the columns, left out")
    separated: Counter[str] = Counter()
    for number, line in enumerate(lines):
        columns = line.split(b"\t")
        name = find_separator(line, columns) if len(columns) < width + 2 else None
        fields = line.split(_SEPARATORS[name], width + 1) if name in _SEPARATORS else []
        if name and len(fields) == width + 2 and all(map(_is_number, fields[1:-1])):
            lines[number] = b"\t".join(field.strip() for field in fields)
            separated[name] += 1
    changes += [f"TABs instead of {name} on {count:,} lines" for name, count in separated.items()]
    return MendedText(content=b"\n".join(lines), changes=tuple(changes))


def _is_number(text: bytes) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
