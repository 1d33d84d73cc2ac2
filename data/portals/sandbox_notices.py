"""The sandbox warehouse's JSON for what is announced to it: inbound shipments and parcels that come back."""

from __future__ import annotations

import json
from typing import Any

from data.portals.notices import InboundNotice, Notice, summed
from data.portals.outcomes import RemoteLine, RemoteState
from data.portals.sandbox_words import read_lines


def notice_body(notice: Notice) -> dict[str, Any]:
    """Return a notice as the warehouse's JSON names it."""
    if isinstance(notice, InboundNotice):
        return {
            "reference": notice.key,
            "purchase_order": notice.purchase_order,
            "supplier": notice.supplier,
            "expected_on": notice.expected_on,
            "packing": str(notice.packing),
            "carrier": notice.carrier,
            "tracking_number": notice.tracking_number,
            "cartons": [
                {"reference": each.reference, "count": each.count, "lines": _lines(each.lines)}
                for each in notice.cartons
            ],
        }
    return {
        "reference": notice.key,
        "order_reference": notice.order_key,
        "tracking_number": notice.tracking_number,
        "reason": notice.reason,
        "lines": [{"sku": each.sku, "quantity": each.quantity, "action": str(each.action)} for each in notice.lines],
    }


def notice_lines(body: str) -> tuple[RemoteLine, ...]:
    """Return the pieces of each SKU that a rendered notice tells of."""
    told = json.loads(body)
    cartons = told.get("cartons") or [{"count": 1, "lines": told.get("lines")}]
    return summed(
        RemoteLine(line.sku, line.quantity * int(each["count"]))
        for each in cartons
        for line in read_lines(each["lines"])
    )


def read_notice(notice: dict[str, Any]) -> RemoteState:
    """Read one notice; raises KeyError, TypeError, ValueError or AttributeError where it can't be read."""
    return RemoteState(
        reference=str(notice["reference"]),
        remote_id=str(notice["id"]),
        raw_status=str(notice["status"]),
        status=None,
        lines=read_lines(notice["expected"]),
        updated_at=str(notice.get("updated_at") or ""),
    )


def _lines(lines: tuple[RemoteLine, ...]) -> list[dict[str, Any]]:
    return [{"sku": each.sku, "quantity": each.quantity} for each in lines]
