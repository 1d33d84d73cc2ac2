"""What is promised of any portal, shown against a server that others wrote: Karrio, through its TOML file alone."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socketserver
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Address, Item, ShipmentState
from data.policy import WarehouseSettings, save_warehouse
from data.portals.errors import AuthFailed, Conflict, Permanent, PortalError, RateLimited
from data.portals.outcomes import Absent, Cancelled, Doubtful, Found, Pushed, PushResult, RemoteLine, TooLate
from data.portals.protocol import Portal, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.peers.karrio import Karrio, why_not
from tests.sending import SECRET, finish, make_batch, pushed, start_worker_process

pytestmark = [pytest.mark.peers, pytest.mark.skipif(bool(why_not()), reason=why_not())]

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
OPTIONS: dict[str, Any] = {"spec": "karrio", "max_lag": 0.5, "per_minute": 6_000}
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def karrio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Karrio]:
    with Karrio(tmp_path_factory.mktemp("karrio")) as running:
        yield running


def connected(url: str, folder: Path) -> Portal:
    settings = WarehouseSettings("EU1", "Peer", portal="http", url=url, secret=f"env:{SECRET}", options=OPTIONS)
    return portal_for(settings, folder, Clock())


@pytest.fixture
async def portal(karrio: Karrio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Portal]:
    monkeypatch.setenv(SECRET, karrio.token)
    made = connected(karrio.url, tmp_path)
    yield made
    await made.close()


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1, 900), ShipmentLine("DICE-2", "Dice", 2, 40))
    number = next(numbers)
    return replace(ShipmentOrder(f"K-{number}_x", f"#{number}", HOME, lines, "zoe@example.org"), **changes)


async def there(portal: Portal) -> tuple[ShipmentOrder, str, str]:
    """Return an order that is there, the body it was pushed with, and the server's id of it."""
    made = order()
    body = portal.render_push(made)
    return made, body, (await portal.push(body, made.key)).remote_ids[0]


async def test_an_order_is_created_and_found_as_it_was_asked_for(portal: Portal) -> None:
    made = order()
    body = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(body, made.key)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (found.remote.remote_id,))
    assert (found.remote.address, found.remote.status) == (HOME, ShipmentState.ACCEPTED)
    assert found.remote.lines == (RemoteLine("GAME", 1), RemoteLine("DICE-2", 2))
    assert portal.matches(body, found.remote) == []


async def test_a_duplicate_is_already_there_or_a_conflict(portal: Portal) -> None:
    made, body, remote_id = await there(portal)
    again = await portal.push(body, made.key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, (remote_id,))
    with pytest.raises(Conflict) as caught:
        await portal.push(portal.render_push(replace(made, address=AWAY)), made.key)
    assert any(each.startswith("city:") for each in caught.value.differences)


async def test_eight_pushes_of_one_order_at_once_leave_one(portal: Portal) -> None:
    made = order()
    body = portal.render_push(made)
    ended = await asyncio.gather(*(portal.push(body, made.key) for _ in range(8)), return_exceptions=True)
    assert all(isinstance(each, PushResult | PortalError) for each in ended)
    assert not any(isinstance(each, Permanent) for each in ended)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert portal.matches(body, found.remote) == []


async def test_what_is_refused_is_refused_in_the_server_s_words_and_not_created(portal: Portal) -> None:
    made = order()
    with pytest.raises(Permanent, match=r"shipping_to\.country_code") as caught:
        await portal.push(portal.render_push(made).replace('"GB"', '"XX"'), made.key)
    assert caught.value.http_status == 400
    assert isinstance(await portal.find(made.key), Absent)


async def test_an_amendment_that_is_answered_200_and_ignored_is_not_confirmed(portal: Portal) -> None:
    made, body, remote_id = await there(portal)
    result = await portal.amend(remote_id, made.key, portal.render_amend(AWAY, body))
    assert isinstance(result, Doubtful)
    assert (result.address, "holds another address" in result.reason) == (HOME, True)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert found.remote.address == HOME


