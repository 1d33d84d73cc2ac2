"""Tables of facts about countries, postcodes and street words; `python -m data.addresses.tables` makes some of them."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Any:
    """Read one table of this package by its file name (`.json` or `.toml`); read once per process."""
    raw = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return json.loads(raw) if name.endswith(".json") else tomllib.loads(raw)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set: how the rules write lists of countries and words."""
    return frozenset(text.split())
