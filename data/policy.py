"""The workspace's policies, from `lastcall.toml`: its warehouses and what was agreed with them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import tomli_w

from data.allocation_policy import AllocationPolicy, WarehousePolicy, read_allocation, read_warehouse_policy
from data.model import WorkspaceError

FILE_NAME = "lastcall.toml"
ANYWHERE = "*"
PORTALS = ("sandbox", "file")
COUNTRY_FORMS: dict[object, Literal["name", "alpha2", "alpha3"]] = {2: "alpha2", 3: "alpha3", "name": "name"}
"""How a label's country is asked for in `lastcall.toml`."""
_LABEL_SIZES = {"chars": "line"} | {name: name for name in ("lines", "name", "company", "city", "region", "postcode")}
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


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """One warehouse as `lastcall.toml` describes it."""

    code: str
    name: str
    countries: tuple[str, ...] = (ANYWHERE,)
    """ISO 3166-1 alpha-2 codes it serves; `*` = everywhere not served by another."""
    portal: str = "file"
    url: str = ""
    secret: str = ""
    """Where the secret is: `env:NAME` or `file:PATH`; never the secret itself."""
    time_zone: str = "UTC"
    options: Mapping[str, Any] = field(default_factory=dict)
    """What only its portal understands."""
    label: LabelLimits | None = None
    """What its labels take; None where it did not say."""
    policy: WarehousePolicy = field(default_factory=WarehousePolicy)

    def serves(self, country: str) -> bool:
        """Tell whether it ships to this country by name (`*` counts as not by name)."""
        return country in self.countries


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything `lastcall.toml` says."""

    warehouses: tuple[WarehouseSettings, ...] = ()
    stuck_days: int = 15
    """Days without news after which a parcel counts as stuck (ShipBob's domestic rule; a warehouse may differ)."""
    allocation: AllocationPolicy = field(default_factory=AllocationPolicy)

    def warehouse(self, code: str) -> WarehouseSettings:
        """Return the warehouse with this code; raises WorkspaceError naming those there are."""
        for each in self.warehouses:
            if each.code == code:
                return each
        known = ", ".join(each.code for each in self.warehouses) or "none"
        raise WorkspaceError(f"there is no warehouse {code} in {FILE_NAME} (there are: {known})")


def load_policy(folder: Path) -> Policy:
    """Read a workspace's `lastcall.toml`; raises WorkspaceError naming file and key."""
    path = folder / FILE_NAME
    try:
        with path.open("rb") as stream:
            document = tomllib.load(stream)
    except FileNotFoundError:
        return Policy()
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"{path}: {error}") from error
    for key in document.keys() - {"warehouse", "policy", "allocation"}:
        known = "[warehouse.CODE], [policy] and [allocation]"
        raise WorkspaceError(f"{path}: unknown section [{key}]; known are {known}")
    warehouses = _table(path, document, "warehouse")
    return Policy(
        warehouses=tuple(_read_warehouse(path, code, table) for code, table in warehouses.items()),
        stuck_days=_whole(path, _table(path, document, "policy"), "policy.stuck_days", 15),
        allocation=read_allocation(path, document.get("allocation", {}), warehouses),
    )


