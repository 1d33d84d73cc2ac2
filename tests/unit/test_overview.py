"""The overview's counts, each against the rows it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data.desk.overview import read_overview
from data.dispatch.lock import WorkerLock
from data.issues.verbs import raise_issue
from data.model import IssueType, Item
from data.store.workspace import Workspace
from data.tracking.reconcile import reconcile, remainders

Make = Callable[..., int]


def test_the_overview_counts_what_waits_and_how_far_everything_is(
    workspace: Workspace, make_order: Make, make_shipment: Make, make_parcel: Callable[..., int]
) -> None:
    make_order(address=None)
    make_order(lines=(("GAME", 2), ("MAT", 1)), holds=("payment", "client"))
    make_order(warehouse="EU1", late=True)
    gone = make_order()
    make_parcel(make_shipment(gone, state="shipped"), status="in_transit")
    raise_issue(workspace, [Item(gone, 0)], IssueType.LOST, "where is it")
    seen = read_overview(workspace.store)
    assert (seen.orders, seen.units, seen.late) == (4, 6, 1)
    assert seen.stages == {"needs_info": 1, "ready": 1, "allocated": 1, "shipped": 1}
    assert (seen.held, seen.unpaid) == ({"client": 1, "payment": 1}, 1)
    assert (seen.issues, seen.oldest_issue) == ({"lost": 1}, "2026-11-23T09:00:00Z")
    assert seen.parcels == {"in_transit": 1}
    assert [(each.code, each.waiting, each.working) for each in seen.warehouses] == [("EU1", 1, False)]


def test_a_campaigns_overview_leaves_the_other_campaigns_out(
    workspace: Workspace, make_order: Make, make_shipment: Make, make_parcel: Callable[..., int], campaign: int
) -> None:
    with workspace.write("campaign.add", "another") as tx:
        other = tx.insert("campaigns", {"code": "OTHER", "name": "Other"})
        for code in ("EMBER", "OTHER"):
            tx.run(
                "INSERT INTO items(campaign_id, kind, name) SELECT id, 'tier', ? FROM campaigns WHERE code = ?",
                (code, code),
            )
    for scope in (campaign, campaign, other):
        order = make_order(campaign_id=scope, holds=("customs",), late=True)
        make_parcel(make_shipment(order, state="delivered"), status="delivered", tracking_number=f"JD{order}")
        raise_issue(workspace, [Item(order, 0)], IssueType.OTHER, "odd")
    alone, both = read_overview(workspace.store, other), read_overview(workspace.store)
    for seen, number in ((alone, 1), (both, 3)):
        assert (seen.orders, seen.units, seen.late) == (number, number, number)
        assert seen.stages == {"delivered": number}
        assert (seen.held, seen.issues, seen.parcels) == (
            {"customs": number},
            {"other": number},
            {"delivered": number},
        )
    assert (alone.unmapped, both.unmapped) == (1, 2)


def test_changes_are_counted_by_what_they_are_and_those_that_closed_themselves_apart(
    workspace: Workspace, make_order: Make, campaign: int
) -> None:
    order = make_order()
    with workspace.write("test.changes", "changes") as tx:
        for state, label, level in (
            ("waiting", "material", 4),
            ("asked", "correction_of_invalid", 2),
            ("waiting", "trivial", 1),
            ("no_change", "identical", 0),
            ("rejected", "material", 4),
        ):
            tx.run(
                "INSERT INTO changes(order_id, backer_id, source, at, from_id, to_id, state, label, level, fields,"
                " reasons) SELECT id, backer_id, 'import', '2026', address_id, address_id, ?, ?, ?, '[]', '[]'"
                " FROM orders WHERE id = ?",
                (state, label, level, order),
            )
        tx.insert("campaigns", {"code": "OTHER", "name": "Other"})
    for scope in (None, campaign):
        seen = read_overview(workspace.store, scope)
        assert list(seen.changes.items()) == [("zone", 1), ("repair", 1), ("trivial", 1)]
        assert seen.closed_changes == 1


def test_a_worker_is_at_work_while_it_holds_the_lock(workspace: Workspace, make_order: Make) -> None:
    make_order(warehouse="EU1")
    with WorkerLock(workspace.path("run"), "EU1") as lock:
        assert lock.take()
        assert read_overview(workspace.store).warehouses[0].working
    assert not read_overview(workspace.store).warehouses[0].working


def test_every_piece_is_somewhere_and_what_is_nowhere_is_listed_by_line(
    workspace: Workspace, make_order: Make, make_shipment: Make
) -> None:
    make_order(lines=(("GAME", 2), (None, 1)))
    make_order(holds=("customs",))
    split = make_order(lines=(("GAME", 3),))
    make_shipment(split, quantities=(2,), state="shipped")
    make_shipment(split, quantities=(1,), warehouse="US1", state="picking")
    lacking = make_order(lines=(("GAME", 4),))
    make_shipment(lacking, quantities=(1,), state="accepted")

    def places() -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (each.sku, each.warehouse): {
                **{place: pieces for place, pieces in each.places.items() if pieces},
                **({"unexplained": each.unexplained} if each.unexplained else {}),
            }
            for each in reconcile(workspace.store)
        }

    assert places() == {
        ("", ""): {"needs_info": 1},
        ("GAME", ""): {"needs_info": 2, "held": 1},
        ("GAME", "EU1"): {"shipped": 2, "at_warehouse": 1, "unexplained": 3},
        ("GAME", "US1"): {"picking": 1},
    }
    assert sum(each.ordered for each in reconcile(workspace.store)) == 11
    found = list(remainders(workspace.store))
    assert [(each.order_id, each.sku, each.ordered, each.live) for each in found] == [(lacking, "GAME", 4, 1)]
