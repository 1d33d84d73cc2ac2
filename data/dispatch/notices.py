"""Telling a warehouse what will arrive and what comes back: through the outbox, like everything it is told."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from data.dispatch.orders_out import AS_PARTS
from data.dispatch.start import start_worker
from data.model import CommandKind, Done, InputError, Item, Refusal
from data.orders.chosen import campaign_of, choose, counted
from data.outbox.plan import Intent, plan
from data.portals.notices import Carton, InboundNotice, Packing, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import is_key
from data.portals.registry import portal_for
from data.stock.warehouses import register
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible


@dataclass(frozen=True, slots=True)
class Announced:
    """An inbound shipment that was announced to a warehouse, or is about to be."""

    key: str
    warehouse: str
    state: str
    """Of the command: planned, sending, accepted, rejected, doubtful, person, withdrawn."""
    remote_id: str
    """The warehouse's id of it."""
    at: str
    """When it was planned: UTC text."""
    reason: str


def announced(store: Store) -> list[Announced]:
    """List announcements, newest first."""
    return [
        Announced(*row)
        for row in store.rows(
            "SELECT c.key, c.warehouse, c.state, c.remote_id, a.at, c.reason FROM commands c"
            " JOIN journal j ON j.tbl = 'commands' AND j.row_id = c.id AND j.op = 'insert'"
            " JOIN act a ON a.id = j.act_id WHERE c.kind = 'announce' ORDER BY c.id DESC"
        )
    ]


_TEXTS = ("purchase_order", "supplier", "carrier", "tracking_number", "vessel", "container", "bill_of_lading")
_TOLD = "FROM commands WHERE shipment_id = ? AND kind = 'return'"
_FIELDS = {"key", "expected_on", "packing", "carton", *_TEXTS}


def announce(ws: Workspace, warehouse: str, notice: InboundNotice, *, start: bool = True) -> Done:
    """Plan the announcement of an inbound shipment; the warehouse's worker makes it, once.

    Raises InputError for a notice the warehouse's portal can't express, for a SKU that is no product, and for a key
    that was announced before; WorkspaceError when there is no such warehouse or it takes no announcements.
    """
    portal = portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock)
    if not portal.caps.announce:
        raise InputError(f"{warehouse} takes no announcements through its portal: tell the people there, as agreed")
    body = portal.render_notice(notice)
    pieces = sum(line.quantity for line in notice.lines)
    words = f"announce {notice.key} to {warehouse}: {pieces:,} pieces"
    with ws.write("inbound.announce", words) as tx:
        register(tx, ws.policy)
        _refuse_unknown(tx, notice)
        if tx.one(
            "SELECT 1 FROM commands WHERE warehouse = ? AND kind = 'announce' AND key = ?"
            " AND state NOT IN ('rejected', 'withdrawn')",
            (warehouse, notice.key),
        ):
            raise InputError(f"{notice.key} was announced to {warehouse} already")
        made = plan(tx, Intent(CommandKind.ANNOUNCE, warehouse, notice.key, body))
    note = start_worker(ws, warehouse) if start else ""
    return Done(tx.act, words, made=(made,), notes=(note,) if note else ())


def ask_return(
    ws: Workspace,
    items: Sequence[Item],
    action: ReturnAction = ReturnAction.DEFAULT,
    *,
    tracking_number: str = "",
    reason: str = "",
    start: bool = True,
) -> Done:
    """Tell warehouses that what they sent for some orders comes back, and what is to become of it.

    Refuses orders of which nothing has left, whose warehouse takes no such notice, or that were told already.
    """
    done: list[int] = []
    codes: set[str] = set()
    with ws.write("order.return", "ask for returns", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        for order in chosen:
            if words := _ask_one(tx, ws, order.id, action, tracking_number, reason, codes):
                refused.append(Refusal(order.id, order.number, words))
            else:
                done.append(order.id)
        tx.words = f"announce the return of {counted(len(done), 'order')}" + (f": {reason}" if reason else "")
    notes = [note for code in sorted(codes) if (note := start_worker(ws, code))] if start else []
    return Done(tx.act or None, tx.words, tuple(done), tuple(refused), notes=tuple(notes))


def read_inbound(path: Path) -> InboundNotice:
    """Read an inbound shipment from a TOML file.

    `key`, `expected_on` (a date) and one `[[carton]]` or more with `count`, `reference` and `lines = {SKU = pieces}`.
    Raises InputError naming the file and the field.
    """
    try:
        with path.open("rb") as stream:
            told = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name}: {error}") from error
    for name in sorted(told.keys() - _FIELDS):
        raise InputError(
            f"{path.name}, {visible(name)}: there is no such field; known are {', '.join(sorted(_FIELDS))}"
        )
    key, packing = told.get("key"), told.get("packing", str(Packing.PARCELS))
    if not isinstance(key, str) or not is_key(key):
        raise InputError(f"{path.name}, key: it is 1 to 40 of A-Z a-z 0-9 _ -")
    if packing not in set(Packing):
        raise InputError(f"{path.name}, packing: it is one of {', '.join(Packing)}")
    for name in _TEXTS:
        if not isinstance(told.get(name, ""), str):
            raise InputError(f"{path.name}, {name}: it must be text")
    return InboundNotice(
        key,
        _day(path, told.get("expected_on")),
        _cartons(path, told.get("carton")),
        Packing(packing),
        **{name: told.get(name, "") for name in _TEXTS},
    )


