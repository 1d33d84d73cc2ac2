from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Input, Label, OptionList, Static, TextArea

from console import guard
from console.themes import THEMES, choose_theme, use_theme
from data.model import WorkspaceError

PAYLOADS = {
    "erase": "A\x1b[2JRED",
    "clipboard": "A\x1b]52;c;cm0gLXJmIC8=\x07B",
    "title": "A\x1b]0;owned\x1b\\B",
    "link": "A\x1b]8;;http://evil\x1b\\B",
    "c1": "A\x9b31mB\x9d52;c;eA==\x9c",
    "delete": "A\x7f\x00\x0eB",
    "override": "A‮gpj.exe‬⁦B",
    "invisible": "A​﻿⁠B",
    "separator": "A\x85B\u2028C\u2029",
    "break": "A\r\n\tB",
}
OWN = re.compile(r"\x1b\[[0-9;]*[mH]|\n")
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f​؜‎‏‪-‮⁠-⁤⁦-⁩\u2028\u2029﻿]")


class Sinks(App[None]):
    """Foreign text in every kind of widget that shows text."""

    def __init__(self, payload: str) -> None:
        super().__init__()
        self.payload = payload

    def compose(self) -> ComposeResult:
        yield Static(Content(self.payload))
        yield Label(self.payload, markup=False)
        yield OptionList(Content(self.payload))
        yield Input(self.payload)
        yield TextArea(self.payload)
        static = Static("x")
        static.border_title = self.payload.replace("[", "\\[")
        static.styles.border = ("solid", "red")
        yield static

    def on_mount(self) -> None:
        self.notify(self.payload, markup=False)


async def painted(payload: str) -> str:
    app = Sinks(payload)
    async with app.run_test(size=(80, 30), notifications=True) as pilot:
        await pilot.pause()
        return app.screen._compositor.render_full_update().render_segments(app.console)


@pytest.fixture
def guarded() -> Iterator[None]:
    undo = guard.install()
    yield
    undo()


@pytest.fixture
def unguarded() -> None:
    guard.install()()


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("name", PAYLOADS)
async def test_no_control_or_invisible_character_reaches_the_terminal(name: str) -> None:
    assert FORBIDDEN.findall(OWN.sub("", await painted(PAYLOADS[name]))) == []


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("name", [name for name in PAYLOADS if name != "break"])
async def test_without_the_guard_textual_lets_it_through(name: str) -> None:
    assert FORBIDDEN.findall(OWN.sub("", await painted(PAYLOADS[name]))) != []


@pytest.mark.usefixtures("guarded")
def test_text_without_a_style_and_the_address_of_a_link_are_guarded_too() -> None:
    console = Sinks("").console
    strip = Strip([Segment("a\x1b[2Jb"), Segment("c", Style(link="http://x\x1b\\\x1b]0;t\x07"))])
    assert strip.render(console) == "a[2Jbc"
    fine = Strip([Segment("c", Style(link="https://example.org"))]).render(console)
    assert "https://example.org" in fine


@pytest.mark.usefixtures("guarded")
async def test_scripts_and_emoji_stay_as_they_are() -> None:
    for text in ("می‌خواهم", "👨‍👩‍👧", "हिन्दी", "山田 花子"):
        assert text in await painted(text)


def test_what_the_guard_overrides_is_where_textual_has_it() -> None:
    assert guard._render.__qualname__ == "Strip.render"
    assert "_render_cache" in Strip.__slots__
    assert "_fatal_error" in vars(App)
    assert guard.GuardedApp._fatal_error.__code__.co_varnames[:1] == App._fatal_error.__code__.co_varnames[:1]


def test_no_color_chooses_the_terminals_own_colours_and_an_unknown_theme_is_refused() -> None:
    assert choose_theme("light", {}) == "light"
    assert choose_theme(None, {}) == "dark"
    assert choose_theme("dark", {"NO_COLOR": ""}) == "ansi"
    with pytest.raises(WorkspaceError, match="purple"):
        choose_theme("purple", {})


@pytest.mark.parametrize("name", THEMES)
async def test_every_theme_can_be_switched_to(name: str) -> None:
    app = Sinks("plain")
    async with app.run_test(notifications=True) as pilot:
        use_theme(app, name)
        await pilot.pause()
        assert app.current_theme.name == name


@pytest.mark.parametrize("name", ["dark", "light"])
def test_no_theme_tells_right_from_wrong_by_red_and_green(name: str) -> None:
    from textual.color import Color

    theme = THEMES[name]
    right, wrong = Color.parse(str(theme.success)), Color.parse(str(theme.error))
    assert right.b > right.r
    assert wrong.r > wrong.b