def save_warehouse(folder: Path, settings: WarehouseSettings) -> None:
    """Write one warehouse into `lastcall.toml`, keeping everything else in it (comments are lost).

    Raises WorkspaceError when the file can't be written.
    """
    path = folder / FILE_NAME
    document: dict[str, Any] = {}
    if path.exists():
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    entry: dict[str, Any] = {"name": settings.name, "countries": list(settings.countries), "portal": settings.portal}
    for key in ("url", "secret", "time_zone"):
        if value := getattr(settings, key):
            entry[key] = value
    if settings.options:
        entry["options"] = dict(settings.options)
    warehouses = document.setdefault("warehouse", {})
    for key in ("label", "policy"):
        # Its limits and rules are written by hand alone.
        if kept := warehouses.get(settings.code, {}).get(key):
            entry[key] = kept
    warehouses[settings.code] = entry
    partial = path.with_name(f".{FILE_NAME}.part")
    try:
        with partial.open("wb") as stream:
            tomli_w.dump(document, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    load_policy(folder)


def _read_warehouse(path: Path, code: str, table: Any) -> WarehouseSettings:
    where = f"warehouse.{code}"
    if not re.fullmatch(r"[A-Z0-9]{1,12}", code):
        raise WorkspaceError(f"{path}: [{where}]: a warehouse's code is 1-12 capital letters and digits")
    if not isinstance(table, dict):
        raise WorkspaceError(f"{path}: [{where}] must be a section")
    known = {"name", "countries", "portal", "url", "secret", "time_zone", "options", "label", "policy"}
    for key in table.keys() - known:
        raise WorkspaceError(f"{path}: [{where}]: unknown key {key!r}; known are {', '.join(sorted(known))}")
    countries = table.get("countries", [ANYWHERE])
    if not isinstance(countries, list) or not all(
        isinstance(each, str) and re.fullmatch(r"[A-Z]{2}|\*", each) for each in countries
    ):
        raise WorkspaceError(f'{path}: {where}.countries must be a list of two-letter codes, or ["*"]')
    portal = _text(path, table, f"{where}.portal", "file")
    if portal not in PORTALS:
        raise WorkspaceError(f"{path}: {where}.portal is {portal!r}; known are {', '.join(PORTALS)}")
    secret = _text(path, table, f"{where}.secret", "")
    if secret and not re.match(r"(env|file):.", secret):
        raise WorkspaceError(f"{path}: {where}.secret must say where the secret is: env:NAME or file:PATH")
    options = table.get("options", {})
    if not isinstance(options, dict):
        raise WorkspaceError(f"{path}: {where}.options must be a section")
    return WarehouseSettings(
        code=code,
        name=_text(path, table, f"{where}.name", code),
        countries=tuple(countries),
        portal=portal,
        url=_text(path, table, f"{where}.url", ""),
        secret=secret,
        time_zone=_text(path, table, f"{where}.time_zone", "UTC"),
        options=options,
        label=_read_label(path, where, table["label"]) if "label" in table else None,
        policy=read_warehouse_policy(path, table.get("policy", {}), f"{where}.policy"),
    )


def _read_label(path: Path, warehouse: str, table: Any) -> LabelLimits:
    """Read `[warehouse.CODE.label]`; raises WorkspaceError naming the key."""
    where = f"{warehouse}.label"
    if not isinstance(table, dict):
        raise WorkspaceError(f"{path}: [{where}] must be a section")
    for key in table.keys() - {*_LABEL_SIZES, "charset", "latin", "country"}:
        known = ", ".join(sorted({*_LABEL_SIZES, "charset", "latin", "country"}))
        raise WorkspaceError(f"{path}: [{where}]: unknown key {key!r}; known are {known}")
    sizes = {
        name: _whole(path, table, f"{where}.{key}", getattr(LabelLimits(), name)) for key, name in _LABEL_SIZES.items()
    }
    charset = _text(path, table, f"{where}.charset", "ascii")
    if not is_charset(charset):
        raise WorkspaceError(f"{path}: {where}.charset is {charset!r}: a charset like ascii, latin-1, cp1252, utf-8")
    latin = table.get("latin", False)
    if not isinstance(latin, bool):
        raise WorkspaceError(f"{path}: {where}.latin must be true or false")
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


def _table(path: Path, document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key, {})
    if not isinstance(found, dict):
        raise WorkspaceError(f"{path}: [{key}] must be a section")
    return found


def _text(path: Path, table: dict[str, Any], where: str, default: str) -> str:
    found = table.get(where.rpartition(".")[2], default)
    if not isinstance(found, str):
        raise WorkspaceError(f"{path}: {where} must be text")
    return found


def _whole(path: Path, table: dict[str, Any], where: str, default: int) -> int:
    found = table.get(where.rpartition(".")[2], default)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise WorkspaceError(f"{path}: {where} must be a whole number above 0")
    return found
