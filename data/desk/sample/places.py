"""The tables sample people are put together from, made ready for speed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from anyascii import anyascii

# Letters that postcodes of Canada, Ireland, the Netherlands and the United Kingdom all use inside.
_LETTERS = "ABEHJLNPRW"

Fill = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one language."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    join: str
    mail: dict[str, str]
    """A name's spelling in an e-mail address."""


@dataclass(frozen=True, slots=True)
class Place:
    """One country."""

    code: str
    names: tuple[Names, ...]
    streets: tuple[str, ...]
    second: tuple[str, ...]
    cities: tuple[tuple[str, str, Fill], ...]
    """City, region, and what makes a postcode of digits."""
    phones: tuple[Fill, ...]
    box: str


def mask(text: str) -> Fill:
    """Return a function that puts digits from a text of at least 12 for each `#`, a letter for each `?`."""
    template = text.replace("#", "%s").replace("?", "%s")
    kinds = [sign for sign in text if sign in "#?"]
    count = len(kinds)
    if not count:
        return lambda _: text
    if "?" not in kinds:
        return lambda digits: template % tuple(digits[:count])
    return lambda digits: (
        template
        % tuple(digit if kind == "#" else _LETTERS[int(digit)] for kind, digit in zip(kinds, digits, strict=False))
    )


@cache
def places() -> tuple[Place, ...]:
    """Return the countries, each as often as its weight says, so that a random one is a fair one."""
    names = {language: _names(table) for language, table in _load("names.toml").items()}
    weighted: list[Place] = []
    for code, table in _load("places.toml").items():
        weighted += [_place(code, table, names)] * table["weight"]
    return tuple(weighted)


def _load(name: str) -> dict[str, Any]:
    """Read one of the tables beside this module."""
    return tomllib.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))


def _names(table: dict[str, Any]) -> Names:
    """Make one language's names ready."""
    every = (*table["given"], *table["family"])
    mail = {name: "".join(sign for sign in anyascii(name).lower() if sign.isalnum()) or "backer" for name in every}
    return Names(tuple(table["given"]), tuple(table["family"]), table.get("join", "{given} {family}"), mail)


def _place(code: str, table: dict[str, Any], names: dict[str, Names]) -> Place:
    """Make one country ready."""
    cities = []
    for line in table["cities"]:
        city, region, postcode = line.split("|")
        cities.append((city, region, mask(postcode)))
    return Place(
        code,
        tuple(names[language] for language in table["names"]),
        tuple(table["streets"]),
        tuple(table["second"]),
        tuple(cities),
        tuple(mask(phone) for phone in table["phones"]),
        table.get("box", "PO Box {n}"),
    )
