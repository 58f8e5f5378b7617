"""Links of a notice, where the stack is not on AWS."""

import pytest

from sagescene.messages.console_links import job_logs_url, object_url
from sagescene_command.consoles import localize

REGIONS = ["us-east-1", "cn-north-1", "us-gov-west-1"]


@pytest.mark.parametrize("region", REGIONS)
def test_a_link_to_an_object_becomes_its_address(region: str) -> None:
    text = f"What was found: {object_url(region, 'bucket', 'reports/my pets/x.html')}"
    assert localize(text) == "What was found: s3://bucket/reports/my pets/x.html"


@pytest.mark.parametrize("region", REGIONS)
def test_a_link_to_another_console_leads_nowhere(region: str) -> None:
    assert localize(f"Its logs: {job_logs_url(region, 'job')}\nEnd.") == (
        "Its logs: AWS's console shows them on AWS\nEnd."
    )
