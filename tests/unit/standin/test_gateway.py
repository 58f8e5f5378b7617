"""The one endpoint: what it answers where nobody has written the operation."""

from typing import NoReturn

import pytest
from werkzeug.test import Client

from sagescene_standin.account import Account
from sagescene_standin.gateway import Gateway
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities


def never(_: object) -> NoReturn:
    raise AssertionError("nothing is invoked here")


@pytest.mark.parametrize(
    ("service", "asked", "body", "answers"),
    [
        (
            "servicequotas",
            {"X-Amz-Target": "ServiceQuotasV20190624.ListServiceQuotas"},
            '{"ServiceCode": "sagemaker"}',
            '{"__type": "UnknownOperationException", '
            '"message": "The local stack does not know ListServiceQuotas of servicequotas."}',
        ),
        (
            "sts",
            {"Content-Type": "application/x-www-form-urlencoded"},
            "Action=GetDelegatedAccessToken&Version=2011-06-15",
            "<ErrorResponse><Error><Code>UnknownOperationException</Code>"
            "<Message>The local stack does not know GetDelegatedAccessToken of sts.</Message></Error></ErrorResponse>",
        ),
    ],
)
def test_an_operation_that_nobody_wrote_is_refused_in_words(
    service: str, asked: dict[str, str], body: str, answers: str
) -> None:
    account = Account()
    authority = Authority(account)
    client = Client(Gateway(Identities(account, authority), authority, invoke=never, operations={}))
    credential = f"AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/{service}/aws4_request, Signature=none"
    response = client.post("/", data=body, headers={"Authorization": credential, **asked})
    assert (response.status_code, response.text) == (400, answers)
