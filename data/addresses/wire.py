"""An address as canonical JSON: what a planned amendment keeps until its worker renders it for the warehouse."""

from __future__ import annotations

import json
from dataclasses import asdict

from data.model import ADDRESS_FIELDS, Address, InputError


def address_json(address: Address) -> str:
    """Write an address as JSON; equal addresses give equal text."""
    return json.dumps(asdict(address), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def address_from_json(text: str) -> Address:
    """Read what `address_json` wrote; raises InputError for anything else."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"not an address: {error}") from error
    return address_of(found)


def address_of(found: object) -> Address:
    """Make an address of a decoded JSON object.

    A missing field and null are empty; a field that is not text raises InputError naming it: a number may have lost its
    zeros already. Keys that are no field are passed over.
    """
    if not isinstance(found, dict):
        raise InputError("an address must be an object with the fields " + ", ".join(ADDRESS_FIELDS))
    values: dict[str, str] = {}
    for name in ADDRESS_FIELDS:
        value = found.get(name)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{name} must be text, not {json.dumps(value)[:40]}")
        values[name] = value or ""
    return Address(**values)
