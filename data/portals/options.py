"""What `lastcall.toml` says of a warehouse for its portal alone, each option of the kind the portal wants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.model import WorkspaceError
from data.policy import WarehouseSettings

if TYPE_CHECKING:
    from data.portals.secrets import Secret

PACE: dict[str, type] = {"deadline": float, "max_lag": float, "concurrency": int, "per_minute": int}
"""How a portal over HTTP is treated, whoever's it is."""


def read_options(settings: WarehouseSettings, kinds: dict[str, type]) -> dict[str, Any]:
    """Return a warehouse's options, each of its kind; raises WorkspaceError naming the one that is wrong."""
    read: dict[str, Any] = {}
    for name, value in settings.options.items():
        where = f"warehouse.{settings.code}.options.{name}"
        kind = kinds.get(name)
        if kind is None:
            raise WorkspaceError(f"{where}: there is no such option; known are {', '.join(sorted(kinds))}")
        number = kind in (int, float)
        fits = isinstance(value, int | float) and not isinstance(value, bool) if number else isinstance(value, kind)
        if not fits or (number and value < 0) or (kind is int and value != int(value)):
            raise WorkspaceError(f"{where}: {value!r} is not {_KIND_WORDS[kind]}")
        read[name] = kind(value)
    return read


_KIND_WORDS = {int: "a whole number", float: "a number of 0 or more", bool: "true or false", str: "text"}


def secret_of(settings: WarehouseSettings, folder: Path) -> Callable[[], Secret]:
    """Return a function that reads a warehouse's secret, for the worker to call on its first request."""

    def read() -> Secret:
        from data.portals.secrets import read_secret

        return read_secret(settings.secret, folder)

    return read
