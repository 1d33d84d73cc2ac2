"""The address a warehouse holds: one of the versions on file, or a version of its own."""

from __future__ import annotations

from data.addresses.compare import compare
from data.addresses.versions import COLUMNS, add_version, read_address
from data.model import Address, AddressSource, Label
from data.portals.compare import address_differences
from data.store.store import Write


def held_version(tx: Write, address: Address | None, held_id: int | None, asked_id: int, backer_id: int) -> int | None:
    """Return the version a warehouse holds, made where none of the order's says the same.

    `held_id` is what it held before, which also stands where it says nothing; `asked_id` is what was asked for.
    """
    if address is None or address.is_empty():
        return held_id
    for version in dict.fromkeys((held_id, asked_id)):
        known = read_address(tx, version)
        if known is not None and version is not None and same_door(known, address):
            return version
    found = tx.one("SELECT order_id FROM addresses WHERE id = ?", (asked_id,))
    assert found is not None
    for version, *parts in tx.rows(f"SELECT id, {COLUMNS} FROM addresses WHERE order_id = ? ORDER BY id DESC", found):
        if not address_differences(Address(*parts), address):
            return int(version)
    return add_version(tx, found[0], backer_id, AddressSource.WAREHOUSE, address)


def same_door(ours: Address, theirs: Address) -> bool:
    """Tell whether a label would bring a parcel to the same door and the same person."""
    return not address_differences(ours, theirs) or compare(ours, theirs).label in (Label.IDENTICAL, Label.TRIVIAL)


def is_expected(tx: Write, shipment_id: int) -> bool:
    """Tell whether another address at the warehouse is somebody's doing: an amendment of it is under way."""
    return (
        tx.one(
            "SELECT 1 FROM commands WHERE shipment_id = ? AND kind = 'amend'"
            " AND state IN ('planned', 'sending', 'doubtful', 'person')",
            (shipment_id,),
        )
        is not None
    )