def _ask_one(
    tx: Write, ws: Workspace, order_id: int, action: ReturnAction, tracking: str, reason: str, codes: set[str]
) -> str:
    """Plan the notice for each shipment of an order that has left; return why nothing was planned, or nothing."""
    shipments = tx.rows(
        "SELECT s.id, s.warehouse, s.key, s.remote_id, s.backer_id FROM shipments s"
        " WHERE s.state IN ('part_shipped', 'shipped', 'delivered', 'returned') AND s.remote_id <> ''"
        " AND s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = ?) ORDER BY s.id",
        (order_id,),
    )
    if not shipments:
        return "nothing of it has left a warehouse"
    for shipment_id, warehouse, *_ in shipments:
        if not portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock).caps.returns:
            return f"{warehouse} takes no returns through its portal: tell the people there, as agreed"
        if tx.one(f"SELECT 1 {_TOLD} AND state NOT IN ('rejected', 'withdrawn')", (shipment_id,)):
            return f"{warehouse} was told already that it comes back"
    for shipment_id, warehouse, key, remote_id, backer_id in shipments:
        lines = tuple(
            ReturnLine(sku, quantity, action)
            for sku, quantity in tx.rows(
                f"SELECT p.sku, sum(l.quantity * coalesce(k.quantity, 1)) FROM shipment_lines l {AS_PARTS}"
                " WHERE l.shipment_id = ? AND l.order_id = ? GROUP BY p.sku",
                (shipment_id, order_id),
            )
        )
        number = tx.rows("SELECT count(*) FROM commands WHERE shipment_id = ? AND kind = 'return'", (shipment_id,))[0][
            0
        ]
        notice = ReturnNotice(f"{key}-R{number + 1}", key, remote_id, lines, tracking, reason)
        body = portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock).render_notice(notice)
        plan(
            tx,
            Intent(CommandKind.RETURN, warehouse, notice.key, body, shipment_id=shipment_id, backer_id=backer_id),
        )
        codes.add(warehouse)
    return ""


def _refuse_unknown(tx: Write, notice: InboundNotice) -> None:
    """Raise InputError for a SKU that is no product."""
    for line in notice.lines:
        if tx.one("SELECT 1 FROM products WHERE sku = ?", (line.sku,)) is None:
            raise InputError(f"{notice.key}: there is no product {visible(line.sku)}")


def _day(path: Path, value: Any) -> str:
    """Return a date as ISO 8601 text."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise InputError(f"{path.name}, expected_on: it is a date like 2026-12-04") from error


def _cartons(path: Path, value: Any) -> tuple[Carton, ...]:
    """Return the cartons; raises InputError naming the field of the one that is wrong."""
    if not isinstance(value, list) or not value:
        raise InputError(f"{path.name}, carton: give at least one [[carton]]")
    made: list[Carton] = []
    for at, each in enumerate(value, 1):
        where = f"{path.name}, carton {at}"
        if not isinstance(each, dict) or each.keys() - {"count", "reference", "lines"}:
            raise InputError(f"{where}: it has count, reference and lines")
        count, reference, lines = each.get("count", 1), each.get("reference", ""), each.get("lines")
        if not _is_count(count):
            raise InputError(f"{where}, count: it is a whole number above 0")
        if not isinstance(reference, str):
            raise InputError(f"{where}, reference: it must be text")
        if not isinstance(lines, dict) or not lines or not all(map(_is_count, lines.values())):
            raise InputError(f"{where}, lines: it is SKU = pieces, a whole number above 0 each")
        made.append(Carton(reference, tuple(RemoteLine(sku, pieces) for sku, pieces in lines.items()), count))
    return tuple(made)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
