"""The queue shows what matters first, and says what a decision needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data.addresses.check_run import run_checks
from data.addresses.decide import accept, reject
from data.addresses.detail import review_detail
from data.addresses.faults import list_faults
from data.addresses.propose import propose
from data.addresses.review import SORTS, ReviewRows
from data.addresses.review_counts import review_counts
from data.addresses.review_fields import Group
from data.model import Address, AddressSource, FilterError, Item
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
KINDS = {
    "none": HOME,
    "trivial": replace(HOME, city="BERLIN"),
    "contact": replace(HOME, phone="+49 30 901821"),
    "move": replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg"),
    "zone": replace(HOME, line1="Calle Triana 10", postcode="35002", city="Las Palmas", country="ES"),
}


@pytest.fixture
def queue(workspace: Workspace, make_order: MakeOrder) -> dict[str, int]:
    """One change of every kind, by kind; proposed in the order of `KINDS`."""
    made: dict[str, int] = {}
    for kind, address in KINDS.items():
        order = make_order(address=HOME, name=f"Backer {kind}")
        with workspace.write("test.propose", "propose") as tx:
            found = propose(tx, order, address, AddressSource.BACKER)
        assert found is not None
        made[kind] = found
    return made


@pytest.fixture
def find(workspace: Workspace, queue: dict[str, int]) -> Callable[..., list[str]]:
    """Return the kinds a filter finds, in order."""
    kinds = {found: kind for kind, found in queue.items()}

    def find_(text: str = "", sort: str = "", descending: bool = False) -> list[str]:
        return [kinds[each] for each in ReviewRows(workspace.store, text, sort, descending).ids()]

    return find_


def test_what_waits_is_listed_with_what_matters_first(find: Callable[..., list[str]]) -> None:
    assert find() == ["zone", "move", "contact", "trivial"]
    assert find(descending=True) == ["trivial", "contact", "move", "zone"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_the_first_and_the_last_page_are_the_ends_of_all(
    workspace: Workspace, queue: dict[str, int], sort: str, descending: bool
) -> None:
    rows = ReviewRows(workspace.store, "state:any", sort, descending)
    every = list(rows.ids())
    assert sorted(every) == sorted(queue.values())
    assert rows.first(2) == every[:2]
    assert rows.last(2) == every[-2:]
    assert rows.count() == len(every)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("state:no_change", ["none"]),
        ("state:any level:>=3", ["zone", "move"]),
        ("group:contact,trivial", ["contact", "trivial"]),
        ("-label:material", ["trivial"]),
        ("country:ES", ["zone"]),
        ("zone:any", ["zone"]),
        ("field:phone", ["contact"]),
        ("name:move", ["move"]),
        ("backer zon", ["zone"]),
        ("stage:ready level:2", ["contact"]),
        ("late:yes", []),
        ("proposed:today -level:1", ["zone", "move", "contact"]),
    ],
)
def test_the_filter_asks_for_the_change_and_for_its_order(
    find: Callable[..., list[str]], text: str, kinds: list[str]
) -> None:
    assert find(text) == kinds


def test_a_filter_that_makes_no_sense_names_its_column(workspace: Workspace) -> None:
    with pytest.raises(FilterError, match="did you mean waiting") as caught:
        ReviewRows(workspace.store, "level:3 state:waitin")
    assert caught.value.column == 14


def test_the_first_page_comes_from_the_index_without_sorting(workspace: Workspace, queue: dict[str, int]) -> None:
    indexes = ["changes_open", "checked_errors", "changes_open", "checked_warnings"]
    for backwards in (False, True):
        for part, index in zip(ReviewRows(workspace.store, "finding:any").parts, indexes, strict=True):
            sql, bound = part.query(backwards, 50)
            plan = [row[3] for row in workspace.store.rows(f"EXPLAIN QUERY PLAN {sql}", bound)]
            assert any(f"INDEX {index}" in line for line in plan), plan
            assert not any("TEMP B-TREE" in line for line in plan), plan


def test_another_campaign_shows_none_of_it(workspace: Workspace, queue: dict[str, int]) -> None:
    with workspace.write("campaign.add", "add") as tx:
        other = tx.insert("campaigns", {"code": "OTHER", "name": "Other"})
    assert not ReviewRows(workspace.store, "state:any", campaign_id=other).ids()
    assert review_counts(workspace.store, other).waiting == 0


def test_a_row_says_who_what_and_where(workspace: Workspace, queue: dict[str, int]) -> None:
    row = ReviewRows(workspace.store).rows([queue["move"], 999])[queue["move"]]
    assert (row.number, row.name, row.group, row.level) == ("1004", "Backer move", "move", 3)
    assert set(row.fields) == {"line1", "city", "postcode"}
    assert (row.old, row.new) == ("Elm Street 5, Berlin, 10115, DE", "Lindenallee 12, Hamburg, 20259, DE")


def test_the_counts_follow_every_decision(workspace: Workspace, queue: dict[str, int]) -> None:
    assert review_counts(workspace.store).groups == {
        Group.NO_CHANGE: 1,
        Group.TRIVIAL: 1,
        Group.REPAIR: 0,
        Group.CONTACT: 1,
        Group.ERROR: 0,
        Group.MOVE: 1,
        Group.ZONE: 1,
    }
    accept(workspace, [Item(queue["trivial"], 0)])
    reject(workspace, [Item(queue["zone"], 0)])
    counts = review_counts(workspace.store)
    assert (counts.waiting, counts.groups[Group.NO_CHANGE]) == (2, 1)


def test_the_detail_has_the_three_addresses_the_verdict_and_the_consequence(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(address=HOME)
    shipment = make_shipment(order, state="accepted")
    with workspace.write("test.held", "held") as tx:
        tx.run("UPDATE shipments SET held_address_id = address_id, rev = rev + 1 WHERE id = ?", (shipment,))
        for address in (KINDS["contact"], KINDS["move"]):
            made = propose(tx, order, address, AddressSource.BACKER)
    assert made is not None
    detail = review_detail(workspace.store, made)
    assert detail is not None
    assert (detail.on_file, detail.requested, detail.held[0].address) == (HOME, KINDS["move"], HOME)
    assert {each.field for each in detail.fields if each.mark == "move"} == {"line1", "city", "postcode"}
    assert detail.consequence.words == "already in Warehouse EU1: will be requested there"
    assert [each.state for each in detail.past] == ["superseded"]
    assert [each.on_file for each in detail.versions] == [False, False, True]


def test_the_background_check_finds_what_is_wrong_and_the_stage_follows(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order(address=HOME)
    bad = make_order(address=replace(HOME, postcode="1011"))
    seen: list[tuple[int, int]] = []
    counts = run_checks(workspace, progress=lambda done, total: seen.append((done, total)))
    assert (counts.checked, counts.errors, counts.moved, counts.stopped) == (2, 1, 1, False)
    assert seen == [(0, 2), (2, 2)]
    assert workspace.store.value("SELECT stage FROM orders WHERE id = ?", (bad,)) == "needs_info"
    assert [(each.order_id, each.field) for each in list_faults(workspace.store)] == [(bad, "postcode")]
    assert run_checks(workspace).checked == 0


def test_a_stopped_check_keeps_whole_slices_and_the_next_one_goes_on(
    workspace: Workspace, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.addresses.check_run.SLICE", 2)
    for _ in range(5):
        make_order(address=HOME)
    answers = iter([False, True])
    counts = run_checks(workspace, stopped=lambda: next(answers))
    assert (counts.checked, counts.stopped) == (2, True)
    assert run_checks(workspace).checked == 3
