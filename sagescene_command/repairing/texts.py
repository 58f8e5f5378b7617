"""A list's text made what im2rec reads: UTF-8, without a line of column names, with TABs between its columns."""

import codecs
import math
import re
from collections import Counter
from dataclasses import dataclass

from sagescene.files.listcauses import find_separator, is_utf_16
from sagescene.files.listheaders import SEPARATORS, is_comment, is_header, numbers_columns
from sagescene.grammar import count

_HEAD = 16  # bytes, which tell the encoding
_LOOKED_AT = 10  # lines, which tell whether the first of them numbers the columns

_QUOTED = re.compile(rb"([\"'])(.*)\1")
_WHOLE = re.compile(rb"([0-9]{1,20})\.0*")
_NOT_UTF_8 = re.compile("[\udc80-\udcff]+")  # bytes as surrogateescape shows them
_OF_BINARY_FILES = re.compile(rb"[\x00-\x08]")


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
    content, decoded = _decode_windows_1252(content)
    if decoded:
        changes.append(f"UTF-8 instead of Windows-1252 on {count(decoded, 'line')}")
    lines = content.split(b"\n")
    rows = [line for line in lines if not is_comment(line) or is_header(line)]
    if comments := len(lines) - len(rows):
        lines = rows
        changes.append(f"{count(comments, 'comment')} left out")
    header = _find_header(lines)
    if header is not None:
        del lines[header]
        changes.append(f"line {header + 1}, which names the columns, left out")
    separated: Counter[str] = Counter()
    for number, line in enumerate(lines):
        columns = line.split(b"\t")
        name = find_separator(line, columns) if len(columns) < width + 2 else None
        fields = line.split(SEPARATORS[name], width + 1) if name and name in SEPARATORS else []
        if name and len(fields) == width + 2 and all(_is_number(_unquote(field)) for field in fields[1:-1]):
            lines[number] = b"\t".join(field.strip() for field in fields)
            separated[name] += 1
    changes += [f"TABs instead of {name} on {count(lines_of_it, 'line')}" for name, lines_of_it in separated.items()]
    if rewritten := _rewrite_numbers(lines, width):
        changes.append(f"plain numbers and paths instead of quotation marks or decimals on {count(rewritten, 'line')}")
    return MendedText(content=b"\n".join(lines), changes=tuple(changes))


def _decode_windows_1252(content: bytes) -> tuple[bytes, int]:
    """Write in UTF-8 what is not, as Windows shows it, and count its lines: in paths alone, which no training reads."""
    text = content.decode(errors="surrogateescape")
    lines = [line for line in text.split("\n") if _NOT_UTF_8.search(line)]
    if not lines or _OF_BINARY_FILES.search(content):
        return content, 0
    return _NOT_UTF_8.sub(_show_windows_1252, text).encode(), len(lines)


def _show_windows_1252(escaped: re.Match[str]) -> str:
    return escaped[0].encode(errors="surrogateescape").decode("cp1252", errors="backslashreplace")


def _find_header(lines: list[bytes]) -> int | None:
    for number, line in enumerate(lines):
        if line.strip():
            first = line.removeprefix(codecs.BOM_UTF8)
            is_one = is_header(first) or numbers_columns(b"\n".join([first, *lines[number + 1 : number + _LOOKED_AT]]))
            return number if is_one else None
    return None


def _rewrite_numbers(lines: list[bytes], width: int) -> int:
    """Write rows plainly whose columns are in quotation marks, or whose index is such as 3.0; count them."""
    rewritten = 0
    for number, line in enumerate(lines):
        if line.lstrip()[:1] not in b"\"'" and b"." not in line.partition(b"\t")[0]:
            continue
        fields = [field.strip() for field in line.split(b"\t")]
        if _QUOTED.fullmatch(fields[0]):
            fields = [*map(_unquote, fields)]
        if whole := _WHOLE.fullmatch(fields[0]):
            fields[0] = whole[1]
        plain = b"\t".join(fields)
        is_row = len(fields) == width + 2 and fields[0].isdigit() and all(map(_is_number, fields[1:-1]))
        if is_row and plain != line.strip():
            lines[number] = plain
            rewritten += 1
    return rewritten


def _unquote(field: bytes) -> bytes:
    quoted = _QUOTED.fullmatch(field.strip())
    return quoted[2] if quoted else field


def _find_utf_16(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-be" if content.startswith(b"\0") else "utf-16-le"


def _is_number(text: bytes) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
