"""Options that take NAME=VALUE, apart from those of the local stack, whose imports a check would wait for."""

from collections.abc import Collection, Iterable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

import click

from sagescene.instances import INSTANCE_TYPES


def read_pairs(_context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE of an option that may be repeated."""
    wrong = [value for value in values if value.find("=") < 1]
    if wrong:
        raise click.BadParameter(f"{wrong[0]} is not {option.metavar}.")
    return dict(value.split("=", 1) for value in values)


def suggest_names(given: Iterable[str], known: Collection[str]) -> str:
    """Ask for each name that is not known whether the nearest one is meant; nothing where none is near."""
    near = [get_close_matches(name, known, n=1) for name in given if name not in known]
    return "".join(f". Did you mean {names[0]}?" for names in near if names)


def require_types(names: Iterable[str]) -> None:
    """Raise BadParameter at a name that is none of an instance type; the message gives the nearest one that is."""
    for name in names:
        if name not in INSTANCE_TYPES:
            near = get_close_matches(name, INSTANCE_TYPES, n=1)
            known = f"did you mean {near[0]}?" if near else f"those are {', '.join(INSTANCE_TYPES)}."
            raise click.BadParameter(f"{name} is no instance type that the algorithm trains on: {known}")


def _read_prices(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = read_pairs(context, option, values)
    require_types(pairs)
    for name, price in pairs.items():
        if not _is_price(price):
            raise click.BadParameter(f"{name}={price} gives no price above 0 and below a million dollars.")
    return pairs


def _is_price(text: str) -> bool:
    try:
        return 0 < Decimal(text) < 1_000_000
    except InvalidOperation:
        return False


PRICE = click.option(
    "--price",
    "prices",
    multiple=True,
    metavar="TYPE=USD",
    callback=_read_prices,
    help="What an hour of one instance of a type costs, as in HourlyPriceUSD; may be repeated.",
)
