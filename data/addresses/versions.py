"""Address versions: one is never changed, only followed by another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, Protocol

from data.model import ADDRESS_FIELDS, Address, AddressSource
from data.store.store import Parameters, Write

COLUMNS = ", ".join(ADDRESS_FIELDS)


class Reads(Protocol):
    """What can be read from: the store, or a write inside its transaction."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Read every row."""
        ...

    def one(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """Read the first row."""
        ...


class Stamp(NamedTuple):
    """When an act is done, and by whom."""

    at: str
    user: str


def stamp(tx: Write) -> Stamp:
    """Return the instant and the person of the act that is open."""
    found = tx.one("SELECT at, user FROM act WHERE id = ?", (tx.act,))
    assert found is not None
    return Stamp(*found)


def read_address(reads: Reads, address_id: int | None) -> Address | None:
    """Return one version, or None where there is none."""
    if address_id is None:
        return None
    found = reads.one(f"SELECT {COLUMNS} FROM addresses WHERE id = ?", (address_id,))
    return None if found is None else Address(*found)


def read_addresses(reads: Reads, address_ids: Iterable[int | None]) -> dict[int, Address]:
    """Return versions by id."""
    wanted = sorted({each for each in address_ids if each is not None})
    marks = ", ".join("?" * len(wanted))
    return {
        row[0]: Address(*row[1:])
        for row in reads.rows(f"SELECT id, {COLUMNS} FROM addresses WHERE id IN ({marks})", wanted)
    }


def add_version(tx: Write, order_id: int, backer_id: int, source: AddressSource, address: Address) -> int:
    """Insert a version and return its id."""
    values: dict[str, object] = asdict(address)
    head: dict[str, object] = {
        "order_id": order_id,
        "backer_id": backer_id,
        "source": source,
        "at": stamp(tx).at,
    }
    return insert(tx, "addresses", head | values)


def insert(tx: Write, table: str, values: dict[str, object]) -> int:
    """Insert one row so that it is journalled in a bulk act too, where the triggers leave that to the writer."""
    row_id = tx.insert(table, values)
    bulk = tx.one("SELECT bulk FROM open_act")
    if bulk is not None and bulk[0] == 1:
        tx.run_of(table, row_id, row_id)
    return row_id


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))
