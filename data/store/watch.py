"""Seeing what others did: the file's version first, then only the ids the journal names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.store.store import Store

MOST_IDS = 5_000


@dataclass(frozen=True, slots=True)
class ActSeen:
    """One act of somebody."""

    id: int
    user: str
    session: str
    program: str
    verb: str
    words: str


@dataclass(slots=True)
class Seen:
    """What happened since the last look."""

    acts: list[ActSeen] = field(default_factory=list)
    rows: dict[str, set[int]] = field(default_factory=dict)
    """Changed ids by table."""
    added: dict[str, int] = field(default_factory=dict)
    """How many rows were inserted, by table."""
    everything: bool = False
    """More changed than is worth naming: read anew what is shown."""


def seen_of_act(store: Store, act_id: int) -> Seen:
    """Return what one act changed, for the other screens of the console that did it."""
    seen = Seen(everything=store.value("SELECT count(*) FROM journal WHERE act_id = ?", (act_id,)) > MOST_IDS)
    for table, row_id, op in store.rows(
        "SELECT tbl, row_id, op FROM journal WHERE act_id = ? LIMIT ?", (act_id, MOST_IDS)
    ):
        seen.rows.setdefault(table, set()).add(row_id)
        if op == "insert":
            seen.added[table] = seen.added.get(table, 0) + 1
    for table, count in store.rows(
        "SELECT tbl, sum(last_id - first_id + 1) FROM journal_run WHERE act_id = ? GROUP BY tbl", (act_id,)
    ):
        seen.added[table] = seen.added.get(table, 0) + count
    return seen


class Watch:
    """One session's look at everybody's work, for use from one thread."""

    def __init__(self, store: Store, session: str) -> None:
        """Start from the present state; acts of `session` are left out."""
        self._store = store
        self._session = session
        self._version = self._read_version()
        self._journal, self._runs = self._read_heads()

    def look(self) -> Seen | None:
        """Return what others did since the last look, or None when the file has not moved.

        Costs one pragma (microseconds) while nothing happens.
        """
        version = self._read_version()
        if version == self._version:
            return None
        self._version = version
        # What is committed while this reads belongs to the next look: the heads bound it.
        since, runs_since = self._journal, self._runs
        self._journal, self._runs = self._read_heads()
        seen = Seen()
        if self._journal - since > MOST_IDS:
            seen.everything = True
        else:
            self._read_rows(seen, since)
        for table, count in self._store.rows(
            "SELECT r.tbl, sum(r.last_id - r.first_id + 1) FROM journal_run r JOIN act a ON a.id = r.act_id"
            " WHERE r.id > ? AND r.id <= ? AND r.op = 'insert' AND a.session <> ? GROUP BY r.tbl",
            (runs_since, self._runs, self._session),
        ):
            seen.added[table] = seen.added.get(table, 0) + count
        self._read_acts(seen, since, runs_since)
        return seen

    def _read_rows(self, seen: Seen, since: int) -> None:
        for table, row_id, op in self._store.rows(
            "SELECT j.tbl, j.row_id, j.op FROM journal j JOIN act a ON a.id = j.act_id"
            " WHERE j.id > ? AND j.id <= ? AND a.session <> ?",
            (since, self._journal, self._session),
        ):
            seen.rows.setdefault(table, set()).add(row_id)
            if op == "insert":
                seen.added[table] = seen.added.get(table, 0) + 1

    def _read_acts(self, seen: Seen, since: int, runs_since: int) -> None:
        seen.everything = seen.everything or bool(
            self._store.value("SELECT EXISTS (SELECT 1 FROM journal_run WHERE id > ? AND op = 'delete')", (runs_since,))
        )
        seen.acts = [
            ActSeen(*row)
            for row in self._store.rows(
                "SELECT id, user, session, program, verb, words FROM act WHERE session <> ? AND id IN ("
                " SELECT act_id FROM journal WHERE id > ? UNION SELECT act_id FROM journal_run WHERE id > ?)"
                " ORDER BY id DESC LIMIT 50",
                (self._session, since, runs_since),
            )
        ]

    def _read_version(self) -> int:
        return int(self._store.value("PRAGMA data_version"))

    def _read_heads(self) -> tuple[int, int]:
        return (
            int(self._store.value("SELECT coalesce(max(id), 0) FROM journal")),
            int(self._store.value("SELECT coalesce(max(id), 0) FROM journal_run")),
        )
