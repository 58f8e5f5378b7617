"""Template parameters and rules, checked as CloudFormation does before it creates anything.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

import re
from collections.abc import Mapping
from typing import Any

from sagescene_standin.cloudformation.intrinsics import evaluate_condition
from sagescene_standin.errors import TemplateRejectedError

type Declaration = Mapping[str, Any]


def settle_parameters(declarations: Mapping[str, Declaration], given: Mapping[str, str]) -> dict[str, str]:
    """Fill in defaults and return every parameter's value as text.

    Raises:
        TemplateRejectedError: a value is missing, unknown or against its constraint; the words are AWS's.
    """
    if unknown := sorted(given.keys() - declarations.keys()):
        raise TemplateRejectedError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {
        name: str(given.get(name, declaration.get("Default")))
        for name, declaration in declarations.items()
        if name in given or "Default" in declaration
    }
    if missing := [name for name in declarations if name not in values]:
        raise TemplateRejectedError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, declaration in declarations.items():
        is_list = declaration["Type"] == "CommaDelimitedList"
        for value in values[name].split(",") if is_list else [values[name]]:
            _check(name, value.strip() if is_list else value, declaration)
    return values


def split_lists(declarations: Mapping[str, Declaration], values: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Give the values as rules see them: a CommaDelimitedList is a list."""
    return {
        name: [item.strip() for item in value.split(",")]
        if declarations[name]["Type"] == "CommaDelimitedList"
        else value
        for name, value in values.items()
    }


def _check(name: str, value: str, declaration: Declaration) -> None:
    reason = _objection(value, declaration)
    if reason is None:
        return
    if explanation := declaration.get("ConstraintDescription"):
        raise TemplateRejectedError(f"Parameter {name} failed to satisfy constraint: {explanation}")
    raise TemplateRejectedError(f"Parameter '{name}' {reason}")


def _objection(value: str, declaration: Declaration) -> str | None:
    allowed = declaration.get("AllowedValues")
    if allowed is not None and value not in [str(choice) for choice in allowed]:
        return "must be one of AllowedValues"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and re.fullmatch(pattern, value) is None:
        return f"must match pattern {pattern}"
    if "MinLength" in declaration and len(value) < int(declaration["MinLength"]):
        return f"must contain at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        return f"must contain at most {declaration['MaxLength']} characters"
    return _objection_to_number(value, declaration) if declaration["Type"] == "Number" else None


def _objection_to_number(value: str, declaration: Declaration) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "must be a number"
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        return f"must be a number not less than {declaration['MinValue']}"
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        return f"must be a number not greater than {declaration['MaxValue']}"
    return None


def check_rules(rules: Mapping[str, Declaration], values: Mapping[str, str | list[str]]) -> None:
    """Check the template's Rules against the parameter values.

    Raises:
        TemplateRejectedError: an assertion fails whose RuleCondition (if any) is true.
    """
    for name, rule in rules.items():
        if "RuleCondition" in rule and not evaluate_condition(rule["RuleCondition"], values):
            continue
        for assertion in rule["Assertions"]:
            if not evaluate_condition(assertion["Assert"], values):
                description = assertion.get("AssertDescription", "")
                raise TemplateRejectedError(f"Rule {name} failed: {description}".strip())
