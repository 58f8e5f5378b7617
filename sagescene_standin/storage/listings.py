"""How S3 takes and lists keys, control characters among them; moto does otherwise.

With `encoding-type=url` keys are percent-encoded, blanks as a plus sign. Without it a character that XML 1.0 cannot
hold comes as a reference to it (&#x1;), which most parsers refuse:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote_plus

from moto.core.responses import ActionResult
from moto.core.serialize import S3Serializer
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.moto_server.utilities import RegexConverter
from moto.s3 import models
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response
from werkzeug.routing import BaseConverter

from sagescene_standin.storage.sorted_keys import SortedKeys

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_MOST_UPLOADS = 1000  # on a page
_OWNER = {"ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a", "DisplayName": "webfile"}


def changed_listings() -> Iterator[Any]:
    """Give the replacements, to be entered, each with its reason; a FakeMultipart must tell when it was `initiated`."""
    plain_list_objects = S3Backend.list_objects
    plain_serialize = S3Serializer._serialize_body

    # moto goes through the whole bucket, key by key and slowly, for each listing: a few folders among thousands.
    def list_objects(backend: Any, bucket: Any, prefix: str | None, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        found = SimpleNamespace(keys={key: bucket.keys[key] for key in bucket.keys.starting_with(prefix or "")})
        return plain_list_objects(backend, found, prefix, *arguments, **options)  # type: ignore[arg-type]

    # moto writes characters that no XML may hold.
    def serialize(serializer: Any, body: Any) -> str:  # noqa: ANN401
        return _NOT_IN_XML.sub(lambda character: f"&#x{ord(character[0]):x};", plain_serialize(serializer, body))

    yield patch.object(models, "_VersionedKeyStore", SortedKeys)
    yield patch.object(S3Backend, "list_objects", list_objects)
    yield patch.object(S3Serializer, "_serialize_body", serialize)
    # moto encodes blanks as %20.
    yield patch.object(FakeKey, "safe_name", lambda key, encoding_type=None: _encoded(key.name, encoding_type))
    yield patch.object(S3Response, "list_multipart_uploads", _list_multipart_uploads)
    yield patch.object(RegexConverter, "__init__", _match_whole_key)


# A dot in moto's paths matches no line break: it would not find a bucket in the address of such a key.
def _match_whole_key(converter: Any, url_map: Any, pattern: str) -> None:  # noqa: ANN401
    BaseConverter.__init__(converter, url_map)
    converter.regex = f"(?s:{pattern})"


# moto knows neither pages nor encoding nor order nor, in truth, the start of an upload.
def _list_multipart_uploads(response: Any) -> Any:  # noqa: ANN401
    asked = {name: values[0] for name, values in response.querystring.items()}
    prefix, encoding = asked.get("prefix", ""), asked.get("encoding-type")
    after = asked.get("key-marker", ""), asked.get("upload-id-marker", "")
    most = min(int(asked.get("max-uploads", _MOST_UPLOADS)), _MOST_UPLOADS)
    uploads = sorted(
        (upload for upload in response.backend.list_multipart_uploads(response.bucket_name).values()),
        key=lambda upload: (upload.key_name, upload.id),
    )
    left = [upload for upload in uploads if upload.key_name.startswith(prefix) and _is_after(upload, *after)]
    page = left[:most]
    result: dict[str, Any] = {
        "Bucket": response.bucket_name,
        "KeyMarker": _encoded(after[0], encoding),
        "UploadIdMarker": after[1],
        "Prefix": _encoded(prefix, encoding),
        "MaxUploads": most,
        "IsTruncated": len(left) > len(page),
        "Uploads": [_describe(upload, encoding) for upload in page],
    }
    if encoding:
        result["EncodingType"] = encoding
    if len(left) > len(page):
        result |= {"NextKeyMarker": _encoded(page[-1].key_name, encoding), "NextUploadIdMarker": page[-1].id}
    response.data["Action"] = "ListMultipartUploads"
    return response.serialized(ActionResult(result))


def _is_after(upload: Any, key: str, upload_id: str) -> bool:  # noqa: ANN401
    # Without the marker of an upload, all those of the key itself are behind.
    return upload.key_name > key or (bool(upload_id) and upload.key_name == key and upload.id > upload_id)


def _describe(upload: Any, encoding: str | None) -> dict[str, Any]:  # noqa: ANN401
    return {
        "Key": _encoded(upload.key_name, encoding),
        "UploadId": upload.id,
        "Initiator": _OWNER,
        "Owner": _OWNER,
        "StorageClass": "STANDARD",
        "Initiated": iso_8601_datetime_with_milliseconds(upload.initiated),
        "ChecksumAlgorithm": upload.metadata.get("x-amz-checksum-algorithm"),
        "ChecksumType": upload.metadata.get("x-amz-checksum-type"),
    }


def _encoded(key: str, encoding: str | None) -> str:
    return quote_plus(key, safe="/") if encoding == "url" else key
