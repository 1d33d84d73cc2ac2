"""The triggers that journal every row and keep `rev` honest, made from the tables themselves."""

from __future__ import annotations

from sqlite_utils import Database

JOURNALLED: tuple[str, ...] = (
    "campaigns",
    "notices",
    "reminders",
    "imports",
    "backers",
    "orders",
    "order_lines",
    "addresses",
    "changes",
    "holds",
    "views",
    "notes",
    "products",
    "product_values",
    "kit_parts",
    "items",
    "item_parts",
    "warehouses",
    "movements",
    "batches",
    "shipments",
    "shipment_lines",
    "parcels",
    "parcel_lines",
    "commands",
    "issues",
)
"""Tables whose every change belongs to an act. Search, findings, cursors and requests are derived or passing."""

DERIVED: dict[str, frozenset[str]] = {"orders": frozenset({"country"})}
"""Columns that follow from others: neither journalled nor counted as a change of the row."""


def make_triggers(db: Database) -> None:
    """Create the journal's triggers anew; every migration that changes a journalled table ends with this."""
    for table in JOURNALLED:
        for statement in trigger_sql(table, [column.name for column in db[table].columns]):
            db.execute(statement)


def trigger_sql(table: str, columns: list[str]) -> list[str]:
    """Return the statements that put a table under the journal."""
    kept = [name for name in columns if name not in DERIVED.get(table, ())]
    watched = [name for name in kept if name not in ("id", "rev")]
    statements = [f"DROP TRIGGER IF EXISTS {table}_{suffix}" for suffix in ("new", "moved", "gone", "rev")]
    needs_act = (
        "SELECT RAISE(ABORT, 'no act is open: write through store.write') WHERE NOT EXISTS (SELECT 1 FROM open_act);"
    )
    statements.append(
        f"CREATE TRIGGER {table}_new AFTER INSERT ON {table} WHEN (SELECT bulk FROM open_act) IS NOT 1 "
        f"BEGIN {needs_act} "
        "INSERT INTO journal(act_id, tbl, row_id, op, after) "
        f"SELECT act_id, '{table}', NEW.id, 'insert', json_object({_image('NEW', watched)}) FROM open_act; END"
    )
    changed = " UNION ALL ".join(f"SELECT '{name}' AS c, OLD.{name} AS o, NEW.{name} AS n" for name in watched)
    statements.append(
        f"CREATE TRIGGER {table}_moved AFTER UPDATE OF {', '.join(watched)} ON {table} BEGIN {needs_act} "
        "INSERT INTO journal(act_id, tbl, row_id, op, before, after) "
        f"SELECT (SELECT act_id FROM open_act), '{table}', NEW.id, 'update', json_group_object(c, o), "
        f"json_group_object(c, n) FROM ({changed}) WHERE o IS NOT n HAVING count(*) > 0; END"
    )
    statements.append(
        f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} WHEN (SELECT bulk FROM open_act) IS NOT 2 "
        f"BEGIN {needs_act} "
        "INSERT INTO journal(act_id, tbl, row_id, op, before) "
        f"SELECT act_id, '{table}', OLD.id, 'delete', json_object({_image('OLD', watched)}) FROM open_act; END"
    )
    statements.append(
        f"CREATE TRIGGER {table}_rev BEFORE UPDATE OF {', '.join(watched)} ON {table} WHEN NEW.rev <> OLD.rev + 1 "
        f"BEGIN SELECT RAISE(ABORT, '{table}.rev must move by one with every change'); END"
    )
    return statements


def _image(row: str, columns: list[str]) -> str:
    """Return the arguments that make a JSON object of a trigger's row."""
    return ", ".join(f"'{name}', {row}.{name}" for name in columns)
