"""The last call from the notice to what comes too late: the list to mail, reminders, the deadline, the counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.addresses.changes import find_changes
from data.addresses.countdown import Countdown, read_countdowns
from data.addresses.decide import ask
from data.addresses.updates import import_updates
from data.clock import HeldClock
from data.desk.forget import forget
from data.desk.last_call import notice_campaign, notice_segment
from data.desk.remind import remind
from data.desk.upkeep import upkeep
from data.model import InputError, Item
from data.orders.views import save_view
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, Ran

HEADER = "Email,Address,City,Zip,Country\n"


def mailed(path: str) -> dict[str, dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        return {row["Number"]: row for row in csv.DictReader(stream)}


def answer(workspace: Workspace, tmp_path: Path, number: int, line1: str, postcode: str = "20259") -> int:
    """Import a form's export with one answer; returns how many changes wait for a decision because of it."""
    path = tmp_path / f"form-{len([*tmp_path.glob('form-*')])}.csv"
    path.write_text(f"{HEADER}backer{number}@example.org,{line1},Hamburg,{postcode},DE\n", encoding="utf-8")
    return len(import_updates(workspace, [path]).changes)


def counted(workspace: Workspace) -> tuple[int, int, int, int]:
    (found,) = read_countdowns(workspace.store)
    return found.missing, found.asked, found.confirm, found.answered


def locked(workspace: Workspace) -> list[str]:
    return [row[0] for row in workspace.store.rows("SELECT number FROM orders WHERE locked_at IS NOT NULL ORDER BY id")]


def test_a_notice_writes_whom_to_ask_and_what(
    workspace: Workspace, campaign: int, make_order: MakeOrder, clock: HeldClock
) -> None:
    make_order(name="=cmd|calc", email="+anna@example.org")
    make_order(address=None)
    make_order(address=replace(HOME, postcode="1"))
    make_order(lines=(), address=None)
    make_order(locked=True)
    mailing = notice_campaign(workspace, campaign, 48)
    assert mailing.done.words == "give notice: EMBER locks at 2026-11-25T09:00:00Z"
    assert (mailing.reasons, mailing.without_email) == ({"confirm": 1, "missing": 2}, 0)
    found = mailed(mailing.path)
    assert [(number, row["Reason"]) for number, row in found.items()] == [
        ("1001", "confirm"),
        ("1002", "missing"),
        ("1003", "missing"),
    ]
    assert (found["1001"]["Name"], found["1001"]["Email"]) == ("'=cmd|calc", "'+anna@example.org")
    assert (found["1001"]["Address"], found["1001"]["Country"]) == (HOME.one_line(), "DE")
    assert found["1001"]["Deadline"] == "2026-11-25 10:00 Europe/Berlin"
    assert "We have no address" in found["1002"]["What is asked"]
    assert "postcode" in found["1003"]["What is asked"]
    assert counted(workspace) == (2, 0, 1, 0)


def test_an_asked_backer_is_asked_which_address_is_right_until_he_answers(
    workspace: Workspace, campaign: int, make_order: MakeOrder, tmp_path: Path, clock: HeldClock
) -> None:
    make_order()
    assert answer(workspace, tmp_path, 1001, "Lindenallee 12") == 1
    ask(workspace, find_changes(workspace.store, ["1001"]))
    clock.move(timedelta(hours=1))
    row = mailed(notice_campaign(workspace, campaign, 48).path)["1001"]
    assert row["Reason"] == "asked"
    assert HOME.one_line() in row["What is asked"]
    assert "Lindenallee 12" in row["What is asked"]
    assert counted(workspace) == (0, 1, 0, 0)
    clock.move(timedelta(hours=1))
    assert answer(workspace, tmp_path, 1001, "Lindenallee 13") == 1
    assert counted(workspace) == (0, 0, 0, 1)
    assert remind(workspace, campaign).letters == ()


