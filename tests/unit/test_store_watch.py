"""Seeing what others did: within one look, only the ids that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.store.watch import MOST_IDS, Watch
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, OpenAs


def test_others_work_is_seen_in_one_look_and_only_once(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    order = make_order()
    watch = Watch(workspace.store, workspace.actor.session)
    assert watch.look() is None
    with open_as("mira").write("order.priority", "hurry") as tx:
        tx.run("UPDATE orders SET priority = 1, rev = rev + 1 WHERE id = ?", (order,))
        tx.insert("products", {"sku": "NEW"})
    seen = watch.look()
    assert seen is not None
    assert seen.rows["orders"] == {order}
    assert seen.added == {"products": 1}
    assert [(each.user, each.words) for each in seen.acts] == [("mira", "hurry")]
    assert not seen.everything
    assert watch.look() is None


def test_ones_own_work_is_no_news(workspace: Workspace, make_order: MakeOrder, open_as: OpenAs) -> None:
    watch = Watch(open_as("dana").store, workspace.actor.session)
    make_order()
    seen = watch.look()
    assert seen is not None
    assert (seen.rows, seen.added, seen.acts) == ({}, {}, [])


def test_derived_writes_change_no_row(workspace: Workspace, make_order: MakeOrder, open_as: OpenAs) -> None:
    make_order()
    watch = Watch(workspace.store, workspace.actor.session)
    with open_as("mira").store.derive() as tx:
        tx.run("INSERT INTO checked(address_id, errors, warnings, rules) VALUES (1, 0, 0, 'x')")
    seen = watch.look()
    assert seen is not None
    assert seen.rows == {}


def test_a_merge_is_counted_and_a_flood_means_everything(workspace: Workspace, open_as: OpenAs) -> None:
    watch = Watch(workspace.store, workspace.actor.session)
    mira = open_as("mira")
    with mira.store.write(mira.actor, "import", "import", bulk=True) as tx:
        tx.db.conn.executemany(
            "INSERT INTO products(id, sku) VALUES (?, ?)", [(n, f"P{n}") for n in range(1, MOST_IDS + 3)]
        )
        tx.run_of("products", 1, MOST_IDS + 2)
    seen = watch.look()
    assert seen is not None
    assert (seen.added, seen.everything) == ({"products": MOST_IDS + 2}, False)
    with mira.write("test", "name them all") as tx:
        tx.run("UPDATE products SET title = sku, rev = rev + 1")
    seen = watch.look()
    assert seen is not None
    assert seen.everything
