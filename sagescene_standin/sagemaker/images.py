"""Tell the built-in Image Classification image from every other: a Region's own account, repository and tag.

The accounts are those of https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html;
a table of its own, so that it can prove the product's table wrong.
"""

import re

_ACCOUNTS = {
    "af-south-1": "455444449433",
    "ap-east-1": "286214385809",
    "ap-northeast-1": "501404015308",
    "ap-northeast-2": "306986355934",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "991648021394",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "475088953585",
    "ap-southeast-2": "544295431143",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "469771592824",
    "ca-west-1": "190319476487",
    "cn-north-1": "390948362332",
    "cn-northwest-1": "387376663083",
    "eu-central-1": "813361260812",
    "eu-central-2": "680994064768",
    "eu-north-1": "669576153137",
    "eu-south-1": "257386234256",
    "eu-south-2": "104374241257",
    "eu-west-1": "685385470294",
    "eu-west-2": "644912444149",
    "eu-west-3": "749696950732",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "249704162688",
    "sa-east-1": "855470959533",
    "us-east-1": "811284229777",
    "us-east-2": "825641698319",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "226302683700",
    "us-iso-east-1": "490574956308",
    "us-isob-east-1": "765400339828",
    "us-isof-east-1": "108575199400",
    "us-isof-south-1": "124985052026",
    "us-west-1": "632365934929",
    "us-west-2": "433757028032",
}
_SUFFIXES = {
    "cn": "amazonaws.com.cn",
    "us-iso": "c2s.ic.gov",
    "us-isob": "sc2s.sgov.gov",
    "us-isof": "csp.hci.ic.gov",
}
_URI = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.([a-z0-9.]+)/image-classification(?::(?:1|latest))?")


def is_image_classification(uri: str) -> bool:
    """Say whether the URI names the built-in algorithm in a Region's own registry account."""
    found = _URI.fullmatch(uri)
    if not found:
        return False
    account, region, suffix = found.groups()
    expected = _SUFFIXES.get(region.rsplit("-", 2)[0], "amazonaws.com")
    return _ACCOUNTS.get(region) == account and suffix == expected


def explain_refusal(uri: str, region: str) -> str:
    """Say as a FailureReason why this image does not run here."""
    account = _ACCOUNTS.get(region)
    example = f" (in {region}: {account}.dkr.ecr.{region}.amazonaws.com/image-classification:1)" if account else ""
    return (
        "ClientError: The local stack trains only the built-in Image Classification algorithm"
        f"{example}; the job asked for {uri or 'no image'}."
    )
