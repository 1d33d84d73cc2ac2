"""One person across campaigns: what is kept of them, where copies lie, and all of it as one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.clock import utc_text
from data.desk.open_matters import open_matters
from data.desk.traces import backups_beside, copies_at_warehouses, files_naming
from data.model import InputError
from data.store.store import Store
from data.store.workspace import Workspace
from data.text import visible

OWNED: dict[str, str] = {
    "backers": "id IN (SELECT id FROM person)",
    "orders": "backer_id IN (SELECT id FROM person)",
    "order_lines": "order_id IN (SELECT id FROM theirs)",
    "addresses": "order_id IN (SELECT id FROM theirs)",
    "findings": "address_id IN (SELECT id FROM addresses WHERE order_id IN (SELECT id FROM theirs))",
    "address_keys": "order_id IN (SELECT id FROM theirs)",
    "changes": "order_id IN (SELECT id FROM theirs)",
    "holds": "order_id IN (SELECT id FROM theirs)",
    "notes": "order_id IN (SELECT id FROM theirs)",
    "issues": "order_id IN (SELECT id FROM theirs)",
    "shipments": "backer_id IN (SELECT id FROM person)",
    "shipment_lines": "shipment_id IN (SELECT id FROM shipments WHERE backer_id IN (SELECT id FROM person))",
    "parcels": "shipment_id IN (SELECT id FROM shipments WHERE backer_id IN (SELECT id FROM person))",
    "commands": "shipment_id IN (SELECT id FROM shipments WHERE backer_id IN (SELECT id FROM person))",
    "attempts": "command_id IN (SELECT c.id FROM commands c JOIN shipments s ON s.id = c.shipment_id"
    " WHERE s.backer_id IN (SELECT id FROM person))",
}
"""Every table with rows of a person, and the condition that finds them; `person` and `theirs` are in `WITH_PERSON`."""

WITH_PERSON = (
    "WITH person(id) AS (SELECT value FROM json_each(:backers)),"
    " theirs(id) AS (SELECT id FROM orders WHERE backer_id IN (SELECT id FROM person))"
)


@dataclass(frozen=True, slots=True)
class Copies:
    """Where a person's data lies besides the database."""

    warehouses: tuple[str, ...]
    files: tuple[str, ...]
    """Files of the workspace that name the person, with their folder."""
    backups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What is kept of one person."""

    email: str
    backers: tuple[tuple[int, str, str, str], ...]
    """(id, campaign's code, platform's id, name)."""
    orders: tuple[tuple[int, str, str, str], ...]
    """(id, number, kind, stage)."""
    addresses: tuple[str, ...]
    """Every version, in a line each."""
    parcels: tuple[tuple[str, str, str], ...]
    """(carrier, tracking number, status)."""
    issues: tuple[tuple[int, str, str], ...]
    """(id, state, title)."""
    rows: dict[str, int]
    """How many rows of each table are about them."""
    open: tuple[str, ...]
    """Why they can't be forgotten yet."""
    copies: Copies


def find_backers(store: Store, email: str) -> list[int]:
    """Return the backers with an e-mail address, whatever its case; raises InputError where there is none."""
    wanted = email.strip()
    found = (
        [row[0] for row in store.rows("SELECT id FROM backers WHERE email = ? COLLATE NOCASE ORDER BY id", (wanted,))]
        if wanted
        else []
    )
    if not found:
        raise InputError(f"nobody has the e-mail address {visible(wanted)}")
    return found


def show(ws: Workspace, email: str) -> Person:
    """Return what is kept of a person; raises InputError where nobody has the address."""
    store, backers = ws.store, find_backers(ws.store, email)
    data = _rows(store, backers)
    codes = dict(store.rows("SELECT id, code FROM campaigns"))
    return Person(
        email=email.strip(),
        backers=tuple((row["id"], codes[row["campaign_id"]], row["uid"], row["name"]) for row in data["backers"]),
        orders=tuple((row["id"], row["number"], row["kind"], row["stage"]) for row in data["orders"]),
        addresses=tuple(
            ", ".join(row[name] for name in ("name", "line1", "line2", "city", "postcode", "country") if row[name])
            for row in data["addresses"]
        ),
        parcels=tuple((row["carrier"], row["tracking_number"], row["status"]) for row in data["parcels"]),
        issues=tuple((row["id"], row["state"], row["title"]) for row in data["issues"]),
        rows={table: len(rows) for table, rows in data.items() if rows},
        open=tuple(words for each in backers for words in open_matters(store, each, ws.clock.now())),
        copies=copies_of(ws, backers),
    )


def export(ws: Workspace, email: str) -> dict[str, Any]:
    """Return every row of every table that is about a person, and the log of what was done with them.

    Raises InputError where nobody has the address.
    """
    backers = find_backers(ws.store, email)
    data = _rows(ws.store, backers)
    return {
        "email": email.strip(),
        "exported_at": utc_text(ws.clock.now()),
        "tables": data,
        "log": _log(ws.store, data),
        "copies": copies_of(ws, backers),
    }


def copies_of(ws: Workspace, backers: Sequence[int]) -> Copies:
    """Return where else the data of some backers lies; reads the files of the workspace."""
    marks = ", ".join("?" * len(backers))
    words = {
        word
        for row in ws.store.rows(f"SELECT email, name FROM backers WHERE id IN ({marks})", tuple(backers))
        for word in row
    }
    return Copies(
        tuple(copies_at_warehouses(ws.store, backers)), tuple(files_naming(ws, words)), tuple(backups_beside(ws))
    )


def _rows(store: Store, backers: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table as they are on file."""
    given = {"backers": str([*backers])}
    found: dict[str, list[dict[str, Any]]] = {}
    for table, condition in OWNED.items():
        names = [row[1] for row in store.rows(f"PRAGMA table_info({table})")]
        found[table] = [
            dict(zip(names, row, strict=True))
            for row in store.rows(f"{WITH_PERSON} SELECT {', '.join(names)} FROM {table} WHERE {condition}", given)
        ]
    return found


def _log(store: Store, data: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the acts that touched the person's rows one by one, oldest first."""
    acts: set[int] = set()
    for table, rows in data.items():
        for row in rows:
            if "id" in row:
                acts.update(
                    each
                    for (each,) in store.rows(
                        "SELECT act_id FROM journal WHERE tbl = ? AND row_id = ?", (table, row["id"])
                    )
                )
    return [
        {"at": row[0], "user": row[1], "program": row[2], "words": row[3]}
        for each in sorted(acts)
        for row in store.rows("SELECT at, user, program, words FROM act WHERE id = ?", (each,))
    ]
