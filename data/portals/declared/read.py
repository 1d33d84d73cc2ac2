"""Reading what a portal holds: its JSON, through the expressions of its file, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.addresses.countries import country_code
from data.model import ADDRESS_FIELDS, Address, ParcelStatus, ShipmentState
from data.portals.declared.expression import Expression, as_text
from data.portals.declared.shape import Lines, Parcels, Reading, Statuses
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState


def read_order(reading: Reading, statuses: Statuses, names: Mapping[str, str], row: Any) -> RemoteState:
    """Read one order; `names` are the statuses' names by their ids, where the warehouse has such a table.

    Raises ValueError saying what it lacks. A status that is not in the file is kept verbatim and says nothing.
    """
    found = reading.status.text_in(row)
    raw = names.get(found, found)
    remote_id = reading.id.text_in(row)
    if not raw or not remote_id:
        raise ValueError(f"it has no {'id' if raw else 'status'}")
    status = statuses.states.get(raw.casefold(), statuses.default)
    return RemoteState(
        reference=reading.reference.text_in(row),
        remote_id=remote_id,
        raw_status=raw,
        status=status,
        address=read_address(reading.address, row),
        lines=read_lines(reading.lines, row),
        parcels=_parcels(reading.parcels, statuses, row) if reading.parcels else (),
        exceptions=_exceptions(reading.exceptions, row),
        held=status is ShipmentState.HELD if reading.held is None else reading.held.holds(row),
        updated_at=reading.updated_at.text_in(row) if reading.updated_at else "",
    )


def read_address(where: Mapping[str, Expression], document: Any) -> Address:
    """Read an address; a country that is a name or has three letters becomes its two letters, where it is known."""
    parts = {field: where[field].text_in(document).strip() for field in ADDRESS_FIELDS if field in where}
    if country := parts.get("country", ""):
        parts["country"] = country_code(country) or country
    return Address(**parts)


def read_lines(where: Lines, document: Any) -> tuple[RemoteLine, ...]:
    """Read lines; raises ValueError where one can't be read."""
    found: list[RemoteLine] = []
    for row in rows_of(where.rows, document):
        sku, quantity = where.sku.text_in(row), where.quantity.text_in(row)
        if not sku or not quantity.isdecimal():
            raise ValueError("a line has no SKU, or a quantity that is no whole number")
        found.append(RemoteLine(sku, int(quantity)))
    return tuple(found)


def rows_of(where: Expression, document: Any) -> list[Any]:
    """Return the rows that stand somewhere, none for null; raises ValueError where that is no list."""
    found = where.search(document)
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError(f"{where.text} is no list")
    return found


def _parcels(where: Parcels, statuses: Statuses, row: Any) -> tuple[RemoteParcel, ...]:
    """Read the parcels that have a number yet."""
    found: list[RemoteParcel] = []
    for each in rows_of(where.rows, row):
        number, raw = where.tracking_number.text_in(each), where.status.text_in(each)
        if number:
            found.append(
                RemoteParcel(
                    carrier=where.carrier.text_in(each),
                    tracking_number=number,
                    tracking_url=where.tracking_url.text_in(each),
                    raw_status=raw,
                    raw_at=where.at.text_in(each),
                    status=statuses.parcels.get(raw.casefold(), ParcelStatus.UNKNOWN),
                )
            )
    return tuple(found)


def _exceptions(where: Expression | None, row: Any) -> tuple[str, ...]:
    found = where.search(row) if where else None
    texts = [as_text(each) for each in found] if isinstance(found, list) else [as_text(found)]
    return tuple(each for each in texts if each)
