"""Workers are started for what can be done now, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from data.clock import HeldClock, utc_text
from data.dispatch import wake
from data.dispatch.ask import ask
from data.dispatch.stop import stop_warehouse
from data.model import CommandKind
from data.outbox.plan import Intent, plan
from data.policy import WarehouseSettings, save_warehouse
from data.stock.warehouses import register
from data.store.workspace import Workspace

Make = Callable[..., int]


@pytest.fixture
def started(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A workspace with the warehouse EU1, and the codes of the workers that were started: the processes are not."""
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills"))
    workspace.reload_policy()
    with workspace.write("test", "register") as tx:
        register(tx, workspace.policy)
    codes: list[str] = []

    def note(ws: Workspace, code: str) -> str:
        codes.append(code)
        return ""

    monkeypatch.setattr(wake, "start_worker", note)
    return codes


def _plan(ws: Workspace, shipment: int) -> None:
    with ws.write("test", "plan") as tx:
        plan(tx, Intent(kind=CommandKind.PUSH, warehouse="EU1", key="KEY-1", body="{}", shipment_id=shipment))


def test_nothing_is_started_where_nothing_is_to_be_done(workspace: Workspace, started: list[str]) -> None:
    assert wake.start_needed(workspace) == ()
    assert started == []


def test_a_planned_command_and_an_open_request_each_wake_the_worker(
    workspace: Workspace, started: list[str], make_order: Make, make_shipment: Make
) -> None:
    _plan(workspace, make_shipment(make_order(warehouse="EU1"), warehouse="EU1", state="sending"))
    wake.start_needed(workspace)
    ask(workspace, ["EU1"], "poll", start=False)
    wake.start_needed(workspace)
    assert started == ["EU1", "EU1"]


def test_a_stopped_warehouse_and_a_paused_portal_are_left_alone(
    workspace: Workspace, clock: HeldClock, started: list[str], make_order: Make, make_shipment: Make
) -> None:
    _plan(workspace, make_shipment(make_order(warehouse="EU1"), warehouse="EU1", state="sending"))
    with workspace.store.derive() as tx:
        until = utc_text(clock.now() + timedelta(minutes=5))
        tx.run("INSERT INTO portal_state(warehouse, open_until) VALUES ('EU1', ?)", (until,))
    wake.start_needed(workspace)
    clock.move(timedelta(minutes=6))
    stop_warehouse(workspace, "EU1")
    wake.start_needed(workspace)
    assert started == []


def test_a_warehouse_added_by_another_program_is_taken_in_once_it_is_written(workspace: Workspace) -> None:
    workspace.reload_policy()
    before = workspace.policy
    workspace.reload_policy()
    assert workspace.policy is before
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Harbor & Sons"))
    workspace.reload_policy()
    assert [each.code for each in workspace.policy.warehouses] == ["US1"]
