"""Addresses on the command line: JSON lines without a workspace, decisions, the lock, update files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console.cli import run
from data.addresses.lines import compare_document, judge_lines
from data.model import Address
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, Ran

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
PAIR = {"id": "p1", "old": {"line1": "12 Elm St", "country": "US"}, "new": {"line1": "21 Elm St", "country": "US"}}


@pytest.fixture
def with_change(lastcall: Callable[..., Ran], make_order: MakeOrder, tmp_path: Path) -> Path:
    """Order 1001 has a change waiting, from the update file that is returned."""
    make_order(address=HOME, email="anna@example.org")
    path = tmp_path / "form.csv"
    path.write_text(
        "Email,Address,City,Zip,Country\nanna@example.org,Lindenallee 12,Hamburg,20259,DE\n", encoding="utf-8"
    )
    ran = lastcall("address", "import", str(path), "--json")
    assert (ran.code, len(ran.json["changes"])) == (0, 1)
    return path


def judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[Any], str]:
    code = run(["--workspace", "/nowhere", "address", *arguments])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_compare_answers_every_pair_without_a_workspace(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    same = {"id": 2, "old": PAIR["old"], "new": {"line1": "12 Elm Street", "country": "US", "phone": None}}
    path.write_text("\ufeff" + "\n\n".join(map(json.dumps, (PAIR, same))), encoding="utf-8")
    code, answers, err = judged(capsys, "compare", str(path))
    assert (code, err) == (0, "")
    assert [set(each) for each in answers] == [
        {"id", "label", "level", "fields", "reasons", "zone_old", "zone_new"}
    ] * 2
    assert [(each["id"], each["label"], each["level"]) for each in answers] == [
        ("p1", "material", 3),
        (2, "trivial", 1),
    ]
    assert answers[0]["fields"] == ["line1"]


def test_check_answers_every_address_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"id": "a", "name": "Anna", "line1": "Elm Street 5", "city": "Berlin", "postcode": "10115", "country": "DE"}
    lines = "\n".join(map(json.dumps, (good, {**good, "id": "b", "postcode": "1011"})))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    code, answers, _err = judged(capsys, "check", "-")
    assert (code, [(each["id"], each["ok"]) for each in answers]) == (0, [("a", True), ("b", False)])
    (error,) = [each for each in answers[1]["findings"] if each["severity"] == "error"]
    assert set(error) == {"field", "code", "severity", "message", "repair"}
    assert error["field"] == "postcode"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b'{"old": {}}', "new is missing"),
        (b'{"old": {}, "new": {"postcode": 7030}}', "new: postcode must be text"),
        (b'{"old": {}, "new": "x"}', "new: an address must be an object"),
        (b'{"old": {}, "new": {"city": "\xff"}}', "byte 30 is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_line_that_cannot_be_judged_is_named_and_the_others_are_judged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: bytes, reason: str
) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\n".join([json.dumps(PAIR).encode(), line, json.dumps(PAIR).encode()]))
    code, answers, err = judged(capsys, "compare", str(path))
    assert (code, len(answers)) == (1, 2)
    assert f"{path}, line 2: {reason}" in err


def test_lines_are_answered_before_the_next_is_read() -> None:
    read: list[int] = []

    def stream() -> Any:
        for number in range(3):
            read.append(number)
            yield json.dumps(PAIR).encode()

    assert next(judge_lines(stream(), compare_document)).line == 1
    assert read == [0]


def test_a_change_is_listed_shown_and_accepted_by_its_orders_number(
    workspace: Workspace, lastcall: Callable[..., Ran], with_change: Path
) -> None:
    (row,) = lastcall("addresses", "--json").json
    assert (row["number"], row["label"], row["level"], row["state"]) == ("1001", "material", 3, "waiting")
    shown = lastcall("address", "show", "1001", "--json").json
    assert (shown["on_file"]["city"], shown["requested"]["city"]) == ("Berlin", "Hamburg")
    assert shown["consequence"] == {"kind": "nothing_sent", "words": "nothing is sent yet"}
    assert lastcall("addresses", "--counts", "--json").json["move"] == 1
    assert lastcall("address", "accept", "1001", "--json").code == 0
    assert workspace.store.value("SELECT a.city FROM orders o JOIN addresses a ON a.id = o.address_id") == "Hamburg"
    assert lastcall("addresses", "--json").json == []


def test_a_second_decision_ends_with_1_and_names_who_made_the_first(
    lastcall: Callable[..., Ran], with_change: Path
) -> None:
    assert lastcall("address", "reject", "#1", "--reason", "a joke").code == 0
    again = lastcall("address", "accept", "#1")
    assert again.code == 1
    assert "rejected already" in again.err
    assert lastcall("address", "accept", "1001").code == 2


def test_an_edit_changes_only_the_fields_it_names(
    workspace: Workspace, lastcall: Callable[..., Ran], with_change: Path
) -> None:
    assert lastcall("address", "edit", "1001", "--line1", "Lindenallee 12 b").code == 0
    assert workspace.store.one(
        "SELECT a.line1, a.city, a.phone FROM orders o JOIN addresses a ON a.id = o.address_id"
    ) == ("Lindenallee 12 b", "Hamburg", HOME.phone)
    assert lastcall("address", "edit", "1001").code == 2


def test_asking_prints_the_text_to_send(lastcall: Callable[..., Ran], with_change: Path) -> None:
    ran = lastcall("address", "ask", "1001")
    assert "    Lindenallee 12\n" in ran.out
    assert ran.code == 0
    assert lastcall("addresses", "--filter", "state:asked", "--json").json[0]["number"] == "1001"


def test_lock_and_unlock_by_number_filter_and_campaign(lastcall: Callable[..., Ran], make_order: MakeOrder) -> None:
    for _ in range(3):
        make_order(address=HOME)
    assert len(lastcall("address", "lock", "1001", "--json").json["done"]) == 1
    assert len(lastcall("address", "lock", "--filter", "country:DE", "--json").json["done"]) == 2
    assert len(lastcall("address", "unlock", "1001", "--reason", "moved", "--json").json["done"]) == 1
    assert lastcall("address", "lock", "--notice", "48h").code == 0
    assert lastcall("address", "lock").out.strip() == "lock EMBER: 1 order"


def test_a_rejected_row_of_an_update_file_ends_with_1_and_is_named(
    lastcall: Callable[..., Ran], with_change: Path
) -> None:
    with with_change.open("a", encoding="utf-8") as stream:
        stream.write("nobody@example.org,Lindenallee 12,Hamburg,20259,DE\n")
    ran = lastcall("address", "import", str(with_change))
    assert ran.code == 1
    assert "form.csv, line 3, email: nobody has the e-mail nobody@example.org" in ran.err


def test_check_all_reports_and_findings_are_listed(lastcall: Callable[..., Ran], make_order: MakeOrder) -> None:
    make_order(address=Address(name="Anna", line1="Elm Street 5", city="Berlin", postcode="1011", country="DE"))
    assert lastcall("address", "check-all", "--json").json["errors"] == 1
    assert [each["field"] for each in lastcall("addresses", "--findings", "error", "--json").json] == ["postcode"]


def test_a_hostile_name_is_made_visible_in_every_list(lastcall: Callable[..., Ran], make_order: MakeOrder) -> None:
    make_order(address=Address(name="Eve\x1b]52;c;x\x07", line1="Elm Street 5", city="\u202eBerlin", country="DE"))
    lastcall("address", "check-all")
    out = lastcall("addresses", "--findings", "error").out
    assert "Eve" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
