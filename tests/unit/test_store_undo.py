"""Undo: the inverse as an act of its own, refused where later work stands on it, and redo."""

from __future__ import annotations

import pytest

from data.model import StaleError
from data.store.actor import Actor
from data.store.undo import last_redoable, last_undoable, undo
from data.store.workspace import Workspace


def add(ws: Workspace, sku: str, words: str = "", compensate: str = "") -> int:
    with ws.write("test.add", words or f"add {sku}", compensate=compensate) as tx:
        tx.insert("products", {"sku": sku})
    return tx.act


def title(ws: Workspace, sku: str, text: str) -> int:
    with ws.write("test.title", f"call {sku} {text}") as tx:
        tx.run("UPDATE products SET title = ?, rev = rev + 1 WHERE sku = ?", (text, sku))
    return tx.act


def titles(ws: Workspace) -> dict[str, str]:
    return dict(ws.store.rows("SELECT sku, title FROM products ORDER BY sku"))


def test_insert_update_and_delete_are_taken_back_row_by_row(workspace: Workspace) -> None:
    added = add(workspace, "A")
    named = title(workspace, "A", "Alpha")
    with workspace.write("test", "remove") as tx:
        tx.run("DELETE FROM products")
    undo(workspace.store, workspace.actor, tx.act)
    assert titles(workspace) == {"A": "Alpha"}
    undo(workspace.store, workspace.actor, named)
    assert titles(workspace) == {"A": ""}
    done = undo(workspace.store, workspace.actor, added)
    assert (done.words, titles(workspace)) == ("undone: add A", {})


def test_undo_is_refused_where_later_work_stands_and_names_it(workspace: Workspace, actor: Actor) -> None:
    add(workspace, "A")
    first = title(workspace, "A", "Alpha")
    second = title(workspace, "A", "Aleph")
    with pytest.raises(StaleError, match=f"act {second} by dana, “call A Aleph”: undo act {second} first"):
        undo(workspace.store, actor, first)
    assert titles(workspace) == {"A": "Aleph"}


def test_undo_steps_back_through_ones_work_and_redo_forward_again(workspace: Workspace, actor: Actor) -> None:
    add(workspace, "A")
    for text in ("one", "two", "three"):
        title(workspace, "A", text)
    for text in ("two", "one", ""):
        act = last_undoable(workspace.store, actor.session)
        assert act is not None
        undo(workspace.store, actor, act.id)
        assert titles(workspace) == {"A": text}
    for text in ("one", "two", "three"):
        act = last_redoable(workspace.store, actor.session)
        assert act is not None
        undo(workspace.store, actor, act.id)
        assert titles(workspace) == {"A": text}
    assert last_redoable(workspace.store, actor.session) is None
    act = last_undoable(workspace.store, actor.session)
    assert act is not None
    undo(workspace.store, actor, act.id)
    assert titles(workspace) == {"A": "two"}
    title(workspace, "A", "other")
    assert last_redoable(workspace.store, actor.session) is None


def test_what_was_undone_and_done_again_counts_as_later_work(workspace: Workspace, actor: Actor) -> None:
    add(workspace, "A")
    first, second = title(workspace, "A", "one"), title(workspace, "A", "two")
    back = undo(workspace.store, actor, second).act
    assert back is not None
    undo(workspace.store, actor, back)
    with pytest.raises(StaleError, match="later work stands on it"):
        undo(workspace.store, actor, first)


def test_an_act_is_undone_only_once(workspace: Workspace, actor: Actor) -> None:
    act = add(workspace, "A")
    by = undo(workspace.store, actor, act).act
    with pytest.raises(StaleError, match=f"was undone already, by act {by}"):
        undo(workspace.store, actor, act)
    with pytest.raises(StaleError, match="there is no act 99"):
        undo(workspace.store, actor, 99)


def test_what_reached_the_world_names_the_verb_that_makes_it_good(workspace: Workspace, actor: Actor) -> None:
    sent = add(workspace, "A", "send batch 1", compensate="order.cancel")
    with pytest.raises(StaleError, match=r"“send batch 1” can't be undone: use order\.cancel"):
        undo(workspace.store, actor, sent)


def test_a_row_that_others_refer_to_stays(workspace: Workspace, actor: Actor) -> None:
    act = add(workspace, "A")
    with workspace.write("test", "use it") as tx:
        tx.insert("product_values", {"sku": "A", "currency": "EUR", "minor": 100})
    with pytest.raises(StaleError, match="later work stands on it"):
        undo(workspace.store, actor, act)
    assert titles(workspace) == {"A": ""}


def test_a_merge_is_undone_whole_while_untouched(workspace: Workspace, actor: Actor) -> None:
    def merge(first: int) -> int:
        with workspace.store.write(actor, "import", "import 100 products", bulk=True) as tx:
            tx.db.conn.executemany(
                "INSERT INTO products(id, sku) VALUES (?, ?)", [(n, f"P{n}") for n in range(first, first + 100)]
            )
            tx.run_of("products", first, first + 99)
        return tx.act

    untouched, touched = merge(1), merge(101)
    assert workspace.store.value("SELECT count(*) FROM journal") == 0
    later = title(workspace, "P150", "named")
    with pytest.raises(StaleError, match=f"act {later} by dana"):
        undo(workspace.store, actor, touched)
    undo(workspace.store, actor, untouched)
    assert workspace.store.one("SELECT min(id), count(*) FROM products") == (101, 100)
    undone = workspace.store.value("SELECT max(id) FROM act")
    with pytest.raises(StaleError, match="import the files again"):
        undo(workspace.store, actor, undone)
