"""What this warehouse accepts: every field named, every mistake told at once."""

from __future__ import annotations

import re
from typing import Any

from data.portals.protocol import is_key
from data.text import has_hidden

Problem = dict[str, str]
_SKU = re.compile(r"[^\s]{1,50}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LONGEST = {
    "name": 100,
    "company": 100,
    "address1": 100,
    "address2": 100,
    "city": 60,
    "region": 60,
    "postcode": 20,
    "country": 2,
    "phone": 40,
}
_REQUIRED = ("name", "address1", "city", "country")
_ORDER = {"reference", "order_number", "email", "campaign", "late", "ship_to", "lines"}
_LINE = {"sku", "title", "quantity"}
_MOST_LINES = 200


def order_problems(body: Any) -> list[Problem]:
    """Return what is wrong with an order, field by field."""
    if not isinstance(body, dict):
        return [_problem("", "must be a JSON object")]
    found = [_problem(name, "is not a field of an order") for name in sorted(body.keys() - _ORDER)]
    reference = body.get("reference")
    if not isinstance(reference, str) or not is_key(reference):
        found.append(_problem("reference", "must be 1 to 40 of A-Z a-z 0-9 _ -"))
    for name, longest in (("order_number", 60), ("email", 254), ("campaign", 60)):
        found += _text_problems(name, body.get(name, ""), longest)
    if not body.get("order_number"):
        found.append(_problem("order_number", "is required"))
    if not isinstance(body.get("late", False), bool):
        found.append(_problem("late", "must be true or false"))
    return found + address_problems(body.get("ship_to"), "ship_to.") + lines_problems(body.get("lines"))


def address_problems(address: Any, prefix: str = "") -> list[Problem]:
    """Return what is wrong with an address, field by field."""
    if not isinstance(address, dict):
        return [_problem(prefix.rstrip(".") or "address", "must be a JSON object")]
    found = [_problem(prefix + name, "is not a field of an address") for name in sorted(address.keys() - _LONGEST)]
    for name, longest in _LONGEST.items():
        found += _text_problems(prefix + name, address.get(name, ""), longest)
    found += [_problem(prefix + name, "is required") for name in _REQUIRED if not address.get(name)]
    country = address.get("country")
    if isinstance(country, str) and country and not _COUNTRY.fullmatch(country):
        found.append(_problem(prefix + "country", "must be two capital letters (ISO 3166-1)"))
    return found


def lines_problems(lines: Any, prefix: str = "", also: frozenset[str] = frozenset()) -> list[Problem]:
    """Return what is wrong with lines, field by field; `also` are fields they may have besides."""
    if not isinstance(lines, list) or not 1 <= len(lines) <= _MOST_LINES:
        return [_problem(f"{prefix}lines", f"must be a list of 1 to {_MOST_LINES} lines")]
    found: list[Problem] = []
    for index, line in enumerate(lines):
        at = f"{prefix}lines[{index}]"
        if not isinstance(line, dict):
            found.append(_problem(at, "must be a JSON object"))
            continue
        found += [_problem(f"{at}.{name}", "is not a field of a line") for name in sorted(line.keys() - _LINE - also)]
        sku = line.get("sku")
        if not isinstance(sku, str) or not _SKU.fullmatch(sku) or has_hidden(sku):
            found.append(_problem(f"{at}.sku", "must be 1 to 50 characters without spaces"))
        found += _text_problems(f"{at}.title", line.get("title", ""), 200)
        quantity = line.get("quantity")
        if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= 9999:
            found.append(_problem(f"{at}.quantity", "must be a whole number from 1 to 9999"))
    return found


def _text_problems(name: str, value: Any, longest: int) -> list[Problem]:
    if not isinstance(value, str):
        return [_problem(name, "must be text")]
    if len(value) > longest:
        return [_problem(name, f"must not be longer than {longest} characters, has {len(value)}")]
    if has_hidden(value):
        return [_problem(name, "holds control or invisible characters")]
    return []


def _problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
