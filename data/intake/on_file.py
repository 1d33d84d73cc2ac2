"""What the workspace has of one campaign and platform, as an import compares with it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import NamedTuple

from data.store.store import Store

_CHUNK = 20_000
_HALF = 1 << 63


class Head(NamedTuple):
    """How far the journal had come when the comparing began."""

    journal: int
    runs: int


class OrderOnFile(NamedTuple):
    """One order as it stands."""

    order_id: int
    rev: int
    stage: str
    paid: int
    number: str
    tier: str
    platform_status: str
    currency: str
    amount_minor: int | None
    shipping_minor: int | None
    ordered_at: str | None
    ordered_at_raw: str
    answers: str
    row_hash: str
    address_id: int | None
    backer_id: int
    backer_name: str
    backer_email: str
    backer_number: str
    forgotten: int
    """Its backer asked to be forgotten: no file brings them back."""


class OnFile:
    """Orders and backers of one campaign and platform."""

    def __init__(self, store: Store, campaign_id: int | None, platform: str) -> None:
        """Read the hashes of the rows its orders came from: 8 bytes an order."""
        self._store = store
        self._campaign_id = campaign_id
        self._platform = platform
        self.head = Head(
            int(store.value("SELECT coalesce(max(id), 0) FROM journal")),
            int(store.value("SELECT coalesce(max(id), 0) FROM journal_run")),
        )
        self.empty = not store.value(
            "SELECT EXISTS (SELECT 1 FROM backers WHERE campaign_id = ? AND platform = ?)", (campaign_id, platform)
        )
        self.rows = array("q") if self.empty else self._read_hashes()
        self.seen: array[int] = array("q", bytes(8 * len(self.rows)))
        """By a hash's place, where this import met the same row: `spot_of` its file and line, or 0."""
        self.moved = bytearray(len(self.rows))
        """By a hash's place, 1 where this import met another row for the order."""
        self._campaign_locked = bool(store.value("SELECT locked_at FROM campaigns WHERE id = ?", (campaign_id,)))

    def place(self, row_hash: str) -> int | None:
        """Return where among the hashes a source row's hash stands, or None."""
        if not self.rows:
            return None
        short = shorten(row_hash)
        at = bisect_left(self.rows, short)
        return at if at < len(self.rows) and self.rows[at] == short else None

    def order(self, external_id: str) -> OrderOnFile | None:
        """Return the order with the platform's id, or None."""
        if self.empty:
            return None
        found = self._store.one(
            "SELECT o.id, o.rev, o.stage, o.paid, o.number, o.tier, o.platform_status, o.currency, o.amount_minor,"
            " o.shipping_minor, o.ordered_at, o.ordered_at_raw, o.answers, o.row_hash, o.address_id,"
            " b.id, b.name, b.email, b.number, b.forgotten_at IS NOT NULL"
            " FROM orders o JOIN backers b ON b.id = o.backer_id"
            " WHERE o.campaign_id = ? AND o.source = ? AND o.external_id = ?",
            (self._campaign_id, self._platform, external_id),
        )
        return None if found is None else OrderOnFile(*found)

    def backer(self, uid: str) -> int | None:
        """Return the id of the backer with the platform's id, or None."""
        if self.empty:
            return None
        found = self._store.value(
            "SELECT id FROM backers WHERE campaign_id = ? AND platform = ? AND uid = ?",
            (self._campaign_id, self._platform, uid),
        )
        return None if found is None else int(found)

    def quantities(self, order_id: int) -> dict[int | None, int]:
        """Return an order's quantities by the id of the item."""
        return dict(
            self._store.rows(
                "SELECT item_id, max(item_quantity) FROM order_lines WHERE order_id = ?"
                " AND item_id IS NOT NULL AND item_quantity > 0 GROUP BY item_id",
                (order_id,),
            )
        )

    def is_locked(self, order_id: int) -> bool:
        """Tell whether an order's address is locked."""
        return self._campaign_locked or bool(
            self._store.value("SELECT locked_at FROM orders WHERE id = ?", (order_id,))
        )

    def _read_hashes(self) -> array[int]:
        """Read the hashes in order; piece by piece and as they lie, which is the fastest way."""
        found: array[int] = array("q")
        cursor = self._store.db.execute(
            "SELECT row_hash FROM orders NOT INDEXED WHERE campaign_id = ? AND source = ? AND row_hash <> ''",
            (self._campaign_id, self._platform),
        )
        while rows := cursor.fetchmany(_CHUNK):
            found.extend(shorten(row[0]) for row in rows)
        return array("q", sorted(found))


def shorten(row_hash: str) -> int:
    """Return the first 64 bits of a source row's hash as a signed whole number.

    Among a million rows of either side the chance that two different ones agree is below 1 in ten million.
    """
    return int(row_hash[:16], 16) - _HALF


def spot_of(file: int, line: int) -> int:
    """Pack a file's number and a line into one number that is not 0."""
    return (file << 40) | line


def unpack_spot(spot: int) -> tuple[int, int]:
    """Return file and line of `spot_of`."""
    return spot >> 40, spot & ((1 << 40) - 1)
