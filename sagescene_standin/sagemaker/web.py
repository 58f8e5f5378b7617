"""The service as a WSGI application: AWS JSON 1.1, the protocol of boto3 and the AWS CLI for SageMaker."""

import json
import logging
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from sagescene_standin.sagemaker.faults import ServiceFault
from sagescene_standin.sagemaker.training_service import TrainingService

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TARGET_PREFIX = "SageMaker."
_logger = logging.getLogger(__name__)


def make_application(service: TrainingService) -> "WSGIApplication":
    """Build the application; it answers every request whose `X-Amz-Target` header begins with `SageMaker.`."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        status, response = _handle(service, environ)
        body = json.dumps(response).encode()
        headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("Content-Length", str(len(body))),
            ("x-amzn-RequestId", str(uuid.uuid4())),
        ]
        if status != HTTPStatus.OK:
            headers.append(("x-amzn-ErrorType", str(response["__type"])))
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    return application


def _handle(service: TrainingService, environ: "WSGIEnvironment") -> tuple[int, dict[str, object]]:
    operation = environ.get("HTTP_X_AMZ_TARGET", "")
    try:
        return service.handle(operation.removeprefix(_TARGET_PREFIX), _read_request(environ))
    except ServiceFault as fault:
        return fault.status, {"__type": fault.code, "message": fault.message}
    except Exception as error:
        _logger.exception("the stand-in for SageMaker broke on %s", operation)
        return 500, {"__type": "InternalFailure", "message": f"The stand-in for SageMaker broke: {error!r}"}


def _read_request(environ: "WSGIEnvironment") -> dict[str, object]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise ServiceFault("SerializationException", "The request body is not JSON.") from None
    if not isinstance(request, dict):
        raise ServiceFault("SerializationException", "The request body is not a JSON object.")
    return request
