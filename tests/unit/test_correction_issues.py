"""A correction that a warehouse did not make raises its order's issue, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.edit import edit_order
from data.desk.poll import follow_corrections, poll_words
from data.dispatch.cancel import cancel_orders
from data.dispatch.hold import hold_at_warehouse
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.issues.verbs import resolve
from data.model import Item
from data.portals.sandbox.process import SandboxProcess, start
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder
from tests.sending import drive, make_batch


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        process.control("settings", {"exceptions": 0})
        yield process


@pytest.fixture
def ws(workspace: Workspace, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    found = drive(workspace, sandbox, monkeypatch.setenv)
    yield found
    found.close()


def _work(ws: Workspace) -> None:
    assert run_worker(ws, "EU1", poll=poll_words, follow=follow_corrections, say=print) == 0


def _issues(ws: Workspace) -> list[tuple[int, str, str, str]]:
    return ws.store.rows("SELECT order_id, rule, type, title FROM issues WHERE state <> 'resolved' ORDER BY id")


def _seen(ws: Workspace, order: int) -> Item:
    return Item(*ws.store.rows("SELECT id, rev FROM orders WHERE id = ?", (order,))[0])


def test_what_came_too_late_is_an_issue_of_its_order_once(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    moved, cancelled, held, well = [make_order() for _ in range(4)]
    send_batch(ws, Item(make_batch(ws, campaign), 0), 4, start=False)
    _work(ws)
    edit_order(ws, _seen(ws, well), replace(HOME, line1="Elm Street 9"))
    _work(ws)
    assert _issues(ws) == []
    # The warehouse has gone on, and nobody here knows yet.
    sandbox.control("clock", {"advance": 30 * 3600})
    edit_order(ws, _seen(ws, moved), replace(HOME, line1="Elm Street 7"))
    cancel_orders(ws, [_seen(ws, cancelled)], "changed their mind", start=False)
    hold_at_warehouse(ws, [_seen(ws, held)], "a question", start=False)
    _work(ws)
    found = _issues(ws)
    assert [each[:3] for each in sorted(found)] == [
        (moved, "command.amend", "address"),
        (cancelled, "command.cancel", "exception"),
        (held, "command.hold", "exception"),
    ]
    assert "Elm Street 5" in next(each[3] for each in found if each[0] == moved)
    _work(ws)
    assert _issues(ws) == found
    ids = [Item(*row) for row in ws.store.rows("SELECT id, rev FROM issues")]
    resolve(ws, ids, "nothing")
    _work(ws)
    assert _issues(ws) == []
