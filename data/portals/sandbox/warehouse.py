"""What the warehouse answers to each request: a status and a JSON body, decided inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from data.portals.sandbox import life, shelf
from data.portals.sandbox.book import Connection, next_seq, setting
from data.portals.sandbox.validation import address_problems, order_problems

Answer = tuple[int, dict[str, Any]]
MOST = 500
"""Orders on one page."""
HABITS = ("refuse", "update", "client", "accept")
"""What a second order under the same reference comes to: refused, put over the first, refused as a taken id, taken."""
_COLUMNS = "id, reference, number, status, complaint, held, address, lines, parcels, cancelled, updated_at, seq, extra"


def create(connection: Connection, now: float, body: Any) -> Answer:
    """Take an order in, as `take_in` does, once every field is right."""
    if problems := order_problems(body):
        return 422, {"errors": problems}
    return take_in(connection, now, body)


def take_in(connection: Connection, now: float, body: dict[str, Any], extra: dict[str, Any] | None = None) -> Answer:
    """Take in an order whose fields are right; what a reference that exists comes to is this warehouse's habit.

    `extra` is what a dialect wants to find with the order again.
    """
    reference = body["reference"]
    habit = setting(connection, "duplicates", "refuse")
    row = None
    if habit != "accept":
        row = connection.execute("SELECT id FROM orders WHERE reference = ? LIMIT 1", (reference,)).fetchone()
    if row is not None:
        if habit == "update":
            return put_over(connection, now, _id_text(row[0]), body, extra)
        status, error = (400, "id_taken") if habit == "client" else (409, "duplicate_reference")
        return status, {"error": error, "reference": reference, "id": _id_text(row[0])}
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in body["lines"]]
    shelf.promise(connection, lines)
    cursor = connection.execute(
        "INSERT INTO orders (reference, number, email, address, lines, extra, status, fate, due, updated_at, seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reference,
            body["order_number"],
            body.get("email", ""),
            json.dumps(body["ship_to"]),
            json.dumps(lines),
            json.dumps(extra or {}),
            life.RECEIVED,
            life.fate_of(connection, reference),
            life.picked_at(connection, reference, now),
            now,
            next_seq(connection),
        ),
    )
    order_id = cursor.lastrowid or 0
    connection.execute("INSERT INTO ledger (at, reference, order_id) VALUES (?, ?, ?)", (now, reference, order_id))
    return 201, {"id": _id_text(order_id), "reference": reference, "status": life.RECEIVED}


def put_over(
    connection: Connection, now: float, order_id: str, body: dict[str, Any], extra: dict[str, Any] | None = None
) -> Answer:
    """Put an order over the one that is there, as far as it is not in hands yet; the answer is the order as it is then.

    While it is picked its lines stay; once it is packed nothing changes, and nobody is told.
    """
    order = _order(connection, order_id)
    if order is None:
        return _missing(order_id)
    changes: dict[str, Any] = {}
    if order["status"] in (*life.UNTOUCHED, life.PICKING):
        changes = {"address": body["ship_to"]} | ({} if extra is None else {"extra": extra})
        if body["ship_to"] != order["ship_to"]:
            changes |= _answer_query(connection, now, order)
    if order["status"] in life.UNTOUCHED:
        lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in body["lines"]]
        shelf.promise(connection, order["lines"], -1)
        shelf.promise(connection, lines)
        changes |= {"lines": lines}
    return _changed(connection, now, order, **changes) if changes else (200, order)


def show(connection: Connection, order_id: str) -> Answer:
    """Show one order."""
    order = _order(connection, order_id)
    return _missing(order_id) if order is None else (200, order)


def search(connection: Connection, reference: str) -> Answer:
    """Show the orders with exactly this reference."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM orders WHERE reference = ? ORDER BY id LIMIT ?", (reference, MOST)
    ).fetchall()
    return 200, {"orders": [_shown(row) for row in rows]}


