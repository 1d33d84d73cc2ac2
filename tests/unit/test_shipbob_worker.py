"""A campaign through ShipBob: allocated, batched, sent by a worker process, followed; each order there once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.clock import Clock
from data.desk.poll import poll_warehouse
from data.dispatch.send import send_batch
from data.model import Item, WorkspaceError
from data.policy import WarehouseSettings, load_policy, save_warehouse
from data.portals.registry import portal_for
from data.portals.sandbox.process import SandboxProcess, start
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import SECRET, creations, finish, make_batch, pushed, start_worker_process

ORDERS = 12
OPTIONS = {"channel": 101, "fulfillment_center": 4, "max_lag": 0.2, "per_minute": 6000, "deadline": 2.0}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "shipbob.db", dialect="shipbob", limits=False) as process:
        process.control("settings", {"exceptions": 0})
        process.control("stock", {"GAME": 100})
        yield process


@pytest.fixture
def ws(workspace: Workspace, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv(SECRET, sandbox.token.reveal())
    settings = WarehouseSettings("EU1", "Bob", ("*",), "shipbob", sandbox.url, f"env:{SECRET}", options=OPTIONS)
    save_warehouse(workspace.folder, settings)
    found = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
    yield found
    found.close()


def test_a_batch_is_sent_once_each_whatever_gets_lost_and_an_unknown_sku_comes_back_with_the_reason(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    for _ in range(ORDERS):
        make_order()
    make_order(number="TYPO", lines=(("GAMR", 1),))
    sandbox.control(
        "faults",
        [
            {"on": "POST /{version}/order", "fault": "drop_after", "times": 2},
            {"on": "POST /{version}/order", "fault": "drop_before", "times": 1},
            {"on": "POST /{version}/order", "fault": "429", "times": 1, "seconds": 1},
        ],
    )
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), ORDERS + 1, start=False)
    code, said = finish(start_worker_process(ws))
    assert code == 0, said
    progress = pushed(ws, batch)
    assert (progress.accepted, progress.rejected) == (ORDERS, 1)
    keys = {
        row[0] for row in ws.store.rows("SELECT key FROM shipments WHERE batch_id = ? AND remote_id > ''", (batch,))
    }
    assert creations(sandbox) == dict.fromkeys(keys, 1)
    (held,) = ws.store.rows(
        "SELECT o.number, o.stage, h.kind, h.reason FROM holds h JOIN orders o ON o.id = h.order_id"
    )
    assert held[:3] == ("TYPO", "ready", "operator")
    assert "GAMR" in held[3]

    sandbox.control("clock", {"advance": 40 * 86400})
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)

    async def poll() -> tuple[int, int]:
        first = await poll_warehouse(ws, portal, "EU1")
        again = await poll_warehouse(ws, portal, "EU1")
        await portal.close()
        return first.shipments, again.shipments

    assert asyncio.run(poll()) == (ORDERS, 0)
    stages = dict(ws.store.rows("SELECT stage, count(*) FROM orders GROUP BY stage"))
    assert stages == {"delivered": ORDERS, "ready": 1}
    assert ws.store.value("SELECT count(*) FROM parcels WHERE status = 'delivered'") == ORDERS


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, r"options\.channel is missing"),
        ({"channel": 0}, r"options\.channel is missing"),
        ({"channel": "101"}, "not a whole number"),
        ({"channel": 101, "version": "1.0"}, "dated"),
        ({"channel": 101, "fulfilment_center": 4}, "no such option"),
    ],
)
def test_what_the_settings_lack_is_named(tmp_path: Path, options: dict[str, object], words: str) -> None:
    settings = WarehouseSettings("EU1", "Bob", ("*",), "shipbob", "", "env:X", options=options)
    with pytest.raises(WorkspaceError, match=words):
        portal_for(settings, tmp_path, Clock())


def test_with_a_channel_alone_it_is_the_vendor_s_own_address_and_limit(tmp_path: Path) -> None:
    settings = WarehouseSettings("EU1", "Bob", ("*",), "shipbob", "", "env:X", options={"channel": 101})
    caps = portal_for(settings, tmp_path, Clock()).caps
    assert (caps.max_lag, caps.per_minute, caps.never_doubles) == (900, 150, True)


def test_the_page_s_own_example_is_a_warehouse(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "portals.md").read_text(encoding="utf-8")
    section = page.partition("## ShipBob\n")[2].partition("\n## ")[0]
    block = [line[4:] for line in section.partition("| option |")[0].splitlines() if line.startswith("    ")]
    (tmp_path / "lastcall.toml").write_text("\n".join(block), encoding="utf-8")
    caps = portal_for(load_policy(tmp_path).warehouse("US1"), tmp_path, Clock()).caps
    assert caps.announce
    assert caps.returns
    for option in ("channel", "version", "shipping_method", "fulfillment_center", "per_minute", "max_lag"):
        assert f"| `{option}` |" in section
