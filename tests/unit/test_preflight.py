"""The check of a batch as a whole: holds of every kind, duplicates until they are decided, stock, cautions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from data.addresses.check_run import run_checks
from data.addresses.merge_orders import mark_meant, merge_for_shipping
from data.clock import HeldClock, utc_text
from data.dispatch.allocate import allocate
from data.dispatch.batches import add_to_batch, create_batch
from data.dispatch.preflight import Preflight, check_batch
from data.dispatch.preflight_cautions import find_cautions
from data.dispatch.send import send_batch
from data.model import Address, HoldKind, Item, StaleError
from data.orders.holds import release
from data.policy import TOPICS, Agreed, LabelLimits, WarehousePolicy, WarehouseSettings, save_warehouse
from data.stock.adjust import receive
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder
from tests.outgoing import BASEL, BERLIN, facts, house, outgoing

Check = Callable[..., Preflight]


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    policy = WarehousePolicy(ships_from="DE", po_box=False)
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",), label=LabelLimits(), policy=policy))
    workspace.reload_policy()
    return workspace


@pytest.fixture
def check(ws: Workspace, campaign: int) -> Check:
    """Return a function that batches what is ready and checks it."""

    def run(short: dict[str, int] | None = None) -> Preflight:
        allocate(ws)
        (batch,) = create_batch(ws, campaign, "EU1", early=True).made
        return check_batch(ws, Item(batch, 0), short)

    return run


def _holds(ws: Workspace) -> list[tuple[int, str, str]]:
    return ws.store.rows("SELECT order_id, kind, reason FROM holds WHERE released_at IS NULL ORDER BY order_id, kind")


def test_an_order_gets_every_hold_it_needs_at_once_and_the_rest_goes_on(
    ws: Workspace, make_order: MakeOrder, check: Check
) -> None:
    good = make_order()
    abroad = make_order(address=replace(BASEL, line1="Postfach 12"))
    found = check()
    assert (found.done.done, found.orders) == ((good,), 1)
    assert _holds(ws) == [
        (abroad, "address", "batch 1: a PO box, which EU1 can't deliver to"),
        (
            abroad,
            "customs",
            "batch 1: customs: GAME has no HS code, no origin, no description, no declared value in EUR",
        ),
    ]
    assert ws.store.value("SELECT stage FROM orders WHERE id = ?", (abroad,)) == "allocated"


def test_what_is_mended_goes_with_the_next_batch(ws: Workspace, make_order: MakeOrder, check: Check) -> None:
    abroad = make_order(address=BASEL)
    assert check().orders == 0
    with ws.write("test.product", "describe the game") as tx:
        tx.run("UPDATE products SET hs_code = '950490', origin = 'CN', description = 'board game', rev = rev + 1")
        tx.insert("product_values", {"sku": "GAME", "currency": "EUR", "minor": 4000})
    release(ws, [Item(abroad, 0)], HoldKind.CUSTOMS)
    assert check().done.done == (abroad,)


def test_what_breaks_a_rule_after_the_check_is_not_sent(
    ws: Workspace, campaign: int, make_order: MakeOrder, check: Check
) -> None:
    make_order()
    check()
    save_warehouse(ws.folder, ws.policy.warehouse("EU1"), rules={"max_units": 1, "phone": "required"})
    ws.reload_policy()
    with ws.write("test.phone", "forget the number") as tx:
        values = {name: getattr(HOME, name) for name in ("name", "line1", "city", "postcode", "country")}
        values |= {"order_id": 1, "backer_id": 1, "source": "operator", "at": "2026-11-23T09:00:00Z"}
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = 1", (tx.insert("addresses", values),))
    with pytest.raises(StaleError, match="no telephone number: EU1 needs one"):
        send_batch(ws, Item(1, 0), 1, start=False)


@pytest.mark.parametrize("decide", [merge_for_shipping, mark_meant])
def test_possible_duplicates_are_held_until_somebody_says_what_they_are(
    ws: Workspace, make_order: MakeOrder, check: Check, decide: Callable[..., object]
) -> None:
    one, two, other = make_order(), make_order(email="a2@privaterelay.appleid.com"), make_order(address=BERLIN)
    far = make_order(address=replace(HOME, line1="Oak Street 9"))
    with ws.write("test.name", "another person") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (other,))
    run_checks(ws)
    found = check()
    assert set(found.done.done) == {far}
    held = {order: reason for order, kind, reason in _holds(ws) if kind == "duplicate"}
    assert set(held) == {one, two}
    assert "as order 1002" in held[one]
    decide(ws, [Item(one, 0), Item(two, 0)])
    assert _holds(ws) == []
    assert set(check().done.done) == {one, two}


def test_a_duplicate_of_which_nobody_has_decided_stays_held(ws: Workspace, make_order: MakeOrder, check: Check) -> None:
    one, two, three = make_order(), make_order(), make_order()
    run_checks(ws)
    check()
    mark_meant(ws, [Item(one, 0), Item(two, 0)])
    assert {order for order, _, _ in _holds(ws)} == {one, two, three}, "each may still be the third one's"
    mark_meant(ws, [Item(one, 0), Item(two, 0), Item(three, 0)])
    assert _holds(ws) == []


def test_what_is_not_in_stock_is_held_in_the_order_of_priority(
    ws: Workspace, make_order: MakeOrder, check: Check
) -> None:
    last = make_order(lines=(("DICE", 2),))
    first = make_order(lines=(("DICE", 2),), priority=5)
    game = make_order()
    found = check({"DICE": 1})
    assert set(found.done.done) == {first, game}
    assert _holds(ws) == [(last, "stock", "batch 1: not in stock at EU1: 2 x DICE, 1 left")]


def _listed(ws: Workspace, clock: HeldClock, words: str, *, ok: bool = True) -> None:
    now = utc_text(clock.now())
    with ws.store.derive() as tx:
        tx.insert(
            "requests",
            {
                "warehouse": "EU1",
                "kind": "stock",
                "asked_at": now,
                "asked_by": "dana",
                "done_at": now,
                "answer": json.dumps({"ok": ok, "words": words}),
            },
        )


def test_the_warehouses_own_list_tells_which_skus_it_knows(
    ws: Workspace, clock: HeldClock, make_order: MakeOrder, check: Check
) -> None:
    order, known = make_order(lines=(("DICE", 1),)), make_order()
    allocate(ws)
    _listed(ws, clock, "GAME\t10\t10\nCARDS\t0\t0")
    assert check().done.done == (known,)
    assert _holds(ws) == [(order, "stock", "batch 1: EU1 does not know DICE")]


@pytest.mark.parametrize(("days", "words", "ok"), [(2, "GAME\t10\t10", True), (0, "no answer", False), (0, "", True)])
def test_a_list_that_is_old_failed_or_empty_tells_nothing(
    ws: Workspace, clock: HeldClock, make_order: MakeOrder, check: Check, days: int, words: str, ok: bool
) -> None:
    order = make_order(lines=(("DICE", 1),))
    allocate(ws)
    _listed(ws, clock, words, ok=ok)
    clock.move(timedelta(days=days))
    assert check().done.done == (order,)


def _words(found: Preflight) -> list[str]:
    return [each.words for each in found.cautions if each.order_id == 0]


def test_the_first_batch_names_the_gaps_of_the_agreement_and_the_second_does_not(
    ws: Workspace, campaign: int, make_order: MakeOrder, check: Check
) -> None:
    make_order()
    settings = replace(ws.policy.warehouse("EU1"), agreement={"lost": Agreed("refunded")})
    save_warehouse(ws.folder, settings)
    ws.reload_policy()
    (gaps,) = _words(check())
    assert gaps.startswith("its first batch; not agreed: late orders, address fixes, cancels, missing items, damaged")
    assert "lost parcels" not in gaps
    send_batch(ws, Item(1, 0), 1, start=False)
    make_order()
    assert _words(check()) == []
    save_warehouse(ws.folder, replace(settings, agreement={each: Agreed("yes") for each in TOPICS}))


def test_late_orders_come_with_what_is_agreed_on_them(ws: Workspace, campaign: int, make_order: MakeOrder) -> None:
    make_order()
    late = make_order(late=True)
    allocate(ws)
    made = create_batch(ws, campaign, "EU1", ids=[1], early=True)
    assert made.notes == ()
    line = "1 late order among them; late orders: not agreed with Cedar"
    assert add_to_batch(ws, Item(made.made[0], 0), [late]).notes == (line,)
    assert line in _words(check_batch(ws, Item(made.made[0], 0)))


def test_a_warehouse_that_does_not_say_where_it_ships_from_is_told_once() -> None:
    found = find_cautions([outgoing(order=1), outgoing(BASEL, order=2)], house(), facts())
    assert [(each.order_id, each.number) for each in found] == [(0, "EU1")]
    assert "ships_from" in found[0].words


def test_what_many_parcels_have_in_common_is_told_once_with_their_number() -> None:
    london = Address("Anna Lindqvist", "", "5 Elm Street", "", "London", "", "SW1A 1AA", "GB")
    tenerife = replace(london, country="ES", postcode="38001")
    belfast = replace(london, postcode="BT1 1AA")
    rows = [outgoing(each, order=at) for at, each in enumerate((london, london, tenerife, belfast), 1)]
    found = [each.words for each in find_cautions(rows, house(ships_from="DE"), facts())]
    assert found == [
        "2 parcels to Great Britain without a British VAT number: the seller owes VAT up to GBP 135",
        "1 parcel to ES-CN: Canary Islands: in the EU customs union, outside its VAT area",
    ]
    british = [each.words for each in find_cautions(rows[3:], house(ships_from="GB"), facts())]
    assert british[0].startswith("1 parcel to GB-NI: Northern Ireland")


def test_a_name_of_one_word_and_a_number_nobody_can_dial_are_cautions_of_their_order() -> None:
    order = outgoing(replace(BASEL, name="Sukarno", phone="12"), order=7)
    found = find_cautions([order], house(ships_from="DE", phone="abroad"), facts(undialled=frozenset({7})))
    assert [(each.order_id, each.words) for each in found] == [
        (7, "“Sukarno” is one word: customs wants first and last name, where there are both"),
        (7, "“12” can't be dialled as it stands"),
    ]


def test_what_the_ledger_lacks_for_a_batch_is_held_and_what_only_waits_stands_behind(
    ws: Workspace, make_order: MakeOrder, campaign: int
) -> None:
    batched = [make_order() for _ in range(3)]
    later = make_order()
    allocate(ws)
    # They were given away before anybody had counted.
    receive(ws, "EU1", "GAME", 2)
    (first,) = create_batch(ws, campaign, "EU1", ids=batched, early=True).made
    assert check_batch(ws, Item(first, 0)).orders == 2
    assert _holds(ws) == [(batched[2], "stock", "batch 1: not in stock at EU1: 1 x GAME, 0 left")]
    send_batch(ws, Item(first, 0), 2, start=False)
    (second,) = create_batch(ws, campaign, "EU1", ids=[later], early=True).made
    assert check_batch(ws, Item(second, 0)).orders == 0