def changed(connection: Connection, since: str, limit: str) -> Answer:
    """Show the orders that changed after a cursor, the oldest change first."""
    if not (since or "0").isdecimal() or not (limit or "1").isdecimal() or len(since) > 18 or len(limit) > 6:
        return 422, {"errors": [{"field": "updated_since", "message": "the cursor and the limit must be numbers"}]}
    most = max(1, min(int(limit or MOST), MOST))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM orders WHERE seq > ? ORDER BY seq LIMIT ?", (int(since or 0), most + 1)
    ).fetchall()
    shown = [_shown(row) for row in rows[:most]]
    return 200, {"orders": shown, "next": str(shown[-1]["seq"] if shown else since or 0), "more": len(rows) > most}


def change_address(connection: Connection, now: float, order_id: str, body: Any) -> Answer:
    """Change where an order goes, as long as nobody has it in hands."""
    order = _order(connection, order_id)
    if order is None:
        return _missing(order_id)
    if order["status"] not in life.UNTOUCHED:
        return _too_late(order)
    if problems := address_problems(body):
        return 422, {"errors": problems}
    return _changed(connection, now, order, address=body, **_answer_query(connection, now, order))


def listed(
    connection: Connection,
    first: float | None = None,
    last: float | None = None,
    *,
    references: Sequence[str] = (),
    newest: bool = False,
    offset: int = 0,
    limit: int = MOST,
) -> list[dict[str, Any]]:
    """Return orders by their numbers: changed in whole seconds from `first` to `last`, with one of these references."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM orders WHERE (:first IS NULL OR CAST(updated_at AS INTEGER) >= :first)"
        " AND (:last IS NULL OR CAST(updated_at AS INTEGER) <= :last)"
        " AND (:every OR reference IN (SELECT value FROM json_each(:references)))"
        f" ORDER BY id {'DESC' if newest else 'ASC'} LIMIT :limit OFFSET :offset",
        {
            "first": first,
            "last": last,
            "every": not references,
            "references": json.dumps(list(references)),
            "limit": limit,
            "offset": offset,
        },
    )
    return [_shown(row) for row in rows]


def cancel(connection: Connection, now: float, order_id: str) -> Answer:
    """Cancel an order, or what has not left of it; while it is being picked the answer comes later."""
    order = _order(connection, order_id)
    if order is None:
        return _missing(order_id)
    if order["status"] == life.CANCELLED:
        return 200, order
    if order["status"] in life.UNTOUCHED:
        shelf.promise(connection, order["lines"], -1)
        return _changed(connection, now, order, status=life.CANCELLED, complaint="", held=0, due=None)
    if order["status"] == life.PICKING:
        return _changed(connection, now, order, 202, cancel_asked=1, complaint=life.CANCEL_ASKED)
    if order["status"] == life.PART_SHIPPED:
        left = [parcel for parcel in order["parcels"] if parcel["status"] != "LABEL CREATED"]
        kept = [line for parcel in order["parcels"] if parcel not in left for line in parcel["lines"]]
        shelf.count_in(connection, _back(connection, kept))
        return _changed(connection, now, order, status=life.SHIPPED, parcels=left, cancelled=kept)
    return _too_late(order)


def hold(connection: Connection, now: float, order_id: str) -> Answer:
    """Keep an order from being picked."""
    order = _order(connection, order_id)
    if order is None:
        return _missing(order_id)
    if order["status"] not in life.UNTOUCHED:
        return _too_late(order)
    return (200, order) if order["held"] else _changed(connection, now, order, held=1, due=None)


def release(connection: Connection, now: float, order_id: str) -> Answer:
    """Let a held order go on; one that is not held stays as it is."""
    order = _order(connection, order_id)
    if order is None:
        return _missing(order_id)
    if not order["held"]:
        return 200, order
    waits = order["status"] == life.ADDRESS_QUERY
    due = None if waits else life.picked_at(connection, order["reference"], now)
    return _changed(connection, now, order, held=0, due=due)


def bring_back(connection: Connection, now: float, order_id: str) -> Answer:
    """Take a cancelled order up again."""
    order = _order(connection, order_id)
    if order is None or order["status"] != life.CANCELLED:
        return _missing(order_id)
    shelf.promise(connection, order["lines"])
    due = life.picked_at(connection, order["reference"], now)
    return _changed(connection, now, order, status=life.RECEIVED, cancel_asked=0, due=due)


def put_off(connection: Connection, now: float, order_id: str, until: float | None) -> None:
    """Let an order that nobody has begun wait until an instant, or with None until it is put off again."""
    order = _order(connection, order_id)
    if order is not None and order["status"] == life.RECEIVED and not order["held"]:
        due = None if until is None else life.picked_at(connection, order["reference"], max(now, until))
        life.save(connection, _id_number(order_id), now, due=due)


def set_fate(connection: Connection, reference: str, fate: str) -> Answer:
    """Decide what happens to the orders with a reference, for a test or a demonstration."""
    if fate != "well" and fate not in life.FATES:
        return 422, {"errors": [{"field": "fate", "message": f"must be well or one of {', '.join(life.FATES)}"}]}
    changed_rows = connection.execute("UPDATE orders SET fate = ? WHERE reference = ?", (fate, reference)).rowcount
    return 200, {"changed": changed_rows}


def _answer_query(connection: Connection, now: float, order: dict[str, Any]) -> dict[str, Any]:
    """Return what a new address changes besides: it answers the question about the old one."""
    if order["status"] != life.ADDRESS_QUERY:
        return {}
    due = None if order["held"] else life.picked_at(connection, order["reference"], now)
    return {"status": life.RECEIVED, "complaint": "", "fate": "well", "due": due}


def _back(connection: Connection, lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return what will be on hand of these SKUs once the lines are back on the shelf."""
    counts: dict[str, int] = {}
    for line in lines:
        (on_hand,) = connection.execute("SELECT on_hand FROM stock WHERE sku = ?", (line["sku"],)).fetchone()
        counts[line["sku"]] = counts.get(line["sku"], on_hand) + line["quantity"]
    return counts


