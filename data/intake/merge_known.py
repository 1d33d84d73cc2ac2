"""The part of a merge that is about orders there are: facts, lines, payment, cancellation, and address changes."""

from __future__ import annotations

import json

from data.addresses.compare import Comparison, FieldVerdict
from data.addresses.propose import Judged, propose
from data.intake.bulk import next_id
from data.intake.staging import ADDRESS_COLUMNS, ORDER_COLUMNS, order_columns
from data.model import Address, AddressSource, Label
from data.orders.stages import settle
from data.orders.units import count_units
from data.store.store import Write


def merge_known(tx: Write, values: dict[str, object], lines: int) -> None:
    """Write what the files say of orders there are; `lines` is how many order lines that makes."""
    tx.run(_FACTS, values)
    tx.run(_BACKERS)
    _replace_lines(tx, values, lines)
    tx.run(_CANCEL)
    _holds(tx, values)
    _notes(tx, values)
    tx.run(_FIRST_ADDRESS, values)
    settle(tx, [row[0] for row in tx.rows(_MOVED)])
    _propose(tx, values)


def _replace_lines(tx: Write, values: dict[str, object], lines: int) -> None:
    """Put the files' goods in place of those on file."""
    if not lines:
        return
    theirs = "item_id IS NOT NULL AND order_id IN (SELECT order_id FROM staged.known WHERE line_at IS NOT NULL)"
    # A line that a rejected shipment names stays, with nothing left to ship.
    named = "id IN (SELECT order_line_id FROM shipment_lines)"
    tx.run(f"DELETE FROM order_lines WHERE {theirs} AND NOT {named}")
    tx.run(f"UPDATE order_lines SET quantity = 0, item_quantity = 0, rev = rev + 1 WHERE {theirs} AND {named}")
    values["relined"] = first = next_id(tx, "order_lines")
    made = tx.run(_LINES, values)
    tx.run_of("order_lines", first, first + made - 1)
    count_units(tx, [row[0] for row in tx.rows("SELECT order_id FROM staged.known WHERE line_at IS NOT NULL")])


def _holds(tx: Write, values: dict[str, object]) -> None:
    """Place and release the holds the files give reason for; a live one of the kind gets the words added."""
    tx.run(_RELEASE, values)
    for kind, column in (("payment", "pay_hold"), ("client", "client_hold")):
        live = "SELECT 1 FROM holds h WHERE h.order_id = k.order_id AND h.kind = :kind AND h.released_at IS NULL"
        tx.run(
            f"UPDATE holds SET reason = reason || '; ' || k.{column}, rev = holds.rev + 1 FROM staged.known k"
            f" WHERE k.{column} IS NOT NULL AND holds.order_id = k.order_id AND holds.kind = :kind"
            f" AND holds.released_at IS NULL AND instr(holds.reason, k.{column}) = 0",
            {"kind": kind},
        )
        first = next_id(tx, "holds")
        made = tx.run(
            "INSERT INTO holds(id, order_id, kind, reason, placed_at)"
            f" SELECT :first - 1 + row_number() OVER (ORDER BY k.n), k.order_id, :kind, k.{column}, :at"
            f" FROM staged.known k WHERE k.{column} IS NOT NULL AND NOT EXISTS ({live})",
            {"first": first, "kind": kind, "at": values["at"]},
        )
        tx.run_of("holds", first, first + made - 1)


def _notes(tx: Write, values: dict[str, object]) -> None:
    """Keep the platform's notes that the orders do not have yet."""
    first = next_id(tx, "notes")
    made = tx.run(
        "INSERT INTO notes(id, order_id, backer_id, at, user, text)"
        " SELECT :first - 1 + row_number() OVER (ORDER BY k.n), k.order_id, k.backer_id, :at, :platform, k.notes"
        " FROM staged.known k WHERE k.notes IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.order_id = k.order_id AND n.text = k.notes)",
        {"first": first, "at": values["at"], "platform": values["platform"]},
    )
    tx.run_of("notes", first, first + made - 1)


def _propose(tx: Write, values: dict[str, object]) -> None:
    """Propose every changed address, with the verdict reached before the lock was taken."""
    import_id = values["import"]
    assert isinstance(import_id, int)
    for order_id, judged, *parts in tx.rows(
        f"SELECT order_id, judged, {', '.join(ADDRESS_COLUMNS)} FROM staged.known WHERE judged IS NOT NULL ORDER BY n"
    ):
        verdict = json.loads(judged)
        comparison = Comparison(
            Label(verdict["label"]),
            verdict["level"],
            tuple(FieldVerdict(*each) for each in json.loads(verdict["fields"])),
            tuple(json.loads(verdict["reasons"])),
            verdict["zone_old"],
            verdict["zone_new"],
        )
        propose(
            tx,
            order_id,
            Address(*parts),
            AddressSource.IMPORT,
            import_id,
            judged=Judged(verdict["from_id"], comparison),
        )


_SET = ", ".join(
    f"{name} = {value}" for name, value in zip((*ORDER_COLUMNS, "paid"), (*order_columns("k"), "k.paid"), strict=True)
)
_FACTS = f"UPDATE orders SET {_SET}, rev = orders.rev + 1 FROM staged.known k WHERE orders.id = k.order_id"
_BACKERS = """
UPDATE backers SET name = k.b_name, email = k.b_email, number = k.b_number, rev = backers.rev + 1
FROM (SELECT backer_id, b_name, b_email, b_number, max(n) FROM staged.known WHERE backer_moved GROUP BY backer_id) k
WHERE backers.id = k.backer_id
"""
_LINES = """
INSERT INTO order_lines(id, order_id, sku, name, item_id, item_quantity, quantity)
SELECT :relined + k.line_at + b.at, k.order_id, b.sku, b.name, coalesce(b.item_id, :items + b.item_new),
  b.item_quantity, b.quantity
FROM staged.known k CROSS JOIN staged.basket_line b ON b.basket = k.basket WHERE k.line_at IS NOT NULL
ORDER BY k.n, b.at
"""
_CANCEL = """
UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id IN (SELECT order_id FROM staged.known WHERE cancel)
"""
_MOVED = """
SELECT order_id FROM staged.known
WHERE line_at IS NOT NULL OR address_at IS NOT NULL OR pay_hold IS NOT NULL OR pay_release
"""
_RELEASE = """
UPDATE holds SET released_at = :at, rev = rev + 1
WHERE kind = 'payment' AND released_at IS NULL AND order_id IN (SELECT order_id FROM staged.known WHERE pay_release)
"""
_FIRST_ADDRESS = """
UPDATE orders SET address_id = :known_addresses + k.address_at, rev = orders.rev + 1
FROM staged.known k WHERE orders.id = k.order_id AND k.address_at IS NOT NULL
"""
