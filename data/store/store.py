"""The store: a connection per thread to read, and `write`, through which every change goes as one act."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from data.clock import Clock, utc_text
from data.model import StaleError, WorkspaceError
from data.store.actor import Actor
from data.store.connect import BUSY_SECONDS, connect
from data.store.migrations import check_schema, known_steps, schema_version

Parameters = Sequence[object] | dict[str, Any]


class Write:
    """What a verb writes through: one act, one transaction."""

    def __init__(self, db: Database, act: int) -> None:
        """Wrap the connection inside the transaction of act `act`."""
        self.db = db
        self.act = act
        self.words = ""
        """Set it when the verb knows what it did; else the words it started with stay."""

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute one statement and return the number of rows it changed."""
        return int(self.db.execute(sql, parameters).rowcount)

    def insert(self, table: str, values: dict[str, object]) -> int:
        """Insert one row and return its id."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self.db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, rev: int, values: dict[str, object]) -> bool:
        """Change one row if it still has `rev`; False when somebody else moved it on."""
        sets = ", ".join(f"{name} = ?" for name in values)
        return (
            self.run(
                f"UPDATE {table} SET {sets}, rev = rev + 1 WHERE id = ? AND rev = ?", (*values.values(), row_id, rev)
            )
            == 1
        )

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Read inside the transaction."""
        return list(self.db.execute(sql, parameters).fetchall())

    def one(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """Read the first row inside the transaction, or None."""
        found: tuple[Any, ...] | None = self.db.execute(sql, parameters).fetchone()
        return found

    def run_of(self, table: str, first: int, last: int, op: str = "insert") -> None:
        """Journal rows inserted or deleted together: every id from `first` to `last`."""
        if last >= first:
            self.run(
                "INSERT INTO journal_run(act_id, tbl, op, first_id, last_id) VALUES (?, ?, ?, ?, ?)",
                (self.act, table, op, first, last),
            )


class Store:
    """One workspace's database."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open nothing yet; the first use of a thread opens its connection and checks the schema."""
        self.path = path
        self.clock = clock
        self._local = threading.local()

    @property
    def db(self) -> Database:
        """This thread's connection, for reading; raises WorkspaceError when the schema does not fit."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = connect(self.path)
            check_schema(found, self.path)
            self._local.db = found
        return found

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Read every row of a query; never an open cursor, which would hold back the writers."""
        return list(self.db.execute(sql, parameters).fetchall())

    def one(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """Read the first row of a query, or None."""
        found: tuple[Any, ...] | None = self.db.execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Read the first value of the first row, or None."""
        found = self.one(sql, parameters)
        return None if found is None else found[0]

    @contextmanager
    def write(
        self,
        actor: Actor,
        verb: str,
        words: str,
        *,
        campaign: int | None = None,
        compensate: str = "",
        undoes: int | None = None,
        bulk: bool = False,
        wait: float = BUSY_SECONDS,
    ) -> Iterator[Write]:
        """Open one act in one transaction, and commit it when the block ends; any error takes all of it back.

        `compensate` names the verb to use later where undo can't be offered. With `bulk` the block journals its own
        inserts by `run_of`. `wait` is how many seconds to wait for another writer; raises StaleError after that. An
        act that changed nothing leaves no trace. No network, no prompt and no sleep belongs inside.
        """
        with self._transaction(wait) as db:
            act = self._open_act(db, actor, verb, words, campaign, compensate, undoes, bulk)
            tx = Write(db, act)
            yield tx
            self._close_act(db, tx)

    @contextmanager
    def derive(self, wait: float = BUSY_SECONDS) -> Iterator[Write]:
        """Write what is derived or passing: findings, search, cursors, requests. A journalled table refuses it."""
        with self._transaction(wait) as db:
            yield Write(db, 0)

    def close(self) -> None:
        """Close this thread's connection."""
        found: Database | None = getattr(self._local, "db", None)
        if found is not None:
            found.close()
            self._local.db = None

    @contextmanager
    def _transaction(self, wait: float) -> Iterator[Database]:
        db = self.db
        if db.conn.in_transaction:
            raise AssertionError("a write inside a write")
        db.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StaleError(self._busy_words(error)) from error
        try:
            if schema_version(db) != len(known_steps()):
                raise WorkspaceError("lastcall was upgraded under this program: leave it and start again")
            yield db
        except BaseException:
            # After a full disk or an I/O error SQLite has rolled back already.
            if db.conn.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def _open_act(
        self,
        db: Database,
        actor: Actor,
        verb: str,
        words: str,
        campaign: int | None,
        compensate: str,
        undoes: int | None,
        bulk: bool,
    ) -> int:
        act = db.execute(
            "INSERT INTO act(at, user, session, program, verb, words, campaign_id, undoes, compensate)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                utc_text(self.clock.now()),
                actor.user,
                actor.session,
                actor.program,
                verb,
                words,
                campaign,
                undoes,
                compensate,
            ),
        ).lastrowid
        db.execute("INSERT INTO open_act(one, act_id, bulk) VALUES (1, ?, ?)", (act, int(bulk)))
        return int(act or 0)

    def _close_act(self, db: Database, tx: Write) -> None:
        db.execute("DELETE FROM open_act")
        touched = db.execute(
            "SELECT EXISTS (SELECT 1 FROM journal WHERE act_id = ?)"
            " OR EXISTS (SELECT 1 FROM journal_run WHERE act_id = ?)",
            (tx.act, tx.act),
        ).fetchone()[0]
        if not touched:
            db.execute("DELETE FROM act WHERE id = ?", (tx.act,))
            tx.act = 0
        elif tx.words:
            db.execute("UPDATE act SET words = ? WHERE id = ?", (tx.words, tx.act))

    def _busy_words(self, error: sqlite3.OperationalError) -> str:
        if "locked" not in str(error) and "busy" not in str(error):
            return f"{self.path}: {error}"
        return "another program is writing (an import is merging?): nothing was changed, try again in a moment"
