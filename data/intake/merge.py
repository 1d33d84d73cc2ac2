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
from data.intake.stage import Staged
from data.intake.staging import ADDRESS_COLUMNS, ORDER_COLUMNS, order_columns
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
            **{each: next_id(tx, each) for each in _TABLES},
        }
        self._values["known_lines"] = self._first("order_lines") + counts["lines"]
        self._values["known_addresses"] = self._first("addresses") + counts["addresses"]

    def run(self) -> None:
        """Write everything."""
        staged, counts, tx = self._staged, self._staged.counts, self._tx
        self._import()
        self._insert("products", counts["products"], _PRODUCTS)
        self._insert("items", counts["items"], _ITEMS)
        self._insert("item_parts", counts["parts"], _PARTS)
        with bulk_tables(tx, counts["orders"]):
            self._insert("backers", counts["backers"], _BACKERS)
            self._insert("orders", counts["orders"], _ORDERS)
            self._insert("addresses", counts["addresses"] + counts["known_addresses"], _ADDRESSES, _KNOWN_ADDRESSES)
            self._insert("order_lines", counts["lines"], _LINES)
        self._insert("holds", None, _HOLDS)
        self._insert("notes", None, _NOTES)
        if counts["orders"]:
            with bulk_search(tx):
                tx.run(_SEARCH, {"orders": self._first("orders")})
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


_TABLES = ("products", "items", "item_parts", "backers", "orders", "addresses", "order_lines", "holds", "notes")

_PRODUCTS = "INSERT INTO products(id, sku, title) SELECT :products + at, sku, title FROM staged.product"
_ITEMS = """
INSERT INTO items(id, campaign_id, kind, name, mapped_at)
SELECT :items + new, :campaign, kind, name, CASE WHEN mapped THEN :at END FROM staged.item
"""
_PARTS = """
INSERT INTO item_parts(id, item_id, sku, quantity) SELECT :item_parts + at, :items + item_new, sku, quantity
FROM staged.part
"""
_BACKERS = """
INSERT INTO backers(id, campaign_id, platform, uid, number, name, email)
SELECT :backers + person, :campaign, :platform, uid, b_number, b_name, b_email FROM staged.fresh WHERE makes ORDER BY n
"""
_BACKER_ID = "iif(f.backer_id < 0, :backers + f.person, f.backer_id)"
_ORDERS = f"""
INSERT INTO orders(id, campaign_id, backer_id, import_id, kind, source, external_id, stage, paid, late, address_id,
  country, units, {", ".join(ORDER_COLUMNS)})
SELECT :orders + f.n, :campaign, {_BACKER_ID}, :import, 'pledge', :platform, f.external_id, f.stage, f.paid, :late,
  iif(f.address_at < 0, NULL, :addresses + f.address_at), f.a_country, coalesce(u.units, 0),
  {", ".join(order_columns("f"))}
FROM staged.fresh f LEFT JOIN (SELECT basket, sum(quantity) AS units FROM staged.basket_line GROUP BY basket) u
  ON u.basket = f.basket
ORDER BY f.n
"""
_ADDRESS_PARTS = ", ".join(each.removeprefix("a_") for each in ADDRESS_COLUMNS)
_ADDRESSES = f"""
INSERT INTO addresses(id, order_id, backer_id, source, at, {_ADDRESS_PARTS})
SELECT :addresses + f.address_at, :orders + f.n, {_BACKER_ID}, 'import', :at, {", ".join(ADDRESS_COLUMNS)}
FROM staged.fresh f WHERE f.address_at >= 0 ORDER BY f.n
"""
_KNOWN_ADDRESSES = f"""
INSERT INTO addresses(id, order_id, backer_id, source, at, {_ADDRESS_PARTS})
SELECT :known_addresses + k.address_at, k.order_id, k.backer_id, 'import', :at, {", ".join(ADDRESS_COLUMNS)}
FROM staged.known k WHERE k.address_at IS NOT NULL ORDER BY k.n
"""
_LINES = """
INSERT INTO order_lines(id, order_id, sku, name, item_id, item_quantity, quantity)
SELECT :order_lines + f.line_at + b.at, :orders + f.n, b.sku, b.name, coalesce(b.item_id, :items + b.item_new),
  b.item_quantity, b.quantity
FROM staged.fresh f CROSS JOIN staged.basket_line b ON b.basket = f.basket ORDER BY f.n, b.at
"""
_HOLDS = """
INSERT INTO holds(id, order_id, kind, reason, placed_at)
SELECT :holds - 1 + row_number() OVER (ORDER BY n), :orders + n, 'payment', hold, :at
FROM staged.fresh WHERE hold <> ''
"""
_NOTES = f"""
INSERT INTO notes(id, order_id, backer_id, at, user, text)
SELECT :notes - 1 + row_number() OVER (ORDER BY n), :orders + f.n, {_BACKER_ID}, :at, :platform, f.notes
FROM staged.fresh f WHERE f.notes <> ''
"""
# As the view order_search_source says it, for orders that nothing was sent for yet.
_SEARCH = """
INSERT INTO order_search(rowid, name, email, number, tracking, address)
SELECT o.id, iif(b.name <> a.name, b.name || ' ' || a.name, b.name), b.email,
  iif(o.number <> b.number, o.number || ' ' || b.number, o.number), '',
  coalesce(a.company || ' ' || a.line1 || ' ' || a.line2 || ' ' || a.city || ' ' || a.region || ' ' || a.postcode, '')
FROM orders o JOIN backers b ON b.id = o.backer_id LEFT JOIN addresses a ON a.id = o.address_id
WHERE o.id >= :orders ORDER BY o.id
"""
