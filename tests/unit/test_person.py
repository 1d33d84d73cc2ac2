"""A person can be shown, exported whole, and forgotten down to the bytes of the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from data.clock import HeldClock
from data.desk.forget import PERSONAL, forget
from data.desk.person import export, show
from data.desk.verify import verify
from data.issues.verbs import note, raise_issue, resolve
from data.model import Address, CommandKind, HoldKind, InputError, IssueType, Item
from data.orders.holds import hold, release
from data.orders.notes import add_note
from data.outbox.plan import Intent, plan
from data.store.undo import undo
from data.store.workspace import Workspace

Make = Callable[..., int]
EMAIL = "Quillon@example.org"
SECRETS = ("quillon", "zebraweg", "7Q7Q", "4930555777", "wolpertinger", "brambleshire", "jackalope")
ADDRESS = Address(
    name="Quillon Brambleshire", line1="Zebraweg 12", city="Berlin", postcode="7Q7Q", country="DE", phone="+4930555777"
)


@pytest.fixture
def quillon(workspace: Workspace, make_order: Make, make_shipment: Make, make_parcel: Make) -> int:
    """Order 1001 of a person who has everything: delivered, noted, with an issue, a hold and a stranger beside."""
    make_order(name="Somebody Else", number="2000")
    order = make_order(name="Quillon Brambleshire", email=EMAIL.lower(), number="1001", address=ADDRESS)
    hold(workspace, [Item(order, 0)], HoldKind.CLIENT, "Quillon calls back")
    release(workspace, [Item(order, 0)])
    add_note(workspace, [Item(order, 0)], "wolpertinger, still")
    shipment = make_shipment(order)
    body = json.dumps({"ship_to": {"name": ADDRESS.name, "address1": ADDRESS.line1}})
    with workspace.write("test.push", "push to Quillon Brambleshire") as tx:
        backer = tx.rows("SELECT backer_id FROM orders WHERE id = ?", (order,))[0][0]
        key = tx.rows("SELECT key FROM shipments")[0][0]
        command = plan(tx, Intent(CommandKind.PUSH, "EU1", key, body, shipment_id=shipment, backer_id=backer))
        tx.run("UPDATE commands SET state = 'sending', attempt = 1, rev = rev + 1")
        tx.run("UPDATE commands SET state = 'accepted', rev = rev + 1")
        tx.run(
            "INSERT INTO attempts(command_id, attempt, claim, started_at, reply) VALUES (?, 1, '', '', ?)",
            (command, body),
        )
        for state in ("sending", "accepted", "shipped", "delivered"):
            tx.run("UPDATE shipments SET state = ?, rev = rev + 1", (state,))
        tx.run(
            "UPDATE orders SET stage = 'delivered', answers = ?, rev = rev + 1 WHERE id = ?",
            ('{"x": "Quillon"}', order),
        )
        tx.run(
            "INSERT INTO findings VALUES ((SELECT address_id FROM orders WHERE id = ?), 'line1', 'odd', 'info', 'm',"
            " 'Zebraweg 12')",
            (order,),
        )
    make_parcel(shipment, "JD77", status="delivered")
    issue = raise_issue(workspace, [Item(order, 0)], IssueType.OTHER, "Quillon waves").made[0]
    note(workspace, [Item(issue, 0)], "called Quillon")
    resolve(workspace, [Item(issue, 0)], "nothing")
    undo(workspace.store, workspace.actor, add_note(workspace, [Item(order, 0)], "a jackalope").act or 0)
    return order


def test_everything_about_a_person_is_shown_with_where_copies_lie(workspace: Workspace, quillon: int) -> None:
    (workspace.folder / "drop" / "EU1").mkdir()
    (workspace.folder / "drop" / "EU1" / "batch.csv").write_text("QUILLON@EXAMPLE.ORG", encoding="utf-16-le")
    (workspace.folder / "imports" / "other.csv").write_text("somebody else")
    (workspace.folder / "lastcall-before-restore-x.db").write_bytes(b"")
    seen = show(workspace, EMAIL)
    assert [(number, stage) for _, number, _, stage in seen.orders] == [("1001", "delivered")]
    assert seen.parcels == (("DHL", "JD77", "delivered"),)
    assert seen.rows["commands"] == seen.rows["attempts"] == 1
    assert seen.copies.files == ("drop/EU1/batch.csv",)
    assert seen.copies.backups == ("lastcall-before-restore-x.db",)
    assert seen.copies.warehouses == (f"Warehouse EU1 (EU1) was sent LC-{quillon}-1",)
    assert seen.open == ()
    with pytest.raises(InputError):
        show(workspace, "nobody@example.org")


def test_an_export_has_every_row_that_is_theirs_and_none_of_anybody_else(workspace: Workspace, quillon: int) -> None:
    found = export(workspace, EMAIL)
    assert {table for table, rows in found["tables"].items() if rows} >= {
        "backers", "orders", "order_lines", "addresses", "holds", "notes", "issues", "shipments", "shipment_lines",
        "parcels", "commands", "attempts", "findings",
    }  # fmt: skip
    assert [row["number"] for row in found["tables"]["orders"]] == ["1001"]
    text = json.dumps(found, default=str)
    assert "Zebraweg 12" in text
    assert "Somebody" not in text
    assert "hold 1 order: client" in [each["words"] for each in found["log"]]


def test_a_forgotten_person_is_in_no_byte_of_the_database_and_verify_is_content(
    workspace: Workspace, quillon: int
) -> None:
    before = verify(workspace.store).findings
    done = forget(workspace, EMAIL)
    assert (len(done.done), done.refused) == (1, ())
    assert "Warehouse EU1 (EU1) was sent LC-2-1: ask them to delete it too" in done.notes
    assert workspace.store.one("SELECT name, email, forgotten_at FROM backers WHERE number = '1001'") == (
        "",
        "",
        "2026-11-23T09:00:00Z",
    )
    assert workspace.store.one(
        "SELECT a.line1, a.country FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.number = '1001'"
    ) == ("", "DE")
    assert workspace.store.value("SELECT tracking_number FROM parcels") == "JD77"
    assert verify(workspace.store).findings == before
    workspace.close()
    content = b"".join(path.read_bytes() for path in sorted(workspace.folder.glob("lastcall.db*"))).lower()
    assert b"somebody else" in content
    assert [secret for secret in SECRETS if secret.lower().encode() in content] == []


def test_forgetting_can_not_be_undone_and_leaves_the_others_alone(workspace: Workspace, quillon: int) -> None:
    done = forget(workspace, EMAIL)
    with pytest.raises(Exception, match="can't be undone"):
        undo(workspace.store, workspace.actor, done.act or 0)
    assert workspace.store.value("SELECT name FROM backers WHERE number = '2000'") == "Somebody Else"
    assert workspace.store.value("SELECT count(*) FROM order_search WHERE order_search MATCH 'somebody'") == 1


def test_a_person_with_something_open_is_refused_with_what_it_is(
    workspace: Workspace, make_order: Make, make_shipment: Make, make_parcel: Make, clock: HeldClock
) -> None:
    make_order(email="a@example.org", uid="a")
    sent = make_order(email="a@example.org", uid="a")
    shipment = make_shipment(sent, state="shipped", key="K1")
    with workspace.write("test.ship", "it left") as tx:
        tx.run("UPDATE shipments SET shipped_at = '2026-11-20T00:00:00Z', rev = rev + 1 WHERE id = ?", (shipment,))
    raise_issue(workspace, [Item(sent, 0)], IssueType.LOST, "where is it")
    refused = forget(workspace, "a@example.org").refused[0].reason
    assert refused == ("order 1001 is ready: finish or cancel it; shipment K1 is on its way; issue 1 is new")
    with workspace.write("test.end", "it ended") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE number = '1001'")
    resolve(workspace, [Item(1, 0)], "refund")
    assert forget(workspace, "a@example.org").refused[0].reason == "shipment K1 is on its way"
    clock.move(timedelta(days=90))
    assert forget(workspace, "A@example.org").done == (1,)


def test_every_text_that_could_hold_a_person_is_on_the_list_of_what_is_blanked(workspace: Workspace) -> None:
    known = {
        "backers": {"platform", "uid", "number"},
        "orders": {"kind", "source", "external_id", "number", "tier", "stage", "platform_status", "currency",
                   "ordered_at", "ordered_at_raw", "warehouse", "locked_at", "cancel_asked_at", "row_hash", "country"},
        "addresses": {"source", "at", "country"},
        "changes": {"source", "at", "state", "label", "zone_old", "zone_new", "decided_by", "decided_at"},
        "holds": {"kind", "placed_at", "until", "released_at"},
        "notes": {"at", "user"},
        "issues": {"type", "state", "waiting_on", "rule", "raised_at", "raised_by", "assigned_to", "snoozed_until",
                   "due_at", "resolution", "resolved_at", "currency"},
        "shipments": {"warehouse", "key", "state", "raw_status", "remote_id", "shipped_at", "delivered_at"},
        "parcels": {"carrier", "tracking_number", "status", "raw_status", "raw_at", "reported_at", "shipped_at",
                    "delivered_at"},
        "commands": {"warehouse", "kind", "key", "state", "claim", "sent_boot", "sent_at", "not_before", "remote_id"},
    }  # fmt: skip
    for table, blanked in PERSONAL.items():
        texts = {row[1] for row in workspace.store.rows(f"PRAGMA table_info({table})") if row[2] == "TEXT"}
        assert texts - {"forgotten_at"} == known[table] | set(blanked), table
