"""The proof sheet of a batch: totals, samples as the warehouse gets them, cautions, and who approves."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.merge_orders import merge_for_shipping
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.dispatch.proof import Proof, proof, proof_text
from data.dispatch.send import send_batch
from data.model import HoldKind, InputError, Item, Money
from data.orders.holds import hold
from data.policy import WarehouseSettings, save_warehouse
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder, OpenAs, Ran
from tests.contracts.test_guard import FORBIDDEN, PAYLOADS

Run = Callable[..., Ran]


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills"))
    workspace.reload_policy()
    return workspace


def _batch(ws: Workspace, campaign: int) -> int:
    allocate(ws)
    return create_batch(ws, campaign, "EU1", early=True).made[0]


def _value(ws: Workspace, sku: str, minor: int) -> None:
    with ws.write("test.value", "declare a value") as tx:
        tx.insert("product_values", {"sku": sku, "currency": "EUR", "minor": minor})


def test_the_totals_are_those_of_what_will_go(ws: Workspace, campaign: int, make_order: MakeOrder) -> None:
    one, two = make_order(lines=(("GAME", 2),)), make_order(lines=(("DICE", 3),))
    make_order(country="FR", address=replace(HOME, country="FR", postcode="75001"))
    _value(ws, "GAME", 40_00)
    merge_for_shipping(ws, [Item(one, 0), Item(two, 0)])
    _batch(ws, campaign)
    found = proof(ws, 1)
    assert (found.orders, found.parcels) == (3, 2)
    assert dict(found.units) == {"GAME": 3, "DICE": 3}
    assert dict(found.countries) == {"DE": 1, "FR": 1}
    assert (found.values, found.without_value) == ((Money(120_00, "EUR"),), 3)
    text = proof_text(found)
    for line in ("Orders: 3 in 2 parcels", "Pieces: 6", "Declared value: EUR 120.00; 3 pieces without"):
        assert line in text.splitlines()


def test_samples_are_the_first_and_some_by_chance_and_the_same_ones_each_time(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    orders = [make_order() for _ in range(20)]
    _batch(ws, campaign)
    found = proof(ws, 1, samples=4)
    assert found.samples == proof(ws, 1, samples=4).samples
    numbers = [each.number for each in found.samples]
    assert numbers[0] == "1001"
    assert len(set(numbers)) == 5
    assert numbers != [str(1001 + at) for at in range(5)], "they are not just the first ones"
    assert [each.number for each in proof(ws, 1, samples=0).samples] == ["1001"]
    assert len(proof(ws, 1, samples=100).samples) == len(orders)


def test_a_sample_is_the_body_as_it_is_sent_before_and_after(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    batch = Item(_batch(ws, campaign), 0)
    (before,) = proof(ws, 1).samples
    check_batch(ws, batch)
    send_batch(ws, batch, 1, start=False)
    sent = ws.store.value("SELECT body FROM commands WHERE kind = 'push'")
    assert before.body == sent
    after = proof(ws, 1)
    assert (after.state, after.samples[0].body, after.cautions) == ("sending", sent, ())
    with ws.write("test.title", "rename the game") as tx:
        tx.run("UPDATE products SET title = 'Another', rev = rev + 1")
    assert proof(ws, 1).samples[0].body == sent, "what was frozen is shown, not what would be rendered now"


def test_what_a_check_would_take_out_is_named_and_no_sample(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    bad, good = make_order(), make_order()
    _batch(ws, campaign)
    hold(ws, [Item(bad, 0)], HoldKind.CLIENT, "ask first")
    found = proof(ws, 1)
    assert found.failing == (("1001", "held: client: ask first"),)
    assert [each.number for each in found.samples] == ["1002"]
    assert ws.store.value("SELECT state FROM batches") == "draft", "a proof changes nothing"
    assert ws.store.value("SELECT count(*) FROM shipments") == 2
    assert good


def test_the_sheet_says_who_made_checked_and_is_to_approve_it(
    ws: Workspace, campaign: int, make_order: MakeOrder, open_as: OpenAs
) -> None:
    make_order()
    batch = Item(_batch(ws, campaign), 0)
    check_batch(open_as("rob"), batch)
    found = proof(ws, 1, approver="Ines of Ember Games")
    assert [(what, user) for what, user, _ in found.steps] == [("made", "dana"), ("checked", "rob")]
    text = proof_text(found)
    assert "Checked by rob, 2026-11-23 09:00 UTC" in text
    assert re.search(r"Approved by Ines of Ember Games: _+  Date _+", text)
    send_batch(ws, batch, 1, start=False)
    assert "Sent by dana, 2026-11-23 09:00 UTC" in proof_text(proof(ws, 1))


def test_many_cautions_are_counted_not_printed(ws: Workspace) -> None:
    from data.dispatch.preflight_cautions import Caution

    sheet = Proof(
        1, "draft", "Ember", "EU1", "Cedar", "2026-11-23", 0, 0, (), (), (), 0, (),
        tuple(Caution(each, str(each), "look") for each in range(60)), (), (), "",
    )  # fmt: skip
    text = proof_text(sheet)
    assert "- 49: look" in text
    assert "- 50: look" not in text
    assert "- and 10 more" in text


def test_there_is_no_proof_of_a_batch_that_is_not_there(ws: Workspace) -> None:
    with pytest.raises(InputError, match="there is no batch 7"):
        proof(ws, 7)


def test_the_command_prints_writes_and_ends_with_one_where_something_would_be_taken_out(
    ws: Workspace, campaign: int, make_order: MakeOrder, lastcall: Run, tmp_path: Path
) -> None:
    order = make_order()
    _batch(ws, campaign)
    ran = lastcall("batch", "proof", "1", "--approver", "Ines")
    assert ran.code == 0
    assert ran.out.startswith("Proof sheet: batch 1 of Ember Isles for Cedar Mills (EU1)\n")
    assert '"name": "Anna Lindqvist"' in ran.out
    path = tmp_path / "proof.txt"
    assert lastcall("batch", "proof", "1", "--approver", "Ines", "-o", str(path)).out.strip() == str(path)
    assert path.read_text(encoding="utf-8") == ran.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = lastcall("batch", "proof", "1", "--json").json
    assert json.loads(told["samples"][0]["body"])["address"]["name"] == "Anna Lindqvist"
    hold(ws, [Item(order, 0)], HoldKind.CLIENT, "ask")
    failing = lastcall("batch", "proof", "1")
    assert (failing.code, "1 would be taken out" in failing.err) == (1, True)
    assert lastcall("batch", "proof", "9").code == 2


def test_hostile_text_of_a_backer_reaches_no_terminal(
    ws: Workspace, campaign: int, make_order: MakeOrder, lastcall: Run
) -> None:
    for text in PAYLOADS.values():
        text = text.replace("\x00", "").encode(errors="ignore").decode()
        make_order(address=replace(HOME, name=text, city=text), lines=((f"SKU {len(text)}", 1),))
    with ws.write("test.title", "hostile titles") as tx:
        tx.run("UPDATE products SET title = ?, rev = rev + 1", (text,))
    _batch(ws, campaign)
    for arguments in ([], ["--json"]):
        ran = lastcall("batch", "proof", "1", "--samples", "99", *arguments)
        assert FORBIDDEN.findall(re.sub(r"[\t\n]", "", ran.out + ran.err)) == []
        assert "Traceback" not in ran.err
