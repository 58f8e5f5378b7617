"""Sorting and paging, as all of SageMaker's List operations do it."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sagescene_standin.sagemaker.faults import invalid
from sagescene_standin.sagemaker.validation import read_time

_PAGE = 10  # SageMaker's page when MaxResults is not given


def cut_page[Item](
    items: Iterable[Item],
    request: Mapping[str, Any],
    *,
    key: Callable[[Item], tuple[float | str, str]],
    order: str,
) -> tuple[list[Item], dict[str, str]]:
    """Return one page of the items and `{"NextToken": ...}` when more follow.

    `key` gives what an item is sorted by and its name; `order` is the operation's default SortOrder. The token names
    the last item of the page, so that items which come or go between two calls neither repeat nor hide others.
    """
    descending = request.get("SortOrder", order) == "Descending"
    ordered = sorted(items, key=key, reverse=descending)
    if request.get("NextToken"):
        last = _read_token(request["NextToken"])
        ordered = [item for item in ordered if (key(item) < last if descending else key(item) > last)]
    size = request.get("MaxResults", _PAGE)
    page = ordered[:size]
    return page, ({"NextToken": _write_token(key(page[-1]))} if len(ordered) > size else {})


def is_within(time: float, request: Mapping[str, Any], name: str) -> bool:
    """Say whether a time lies between the request's `<name>After` and `<name>Before`, where they are given."""
    after, before = request.get(f"{name}After"), request.get(f"{name}Before")
    return (after is None or time > read_time(after)) and (before is None or time < read_time(before))


def _write_token(key: tuple[float | str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read_token(token: str) -> tuple[Any, str]:
    try:
        value, name = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise invalid("The token provided in NextToken is not valid.") from None
    return value, name
