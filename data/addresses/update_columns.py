"""The columns of an address-update file, a form's export: who it is, and the address."""

from __future__ import annotations

from dataclasses import dataclass

from data.addresses.countries import country_code
from data.files.columns import Columns
from data.model import ADDRESS_FIELDS, Address, InputError

WHO: dict[str, tuple[str, ...]] = {
    "order": ("order", "order number", "order no", "order no.", "order id", "order #", "pledge id"),
    "number": ("backer number", "backer no", "backer no.", "backer #", "backer id", "backer"),
    "email": ("email", "e-mail", "email address", "e-mail address", "mail", "your email", "kickstarter email"),
}
"""What names the person, the most exact first."""

PARTS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "shipping name", "recipient", "recipient name", "your name", "backer name"),
    "company": ("company", "company name", "organization", "organisation"),
    "line1": (
        "line1", "address line 1", "address 1", "address1", "shipping address 1", "street address", "street",
        "new address", "address",
    ),
    "line2": ("line2", "address line 2", "address 2", "address2", "shipping address 2", "apartment", "unit"),
    "city": ("city", "town", "shipping city", "city/town", "town/city"),
    "region": (
        "region", "state", "province", "state/province", "state / province", "state/province/region", "county",
        "shipping state",
    ),
    "postcode": (
        "postcode", "postal code", "zip", "zip code", "zip/postal code", "post code", "zip / postal code",
        "shipping postal code",
    ),
    "country": ("country", "country code", "shipping country", "shipping country code"),
    "phone": ("phone", "phone number", "telephone", "mobile", "shipping phone number"),
}  # fmt: skip
"""The address's fields by the names forms give them."""

_KEPT_WHEN_EMPTY = ("name", "country", "phone")
"""A form that leaves these empty does not take them away."""


@dataclass(frozen=True, slots=True)
class UpdateColumns:
    """Where the columns of one file stand."""

    who: dict[str, int]
    parts: dict[str, int]

    def address(self, cells: list[str], on_file: Address | None) -> Address | None:
        """Return the address of a row, or None where it has none.

        Name, country and phone stay as on file where the form has no answer; the rest is as the form has it. A
        country's name becomes its code; one that is not understood stays as it is, for the check to find.
        """
        values = {name: cells[position].strip() for name, position in self.parts.items()}
        if not any(values.get(name) for name in ("line1", "line2", "city", "postcode")):
            return None
        if country := values.get("country"):
            values["country"] = country_code(country) or country
        for name in _KEPT_WHEN_EMPTY:
            if not values.get(name) and on_file is not None:
                values[name] = getattr(on_file, name)
        return Address(**{name: values.get(name, "") for name in ADDRESS_FIELDS})


def find_columns(file: str, header: tuple[str, ...]) -> UpdateColumns:
    """Find the columns by name; raises InputError naming the file and what it lacks."""
    columns = Columns(header)
    who = {name: at for name, aliases in WHO.items() if (at := columns.find(aliases)) is not None}
    parts = {name: at for name, aliases in PARTS.items() if (at := columns.find(aliases)) is not None}
    if not who:
        raise InputError(f"{file}: no column says who it is: an e-mail, a backer number or an order number is needed")
    if "line1" not in parts:
        raise InputError(f"{file}: no column has the address: one called address line 1, street or line1 is needed")
    return UpdateColumns(who, parts)
