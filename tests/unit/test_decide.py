"""A decision does what was told before, by where the order's parcels are; a stale one is refused naming the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from data.addresses.accepting import TooLate
from data.addresses.amend import go_on, record_answer
from data.addresses.bulk import accept_filter
from data.addresses.consequence import ConsequenceKind, consequence
from data.addresses.decide import accept, ask, reject, reopen
from data.addresses.edit import edit, edit_order, edited_from
from data.addresses.propose import propose
from data.addresses.wire import address_from_json, address_json
from data.model import Address, AddressSource, ChangeState, InputError, Item, StaleError
from data.store.undo import undo
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
MOVED = replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg")
ABROAD = replace(HOME, line1="Calle Triana 10", postcode="35002", city="Las Palmas de Gran Canaria", country="ES")
Suggest = Callable[..., Item]


@pytest.fixture
def suggest(workspace: Workspace) -> Suggest:
    """Return `suggest(order_id, address) -> Item` of the change."""

    def suggest_(order_id: int, address: Address = MOVED) -> Item:
        with workspace.write("test.propose", "propose") as tx:
            made = propose(tx, order_id, address, AddressSource.BACKER)
        assert made is not None
        return Item(made, 1)

    return suggest_


@pytest.fixture
def batch(workspace: Workspace, campaign: int) -> int:
    """The id of batch 12, which is ready, for EU1."""
    with workspace.write("test.batch", "batch") as tx:
        tx.run("INSERT INTO warehouses(code, name) VALUES ('EU1', 'Cedar Mills')")
        return tx.insert(
            "batches",
            {
                "number": 12,
                "campaign_id": campaign,
                "warehouse": "EU1",
                "state": "ready",
                "created_at": "2026-11-23T08:00:00Z",
            },
        )


def run(workspace: Workspace, sql: str, *parameters: object) -> None:
    with workspace.write("test.run", "a worker at work") as tx:
        tx.run(sql, parameters)


def order_of(workspace: Workspace, order_id: int) -> tuple[Any, ...]:
    found = workspace.store.one(
        "SELECT o.stage, o.warehouse, a.line1 FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.id = ?",
        (order_id,),
    )
    assert found is not None
    return found


def state_of(workspace: Workspace, change: Item) -> str:
    return str(workspace.store.value("SELECT state FROM changes WHERE id = ?", (change.id,)))


def sent_to(workspace: Workspace, shipment: int) -> str:
    return str(
        workspace.store.value(
            "SELECT a.line1 FROM shipments s JOIN addresses a ON a.id = s.address_id WHERE s.id = ?", (shipment,)
        )
    )


def amendments(workspace: Workspace) -> list[tuple[Any, ...]]:
    return workspace.store.rows(
        "SELECT shipment_id, change_id, state, body FROM commands WHERE kind = 'amend' ORDER BY id"
    )


def end_amendment(workspace: Workspace, state: str = "accepted") -> None:
    for step in ("sending", state):
        run(
            workspace, "UPDATE commands SET state = ?, rev = rev + 1 WHERE kind = 'amend' AND state <> 'accepted'", step
        )


def test_accepting_moves_what_is_on_file_while_nothing_is_sent(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    order = make_order(address=HOME, warehouse="EU1")
    change = suggest(order)
    assert consequence(workspace.store, change.id).kind is ConsequenceKind.NOTHING_SENT
    done = accept(workspace, [change])
    assert done.done == (change.id,)
    assert order_of(workspace, order) == ("allocated", "EU1", MOVED.line1)
    assert workspace.store.one("SELECT state, decided_by FROM changes") == ("accepted", "dana")


def test_undo_takes_an_accepted_address_back(workspace: Workspace, make_order: MakeOrder, suggest: Suggest) -> None:
    order = make_order(address=HOME)
    change = suggest(order)
    done = accept(workspace, [change])
    assert done.act is not None
    undo(workspace.store, workspace.actor, done.act)
    assert order_of(workspace, order)[2] == HOME.line1
    assert state_of(workspace, change) == "waiting"


def test_a_stale_decision_is_refused_naming_the_other_and_the_rest_goes_on(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest, open_as: OpenAs
) -> None:
    first, second = suggest(make_order(address=HOME)), suggest(make_order(address=HOME))
    assert reject(open_as("mira"), [first], "a joke").done == (first.id,)
    done = accept(workspace, [first, second])
    assert done.done == (second.id,)
    (refused,) = done.refused
    assert refused.id == first.id
    assert "mira" in refused.reason
    assert "reject the address of order 1001" in refused.reason
    assert state_of(workspace, first) == "rejected"


def test_what_the_command_line_names_is_refused_too_once_it_is_decided(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest, open_as: OpenAs
) -> None:
    change = suggest(make_order(address=HOME))
    accept(open_as("mira"), [change])
    done = reject(workspace, [Item(change.id, 0)])
    assert done.act is None
    assert done.refused[0].reason.startswith("it is accepted already (mira")


def test_a_change_compared_with_an_address_that_moved_is_compared_anew_before_it_is_accepted(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    order = make_order(address=HOME)
    change = suggest(order)
    run(
        workspace,
        "INSERT INTO addresses(order_id, backer_id, source, at, name, line1, city, postcode, country, phone)"
        " SELECT order_id, backer_id, 'operator', at, name, 'Lindenallee 11', 'Hamburg', '20259', country, phone"
        " FROM addresses WHERE id = (SELECT from_id FROM changes)",
    )
    run(workspace, "UPDATE orders SET address_id = (SELECT max(id) FROM addresses), rev = rev + 1")
    refused = accept(workspace, [change]).refused
    assert "moved" in refused[0].reason
    assert order_of(workspace, order)[2] == "Lindenallee 11"
    fresh = Item(change.id, workspace.store.value("SELECT rev FROM changes WHERE id = ?", (change.id,)))
    assert fresh.rev == change.rev + 1
    assert accept(workspace, [fresh]).done == (change.id,)
    assert order_of(workspace, order)[2] == MOVED.line1


def test_a_draft_shipment_follows_and_its_batch_must_be_checked_again(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch)
    change = suggest(order)
    told = consequence(workspace.store, change.id)
    assert told.kind is ConsequenceKind.DRAFT
    assert "batch 12 at Cedar Mills" in told.words
    accept(workspace, [change])
    assert sent_to(workspace, shipment) == MOVED.line1
    assert order_of(workspace, order) == ("batched", "EU1", MOVED.line1)
    assert workspace.store.value("SELECT state FROM batches") == "draft"


def test_another_zone_sends_the_order_back_to_allocation(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    order = make_order(address=HOME, warehouse="EU1")
    change = suggest(order, ABROAD)
    told = consequence(workspace.store, change.id)
    assert told.kind is ConsequenceKind.OTHER_ZONE
    assert "returns to allocation" in told.words
    assert "shipping was paid for" in told.words
    accept(workspace, [change])
    assert order_of(workspace, order) == ("ready", None, ABROAD.line1)


def test_another_zone_takes_a_draft_shipment_out_of_its_batch_and_says_so(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    make_shipment(order, batch_id=batch)
    done = accept(workspace, [suggest(order, ABROAD)])
    assert "taken out of batch 12" in done.notes[0]
    assert order_of(workspace, order) == ("ready", None, ABROAD.line1)
    assert workspace.store.value("SELECT count(*) FROM shipments") == 0


def test_a_warehouse_that_has_the_order_is_asked_and_what_is_on_file_moves_when_it_confirms(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch, state="accepted")
    change = suggest(order)
    assert (
        consequence(workspace.store, change.id).words == "already in batch 12 at Cedar Mills: will be requested there"
    )
    accept(workspace, [change])
    assert state_of(workspace, change) == "requested"
    ((asked, about, state, body),) = amendments(workspace)
    assert (asked, about, state, address_from_json(body)) == (shipment, change.id, "planned", MOVED)
    assert order_of(workspace, order)[2] == HOME.line1
    end_amendment(workspace)
    with workspace.write("test.worker", "answer") as tx:
        record_answer(tx, change.id, shipment, ChangeState.CONFIRMED, "", MOVED)
    assert state_of(workspace, change) == "confirmed"
    assert order_of(workspace, order)[2] == sent_to(workspace, shipment) == MOVED.line1
    assert workspace.store.value("SELECT held_address_id = address_id FROM shipments")


def test_an_amendment_that_has_not_left_is_undone_with_its_change_and_one_that_has_is_not(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    make_shipment(order, batch_id=batch, state="accepted")
    change = suggest(order)
    first = accept(workspace, [change])
    assert first.act is not None
    undo(workspace.store, workspace.actor, first.act)
    assert (state_of(workspace, change), amendments(workspace)) == ("waiting", [])
    second = accept(workspace, [Item(change.id, 0)])
    assert second.act is not None
    run(workspace, "UPDATE commands SET state = 'sending', rev = rev + 1")
    with pytest.raises(StaleError, match="a worker at work"):
        undo(workspace.store, workspace.actor, second.act)
    assert state_of(workspace, change) == "requested"


def test_an_answer_of_too_late_leaves_what_is_on_file_and_keeps_what_will_ship(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch, state="accepted")
    change = suggest(order)
    accept(workspace, [change])
    end_amendment(workspace, "rejected")
    ships = replace(HOME, line1="ELM STREET 5")
    with workspace.write("test.worker", "answer") as tx:
        record_answer(tx, change.id, shipment, ChangeState.TOO_LATE, "picked at 15:40", ships)
    assert workspace.store.one("SELECT state, answer FROM changes") == ("too_late", "picked at 15:40")
    assert order_of(workspace, order)[2] == HOME.line1
    assert workspace.store.one(
        "SELECT a.line1, a.source FROM shipments s JOIN addresses a ON a.id = s.held_address_id"
    ) == ("ELM STREET 5", "warehouse")


def test_while_a_push_is_in_flight_the_change_is_queued_and_asked_for_once_it_arrived(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch, state="sending")
    change = suggest(order)
    assert consequence(workspace.store, change.id).kind is ConsequenceKind.QUEUE
    accept(workspace, [change])
    assert (state_of(workspace, change), amendments(workspace)) == ("queued", [])
    run(workspace, "UPDATE shipments SET state = 'accepted', rev = rev + 1")
    with workspace.write("test.worker", "pushed") as tx:
        assert go_on(tx, shipment) == [change.id]
    assert state_of(workspace, change) == "requested"
    assert len(amendments(workspace)) == 1


def test_a_queued_change_goes_on_file_when_the_push_is_rejected(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch, state="sending")
    change = suggest(order)
    accept(workspace, [change])
    run(workspace, "UPDATE shipments SET state = 'rejected', rev = rev + 1")
    with workspace.write("test.worker", "rejected") as tx:
        go_on(tx, shipment)
    assert state_of(workspace, change) == "accepted"
    assert order_of(workspace, order)[2] == MOVED.line1


def test_one_amendment_is_in_flight_and_the_newest_wish_is_asked_for_next(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, batch_id=batch, state="accepted")
    wishes = []
    for number in (12, 14, 16):
        wishes.append(suggest(order, replace(MOVED, line1=f"Lindenallee {number}")))
        accept(workspace, [wishes[-1]])
    assert [state_of(workspace, each) for each in wishes] == ["requested", "superseded", "queued"]
    assert len(amendments(workspace)) == 1
    end_amendment(workspace)
    with workspace.write("test.worker", "answer") as tx:
        record_answer(tx, wishes[0].id, shipment, ChangeState.CONFIRMED)
    assert [state_of(workspace, each) for each in wishes] == ["confirmed", "superseded", "requested"]
    assert [row[1] for row in amendments(workspace)] == [wishes[0].id, wishes[2].id]


def test_a_change_is_confirmed_only_when_the_last_warehouse_has_confirmed(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest
) -> None:
    order = make_order(address=HOME, lines=[("GAME", 2)])
    shipments = [make_shipment(order, warehouse=code, state="accepted", quantities=[1]) for code in ("EU1", "US1")]
    change = suggest(order)
    accept(workspace, [change])
    for shipment, expected in zip(shipments, ("requested", "confirmed"), strict=True):
        for state in ("sending", "accepted"):
            run(workspace, "UPDATE commands SET state = ?, rev = rev + 1 WHERE shipment_id = ?", state, shipment)
        with workspace.write("test.worker", "answer") as tx:
            record_answer(tx, change.id, shipment, ChangeState.CONFIRMED)
        assert state_of(workspace, change) == expected
    assert order_of(workspace, order)[2] == MOVED.line1


def test_too_late_is_refused_until_a_person_chooses_what_is_done_instead(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    make_shipment(order, batch_id=batch, state="picking")
    change = suggest(order)
    refused = accept(workspace, [change]).refused[0].reason
    assert refused == "already being picked at Cedar Mills, too late: choose redirect or return watch"
    assert state_of(workspace, change) == "waiting"
    accept(workspace, [change], too_late=TooLate.WATCH)
    assert workspace.store.one("SELECT state, answer FROM changes") == ("too_late", "watched for its return")
    assert order_of(workspace, order)[2] == HOME.line1


def test_another_writing_of_the_same_address_is_not_asked_of_a_warehouse(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, suggest: Suggest, batch: int
) -> None:
    order = make_order(address=HOME)
    make_shipment(order, batch_id=batch, state="accepted")
    change = suggest(order, replace(HOME, city="BERLIN"))
    assert consequence(workspace.store, change.id).kind is ConsequenceKind.KEEPS
    accept(workspace, [change])
    assert (state_of(workspace, change), amendments(workspace)) == ("accepted", [])


def test_asking_gives_a_text_with_both_addresses_and_the_change_stays_open(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    change = suggest(make_order(address=HOME), replace(MOVED, line1="Lindenallee 12\u202e"))
    done = ask(workspace, [change])
    (text,) = done.notes
    assert "Lindenallee 12\n" in text
    assert "Elm Street 5" in text
    assert "\u202e" not in text
    assert state_of(workspace, change) == "asked"
    assert accept(workspace, [Item(change.id, 0)]).done == (change.id,)


def test_a_rejected_change_opens_again_but_not_beside_another(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    order = make_order(address=HOME)
    change = suggest(order)
    reject(workspace, [change], "no")
    assert reopen(workspace, [Item(change.id, 0)]).done == (change.id,)
    assert state_of(workspace, change) == "waiting"
    reject(workspace, [Item(change.id, 0)])
    suggest(order, replace(MOVED, line1="Lindenallee 14"))
    assert "another change" in reopen(workspace, [Item(change.id, 0)]).refused[0].reason


def test_the_operators_version_supersedes_the_change_and_is_on_file_at_once(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest, open_as: OpenAs
) -> None:
    order = make_order(address=HOME)
    change = suggest(order)
    start = edited_from(workspace.store, "1001")
    assert (start.change, start.address) == (change, MOVED)
    done = edit(workspace, change, replace(MOVED, line1="Lindenallee 12 b", postcode="2025"))
    assert [row[0] for row in workspace.store.rows("SELECT state FROM changes ORDER BY id")] == [
        "superseded",
        "accepted",
    ]
    assert order_of(workspace, order) == ("needs_info", None, "Lindenallee 12 b")
    assert "postcode" in done.notes[0]
    late = edit(open_as("mira"), change, HOME)
    assert "dana" in late.refused[0].reason
    assert order_of(workspace, order)[2] == "Lindenallee 12 b"


def test_an_edit_that_comes_too_late_is_kept_as_a_change_that_waits(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, batch: int
) -> None:
    order = make_order(address=HOME)
    make_shipment(order, batch_id=batch, state="packed")
    done = edit_order(workspace, Item(order, 0), MOVED)
    assert "too late" in done.refused[0].reason
    assert workspace.store.value("SELECT state FROM changes WHERE id = ?", (done.made[0],)) == "waiting"


def test_all_of_a_filter_are_accepted_only_when_their_number_is_what_was_seen(
    workspace: Workspace, make_order: MakeOrder, suggest: Suggest
) -> None:
    trivial = [suggest(make_order(address=HOME), replace(HOME, city="BERLIN")) for _ in range(3)]
    other = suggest(make_order(address=HOME))
    with pytest.raises(StaleError, match="there are 3 by now, not 2"):
        accept_filter(workspace, "label:trivial", None, 2)
    assert accept_filter(workspace, "label:trivial", None, 3).done == tuple(each.id for each in trivial)
    assert state_of(workspace, other) == "waiting"


def test_an_address_survives_the_wire_and_a_number_for_text_is_named() -> None:
    odd = Address(name="山田 花子\u202e", line1='"quoted"\\', postcode="007")
    assert address_from_json(address_json(odd)) == odd
    with pytest.raises(InputError, match="postcode must be text"):
        address_from_json('{"postcode": 7}')
