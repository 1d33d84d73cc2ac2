"""What a warehouse takes and refuses, and what customs needs of it: `[warehouse.CODE.policy]`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from data.policy.keys import choice, flag, limit, matching, number, only, section

PHONES = ("optional", "abroad", "required")
"""When a parcel must have a telephone number."""
STOCKS = ("check", "ignore")
IMPORT_VAT = ("seller", "receiver")
RULE_FORMS: dict[str, tuple[str, str]] = {
    "ships_from": ("[A-Z]{2}", "a two-letter country code, like DE"),
    "ioss": ("IM[0-9]{10}", "an IOSS number: IM and ten digits"),
    "uk_vat": ("GB(?:[0-9]{9}|[0-9]{12})", "a VAT number: GB and nine or twelve digits"),
    "eori": ("[A-Z]{2}[A-Z0-9]{1,15}", "an EORI: a country's code and up to 15 characters"),
}
"""How codes and numbers are written: a pattern, and what to say of another; each may be empty."""


@dataclass(frozen=True, slots=True)
class WarehousePolicy:
    """The rules of one warehouse that no label shows; the defaults refuse nothing."""

    ships_from: str = ""
    """The country its parcels leave: ISO 3166-1 alpha-2; customs is not checked while it is not known."""
    po_box: bool = True
    """Whether its carriers deliver to PO boxes."""
    phone: str = "optional"
    """`required`, `abroad` (in another customs area than it ships from), or `optional`."""
    max_lines: int | None = None
    """SKUs in one parcel, at most."""
    max_units: int | None = None
    """Pieces in one parcel, at most."""
    stock: str = "check"
    """`check`: what it does not know or have is held; `ignore`: it says by itself what it lacks."""
    import_vat: str = "seller"
    """Who pays VAT on import: the `seller` (then the EU wants an IOSS number up to EUR 150), or the `receiver`."""
    ioss: str = ""
    """Import One-Stop Shop number: `IM` and ten digits."""
    uk_vat: str = ""
    """British VAT number: `GB` and nine or twelve digits."""
    eori: str = ""
    priority: int = 0
    """Where several warehouses could take an order, the highest is preferred."""


def read_rules(path: Path, warehouse: str, found: Any) -> WarehousePolicy:
    """Read `[warehouse.CODE.policy]`; raises WorkspaceError naming the key."""
    where = f"{warehouse}.policy"
    table = section(path, found, where)
    only(path, table, where, [each.name for each in fields(WarehousePolicy)])

    def formed(key: str) -> str:
        return matching(path, table, f"{where}.{key}", *RULE_FORMS[key])

    return WarehousePolicy(
        ships_from=formed("ships_from"),
        po_box=flag(path, table, f"{where}.po_box", True),
        phone=choice(path, table, f"{where}.phone", PHONES, "optional"),
        max_lines=limit(path, table, f"{where}.max_lines"),
        max_units=limit(path, table, f"{where}.max_units"),
        stock=choice(path, table, f"{where}.stock", STOCKS, "check"),
        import_vat=choice(path, table, f"{where}.import_vat", IMPORT_VAT, "seller"),
        ioss=formed("ioss"),
        uk_vat=formed("uk_vat"),
        eori=formed("eori"),
        priority=number(path, table, f"{where}.priority"),
    )
