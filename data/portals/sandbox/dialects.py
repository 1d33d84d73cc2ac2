"""The dialects a sandbox warehouse can speak: a vendor is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from data.model import WorkspaceError

if TYPE_CHECKING:
    # It needs the extra `sandbox`; the names of the dialects don't.
    from data.portals.sandbox.dialect import Dialect

NATIVE = "sandbox"


def dialect_for(name: str, limits: bool) -> Dialect:
    """Return a dialect by its name; `limits` enforces the vendor's rate limits. Raises WorkspaceError for another."""
    make = _DIALECTS.get(name)
    if make is None:
        raise WorkspaceError(f"there is no dialect {name!r}; known are {', '.join(sorted(_DIALECTS))}")
    return make(limits)


def known_dialects() -> tuple[str, ...]:
    """Return the names."""
    return tuple(sorted(_DIALECTS))


def _native(limits: bool) -> Dialect:
    from data.portals.sandbox.native import Native

    return Native()


def _shipmonk(limits: bool) -> Dialect:
    from data.portals.sandbox.shipmonk import ShipMonk

    return ShipMonk(limits)


def _shipbob(limits: bool) -> Dialect:
    from data.portals.sandbox.shipbob import ShipBobDialect

    return ShipBobDialect(limits)


def _amazon(limits: bool) -> Dialect:
    from data.portals.sandbox.amazon import Amazon

    return Amazon(limits)


def _mintsoft(limits: bool) -> Dialect:
    from data.portals.sandbox.mintsoft import Mintsoft

    return Mintsoft()


_DIALECTS: dict[str, Callable[[bool], Dialect]] = {
    NATIVE: _native,
    "amazon": _amazon,
    "mintsoft": _mintsoft,
    "shipbob": _shipbob,
    "shipmonk": _shipmonk,
}
