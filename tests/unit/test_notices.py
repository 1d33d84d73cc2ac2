"""Announcing inbound shipments and returns: from the command line, through the outbox, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.desk.poll import poll_words
from data.dispatch.ask import ask
from data.dispatch.notices import announce, ask_return, read_inbound
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import CommandKind, InputError, Item
from data.portals.notices import ReturnAction
from data.portals.outcomes import FindResult, Found
from data.portals.registry import portal_for
from data.portals.sandbox.process import SandboxProcess, start
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, Ran, ensure_product
from tests.sending import SECRET, drive, make_batch
from tests.stock import make_kit

NOTICE = """
key = "ASN-7"
expected_on = 2026-12-04
packing = "pallets"
supplier = "Ember Press"
[[carton]]
count = 4
reference = "00340123"
lines = {GAME = 10, DICE-2 = 2}
[[carton]]
lines = {GAME = 6}
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        process.control("settings", {"exceptions": 0})
        yield process


@pytest.fixture
def ws(workspace: Workspace, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    found = drive(workspace, sandbox, monkeypatch.setenv)
    with found.write("test.products", "products") as tx:
        for sku in ("GAME", "DICE-2"):
            ensure_product(tx, sku)
    yield found
    found.close()


def _file(tmp_path: Path, text: str = NOTICE) -> Path:
    path = tmp_path / "inbound.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _there(ws: Workspace, kind: CommandKind, key: str) -> dict[str, int]:
    async def find() -> FindResult:
        portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
        found = await portal.find_notice(kind, key)
        await portal.close()
        return found

    found = asyncio.run(find())
    assert isinstance(found, Found)
    total: dict[str, int] = {}
    for line in found.remote.lines:
        total[line.sku] = total.get(line.sku, 0) + line.quantity
    return total


def test_an_inbound_shipment_is_announced_once_in_pieces_per_carton(
    ws: Workspace, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    notice = read_inbound(_file(tmp_path))
    sandbox.control("faults", [{"on": "POST /inbound", "fault": "drop_after", "times": 1}])
    announce(ws, "EU1", notice, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert _there(ws, CommandKind.ANNOUNCE, "ASN-7") == {"GAME": 46, "DICE-2": 8}
    assert ws.store.rows("SELECT state, attempt FROM commands") == [("accepted", 1)]
    with pytest.raises(InputError, match="announced to EU1 already"):
        announce(ws, "EU1", notice, start=False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (NOTICE.replace("ASN-7", "ASN 7"), "key: it is 1 to 40"),
        (NOTICE.replace("2026-12-04", '"soon"'), "expected_on: it is a date"),
        (NOTICE.replace("count = 4", "count = 0"), "carton 1, count"),
        (NOTICE.replace("{GAME = 6}", "{GAME = 0}"), "carton 2, lines"),
        (NOTICE.replace("supplier", "suplier"), "suplier: there is no such field"),
        ('key = "A"\nexpected_on = 2026-12-04', "give at least one"),
    ],
)
def test_a_file_that_can_not_be_announced_names_its_field(tmp_path: Path, wrong: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_inbound(_file(tmp_path, wrong))


def test_a_sku_that_is_no_product_is_not_announced(ws: Workspace, tmp_path: Path) -> None:
    notice = read_inbound(_file(tmp_path, NOTICE.replace("DICE-2", "DICE-3")))
    with pytest.raises(InputError, match="there is no product DICE-3"):
        announce(ws, "EU1", notice, start=False)


def test_what_comes_back_is_announced_once_and_only_after_it_has_left(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    make_kit(ws, "BOX", **{"GAME": 1, "DICE-2": 2})
    order = make_order(lines=(("BOX", 1),))
    seen = Item(order, 0)
    assert [each.reason for each in ask_return(ws, [seen], start=False).refused] == [
        "nothing of it has left a warehouse"
    ]
    send_batch(ws, Item(make_batch(ws, campaign), 0), 1, start=False)
    run_worker(ws, "EU1", say=print)
    sandbox.control("clock", {"advance": 40 * 3600})
    ask(ws, ["EU1"], "poll", start=False)
    run_worker(ws, "EU1", poll=poll_words, say=print)
    assert ask_return(ws, [seen], ReturnAction.RESTOCK, reason="refused", start=False).done == (order,)
    run_worker(ws, "EU1", say=print)
    key = f"EMBER-{order:06}-1-R1"
    assert _there(ws, CommandKind.RETURN, key) == {"GAME": 1, "DICE-2": 2}
    refused = ask_return(ws, [seen], start=False).refused
    assert [each.reason for each in refused] == ["EU1 was told already that it comes back"]


def test_the_command_line_announces_and_lists(
    ws: Workspace, tmp_path: Path, lastcall: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever has no secret plans, and starts no worker.
    monkeypatch.delenv(SECRET)
    ran = lastcall("freight", "announce", "EU1", str(_file(tmp_path)), "--json")
    assert ran.code == 0
    assert ran.json["words"] == "announce ASN-7 to EU1: 54 pieces"
    (row,) = lastcall("freight", "--json").json
    assert (row["key"], row["warehouse"]) == ("ASN-7", "EU1")
