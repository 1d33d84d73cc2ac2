"""Where orders go: rules, priority, stock, kits, and what is left as a backorder."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from console.progress import CountLine
from data.addresses.merge_orders import merge_for_shipping
from data.dispatch import allocate as verbs
from data.dispatch.allocate import allocate, unallocate
from data.dispatch.allocation_tally import GivenSku, Short
from data.dispatch.why_here import explain
from data.model import Item, WorkspaceError
from data.orders.rows import OrderRows
from data.policy import WarehouseSettings, load_policy, save_warehouse
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder, OpenAs, Ran
from tests.stock import count_in, left, make_kit, places, say


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE", "FR", "ES")))
    save_warehouse(workspace.folder, WarehouseSettings("EU2", "Birch", ("DE", "ES")))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Oak", ("*",)))
    workspace.reload_policy()
    return workspace


def backorders(ws: Workspace) -> list[int]:
    return list(OrderRows(ws.store, "backorder:yes").ids(lambda: False))


def test_the_first_rule_that_is_met_decides_by_country_zone_and_sku_also_inside_a_kit(
    ws: Workspace, make_order: MakeOrder
) -> None:
    say(
        ws,
        '[[allocation.rule]]\nzones = ["ES-CN"]\nwarehouse = "US1"\n'
        '[[allocation.rule]]\ncountries = ["DE"]\nskus = ["HEAVY", "MINI"]\nwarehouse = "EU2"\n'
        '[[allocation.rule]]\ncountries = ["JP"]\nwarehouse = "EU1"\n',
    )
    make_kit(ws, "BOX", GAME=1, MINI=2)
    madrid = make_order(address=replace(HOME, country="ES", postcode="28001"))
    tenerife = make_order(address=replace(HOME, country="ES", postcode="38001"))
    heavy, kit, plain = make_order(lines=(("HEAVY", 1),)), make_order(lines=(("BOX", 1),)), make_order()
    japanese = make_order(country="JP")
    allocate(ws)
    expected = {madrid: "EU1", tenerife: "US1", heavy: "EU2", kit: "EU2", plain: "EU1", japanese: "US1"}
    assert places(ws) == expected
    assert explain(ws.store, ws.policy, tenerife)[0] == "US1: rule 1 (ES-CN)"
    assert explain(ws.store, ws.policy, kit)[0] == "EU2: rule 2 (DE; HEAVY, MINI)"
    assert "rule 3 (JP) does not count: EU1 does not serve JP" in explain(ws.store, ws.policy, japanese)


def test_priority_comes_before_the_order_of_the_file(ws: Workspace, make_order: MakeOrder) -> None:
    say(ws, "[warehouse.EU2.policy]\npriority = 1\n")
    both, only = make_order(), make_order(country="FR")
    allocate(ws)
    assert places(ws) == {both: "EU2", only: "EU1"}
    assert explain(ws.store, ws.policy, both) == ("EU2: it names DE", "also served by EU1")


def test_stock_is_given_by_priority_then_by_age_and_what_is_lacking_is_a_backorder(
    ws: Workspace, make_order: MakeOrder
) -> None:
    count_in(ws, "EU1", GAME=5)
    count_in(ws, "EU2", GAME=1)
    count_in(ws, "US1", GAME=1)
    young = make_order(ordered_at="2026-10-03T10:00:00Z", lines=(("GAME", 3),))
    old = make_order(ordered_at="2026-10-01T10:00:00Z", lines=(("GAME", 3),))
    undated = make_order(ordered_at=None, lines=(("GAME", 4),))
    urgent = make_order(ordered_at="2026-11-01T10:00:00Z", priority=2, lines=(("GAME", 2),))
    late = make_order(ordered_at="2026-11-02T10:00:00Z", lines=(("GAME", 1),))
    dry = allocate(ws, dry_run=True)
    found = allocate(ws)
    assert (dry.given, dry.skus, dry.short, dry.left) == (found.given, found.skus, found.short, found.left)
    assert places(ws) == {urgent: "EU1", old: "EU1", young: None, late: "EU2", undated: None}
    assert found.skus == (GivenSku("EU1", "GAME", 5, 0), GivenSku("EU2", "GAME", 1, 0))
    assert found.short == (Short("EU1", "GAME", 7, 2),)
    assert dict(found.left) == {"not in stock": 2}
    assert "EU1 lacks 7 of GAME" in found.done.notes
    assert set(backorders(ws)) == {young, undated}
    why = explain(ws.store, ws.policy, young)
    assert why[0] == "backorder, not in stock: EU1 lacks 3 of GAME"
    assert "EU2: it names DE; it has 0 of GAME where 3 are needed left" in why
    assert explain(ws.store, ws.policy, late) == (
        "EU2: it names DE",
        "before it EU1 would have had it: not all of it was left there then",
        "also served by EU1",
    )
    named = allocate(ws, ids=[young])
    assert [each.reason for each in named.done.refused] == ["not in stock: EU1 lacks 3 of GAME"]
    count_in(ws, "EU2", GAME=3)
    assert "not allocated yet: EU2 would get it" in explain(ws.store, ws.policy, young)
    allocate(ws)
    assert backorders(ws) == [undated]


def test_what_is_not_counted_or_not_checked_is_without_limit(ws: Workspace, make_order: MakeOrder) -> None:
    count_in(ws, "EU1", GAME=1)
    other = make_order(lines=(("GAME", 1), ("DICE", 900)))
    more = make_order(lines=(("GAME", 2),), country="FR")
    assert allocate(ws).skus[0] == GivenSku("EU1", "DICE", 900, None)
    assert places(ws) == {other: "EU1", more: "US1"}
    unallocate(ws, [more])
    say(ws, '[warehouse.EU1.policy]\nstock = "ignore"\n')
    allocate(ws)
    assert places(ws)[more] == "EU1"


def test_kits_need_their_parts_also_where_the_part_is_ordered_besides(ws: Workspace, make_order: MakeOrder) -> None:
    make_kit(ws, "BOX", GAME=1, DICE=3)
    for code in ("EU1", "EU2", "US1"):
        count_in(ws, code, GAME=10, DICE=7)
    first = make_order(lines=(("BOX", 2), ("DICE", 1)), country="FR")
    second = make_order(lines=(("BOX", 1),), country="FR")
    assert allocate(ws).skus == (
        GivenSku("EU1", "DICE", 7, 0),
        GivenSku("EU1", "GAME", 2, 8),
        GivenSku("US1", "DICE", 3, 4),
        GivenSku("US1", "GAME", 1, 9),
    )
    assert places(ws) == {first: "EU1", second: "US1"}
    assert left(ws)[("EU1", "DICE")] == 0


def test_merged_orders_find_one_place_for_all_of_them_or_none(ws: Workspace, make_order: MakeOrder) -> None:
    count_in(ws, "EU1", GAME=3)
    count_in(ws, "EU2", GAME=4)
    count_in(ws, "US1", GAME=1)
    first, alone = make_order(lines=(("GAME", 2),)), make_order()
    second = make_order(lines=(("GAME", 2),), email="x7@privaterelay.appleid.com")
    merge_for_shipping(ws, [Item(first, 0), Item(second, 0)])
    allocate(ws, dry_run=True)
    found = allocate(ws)
    assert places(ws) == {first: "EU2", second: "EU2", alone: "EU1"}
    assert found.orders == 3
    assert "merged with order 1003: they go together" in explain(ws.store, ws.policy, first)
    unallocate(ws, [first, alone])
    taken = make_order(lines=(("GAME", 1),), priority=5, country="ES")
    allocate(ws, ids=[taken], warehouse="EU2")
    found = allocate(ws)
    assert places(ws) == {first: None, second: None, alone: "EU1", taken: "EU2"}
    assert found.short == (Short("EU1", "GAME", 2, 2),)


def test_whoever_is_sent_elsewhere_by_hand_gives_back_what_it_had_and_takes_no_more_than_there_is(
    ws: Workspace, make_order: MakeOrder
) -> None:
    count_in(ws, "EU1", GAME=2)
    count_in(ws, "US1", GAME=1)
    first, second = make_order(), make_order()
    allocate(ws)
    moved = allocate(ws, ids=[first, second], warehouse="US1")
    assert places(ws) == {first: "US1", second: "EU1"}
    assert [each.reason for each in moved.done.refused] == ["not in stock: US1 lacks 1 of GAME"]
    assert left(ws) == {("EU1", "GAME"): 1, ("US1", "GAME"): 0}
    assert explain(ws.store, ws.policy, first)[1] == "dana chose it"
    again = allocate(ws, ids=[first], warehouse="US1")
    assert [each.reason for each in again.done.refused] == ["it goes to US1 already"]


def test_two_who_allocate_at_once_promise_nothing_twice(ws: Workspace, make_order: MakeOrder, open_as: OpenAs) -> None:
    count_in(ws, "EU1", GAME=3)
    mine, theirs = make_order(lines=(("GAME", 2),), country="FR"), make_order(lines=(("GAME", 2),), country="FR")
    count_in(ws, "US1", GAME=1)
    mira = open_as("mira")
    asked: list[int] = []

    def between(done: int, total: int) -> None:
        """What was planned has yet to be written when somebody else takes the stock."""
        if done == total and not asked:
            asked.append(done)
            assert allocate(mira, ids=[theirs]).orders == 1

    found = allocate(ws, ids=[mine], progress=between)
    assert asked == [1]
    assert [each.reason for each in found.done.refused] == ["not in stock: EU1 lacks 1 of GAME"]
    assert places(ws) == {mine: None, theirs: "EU1"}
    assert left(ws) == {("EU1", "GAME"): 1, ("US1", "GAME"): 1}


def test_many_orders_go_chunk_by_chunk_and_stopping_keeps_what_was_written(
    ws: Workspace, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "CHUNK", 2)
    count_in(ws, "EU1", GAME=4)
    count_in(ws, "US1", GAME=1)
    orders = [make_order(country="FR") for _ in range(6)]
    told: list[tuple[int, int]] = []
    stopped = allocate(ws, progress=lambda *each: told.append(each), stopped=lambda: told[-1][0] >= 4)
    assert told == [(0, 6), (2, 6), (4, 6)]
    assert (stopped.stopped, stopped.orders, len(stopped.acts)) == (True, 4, 2)
    assert stopped.done.words == "stopped: allocate 4 orders: EU1 4"
    dry = allocate(ws, dry_run=True)
    rest = allocate(ws)
    assert (dry.given, dry.short) == (rest.given, rest.short)
    assert places(ws) == {**dict.fromkeys(orders[:4], "EU1"), orders[4]: "US1", orders[5]: None}
    for act in (*reversed(rest.acts), *reversed(stopped.acts)):
        undo(ws.store, ws.actor, act)
    assert set(places(ws).values()) == {None}
    assert left(ws) == {("EU1", "GAME"): 4, ("US1", "GAME"): 1}


def test_a_dry_run_that_is_stopped_says_so(ws: Workspace, make_order: MakeOrder) -> None:
    make_order()
    found = allocate(ws, dry_run=True, stopped=lambda: True)
    assert (found.stopped, found.done.words) == (True, "stopped: nothing was allocated")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[allocation]\nsplit = "often"', "allocation.split is 'often'; known are whole, by_warehouse"),
        ("[allocation]\nrules = 1", r"\[allocation\]: unknown key 'rules'"),
        ('[[allocation.rule]]\nwarehouse = "EU9"', "rule 1.warehouse is 'EU9'; the warehouses are EU1, EU2, US1"),
        ('[[allocation.rule]]\nwarehouse = "EU1"\nzones = "ES-CN"', "rule 1.zones must be a list of zones like ES-CN"),
        ('[[allocation.rule]]\nwarehouse = "EU1"\ncountry = ["DE"]', "rule 1.*unknown key 'country'"),
        ('[warehouse.EU1.policy]\nstock = "maybe"', "warehouse.EU1.policy.stock is 'maybe'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_file_and_key(ws: Workspace, toml: str, words: str) -> None:
    path = ws.folder / "lastcall.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{toml}\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=words) as raised:
        load_policy(ws.folder)
    assert str(raised.value).startswith(str(path))


def test_the_command_line_shows_a_dry_run_by_warehouse_country_and_sku_and_writes_nothing(
    ws: Workspace, make_order: MakeOrder, lastcall: Callable[..., Ran]
) -> None:
    count_in(ws, "EU1", GAME=1)
    count_in(ws, "US1", GAME=1)
    first, second, third = (make_order(country="FR") for _ in range(3))
    ran = lastcall("allocate", "--dry-run", "--json")
    assert ran.code == 0
    shown = ran.json
    assert shown["given"] == [
        {"warehouse": "EU1", "country": "FR", "orders": 1, "units": 1},
        {"warehouse": "US1", "country": "FR", "orders": 1, "units": 1},
    ]
    assert shown["skus"][0] == {"warehouse": "EU1", "sku": "GAME", "units": 1, "left": 0}
    assert shown["short"] == [{"warehouse": "EU1", "sku": "GAME", "missing": 1, "orders": 1}]
    assert (shown["left"], shown["act"], shown["stopped"]) == ([["not in stock", 1]], None, False)
    assert set(places(ws).values()) == {None}
    ran = lastcall("allocate")
    assert "EU1\tGAME\t1\t0" in ran.out
    assert "EU1\tGAME\t1\t1" in ran.out.split("Backorders")[1]
    assert places(ws) == {first: "EU1", second: "US1", third: None}
    shown = lastcall("order", "show", f"#{third}", "--json").json
    assert shown[0]["why"][0] == "backorder, not in stock: EU1 lacks 1 of GAME"
    assert "Why here\n  EU1: it names FR" in lastcall("order", "show", f"#{first}").out
    assert [each["id"] for each in lastcall("orders", "--filter", "backorder:yes", "--json").json] == [third]


def test_ctrl_c_stops_the_command_after_what_is_being_written(
    ws: Workspace, make_order: MakeOrder, lastcall: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "CHUNK", 2)
    orders = [make_order() for _ in range(5)]

    def interrupt(line: CountLine, done: int, total: int) -> None:
        if done == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(CountLine, "__call__", interrupt)
    ran = lastcall("allocate", "--json")
    assert (ran.code, ran.json["stopped"], ran.json["orders"]) == (1, True, 2)
    assert ran.json["words"] == "stopped: allocate 2 orders: EU1 2"
    assert [places(ws)[each] for each in orders] == ["EU1", "EU1", None, None, None]
