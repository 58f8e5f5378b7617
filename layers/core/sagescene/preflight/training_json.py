"""Reading `training.json`, the file in which a data set asks for hyperparameters of its own."""

import json
from collections import Counter

from sagescene.bounds import TRAINING_JSON_IN_BYTES
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding
from sagescene.preflight.hyperparameter_table import TABLE, Type
from sagescene.preflight.unknown_hyperparameters import advise

ACCEPT = "accept"
SCHEMA = "$schema"  # by which editors complete the file
_ACCEPTABLE = tuple(code for code in Code if code.is_judgement)
_EXAMPLE = '{"epochs": 5, "image_shape": "3,28,28"}'
_LONGEST_SHOWN = 40


class _Number(str):
    """A JSON number as it is written: what a person types is what the algorithm receives."""

    __slots__ = ()


class _Object(list[tuple[str, object]]):
    """The names and values of a JSON object in order, repeated names included."""


def parse(content: bytes, *, file: str = "training.json") -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Read a data set's hyperparameters as the text that the algorithm wants, and what is wrong with them.

    The file is one JSON object of hyperparameters by name. A value is a number, text, true or false, or a
    list of numbers for `image_shape` and `lr_scheduler_step`. Values that are wrong are left out, and so are `accept`,
    which `parse_accepted` reads, and `$schema`. Never raises.
    """
    log = FindingLog(file)
    named = _read_object(content, log)
    times_named = Counter(name for name, _ in named)
    values: dict[str, str] = {}
    for name, value in dict(named).items():
        if name in (ACCEPT, SCHEMA) and times_named[name] == 1:
            continue
        if times_named[name] > 1:
            log.report(
                Code.HYPERPARAMETER_REPEATED,
                _shorten(name),
                f"{_shorten(name)} is given {times_named[name]} times.",
                "Keep one of them.",
            )
        elif name not in TABLE:
            log.report(
                Code.HYPERPARAMETER_UNKNOWN,
                _shorten(name),
                f"The algorithm has no hyperparameter {_shorten(name)}.",
                advise(name, [inner for inner, _ in value] if isinstance(value, _Object) else (), (ACCEPT,)),
            )
        elif (text := _as_text(value, TABLE[name].type)) is None:
            log.report(
                Code.HYPERPARAMETER_INVALID,
                name,
                f"{name} must be {TABLE[name].type.expects}, but it is {_show(value)}.",
                f"Correct {name}, or leave it out.",
            )
        else:
            values[name] = text
    return values, log.close()


def parse_accepted(content: bytes, *, file: str = "training.json") -> tuple[frozenset[Code], tuple[Finding, ...]]:
    """Read which findings the data set accepts, as a list of codes in `accept`, and what is wrong with that.

    `accept` is no hyperparameter, and only judgements can be accepted. What else is wrong with the file is found by
    `parse`. Never raises.
    """
    log = FindingLog(file)
    asked = dict(_read_object(content, FindingLog(file))).get(ACCEPT, [])
    # An object is read as a list of pairs.
    codes = [asked] if isinstance(asked, _Object) or not isinstance(asked, list) else asked
    for code in codes:
        if code not in _ACCEPTABLE:
            log.report(
                Code.NOT_ACCEPTABLE,
                ACCEPT,
                f"accept names {_show(code)}, which cannot be accepted.",
                f"Write a list of codes, of which these can be accepted: {', '.join(_ACCEPTABLE)}.",
            )
    return frozenset(code for code in _ACCEPTABLE if code in codes), log.close()


def _read_object(content: bytes, log: FindingLog) -> _Object:
    if len(content) > TRAINING_JSON_IN_BYTES:
        log.report(
            Code.TRAINING_JSON_TOO_LARGE,
            "",
            f"The file has {len(content):,} bytes, more than the {TRAINING_JSON_IN_BYTES:,} that are read.",
            f"Write only the hyperparameters into it, such as {_EXAMPLE}.",
        )
        return _Object()
    try:
        read = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_Object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except UnicodeDecodeError as fault:
        log.report(Code.NOT_JSON, f"byte {fault.start}", "The file is not UTF-8 text.", "Save it as UTF-8.")
    except json.JSONDecodeError as fault:
        log.report(
            Code.NOT_JSON,
            f"line {fault.lineno}, column {fault.colno}",
            f"The file is not JSON: {fault.msg[0].lower()}{fault.msg[1:]}.",
            f"Write it as {_EXAMPLE}.",
        )
    except RecursionError:
        log.report(Code.NOT_JSON, "", "The file nests its lists too deeply.", f"Write it as {_EXAMPLE}.")
    else:
        if isinstance(read, _Object):
            return read
        log.report(
            Code.NOT_AN_OBJECT,
            "",
            "The file is JSON, but no object of names and values.",
            f"Write it as {_EXAMPLE}.",
        )
    return _Object()


def _as_text(value: object, expected: Type) -> str | None:
    """Write a JSON value as the algorithm wants it; None when it is not of the expected type."""
    match value:
        case bool():
            text = str(value) if "True" in expected.choices else str(int(value))
            return text if text in expected.choices else None
        case str():
            text = value.strip()
        case list() if expected.is_list:
            # The pairs of an object are no numbers either.
            if not all(isinstance(number, _Number) for number in value):
                return None
            text = ",".join(value)
        case _:
            return None
    if expected.is_list:
        text = text.replace(" ", "")
    return text if expected.accepts(text) else None


def _show(value: object) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case _Number():
            return _shorten(value)
        case str():
            return json.dumps(_shorten(value))
        case _Object():
            return "an object"
        case _:
            return "a list"


def _shorten(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= _LONGEST_SHOWN else f"{printable[: _LONGEST_SHOWN - 3]}..."
