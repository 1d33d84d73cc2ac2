"""Dispatch from the command line, with a worker as a real process."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import MakeOrder, Ran


def test_a_batch_goes_from_allocation_to_the_warehouse_by_commands_alone(
    lastcall: Callable[..., Ran], make_order: MakeOrder
) -> None:
    for _ in range(3):
        make_order(locked=True)
    bad = lastcall("warehouse", "add", "EU1", "--name", "Cedar", "--portal", "nonsense")
    assert (bad.code, "known are" in bad.err) == (2, True)
    assert lastcall("warehouse", "add", "EU1", "--name", "Cedar", "--countries", "DE").code == 0
    assert "would allocate 3 orders: EU1 3" in lastcall("allocate", "--dry-run").out
    assert lastcall("allocate", "--json").json["given"][0]["orders"] == 3
    made = lastcall("batch", "create", "--warehouse", "EU1", "--limit", "2", "--json").json
    assert made["number"] == 1
    wrong = lastcall("batch", "send", "1", "--count", "3")
    assert (wrong.code, "nothing was sent" in wrong.err) == (2, True)
    assert lastcall("batch", "send", "1", "--yes", "--wait").code == 0
    (row,) = lastcall("batches", "--json", "--filter", "state:sent").json
    assert (row["number"], row["shipments"], row["accepted"]) == (1, 2, 2)
    (warehouse,) = lastcall("warehouses", "--json").json
    assert (warehouse["code"], warehouse["open"], warehouse["problem"]) == ("EU1", 0, "")
    off = lastcall("batch", "cancel", "1")
    assert (off.code, "cancel its orders instead" in off.err) == (2, True)
    empty = lastcall("batch", "create", "--warehouse", "EU1", "--filter", "country:FR")
    assert (empty.code, empty.out.strip()) == (1, "no order fits into a batch for EU1")
