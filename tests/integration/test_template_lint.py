"""cfn-lint on what SAM makes of `template.yaml`, in Regions of three partitions: what `sam validate --lint` leaves out.

`sam validate` lints the template as it is written, for the one Region it is called in; here SAM and a stack's choices
have been at work.
"""

import json

import pytest
from cfnlint.api import ManualArgs, lint

from sagescene_standin.cloudformation.template import read_template
from tests.stack_template import PSEUDO_PARAMETERS, ROOT


@pytest.mark.parametrize(
    ("region", "partition", "parameters"),
    [
        ("eu-west-1", "aws", {}),
        ("cn-north-1", "aws-cn", {}),
        ("us-gov-west-1", "aws-us-gov", {}),
        ("eu-west-1", "aws", {"ExistingBucket": "photos"}),
        ("eu-west-1", "aws", {"NotificationEmail": "ada@example.com", "ChatNotices": "yes"}),
    ],
)
def test_nothing_is_wrong_with_the_transformed_template(
    region: str, partition: str, parameters: dict[str, str]
) -> None:
    place = {"AWS::Region": region, "AWS::Partition": partition}
    template = read_template(ROOT, parameters, {**PSEUDO_PARAMETERS, **place})
    config = ManualArgs(
        regions=[region],
        include_checks=["I3042"],  # an ARN that names a partition
        ignore_checks=["W2001"],  # a choice that is made leaves the parameter of the other one unused
    )
    found = lint(json.dumps(template.body), config=config)
    assert [f"{match.rule.id} at {'/'.join(map(str, match.path))}: {match.message}" for match in found] == []
