"""A list's text made what im2rec reads: UTF-8, without a line of column names, with TABs between its columns."""

import codecs
import math
from collections import Counter
from dataclasses import dataclass

from sagescene.files.listcauses import find_separator, is_comment, is_header, is_utf_16

_HEAD = 16  # bytes, which tell the encoding
_SEPARATORS = {"commas": b",", "semicolons": b";", "vertical bars": b"|", "blanks": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedText:
    """A list's bytes, and a sentence on each change to them."""

    content: bytes
    changes: tuple[str, ...] = ()


def mend_text(content: bytes, width: int) -> MendedText:
    """Mend a list whose rows have `width` labels; a line that does not read as such a row stays as it is."""
    changes = []
    if is_utf_16(bytearray(content[:_HEAD])):
        try:
            content = content.decode(_find_utf_16(content)).encode()
        except UnicodeError:
            return MendedText(content=content)
        changes.append("written in UTF-8 instead of UTF-16")
    if b"\r" in content and b"\n" not in content:
        content = content.replace(b"\r", b"\n")
        changes.append("line feeds instead of carriage returns")
    lines = content.split(b"\n")
    rows = [line for line in lines if not is_comment(line) or is_header(line)]
    if comments := len(lines) - len(rows):
        lines = rows
        changes.append(f"{comments:,} lines of comments left out")
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


def _find_utf_16(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-be" if content.startswith(b"\0") else "utf-16-le"


def _is_number(text: bytes) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
