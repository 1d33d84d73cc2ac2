"""What makes a large merge fast: ids given out ahead, and indexes built after the rows instead of row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from data.store.store import Write

# FTS5's own defaults, put back after a merge, and what a merge uses: bytes of a piece, pieces merged at once.
_PIECE, _LARGE_PIECE = 1 << 20, 8 << 20
_AUTOMERGE = 4
_SORTING = -8_192
"""KiB of page cache while indexes are built."""
_MANY = 5_000
"""Orders from which on it pays to change the schema for a moment."""
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
def bulk_tables(tx: Write, orders: int) -> Iterator[None]:
    """Take from the tables an import fills what slows many rows down, and put it back after the block.

    Triggers on insert leave a bulk act alone, but while there are any, SQLite copies all rows to be inserted before it
    inserts the first. Indexes are built after the rows only where the import brings more orders than there are: else
    keeping them costs less.
    """
    if orders < _MANY:
        yield
        return
    there = tx.one("SELECT count(*) FROM (SELECT 1 FROM orders LIMIT ?)", (orders,))
    assert there is not None
    kept = _take(tx, "trigger", "AND sql LIKE '%AFTER INSERT ON%'")
    if there[0] < orders:
        kept += _take(tx, "index", "AND sql IS NOT NULL")
    yield
    # The cache's size is also how much memory a sort may take, and an index is written from its beginning to its end.
    cache = tx.rows("PRAGMA cache_size")[0][0]
    tx.run(f"PRAGMA cache_size = {_SORTING}")
    for sql in kept:
        tx.run(sql)
    tx.run(f"PRAGMA cache_size = {cache}")


def _take(tx: Write, kind: str, condition: str) -> list[str]:
    """Drop the triggers or indexes of the tables and return what makes them again."""
    marks = ", ".join("?" * len(TABLES))
    found = tx.rows(
        f"SELECT name, sql FROM sqlite_schema WHERE type = ? AND tbl_name IN ({marks}) {condition}", (kind, *TABLES)
    )
    for name, _ in found:
        tx.run(f"DROP {kind} {name}")
    return [sql for _, sql in found]
