"""The one HTTP endpoint: it tells services apart and adds what moto's S3 lacks."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.exceptions import JsonRESTError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from sagescene_standin.aws_call import AwsCall, Permission, read_call
from sagescene_standin.chunked_bodies import ChunkedBody, refuse_broken_bodies
from sagescene_standin.door import guard
from sagescene_standin.functions import lineage
from sagescene_standin.functions.endpoint import names_invocation
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities
from sagescene_standin.listening import LONGEST_ACCEPT, listen

type Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Gateway:
    """A WSGI application over all services."""

    def __init__(
        self,
        identities: Identities,
        authority: Authority,
        *,
        invoke: Callable[[Request], Response],
        operations: Mapping[tuple[str, str], Operation],
    ) -> None:
        """Take what answers in moto's place; `sagemaker` is set once there is a stand-in for it."""
        self._identities, self._authority = identities, authority
        self.sagemaker: WSGIApplication | None = None
        self._invoke = invoke
        self._operations = operations
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._conditional_writes = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        call = read_call(environ)
        if refusal := self._identities.refusal_of(call):
            return refusal(environ, start_response)
        with lineage.carrying(str(environ.get("HTTP_X_AMZN_TRACE_ID", ""))):
            try:
                return self._service(call, environ)(environ, start_response)
            except NotImplementedError:  # so moto says it; uncaught, its traceback would fill the terminal
                return _unknown_operation(call, environ)(environ, start_response)

    def _service(self, call: AwsCall, environ: WSGIEnvironment) -> WSGIApplication:
        if call.service == "sagemaker" and self.sagemaker is not None:
            return self.sagemaker
        if operation := self._operations.get((call.service, call.operation)):
            try:
                return _json_response(operation(call.parameters))
            except JsonRESTError as fault:
                return fault
        if names_invocation(environ.get("PATH_INFO", "")):
            return self._invoke(Request(environ))
        if call.service == "s3":
            return self._s3(call, environ)
        return self._moto

    def _s3(self, call: AwsCall, environ: WSGIEnvironment) -> WSGIApplication:
        is_conditional = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MATCH" in environ
        if is_conditional and call.operation == "PutObject":
            # moto looks and writes in two steps: of two conditional writes at once both could succeed.
            with self._conditional_writes:
                return Response.from_app(self._moto, environ, buffered=True)
        if call.operation in ("GetObject", "HeadObject") and self._hides_missing_keys(call):
            response = Response.from_app(self._moto, environ, buffered=True)
            return _access_denied() if response.status_code == 404 else response
        return self._moto

    def _hides_missing_keys(self, call: AwsCall) -> bool:
        """Tell whether S3 would say 403 instead of 404, as it does to whoever may not list the bucket."""
        principal = self._identities.principal_of(call)
        listing = Permission(action="s3:ListBucket", resource=f"arn:aws:s3:::{call.bucket}")
        return principal is not None and not self._authority.role_may(principal.role, listing)


def _json_response(content: Mapping[str, Any]) -> Response:
    return Response(json.dumps(content), 200, content_type="application/x-amz-json-1.1")


def _unknown_operation(call: AwsCall, environ: WSGIEnvironment) -> Response:
    code, message = "UnknownOperationException", f"The local stack does not know {call.operation} of {call.service}."
    if "HTTP_X_AMZ_TARGET" in environ:
        body = json.dumps({"__type": code, "message": message})
        return Response(body, 400, content_type="application/x-amz-json-1.1")
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></ErrorResponse>"
    return Response(body, 400, content_type="application/xml")


def _access_denied() -> Response:
    body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return Response(body, 403, content_type="application/xml")


class Server:
    """Serve an application behind the door until it is closed."""

    def __init__(self, application: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self._connections: set[socket.socket] = set()
        connections = self._connections

        class Handler(MotoRequestHandler):
            disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

            def make_environ(self) -> WSGIEnvironment:
                environ = super().make_environ()
                if environ.get("wsgi.input_terminated"):
                    environ["wsgi.input"] = ChunkedBody(self.rfile)  # type: ignore[arg-type]  # it reads, as werkzeug's own does
                return environ

            def setup(self) -> None:
                super().setup()
                connections.add(self.connection)

            def finish(self) -> None:
                connections.discard(self.connection)
                super().finish()

            def log(self, *_: object) -> None:
                """Say nothing: what a person wants to see comes through the listener."""

        with listen(host, port) as listener:
            self._server: BaseWSGIServer = make_server(
                host,
                port,
                guard(refuse_broken_bodies(application), host),
                threaded=True,
                request_handler=Handler,
                fd=listener.fileno(),  # on an address that it cannot have, werkzeug would end the process
            )
        self._server.socket.settimeout(LONGEST_ACCEPT)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="gateway", daemon=True
        )
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """The URL for AWS_ENDPOINT_URL."""
        host = self._server.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.port}"

    def close(self) -> None:
        """Take no more connections and end those that clients keep open."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was quicker
        self._thread.join()
