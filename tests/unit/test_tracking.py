"""What a warehouse's report does to shipments, parcels, addresses, orders and issues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from data.clock import HeldClock, utc_text
from data.issues.rules import raise_reported, raise_stuck
from data.model import Address, HoldKind, Item, ParcelStatus, ShipmentState
from data.orders.holds import hold
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState
from data.store.workspace import Workspace
from data.tracking.apply import Report, apply_states
from data.tracking.parcels import report_instant

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
AWAY = replace(HOME, line1="Rue de la Paix 9", city="Paris", postcode="75002", country="FR")
AT = ShipmentState.ACCEPTED

Make = Callable[..., int]


@pytest.fixture
def report(workspace: Workspace) -> Callable[..., Report]:
    """Return `report(state, ...)`: one poll of EU1 with these states, issues raised."""

    def report_(*states: RemoteState, warehouse: str = "EU1") -> Report:
        at = utc_text(workspace.clock.now())
        with workspace.write("tracking.poll", "a poll", compensate="sync") as tx:
            found = apply_states(tx, warehouse, states, at)
            raise_reported(tx, found, at)
        return found

    return report_


@pytest.fixture
def sent(make_order: Make, make_shipment: Make) -> int:
    """A shipment `K1` of order 1001 (two games and a mat) that EU1 has accepted."""
    order = make_order(lines=(("GAME", 2), ("MAT", 1)))
    return make_shipment(order, state="sending", key="K1")


def state(status: ShipmentState | None = AT, raw: str = "", **more: Any) -> RemoteState:
    return RemoteState(reference="K1", remote_id="SB1", raw_status=raw or str(status), status=status, **more)


def parcel(status: ParcelStatus, raw: str = "", number: str = "JD1", **more: Any) -> RemoteParcel:
    return RemoteParcel("DHL", number, raw_status=raw or str(status), status=status, **more)


def one(ws: Workspace, sql: str) -> tuple[Any, ...]:
    found = ws.store.one(sql)
    assert found is not None
    return found


def stage(ws: Workspace) -> str:
    return str(ws.store.value("SELECT stage FROM orders WHERE number = '1001'"))


def issues(ws: Workspace) -> list[tuple[Any, ...]]:
    return ws.store.rows("SELECT rule, type, title, state FROM issues ORDER BY id")


def test_an_order_follows_its_shipment_to_the_door(
    workspace: Workspace, sent: int, report: Callable[..., Report], clock: HeldClock
) -> None:
    for status, expected in (
        (ShipmentState.ACCEPTED, "at_warehouse"),
        (ShipmentState.PICKING, "picking"),
        (ShipmentState.SHIPPED, "shipped"),
        (ShipmentState.DELIVERED, "delivered"),
    ):
        clock.move(timedelta(hours=1))
        report(state(status))
        assert stage(workspace) == expected
    assert one(workspace, "SELECT shipped_at, delivered_at, remote_id FROM shipments") == (
        "2026-11-23T12:00:00Z",
        "2026-11-23T13:00:00Z",
        "SB1",
    )


def test_a_late_echo_takes_nothing_back_and_its_word_is_kept(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(ShipmentState.DELIVERED, parcels=(parcel(ParcelStatus.DELIVERED),)))
    report(state(ShipmentState.PICKING, "Picking list 7", parcels=(parcel(ParcelStatus.IN_TRANSIT, "ON THE VAN"),)))
    assert one(workspace, "SELECT state, raw_status FROM shipments") == ("delivered", "Picking list 7")
    assert one(workspace, "SELECT status, raw_status FROM parcels") == ("delivered", "ON THE VAN")
    assert stage(workspace) == "delivered"


def test_a_word_that_no_table_knows_is_kept_and_moves_nothing(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(ShipmentState.PICKING))
    report(state(None, "GONE FISHING"))
    assert one(workspace, "SELECT state, raw_status FROM shipments") == ("picking", "GONE FISHING")


def test_the_same_report_again_leaves_no_act(workspace: Workspace, sent: int, report: Callable[..., Report]) -> None:
    said = state(
        ShipmentState.SHIPPED,
        address=HOME,
        exceptions=("customs asks for an invoice",),
        parcels=(parcel(ParcelStatus.IN_TRANSIT, raw_at="2026-11-23T08:00:00Z", lines=(RemoteLine("GAME", 2),)),),
    )
    report(said)
    before = one(workspace, "SELECT max(id), (SELECT count(*) FROM journal) FROM act")
    again = report(said)
    assert one(workspace, "SELECT max(id), (SELECT count(*) FROM journal) FROM act") == before
    assert (again.shipments, again.parcels) == ([], [])
    assert one(workspace, "SELECT sku, quantity FROM parcel_lines") == ("GAME", 2)


def test_several_parcels_are_kept_apart_and_found_by_their_numbers(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(
        state(
            ShipmentState.PART_SHIPPED,
            parcels=(parcel(ParcelStatus.IN_TRANSIT), parcel(ParcelStatus.PRE_TRANSIT, number="JD2")),
        )
    )
    assert stage(workspace) == "part_shipped"
    report(state(ShipmentState.SHIPPED, parcels=(parcel(ParcelStatus.DELIVERED),)))
    assert workspace.store.rows("SELECT tracking_number, status FROM parcels ORDER BY id") == [
        ("JD1", "delivered"),
        ("JD2", "pre_transit"),
    ]
    assert one(workspace, "SELECT count(*) FROM order_search WHERE order_search MATCH 'JD2'") == (1,)


def test_an_address_that_drifts_is_kept_and_raised_and_closes_when_it_comes_back(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(address=replace(HOME, city="BERLIN ", line1="elm street 5")))
    assert one(workspace, "SELECT held_address_id = address_id FROM shipments") == (1,)
    assert report(state(address=AWAY)).drifted == [sent]
    assert one(
        workspace,
        "SELECT a.city, a.source, a.backer_id = s.backer_id FROM shipments s"
        " JOIN addresses a ON a.id = s.held_address_id",
    ) == ("Paris", "warehouse", 1)
    assert [(rule, type_) for rule, type_, *_ in issues(workspace)] == [("shipment.address", "address")]
    report(state(address=HOME))
    report(state(address=AWAY))
    assert one(workspace, "SELECT count(*) FROM addresses") == (2,)
    assert [row[3] for row in issues(workspace)] == ["resolved", "new"]


def test_an_order_we_never_sent_is_a_stranger_and_another_warehouses_key_is_one_too(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    assert report(replace(state(), reference="NOBODY")).strangers == ["NOBODY"]
    assert report(state(ShipmentState.SHIPPED), warehouse="US1").strangers == ["K1"]
    assert stage(workspace) == "sending"


@pytest.mark.parametrize("ours", ["draft", "rejected", "cancelled"])
def test_what_counts_as_not_going_out_is_not_moved_by_a_warehouse_that_works_on_it(
    workspace: Workspace, make_order: Make, make_shipment: Make, report: Callable[..., Report], ours: str
) -> None:
    shipment = make_shipment(make_order(), state=ours, key="K1")
    said = report(state(ShipmentState.PICKING), state(ShipmentState.PICKING))
    assert said.contradicted == [shipment, shipment]
    assert one(workspace, "SELECT state FROM shipments") == (ours,)
    assert [row[0] for row in issues(workspace)] == ["shipment.contradiction"]


def test_a_cancel_that_was_asked_for_is_finished_by_the_poll(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(ShipmentState.ACCEPTED))
    with workspace.write("order.cancel", "ask") as tx:
        tx.run("UPDATE orders SET cancel_asked_at = '2026-11-23T09:00:00Z', rev = rev + 1")
    report(state(ShipmentState.CANCELLED))
    assert stage(workspace) == "cancelled"
    assert issues(workspace) == []


def test_a_cancel_that_nobody_asked_for_holds_the_order_and_raises_an_issue(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    order = one(workspace, "SELECT id FROM orders")[0]
    hold(workspace, [Item(order, 0)], HoldKind.CUSTOMS, "papers")
    assert report(state(ShipmentState.CANCELLED)).cancelled == [sent]
    assert stage(workspace) == "allocated"
    assert workspace.store.rows("SELECT kind FROM holds WHERE released_at IS NULL ORDER BY kind") == [
        ("customs",),
        ("operator",),
    ]
    assert [row[0] for row in issues(workspace)] == ["shipment.cancelled"]


def test_what_has_left_can_not_be_cancelled_by_a_report(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(ShipmentState.SHIPPED))
    report(state(ShipmentState.CANCELLED))
    assert stage(workspace) == "shipped"


def test_one_trouble_is_one_issue_that_later_reports_make_more_exact(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    searching = ("carrier is searching for the parcel",)
    report(state(ShipmentState.SHIPPED, parcels=(parcel(ParcelStatus.IN_TRANSIT),)))
    report(state(ShipmentState.SHIPPED, exceptions=searching, parcels=(parcel(ParcelStatus.UNKNOWN, "TRACE OPENED"),)))
    assert issues(workspace) == [("shipment.problem", "exception", searching[0], "new")]
    assert one(workspace, "SELECT status, raw_status FROM parcels") == ("in_transit", "TRACE OPENED")
    lost = state(
        ShipmentState.SHIPPED, exceptions=("lost by the carrier",), parcels=(parcel(ParcelStatus.FAILURE, "LOST"),)
    )
    report(lost)
    report(replace(lost, exceptions=("lost by the carrier, sorry",)))
    assert issues(workspace) == [("parcel.failure", "lost", "delivery failed: LOST (JD1)", "new")]


def test_a_complaint_that_is_taken_back_closes_its_issue_unless_somebody_has_taken_it(
    workspace: Workspace, sent: int, report: Callable[..., Report]
) -> None:
    report(state(ShipmentState.BLOCKED, exceptions=("out of stock: MAT",)))
    assert issues(workspace)[0][:2] == ("shipment.problem", "stock")
    report(state(ShipmentState.PICKING))
    assert issues(workspace)[0][3] == "resolved"
    report(state(ShipmentState.PICKING, exceptions=("out of stock: MAT",)))
    with workspace.write("issue.take", "mine") as tx:
        tx.run("UPDATE issues SET assigned_to = 'dana', state = 'triage', rev = rev + 1 WHERE state = 'new'")
    report(state(ShipmentState.PACKED))
    assert [row[3] for row in issues(workspace)] == ["resolved", "triage"]


def test_a_silent_parcel_is_raised_once_for_each_silence(
    workspace: Workspace, sent: int, report: Callable[..., Report], clock: HeldClock
) -> None:
    def stuck() -> int:
        with workspace.write("issue.stuck", "stuck") as tx:
            return len(raise_stuck(tx, "EU1", clock.now(), 15))

    report(state(ShipmentState.SHIPPED, parcels=(parcel(ParcelStatus.IN_TRANSIT, raw_at="21.11.2026 10:00"),)))
    clock.move(timedelta(days=15))
    assert stuck() == 0
    clock.move(timedelta(seconds=1))
    assert (stuck(), stuck()) == (1, 0)
    report(state(ShipmentState.SHIPPED, parcels=(parcel(ParcelStatus.OUT_FOR_DELIVERY),)))
    assert [row[3] for row in issues(workspace)] == ["resolved"]
    clock.move(timedelta(days=16))
    assert stuck() == 1


def test_a_report_is_dated_by_itself_only_where_its_time_is_one() -> None:
    at = "2026-11-23T09:00:00Z"
    assert report_instant("2026-11-22T10:00:00+02:00", at) == "2026-11-22T08:00:00Z"
    assert report_instant("2026-11-22T10:00:00", at) == at
    assert report_instant("22/11/2026", at) == at
    assert report_instant("2027-01-01T00:00:00Z", at) == at


def test_an_order_that_can_not_be_settled_does_not_hold_up_the_others(
    workspace: Workspace, make_order: Make, make_shipment: Make, report: Callable[..., Report]
) -> None:
    odd = make_shipment(make_order(), state="accepted", key="K1")
    make_shipment(make_order(), state="accepted", key="K2")
    with workspace.write("test.break", "a stage no table allows to leave") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE number = '1001'")
        tx.run("UPDATE orders SET stage = 'needs_info', rev = rev + 1 WHERE number = '1002'")
    said = report(state(ShipmentState.SHIPPED), replace(state(ShipmentState.SHIPPED), reference="K2"))
    assert odd in said.shipments
    assert [problem for problem in said.problems if "needs_info to shipped" in problem]
    assert workspace.store.rows("SELECT state FROM shipments") == [("shipped",), ("shipped",)]
