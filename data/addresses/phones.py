"""Telephone numbers: E.164 beside what was written, and the ways spreadsheets break them (rule N17).

Parsing and number plans: phonenumbers (Apache-2.0), imported when the first number is read. A number that no plan knows
is never more than a hint: plans change, and 07700 900xxx is real in no plan but harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from data.addresses.fold import folded

_SCIENTIFIC = re.compile(r"\+?(\d)[.,](\d{1,15})e\+?(\d{1,2})|\+?(\d)e\+?(\d{1,2})", re.ASCII)
_FLOAT = re.compile(r"\+?(\d{6,15})[.,]0{1,2}", re.ASCII)
_QUOTED = re.compile(r"""=?["']\+?([^"']{4,30})["']?""")


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number as it is understood."""

    e164: str
    """`+12025550143`, with `x12` for an extension; empty where the number cannot be read."""
    possible: bool
    valid: bool
    damage: str = ""
    """`scientific` (digits are lost), `excel` (a float or quotes), or empty."""
    repair: str = ""
    """E.164 of what a spreadsheet's notation stood for."""


@lru_cache(maxsize=8192)
def phone_of(value: str, country: str) -> Phone:
    """Read one number; `country` is alpha-2 after promotion and may be empty for numbers that begin with +."""
    text = folded(value)
    if not text or len(text) > 60:
        return Phone("", False, False)
    bare = text.replace(" ", "")
    if _SCIENTIFIC.fullmatch(bare):
        return Phone("", False, False, "scientific")
    if found := _FLOAT.fullmatch(bare) or _QUOTED.fullmatch(text):
        inner = _parsed(found[1], country)
        if not inner.valid:
            inner = _parsed(f"+{found[1]}", country)
        return Phone(inner.e164 if inner.possible else "", inner.possible, inner.valid, "excel", inner.e164)
    return _parsed(text, country)


def _parsed(text: str, country: str) -> Phone:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return Phone("", False, False)
    if text[:2] == "00" and not phonenumbers.is_possible_number(number):
        # 00 is the international prefix of most plans, whatever the country of the address.
        try:
            number = phonenumbers.parse(f"+{text[2:].lstrip()}", None)
        except phonenumbers.NumberParseException:
            return Phone("", False, False)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        e164 += f"x{number.extension}"
    possible = phonenumbers.is_possible_number(number)
    return Phone(e164, possible, possible and phonenumbers.is_valid_number(number))


def same_phone(one: str, other: str, country: str) -> bool:
    """Tell whether two texts are notations of one number; unreadable numbers are equal only digit by digit."""
    first, second = phone_of(one, country), phone_of(other, country)
    if first.damage == "scientific" or second.damage == "scientific":
        return folded(one) == folded(other)
    if first.e164 and second.e164:
        return first.e164 == second.e164
    return digits(one) == digits(other) and bool(digits(one)) and folded(one).isascii() == folded(other).isascii()


def country_of_phone(value: str) -> str | None:
    """Return the country whose plan a valid international number belongs to, or None."""
    import phonenumbers

    try:
        number = phonenumbers.parse(folded(value)[:60], None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number) if phonenumbers.is_valid_number(number) else None


def digits(value: str) -> str:
    """Return the decimal digits of a text as 0-9."""
    return "".join(each for each in folded(value) if each.isdigit())


def could_stand_for(damaged: str, number: str, country: str) -> bool:
    """Tell whether a number in scientific notation (2.01555E+09) may have been this number before digits were lost."""
    found = _SCIENTIFIC.fullmatch(folded(damaged).replace(" ", ""))
    whole = phone_of(number, country)
    if not found or not whole.e164:
        return False
    mantissa = (found[1] + found[2]) if found[1] else found[4]
    length = int(found[3] or found[5]) + 1
    international = whole.e164[1:].split("x")[0]
    for tried in {international, international[-length:], digits(number)}:
        if len(tried) == length and len(mantissa) <= length:
            scale = 10 ** (length - len(mantissa))
            if abs(int(tried) - int(mantissa) * scale) <= scale:
                return True
    return False
