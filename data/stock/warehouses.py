"""The warehouses of `lastcall.toml` as rows that orders, batches and movements can refer to."""

from __future__ import annotations

from data.policy import Policy
from data.store.store import Write


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
