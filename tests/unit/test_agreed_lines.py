"""What is agreed with a warehouse is said where it matters: cancels, address fixes, issues, the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from data.addresses.consequence import consequence
from data.addresses.detail import review_detail
from data.addresses.propose import propose
from data.dispatch.cancel import cancel_orders
from data.issues.agreed import TOPIC_OF, issue_agreed
from data.issues.rows import issue_rows
from data.issues.verbs import raise_issue
from data.model import AddressSource, IssueType, Item
from data.policy import TOPICS, Agreed, Policy, WarehouseSettings, save_warehouse
from data.store.workspace import Workspace
from screens.columns.agreement import agreement_section
from tests.conftest import HOME, MakeOrder, MakeShipment, Ran

AGREEMENT = {
    "cancels": Agreed("until picked", channel="desk@cedar.example"),
    "address_fixes": Agreed("until picked", cut_off="15:00"),
    "damaged": Agreed("replaced", within_days=30),
}


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    # Their files have no form for corrections.
    plain = {"layout": "amazon-mcf"}
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", agreement=AGREEMENT, options=plain))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Oak", options=plain))
    workspace.reload_policy()
    return workspace


def test_a_cancel_that_no_portal_takes_says_what_was_agreed(
    ws: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    agreed, not_agreed = make_order(), make_order()
    make_shipment(agreed, state="accepted")
    make_shipment(not_agreed, warehouse="US1", state="accepted")
    done = cancel_orders(ws, [Item(agreed, 0), Item(not_agreed, 0)], "no", start=False)
    assert done.notes == (
        "EU1 takes no cancels through its portal: ask the people there; cancels, agreed with Cedar: until picked;"
        " by desk@cedar.example",
        "US1 takes no cancels through its portal: ask the people there; cancels: not agreed with Oak",
    )


def test_a_cancel_through_the_portal_says_it_too(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    settings = WarehouseSettings("EU1", "Cedar", ("*",), "sandbox", "http://127.0.0.1:9", agreement=AGREEMENT)
    save_warehouse(workspace.folder, settings)
    workspace.reload_policy()
    order = make_order()
    make_shipment(order, state="accepted")
    done = cancel_orders(workspace, [Item(order, 0)], "no", start=False)
    assert done.notes == ("cancels, agreed with Cedar: until picked; by desk@cedar.example",)


def _moved(ws: Workspace, order: int) -> Item:
    with ws.write("test.propose", "the backer moves") as tx:
        made = propose(tx, order, replace(HOME, line1="Oak Street 9"), AddressSource.BACKER)
    assert made is not None
    return Item(made, 1)


@pytest.mark.parametrize(("state", "begins"), [("accepted", "already in"), ("shipped", "already shipped from")])
def test_the_consequence_for_an_order_that_is_there_says_what_was_agreed(
    ws: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, state: str, begins: str
) -> None:
    order = make_order()
    make_shipment(order, state=state)
    change = _moved(ws, order)
    told = consequence(ws.store, change.id, ws.policy).words
    line = "address fixes, agreed with Cedar: until picked; until 15:00"
    assert told.startswith(begins)
    assert told.endswith(line)
    assert line not in consequence(ws.store, change.id).words
    detail = review_detail(ws.store, change.id, ws.policy)
    assert detail is not None
    assert detail.consequence.words == told


def test_while_nothing_is_sent_no_agreement_matters(ws: Workspace, make_order: MakeOrder) -> None:
    change = _moved(ws, make_order())
    assert consequence(ws.store, change.id, ws.policy).words == "nothing is sent yet"


def test_an_issue_says_what_was_agreed_on_such(
    ws: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, lastcall: Callable[..., Ran]
) -> None:
    order = make_order()
    make_shipment(order, state="shipped")
    made = [raise_issue(ws, [Item(order, 0)], each, "it is so").made[0] for each in IssueType]
    said = {row.type: issue_agreed(ws.policy, row) for row in issue_rows(ws.store, made).values()}
    assert said["damaged"] == "damaged parcels, agreed with Cedar: replaced; within 30 days"
    assert said["lost"] == said["stuck"] == "lost parcels: not agreed with Cedar"
    assert said["wrong_item"] == "missing items: not agreed with Cedar"
    assert said["other"] == ""
    assert set(TOPIC_OF.values()) <= set(TOPICS)
    number = next(row.id for row in issue_rows(ws.store, made).values() if row.type == "damaged")
    ran = lastcall("issue", "show", str(number))
    assert "agreed   damaged parcels, agreed with Cedar: replaced; within 30 days" in ran.out
    assert lastcall("issue", "show", str(number), "--json").json["agreed"] == said["damaged"]


def test_an_issue_of_a_warehouse_that_is_gone_says_nothing(
    ws: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order()
    make_shipment(order, warehouse="OLD", state="shipped")
    (issue,) = raise_issue(ws, [Item(order, 0)], IssueType.LOST, "lost").made
    assert issue_agreed(ws.policy, issue_rows(ws.store, [issue])[issue]) == ""


def test_the_pane_shows_what_is_open_first_and_foreign_text_safely() -> None:
    agreement = {"lost": Agreed("refunded \x1b[2J")}
    policy = Policy((WarehouseSettings("EU1", "Cedar", agreement=agreement),))
    section = agreement_section(policy, "EU1")
    assert section is not None
    lines = [line.plain for line in section.lines]
    assert lines[0].startswith("? not agreed: late orders, address fixes")
    assert lines[-1] == "lost parcels: refunded ␛[2J"
    everything = Policy((WarehouseSettings("EU1", "Cedar", agreement={each: Agreed("yes") for each in TOPICS}),))
    full = agreement_section(everything, "EU1")
    assert full is not None
    assert [line.plain for line in full.lines] == [f"{each.words}: yes" for each in TOPICS.values()]
    assert agreement_section(policy, "GONE") is None
