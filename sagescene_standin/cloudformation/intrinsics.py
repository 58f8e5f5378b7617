"""The intrinsic functions of templates: what conditions say, which branch is taken, what references stand for.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html. References to
resources that moto has created are followed by moto itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sagescene_standin.errors import TemplateRejectedError

_NO_VALUE = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{([\w:.]+)\}")


def evaluate_condition(
    expression: Any,  # noqa: ANN401
    values: Mapping[str, Any],
    conditions: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401
    """Work out a function of Conditions or Rules; `values` are parameters and pseudo parameters by name.

    Raises:
        TemplateRejectedError: the expression uses a function that conditions and rules do not have.
    """
    if isinstance(expression, list):
        return [evaluate_condition(item, values, conditions) for item in expression]
    if not isinstance(expression, dict):
        return expression
    (function, argument), *_ = expression.items()
    if function == "Condition":
        return evaluate_condition((conditions or {})[argument], values, conditions)
    arguments = evaluate_condition(argument, values, conditions)
    match function:
        case "Ref":
            return values[arguments]
        case "Fn::Equals":
            return str(arguments[0]) == str(arguments[1])
        case "Fn::Not":
            return not arguments[0]
        case "Fn::And":
            return all(arguments)
        case "Fn::Or":
            return any(arguments)
        case "Fn::Contains":
            return arguments[1] in [str(item) for item in arguments[0]]
        case "Fn::EachMemberEquals":
            return all(member == arguments[1] for member in arguments[0])
        case "Fn::EachMemberIn":
            return all(member in arguments[1] for member in arguments[0])
        case _:
            raise TemplateRejectedError(f"Template error: unsupported function {function} in a condition or rule")


def choose_branches(value: Any, truths: Mapping[str, bool]) -> Any:  # noqa: ANN401
    """Put the chosen branch in place of each Fn::If, and leave out what is AWS::NoValue; `truths` by condition.

    Raises:
        TemplateRejectedError: an Fn::If names a condition that the template does not have.
    """
    if isinstance(value, list):
        return [chosen for item in value if (chosen := choose_branches(item, truths)) != _NO_VALUE]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"}:
        condition, when_true, when_false = value["Fn::If"]
        return choose_branches(when_true if is_true(condition, truths) else when_false, truths)
    return {key: chosen for key, item in value.items() if (chosen := choose_branches(item, truths)) != _NO_VALUE}


def is_true(condition: str, truths: Mapping[str, bool]) -> bool:
    """Look a condition up.

    Raises:
        TemplateRejectedError: the template does not have the condition.
    """
    if condition not in truths:
        raise TemplateRejectedError(f"Template format error: Unresolved condition dependency {condition}")
    return truths[condition]


def resolve(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Put what is known in place of each Ref, Fn::GetAtt, Fn::Join, Fn::Split and Fn::Sub, however deep in the value.

    `known` has parameters, pseudo parameters and resources by name, attributes as `Resource.Attribute`, and a list as
    the text of a CommaDelimitedList. What is not known is left as its bare name.
    """
    match value:
        case {"Ref": name, **rest} if not rest:
            return known.get(name, name)
        case {"Fn::GetAtt": [name, attribute], **rest} if not rest:
            return known.get(f"{name}.{attribute}", f"{name}.{attribute}")
        case {"Fn::Join": [separator, items], **rest} if not rest:
            resolved = resolve(items, known)
            return separator.join(resolved.split(",") if isinstance(resolved, str) else resolved)
        case {"Fn::Split": [str(separator), text], **rest} if not rest:
            return str(resolve(text, known)).split(separator)
        case {"Fn::Sub": str(text), **rest} if not rest:
            return _VARIABLE.sub(lambda variable: str(known.get(variable[1], variable[1])), text)
        case {"Fn::Sub": [str(text), dict(names)], **rest} if not rest:
            return resolve({"Fn::Sub": text}, {**known, **resolve(names, known)})
        case dict():
            return {key: resolve(item, known) for key, item in value.items()}
        case list():
            return [resolve(item, known) for item in value]
    return value


def list_references(value: object) -> Iterator[str]:
    """Name the parameters and resources that Ref, Fn::GetAtt and Fn::Sub refer to, however deep in the value."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [name, _]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from (name.partition(".")[0] for name in _VARIABLE.findall(text))
        case {"Fn::Sub": [str(text), dict(names)]}:
            yield from (name for name in list_references({"Fn::Sub": text}) if name not in names)
            yield from list_references(names)
        case dict():
            for item in value.values():
                yield from list_references(item)
        case list():
            for item in value:
                yield from list_references(item)
