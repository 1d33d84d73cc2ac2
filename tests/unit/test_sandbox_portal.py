from __future__ import annotations

import itertools
import json
import logging
import socket
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, ParcelStatus, ShipmentState, WorkspaceError
from data.portals.credentials import SecretHeader
from data.portals.errors import (
    Ambiguous,
    AuthFailed,
    Conflict,
    NotSent,
    NotUnderstood,
    Permanent,
    PortalError,
    RateLimited,
    Retryable,
)
from data.portals.outcomes import (
    Absent,
    Applied,
    Cancelled,
    Doubtful,
    Found,
    Held,
    Partly,
    Pushed,
    Refused,
    Released,
    RemoteState,
    Requested,
    Several,
    TooLate,
)
from data.portals.protocol import Idem, ShipmentLine, ShipmentOrder
from data.portals.sandbox import life
from data.portals.sandbox.book import open_book
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox.serve import serve
from data.portals.sandbox_http import SandboxHttp
from data.portals.sandbox_words import read_order
from data.portals.secrets import Secret

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
HOUR, DAY = 3600, 86400
CANARY = "canary-token-5c1f"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with start(tmp_path_factory.mktemp("sandbox") / "warehouse.db") as running:
        running.control("settings", {"exceptions": 0})
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[SandboxHttp]:
    sandbox.control("faults", [])
    made = SandboxHttp(sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), deadline=1.5)
    yield made
    await made.close()


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    return replace(ShipmentOrder(f"K-{number}_x", f"#{number}", HOME, lines, "zoe@example.org"), **changes)


async def pushed(portal: SandboxHttp, **changes: Any) -> tuple[str, str]:
    """Return key and the warehouse's id of an order that is there."""
    made = order(**changes)
    result = await portal.push(portal.render_push(made), made.key)
    return made.key, result.remote_ids[0]


async def state(portal: SandboxHttp, key: str) -> RemoteState:
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


def creations(sandbox: SandboxProcess, key: str) -> int:
    return sum(entry["creations"] for entry in ledger(sandbox.state) if entry["reference"] == key)


async def test_a_pushed_order_is_found_as_it_was_asked_for(portal: SandboxHttp) -> None:
    made = order()
    body = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(body, made.key)
    remote = await state(portal, made.key)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (remote.remote_id,))
    assert remote.status is ShipmentState.ACCEPTED
    assert portal.matches(body, remote) == []


async def test_a_duplicate_with_the_same_contents_is_already_there_and_is_one_order(
    portal: SandboxHttp, sandbox: SandboxProcess
) -> None:
    made = order()
    first = await portal.push(portal.render_push(made), made.key)
    again = await portal.push(portal.render_push(made), made.key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, first.remote_ids)
    assert creations(sandbox, made.key) == 1


async def test_a_duplicate_with_another_recipient_or_lines_is_a_conflict_that_says_what_differs(
    portal: SandboxHttp,
) -> None:
    made = order()
    await portal.push(portal.render_push(made), made.key)
    other = replace(made, address=replace(HOME, city="Leeds"), lines=(ShipmentLine("GAME", "", 3),))
    with pytest.raises(Conflict) as caught:
        await portal.push(portal.render_push(other), made.key)
    assert [line.split(":")[0] for line in caught.value.differences] == ["city", "DICE-2", "GAME"]


async def test_a_refused_order_names_its_fields_and_is_not_created(
    portal: SandboxHttp, sandbox: SandboxProcess
) -> None:
    wrong = order(address=replace(HOME, country="UK!", city=""), lines=(ShipmentLine("A B", "", 0),))
    with pytest.raises(Permanent) as caught:
        await portal.push(portal.render_push(wrong), wrong.key)
    assert {each.field for each in caught.value.fields} == {
        "ship_to.country",
        "ship_to.city",
        "lines[0].sku",
        "lines[0].quantity",
    }
    assert caught.value.http_status == 422
    assert creations(sandbox, wrong.key) == 0


