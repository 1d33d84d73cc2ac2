"""Undo: the inverse of an act, written as an act of its own, where nothing later touched the same rows."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlite_utils.utils import sqlite3

from data.model import Done, StaleError
from data.store.actor import Actor
from data.store.store import Store, Write

WORKER = "worker "
"""What the program's name of a worker begins with."""


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log."""

    id: int
    at: str
    user: str
    program: str
    verb: str
    words: str
    rows: int
    """How many rows it changed."""
    undone_by: int | None
    undoes: int | None
    compensate: str


def log(store: Store, *, limit: int = 50, before: int | None = None, session: str | None = None) -> list[Act]:
    """List acts, newest first; `before` pages on from an act's id, `session` keeps those of one console."""
    return [
        Act(*row)
        for row in store.rows(
            "SELECT a.id, a.at, a.user, a.program, a.verb, a.words,"
            " (SELECT count(*) FROM journal WHERE act_id = a.id)"
            " + (SELECT coalesce(sum(last_id - first_id + 1), 0) FROM journal_run WHERE act_id = a.id),"
            " (SELECT max(u.id) FROM act u WHERE u.undoes = a.id), a.undoes, a.compensate FROM act a"
            " WHERE a.id < coalesce(:before, a.id + 1) AND a.session = coalesce(:session, a.session)"
            " ORDER BY a.id DESC LIMIT :limit",
            {"before": before, "session": session, "limit": limit},
        )
    ]


def last_undoable(store: Store, session: str | None, user: str | None = None) -> Act | None:
    """Find the last act of `session` and `user` (None: of anybody) that stands and takes nothing back.

    What a worker recorded is not a person's act, though it runs under somebody's name.
    """
    return next(
        (
            each
            for each in log(store, limit=200, session=session)
            if each.user == (user or each.user)
            and each.undone_by is None
            and not each.program.startswith(WORKER)
            and not takes_back(store, each)
        ),
        None,
    )


def last_redoable(store: Store, session: str | None, user: str | None = None) -> Act | None:
    """Find the undo that `ctrl+r` takes back: the last of `session` and `user` that stands, with no work since."""
    undone = dict(store.rows("SELECT undoes, id FROM act WHERE undoes IS NOT NULL"))
    for each in log(store, limit=200, session=session):
        if each.user != (user or each.user):
            continue
        if each.undone_by is None and takes_back(store, each):
            return each
        if each.undoes is None and not _is_undone(each.id, undone):
            return None
    return None


def takes_back(store: Store, act: Act) -> bool:
    """Tell whether an act takes something back: an undo does, the undo of an undo does it again."""
    back, undoes = False, act.undoes
    while undoes is not None:
        back, undoes = not back, store.value("SELECT undoes FROM act WHERE id = ?", (undoes,))
    return back


def undo(store: Store, actor: Actor, act_id: int) -> Done:
    """Take back everything one act did, as a new act that says so.

    Raises StaleError, naming what stands in the way, when the act can't be undone: it reached a warehouse, a later act
    touched the same rows, or it was undone already.
    """
    words = _refuse_early(store, act_id)
    try:
        with store.write(actor, "undo", f"undo: {words}", undoes=act_id) as tx:
            _refuse_later(tx, act_id)
            for entry, table, row_id, op, before in tx.rows(
                "SELECT id, tbl, row_id, op, before FROM journal WHERE act_id = ? ORDER BY id DESC", (act_id,)
            ):
                _invert(tx, entry, table, row_id, op, before)
            _delete_runs(tx, act_id)
    except sqlite3.IntegrityError as error:
        raise StaleError(f"“{words}” can't be undone: later work stands on it ({error})") from error
    return Done(act=tx.act or None, words=f"undone: {words}")


def _refuse_early(store: Store, act_id: int) -> str:
    """Return the act's words, or raise where its kind or its history forbids undoing."""
    found = store.one(
        "SELECT words, compensate, (SELECT max(id) FROM act WHERE undoes = a.id),"
        " EXISTS (SELECT 1 FROM journal_run WHERE act_id = a.id AND op = 'delete') FROM act a WHERE id = ?",
        (act_id,),
    )
    if found is None:
        raise StaleError(f"there is no act {act_id}")
    words, compensate, undone_by, deleted = found
    if deleted:
        raise StaleError(f"“{words}” can't be undone: import the files again")
    if undone_by is not None:
        raise StaleError(f"act {act_id} was undone already, by act {undone_by}")
    if compensate:
        raise StaleError(f"“{words}” can't be undone: use {compensate}")
    return str(words)


def _refuse_later(tx: Write, act_id: int) -> None:
    """Raise when a later act touched a row this one touched, and stands: it and its undo together did nothing."""
    later = tx.rows(
        """
        SELECT later.act_id FROM journal mine
        JOIN journal later ON later.tbl = mine.tbl AND later.row_id = mine.row_id AND later.act_id > mine.act_id
        WHERE mine.act_id = :act AND later.act_id <> :self
        UNION
        SELECT later.act_id FROM journal_run mine
        JOIN journal later ON later.tbl = mine.tbl AND later.row_id BETWEEN mine.first_id AND mine.last_id
          AND later.act_id > mine.act_id
        WHERE mine.act_id = :act AND later.act_id <> :self
        """,
        {"act": act_id, "self": tx.act},
    )
    undone = dict(tx.rows("SELECT undoes, id FROM act WHERE undoes > ? AND id <> ? ORDER BY id", (act_id, tx.act)))
    undos = set(undone.values())
    for (each,) in later:
        if each in undos or _is_undone(each, undone):
            continue
        user, words, compensate = tx.rows("SELECT user, words, compensate FROM act WHERE id = ?", (each,))[0]
        use = f"; use {compensate}" if compensate else f": undo act {each} first"
        raise StaleError(f"later work stands on it: act {each} by {user}, “{words}”{use}")


def _is_undone(act: int, undone: dict[int, int]) -> bool:
    """Tell whether an act was taken back by an undo that stands; `undone` gives each act's undo."""
    by = undone.get(act)
    return by is not None and not _is_undone(by, undone)


def _delete_runs(tx: Write, act_id: int) -> None:
    """Delete the rows a merge inserted, as runs; raises StaleError when other rows have come to refer to them."""
    runs = tx.rows("SELECT tbl, first_id, last_id FROM journal_run WHERE act_id = ? ORDER BY id DESC", (act_id,))
    if not runs:
        return
    # Orders and addresses point at each other: the check of references waits for the end of the transaction.
    tx.run("PRAGMA defer_foreign_keys = ON")
    tx.run("UPDATE open_act SET bulk = 2")
    for table, first, last in runs:
        tx.run(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", (first, last))
        tx.run_of(table, first, last, "delete")
    tx.run("UPDATE open_act SET bulk = 0")
    broken = tx.one("PRAGMA foreign_key_check")
    if broken is not None:
        raise StaleError(f"later work stands on it: rows of {broken[0]} refer to what it brought in")


def _invert(tx: Write, entry: int, table: str, row_id: int, op: str, before: str | None) -> None:
    """Write the inverse of one journal entry."""
    if op == "insert":
        tx.run(f"DELETE FROM {table} WHERE id = ?", (row_id,))
        return
    values = json.loads(before or "{}")
    if op == "delete":
        tx.insert(table, {**values, "id": row_id})
        return
    sets = ", ".join(f"{name} = ?" for name in values)
    if tx.run(f"UPDATE {table} SET {sets}, rev = rev + 1 WHERE id = ?", (*values.values(), row_id)) != 1:
        raise StaleError(f"journal entry {entry}: the row {table} {row_id} is gone")
