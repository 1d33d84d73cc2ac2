"""Which portal's file a warehouse names, and what it sets for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.model import InputError, WorkspaceError
from data.policy import WarehouseSettings
from data.portals.declared.sample import sample
from data.portals.declared.shape import Spec
from data.portals.declared.spec import find_spec

NUMBERS = ("per_minute", "concurrency", "deadline", "max_lag")
"""Options of a warehouse that take the place of what its portal's file says."""


def warehouse_spec(settings: WarehouseSettings, folder: Path) -> Spec:
    """Return the portal's file of a warehouse; raises WorkspaceError where none is named, or it is not right."""
    name = settings.options.get("spec")
    if not isinstance(name, str) or not name:
        raise WorkspaceError(f'warehouse.{settings.code}.options.spec is missing: spec = "NAME" of portals/NAME.toml')
    return find_spec(folder, name)


def warehouse_options(settings: WarehouseSettings, spec: Spec) -> Mapping[str, str]:
    """Return the values of `{option.NAME}`, by that name whole.

    Raises WorkspaceError for one that is missing, unknown, or does not fit where the file puts it.
    """
    where = f"warehouse.{settings.code}.options"
    for name in settings.options:
        if name not in spec.options and name not in ("spec", *NUMBERS):
            known = ", ".join(["spec", *spec.options, *NUMBERS])
            raise WorkspaceError(f"{where}.{name}: there is no such option; known are {known}")
    found: dict[str, str] = {}
    for name, option in spec.options.items():
        value: Any = settings.options.get(name, option.default)
        if value is None:
            raise WorkspaceError(f"{where}.{name} is missing: {option.words}")
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise WorkspaceError(f"{where}.{name}: {value!r} is neither text nor a whole number")
        found[f"option.{name}"] = str(value)
    try:
        sample(spec, {name: found[f"option.{name}"] for name in spec.options})
    except InputError as error:
        raise WorkspaceError(f"{where}: {error}") from None
    return found


def warehouse_sample(settings: WarehouseSettings, folder: Path) -> list[tuple[str, str]]:
    """Return request lines and bodies as a warehouse of the workspace in `folder` would get them for a sample order.

    Nothing is sent, and no secret is read. Raises InputError for a warehouse that no such file describes, and as
    `warehouse_spec` and `warehouse_options` do.
    """
    if settings.portal != "http":
        raise InputError(f'{settings.code} is driven by {settings.portal}: only portal = "http" is described by a file')
    spec = warehouse_spec(settings, folder)
    values = warehouse_options(settings, spec)
    return sample(spec, {name.removeprefix("option."): value for name, value in values.items()})
