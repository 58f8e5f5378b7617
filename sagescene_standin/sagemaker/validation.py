"""Check a request against botocore's model of the API and word what is wrong as SageMaker's front end does.

botocore's own ParamValidator knows types, required members and minima; the front end also checks maxima, patterns and
enumerations, so the shapes are walked here.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from sagescene_standin.sagemaker.faults import ServiceFault, invalid

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}
# The model's patterns are Java's; Python has no \p{...}, and its dot takes all but a line feed. \w is letters, numbers
# and the underscore, which every pattern with \p{L} in it allows anyway.
_JAVA_CLASSES = {
    r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]": r"[^\x00-\x1f\x7f-\x9f]",  # all that is printed
    r"[\p{L}\p{M}\p{Z}\p{N}\p{P}]": r"[^\x00-\x1f\x7f-\x9f]",
    r"\p{L}": r"\w",
    r"\p{N}": "",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"\p{Alnum}": "a-zA-Z0-9",
    ".*": r"[^\n\r\x85\u2028\u2029]*",
}


@functools.cache
def service_model() -> ServiceModel:
    """Load botocore's model of the SageMaker API."""
    return botocore.session.get_session().get_service_model("sagemaker")


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Make sure that the request fits the operation's input shape.

    Raises:
        ServiceFault: ValidationException, or SerializationException for a value of another type.
    """
    shape = service_model().operation_model(operation).input_shape
    if shape is None:
        return
    wrong = list(_violations(shape, request, ""))
    if wrong:
        errors = "error" if len(wrong) == 1 else "errors"
        raise invalid(f"{len(wrong)} validation {errors} detected: {'; '.join(wrong)}")


def read_time(value: float | str) -> float:
    """Return a request's timestamp, a number or ISO 8601 text, as epoch seconds."""
    return float(value) if isinstance(value, int | float) else parse_timestamp(value).timestamp()


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    _check_type(shape, value, path)
    yield from _constraint_violations(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _member_violations(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value, start=1):
            yield from _violations(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _violations(shape.key, key, f"{path}.{key}.key")
            yield from _violations(shape.value, item, f"{path}.{key}.member")


def _member_violations(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            place = _join(path, name)
            yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if name not in shape.members:
            # AWS ignores members that it does not know; a stand-in does better to show the misspelling.
            yield f"Value at '{_join(path, name)}' is no member of {shape.name}"
        elif item is not None:
            yield from _violations(shape.members[name], item, _join(path, name))


def _constraint_violations(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    limits = shape.metadata
    measure = "length" if isinstance(value, str | list | dict) else "value"
    size = len(value) if measure == "length" else value
    faults = []
    if shape.type_name not in ("timestamp", "boolean", "structure"):
        if "max" in limits and size > limits["max"]:
            faults.append(f"have {measure} less than or equal to {limits['max']}")
        if "min" in limits and size < limits["min"]:
            faults.append(f"have {measure} greater than or equal to {limits['min']}")
    if "pattern" in limits and not _compile(limits["pattern"]).fullmatch(value):
        faults.append(f"satisfy regular expression pattern: {limits['pattern']}")
    choices = getattr(shape, "enum", [])
    if choices and value not in choices:
        faults.append(f"satisfy enum value set: [{', '.join(choices)}]")
    # A value may be the whole request: it is written out only when something is wrong.
    for fault in faults:
        yield f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {fault}"


def _check_type(shape: Shape, value: object, path: str) -> None:
    fits = isinstance(value, _TYPES[shape.type_name])
    if not fits or (isinstance(value, bool) and shape.type_name != "boolean"):
        raise ServiceFault(
            "SerializationException",
            f"{type(value).__name__} can not be converted to {shape.type_name} at '{path}'",
        )
    if shape.type_name == "timestamp" and isinstance(value, str):
        try:
            read_time(value)
        except ValueError:
            raise ServiceFault("SerializationException", f"'{value}' is no timestamp at '{path}'") from None


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    pattern = re.sub(r"\$\{\d+,\d+\}", "$", pattern)  # those of metadata repeat their end, which Java takes
    return re.compile(pattern)


def _join(path: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{path}.{member}" if path else member
