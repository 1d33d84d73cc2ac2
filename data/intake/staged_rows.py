"""The rows of the staging file as they are written."""

from __future__ import annotations

from typing import Any

from data.intake.baskets import Basket
from data.intake.differences import Difference
from data.intake.facts import address_values
from data.intake.on_file import OrderOnFile
from data.intake.record import PledgeRecord
from data.intake.staging import ADDRESS_COLUMNS, ORDER_COLUMNS

FRESH = (
    "n", "external_id", "paid", "stage", *ORDER_COLUMNS, "hold", "notes", "backer_id", "person", "makes", "uid",
    "b_name", "b_email", "b_number", "basket", "lines", "line_at", "address_at", *ADDRESS_COLUMNS, "file", "line",
)  # fmt: skip
KNOWN = (
    "n", "order_id", "rev", "backer_id", "paid", *ORDER_COLUMNS, "b_name", "b_email", "b_number", "backer_moved",
    "basket", "lines", "line_at", "cancel", "pay_hold", "pay_release", "client_hold", "notes", "address_at", "judged",
    *ADDRESS_COLUMNS, "updated", "changed", "file", "line",
)  # fmt: skip
INSERT_FRESH = f"INSERT INTO fresh({', '.join(FRESH)}) VALUES ({', '.join('?' * len(FRESH))})"
INSERT_KNOWN = f"INSERT INTO known({', '.join(KNOWN)}) VALUES ({', '.join('?' * len(KNOWN))})"


def known_row(
    n: int,
    record: PledgeRecord,
    file: int,
    found: OrderOnFile,
    facts: tuple[object, ...],
    made: Difference,
    basket: Basket,
    line_at: int,
    address_at: int,
) -> tuple[Any, ...]:
    """Return the row of `known` that says what a file says else of an order."""
    return (
        n,
        found.order_id,
        found.rev,
        found.backer_id,
        made.paid,
        *facts,
        record.name,
        record.email,
        record.backer_number,
        int(made.backer),
        basket.number,
        basket.lines,
        line_at if made.lines else None,
        int(made.cancel),
        made.pay_hold,
        int(made.pay_release),
        made.client_hold,
        record.notes or None,
        address_at if made.first_address else None,
        made.judged,
        *address_values(record.address),
        int(made.order),
        int(made.change),
        file,
        record.line,
    )
