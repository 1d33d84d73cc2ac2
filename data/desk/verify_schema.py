"""Holding the database's own rules against those this program makes: tables, indexes and triggers, word for word."""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_utils import Database

from data.store.migrations import apply_steps
from data.store.store import Store

_OBJECTS = "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_WITHOUT = {
    "trigger": "what it refuses or records goes through",
    "index": "look-ups are slow, and what it keeps unique may not be",
    "table": "what it held is lost",
    "view": "what it shows can't be read",
}


def schema_findings(store: Store) -> Iterator[str]:
    """Yield tables, indexes and triggers that are missing, were changed, or were put there by somebody else."""
    expected = _expected()
    have = {(row[0], row[1]): row[2] for row in store.rows(_OBJECTS)}
    for (kind, name), sql in expected.items():
        if (kind, name) not in have:
            yield f"{kind} {name} is missing: {_WITHOUT[kind]}"
        elif have[(kind, name)] != sql:
            yield f"{kind} {name} was changed"
    for kind, name in have.keys() - expected.keys():
        yield f"{kind} {name} is not one of ours"


def _expected() -> dict[tuple[str, str], str]:
    """Return every object by kind and name as the steps of the schema make them."""
    db = Database(memory=True, execute_plugins=False)
    try:
        apply_steps(db)
        return {(row[0], row[1]): row[2] for row in db.execute(_OBJECTS).fetchall()}
    finally:
        db.close()