def test_from_notice_to_lock_answers_come_in_and_what_comes_after_the_deadline_is_late(
    workspace: Workspace, campaign: int, make_order: MakeOrder, tmp_path: Path, clock: HeldClock
) -> None:
    for address in (None, HOME, HOME, None):
        make_order(address=address)
    notice_campaign(workspace, campaign, 48)
    assert counted(workspace) == (2, 0, 2, 0)
    clock.move(timedelta(hours=40))
    answer(workspace, tmp_path, 1001, "Lindenallee 12")
    assert answer(workspace, tmp_path, 1002, "Lindenallee 12") == 1
    assert counted(workspace) == (1, 0, 1, 2)
    assert remind(workspace, campaign).mailing.done.words == "remind the backers of 1 order"
    clock.move(timedelta(hours=8))
    done = upkeep(workspace).done
    assert [each.words for each in done] == ["lock EMBER: 4 orders"]
    assert len(locked(workspace)) == 4
    assert read_countdowns(workspace.store) == ()
    clock.move(timedelta(minutes=1))
    assert answer(workspace, tmp_path, 1003, "Lindenallee 14") == 1
    assert answer(workspace, tmp_path, 1004, "Lindenallee 15") == 1
    assert workspace.store.rows("SELECT o.number, c.late FROM changes c JOIN orders o ON o.id = c.order_id") == [
        ("1002", 0),
        ("1003", 1),
        ("1004", 1),
    ]
    assert workspace.store.value("SELECT address_id FROM orders WHERE number = '1004'") is None


def test_a_segment_locks_alone_at_its_own_deadline_and_undo_takes_its_notice_back(
    workspace: Workspace, make_order: MakeOrder, clock: HeldClock
) -> None:
    orders = [make_order(), make_order(country="FR"), make_order(locked=True), make_order()]
    first = notice_segment(workspace, [Item(orders[3], 0)], 24, "first")
    assert first.done.act is not None
    mailing = notice_segment(workspace, [Item(each, 0) for each in orders[:1] + orders[2:]], 48, "country:DE")
    assert mailing.done.words == "give notice: 2 addresses lock at 2026-11-25T09:00:00Z"
    assert [*mailed(mailing.path)] == ["1001", "1004"]
    (found,) = read_countdowns(workspace.store)
    assert (found.segment, found.confirm, found.lock_at) == ("country:DE", 2, "2026-11-25T09:00:00Z")
    clock.move(timedelta(hours=24))
    upkeep(workspace)
    assert locked(workspace) == ["1003"]
    clock.move(timedelta(hours=24))
    assert [each.words for each in upkeep(workspace).done] == ["lock EMBER (country:DE): 2 orders"]
    assert locked(workspace) == ["1001", "1003", "1004"]
    assert workspace.store.value("SELECT locked_at FROM campaigns") is None
    assert upkeep(workspace).done == ()


def test_a_notice_that_is_undone_locks_nothing(workspace: Workspace, make_order: MakeOrder, clock: HeldClock) -> None:
    done = notice_segment(workspace, [Item(make_order(), 0)], 48, "one").done
    assert done.act is not None
    undo(workspace.store, workspace.actor, done.act)
    clock.move(timedelta(hours=49))
    assert upkeep(workspace).done == ()
    assert locked(workspace) == []


