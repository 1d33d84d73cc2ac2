"""A declared portal for one warehouse of a workspace: its file, its options, what it can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from data.clock import Clock
from data.model import WorkspaceError
from data.policy import WarehouseSettings
from data.portals.declared.auth import credentials_for
from data.portals.declared.options import NUMBERS, warehouse_options, warehouse_spec
from data.portals.declared.portal import Declared
from data.portals.declared.shape import Spec
from data.portals.protocol import Caps
from data.portals.secrets import Secret


def make_declared(settings: WarehouseSettings, folder: Path, clock: Clock, secret: Callable[[], Secret]) -> Declared:
    """Return the portal that a warehouse's `options.spec` names; raises WorkspaceError for what is not right in it."""
    spec = warehouse_spec(settings, folder)
    options = warehouse_options(settings, spec)
    numbers = {name: _number(settings, name) for name in NUMBERS if name in settings.options}
    caps = _caps(spec, numbers)
    url = settings.url or spec.url
    credentials = credentials_for(spec.auth, url, secret, options, clock, caps.deadline)
    return Declared(spec, url, credentials, clock, options, caps)


def _caps(spec: Spec, numbers: Mapping[str, float]) -> Caps:
    limits = spec.limits
    return Caps(
        idem=spec.idem,
        lookup=spec.lookup,
        deadline=numbers.get("deadline", limits.deadline),
        max_lag=numbers.get("max_lag", limits.max_lag),
        amend_before=spec.amend.before if spec.amend else None,
        cancel_before=spec.cancel.before if spec.cancel else None,
        hold_before=spec.hold.before if spec.hold else None,
        per_minute=int(numbers.get("per_minute", limits.per_minute)),
        concurrency=int(numbers.get("concurrency", limits.concurrency)),
        stock=spec.stock is not None,
        announce=spec.announce is not None,
        returns=spec.returns is not None,
    )


def _number(settings: WarehouseSettings, name: str) -> float:
    value = settings.options[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < (0 if name == "max_lag" else 1):
        raise WorkspaceError(f"warehouse.{settings.code}.options.{name}: {value!r} is not a number that it can be")
    return float(value)
