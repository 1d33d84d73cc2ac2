"""Saved views: kept, replaced, deleted, brought back."""

from __future__ import annotations

import pytest

from data.model import InputError
from data.orders.views import delete_view, find_view, list_views, save_view
from data.store.undo import undo
from data.store.workspace import Workspace


def test_a_view_keeps_filter_sort_and_columns_for_everybody(workspace: Workspace) -> None:
    save_view(workspace, "orders", "Late ones", "late:yes", "ordered", True, ["number", "name"])
    save_view(workspace, "addresses", "Late ones", "late:yes")
    view = find_view(workspace.store, "orders", "late ONES")
    assert (view.filter, view.sort, view.descending, view.columns) == ("late:yes", "ordered", True, ("number", "name"))
    assert [each.screen for each in list_views(workspace.store)] == ["addresses", "orders"]


def test_saving_under_a_name_again_replaces_and_undo_restores(workspace: Workspace) -> None:
    save_view(workspace, "orders", "Mine", "late:yes")
    act = save_view(workspace, "orders", "mine", "paid:no").act
    assert [each.filter for each in list_views(workspace.store, "orders")] == ["paid:no"]
    assert act is not None
    undo(workspace.store, workspace.actor, act)
    assert [each.filter for each in list_views(workspace.store, "orders")] == ["late:yes"]


def test_a_deleted_view_comes_back_with_undo(workspace: Workspace) -> None:
    save_view(workspace, "orders", "Mine", "late:yes", columns=["number"])
    act = delete_view(workspace, "orders", "MINE").act
    with pytest.raises(InputError, match="none yet"):
        find_view(workspace.store, "orders", "Mine")
    assert act is not None
    undo(workspace.store, workspace.actor, act)
    assert find_view(workspace.store, "orders", "Mine").columns == ("number",)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x1b[2J", "a\nb"])
def test_a_name_that_can_not_be_shown_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError):
        save_view(workspace, "orders", name, "")