@pytest.mark.parametrize(
    ("fault", "raised", "created"),
    [
        ("429", RateLimited, 0),
        ("500", Ambiguous, 0),
        ("500_after", Ambiguous, 1),
        ("slow", Ambiguous, 1),
        ("drip", Ambiguous, 1),
        ("drop_before", Ambiguous, 0),
        ("drop_after", Ambiguous, 1),
        ("reset_after", Ambiguous, 1),
        ("truncate", Ambiguous, 1),
        ("not_http", Ambiguous, 1),
        ("garbage", NotUnderstood, 1),
        ("compressed", Ambiguous, 1),
        ("huge", Ambiguous, 1),
        ("other_reference", NotUnderstood, 1),
        ("redirect", Ambiguous, 0),
    ],
)
async def test_every_fault_of_a_push_is_sorted_by_what_may_be_done_next(
    portal: SandboxHttp, sandbox: SandboxProcess, fault: str, raised: type[PortalError], created: int
) -> None:
    seconds = {"429": 7, "slow": 5, "drip": 0.2}.get(fault, 0)
    sandbox.control("faults", [{"on": "POST /orders", "fault": fault, "times": 1, "seconds": seconds}])
    made = order()
    with pytest.raises(raised) as caught:
        await portal.push(portal.render_push(made), made.key)
    assert not (raised is Ambiguous and isinstance(caught.value, Retryable))
    if isinstance(caught.value, RateLimited):
        assert caught.value.wait == 7
    # The truth of it: what the error allows is right, and asking again leaves exactly one order.
    assert creations(sandbox, made.key) == created
    again = await portal.push(portal.render_push(made), made.key)
    assert again.outcome is (Pushed.ALREADY if created else Pushed.CREATED)
    assert creations(sandbox, made.key) == 1


