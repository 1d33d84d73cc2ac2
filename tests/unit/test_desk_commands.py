"""The command line of issues, overview, verify, doctor, person and sandbox: documents and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import Ran

Run = Callable[..., "Ran"]
Make = Callable[..., int]


def test_an_issue_is_raised_worked_and_resolved_from_the_command_line(
    lastcall: Run, make_order: Make, make_shipment: Make
) -> None:
    make_shipment(make_order(name="Zoë \x1b[2J"), state="delivered")
    raised = lastcall("issue", "raise", "1001", "--type", "damaged", "--title", "crushed \x1b[31m", "--json")
    assert (raised.code, raised.json["issues"]) == (0, [1])
    assert lastcall("issue", "take", "1").code == 0
    assert lastcall("issue", "wait", "1", "--for", "carrier").code == 0
    assert lastcall("issue", "note", "#1", "--text", "asked for a photo").code == 0
    assert lastcall("issue", "snooze", "1", "--until", "2199-01-01").code == 0
    assert lastcall("issues", "--json").json == []
    assert lastcall("issue", "snooze", "--filter", "snoozed:yes", "--wake").code == 0
    listed = lastcall("issues", "--json", "--filter", "waiting:carrier", "--limit", "5").json
    assert [(each["id"], each["order_number"], each["title"]) for each in listed] == [(1, "1001", "crushed \x1b[31m")]
    shown = lastcall("issue", "show", "1")
    assert "asked for a photo" in shown.out
    assert "\x1b" not in shown.out + lastcall("issues").out
    assert lastcall("issue", "show", "1", "--json").json["notes"][0]["text"] == "asked for a photo"
    assert lastcall("issue", "resolve", "1", "--by", "refund", "--cost", "EUR 15.00", "--json").code == 0
    assert lastcall("issue", "resolve", "1", "--by", "nothing").code == 1
    assert lastcall("issue", "reopen", "1").code == 0
    assert lastcall("issue", "resolve", "1", "--by", "replacement", "--json").json["made"] == [2]


def test_issues_that_are_not_there_or_not_named_are_wrong_usage(lastcall: Run, make_order: Make) -> None:
    make_order()
    for arguments in (
        ("issue", "show", "7"),
        ("issue", "take"),
        ("issue", "take", "1", "--filter", "state:open"),
        ("issue", "resolve", "1", "--by", "magic"),
        ("issue", "snooze", "1"),
        ("issues", "--filter", "type:gremlin"),
        ("issues", "--sort", "colour"),
        ("issue", "resolve", "1", "--by", "refund", "--cost", "15"),
    ):
        assert lastcall(*arguments).code == 2, arguments


def test_the_overview_is_one_document_or_lines(lastcall: Run, make_order: Make) -> None:
    make_order(warehouse="EU1")
    make_order(holds=["stock"])
    found = lastcall("overview", "--json").json
    assert (found["orders"], found["held"], found["warehouses"][0]["waiting"]) == (2, {"stock": 1}, 1)
    lines = lastcall("overview", "--campaign", "EMBER").out
    assert "holds             1 stock\n" in lines
    assert "EU1               1 waiting, 0 to send, never asked\n" in lines


def test_verify_prints_its_contract_and_fails_when_it_finds_something(
    lastcall: Run, workspace: Workspace, make_order: Make
) -> None:
    make_order()
    clean = lastcall("verify", "--json")
    assert (clean.code, clean.json) == (0, {"ok": True, "findings": []})
    workspace.store.db.execute("DROP TRIGGER orders_moved")
    workspace.store.db.execute("UPDATE orders SET stage = 'shipped', rev = rev + 1")
    broken = lastcall("verify", "--json")
    assert (broken.code, broken.json["ok"]) == (1, False)
    assert {frozenset(each) for each in broken.json["findings"]} == {frozenset({"check", "words"})}
    assert "is shipped, but its facts say ready" in lastcall("verify").out


def test_the_doctor_says_what_to_mend_and_fails_where_something_is(lastcall: Run, workspace: Workspace) -> None:
    os.chmod(workspace.folder, 0o755)
    ran = lastcall("doctor")
    assert ran.code == 1
    assert f"chmod -R o-rwx {workspace.folder}" in ran.out
    assert lastcall("doctor", "--json").json["ok"] is False


def test_a_person_is_shown_exported_and_forgotten_only_on_the_word(
    lastcall: Run, make_order: Make, make_shipment: Make, tmp_path: Path
) -> None:
    make_shipment(make_order(email="zoe@example.org"), state="delivered")
    assert "order     1001 #1 pledge, delivered" in lastcall("person", "show", "zoe@example.org").out
    assert lastcall("person", "show", "zoe@example.org", "--json").json["rows"]["orders"] == 1
    target = tmp_path / "zoe.json"
    assert lastcall("person", "export", "zoe@example.org", "-o", str(target)).code == 0
    assert json.loads(target.read_text())["tables"]["backers"][0]["email"] == "zoe@example.org"
    assert lastcall("person", "export", "zoe@example.org", "-o", str(target)).code == 2
    assert lastcall("person", "forget", "zoe@example.org").code == 2
    assert lastcall("person", "forget", "zoe@example.org", "--yes", "--json").json["words"] == "forget 1 backer"
    assert lastcall("person", "show", "zoe@example.org").code == 2


def test_a_sandbox_serves_makes_its_secret_and_prints_its_ledger(lastcall: Run, tmp_path: Path) -> None:
    state = tmp_path / "warehouse.db"
    running = subprocess.Popen(
        [sys.executable, "-m", "console", "sandbox", "--state", str(state), "--control", "--held"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    with running.stdout, running.stderr:
        assert running.stdout.readline().startswith("listening on http://127.0.0.1:")
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 0
        assert running.stderr.read() == f'secret = "file:{state}.token"\n'
    assert Path(f"{state}.token").stat().st_mode & 0o777 == 0o600
    assert lastcall("sandbox", "--ledger", str(state), "--json").json == []
    assert lastcall("sandbox", "--ledger", str(state)).out == "Reference\tCreated\tStatus\tTo\tLines\n"
    assert lastcall("sandbox").code == 2
    assert lastcall("sandbox", "--ledger", str(tmp_path / "none.db")).code == 2
