"""Saved views: a filter, a sort and columns under a name, for everybody who uses the workspace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from data.model import Done, InputError
from data.store.store import Store
from data.store.workspace import Workspace
from data.text import visible

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view of one screen."""

    id: int
    screen: str
    """The noun it lists: orders, addresses, dispatch, issues."""
    name: str
    filter: str
    sort: str
    descending: bool
    columns: tuple[str, ...]
    """Column keys; none = the screen's own choice."""


def list_views(store: Store, screen: str | None = None) -> list[SavedView]:
    """List the saved views of a screen, or (None) of all, by name."""
    return [
        SavedView(row_id, where, name, text, sort.removeprefix("-"), sort.startswith("-"), tuple(json.loads(columns)))
        for row_id, where, name, text, sort, columns in store.rows(
            "SELECT id, screen, name, filter, sort, columns FROM views WHERE screen = coalesce(?, screen)"
            " ORDER BY screen, name COLLATE NOCASE",
            (screen,),
        )
    ]


def find_view(store: Store, screen: str, name: str) -> SavedView:
    """Return the view of this name, whatever its case; raises InputError naming those there are."""
    views = list_views(store, screen)
    for each in views:
        if each.name.casefold() == name.strip().casefold():
            return each
    known = ", ".join(visible(each.name) for each in views) or "none yet"
    raise InputError(f"{screen} has no view {visible(name)} (saved are: {known})")


def save_view(
    ws: Workspace,
    screen: str,
    name: str,
    filter_text: str,
    sort: str = "",
    descending: bool = False,
    columns: Sequence[str] = (),
) -> Done:
    """Save a view under a name; one of that name is replaced, which undo takes back.

    The caller has read the filter, so that only what can be read is saved. Raises InputError for a name that is empty,
    too long, or can't be shown as it is.
    """
    kept = name.strip()
    if not kept or len(kept) > LONGEST_NAME or visible(kept) != kept:
        raise InputError(f"a view's name has 1 to {LONGEST_NAME} visible characters")
    values: dict[str, object] = {
        "filter": filter_text.strip(),
        "sort": ("-" if descending else "") + sort,
        "columns": json.dumps(list(columns)),
    }
    with ws.write("view.save", f"save view {kept}") as tx:
        found = tx.one(
            "SELECT id, rev FROM views WHERE screen = ? AND name = ? COLLATE NOCASE ORDER BY name = ? DESC",
            (screen, kept, kept),
        )
        if found is None:
            row_id = tx.insert("views", {"screen": screen, "name": kept, **values})
        else:
            row_id = found[0]
            tx.update("views", row_id, found[1], values)
    return Done(act=tx.act or None, words=f"save view {kept}", done=(row_id,), made=(row_id,))


def delete_view(ws: Workspace, screen: str, name: str) -> Done:
    """Delete a view; undo brings it back. Raises InputError when there is none of this name."""
    view = find_view(ws.store, screen, name)
    with ws.write("view.delete", f"delete view {view.name}") as tx:
        tx.run("DELETE FROM views WHERE id = ?", (view.id,))
    return Done(act=tx.act or None, words=f"delete view {view.name}", done=(view.id,))
