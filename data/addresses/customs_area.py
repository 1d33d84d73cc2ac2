"""Whether a parcel crosses a customs or tax border: zones that are one area to customs and VAT.

Sources: the European Commission's table "Territorial status of EU countries and certain territories" (Monaco counts as
France; the Canary Islands, Åland and French overseas need declarations though they are in the customs union);
the Windsor Framework (Northern Ireland is within reach of the EU and of Great Britain); USPS (its states and Puerto
Rico without forms, military post and the other territories with them).
"""

from __future__ import annotations

from functools import lru_cache

from data.addresses.territories import place_of, zone
from data.model import Address

_AREAS: dict[str, frozenset[str]] = {
    "PT-ISLANDS": frozenset(("EU",)),
    "MC": frozenset(("EU",)),
    "GB": frozenset(("GB",)),
    "IM": frozenset(("GB",)),
    "GB-NI": frozenset(("GB", "EU")),
    "US": frozenset(("US",)),
    "US-AK": frozenset(("US",)),
    "US-HI": frozenset(("US",)),
    "US-PR": frozenset(("US",)),
    "DE-BUESINGEN": frozenset(("CH-LI",)),
    "CH-LI": frozenset(("CH-LI",)),
}


@lru_cache(maxsize=512)
def areas(name: str) -> frozenset[str]:
    """Return the areas of customs and VAT that a zone belongs to: `EU`, `GB`, `US`, ... or itself alone."""
    if name.endswith("-EU"):
        return frozenset(("EU",))
    return _AREAS.get(name) or frozenset((name,))


@lru_cache(maxsize=64)
def origin_areas(country: str) -> frozenset[str]:
    """Return the areas of the mainland of a country (alpha-2) that parcels are shipped from."""
    return areas(zone(Address(country=country)))


def crosses(ships_from: str, address: Address) -> bool:
    """Tell whether a parcel from a country (alpha-2) to an address needs a customs declaration.

    A country that is not known is not taken for abroad: its address has an error of its own.
    """
    found = place_of(address).zone
    return bool(found) and not (origin_areas(ships_from) & areas(found))


def in_eu(address: Address) -> bool:
    """Tell whether an address is in the VAT area of the EU; Northern Ireland is not counted."""
    return areas(place_of(address).zone) == frozenset(("EU",))