def _changed(connection: Connection, now: float, order: dict[str, Any], code: int = 200, **changes: Any) -> Answer:
    """Write changed columns and answer with the order as it is afterwards."""
    life.save(connection, _id_number(order["id"]), now, **changes)
    after = _order(connection, order["id"])
    return code, after if after is not None else {}


def _order(connection: Connection, order_id: str) -> dict[str, Any] | None:
    by, value = ("id", _id_number(order_id)) if order_id.startswith("SB") else ("reference", order_id)
    row = connection.execute(f"SELECT {_COLUMNS} FROM orders WHERE {by} = ? ORDER BY id LIMIT 1", (value,)).fetchone()
    return None if row is None else _shown(row)


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return an order as the portal shows it."""
    number, reference, order_number, status, complaint, held, *rest, updated, seq, extra = row
    address, lines, parcels, cancelled = (json.loads(each) for each in rest)
    return {
        "id": _id_text(number),
        "reference": reference,
        "order_number": order_number,
        "status": status,
        "complaint": complaint,
        "held": bool(held),
        "ship_to": address,
        "lines": lines,
        "parcels": parcels,
        "cancelled_lines": cancelled,
        "updated_at": life.instant(updated),
        "seq": seq,
        "extra": json.loads(extra),
    }


def _missing(order_id: str) -> Answer:
    return 404, {"error": "no_such_order", "id": order_id[:40]}


def _too_late(order: dict[str, Any]) -> Answer:
    return 409, {"error": "too_late", "status": order["status"], "ship_to": order["ship_to"]}


def _id_text(number: int) -> str:
    return f"SB{number:07d}"


def _id_number(text: str) -> int:
    """Read an order's id; one that can't be any order's is 0."""
    digits = text.removeprefix("SB")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 16 else 0
