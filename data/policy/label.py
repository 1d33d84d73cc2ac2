"""What a warehouse's labels take: `[warehouse.CODE.label]`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from data.model import WorkspaceError
from data.policy.keys import flag, only, section, text, whole

COUNTRY_FORMS: dict[object, Literal["name", "alpha2", "alpha3"]] = {2: "alpha2", 3: "alpha3", "name": "name"}
"""How a label's country is asked for in `lastcall.toml`."""
SIZES = {"chars": "line"} | {name: name for name in ("lines", "name", "company", "city", "region", "postcode")}
"""Keys of `lastcall.toml` that are numbers of characters or lines, and the field each is kept in."""
_PRINTED = "ABCXYZ abcxyz 0123456789 -,.'/#()" * 3
"""Longer than a part of a domain name can be, so that `idna` is no charset."""


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """What one warehouse's labels take, in characters; the defaults fit every carrier looked at."""

    lines: int = 3
    line: int = 35
    name: int = 35
    company: int = 35
    city: int = 28
    region: int = 35
    postcode: int = 9
    charset: str = "ascii"
    """A codec's name: `ascii`, `latin-1`, `cp1252`, `iso8859-2`, `utf-8`."""
    latin: bool = False
    """Only Latin letters, also where the charset has others."""
    country: Literal["name", "alpha2", "alpha3"] = "alpha2"


def read_label(path: Path, warehouse: str, found: Any) -> LabelLimits:
    """Read `[warehouse.CODE.label]`; raises WorkspaceError naming the key."""
    where = f"{warehouse}.label"
    table = section(path, found, where)
    only(path, table, where, {*SIZES, "charset", "latin", "country"})
    sizes = {name: whole(path, table, f"{where}.{key}", getattr(LabelLimits(), name)) for key, name in SIZES.items()}
    charset = text(path, table, f"{where}.charset", "ascii")
    if not is_charset(charset):
        raise WorkspaceError(f"{path}: {where}.charset is {charset!r}: a charset like ascii, latin-1, cp1252, utf-8")
    latin = flag(path, table, f"{where}.latin", False)
    country = table.get("country", 2)
    if not isinstance(country, int | str) or isinstance(country, bool) or country not in COUNTRY_FORMS:
        known = ", ".join(str(each) for each in COUNTRY_FORMS)
        raise WorkspaceError(f"{path}: {where}.country is {country!r}; known are {known}")
    return LabelLimits(**sizes, charset=charset, latin=latin, country=COUNTRY_FORMS[country])


def is_charset(name: str) -> bool:
    """Tell whether a codec writes letters as printers do: one that has ASCII in it, and escapes nothing."""
    try:
        plain = _PRINTED.encode(name) == _PRINTED.encode("ascii")
        "\U000e0001".encode(name)
    except UnicodeEncodeError:
        return plain
    except (LookupError, UnicodeError, ValueError):
        return False
    return plain and "東".encode(name) == "東".encode()
