"""Warehouses with how their workers are doing, for screens and the command line; and adding one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.dispatch.lock import holder
from data.model import Done
from data.outbox.progress import warehouse_progress, worker_state
from data.policy import WarehouseSettings, save_warehouse
from data.portals.registry import portal_for
from data.stock.warehouses import register
from data.store.sharing import make_folder
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """One warehouse."""

    code: str
    name: str
    countries: tuple[str, ...]
    portal: str
    state: str
    """stopped, paused, working, or idle."""
    open: int
    """Commands a worker still has to do."""
    person: int
    """Commands that wait for a person."""
    done: int
    total: int
    """Of the worker's present run, or its last."""
    rate: float
    open_until: str
    problem: str
    polled_at: str


def warehouse_rows(ws: Workspace) -> list[WarehouseRow]:
    """Return the warehouses of `lastcall.toml`, in its order."""
    stopped = {row[0] for row in ws.store.rows("SELECT code FROM warehouses WHERE stopped_at IS NOT NULL")}
    rows: list[WarehouseRow] = []
    for each in ws.policy.warehouses:
        counted = warehouse_progress(ws.store, each.code)
        worker = worker_state(ws.store, each.code)
        working = holder(ws.path("run"), each.code) is not None
        state = (
            "stopped"
            if each.code in stopped
            else "paused"
            if working and worker.open_until
            else "working"
            if working
            else "idle"
        )
        rows.append(
            WarehouseRow(
                each.code,
                each.name,
                each.countries,
                each.portal,
                state,
                counted.open,
                counted.person,
                worker.done,
                worker.total,
                worker.rate if working else 0.0,
                worker.open_until,
                worker.problem,
                worker.polled_at,
            )
        )
    return rows


def add_warehouse(
    ws: Workspace,
    settings: WarehouseSettings,
    *,
    rules: Mapping[str, Any] | None = None,
    label: Mapping[str, Any] | None = None,
) -> Done:
    """Write a warehouse into `lastcall.toml`, or change it there, and register it; `rules`, `label`: see the writer.

    Raises WorkspaceError for settings that can't be: a code, a country, a portal or an address that is none.
    """
    before = (ws.folder / "lastcall.toml").read_bytes() if (ws.folder / "lastcall.toml").exists() else None
    try:
        save_warehouse(ws.folder, settings, rules=rules, label=label)
        ws.reload_policy()
        portal_for(ws.policy.warehouse(settings.code), ws.folder, ws.clock)
    except Exception:
        # What can't be read back is not left behind: every command would stumble over it.
        if before is not None:
            (ws.folder / "lastcall.toml").write_bytes(before)
            ws.reload_policy()
        raise
    if settings.portal == "file":
        make_folder(make_folder(ws.path("drop") / settings.code) / "in")
    words = f"add warehouse {settings.code}: {settings.name}"
    with ws.write("warehouse.add", words) as tx:
        made = register(tx, ws.policy)
    if settings.code not in made:
        words = f"change warehouse {settings.code}: {settings.name}"
    return Done(tx.act or None, words)
