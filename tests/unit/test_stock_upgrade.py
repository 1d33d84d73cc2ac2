"""A workspace of the first schema, with orders allocated, part shipped and shipped, gets the ledger they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlite_utils import Migrations

from data.clock import HeldClock
from data.desk.upgrade import upgrade
from data.desk.verify import verify
from data.orders.stages import settle
from data.stock.adjust import Counted, count
from data.stock.levels import list_levels, read_level
from data.stock.movements import UPGRADED, all_movements
from data.store import migrations
from data.store.actor import Actor
from data.store.store import Write
from data.store.undo import undo
from data.store.workspace import Workspace, init_workspace

_AT = "2026-10-01T10:00:00Z"
_STAGES = {("delivered", False): "delivered", ("shipped", True): "part_shipped"}
"""What the first release made of an order by the state of its shipment, and of another that waits."""


@pytest.fixture
def first_schema(tmp_path: Path, actor: Actor, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace as the first release made it, worked on by that release."""
    old = Migrations("lastcall")
    old()(migrations.m001_the_house)
    folder = tmp_path / "old"
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (migrations.m001_the_house,))
        patched.setattr(migrations, "migrations", old)
        init_workspace(folder)
        ws = Workspace(folder, actor, clock)
        assert "order_movements" not in ws.store.db.table_names()
        _work(ws)
        ws.close()
    return folder


def _work(ws: Workspace) -> None:
    """Allocate one order, ship another, ship a part of a third, cancel a fourth, count GAME once."""
    with ws.write("test", "a campaign") as tx:
        campaign = tx.insert("campaigns", {"code": "EMBER", "name": "Ember Isles"})
        tx.insert("warehouses", {"code": "EU1", "name": "Cedar"})
        for sku, physical in (("GAME", 1), ("DICE", 1), ("BOX", 1), ("PDF", 0)):
            tx.insert("products", {"sku": sku, "physical": physical})
        tx.insert("kit_parts", {"kit": "BOX", "sku": "GAME", "quantity": 1})
        tx.insert("kit_parts", {"kit": "BOX", "sku": "DICE", "quantity": 2})
        _order(tx, campaign, "1", "", [("GAME", 2), ("PDF", 1)])
        _order(tx, campaign, "2", "delivered", [("BOX", 1)])
        _order(tx, campaign, "3", "shipped", [("GAME", 1)], [("DICE", 4)])
        _order(tx, campaign, "4", "cancelled", [("GAME", 9)])
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE number = '4'")
        moved: dict[str, object] = {"sku": "GAME", "warehouse": "EU1", "state": "on_hand", "quantity": 50}
        tx.insert("movements", {**moved, "reason": "counted", "reference": "shelf", "at": _AT})


def _order(
    tx: Write,
    campaign: int,
    number: str,
    state: str,
    lines: list[tuple[str, int]],
    waiting: Sequence[tuple[str, int]] = (),
) -> None:
    """Insert an order allocated to EU1; `lines` are on a shipment of the state, `waiting` on one that is accepted."""
    backer = tx.insert("backers", {"campaign_id": campaign, "platform": "kickstarter", "uid": number})
    order = tx.insert(
        "orders",
        {
            "campaign_id": campaign,
            "backer_id": backer,
            "kind": "pledge",
            "source": "kickstarter",
            "external_id": number,
            "number": number,
            "stage": _STAGES.get((state, bool(waiting)), "allocated"),
            "warehouse": "EU1",
            "units": sum(quantity for _, quantity in (*lines, *waiting)),
        },
    )
    place = {"name": "Anna", "line1": "Elm Street 5", "city": "Berlin", "country": "DE"}
    address = tx.insert("addresses", {"order_id": order, "backer_id": backer, "source": "import", "at": _AT, **place})
    tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (address, order))
    made = [
        (tx.insert("order_lines", {"order_id": order, "sku": sku, "quantity": quantity}), sku, quantity, becomes)
        for becomes, several in ((state, lines), ("accepted", waiting))
        for sku, quantity in several
    ]
    for becomes in dict.fromkeys(each[3] for each in made if each[3] not in ("", "cancelled")):
        shipment = tx.insert(
            "shipments",
            {
                "campaign_id": campaign,
                "backer_id": backer,
                "warehouse": "EU1",
                "key": f"EMBER-{number}-{becomes}",
                "state": "draft",
                "address_id": address,
            },
        )
        for line, sku, quantity, of in made:
            if of == becomes:
                tx.insert(
                    "shipment_lines",
                    {
                        "shipment_id": shipment,
                        "order_id": order,
                        "order_line_id": line,
                        "sku": sku,
                        "quantity": quantity,
                    },
                )
        tx.run("UPDATE shipments SET state = ?, rev = rev + 1 WHERE id = ?", (becomes, shipment))


def test_the_upgrade_gives_the_ledger_what_orders_reserve_and_what_has_left(
    first_schema: Path, actor: Actor, clock: HeldClock
) -> None:
    assert upgrade(first_schema, clock).steps == ("m002_stock_and_corrections",)
    ws = Workspace(first_schema, actor, clock)
    stages = dict(ws.store.rows("SELECT number, stage FROM orders"))
    assert stages == {"1": "allocated", "2": "delivered", "3": "part_shipped", "4": "cancelled"}
    levels = {each.sku: (each.on_hand, each.allocated, each.available, each.counted) for each in list_levels(ws.store)}
    assert levels == {"GAME": (48, 2, 46, True), "DICE": (-2, 4, -6, False)}
    opened = all_movements(ws.store, "EU1", "GAME")
    assert [(each.reason, each.quantity, each.total) for each in opened] == [
        ("counted", 50, 46),
        ("shipped", -1, -4),
        ("shipped", -1, -3),
        ("allocated", -2, -2),
    ]
    assert opened[-1].words == UPGRADED
    assert ws.store.rows("SELECT reference, at FROM movements") == [("shelf", _AT)]
    # What is journalled is what it was: only the contradictions that the made-up shipments bring are found.
    assert {each.check for each in verify(ws.store).findings} <= {
        "commands stand behind shipments",
        "everything can be searched",
    }
    ws.close()


def test_after_the_upgrade_orders_go_on_and_are_undone_as_if_it_had_always_been_there(
    first_schema: Path, actor: Actor, clock: HeldClock
) -> None:
    upgrade(first_schema, clock)
    ws = Workspace(first_schema, actor, clock)
    with ws.write("test", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE number = '1'")
    assert read_level(ws.store, "EU1", "GAME").allocated == 0
    undo(ws.store, ws.actor, tx.act)
    assert read_level(ws.store, "EU1", "GAME").allocated == 2
    with ws.write("test", "the rest leaves") as tx:
        tx.run("UPDATE shipments SET state = 'shipped', rev = rev + 1 WHERE state = 'accepted'")
        settle(tx, [3])
    level = read_level(ws.store, "EU1", "DICE")
    assert (level.on_hand, level.allocated) == (-6, 0)
    count(ws, [Counted("EU1", "DICE", 3)])
    assert read_level(ws.store, "EU1", "DICE").available == 3
    ws.close()
