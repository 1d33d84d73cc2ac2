from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from widgets import clipboard
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.field_diff import FieldDiff, FieldRow
from widgets.key_hints import Hint, KeyHints, hint_line
from widgets.meter import Meter, meter_line, time_words
from widgets.status_line import Status, StatusLine, status_words


class Furnished(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "Accept"),
        Binding("r", "reject", "Reject"),
        Binding("S", "send", "Send batch"),
        Binding("z", "hidden", "Hidden", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Breadcrumb()
        yield Detail()
        yield FieldDiff()
        yield Meter()
        yield StatusLine()
        yield KeyHints()


def lines_of(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def test_the_status_line_counts_and_names_the_order_and_the_filter() -> None:
    status = Status(1312, 12, 38, Content("age ↓"), Content("country:DE [x]"))
    assert status_words(status).plain == "1,312 shown · 12 marked · +38 new · sort: age ↓ · filter: country:DE [x]"
    assert status_words(Status()).plain == "… shown"


async def test_the_crumbs_are_cut_before_the_state_of_the_outside_world() -> None:
    app = Furnished()
    async with app.run_test(size=(60, 24), notifications=True) as pilot:
        app.query_one(Breadcrumb).show(
            [Content("Ember Isles"), Content("Addresses"), Content('"changed after lock, 山田" (312)')],
            Content("offline, 3 queued"),
        )
        await pilot.pause()
        line = lines_of(app)[0]
        assert line.startswith('Ember Isles > Addresses > "changed after')
        assert "…" in line
        assert line.endswith(" offline, 3 queued")


async def test_the_last_line_shows_the_bindings_of_the_screen_and_where_the_others_are() -> None:
    app = Furnished()
    async with app.run_test(size=(80, 24), notifications=True):
        assert lines_of(app)[-1].startswith("a accept  r reject  S send batch  ")
        assert lines_of(app)[-1].endswith("? all keys")
        app.query_one(KeyHints).give([Hint("y", "yes")])
        assert app.query_one(KeyHints).text[0] == "y yes  ? all keys"


def test_no_more_than_seven_hints_are_shown_and_none_is_cut() -> None:
    hints = [Hint(key, f"verb {key}") for key in "abcdefghij"]
    assert hint_line(hints, 200).plain.count("verb") == 7
    for width in range(20, 100):
        line = hint_line(hints, width).plain
        assert len(line) <= width
        assert line.endswith("? all keys")
        assert all(f"{key} verb {key}  " in line for key in "abcdefg"[: line.count("verb")])


def test_a_meter_says_how_far_how_fast_and_how_long_still() -> None:
    line = meter_line(Content("Reading [a].csv"), 412_000, 1_000_000, 8.0, Content("esc stops"))
    assert line.plain == (
        "Reading [a].csv ████████░░░░░░░░░░░░ 41% 412,000/1,000,000 · 51,500/s · 11 s left · esc stops"
    )
    assert meter_line(Content("Counting"), 7, None, 0.0).plain == "Counting 7"
    assert [time_words(seconds) for seconds in (0.2, 59, 61, 7_500)] == ["1 s", "59 s", "1 min", "2 h 05 min"]


async def test_a_meter_told_a_thousand_times_repaints_with_the_first_and_the_last() -> None:
    app = Furnished()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        meter = app.query_one(Meter)
        assert not meter.display
        for done in range(1_000):
            meter.show(Content("Reading"), done, 1_000, 1.0)
        assert "0/1,000" in meter.text[0]
        while "999/1,000" not in meter.text[0]:
            await pilot.pause(0.05)
        meter.finish()
        assert not meter.display


async def test_detail_wraps_long_lines_and_scrolls_by_key() -> None:
    app = Furnished()
    async with app.run_test(size=(40, 24), notifications=True) as pilot:
        detail = app.query_one(Detail)
        address = "Schwarzwälder Hochstraße 1234, Hinterhaus links, zweite Etage"
        lines = [Content(f"line {number}") for number in range(30)]
        detail.show([Section(Content("address"), [Content(address)]), Section(Content("notes"), lines)])
        await pilot.pause()
        assert [line.plain for line in detail.lines[1:3]] == [address[:30], f"  {address[31:]}"]
        assert detail.lines[3].plain == ""
        detail.focus()
        await pilot.press("j", "j", "G")
        await pilot.pause()
        assert "line 29" in "\n".join(lines_of(app))
        detail.show([Section(None, [Content("other")])])
        await pilot.pause()
        assert detail.scroll_offset.y == 0


async def test_a_difference_in_a_narrow_pane_is_narrower_and_still_whole() -> None:
    app = Furnished()
    async with app.run_test(size=(56, 24), notifications=True) as pilot:
        pane = app.query_one(FieldDiff)
        pane.show_rows([FieldRow("line1", "1249 Kirribilli Ave", "1294 Kirribilli Ave", "move", "1249 Kirribilli Ave")])
        await pilot.pause()
        text = [line.plain.rstrip() for line in pane.lines]
        assert text[2:] == [
            "! line1    [1249] Kirribilli  {1294} Kirribilli  =file",
            "           Ave                Ave",
        ]
        await pilot.resize_terminal(100, 24)
        await pilot.pause()
        assert "! line1    [1249] Kirribilli Ave         {1294} Kirribilli Ave         =file" in lines_of(app)


async def test_what_is_copied_is_in_a_file_only_the_person_can_read(tmp_path: Path) -> None:
    class Plain(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("x")

    app = Plain()
    async with app.run_test(notifications=True):
        path = clipboard.copy(app, "KS-000123", tmp_path / "own")
        assert app.clipboard == "KS-000123"
        assert path is not None
        assert path.read_text() == "KS-000123"
        assert path.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in path.parent.iterdir()] == [clipboard.FILE]
        (tmp_path / "file").write_text("")
        assert clipboard.copy(app, "again", tmp_path / "file") is None
        assert app.clipboard == "again"