async def test_a_redirect_is_never_followed(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    # /ping, where the redirect points, would answer 200 and look like success.
    sandbox.control("faults", [{"on": "*", "fault": "redirect", "times": 1}])
    made = order()
    with pytest.raises(Ambiguous, match="redirect") as caught:
        await portal.push(portal.render_push(made), made.key)
    assert caught.value.http_status == 302
    assert isinstance(await portal.find(made.key), Absent)


async def test_a_request_that_shows_up_late_is_absent_until_then(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    sandbox.control("faults", [{"on": "POST /orders", "fault": "delay_commit", "times": 1, "seconds": 0.4}])
    made = order()
    with pytest.raises(Ambiguous):
        await portal.push(portal.render_push(made), made.key)
    assert isinstance(await portal.find(made.key), Absent)
    while isinstance(await portal.find(made.key), Absent):
        pass
    assert creations(sandbox, made.key) == 1


@pytest.mark.parametrize("fault", ["500", "drop_before", "slow", "truncate", "huge", "compressed", "redirect"])
async def test_a_look_up_that_fails_may_be_asked_again(
    portal: SandboxHttp, sandbox: SandboxProcess, fault: str
) -> None:
    key, _ = await pushed(portal)
    sandbox.control("faults", [{"on": "GET /orders", "fault": fault, "times": 1, "seconds": 5}])
    with pytest.raises(Retryable):
        await portal.find(key)
    assert isinstance(await portal.find(key), Found)


async def test_nothing_listening_is_not_sent(sandbox: SandboxProcess, tmp_path: Path) -> None:
    gone = start(tmp_path / "gone.db")
    gone.stop()
    portal = SandboxHttp(gone.url, SecretHeader(lambda: gone.token), Clock())
    made = order()
    with pytest.raises(NotSent):
        await portal.push(portal.render_push(made), made.key)
    await portal.close()


async def test_the_secret_is_in_no_error_no_log_and_no_repr(
    sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    portal = SandboxHttp(sandbox.url, SecretHeader(lambda: Secret(CANARY)), Clock())
    with pytest.raises(AuthFailed) as caught:
        await portal.find("K-1")
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    checks = await portal.test()
    assert [check.ok for check in checks] == [False, False, False]
    assert "POST /orders" not in caplog.text
    assert "GET /orders 401" in caplog.text
    assert not any(CANARY in text for text in (told, caplog.text, repr(checks), repr(vars(caught.value))))
    assert caught.value.__context__ is None
    await portal.close()


async def test_an_error_shows_the_reply_without_the_secret_it_echoes(
    portal: SandboxHttp, sandbox: SandboxProcess
) -> None:
    with pytest.raises(Permanent) as caught:
        await portal.push(json.dumps({sandbox.token.reveal(): 1}), "K-0")
    assert "***" in caught.value.reply_head
    assert sandbox.token.reveal() not in caught.value.reply_head


@pytest.mark.parametrize(
    "url",
    [
        "http://warehouse.example",
        "http://10.0.0.5:8080",
        "ftp://127.0.0.1",
        "https://user:secret@warehouse.example",
        "https://warehouse.example/?key=1",
        "warehouse.example",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        SandboxHttp(url, SecretHeader(lambda: Secret("x")), Clock())
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("remote_id", ["..", ".", ""])
async def test_an_id_that_is_a_step_in_a_path_is_not_sent(portal: SandboxHttp, remote_id: str) -> None:
    with pytest.raises(Permanent, match="path"):
        await portal.hold(remote_id, "K-1", "")


@pytest.mark.parametrize("remote_id", ["../stock", "SB1/cancel?x=", "?reference=x", "%2e%2e", "SB1#"])
async def test_an_id_from_outside_can_not_become_another_path(portal: SandboxHttp, remote_id: str) -> None:
    # The whole text arrives as an id (which no order has) or matches no route; nothing else is ever answered.
    refused = await portal.hold(remote_id, "K-1", "")
    assert isinstance(refused, Refused)
    assert refused.reason in ("no_such_order", "Not Found")


async def test_an_amendment_is_applied_until_picking_and_too_late_after_with_the_address_that_ships(
    portal: SandboxHttp, sandbox: SandboxProcess
) -> None:
    key, remote_id = await pushed(portal)
    assert await portal.amend(remote_id, key, portal.render_amend(AWAY, "")) == Applied(AWAY)
    sandbox.control("clock", {"advance": 6 * HOUR + 1})
    assert (await state(portal, key)).status in (ShipmentState.PICKING, ShipmentState.PACKED, ShipmentState.SHIPPED)
    late = await portal.amend(remote_id, key, portal.render_amend(HOME, ""))
    assert isinstance(late, TooLate)
    assert late.address == AWAY


async def test_an_amendment_the_warehouse_does_not_take_is_refused_with_what_it_holds(portal: SandboxHttp) -> None:
    key, remote_id = await pushed(portal)
    refused = await portal.amend(remote_id, key, portal.render_amend(replace(AWAY, country="Schweiz"), ""))
    assert isinstance(refused, Refused)
    assert refused.address == HOME
    assert "country" in refused.reason


@pytest.mark.parametrize(("fault", "held"), [("drop_before", HOME), ("drop_after", AWAY), ("slow", AWAY)])
async def test_an_amendment_without_a_trusted_reply_is_doubtful_and_a_look_up_tells(
    portal: SandboxHttp, sandbox: SandboxProcess, fault: str, held: Address
) -> None:
    key, remote_id = await pushed(portal)
    sandbox.control("faults", [{"on": "PUT /orders/{id}/address", "fault": fault, "times": 1, "seconds": 5}])
    assert isinstance(await portal.amend(remote_id, key, portal.render_amend(AWAY, "")), Doubtful)
    assert (await state(portal, key)).address == held


async def test_what_is_read_back_counts_and_not_the_reply(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    key, remote_id = await pushed(portal)
    # Agreed, but the confirmation can't be read back.
    sandbox.control("faults", [{"on": "GET /orders/{id}", "fault": "500", "times": 1}])
    assert isinstance(await portal.amend(remote_id, key, portal.render_amend(AWAY, "")), Doubtful)
    # Nonsense as a reply, yet the address is there.
    sandbox.control("faults", [{"on": "PUT /orders/{id}/address", "fault": "garbage", "times": 1}])
    assert await portal.amend(remote_id, key, portal.render_amend(HOME, "")) == Applied(HOME)


async def test_cancelling_has_its_answers_at_every_stage(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    fresh, fresh_id = await pushed(portal)
    assert await portal.cancel(fresh_id, fresh, "") == Cancelled()
    assert (await state(portal, fresh)).status is ShipmentState.CANCELLED

    picking, picking_id = await pushed(portal)
    await _until(portal, sandbox, picking, ShipmentState.PICKING)
    assert isinstance(await portal.cancel(picking_id, picking, ""), Requested)

    split, split_id = await pushed(portal)
    sandbox.control("fate", {"reference": split, "fate": "split"})
    await _until(portal, sandbox, split, ShipmentState.PART_SHIPPED)
    partly = await portal.cancel(split_id, split, "")
    assert isinstance(partly, Partly)
    assert [(line.sku, line.quantity) for line in partly.lines] == [("DICE-2", 2)]

    gone, gone_id = await pushed(portal)
    await _until(portal, sandbox, gone, ShipmentState.SHIPPED)
    late = await portal.cancel(gone_id, gone, "")
    assert isinstance(late, TooLate)
    assert late.address == HOME


async def test_a_held_order_stays_until_it_is_released(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    key, remote_id = await pushed(portal)
    assert isinstance(await portal.hold(remote_id, key, ""), Held)
    sandbox.control("clock", {"advance": 3 * DAY})
    remote = await state(portal, key)
    assert (remote.status, remote.held) == (ShipmentState.HELD, True)
    assert isinstance(await portal.release(remote_id, key, ""), Released)
    await _until(portal, sandbox, key, ShipmentState.SHIPPED)


async def test_polling_returns_each_change_once_and_in_order(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    cursor = await _end(portal)
    keys = [(await pushed(portal))[0] for _ in range(3)]
    first = await portal.poll(cursor)
    assert [remote.reference for remote in first.states] == keys
    assert await portal.poll(first.cursor) == replace(first, states=())
    sandbox.control("clock", {"advance": 20 * DAY})
    changed: dict[str, RemoteState] = {}
    page = await portal.poll(first.cursor)
    while page.states:
        changed |= {remote.reference: remote for remote in page.states}
        page = await portal.poll(page.cursor)
    assert [changed[key].status for key in keys] == [ShipmentState.DELIVERED] * 3
    parcel = changed[keys[0]].parcels[0]
    assert (parcel.status, parcel.raw_status) == (ParcelStatus.DELIVERED, "DELIVERED")
    assert [(line.sku, line.quantity) for line in parcel.lines] == [("GAME", 1), ("DICE-2", 2)]


@pytest.mark.parametrize(
    ("fate", "status", "parcel", "complaint"),
    [
        ("lost", ShipmentState.SHIPPED, ParcelStatus.FAILURE, "lost by the carrier"),
        ("damaged", ShipmentState.SHIPPED, ParcelStatus.FAILURE, "damaged in transit"),
        ("returned", ShipmentState.RETURNED, ParcelStatus.RETURN_TO_SENDER, "came back: refused by the recipient"),
    ],
)
async def test_what_goes_wrong_underway_is_told_in_the_warehouse_s_words(
    portal: SandboxHttp,
    sandbox: SandboxProcess,
    fate: str,
    status: ShipmentState,
    parcel: ParcelStatus,
    complaint: str,
) -> None:
    key, _ = await pushed(portal)
    sandbox.control("fate", {"reference": key, "fate": fate})
    sandbox.control("clock", {"advance": 30 * DAY})
    remote = await state(portal, key)
    assert (remote.status, remote.parcels[0].status, remote.exceptions) == (status, parcel, (complaint,))


async def test_an_address_question_blocks_until_the_address_is_mended(
    portal: SandboxHttp, sandbox: SandboxProcess
) -> None:
    key, remote_id = await pushed(portal)
    sandbox.control("fate", {"reference": key, "fate": "address_query"})
    sandbox.control("clock", {"advance": 10 * DAY})
    assert (await state(portal, key)).status is ShipmentState.BLOCKED
    assert await portal.amend(remote_id, key, portal.render_amend(AWAY, "")) == Applied(AWAY)
    await _until(portal, sandbox, key, ShipmentState.SHIPPED)


async def test_stock_is_taken_when_packed_and_its_lack_blocks(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {"RARE": 1})
    lines = (ShipmentLine("RARE", "", 1),)
    first, _ = await pushed(portal, lines=lines)
    await _until(portal, sandbox, first, ShipmentState.SHIPPED)
    second, _ = await pushed(portal, lines=lines)
    sandbox.control("clock", {"advance": 10 * HOUR})
    blocked = await state(portal, second)
    assert (blocked.status, blocked.exceptions) == (ShipmentState.BLOCKED, ("out of stock: RARE",))
    rare = next(level for level in await portal.stock() if level.sku == "RARE")
    assert (rare.on_hand, rare.available) == (0, -1)
    sandbox.control("stock", {"RARE": 5})
    await _until(portal, sandbox, second, ShipmentState.SHIPPED)


async def test_a_test_of_the_portal_changes_nothing(portal: SandboxHttp, sandbox: SandboxProcess) -> None:
    before = ledger(sandbox.state)
    assert [check.ok for check in await portal.test()] == [True, True, True]
    assert ledger(sandbox.state) == before


async def test_a_warehouse_that_accepts_doubles_is_seen_to_have_several(tmp_path: Path) -> None:
    with start(tmp_path / "lax.db") as lax:
        lax.control("settings", {"duplicates": "accept"})
        portal = SandboxHttp(lax.url, SecretHeader(lambda: lax.token), Clock(), idem=Idem.NONE)
        made = order()
        for _ in range(2):
            await portal.push(portal.render_push(made), made.key)
        assert isinstance(await portal.find(made.key), Several)
        assert not portal.caps.never_doubles
        await portal.close()
    assert [(entry["reference"], entry["creations"]) for entry in ledger(lax.state)] == [(made.key, 2)]


async def test_what_was_answered_survives_a_kill_and_the_process_stops_cleanly(tmp_path: Path) -> None:
    state_file = tmp_path / "killed.db"
    first = start(state_file)
    portal = SandboxHttp(first.url, SecretHeader(lambda: first.token), Clock())
    key, _ = await pushed(portal)
    await portal.close()
    assert first.kill() == -9
    assert [entry["reference"] for entry in ledger(state_file)] == [key]
    second = start(state_file)
    assert second.stop() == 0


def test_a_warehouse_stops_when_whoever_started_it_dies(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from data.portals.sandbox.process import start\n"
        "print(start(Path(sys.argv[1])).url, flush=True); os._exit(9)"
    )
    died = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "orphan.db")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == 9
    port = int(died.stdout.strip().rpartition(":")[2])
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionError:
            break


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "data.portals.sandbox.running", raising=False)
    with pytest.raises(WorkspaceError, match=r'pip install "\.\[sandbox\]"'):
        serve(tmp_path / "warehouse.db", 0, Secret("t"))


def test_the_ledger_can_not_be_changed(tmp_path: Path) -> None:
    connection = open_book(tmp_path / "warehouse.db")
    connection.execute("INSERT INTO ledger (at, reference, order_id) VALUES (0, 'K', 1)")
    for statement in ("UPDATE ledger SET reference = 'L'", "DELETE FROM ledger"):
        with pytest.raises(Exception, match="append only"):
            connection.execute(statement)
    connection.close()


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one by a careless reader" * 20, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"notes\.txt"):
        start(path)
    with pytest.raises(WorkspaceError, match=r"notes\.txt"):
        ledger(path)
    with pytest.raises(WorkspaceError, match="no such"):
        ledger(tmp_path / "missing.db")


def test_a_word_that_is_in_no_table_is_kept_and_never_raises() -> None:
    remote = read_order(
        {
            "reference": "K",
            "id": "1",
            "status": "TELEPORTED",
            "ship_to": {"name": None},
            "lines": [],
            "parcels": [{"tracking_number": 7, "status": "Vanished"}],
        }
    )
    assert (remote.raw_status, remote.status) == ("TELEPORTED", None)
    assert (remote.parcels[0].raw_status, remote.parcels[0].status) == ("Vanished", ParcelStatus.UNKNOWN)


def test_the_share_of_exceptions_is_as_set_and_the_same_each_time(tmp_path: Path) -> None:
    connection = open_book(tmp_path / "warehouse.db")
    fates = [life.fate_of(connection, f"K{number}") for number in range(4000)]
    assert fates == [life.fate_of(connection, f"K{number}") for number in range(4000)]
    assert set(fates) == {"well", *life.FATES}
    assert 0.02 < 1 - fates.count("well") / len(fates) < 0.04
    connection.close()


async def _until(portal: SandboxHttp, sandbox: SandboxProcess, key: str, wanted: ShipmentState) -> None:
    """Move the warehouse's clock until an order is where it is wanted."""
    for _ in range(400):
        if (await state(portal, key)).status is wanted:
            return
        sandbox.control("clock", {"advance": 1700})
    pytest.fail(f"{key} never became {wanted}")


async def _end(portal: SandboxHttp) -> str:
    page = await portal.poll("")
    while page.states:
        page = await portal.poll(page.cursor)
    return page.cursor
