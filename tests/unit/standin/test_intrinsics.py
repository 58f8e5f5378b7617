"""What the intrinsic functions of a template say, and what is refused of them."""

import pytest

from sagescene_standin.cloudformation.intrinsics import choose_branches, evaluate_condition, list_references, resolve
from sagescene_standin.errors import TemplateRejectedError

KNOWN = {"Prefix": "pets", "AWS::Region": "us-east-1", "Role.Arn": "arn:role", "Types": "g4,g5"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"Fn::Equals": [{"Ref": "Layers"}, 18]}, True),
        ({"Fn::Equals": [{"Ref": "Layers"}, "20"]}, False),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "Layers"}, "18"]}]}, False),
        ({"Fn::And": [True, {"Fn::Equals": ["a", "b"]}]}, False),
        ({"Fn::And": [True, {"Fn::Equals": ["a", "a"]}]}, True),
        ({"Fn::Or": [False, {"Fn::Equals": ["a", "b"]}]}, False),
        ({"Fn::Or": [False, {"Fn::Equals": ["a", "a"]}]}, True),
        ({"Fn::Contains": [[18, 20], {"Ref": "Layers"}]}, True),
        ({"Fn::Contains": [["20"], {"Ref": "Layers"}]}, False),
        ({"Fn::EachMemberIn": [{"Ref": "Types"}, ["g4", "g5"]]}, False),
        ({"Fn::EachMemberIn": [{"Ref": "Types"}, ["g4", "m5"]]}, True),
        ({"Fn::EachMemberEquals": [{"Ref": "Types"}, "g4"]}, False),
        ({"Fn::EachMemberEquals": [["g4", "g4"], "g4"]}, True),
    ],
)
def test_conditions_and_rules_are_worked_out(expression: object, *, expected: bool) -> None:
    assert evaluate_condition(expression, {"Layers": "18", "Types": ["g4", "m5"]}) is expected


def test_conditions_may_name_each_other() -> None:
    conditions = {"Creates": {"Fn::Equals": [{"Ref": "Bucket"}, ""]}}
    assert evaluate_condition({"Fn::Not": [{"Condition": "Creates"}]}, {"Bucket": "mine"}, conditions) is True


def test_a_function_that_conditions_do_not_have_is_refused() -> None:
    with pytest.raises(TemplateRejectedError, match="unsupported function Fn::GetAtt in a condition or rule"):
        evaluate_condition({"Fn::GetAtt": ["A", "Arn"]}, {})


def test_the_chosen_branch_may_hold_another_choice() -> None:
    value = {"Fn::If": ["Outer", {"Fn::If": ["Inner", "both", "outer"]}, "none"]}
    assert choose_branches(value, {"Outer": True, "Inner": False}) == "outer"


def test_a_choice_by_an_unknown_condition_is_refused() -> None:
    with pytest.raises(TemplateRejectedError, match="Unresolved condition dependency Off"):
        choose_branches({"A": [{"Fn::If": ["Off", 1, 2]}]}, {"On": True})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Prefix"}, "pets"),
        ({"Ref": "Queue"}, "Queue"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:role"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "Queue.Arn"),
        ({"Fn::Join": ["-", [{"Ref": "Prefix"}, "x"]]}, "pets-x"),
        ({"Fn::Join": ["/", {"Ref": "Types"}]}, "g4/g5"),
        ({"Fn::Sub": "${Prefix}/${AWS::Region}/${Role.Arn}/${Queue}"}, "pets/us-east-1/arn:role/Queue"),
        ({"Fn::Sub": ["${Prefix}/${Set}", {"Set": {"Ref": "Prefix"}}]}, "pets/pets"),
        ({"Deep": [{"Ref": "Prefix"}, 1]}, {"Deep": ["pets", 1]}),
    ],
)
def test_what_is_known_takes_the_place_of_its_reference(value: object, expected: object) -> None:
    assert resolve(value, KNOWN) == expected


def test_every_kind_of_reference_is_listed() -> None:
    value = {
        "A": {"Ref": "Topic"},
        "B": [{"Fn::GetAtt": ["Role", "Arn"]}],
        "C": {"Fn::Sub": "${Bucket.Arn}/${Prefix}"},
        "D": {"Fn::Sub": ["${Set}/${Queue}", {"Set": {"Ref": "Table"}}]},
        "E": "Ref",
    }
    assert sorted(list_references(value)) == ["Bucket", "Prefix", "Queue", "Role", "Table", "Topic"]
