"""What a person does with issues, alone and beside others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from data.clock import HeldClock
from data.issues.rows import IssueRows, issue_notes
from data.issues.verbs import note, raise_issue, reopen, resolve, snooze, take, wait
from data.model import FilterError, InputError, IssueType, Item
from data.store.undo import undo
from data.store.workspace import Workspace

Make = Callable[..., int]


@pytest.fixture
def delivered(make_order: Make, make_shipment: Make) -> int:
    """Order 1001, two games and a mat, delivered."""
    order = make_order(lines=(("GAME", 2), ("MAT", 1)))
    make_shipment(order, state="delivered")
    return order


@pytest.fixture
def issue(workspace: Workspace, delivered: int) -> int:
    """An issue about order 1001."""
    return raise_issue(workspace, [Item(delivered, 0)], IssueType.DAMAGED, "box crushed", "see her photo").made[0]


def seen(ws: Workspace, issue: int) -> Item:
    """Return an issue as somebody sees it."""
    return Item(issue, IssueRows(ws.store, "state:open,resolved").rows([issue])[issue].rev)


def listed(ws: Workspace, filter_text: str = "", **more: Any) -> Sequence[int]:
    return IssueRows(ws.store, filter_text, **more).first(50)


def test_an_issue_is_raised_about_the_order_and_its_shipment_with_a_note(workspace: Workspace, issue: int) -> None:
    row = IssueRows(workspace.store).rows([issue])[issue]
    assert (row.order_number, row.type, row.state, row.title) == ("1001", "damaged", "new", "box crushed")
    assert (row.warehouse, row.name) == ("EU1", "Anna Lindqvist")
    assert [(user, text) for _, user, text in issue_notes(workspace.store, issue)] == [("dana", "see her photo")]


def test_an_issue_needs_a_title_of_a_line_and_an_order_that_exists(workspace: Workspace, delivered: int) -> None:
    for title in (" ", "x" * 201):
        with pytest.raises(InputError):
            raise_issue(workspace, [Item(delivered, 0)], IssueType.OTHER, title)
    done = raise_issue(workspace, [Item(999, 0), Item(delivered, 0)], IssueType.OTHER, "odd")
    assert (done.done, [each.name for each in done.refused]) == ((delivered,), ["#999"])


def test_an_issue_is_taken_waits_sleeps_and_wakes(workspace: Workspace, issue: int, clock: HeldClock) -> None:
    take(workspace, [seen(workspace, issue)])
    assert listed(workspace, "assigned:dana state:triage") == [issue]
    wait(workspace, [seen(workspace, issue)], "carrier")
    assert listed(workspace, "waiting:carrier") == [issue]
    snooze(workspace, [seen(workspace, issue)], clock.now() + timedelta(days=2))
    assert (listed(workspace), listed(workspace, "snoozed:yes")) == ([], [issue])
    clock.move(timedelta(days=2))
    assert listed(workspace) == [issue]
    with pytest.raises(InputError):
        snooze(workspace, [seen(workspace, issue)], clock.now())


def test_a_decision_on_an_issue_that_has_moved_is_refused_naming_who_moved_it(
    workspace: Workspace, issue: int, open_as: Callable[..., Workspace]
) -> None:
    before = seen(workspace, issue)
    take(open_as("mira"), [before])
    done = resolve(workspace, [before], "refund")
    assert done.act is None
    assert "mira, just now: assign to mira: 1 issue" in done.refused[0].reason
    assert note(workspace, [before], "all the same").done == (issue,)


def test_a_replacement_is_a_late_order_of_its_own_with_the_same_goods_and_address(
    workspace: Workspace, issue: int, delivered: int
) -> None:
    made = resolve(workspace, [seen(workspace, issue)], "replacement", text="photo is clear").made[0]
    assert workspace.store.one(
        "SELECT number, kind, stage, late, units, parent_id, locked_at IS NOT NULL FROM orders WHERE id = ?", (made,)
    ) == ("1001-R1", "replacement", "ready", 1, 3, delivered, 1)
    assert workspace.store.rows("SELECT sku, quantity FROM order_lines WHERE order_id = ?", (made,)) == [
        ("GAME", 2),
        ("MAT", 1),
    ]
    assert workspace.store.one(
        "SELECT a.line1, a.order_id FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.id = ?", (made,)
    ) == ("Elm Street 5", made)
    row = IssueRows(workspace.store, "resolution:replacement state:resolved").rows([issue])[issue]
    assert (row.state, row.replacement) == ("resolved", "1001-R1")


def test_an_order_gets_no_second_replacement_while_one_is_under_way_nor_before_it_has_left(
    workspace: Workspace, issue: int, delivered: int, make_order: Make
) -> None:
    other = raise_issue(workspace, [Item(delivered, 0)], IssueType.LOST, "gone").made[0]
    waiting = raise_issue(workspace, [Item(make_order(), 0)], IssueType.OTHER, "wants it sooner").made[0]
    done = resolve(workspace, [Item(each, 0) for each in (issue, other, waiting)], "replacement")
    assert (done.done, len(done.made)) == ((issue,), 1)
    assert [each.reason for each in done.refused] == [
        "replacement 1001-R1 is still under way",
        "order 1002 is ready: it has yet to leave, so there is nothing to replace",
    ]


def test_a_refund_records_its_cost_and_nothing_just_resolves(workspace: Workspace, issue: int, delivered: int) -> None:
    other = raise_issue(workspace, [Item(delivered, 0)], IssueType.OTHER, "asks when").made[0]
    with pytest.raises(InputError):
        resolve(workspace, [Item(issue, 0)], "refund", cost_minor=1500)
    resolve(workspace, [Item(issue, 0)], "refund", cost_minor=1500, currency="eur")
    resolve(workspace, [Item(other, 0)], "nothing")
    assert workspace.store.rows("SELECT resolution, cost_minor, currency FROM issues ORDER BY id") == [
        ("refund", 1500, "EUR"),
        ("nothing", None, ""),
    ]
    assert listed(workspace) == []
    assert [each.reason for each in take(workspace, [Item(issue, 0)]).refused] == ["it is resolved"]


def test_undo_takes_a_replacement_back_whole(workspace: Workspace, issue: int) -> None:
    done = resolve(workspace, [seen(workspace, issue)], "replacement", text="sent by mistake")
    undo(workspace.store, workspace.actor, done.act or 0)
    assert workspace.store.value("SELECT count(*) FROM orders") == 1
    assert workspace.store.one("SELECT state, replacement_id FROM issues") == ("new", None)
    assert listed(workspace) == [issue]


def test_a_resolved_issue_is_reopened_unless_the_same_trouble_is_open_again(
    workspace: Workspace, issue: int, delivered: int
) -> None:
    resolve(workspace, [Item(issue, 0)], "nothing")
    assert reopen(workspace, [Item(issue, 0)]).done == (issue,)
    assert [each.reason for each in reopen(workspace, [Item(issue, 0)]).refused] == ["it is open"]
    resolve(workspace, [Item(issue, 0)], "nothing")
    with workspace.write("test.rule", "the rule raises it again") as tx:
        tx.run("UPDATE issues SET rule = 'shipment.problem', rev = rev + 1")
        tx.run(
            "INSERT INTO issues(campaign_id, order_id, backer_id, shipment_id, type, state, title, rule, raised_at,"
            " raised_by) SELECT campaign_id, order_id, backer_id, shipment_id, type, 'new', title, rule, raised_at,"
            " 'rule' FROM issues"
        )
    assert "the same trouble is open" in reopen(workspace, [Item(issue, 0)]).refused[0].reason


def test_issues_are_listed_by_age_within_a_campaign_and_a_filter(
    workspace: Workspace, delivered: int, make_order: Make, campaign: int, clock: HeldClock
) -> None:
    made: list[int] = []
    for title in ("first", "second", "third"):
        made += raise_issue(workspace, [Item(delivered, 0)], IssueType.OTHER, title).made
        clock.move(timedelta(days=1))
    assert listed(workspace) == made
    assert listed(workspace, descending=True) == made[::-1]
    assert IssueRows(workspace.store).last(2) == made[1:]
    assert listed(workspace, "title:second Lindqvist") == [made[1]]
    assert listed(workspace, "raised:2026-11-24") == [made[1]]
    assert listed(workspace, campaign_id=campaign + 1) == []
    assert IssueRows(workspace.store, "type:other").count() == 3
    with pytest.raises(FilterError):
        listed(workspace, "type:gremlins")
