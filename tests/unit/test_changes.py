"""A proposed address is a version and a change of its own, never an overwrite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data.addresses.changes import read_change
from data.addresses.propose import propose
from data.model import Address, AddressSource, ChangeState
from data.store.actor import Actor
from data.store.store import Write
from data.store.undo import undo
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
MOVED = replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg")


def on_file(workspace: Workspace, order_id: int) -> str:
    return str(
        workspace.store.value(
            "SELECT a.line1 FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.id = ?", (order_id,)
        )
    )


def proposed(
    workspace: Workspace, order_id: int, address: Address, source: AddressSource = AddressSource.BACKER
) -> int | None:
    with workspace.write("test.propose", "propose") as tx:
        return propose(tx, order_id, address, source)


def states(workspace: Workspace, order_id: int) -> list[str]:
    return [
        row[0] for row in workspace.store.rows("SELECT state FROM changes WHERE order_id = ? ORDER BY id", (order_id,))
    ]


def test_a_changed_address_waits_and_what_is_on_file_stays(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=HOME)
    made = proposed(workspace, order, MOVED)
    assert made is not None
    change = read_change(workspace.store, made)
    assert change is not None
    assert (change.state, change.label, change.level, change.late) == (ChangeState.WAITING, "material", 3, False)
    assert on_file(workspace, order) == HOME.line1


def test_an_address_that_changes_nothing_closes_itself_and_is_kept(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=HOME)
    proposed(workspace, order, replace(HOME, city="Berlin\u00a0 "))
    assert states(workspace, order) == ["no_change"]


def test_a_newer_change_supersedes_the_one_that_waits(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=HOME)
    proposed(workspace, order, MOVED)
    proposed(workspace, order, replace(MOVED, line1="Lindenallee 21"))
    assert states(workspace, order) == ["superseded", "waiting"]


def test_who_says_the_same_again_says_nothing_even_after_a_rejection(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=HOME)
    made = proposed(workspace, order, MOVED)
    with workspace.write("test.reject", "reject") as tx:
        tx.run("UPDATE changes SET state = 'rejected', rev = rev + 1 WHERE id = ?", (made,))
    assert proposed(workspace, order, MOVED) is None
    assert states(workspace, order) == ["rejected"]


def test_the_platform_repeating_itself_neither_undoes_nor_withdraws_what_the_backer_asked(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=HOME)
    proposed(workspace, order, MOVED)
    assert proposed(workspace, order, HOME, AddressSource.IMPORT) is None
    assert proposed(workspace, order, replace(HOME, city="Berlin "), AddressSource.IMPORT) is not None
    assert states(workspace, order) == ["waiting", "no_change"]


def test_a_backer_who_goes_back_to_what_is_on_file_withdraws_the_change(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=HOME)
    proposed(workspace, order, MOVED)
    proposed(workspace, order, HOME)
    assert states(workspace, order) == ["superseded", "no_change"]


def test_an_order_without_an_address_takes_it_at_once(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=None)
    assert proposed(workspace, order, HOME) is None
    assert on_file(workspace, order) == HOME.line1
    assert workspace.store.one("SELECT stage, country FROM orders WHERE id = ?", (order,)) == ("ready", "DE")


@pytest.mark.parametrize("table", ["orders", "campaigns"])
def test_what_comes_after_the_lock_is_late_and_even_a_first_address_is_reviewed(
    workspace: Workspace, make_order: MakeOrder, table: str
) -> None:
    orders = [make_order(address=HOME), make_order(address=None)]
    with workspace.write("test.lock", "lock") as tx:
        tx.run(f"UPDATE {table} SET locked_at = '2026-11-20T00:00:00Z', rev = rev + 1")
    for order in orders:
        proposed(workspace, order, MOVED)
    assert workspace.store.rows("SELECT state, late FROM changes ORDER BY id") == [("waiting", 1), ("waiting", 1)]
    assert workspace.store.value("SELECT label FROM changes ORDER BY id DESC") == "correction_of_invalid"


def test_a_cancelled_order_takes_no_change(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=HOME)
    with workspace.write("test.cancel", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (order,))
    assert proposed(workspace, order, MOVED) is None
    assert states(workspace, order) == []


def test_a_proposed_address_is_checked_and_an_error_in_a_first_one_holds_the_order(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=None)
    proposed(workspace, order, replace(HOME, postcode="1011"))
    assert workspace.store.value("SELECT stage FROM orders WHERE id = ?", (order,)) == "needs_info"
    assert workspace.store.value("SELECT field FROM findings WHERE severity = 'error'") == "postcode"


def test_changes_proposed_in_a_bulk_act_are_journalled_and_undone_with_it(
    workspace: Workspace, make_order: MakeOrder, actor: Actor
) -> None:
    first, second = make_order(address=HOME), make_order(address=None)

    def import_(tx: Write) -> None:
        propose(tx, first, MOVED, AddressSource.IMPORT)
        propose(tx, second, MOVED, AddressSource.IMPORT)

    with workspace.store.write(actor, "import", "import", bulk=True) as tx:
        import_(tx)
    assert states(workspace, first) == ["waiting"]
    undo(workspace.store, actor, tx.act)
    assert states(workspace, first) == []
    assert workspace.store.value("SELECT address_id FROM orders WHERE id = ?", (second,)) is None
    assert workspace.store.value("SELECT count(*) FROM addresses") == 1


def test_a_change_that_damages_what_is_right_does_not_stand_among_the_repairs(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    home = Address(name="Kim", line1="12 Elm St", city="Hoboken", region="NJ", postcode="07030", country="US")
    damaged, mended = make_order(address=home), make_order(address=replace(home, postcode="7030"))
    proposed(workspace, damaged, replace(home, postcode="7030"))
    proposed(workspace, mended, home)
    labels = workspace.store.rows("SELECT label FROM changes ORDER BY order_id")
    assert labels == [("material",), ("correction_of_invalid",)]
