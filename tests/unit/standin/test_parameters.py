"""How parameter values and rules are refused, in CloudFormation's words."""

import re
from typing import Any

import pytest

from sagescene_standin.cloudformation.parameters import check_rules, settle_parameters
from sagescene_standin.errors import TemplateRejectedError


def test_defaults_fill_in_and_given_values_win() -> None:
    declarations: dict[str, dict[str, Any]] = {
        "Prefix": {"Type": "String", "Default": "a"},
        "Delay": {"Type": "Number", "Default": 60},
    }
    assert settle_parameters(declarations, {"Prefix": "b"}) == {"Prefix": "b", "Delay": "60"}


@pytest.mark.parametrize(
    ("declaration", "value", "message"),
    [
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "a1", "Parameter 'P' must match pattern [a-z]+"),
        ({"Type": "Number", "AllowedValues": [1, 7]}, "2", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"),
        ({"Type": "String", "MaxLength": "2"}, "abc", "Parameter 'P' must contain at most 2 characters"),
        ({"Type": "Number"}, "x", "Parameter 'P' must be a number"),
        ({"Type": "Number", "MinValue": 0}, "-1", "Parameter 'P' must be a number not less than 0"),
        ({"Type": "Number", "MaxValue": 900}, "901", "Parameter 'P' must be a number not greater than 900"),
        (
            {"Type": "Number", "MaxValue": 900, "ConstraintDescription": "0 to 900 seconds."},
            "901",
            "Parameter P failed to satisfy constraint: 0 to 900 seconds.",
        ),
    ],
)
def test_a_value_against_its_constraint_is_refused(declaration: dict[str, Any], value: str, message: str) -> None:
    with pytest.raises(TemplateRejectedError, match=f"^{re.escape(message)}$"):
        settle_parameters({"P": declaration}, {"P": value})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateRejectedError, match=re.escape("Parameters: [P] must have values")):
        settle_parameters({"P": {"Type": "String"}}, {})


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(TemplateRejectedError, match=re.escape("Parameters: [Q] do not exist in the template")):
        settle_parameters({}, {"Q": "1"})


RULES = {
    "ShallowNeedsShape": {
        "RuleCondition": {"Fn::Contains": [["20", "32"], {"Ref": "NumLayers"}]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ImageShape"}, ""]}]},
                "AssertDescription": "Give an ImageShape.",
            }
        ],
    }
}


def test_a_rule_is_checked_when_its_condition_holds() -> None:
    check_rules(RULES, {"NumLayers": "50", "ImageShape": ""})
    check_rules(RULES, {"NumLayers": "20", "ImageShape": "3,28,28"})
    with pytest.raises(TemplateRejectedError, match=r"ShallowNeedsShape.*Give an ImageShape\."):
        check_rules(RULES, {"NumLayers": "20", "ImageShape": ""})
