"""What the warehouse is told besides orders: goods that will arrive, and parcels that come back."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from data.portals.protocol import is_key
from data.portals.sandbox import life
from data.portals.sandbox.book import Connection, setting
from data.portals.sandbox.validation import Problem, lines_problems

Answer = tuple[int, dict[str, Any]]
ANNOUNCED = "ANNOUNCED"
_FIELDS = {
    "inbound": {
        "reference", "purchase_order", "supplier", "expected_on", "packing", "carrier", "tracking_number", "cartons",
    },
    "return": {"reference", "order_reference", "tracking_number", "reason", "lines"},
}  # fmt: skip


def announce(connection: Connection, now: float, kind: str, body: Any) -> Answer:
    """Take an announcement in; a reference that exists is answered as a second order under one is."""
    if problems := _problems(kind, body):
        return 422, {"errors": problems}
    return take_notice(connection, now, kind, body, setting(connection, "duplicates", "refuse"))


def take_notice(connection: Connection, now: float, kind: str, body: dict[str, Any], habit: str) -> Answer:
    """Take in an announcement whose fields are right; `habit` says what a reference that exists comes to."""
    reference = body["reference"]
    known = connection.execute("SELECT id FROM notices WHERE kind = ? AND reference = ?", (kind, reference)).fetchone()
    if known is not None and habit == "update":
        connection.execute(
            "UPDATE notices SET body = ?, updated_at = ? WHERE id = ?", (json.dumps(body), now, known[0])
        )
        return 200, {"id": _id_text(known[0]), "reference": reference, "status": ANNOUNCED}
    if known is not None and habit != "accept":
        status, error = (400, "id_taken") if habit == "client" else (409, "duplicate_reference")
        return status, {"error": error, "reference": reference, "id": _id_text(known[0])}
    return 201, {
        "id": _id_text(take_in(connection, now, kind, reference, body)),
        "reference": reference,
        "status": ANNOUNCED,
    }


def take_in(connection: Connection, now: float, kind: str, reference: str, body: dict[str, Any]) -> int:
    """Keep an announcement whose fields are right, whatever there is under its reference; return its number."""
    cursor = connection.execute(
        "INSERT INTO notices (kind, reference, body, status, updated_at) VALUES (?, ?, ?, ?, ?)",
        (kind, reference, json.dumps(body), ANNOUNCED, now),
    )
    return cursor.lastrowid or 0


def kept(
    connection: Connection, kind: str, references: Collection[str] = ()
) -> list[tuple[int, dict[str, Any], float]]:
    """Return what was announced, or only what was under these references: number, body, and when."""
    rows = connection.execute(
        "SELECT id, body, updated_at FROM notices WHERE kind = ?"
        " AND (? = '[]' OR reference IN (SELECT value FROM json_each(?))) ORDER BY id",
        (kind, json.dumps(list(references)), json.dumps(list(references))),
    ).fetchall()
    return [(number, json.loads(body), at) for number, body, at in rows]


def search(connection: Connection, kind: str, reference: str) -> Answer:
    """Show what was announced under exactly this reference."""
    rows = connection.execute(
        "SELECT id, reference, body, status, updated_at FROM notices WHERE kind = ? AND reference = ? ORDER BY id",
        (kind, reference),
    ).fetchall()
    return 200, {"notices": [_shown(*row) for row in rows]}


def _shown(number: int, reference: str, body: str, status: str, updated: float) -> dict[str, Any]:
    told = json.loads(body)
    return {
        "id": _id_text(number),
        "reference": reference,
        "status": status,
        "expected": [
            {"sku": line["sku"], "quantity": line["quantity"] * carton["count"]}
            for carton in told.get("cartons") or [{"count": 1, "lines": told.get("lines", [])}]
            for line in carton["lines"]
        ],
        "updated_at": life.instant(updated),
    }


def _problems(kind: str, body: Any) -> list[Problem]:
    """Return what is wrong with an announcement, field by field."""
    if not isinstance(body, dict):
        return [{"field": "", "message": "must be a JSON object"}]
    found = [{"field": name, "message": "is not a field of it"} for name in sorted(body.keys() - _FIELDS[kind])]
    if not isinstance(body.get("reference"), str) or not is_key(body["reference"]):
        found.append({"field": "reference", "message": "must be 1 to 40 of A-Z a-z 0-9 _ -"})
    if kind == "return":
        return found + lines_problems(body.get("lines"), also=frozenset({"action"}))
    cartons = body.get("cartons")
    if not isinstance(cartons, list) or not cartons:
        return [*found, {"field": "cartons", "message": "must be a list of cartons"}]
    for index, carton in enumerate(cartons):
        count = carton.get("count") if isinstance(carton, dict) else None
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            found.append({"field": f"cartons[{index}].count", "message": "must be a whole number above 0"})
        found += lines_problems(carton.get("lines") if isinstance(carton, dict) else None, f"cartons[{index}].")
    return found


def _id_text(number: int) -> str:
    return f"SN{number:07d}"
