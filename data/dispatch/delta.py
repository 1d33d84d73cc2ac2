"""Delta batches: what was added, changed and cancelled at a warehouse since one of its batches.

Where a warehouse takes corrections one by one they have gone to it already, and the batch holds what was added. Where
it takes whole batches only (class `file`), amendments and cancels wait, planned, until a delta batch carries them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.addresses.versions import read_address
from data.clock import utc_text
from data.dispatch.batches import OpenBatch, choose_orders, next_number
from data.dispatch.mint import mint
from data.dispatch.orders_out import read_shipment
from data.model import BatchState, Done, InputError, Refusal
from data.orders.chosen import counted
from data.orders.split import PARTS
from data.portals.protocol import Portal
from data.stock.warehouses import register
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible

_WAITING = """FROM commands c JOIN shipments s ON s.id = c.shipment_id
WHERE c.warehouse = ? AND s.campaign_id = ? AND c.kind IN ('amend', 'cancel') AND c.state = 'planned'
AND c.batch_id IS NULL"""


@dataclass(frozen=True, slots=True)
class Correction:
    """One change or cancel of what a warehouse has."""

    command_id: int
    order_id: int
    number: str
    """The order's number."""
    key: str
    kind: str
    """amend or cancel."""
    state: str
    """Of its command."""
    words: str
    """Where it is to go now, or why it was refused."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What has come about for a warehouse since a batch was sent."""

    warehouse: str
    since: int
    """The number of that batch."""
    added: int
    """Orders allocated to it and in no batch yet."""
    changed: tuple[Correction, ...]
    cancelled: tuple[Correction, ...]


def read_delta(store: Store, number: int) -> Delta:
    """Return what was added, changed and cancelled since a batch; raises InputError for one that was not sent."""
    row = store.one("SELECT warehouse, campaign_id, sent_at FROM batches WHERE number = ?", (number,))
    if row is None or row[2] is None:
        raise InputError(f"batch {number} was not sent" if row else f"there is no batch {number}")
    warehouse, campaign_id, sent_at = row
    added = store.value(
        "SELECT (SELECT count(*) FROM orders"
        "  WHERE warehouse = :code AND stage = 'allocated' AND campaign_id = :campaign)"
        f" + (SELECT count(*) FROM ({PARTS}) WHERE warehouse = :code AND campaign_id = :campaign)",
        {"code": warehouse, "campaign": campaign_id},
    )
    found = _read(
        store,
        "c.warehouse = ? AND c.kind IN ('amend', 'cancel') AND s.campaign_id = ? AND a.at >= ?",
        (warehouse, campaign_id, sent_at),
    )
    return Delta(
        warehouse,
        number,
        int(added),
        tuple(each for each in found if each.kind == "amend"),
        tuple(each for each in found if each.kind == "cancel"),
    )


def corrections_of(store: Store, batch_id: int) -> list[Correction]:
    """List the changes and cancels that a batch carries."""
    return _read(store, "c.batch_id = ? AND c.kind IN ('amend', 'cancel')", (batch_id,))


def waiting_corrections(store: Store, warehouse: str) -> int:
    """Count the changes and cancels that wait for a delta batch of a warehouse."""
    return int(
        store.value(
            "SELECT count(*) FROM commands INDEXED BY commands_urgent WHERE warehouse = ? AND state = 'planned'"
            " AND kind <> 'push' AND kind IN ('amend', 'cancel') AND batch_id IS NULL",
            (warehouse,),
        )
    )


def create_delta(
    ws: Workspace, campaign_id: int, warehouse: str, *, since: int | None = None, early: bool = False
) -> Done:
    """Make a draft batch of everything that has come about for a warehouse since one of its batches.

    `since` is the number of that batch, the last one sent by default. Orders go in as in any batch; with them go the
    changes and cancels that wait for a batch. `made` holds the batch's id; nothing is made when there is nothing.
    Raises InputError for a batch of another warehouse or one that was not sent, and where none was sent yet.
    """
    ws.policy.warehouse(warehouse)
    with ws.write("batch.delta", f"create a delta batch for {warehouse}", campaign=campaign_id) as tx:
        register(tx, ws.policy)
        base_id, base = _base(tx, campaign_id, warehouse, since)
        chosen, refused, notes = choose_orders(tx, campaign_id, warehouse, None, None, early)
        waiting = [row[0] for row in tx.rows(f"SELECT c.id {_WAITING} ORDER BY c.id", (warehouse, campaign_id))]
        if not chosen and not waiting:
            tx.words = f"nothing has come about for {warehouse} since batch {base}"
            return Done(None, tx.words, refused=refused, notes=notes)
        number = next_number(tx)
        batch_id = tx.insert(
            "batches",
            {
                "number": number,
                "campaign_id": campaign_id,
                "warehouse": warehouse,
                "state": str(BatchState.DRAFT),
                "base_id": base_id,
                "early": int(early),
                "created_at": utc_text(ws.clock.now()),
            },
        )
        if chosen:
            mint(tx, batch_id, warehouse, chosen)
        for each in waiting:
            tx.run("UPDATE commands SET batch_id = ?, rev = rev + 1 WHERE id = ?", (batch_id, each))
        parts = [f"{counted(len(chosen), 'order')} added"] if chosen else []
        parts += [f"{counted(len(waiting), 'correction')}"] if waiting else []
        tx.words = f"create batch {number} for {warehouse}, a delta since batch {base}: {', '.join(parts)}"
    return Done(tx.act, tx.words, tuple(chosen), refused, (batch_id,), notes)


