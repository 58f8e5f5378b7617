"""Keys as S3 lists them: as they are, or percent-encoded when that is asked for."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagescene_standin.stack import Stack

HOSTILE = "keys/a\x01b c+d\n(é).rec"
ENCODED = "keys/a%01b+c%2Bd%0A%28%C3%A9%29.rec"


@pytest.fixture(scope="module")
def s3(stack: Stack) -> Any:  # noqa: ANN401
    return stack.client("s3")


@pytest.fixture(scope="module")
def bodies(s3: Any) -> list[str]:  # noqa: ANN401
    """Give what the service has sent so far."""
    sent: list[str] = []
    s3.meta.events.register("before-parse.s3", lambda response_dict, **_: sent.append(response_dict["body"].decode()))
    return sent


@pytest.fixture(scope="module")
def bucket(stack: Stack, s3: Any, bodies: list[str]) -> str:  # noqa: ANN401
    bucket = stack.resources["QuietBucket"]
    s3.put_object(Bucket=bucket, Key=HOSTILE, Body=b"")
    with pytest.raises(ClientError):  # it is begun, but the answer repeats the key, and boto3 cannot read that
        s3.create_multipart_upload(Bucket=bucket, Key=HOSTILE)
    assert "<Key>keys/a&#x1;b c+d\n(é).rec</Key>" in bodies[-1]
    for key in ("keys/b", "keys/b", "keys/c"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    return bucket


def test_boto3_asks_for_encoded_keys_of_objects_and_decodes_them(s3: Any, bucket: str, bodies: list[str]) -> None:  # noqa: ANN401
    (stored,) = s3.list_objects_v2(Bucket=bucket, Prefix="keys/")["Contents"]
    assert stored["Key"] == HOSTILE
    assert f"<Key>{ENCODED}</Key>" in bodies[-1]


def test_boto3_neither_asks_for_encoded_keys_of_uploads_nor_decodes_them(
    s3: Any,  # noqa: ANN401
    bucket: str,
    bodies: list[str],
) -> None:
    with pytest.raises(ClientError):
        s3.list_multipart_uploads(Bucket=bucket, Prefix="keys/a")
    assert "<Key>keys/a&#x1;b c+d\n(é).rec</Key>" in bodies[-1]
    listed = s3.list_multipart_uploads(Bucket=bucket, Prefix="keys/a", EncodingType="url")
    assert listed["EncodingType"] == "url"
    assert {upload["Key"] for upload in listed["Uploads"]} == {ENCODED}


def test_uploads_are_listed_in_order_and_a_page_ends_with_an_encoded_key(s3: Any, bucket: str) -> None:  # noqa: ANN401
    asked = {"Bucket": bucket, "Prefix": "keys/", "EncodingType": "url", "MaxUploads": 3}
    first = s3.list_multipart_uploads(**asked)
    assert (first["IsTruncated"], first["NextKeyMarker"]) == (True, "keys/b")
    second = s3.list_multipart_uploads(
        **asked, KeyMarker=first["NextKeyMarker"], UploadIdMarker=first["NextUploadIdMarker"]
    )
    assert [upload["Key"] for page in (first, second) for upload in page["Uploads"]] == [
        ENCODED,
        ENCODED,  # boto3 has tried again, because it could not read the answer
        "keys/b",
        "keys/b",
        "keys/c",
    ]
    assert not second["IsTruncated"]
    assert s3.list_multipart_uploads(**{**asked, "MaxUploads": 1})["NextKeyMarker"] == ENCODED
    (rest,) = s3.list_multipart_uploads(**asked, KeyMarker="keys/b")["Uploads"]
    assert rest["Key"] == "keys/c"
