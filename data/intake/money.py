"""Amounts as platforms write them: `SEK 1,000.00`, `$5.00 USD`, `1.234,56 €`, read to the minor unit or refused."""

from __future__ import annotations

import re
from functools import lru_cache

from data.model import InputError, Money, exponent
from data.text import visible

_DOLLARS = frozenset((
    "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "BRL", "CLP", "COP", "ARS", "UYU", "BBD", "BMD", "BND",
    "BSD", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
))  # fmt: skip
_KRONER = frozenset(("DKK", "ISK", "NOK", "SEK"))
_YEN = frozenset(("CNY", "JPY"))
_POUNDS = frozenset(("EGP", "FKP", "GBP", "GIP", "SHP"))
_SHARED = {"$": _DOLLARS, "kr": _KRONER, "kr.": _KRONER, "¥": _YEN}
"""Signs that several currencies use: the campaign's currency decides, and where it is none of them, nothing does."""
_SIGNS = {
    "€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR", "₪": "ILS", "₺": "TRY", "₴": "UAH", "₽": "RUB", "₫": "VND",
    "฿": "THB", "zł": "PLN", "kč": "CZK", "ft": "HUF", "fr.": "CHF", "円": "JPY", "元": "CNY", "us$": "USD",
    "ca$": "CAD", "c$": "CAD", "au$": "AUD", "a$": "AUD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "sg$": "SGD",
    "mx$": "MXN", "r$": "BRL", "nt$": "TWD",
}  # fmt: skip

_AMOUNT = re.compile(
    r"(?P<minus>[-\u2212]?)\s*(?P<before>[^\d\s,.'\u2019+-]+\.?)?\s*(?P<inner>[-\u2212]?)"
    r"(?P<number>[0-9](?:[0-9.,'\u2019 \u00a0\u202f]*[0-9])?)\s*(?P<after>[^\d\s,.'\u2019+-]+\.?)?"
)
_SPACES = str.maketrans("", "", "'\u2019 \u00a0\u202f")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:(?P<mark>[,.])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})*,[0-9]{3}")
_LONGEST = 60


def read_money(text: str, currency: str) -> Money | None:
    """Read an amount; an empty one is None. `currency` is the campaign's and settles bare numbers and shared signs.

    Raises InputError when the currency or the decimals can be read two ways.
    """
    if not text:
        return None
    if len(text) > _LONGEST:
        raise InputError(f"“{visible(text[:20])}…” is too long for an amount")
    return _read(text, currency)


def money_text(money: Money) -> str:
    """Write an amount so that `read_money` reads it back in any campaign: `SEK 1,000.00`."""
    places = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**places)
    decimals = f".{part:0{places}}" if places else ""
    return f"{money.currency} {'-' if money.minor < 0 else ''}{whole:,}{decimals}"


@lru_cache(maxsize=20_000)
def _read(text: str, currency: str) -> Money:
    """Read an amount that is there."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found or (found["minus"] and found["inner"]):
        raise InputError(f"“{visible(text)}” is not an amount")
    named = {_currency(sign, currency, text) for sign in (found["before"], found["after"]) if sign}
    if len(named) > 1:
        # `$5.00 USD`: a code says which of the currencies a shared sign means.
        codes = {sign.upper() for sign in (found["before"], found["after"]) if len(sign) == 3 and sign.isalpha()}
        named = named & codes if len(named & codes) == 1 and _agree(found["before"], found["after"]) else named
    if len(named) > 1 or named == {""}:
        raise InputError(f"“{visible(text)}”: which currency is meant can't be told")
    chosen = next((each for each in named if each), currency)
    minor = _minor(found["number"].translate(_SPACES), exponent(chosen), text)
    return Money(-minor if found["minus"] or found["inner"] else minor, chosen)


def _currency(sign: str, campaign: str, text: str) -> str:
    """Return the currency of one sign or code; empty for a shared sign that the campaign's currency does not settle."""
    folded = sign.casefold()
    if folded in _SHARED:
        return campaign if campaign in _SHARED[folded] else ""
    if folded == "£" and campaign in _POUNDS:
        return campaign
    if folded in _SIGNS:
        return _SIGNS[folded]
    if len(sign) == 3 and sign.isascii() and sign.isalpha():
        return sign.upper()
    raise InputError(f"“{visible(text)}”: “{visible(sign)}” is not a currency known here")


def _agree(before: str, after: str) -> bool:
    """Tell whether a sign and a code can stand for the same currency."""
    sign, code = (before, after) if len(after) == 3 and after.isalpha() else (after, before)
    shared = _SHARED.get(sign.casefold(), _POUNDS if sign == "£" else frozenset())
    return code.upper() in shared


def _minor(number: str, places: int, text: str) -> int:
    """Return minor units; raises InputError where a mark could be a thousands mark or a decimal mark."""
    whole, part = number, ""
    marks = [mark for mark in number if mark in ",."]
    if marks and (len(set(marks)) == 2 or len(marks) == 1):
        head, _, tail = number.rpartition(marks[-1])
        if len(set(marks)) == 2 or _decimal(head, tail, marks[-1], places, text):
            whole, part = head, tail
    if "," in whole or "." in whole:
        if not (_GROUPS.fullmatch(whole) or _LAKHS.fullmatch(whole)):
            raise InputError(f"“{visible(text)}” is not an amount: its thousands are set apart wrongly")
        whole = whole.replace(",", "").replace(".", "")
    if len(part) > places:
        if part.strip("0"):
            raise InputError(f"“{visible(text)}” has more decimals than its currency")
        part = part[:places]
    return int(whole + part.ljust(places, "0"))


def _decimal(head: str, tail: str, mark: str, places: int, text: str) -> bool:
    """Tell whether the only mark is a decimal mark: three digits after it are thousands but in a currency of three."""
    if len(tail) != 3:
        return True
    if places == 3:
        if mark == ",":
            raise InputError(f"“{visible(text)}”: whether the comma marks thousands or decimals can't be told")
        return True
    if not 1 <= len(head) <= 3 or head.startswith("0"):
        raise InputError(f"“{visible(text)}” has more decimals than its currency")
    return False
