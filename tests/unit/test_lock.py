"""The lock takes hold for orders, filters and whole campaigns; what comes later is late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from data.addresses.lock import lock, lock_campaign, lock_due, unlock
from data.addresses.notice import give_notice
from data.clock import HeldClock
from data.model import InputError, Item
from data.store.undo import undo
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs


def locked(workspace: Workspace) -> list[bool]:
    return [bool(row[0]) for row in workspace.store.rows("SELECT locked_at IS NOT NULL FROM orders ORDER BY id")]


def test_locking_a_campaign_locks_every_order_in_it_and_is_undone_as_one(
    workspace: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    make_order(address=None)
    done = lock_campaign(workspace, campaign)
    assert done.words == "lock EMBER: 2 orders"
    assert locked(workspace) == [True, True]
    assert workspace.store.value("SELECT locked_at FROM campaigns") == "2026-11-23T09:00:00Z"
    assert lock_campaign(workspace, campaign).act is None
    assert done.act is not None
    undo(workspace.store, workspace.actor, done.act)
    assert locked(workspace) == [False, False]


def test_a_notice_locks_nothing_until_its_deadline_has_passed(
    workspace: Workspace, campaign: int, make_order: MakeOrder, clock: HeldClock
) -> None:
    make_order()
    give_notice(workspace, campaign, 48)
    assert workspace.store.value("SELECT lock_at FROM campaigns") == "2026-11-25T09:00:00Z"
    clock.move(timedelta(hours=47, minutes=59))
    assert lock_due(workspace) is None
    assert locked(workspace) == [False]
    clock.move(timedelta(minutes=1))
    assert lock_due(workspace) is not None
    assert locked(workspace) == [True]
    with pytest.raises(InputError, match="has been locked since 2026-11-25"):
        give_notice(workspace, campaign, 48)


def test_unlocking_needs_a_reason_and_keeps_it_as_a_note(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(locked=True)
    with pytest.raises(InputError, match="reason"):
        unlock(workspace, [Item(order, 0)], "  ")
    assert unlock(workspace, [Item(order, 0)], "moved house").done == (order,)
    assert locked(workspace) == [False]
    assert workspace.store.value("SELECT text FROM notes") == "address unlocked: moved house"


def test_an_order_that_a_warehouse_has_is_not_unlocked(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(locked=True)
    make_shipment(order, state="accepted")
    done = unlock(workspace, [Item(order, 0)], "moved house")
    assert "EU1 has it already" in done.refused[0].reason
    assert locked(workspace) == [True]


def test_a_stale_lock_is_refused_naming_the_other_and_the_rest_is_locked(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    orders = [make_order(), make_order()]
    items = [Item(*row) for row in workspace.store.rows("SELECT id, rev FROM orders ORDER BY id")]
    lock(open_as("mira"), [items[0]])
    unlock(open_as("mira"), [Item(orders[0], 0)], "moved house")
    done = lock(workspace, items)
    assert done.done == (orders[1],)
    assert "mira" in done.refused[0].reason
    assert locked(workspace) == [False, True]
