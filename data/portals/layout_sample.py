"""What a layout makes of one order, to be shown before a warehouse gets a real one."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import Address, Money
from data.portals.layout import Layout
from data.portals.order_body import order_body
from data.portals.order_list import FileTable, order_tables
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder

EXAMPLE = ShipmentOrder(
    key="EMBER-000042-1",
    number="42",
    address=Address(
        "Zoë de la Croix", "", "12 rue de l'Église", "Bât. B", "Saint-Étienne", "", "01234", "FR", "+33 477 000 000"
    ),
    lines=(
        ShipmentLine("GAME", "Ember Isles", 1, 1200, "950440", "CN", "board game", Money(4500, "EUR")),
        ShipmentLine("DICE-2", "Dice", 2, 30, "950490", "CN", "dice", Money(250, "EUR")),
    ),
    email="zoe@example.org",
    campaign="Ember Isles",
    ordered_at="2026-10-01T10:00:00Z",
    currency="EUR",
)


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """One column with the cells that an example order has in it."""

    header: str
    cells: tuple[str, ...]
    width: int | None
    required: bool


def sample_table(layout: Layout, order: ShipmentOrder = EXAMPLE) -> FileTable:
    """Return the table of one order; raises InputError where the layout can't carry it."""
    return order_tables(layout, 1, [Entry(Action.ADD, order.key, order_body(order))])[0]


def shown_columns(layout: Layout) -> list[ShownColumn]:
    """Return the columns of a layout with an example order in them; raises InputError where it does not fit."""
    table = sample_table(layout)
    rules = {each.header: each for each in layout.columns}
    shown: list[ShownColumn] = []
    for at, header in enumerate(table.header):
        rule = rules.get(header)
        cells = tuple(row[at] for row in table.rows)
        shown.append(ShownColumn(header, cells, rule.width if rule else None, rule is not None and rule.required))
    return shown
