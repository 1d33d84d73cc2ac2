"""Phase 2 of an import: everything staged becomes part of the workspace in one act, one transaction, by set statements.

Ids are given out before a row is written, behind every id the tables and the journal have ever had, so that each
table's rows are one run without gaps and point at each other. References are right by that construction; the
connection's own check of each of them would double the time the lock is held.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlite_utils.utils import sqlite3

from data.clock import utc_text
from data.intake.bulk import bulk_search, bulk_tables, next_id
from data.intake.merge_known import merge_known
from data.intake.merge_sql import (
    ADDRESSES,
    BACKERS,
    HOLDS,
    ITEMS,
    KNOWN_ADDRESSES,
    LINES,
    NOTES,
    ORDERS,
    PARTS,
    PRODUCTS,
    SEARCH,
    TABLES,
)
from data.intake.stage import Staged
from data.model import StaleError
from data.orders.campaigns import insert_campaign, look_up_campaign
from data.store.store import Store, Write
from data.store.workspace import Workspace

_WAIT = 60.0
"""Seconds to wait for the lock: others hold it for milliseconds, another import shows itself by its sign."""
_CACHE = -32_768
"""KiB of page cache while merging."""
_AGAIN = "what was compared has moved meanwhile: nothing was imported, import the files again"


def merge(ws: Workspace, staged: Staged, campaign_name: str, *, late: bool = False, reject_file: str = "") -> int:
    """Merge what is staged and return the act, 0 when there was nothing to write.

    Raises StaleError when the orders or names that were compared have changed since, or another program holds the lock.
    """
    if staged.nothing:
        return 0
    with _attached(ws.store, staged.path):
        try:
            with ws.store.write(
                ws.actor,
                "import",
                f"import {len(staged.files)} files",
                campaign=staged.campaign.id if staged.campaign else None,
                bulk=True,
                wait=_WAIT,
            ) as tx:
                _refuse_moved(tx, staged)
                campaign_id = _campaign(ws, tx, staged, campaign_name)
                _Merge(ws, tx, staged, campaign_id, late, reject_file).run()
        except sqlite3.IntegrityError as error:
            raise StaleError(f"{_AGAIN} ({error})") from error
    return tx.act


class _Merge:
    """The statements of one merge, in their order."""

    def __init__(
        self, ws: Workspace, tx: Write, staged: Staged, campaign_id: int, late: bool, reject_file: str
    ) -> None:
        """Give out the ids."""
        self._ws, self._tx, self._staged, self._reject_file = ws, tx, staged, reject_file
        counts = staged.counts
        self._at = utc_text(ws.clock.now())
        locked = tx.one("SELECT locked_at FROM campaigns WHERE id = ?", (campaign_id,))
        self._values: dict[str, object] = {
            "campaign": campaign_id,
            "platform": staged.platform,
            "at": self._at,
            "user": ws.actor.user,
            "late": int(late or bool(locked and locked[0])),
            "import": next_id(tx, "imports"),
            **{each: next_id(tx, each) for each in TABLES},
        }
        self._values["known_lines"] = self._first("order_lines") + counts["lines"]
        self._values["known_addresses"] = self._first("addresses") + counts["addresses"]

    def run(self) -> None:
        """Write everything."""
        staged, counts, tx = self._staged, self._staged.counts, self._tx
        self._import()
        self._insert("products", counts["products"], PRODUCTS)
        self._insert("items", counts["items"], ITEMS)
        self._insert("item_parts", counts["parts"], PARTS)
        with bulk_tables(tx, counts["orders"]):
            self._insert("backers", counts["backers"], BACKERS)
            self._insert("orders", counts["orders"], ORDERS)
            self._insert("addresses", counts["addresses"] + counts["known_addresses"], ADDRESSES, KNOWN_ADDRESSES)
            self._insert("order_lines", counts["lines"], LINES)
        self._insert("holds", None, HOLDS)
        self._insert("notes", None, NOTES)
        if counts["orders"]:
            with bulk_search(tx):
                tx.run(SEARCH, {"orders": self._first("orders")})
        if counts["known"]:
            merge_known(tx, self._values, counts["known_lines"])
        tx.words = (
            f"import {staged.format}: {staged.created} made, {staged.updated} updated,"
            f" {staged.changes} address changes, {staged.unchanged} unchanged, {staged.rejected} rejected"
        )

    def _insert(self, table: str, expected: int | None, *statements: str) -> None:
        """Insert a table's rows and journal them as one run; raises StaleError when the numbers do not agree."""
        first = self._first(table)
        made = sum(self._tx.run(statement, self._values) for statement in statements if expected != 0)
        if expected is not None and made != expected:
            raise StaleError(f"{_AGAIN} ({made} of {expected} {table})")
        self._tx.run_of(table, first, first + made - 1)

    def _import(self) -> None:
        """Insert the record of the import itself."""
        staged = self._staged
        self._tx.insert(
            "imports",
            {
                "id": self._values["import"],
                "campaign_id": self._values["campaign"],
                "at": self._at,
                "format": staged.format,
                "files": json.dumps([asdict(each) for each in staged.files], ensure_ascii=False),
                "rows": staged.rows,
                "created": staged.created,
                "updated": staged.updated,
                "unchanged": staged.unchanged,
                "changes": staged.changes,
                "rejected": staged.rejected,
                "reject_file": self._reject_file,
            },
        )
        self._tx.run_of("imports", self._first("import"), self._first("import"))

    def _first(self, name: str) -> int:
        """Return the first id given out to a table."""
        found = self._values[name]
        assert isinstance(found, int)
        return found


