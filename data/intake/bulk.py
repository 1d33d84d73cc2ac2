"""What makes a large merge fast: ids given out ahead, and indexes built after the rows instead of row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from data.store.store import Write

# FTS5's own defaults, put back after a merge, and what a merge uses: bytes of a piece, pieces merged at once.
_PIECE, _LARGE_PIECE = 1 << 20, 16 << 20
_AUTOMERGE = 4
TABLES = ("backers", "orders", "addresses", "order_lines")


def next_id(tx: Write, table: str) -> int:
    """Return an id that no row of the table has, nor has ever had by the journal's word."""
    found = tx.one(
        f"SELECT max(coalesce((SELECT max(id) FROM {table}), 0),"
        " coalesce((SELECT max(row_id) FROM journal WHERE tbl = :table), 0),"
        " coalesce((SELECT max(last_id) FROM journal_run WHERE tbl = :table), 0))",
        {"table": table},
    )
    assert found is not None
    return int(found[0]) + 1


@contextmanager
def bulk_search(tx: Write) -> Iterator[None]:
    """Let the search index gather many words before it writes a piece, and merge no pieces meanwhile."""
    setting = "INSERT INTO order_search(order_search, rank) VALUES (?, ?)"
    tx.run(setting, ("hashsize", _LARGE_PIECE))
    tx.run(setting, ("automerge", 0))
    yield
    tx.run(setting, ("automerge", _AUTOMERGE))
    tx.run(setting, ("hashsize", _PIECE))


@contextmanager
def bulk_indexes(tx: Write, orders: int) -> Iterator[None]:
    """Drop the secondary indexes of the tables an import fills and build them anew after the block.

    Only where the import brings more orders than there are: else keeping them costs less than building them.
    """
    there = tx.one("SELECT count(*) FROM (SELECT 1 FROM orders LIMIT ?)", (orders,))
    assert there is not None
    if not orders or there[0] >= orders:
        yield
        return
    marks = ", ".join("?" * len(TABLES))
    indexes = tx.rows(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ({marks}) AND sql IS NOT NULL",
        TABLES,
    )
    for name, _ in indexes:
        tx.run(f"DROP INDEX {name}")
    yield
    for _, sql in indexes:
        tx.run(sql)
