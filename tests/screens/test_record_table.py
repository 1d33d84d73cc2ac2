from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from threading import Event

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.message import Message
from textual.pilot import Pilot

from widgets.cells import fit
from widgets.record_columns import Column, arrange
from widgets.record_marks import IdSet, Marks
from widgets.record_table import RecordTable

SIZE = (80, 24)
Row = tuple[int, str]


class Shelf:
    """Records in the order given; the whole list comes when `gate` is open."""

    def __init__(self, ids: Sequence[int], names: dict[int, str] | None = None, open_gate: bool = True) -> None:
        self.order = array("q", ids)
        self.names = {} if names is None else names
        self.gone: set[int] = set()
        self.asked: list[Sequence[int]] = []
        self.gate = Event()
        if open_gate:
            self.gate.set()

    def first(self, limit: int) -> Sequence[int]:
        return self.order[:limit]

    def last(self, limit: int) -> Sequence[int]:
        return self.order[-limit:]

    def ids(self, stopped: Callable[[], bool]) -> array[int]:
        while not self.gate.wait(0.01) and not stopped():
            pass
        return self.order[:]

    def rows(self, ids: Sequence[int]) -> Mapping[int, object]:
        self.asked.append(list(ids))
        return {each: (each, self.names.get(each, f"Backer {each}")) for each in ids if each not in self.gone}


class Broken(Shelf):
    def ids(self, stopped: Callable[[], bool]) -> array[int]:
        raise OSError("disk on fire")


