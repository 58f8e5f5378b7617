"""Bodies of requests that arrive in chunks: one that is not in chunks gets 400, and no traceback fills the terminal."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import BadRequest
from werkzeug.serving import DechunkedInput


class ChunkedBody(DechunkedInput):
    """Reads a body as werkzeug does, and raises BadRequest where that is not in chunks."""

    def readinto(self, buf: bytearray) -> int:  # type: ignore[override]
        """Read into a buffer, and count the bytes."""
        try:
            return super().readinto(buf)
        except OSError as fault:
            if fault.errno is not None:  # of the connection
                raise
            raise BadRequest(f"The body is not in chunks: {fault}.") from fault


def refuse_broken_bodies(application: WSGIApplication) -> WSGIApplication:
    """Let an application answer 400 where the body that it reads raises BadRequest."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except BadRequest as refusal:
            return refusal.get_response(environ)(environ, start_response)

    return answer
