"""An account with nothing in it: the local stack's endpoint and changed moto, before anything is deployed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from moto.moto_api._internal.models import moto_api_backend

from sagescene_standin.account import Account
from sagescene_standin.gateway import Gateway, Server
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities
from sagescene_standin.moto_changes import changed_moto


@contextmanager
def serve(account: Account) -> Iterator[str]:
    """Give the address of the account's services, which forget everything in the end."""
    moto_api_backend.reset()
    with changed_moto(
        time_factor=1,
        on_object_event=lambda *_: None,
        on_message=lambda *_: None,
        call_function=lambda *_: None,
    ):
        authority = Authority(account)
        server = Server(Gateway(Identities(account, authority), authority, invoke=_never, operations={}))
        yield server.endpoint
        server.close()
    moto_api_backend.reset()


def _never(_: object) -> NoReturn:
    raise NotImplementedError("nobody invokes anything while a stack is being created")