async def test_a_cancel_is_read_back_and_one_that_is_cancelled_stays_so(portal: Portal) -> None:
    made, body, remote_id = await there(portal)
    assert await portal.cancel(remote_id, made.key, "") == Cancelled()
    assert await portal.cancel(remote_id, made.key, "") == Cancelled()
    late = await portal.amend(remote_id, made.key, portal.render_amend(AWAY, body))
    # Karrio would answer 200 and bring the order back to life: it is not asked.
    assert isinstance(late, TooLate)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert found.remote.status is ShipmentState.CANCELLED


async def test_changes_are_listed_page_by_page(portal: Portal) -> None:
    keys = {(await there(portal))[0].key for _ in range(3)}
    listed: set[str] = set()
    cursor, more = "", True
    while more:
        page = await portal.poll(cursor)
        listed |= {each.reference for each in page.states}
        cursor, more = page.cursor, page.more
    assert keys <= listed


async def test_a_wrong_secret_stops_everything_and_the_checks_say_so(
    karrio: Karrio, portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [each.ok for each in await portal.test()] == [True, True]
    monkeypatch.setenv(SECRET, "wrong-canary")
    stranger = connected(karrio.url, tmp_path)
    with pytest.raises(AuthFailed) as caught:
        await stranger.find("K-1")
    assert "canary" not in f"{caught.value}{caught.value.reply_head}"
    await stranger.close()


async def test_a_server_that_limits_us_says_for_how_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Karrio(tmp_path / "limited", USER_RATE_LIMIT="5/minute") as limited:
        monkeypatch.setenv(SECRET, limited.token)
        portal = connected(limited.url, tmp_path)
        for _ in range(5):
            await there(portal)
        with pytest.raises(RateLimited) as caught:
            await there(portal)
        assert 0 < caught.value.wait <= 60
        await portal.close()


# ---- through the worker ----


class Between(socketserver.ThreadingTCPServer):
    """Stands between a client and the server, and kills the client once the server has made its order and answered."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream = url
        self.victim = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Passing(socketserver.StreamRequestHandler):
    """Passes one request on; nothing of the reply comes back to a client that is to be killed."""

    server: Between

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        headers = {}
        while head := self.rfile.readline().decode().strip():
            name, _, value = head.partition(": ")
            headers[name] = value
        length = int({name.lower(): value for name, value in headers.items()}.get("content-length", 0))
        method, path, _ = line.split(" ")
        request = urllib.request.Request(
            self.server.upstream + path,
            self.rfile.read(length) or None,
            headers | {"Connection": "close"},
            method=method,
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
            status, content = reply.status, reply.read()
        if method == "POST" and self.server.victim:
            os.kill(self.server.victim, signal.SIGKILL)
            return
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        self.wfile.write(f"{head}Connection: close\r\n\r\n".encode() + content)


@pytest.fixture
def between(karrio: Karrio) -> Iterator[Between]:
    made = Between(karrio.url)
    yield made
    made.shutdown()
    made.server_close()


def test_a_worker_that_is_killed_before_the_reply_finds_its_order_and_makes_no_second(
    workspace: Workspace,
    karrio: Karrio,
    between: Between,
    campaign: int,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SECRET, karrio.token)
    ws = _driving(workspace, between.url)
    orders = [make_order() for _ in range(3)]
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), len(orders), start=False)
    worker = start_worker_process(ws)
    between.victim = worker.pid
    code, said = finish(worker)
    assert code == -signal.SIGKILL, said
    before = pushed(ws, batch)
    assert (before.accepted, before.sending > 0) == (0, True)
    ws.close()

    ws = _driving(workspace, karrio.url)
    assert run_worker(ws, "EU1", say=print) == 0
    assert pushed(ws, batch).accepted == 3
    found = asyncio.run(_listed(ws))
    assert sorted(found) == sorted(f"EMBER-{each:06}-1" for each in orders)
    ws.close()


def _driving(workspace: Workspace, url: str) -> Workspace:
    settings = WarehouseSettings("EU1", "Peer", ("*",), "http", url, f"env:{SECRET}", options=OPTIONS)
    save_warehouse(workspace.folder, settings)
    return Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())


async def _listed(ws: Workspace) -> list[str]:
    """Return the key of every order of the campaign that the server holds, one for each order."""
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
    found: list[str] = []
    cursor, more = "", True
    while more:
        page = await portal.poll(cursor)
        found += [each.reference for each in page.states if each.reference.startswith("EMBER-")]
        cursor, more = page.cursor, page.more
    await portal.close()
    return found