def _campaign(ws: Workspace, tx: Write, staged: Staged, name: str) -> int:
    """Return the campaign's id, made when it was not there."""
    if staged.campaign is not None:
        return staged.campaign.id
    if look_up_campaign(ws.store, name) is not None:
        raise StaleError(f"{_AGAIN} (the campaign was made)")
    campaign_id = insert_campaign(tx, name, platform=staged.platform, currency=staged.currency)
    tx.run_of("campaigns", campaign_id, campaign_id)
    tx.run("UPDATE act SET campaign_id = ? WHERE id = ?", (campaign_id, tx.act))
    return campaign_id


def _refuse_moved(tx: Write, staged: Staged) -> None:
    """Raise StaleError when anything that was compared has changed since."""
    moved = tx.one(
        "SELECT 1 FROM staged.known k LEFT JOIN orders o ON o.id = k.order_id WHERE o.rev IS NOT k.rev LIMIT 1"
    ) or (
        tx.one(
            """
            SELECT 1 FROM journal j JOIN act a ON a.id = j.act_id
            WHERE j.id > :journal AND a.id <> :act AND coalesce(a.campaign_id, :campaign) = :campaign
              AND (j.tbl IN ('items', 'item_parts') OR j.tbl = 'products' AND j.op <> 'insert'
                   OR j.tbl IN ('orders', 'backers') AND j.op = 'delete') LIMIT 1
            """,
            _since(tx, staged),
        )
        or tx.one(
            """
            SELECT 1 FROM journal_run r JOIN act a ON a.id = r.act_id
            WHERE r.id > :runs AND coalesce(a.campaign_id, :campaign) = :campaign
              AND r.tbl IN ('orders', 'backers', 'items', 'item_parts') LIMIT 1
            """,
            _since(tx, staged),
        )
    )
    if moved:
        raise StaleError(_AGAIN)


def _since(tx: Write, staged: Staged) -> dict[str, object]:
    """Return where the comparing began; a campaign to be made has id 0."""
    return {
        "journal": staged.head.journal,
        "runs": staged.head.runs,
        "act": tx.act,
        "campaign": staged.campaign.id if staged.campaign else 0,
    }


@contextmanager
def _attached(store: Store, path: Path) -> Iterator[None]:
    """Attach the staging file and set the connection for a merge; neither can be done inside a transaction."""
    db = store.db
    before = {each: db.execute(f"PRAGMA {each}").fetchone()[0] for each in ("cache_size", "temp_store")}
    db.execute("ATTACH DATABASE ? AS staged", (str(path),))
    try:
        db.execute(f"PRAGMA cache_size = {_CACHE}")
        # Sorting a million rows for an index belongs on the disk, not in memory.
        db.execute("PRAGMA temp_store = FILE")
        db.execute("PRAGMA foreign_keys = OFF")
        yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")
        for name, value in before.items():
            db.execute(f"PRAGMA {name} = {value}")
        db.execute("DETACH DATABASE staged")
