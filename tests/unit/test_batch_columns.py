"""The cells of the batch list."""

from __future__ import annotations

from dataclasses import fields

from data.dispatch.batch_rows import BatchRow
from screens.columns.batches import progress_cell


def test_what_was_taken_is_never_more_than_what_was_asked_for_though_orders_are_cancelled_later() -> None:
    values = {each.name: "" if each.type == "str" else 0 for each in fields(BatchRow)}
    # Of 75 shipments that were taken, 3 were cancelled afterwards.
    row = BatchRow(**values | {"state": "complete", "shipments": 72, "accepted": 75})  # type: ignore[arg-type]
    assert progress_cell(row).plain == "75/75"
    row = BatchRow(**values | {"state": "sent", "shipments": 5, "accepted": 3, "rejected": 1, "planned": 1})  # type: ignore[arg-type]
    assert progress_cell(row).plain == "3/5"
