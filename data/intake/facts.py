"""A record as the staging file keeps it."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import NamedTuple

from data.intake.money import money_text
from data.intake.record import PledgeRecord
from data.model import ADDRESS_FIELDS


class Facts(NamedTuple):
    """What a file says of an order besides its goods and its address."""

    order: tuple[object, ...]
    """In the order of `staging.ORDER_COLUMNS`, with an empty text for nothing."""
    paid: int


def read_facts(record: PledgeRecord, currency: str) -> Facts:
    """Return a record's facts; `currency` is the campaign's, for rows without an amount.

    A status that does not tell counts as paid: every platform says so when a payment failed.
    """
    amount, shipping = record.amount, record.shipping
    return Facts(
        (
            record.backer_number or record.backer_uid,
            record.tier,
            record.status_raw,
            amount.currency if amount else currency,
            amount.minor if amount else "",
            shipping.minor if shipping else "",
            record.pledged_at,
            record.pledged_at_raw,
            _answers(record),
            record.row_hash,
        ),
        int(record.paid is not False and not record.cancelled),
    )


address_values = attrgetter(*ADDRESS_FIELDS)
"""Return the nine parts of an address."""


def _answers(record: PledgeRecord) -> str:
    """Return what has no column of its own as JSON: [[question, answer], ...]."""
    answers = list(record.answers)
    if record.bonus is not None and record.bonus.minor:
        answers.append(("Bonus support", money_text(record.bonus)))
    if record.shipping_country and record.shipping_country != record.address.country:
        answers.append(("Shipping country of the pledge", record.shipping_country))
    return json.dumps(answers, ensure_ascii=False) if answers else ""
