"""What a file warehouse is told besides orders, as tables: goods that will arrive, parcels that come back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from data.model import CommandKind, InputError
from data.portals.layout import Layout
from data.portals.notices import InboundNotice, Notice
from data.portals.order_list import FileTable, finish_cell

SERIES = {CommandKind.ANNOUNCE: "advice", CommandKind.RETURN: "return"}
"""How the files of each kind are called."""
_SHARED = {
    CommandKind.ANNOUNCE: {
        "advice": "key",
        "expected on": "expected_on",
        "packing": "packing",
        "purchase order": "purchase_order",
        "supplier": "supplier",
        "carrier": "carrier",
        "tracking number": "tracking_number",
        "vessel": "vessel",
        "container": "container",
        "bill of lading": "bill_of_lading",
    },
    CommandKind.RETURN: {
        "return": "key",
        "order key": "order_key",
        "order id": "order_remote_id",
        "tracking number": "tracking_number",
        "reason": "reason",
    },
}
"""The columns that say the same in every row, and the field each has."""
_LINES = {
    CommandKind.ANNOUNCE: ("carton", "cartons alike", "sku", "pieces in each", "pieces in all"),
    CommandKind.RETURN: ("sku", "pieces", "action"),
}


def notice_body(layout: Layout, notice: Notice) -> str:
    """Return a notice as text; raises InputError where a cell of it can't be written as the layout has it."""
    body = json.dumps(asdict(notice), ensure_ascii=False)
    kind = CommandKind.ANNOUNCE if isinstance(notice, InboundNotice) else CommandKind.RETURN
    notice_table(layout, kind, body)
    return body


def notice_table(layout: Layout, kind: CommandKind, body: str) -> FileTable:
    """Return the table of a notice; raises InputError where it can't be written, or is no notice."""
    header = (*_SHARED[kind], *_LINES[kind])
    try:
        told = json.loads(body)
        shared = [str(told[field]) for field in _SHARED[kind].values()]
        rows = [[*shared, *each] for each in (_cartons(told) if kind is CommandKind.ANNOUNCE else _lines(told))]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("this is not the text of a notice") from error
    if not rows:
        raise InputError(f"{SERIES[kind]} {shared[0]}: there is nothing in it")
    where = f"{SERIES[kind]} {shared[0]}"
    return FileTable(
        "",
        header,
        tuple(
            tuple(finish_cell(layout, cell, f"{where}, column {name}") for name, cell in zip(header, row, strict=True))
            for row in rows
        ),
    )


def _cartons(told: dict[str, Any]) -> list[list[str]]:
    return [
        [carton["reference"], str(carton["count"]), line["sku"], str(line["quantity"]), _pieces(carton, line)]
        for carton in told["cartons"]
        for line in carton["lines"]
    ]


def _pieces(carton: dict[str, Any], line: dict[str, Any]) -> str:
    return str(int(carton["count"]) * int(line["quantity"]))


def _lines(told: dict[str, Any]) -> list[list[str]]:
    return [[line["sku"], str(line["quantity"]), line["action"]] for line in told["lines"]]