class Held(Shelf):
    """Keeps whole pages back, as they were when they were read, until `held` is set."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__(ids)
        self.held = Event()
        self.held.set()
        self.waits = Event()

    def rows(self, ids: Sequence[int]) -> Mapping[int, object]:
        found = super().rows(ids)
        if len(ids) > 1 and not self.held.is_set():
            self.waits.set()
            self.held.wait(30)
        return found


COLUMNS = [
    Column("number", "order", 8, lambda row: Content(f"#{row[0]}")),
    Column("name", "backer", 12, lambda row: Content(row[1]), grow=1),
    Column("state", "state", 8, lambda row: Content.styled("! hold", "$warning")),
]


class TableApp(App[None]):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__(ansi_color="NO_COLOR" in os.environ or None)
        self.animation_level = "none"
        self.shelf = shelf
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield RecordTable(COLUMNS)

    def on_mount(self) -> None:
        self.table.show(self.shelf)

    @property
    def table(self) -> RecordTable:
        return self.query_one(RecordTable)

    def on_record_table_opened(self, event: RecordTable.Opened) -> None:
        self.said.append(event)

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        self.said.append(event)

    def on_record_table_failed(self, event: RecordTable.Failed) -> None:
        self.said.append(event)


def screen_lines(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0.005)
    raise AssertionError("\n".join(screen_lines(pilot.app)))


async def settled(pilot: Pilot[None], app: TableApp) -> None:
    await until(pilot, lambda: app.table.settled and not any(line[2:3] == "…" for line in screen_lines(app)))


async def test_the_first_page_shows_and_moves_before_the_whole_list_has_come() -> None:
    app = TableApp(Shelf(range(1, 100_001), open_gate=False))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "#1 " in screen_lines(app)[1])
        await pilot.press("j", "j")
        assert (app.table.record, app.table.total) == (3, None)
        await pilot.press("G")
        await until(pilot, lambda: app.table.record == 100_000)
        assert any("> #100000" in line for line in screen_lines(app))
        await pilot.press("g")
        assert app.table.record == 1
        await pilot.press("G")
        await until(pilot, lambda: app.table.record == 100_000)
        app.shelf.gate.set()
        await settled(pilot, app)
        assert (app.table.record, app.table.position, app.table.total) == (100_000, 99_999, 100_000)


async def test_rows_are_fetched_by_pages_in_threads_and_only_the_last_two_thousand_are_kept() -> None:
    app = TableApp(Shelf(range(1, 100_001)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        for _ in range(150):
            await pilot.press("pagedown")
        await settled(pilot, app)
        assert app.table.record == 1 + 150 * 23
        assert f"> #{1 + 150 * 23}" in screen_lines(app)[1]
        assert max(len(asked) for asked in app.shelf.asked) <= 100
        assert len(app.table._list.rows) <= 2_000


async def test_cursor_and_marks_stay_on_their_records_through_sort_filter_and_refresh() -> None:
    app = TableApp(Shelf(range(1, 1_001)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press("space", "space", "j", "j", "j")
        assert app.table.record == 6
        app.table.show(Shelf(range(1_000, 0, -1)), sort=("number", "↓"))
        await settled(pilot, app)
        assert (app.table.record, app.table.position) == (6, 994)
        assert "order↓" in screen_lines(app)[0]
        app.table.show(Shelf(range(2, 1_001, 2)))
        await settled(pilot, app)
        assert (app.table.record, app.table.position) == (6, 2)
        assert list(app.table.marked_ids()) == [1, 2]
        assert screen_lines(app)[1].startswith(" *#2")


async def test_when_the_record_under_the_cursor_goes_the_next_one_takes_its_place() -> None:
    app = TableApp(Shelf(range(1, 1_001)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press(*"jjjj")
        app.table.show(Shelf([0, -1, *(each for each in range(1, 1_001) if each != 5)]))
        await settled(pilot, app)
        assert app.table.record == 6
        app.table.show(Shelf([1, 2, 3]))
        await settled(pilot, app)
        assert app.table.record == 3


async def test_both_ends_are_fetched_ahead_so_that_a_jump_shows_rows_at_once() -> None:
    app = TableApp(Shelf(range(1, 100_001)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await until(pilot, lambda: any(100_000 in asked for asked in app.shelf.asked))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        app.shelf.asked.clear()
        await pilot.press("G")
        assert app.table.row == (100_000, "Backer 100000")
        assert not any(100_000 in asked for asked in app.shelf.asked)


async def test_others_work_changes_only_the_rows_it_touched_and_new_ones_wait_for_fresh() -> None:
    app = TableApp(Shelf(range(1, 501)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press("j", "space")
        await until(pilot, lambda: len(app.shelf.asked) >= 1)
        app.shelf.asked.clear()
        app.shelf.names[4] = "Renamed"
        app.shelf.order = array("q", [900, 901, *app.shelf.order])
        app.table.refresh_rows([4, 400])
        app.table.note_added(2)
        await until(pilot, lambda: any("Renamed" in line for line in screen_lines(app)))
        assert app.shelf.asked[0] == [4]
        assert (app.table.record, app.table.added, app.table.total) == (3, 2, 500)
        app.table.fresh()
        await until(pilot, lambda: app.table.total == 502)
        assert (app.table.record, app.table.position, app.table.added) == (3, 4, 0)
        assert list(app.table.selection()) == [2]


async def test_a_row_that_was_read_again_and_is_as_it_was_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TableApp(Shelf(range(1, 501)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        painted: list[object] = []
        monkeypatch.setattr(app.table, "_paint", lambda places: painted.extend(places))
        app.shelf.names[5] = "Renamed"
        app.shelf.asked.clear()
        app.table.refresh_rows([3, 4, 5])
        await until(pilot, lambda: bool(painted))
        assert sorted(app.shelf.asked[0]) == [3, 4, 5]
        assert painted == [4]


async def test_a_row_that_changed_while_the_list_was_read_is_read_once_more() -> None:
    shelf = Held(range(1, 501))
    app = TableApp(shelf)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        # What is fetched ahead is there too: the page below, and the last one.
        await until(pilot, lambda: any(500 in asked for asked in shelf.asked))
        await pilot.app.workers.wait_for_complete()
        shelf.held.clear()
        app.table.fresh()
        await until(pilot, shelf.waits.is_set)
        shelf.names[4] = "Renamed"
        app.table.refresh_rows([4])
        await until(pilot, lambda: any("Renamed" in line for line in screen_lines(app)))
        shelf.held.set()
        await until(pilot, lambda: app.table.settled and shelf.asked.count([4]) == 2)
        await until(pilot, lambda: any("Renamed" in line for line in screen_lines(app)))


async def test_a_record_deleted_by_others_says_so_in_its_line() -> None:
    app = TableApp(Shelf(range(1, 50)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        app.shelf.gone.add(3)
        app.table.refresh_rows([3])
        await until(pilot, lambda: screen_lines(app)[3] == "  deleted")
        await pilot.press("j", "j")
        assert app.table.row is None


async def test_all_marked_means_the_list_that_was_shown_and_no_wider_one() -> None:
    app = TableApp(Shelf(range(2, 20_001, 2)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press("asterisk", "j", "space")
        assert app.table.marked_count == 9_999
        app.table.show(Shelf(range(1, 20_001)))
        await settled(pilot, app)
        assert app.table.record == 6
        assert [line[:4] for line in screen_lines(app)[1:6]] == ["  #4", "  #5", ">*#6", "  #7", " *#8"]
        await pilot.press("k", "space")
        assert app.table.marked_count == 10_000
        assert set(app.table.marked_ids()) == (set(range(2, 20_001, 2)) - {4}) | {5}
        assert app.table.clear_marks()
        assert list(app.table.selection()) == [6]
        assert not app.table.clear_marks()


async def test_a_range_is_shown_while_it_grows_and_marked_when_it_is_closed() -> None:
    app = TableApp(Shelf(range(1, 101)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press(*"jvjjk")
        assert [line[:2] for line in screen_lines(app)[1:6]] == ["  ", " *", ">*", "  ", "  "]
        assert app.table.marked_count == 0
        await pilot.press("v")
        assert list(app.table.marked_ids()) == [2, 3]
        assert [event.count for event in app.said if isinstance(event, RecordTable.Marked)] == [2]


async def test_enter_opens_the_current_record_and_letters_move_as_arrows_do() -> None:
    app = TableApp(Shelf(range(1, 101)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        await pilot.press("j", "down", "k", "up", "ctrl+d", "enter", "end", "enter", "home", "enter")
        assert [event.record for event in app.said if isinstance(event, RecordTable.Opened)] == [12, 100, 1]


async def test_a_list_that_cannot_be_read_says_so_once_and_the_first_page_stays() -> None:
    app = TableApp(Broken(range(1, 301)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: bool(app.said))
        failures = [event for event in app.said if isinstance(event, RecordTable.Failed)]
        assert [str(event.error) for event in failures] == ["disk on fire"]
        assert "#1 " in screen_lines(app)[1]
        assert not app.table.settled


async def test_columns_that_do_not_fit_are_reached_by_arrows_and_the_first_one_stays() -> None:
    app = TableApp(Shelf(range(1, 10)))
    async with app.run_test(size=(24, 10), notifications=True) as pilot:
        await settled(pilot, app)
        assert screen_lines(app)[0].split() == ["order", "backer", ">"]
        await pilot.press("right")
        assert screen_lines(app)[0].split()[:3] == ["<", "order", "state"]
        await pilot.press("right", "left")
        assert screen_lines(app)[0].split()[:2] == ["order", "backer"]


@pytest.mark.parametrize(
    "name", ["山田花子山田花子山田花子", "👨‍👩‍👧 Rivera und sehr lange weiter", "صندوق بريد طريق الملك", "x"]
)
async def test_every_line_is_as_wide_as_the_table_whatever_the_script(name: str) -> None:
    app = TableApp(Shelf(range(1, 40), dict.fromkeys(range(1, 40), name)))
    async with app.run_test(size=(31, 10), notifications=True) as pilot:
        await settled(pilot, app)
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {31}
        assert fit(Content(name), 7).cell_length == 7


async def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = TableApp(Shelf(range(1, 10)))
    app.theme = "ansi-dark"
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settled(pilot, app)
        strips = app.screen._compositor.render_strips()
        here, there = (next(iter(strips[line])) for line in (1, 2))
        assert here.style is not None
        assert here.style.reverse
        assert here.cell_length == 79
        assert there.style is None or not there.style.reverse
        assert strips[1].text.startswith(">")


def test_columns_share_what_is_left_over_and_the_last_one_is_cut() -> None:
    wide = arrange(COLUMNS, 80, 0, 1)
    assert [each.width for each in wide.placed] == [8, 60, 8]
    narrow = arrange(COLUMNS, 30, 0, 1)
    assert ([each.width for each in narrow.placed], narrow.more_right) == ([8, 12, 6], True)
    assert [each.column.key for each in arrange(COLUMNS, 30, 9, 1).placed] == ["number", "state"]


def test_a_million_marks_are_held_in_less_than_a_megabyte() -> None:
    many = IdSet(range(1, 1_000_001))
    assert len(many) == 1_000_000
    assert sum(len(block) for block in many._blocks.values()) < 1_000_000
    marks = Marks()
    ids = array("q", range(5))
    marks.add_all(ids)
    marks.remove([3])
    marks.freeze(ids, IdSet(ids))
    marks.add([3, 9])
    assert (list(marks.ids()), len(marks), 5 in marks) == ([0, 1, 2, 3, 4, 9], 6, False)
