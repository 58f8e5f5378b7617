"""The template as this project reads it, against SAM's own reading."""

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

from sagescene_standin.cloudformation.short_forms import read_yaml
from tests.stack_template import ROOT

FORMS = """
Ref: !Ref Bucket
Condition: !Condition IsNew
Attribute: !GetAtt Queue.Arn
Attributes of a nested stack: !GetAtt Stack.Outputs.Bucket
List: !Join ["-", [!Ref Prefix, !Sub "${AWS::Region}"]]
Mapping: !Transform {Name: AWS::Include, Parameters: {Location: !Ref Place}}
"""


@pytest.mark.parametrize("text", [FORMS, (ROOT / "template.yaml").read_text()], ids=["forms", "template"])
def test_short_forms_stand_for_what_sam_reads_them_as(text: str) -> None:
    assert read_yaml(text) == yaml_parse(text)


def test_other_readers_of_yaml_learn_no_short_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml.SafeLoader, "yaml_multi_constructors", {})  # SAM's reader teaches them to all
    assert read_yaml("!Ref Bucket") == {"Ref": "Bucket"}
    with pytest.raises(yaml.constructor.ConstructorError):
        yaml.safe_load("!Ref Bucket")
