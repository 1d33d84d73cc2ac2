"""`lastcall warehouse` from the command line: added by options alone, tried, planned, agreed with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w

from data.policy import FILE_NAME, TOPICS, Agreed, WarehousePolicy, load_policy
from data.store.workspace import Workspace
from tests.conftest import Ran
from tests.contracts.test_guard import FORBIDDEN, PAYLOADS

Run = Callable[..., Ran]
FULL = (
    *("--name", "Cedar Mills", "--countries", "de, fr", "--time-zone", "Europe/Berlin", "--ships-from", "de"),
    *("--no-po-box", "--phone", "abroad", "--max-lines", "10", "--max-units", "40", "--stock", "check"),
    *("--import-vat", "seller", "--ioss", "im0401234567", "--uk-vat", "gb123456789", "--eori", "de123"),
    *("--priority", "3", "--label-lines", "2", "--label-chars", "30", "--charset", "latin-1"),
)


def test_a_warehouse_is_added_by_options_and_tried_by_its_worker(lastcall: Run, workspace: Workspace) -> None:
    ran = lastcall("warehouse", "add", "eu1", *FULL, "--json")
    assert (ran.code, ran.json["test"]["ok"]) == (0, True)
    assert set(ran.json["open"]) == set(TOPICS)
    assert "lastcall warehouse plan EU1" in ran.err
    found = load_policy(workspace.folder).warehouse("EU1")
    assert (found.name, found.countries, found.time_zone) == ("Cedar Mills", ("DE", "FR"), "Europe/Berlin")
    assert found.policy == WarehousePolicy(
        "DE", False, "abroad", 10, 40, "check", "seller", "IM0401234567", "GB123456789", "DE123", 3
    )
    assert found.label is not None
    assert (found.label.lines, found.label.line, found.label.charset) == (2, 30, "latin-1")
    assert workspace.store.value("SELECT name FROM warehouses") == "Cedar Mills"
    tried = lastcall("warehouse", "test", "eu1")
    assert (tried.code, tried.out.splitlines()[0]) == (0, "ok  batches can be written: yes")


def test_what_is_not_said_again_stays(lastcall: Run, workspace: Workspace) -> None:
    lastcall("warehouse", "add", "EU1", *FULL, "--no-test")
    lastcall("warehouse", "agree", "EU1", "lost", "--agreed", "refunded")
    before = load_policy(workspace.folder).warehouse("EU1")
    assert lastcall("warehouse", "add", "EU1", "--po-box", "--no-test").code == 0
    after = load_policy(workspace.folder).warehouse("EU1")
    assert after.policy.po_box
    assert (after.name, after.countries, after.label, after.agreement) == (
        before.name,
        before.countries,
        before.label,
        before.agreement,
    )


def test_what_can_not_work_yet_is_written_and_ends_with_one(lastcall: Run, workspace: Workspace) -> None:
    ran = lastcall(
        "warehouse", "add", "EU1", "--name", "Cedar", "--portal", "sandbox", "--url", "http://127.0.0.1:9",
        "--secret", "env:LASTCALL_NO_SUCH", "--option", "per_minute=90", "--option", "duplicates=refuse",
    )  # fmt: skip
    assert (ran.code, "the environment has no LASTCALL_NO_SUCH" in ran.out) == (1, True)
    found = load_policy(workspace.folder).warehouse("EU1")
    assert found.options == {"per_minute": 90, "duplicates": "refuse"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "which warehouse? Give its code"),
        (["EU1"], "what do people call EU1? Give --name"),
        (["EU1", "--name", "C", "--portal", "nonsense"], "known are sandbox, file"),
        (["EU1", "--name", "C", "--ships-from", "Germany"], "two-letter country code"),
        (["EU1", "--name", "C", "--secret", "hunter2"], "env:NAME or file:PATH"),
        (["EU1", "--name", "C", "--charset", "idna"], "a charset like ascii"),
        (["EU1", "--name", "C", "--option", "nonsense"], "it is KEY=VALUE"),
        (["EU1", "--name", "C", "--option", "nonsense=1"], "there is no such option"),
        (["EU 1", "--name", "C"], "1-12 capital letters and digits"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_written(
    lastcall: Run, workspace: Workspace, arguments: list[str], words: str
) -> None:
    before = (workspace.folder / FILE_NAME).read_bytes()
    ran = lastcall("warehouse", "add", *arguments)
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert (workspace.folder / FILE_NAME).read_bytes() == before


def test_a_topic_is_agreed_on_changed_and_taken_back(lastcall: Run, workspace: Workspace) -> None:
    lastcall("warehouse", "add", "EU1", "--name", "Cedar Mills", "--no-test")
    ran = lastcall(
        "warehouse", "agree", "eu1", "damaged", "--agreed", "replaced", "--channel", "a form", "--cut-off", "noon",
        "--who-pays", "the warehouse", "--evidence", "photo", "--evidence", "invoice", "--contact", "Ines",
        "--within-days", "30", "--json",
    )  # fmt: skip
    assert (ran.code, "damaged" in ran.json["open"]) == (0, False)
    assert lastcall("warehouse", "agree", "EU1", "damaged", "--contact", "Jo").out.strip() == (
        "agreed on damaged parcels with Cedar Mills: replaced; by a form; until noon; within 30 days; paid by the"
        " warehouse; evidence: photo, invoice; contact: Jo"
    )
    assert load_policy(workspace.folder).warehouse("EU1").agreement == {
        "damaged": Agreed("replaced", "a form", "noon", "the warehouse", ("photo", "invoice"), "Jo", None, 30)
    }
    assert lastcall("warehouse", "agree", "EU1", "damaged", "--none").code == 0
    assert load_policy(workspace.folder).warehouse("EU1").agreement == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["EU1", "refunds", "--agreed", "x"], "'refunds' is not one of"),
        (["JP1", "lost", "--agreed", "x"], "there is no warehouse JP1"),
        (["EU1", "lost"], "say what was agreed, or --none"),
        (["EU1", "lost", "--none", "--agreed", "x"], "one of the two"),
        (["EU1", "lost", "--contact", "Ines"], "say what was agreed"),
        (["EU1", "lost", "--agreed", "a\x1b[2Jb"], "control or invisible characters: a␛[2Jb"),
        (["EU1", "lost", "--agreed", "x" * 1001], "at most 1,000 characters"),
    ],
)
def test_an_agreement_that_says_nothing_or_too_much_is_refused(
    lastcall: Run, workspace: Workspace, arguments: list[str], words: str
) -> None:
    lastcall("warehouse", "add", "EU1", "--name", "Cedar Mills", "--no-test")
    ran = lastcall("warehouse", "agree", *arguments)
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert load_policy(workspace.folder).warehouse("EU1").agreement == {}


def test_the_plan_has_what_is_open_first_and_nothing_secret(lastcall: Run, tmp_path: Path) -> None:
    lastcall("warehouse", "add", "EU1", *FULL, "--secret", "env:CEDAR_TOKEN", "--no-test")
    lastcall("warehouse", "agree", "EU1", "cancels", "--agreed", "until picked", "--contact", "desk@cedar.example")
    ran = lastcall("warehouse", "plan", "EU1")
    assert (ran.code, "7 still open" in ran.err) == (0, True)
    sections = [line for line in ran.out.splitlines() if line.isupper() and ": " not in line]
    assert sections == [
        "AGREED",
        "YOUR RULES, AS WE UNDERSTAND THEM",
        "OUR NUMBERS FOR CUSTOMS",
        "WHOM WE ASK",
    ]
    assert ran.out.index("STILL OPEN") < ran.out.index("AGREED")
    for line in ("Cancels: until picked", "IOSS: IM0401234567", "PO boxes: not delivered to", "Ships from: DE"):
        assert line in ran.out.splitlines()
    assert "CEDAR_TOKEN" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 78
    path = tmp_path / "plan.txt"
    assert lastcall("warehouse", "plan", "EU1", "-o", str(path)).out.strip() == str(path)
    assert path.read_text(encoding="utf-8") == ran.out
    assert lastcall("warehouse", "plan", "EU1", "-o", str(path)).code == 2, "no file is written over"
    told = lastcall("warehouse", "plan", "EU1", "--json").json
    assert told["open"][0][0] == "late orders"
    assert told["agreed"][0][1]["agreed"] == "until picked"
    assert lastcall("warehouse", "plan", "NONE").code == 2


def test_a_plan_asks_for_what_is_not_known_of_a_bare_warehouse(lastcall: Run) -> None:
    lastcall("warehouse", "add", "EU1", "--name", "Cedar Mills", "--no-test")
    out = lastcall("warehouse", "plan", "EU1").out
    assert "How many lines and characters do your labels take" in out
    assert "From which country do parcels leave?" in out


def test_hostile_text_in_the_file_reaches_no_terminal(lastcall: Run, workspace: Workspace, tmp_path: Path) -> None:
    text = " ".join(PAYLOADS.values()).replace("\x00", "")
    text = text.encode(errors="ignore").decode()
    agreed = {"agreed": text, "channel": text, "evidence": [text], "contact": text}
    document = {"warehouse": {"EU1": {"name": text, "agreement": {"lost": agreed}}}}
    (workspace.folder / FILE_NAME).write_text(tomli_w.dumps(document), encoding="utf-8")
    path = tmp_path / "plan.txt"
    for arguments in (
        ["warehouse", "plan", "EU1"],
        ["warehouse", "plan", "EU1", "--json"],
        ["warehouse", "plan", "EU1", "-o", str(path)],
        ["warehouse", "agree", "EU1", "returns", "--agreed", "restocked"],
        ["warehouse", "add", "EU1", "--no-test"],
        ["warehouses"],
    ):
        ran = lastcall(*arguments)
        assert ran.code == 0, ran.err
        assert FORBIDDEN.findall(re.sub(r"[\t\n]", "", ran.out + ran.err)) == [], arguments
        assert "Traceback" not in ran.err
    assert FORBIDDEN.findall(path.read_text(encoding="utf-8").replace("\n", "")) == []
