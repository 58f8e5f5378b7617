"""Whom the local stack answers and whom it refuses, told from what a request says of itself."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from sagescene_standin.door import guard, refuse

CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
ENDPOINT = "http://127.0.0.1:4566"
BOTO3 = "Boto3/1.43.1 md/Botocore#1.43.1 ua/2.1 os/linux md/arch#x86_64 lang/python#3.13.0"


def ask(named: str | None, target: str = "/", listens_on: str = "127.0.0.1", **headers: str) -> str | None:
    """Give why a request is refused; HTTP's names of its headers are written with underscores."""
    environ = {"wsgi.url_scheme": "http", "RAW_URI": target, "SERVER_NAME": listens_on, "SERVER_PORT": "4566"}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return refuse(environ if named is None else environ | {"HTTP_HOST": named}, listens_on)


@pytest.mark.parametrize(
    "named",
    [
        "127.0.0.1:4566",
        "127.8.8.8:4566",
        "localhost:4566",
        "LocalHost:4566",
        "[::1]:4566",
        "pets.localhost:4566",
        "host.docker.internal:4566",
        "pets.s3.amazonaws.com",
        "pets.s3.us-east-1.amazonaws.com:443",
        "sqs.cn-north-1.amazonaws.com.cn",
        None,  # as in HTTP/1.0, which no browser speaks
    ],
)
def test_who_calls_the_stack_by_a_name_of_its_own_is_answered(named: str | None) -> None:
    assert ask(named, user_agent=BOTO3) is None


@pytest.mark.parametrize(
    "named",
    [
        "evil.example:4566",
        "evil.example",
        "127.0.0.1.evil.example:4566",
        "localhost.evil.example:4566",
        "evil-amazonaws.com:4566",
        "localhost.:4566",
        "127.0.0.1:4567",
        "127.0.0.1",  # which is that of port 80
        "192.168.0.7:4566",
        "0.0.0.0:4566",
        "[::]:4566",
        "[fe80::1]:4566",
        "0x7f000001:4566",
        "127.0.0.1:4566,evil.example:4566",  # two headers
        "evil.example@127.0.0.1:4566",
        "127.0.0.1:99999",
        "",
    ],
)
def test_a_name_that_a_page_could_let_lead_here_is_refused(named: str) -> None:
    reason = ask(named)
    assert reason
    assert "does not answer to the name" in reason


@pytest.mark.parametrize(
    ("listens_on", "named"),
    [
        ("172.17.0.1", "172.17.0.1:4566"),
        ("Workshop.local", "workshop.local:4566"),
        ("0.0.0.0", "0.0.0.0:4566"),
        ("0.0.0.0", "192.168.0.7:4566"),
        ("::", "[fd00::7]:4566"),
    ],
)
def test_what_host_names_is_a_name_of_the_stack(listens_on: str, named: str) -> None:
    assert ask(named, listens_on=listens_on) is None
    assert ask("evil.example:4566", listens_on=listens_on)


@pytest.mark.parametrize("target", ["http://127.0.0.1:4566/", "http://evil.example/", "*", ""])
def test_a_target_that_is_no_path_is_refused(target: str) -> None:
    reason = ask("127.0.0.1:4566", target)
    assert reason
    assert "no proxy" in reason


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://localhost:4566",  # leads here, yet is another origin
        "https://127.0.0.1:4566",
        "null",
        "",
    ],
)
def test_another_origin_is_refused(origin: str) -> None:
    reason = ask("127.0.0.1:4566", origin=origin, sec_fetch_site="none")
    assert reason == "The local stack answers no web page of another origin."


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "same-origin,none", "of a time to come"])
def test_a_request_that_tells_no_origin_is_refused_by_its_site(site: str) -> None:
    reason = ask("127.0.0.1:4566", sec_fetch_site=site, user_agent=CHROMIUM)
    assert reason == "The local stack answers no web page of another origin."


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_person_may_look_at_the_dashboard(site: str) -> None:
    told = {"sec_fetch_site": site, "user_agent": CHROMIUM}
    assert ask("127.0.0.1:4566", "/moto-api/", **told) is None
    assert ask("localhost:4566", "/moto-api/reset", origin="http://localhost:4566", **told) is None


def test_a_browser_that_does_not_tell_whose_page_asks_is_refused() -> None:
    reason = ask("172.17.0.1:4566", listens_on="172.17.0.1", user_agent=CHROMIUM)
    assert reason
    assert "use the AWS CLI or an SDK" in reason


def test_who_is_refused_gets_the_reason_and_nothing_else_happens() -> None:
    asked = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        return Response("answered")(environ, start_response)

    client = Client(guard(application, "127.0.0.1"))
    refused = client.post("/moto-api/reset", ENDPOINT, headers={"Origin": "http://evil.example"})
    assert (refused.status_code, refused.text) == (403, "The local stack answers no web page of another origin.\n")
    assert asked == []
    assert client.post("/moto-api/reset", ENDPOINT).text == "answered"
