"""Lambda's Invoke over HTTP, answered by the local functions.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from sagescene_standin.functions import lineage
from sagescene_standin.functions.function import Function, TooManyRequestsError
from sagescene_standin.functions.lineage import RecursiveInvocationError

_INVOCATIONS = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")


def names_invocation(path: str) -> bool:
    """Say whether a request's path is that of Invoke."""
    return _INVOCATIONS.fullmatch(path) is not None


def handle_invocation(
    request: Request, functions: Mapping[str, Function], invoke_later: Callable[[str, bytes], None]
) -> Response:
    """Invoke, as the request asks, the function that its path names by name, ARN or partial ARN."""
    match = _INVOCATIONS.fullmatch(request.path)
    named = unquote(match[1]) if match else ""
    function = _find(named, functions)
    if function is None:
        return _error("ResourceNotFoundException", f"Function not found: {named}", 404)
    payload = request.get_data() or b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        return _error("InvalidRequestContentException", f"Could not parse request body into json: {error}", 400)
    match request.headers.get("X-Amz-Invocation-Type", "RequestResponse"):
        case "DryRun":
            return Response(status=204)
        case "Event":
            invoke_later(function.settings.arn, payload)
            return Response(status=202)
    try:
        invocation = function.invoke(payload, lineage.carried())
    except TooManyRequestsError as error:
        return _error("TooManyRequestsException", str(error), 429)
    except RecursiveInvocationError as error:
        return _error("RecursiveInvocationException", str(error), 400)
    headers = {"X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": invocation.request_id}
    if invocation.error:
        headers["X-Amz-Function-Error"] = invocation.error
    if request.headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(invocation.log_tail.encode()).decode()
    return Response(invocation.payload, 200, headers, content_type="application/json")


def _find(named: str, functions: Mapping[str, Function]) -> Function | None:
    # FUNCTION, ACCOUNT:function:FUNCTION or the whole ARN, each with or without :$LATEST
    name = named.removesuffix(":$LATEST").rsplit(":", 1)[-1]
    return next((function for function in functions.values() if function.settings.name == name), None)


def _error(kind: str, message: str, status: int) -> Response:
    body = json.dumps({"Type": "User", "Message": message})
    return Response(body, status, {"x-amzn-ErrorType": kind}, content_type="application/json")
