"""From a built SAM template to a plain one."""

from pathlib import Path

import pytest

from sagescene_standin.cloudformation.template import apply_conditions, read_template
from sagescene_standin.errors import TemplateRejectedError

PSEUDO_PARAMETERS = {"AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Mail: {Type: String, Default: ""}
Conditions:
  SendsMail: !Not [!Equals [!Ref Mail, ""]]
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: Shared}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Work
      Handler: app.handler
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/work
      Layers: [!Ref Shared]
"""


def test_sam_types_become_plain_ones_and_code_is_found_again(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    template = read_template(tmp_path, {}, PSEUDO_PARAMETERS)
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert kinds == {"AWS::Lambda::Function", "AWS::Lambda::LayerVersion"}
    key = template.resources["Work"]["Properties"]["Code"]["S3Key"]
    assert template.code[key] == tmp_path / "Work"


def test_without_a_build_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="sam build"):
        read_template(tmp_path, {}, PSEUDO_PARAMETERS)


def test_conditions_take_resources_outputs_and_list_items_away() -> None:
    template = {
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Switch"}, "on"]}},
        "Resources": {
            "Mail": {"Type": "A", "Condition": "On"},
            "Policy": {
                "Type": "B",
                "Properties": {
                    "Sources": ["always", {"Fn::If": ["On", "sometimes", {"Ref": "AWS::NoValue"}]}],
                    "Name": {"Fn::If": ["On", {"Ref": "Mail"}, "none"]},
                    "Extra": {"Fn::If": ["On", 1, {"Ref": "AWS::NoValue"}]},
                },
            },
        },
        "Outputs": {"Address": {"Condition": "On", "Value": 1}},
    }
    off = apply_conditions(template, {"Switch": "off"})
    assert off["Resources"] == {"Policy": {"Type": "B", "Properties": {"Sources": ["always"], "Name": "none"}}}
    assert "Outputs" not in off
    on = apply_conditions(template, {"Switch": "on"})
    assert on["Resources"]["Policy"]["Properties"] == {
        "Sources": ["always", "sometimes"],
        "Name": {"Ref": "Mail"},
        "Extra": 1,
    }
    assert on["Resources"]["Mail"] == {"Type": "A"}
    assert on["Outputs"] == {"Address": {"Value": 1}}


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(TemplateRejectedError, match="Unresolved condition dependency Off"):
        apply_conditions({"Resources": {"A": {"Type": "A", "Condition": "Off"}}}, {})
