"""moto's models of other services, imported without what takes EC2's most of a second: nothing here needs it.

moto's CloudFormation imports the models of every service whose resources it can create, and others ask EC2 for its
Regions. EC2's own read which instance types each Region and zone offers, and, three times, the description of the
whole service, to learn under which name its Regions are listed. Here moto's EC2 offers no types; it knows them, and its
Regions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.session import Session
from moto.utilities import utils

_plain_load_resource = utils.load_resource


def _load_resource(resource: str) -> Any:  # noqa: ANN401
    return [] if "/instance_type_offerings/" in resource else _plain_load_resource(resource)


@contextmanager
def _shortened() -> Iterator[None]:
    # Without a prefix of its own, a service is listed under its name, as EC2 is.
    with (
        patch.object(utils, "load_resource", _load_resource),
        patch.object(Session, "get_service_data", lambda *_: {"metadata": {}}),
    ):
        yield


with _shortened():
    from moto.cloudformation import models, parsing
    from moto.ec2.models.instance_types import INSTANCE_TYPES
    from moto.ssm.models import ssm_backends

__all__ = ["INSTANCE_TYPES", "models", "parsing", "ssm_backends"]
