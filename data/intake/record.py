"""What a row of a platform's file says, in our words: one pledge, whatever the platform and its year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from data.intake.dates import DateOrder
from data.model import Address, Money

NO_ADDRESS = Address()
"""Shared by every record without one."""


class PledgeRecord(NamedTuple):
    """One row, read; values are as the platform gives them, without space around them, unless said otherwise."""

    platform: str
    external_id: str
    """The order's identity at the platform: `BackerUID:RewardID` at Kickstarter, `UID:none` without a reward."""
    backer_uid: str
    backer_number: str
    name: str
    email: str
    tier: str
    """From the tier's column, else the file's name, else what else names it; empty without a reward."""
    reward_id: str
    items: tuple[tuple[str, str, int], ...]
    """(kind, name, quantity), kind one of tier, item, addon, sku; each (kind, name) once, in the file's order."""
    address: Address
    """`NO_ADDRESS` when the survey is not answered."""
    shipping_country: str
    """The pledge's own country, ISO alpha-2 where it is known; all there is before the survey."""
    answered: bool
    pledged_at_raw: str
    pledged_at: str
    """UTC text, or empty."""
    amount: Money | None
    shipping: Money | None
    bonus: Money | None
    status_raw: str
    paid: bool | None
    """None when the status does not tell."""
    cancelled: bool
    notes: str
    answers: tuple[tuple[str, str], ...]
    """(question, answer) of every other column that has something in it."""
    hidden: bool
    """Whether any cell has control, bidirectional or invisible characters."""
    row_hash: str
    """128 bits in hex over the row's cells; the same whatever the order of the columns."""
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a file does not say about the campaign it belongs to."""

    currency: str
    """ISO 4217."""
    zone: ZoneInfo
    """Dates without an offset are read in it."""
    country_code: Callable[[str], str | None]
    """Return the ISO alpha-2 code of a country's code or name, or None (`data.addresses.countries.country_code`)."""
    date_order: DateOrder = ""