def create_delta_since(ws: Workspace, number: int, *, early: bool = False) -> Done:
    """Make a draft batch of what has come about since a batch, for its warehouse; raises as `create_delta`."""
    row = ws.store.one("SELECT campaign_id, warehouse FROM batches WHERE number = ?", (number,))
    if row is None:
        raise InputError(f"there is no batch {number}")
    return create_delta(ws, row[0], row[1], since=number, early=early)


def check_corrections(tx: Write, batch: OpenBatch, portal: Portal) -> list[Refusal]:
    """Let out of a draft the changes whose new address the warehouse's portal can't express; returns them with why."""
    refused: list[Refusal] = []
    for command_id, shipment_id, to_id, order_id, number in tx.rows(
        "SELECT c.id, c.shipment_id, h.to_id, o.id, o.number FROM commands c JOIN changes h ON h.id = c.change_id"
        " JOIN orders o ON o.id = h.order_id WHERE c.batch_id = ? AND c.kind = 'amend' AND c.state = 'planned'",
        (batch.id,),
    ):
        address = read_address(tx, to_id)
        assert address is not None
        try:
            portal.render_push(replace(read_shipment(tx, shipment_id).order, address=address))
        except InputError as error:
            release_corrections(tx, batch.id, command_id)
            refused.append(Refusal(order_id, number, f"its new address: {visible(str(error))}"))
    return refused


def count_corrections(reads: Store | Write, batch_id: int) -> int:
    """Count the changes and cancels that a batch would send."""
    row = reads.one(
        "SELECT count(*) FROM commands WHERE batch_id = ? AND state = 'planned' AND kind <> 'push'", (batch_id,)
    )
    return int(row[0]) if row else 0


def release_corrections(tx: Write, batch_id: int, command_id: int | None = None) -> None:
    """Let what a batch would have corrected, or one command of it, wait for another batch."""
    tx.run(
        "UPDATE commands SET batch_id = NULL, rev = rev + 1 WHERE batch_id = ? AND state = 'planned' AND kind <> 'push'"
        " AND id = coalesce(?, id)",
        (batch_id, command_id),
    )


def _base(tx: Write, campaign_id: int, warehouse: str, since: int | None) -> tuple[int, int]:
    """Return the id and number of the batch a delta begins at."""
    row = tx.one(
        "SELECT id, number FROM batches WHERE warehouse = ? AND campaign_id = ? AND sent_at IS NOT NULL"
        " AND number = coalesce(?, number) ORDER BY number DESC LIMIT 1",
        (warehouse, campaign_id, since),
    )
    if row is None:
        what = (
            f"batch {since} is no batch that was sent to {warehouse}" if since else f"no batch was sent to {warehouse}"
        )
        raise InputError(f"{what} in this campaign: make an ordinary batch")
    return row[0], row[1]


def _read(store: Store, which: str, values: tuple[object, ...]) -> list[Correction]:
    """Read corrections, the oldest first; merged orders are named by the one that leads."""
    return [
        Correction(*row)
        for row in store.rows(
            "SELECT c.id, o.id, o.number, c.key, c.kind, c.state, CASE WHEN c.kind = 'cancel' OR c.state <> 'planned'"
            "  THEN c.reason ELSE coalesce(x.line1 || ', ' || x.city, '') END"
            " FROM commands c JOIN shipments s ON s.id = c.shipment_id"
            " JOIN orders o ON o.id = (SELECT min(order_id) FROM shipment_lines l WHERE l.shipment_id = s.id)"
            " JOIN journal j ON j.tbl = 'commands' AND j.row_id = c.id AND j.op = 'insert'"
            " JOIN act a ON a.id = j.act_id"
            " LEFT JOIN changes h ON h.id = c.change_id LEFT JOIN addresses x ON x.id = h.to_id"
            f" WHERE {which} ORDER BY c.id",
            values,
        )
    ]