def test_a_notice_that_cannot_be_recorded_leaves_no_list(
    workspace: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    with workspace.write("test.lock", "lock") as tx:
        tx.run("UPDATE campaigns SET locked_at = '2026-11-01T00:00:00Z', rev = rev + 1")
    with pytest.raises(InputError, match="has been locked since"):
        notice_campaign(workspace, campaign, 48)
    assert [*workspace.path("exports").iterdir()] == []


def test_each_reminder_says_how_long_ago_the_notice_was_and_how_many_went_before(
    workspace: Workspace, campaign: int, make_order: MakeOrder, clock: HeldClock
) -> None:
    make_order(address=None)
    make_order(address=None, email="")
    make_order()
    with pytest.raises(InputError, match="no notice was given"):
        remind(workspace, campaign)
    notice_campaign(workspace, campaign, 24 * 14)
    clock.move(timedelta(days=3))
    first = remind(workspace, campaign)
    assert [(each.asked.number, each.days, each.reminders) for each in first.letters] == [
        ("1001", 3, 0),
        ("1002", 3, 0),
    ]
    assert first.mailing.without_email == 1
    clock.move(timedelta(days=4))
    second = remind(workspace, campaign, "number:1001", "number:1001")
    assert [(each.asked.number, each.days, each.reminders) for each in second.letters] == [("1001", 7, 1)]
    assert mailed(second.mailing.path)["1001"]["Days since"] == "7"
    assert [(each.at, each.orders, each.segment) for each in second.before] == [("2026-11-26T09:00:00Z", 2, "")]
    third = remind(workspace)
    assert [each.reminders for each in third.letters] == [1, 1]
    assert len(third.before) == 2
    (found,) = read_countdowns(workspace.store)
    assert (found.reminders, found.reminded_at) == (3, "2026-11-30T09:00:00Z")


def test_a_person_who_is_forgotten_but_named_by_a_segment_is_told_of(
    workspace: Workspace, make_order: MakeOrder, make_shipment: Callable[..., int]
) -> None:
    gone, kept = make_order(email="anna@example.org"), make_order()
    make_shipment(gone, state="delivered")
    notice_segment(workspace, [Item(kept, 0)], 48, "-Anna@example.org")
    done = forget(workspace, "anna@example.org")
    assert "the last call of “-Anna@example.org” names the person" in done.notes


def test_orders_that_came_after_the_notice_have_not_answered_it(
    workspace: Workspace, campaign: int, make_order: MakeOrder, clock: HeldClock
) -> None:
    make_order()
    notice_campaign(workspace, campaign, 48)
    clock.move(timedelta(hours=1))
    newcomer = make_order()
    with workspace.write("test.import", "import") as tx:
        row = {"campaign_id": campaign, "at": "2026-11-23T10:00:00Z", "format": "x", "files": "[]"}
        made = tx.insert(
            "imports",
            row | dict.fromkeys(("rows", "created", "updated", "unchanged"), 0) | {"changes": 0, "rejected": 0},
        )
        tx.run("UPDATE orders SET import_id = ?, rev = rev + 1 WHERE id = ?", (made, newcomer))
    assert counted(workspace) == (0, 0, 2, 0)


def test_the_command_line_takes_a_saved_view_and_the_overview_counts_every_deadline(
    workspace: Workspace, lastcall: Callable[..., Ran], make_order: MakeOrder
) -> None:
    make_order()
    make_order(country="FR", address=None)
    make_order(country="FR")
    save_view(workspace, "orders", "French", "country:FR")
    ran = lastcall("address", "lock", "--view", "french", "--notice", "2d", "--json")
    assert (ran.code, ran.json["reasons"]) == (0, {"confirm": 1})
    assert [*mailed(ran.json["path"])] == ["1003"]
    whole = lastcall("address", "lock", "--notice", "3d")
    assert whole.out.splitlines()[0].endswith(".csv")
    assert whole.out.splitlines()[1].startswith("give notice: EMBER locks at 2")
    found = [Countdown(**each) for each in lastcall("overview", "--json").json["countdowns"]]
    # The command line's clock is the machine's, so that the orders may have come after the notice.
    assert [(each.segment, each.missing, each.confirm + each.answered) for each in found] == [
        ("French", 0, 1),
        ("", 1, 2),
    ]
    assert [
        line[18:].partition(" 2")[0]
        for line in lastcall("overview").out.splitlines()
        if line.startswith("addresses lock")
    ] == ["EMBER (French) at", "EMBER at"]
    reminded = lastcall("address", "remind", "--json").json
    assert [each["asked"]["number"] for each in reminded["rows"]] == ["1002"]
    again = lastcall("address", "remind")
    assert "before: " in again.err
    assert "1002" in again.out
    assert lastcall("address", "lock", "--view", "French", "--filter", "x").code == 2
    assert json.loads(lastcall("overview", "--json", "--campaign", "EMBER").out)["countdowns"][1]["reminders"] == 2
