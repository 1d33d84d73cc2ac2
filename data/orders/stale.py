"""Rows that have moved since a person saw them: what the other person did, in words for the refusal."""

from __future__ import annotations

from data.clock import ago, from_text
from data.store.store import Write


def moved_words(tx: Write, table: str, row_id: int) -> str:
    """Say who last touched a row, how long ago, and what they did: `mira, 3m ago: accept 3 addresses`.

    An empty text when the journal knows of nobody. Costs one look-up in the journal's index.
    """
    found = tx.one(
        "SELECT a.user, a.at, a.words FROM journal j JOIN act a ON a.id = j.act_id"
        " WHERE j.tbl = ? AND j.row_id = ? AND j.act_id <> ? ORDER BY j.id DESC LIMIT 1",
        (table, row_id, tx.act),
    ) or tx.one(
        "SELECT a.user, a.at, a.words FROM journal_run r JOIN act a ON a.id = r.act_id"
        " WHERE r.tbl = ? AND ? BETWEEN r.first_id AND r.last_id AND r.op = 'insert' ORDER BY r.id DESC LIMIT 1",
        (table, row_id),
    )
    if found is None:
        return ""
    user, at, words = found
    here = tx.one("SELECT at FROM act WHERE id = ?", (tx.act,))
    since = ago(from_text(at), from_text(here[0])) if here is not None else "now"
    return f"{user}, {'just now' if since == 'now' else since + ' ago'}: {words}"
