"""The warehouses of `lastcall.toml` as rows that orders, batches and movements can refer to."""

from __future__ import annotations

from data.policy import Policy
from data.store.store import Write
from data.store.workspace import Workspace


def register(tx: Write, policy: Policy) -> list[str]:
    """Insert a row for each warehouse of the policy that has none, and return their codes.

    A warehouse that was renamed in `lastcall.toml` is renamed here too; one that was taken out keeps its row, for
    batches refer to it.
    """
    known = dict(tx.rows("SELECT code, name FROM warehouses"))
    made: list[str] = []
    for each in policy.warehouses:
        if each.code not in known:
            tx.insert("warehouses", {"code": each.code, "name": each.name})
            made.append(each.code)
        elif known[each.code] != each.name:
            tx.run("UPDATE warehouses SET name = ?, rev = rev + 1 WHERE code = ?", (each.name, each.code))
    return made


def ensure_registered(ws: Workspace) -> None:
    """Give every warehouse of the policy its row, in an act of its own: what is done there can be undone without it."""
    known = {row[0] for row in ws.store.rows("SELECT code FROM warehouses")}
    if not {each.code for each in ws.policy.warehouses} <= known:
        with ws.write("warehouse.register", "register warehouses") as tx:
            register(tx, ws.policy)
