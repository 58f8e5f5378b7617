"""Whom the local stack answers: programs, and no web page that runs in a browser on the same machine.

Nobody signs with a secret here, so whoever reaches a port of the loopback may do everything. A page reaches it by
requests to another origin, and by a name of its own that it lets lead to 127.0.0.1 (DNS rebinding).
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_host

# Names that no page can let lead here. A dot at the beginning stands for all names below: SDKs put the bucket there.
_LOCAL = (".localhost", "host.docker.internal")  # the latter is what a container calls the machine it runs on
_AWS = (".amazonaws.com", ".amazonaws.com.cn")  # of SDKs that were told where to connect, not what to call it
_OTHER_PAGE = "The local stack answers no web page of another origin."


def guard(application: WSGIApplication, host: str) -> WSGIApplication:
    """Put the door before an application that listens on `host`: who is refused gets 403 and the reason."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if reason := refuse(environ, host):
            return Response(f"{reason}\n", 403, content_type="text/plain")(environ, start_response)
        return application(environ, start_response)

    return answer


def refuse(environ: WSGIEnvironment, host: str) -> str | None:
    """Say in one sentence why a request to whatever listens on `host` is refused; None when it is not.

    What a browser tells of the page that asks, and when: https://www.w3.org/TR/fetch-metadata/
    """
    if not environ["RAW_URI"].startswith("/"):
        return "The local stack is no proxy: ask it for a path, not for a whole URL."
    named = get_host(environ).lower()
    if not _leads_here(named, host, environ["SERVER_PORT"]):
        return f"The local stack does not answer to the name {named or 'of this request'}: use that of its endpoint."
    if environ.get("HTTP_ORIGIN", f"http://{named}").lower() != f"http://{named}":
        return _OTHER_PAGE
    match environ.get("HTTP_SEC_FETCH_SITE"):
        case "same-origin" | "none":  # "none": a person typed the address
            return None
        case None if environ.get("HTTP_USER_AGENT", "").startswith("Mozilla/"):
            return "A browser tells whose page asks only where it trusts the address: use the AWS CLI or an SDK here."
        case None:
            return None
    return _OTHER_PAGE


def _leads_here(named: str, host: str, port: str) -> bool:
    if not host_is_trusted(named):  # no name at all
        return False
    if host_is_trusted(named, _AWS):
        return True
    parts = urlsplit(f"//{named}")
    if str(parts.port or 80) != port:
        return False
    if host_is_trusted(named, _LOCAL) or parts.hostname == host.lower():
        return True
    address, listening = _read_address(parts.hostname), _read_address(host)
    return address is not None and (address.is_loopback or (listening is not None and listening.is_unspecified))


def _read_address(name: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name or "")
    except ValueError:
        return None
