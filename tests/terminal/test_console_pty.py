"""The console in a real terminal: what its keys cost on the wire, what it leaves behind, and when it ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.desk.upkeep import upkeep
from data.intake.imports import import_files
from data.store.workspace import Workspace
from tests.terminal.pseudo_terminal import PATIENCE, QUIET, Terminal

COLOUR = re.compile(rb"\x1b\[[0-9;]*(?:\b(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])\b|[34]8;[25];)[0-9;]*m")
CLEAN = (b"\x1b[?1049l", b"\x1b[?25h")
"""What a terminal needs to be as it was: the other screen gone, the cursor shown."""
CRASHING = """
import sys
from console.app import ConsoleApp
from console.cli import run

def boom(self):
    secret = "tok-4711-canary"
    raise ValueError("planted")

ConsoleApp.action_redraw = boom
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def sampled(workspace: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with sixty orders whose addresses are checked, so that nothing is left to be kept up."""
    path = tmp_path / "report.csv"
    write_kickstarter(path, SampleCampaign(60))
    import_files(workspace, [path], "Ember Isles", make_skus=True)
    upkeep(workspace)
    return workspace


@pytest.fixture
def open_console(sampled: Workspace, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Return `open(*before, **environment) -> Terminal`: the console in a terminal; ended when the test is over."""
    opened: list[Terminal] = []

    def open_(*before: str, **environment: str) -> Terminal:
        own = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "EDITOR": "", "VISUAL": ""}
        arguments = [*(before or ("-m", "console")), "--workspace", str(sampled.folder)]
        opened.append(Terminal(arguments, **(own | environment)))
        return opened[-1]

    yield open_
    for each in opened:
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(each.process, os.WNOHANG) == (0, 0):
                os.kill(each.process, signal.SIGKILL)
                os.waitpid(each.process, 0)


def test_keys_cost_few_bytes_and_an_idle_console_none(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console()
    terminal.until("orders need information")
    terminal.press("1", "60 shown")
    terminal.until("> ")
    moves = [len(terminal.press("j", "> ")) for _ in range(8)]
    page = len(terminal.press("\x1b[6~", "> "))
    prompt = len(terminal.press("p", "Hold 1 order"))
    left = len(terminal.press("\x1b", "60 shown"))
    idle = terminal.read(6 * QUIET)
    print(f"cursor {moves}, page {page}, prompt {prompt}, esc {left}, idle {len(idle)}")
    assert max(moves) <= 600
    assert page <= 10_000
    # Textual repaints a screen whose focus moves; the choices lie over the list, which is not laid out anew.
    assert max(prompt, left) <= 16_000
    assert idle == b""
    terminal.write("\x11")
    assert terminal.ended() == 0
    assert all(each in terminal.sent for each in CLEAN)


def test_no_color_sends_no_colour_and_the_cursor_row_still_stands_out(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console(NO_COLOR="1")
    terminal.press("1", "60 shown")
    terminal.press("j", "60 shown")
    assert COLOUR.findall(terminal.sent) == []
    row = next(at for at, line in enumerate(terminal.screen.display) if line.startswith("> "))
    assert terminal.screen.buffer[row][2].reverse
    assert not terminal.screen.buffer[row + 1][2].reverse


def test_the_keys_need_no_extended_protocol_and_none_is_asked_for(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console()
    terminal.press("1", "60 shown")
    assert b"\x1b[>1u" not in terminal.sent
    for keys, shows in (
        ("G", "60 shown"),
        ("/", "/"),
        ("country:DE\r", "filter: country:DE"),
        ("\x1b", "60 shown · sort: number ↑ "),
        (" v\x1b[B\x1b[Bv", "4 marked"),
        ("?", "Orders > Keys"),
        ("\x1b", "4 marked"),
        (":", "Search for commands"),
        ("\x1b", "4 marked"),
        ("0", "Overview"),
    ):
        terminal.press(keys, shows)


def test_a_crash_leaves_a_clean_terminal_and_says_where_its_report_is(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console("-c", CRASHING)
    terminal.until("orders need information")
    terminal.write("\x0c")
    assert terminal.ended() == 1
    last = terminal.sent[terminal.sent.rindex(b"\x1b[?1049l") :]
    assert b"\x1b[?25h" in last
    assert b"lastcall has stopped: ValueError: planted" in last
    assert b"crash-" in last
    assert b"tok-4711-canary" not in terminal.sent


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_signal_to_end_ends_it_with_a_clean_terminal(open_console: Callable[..., Terminal], name: str) -> None:
    terminal = open_console()
    terminal.press("1", "60 shown")
    os.kill(terminal.process, signal.Signals[name])
    assert terminal.ended() == 0
    assert all(each in terminal.sent for each in CLEAN)


def test_a_line_that_is_cut_leaves_no_console_behind(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console()
    terminal.press("1", "60 shown")
    os.close(terminal._master)
    end = time.monotonic() + PATIENCE
    while (found := os.waitpid(terminal.process, os.WNOHANG)) == (0, 0):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found[0] == terminal.process


def test_a_terminal_that_can_show_nothing_is_refused_with_words(open_console: Callable[..., Terminal]) -> None:
    terminal = open_console(TERM="dumb")
    assert terminal.ended() == 2
    assert b"TERM=dumb" in terminal.sent
    assert b"lastcall --help" in terminal.sent
    assert b"\x1b" not in terminal.sent


def test_a_note_is_written_in_the_persons_editor_and_the_console_comes_back(
    open_console: Callable[..., Terminal], sampled: Workspace, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\necho "editor has the terminal"\nprintf "first line\\nsecond [/x]\\n# gone\\n" > "$1"\n'
    )
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    terminal = open_console(EDITOR=str(editor))
    terminal.press("1", "60 shown")
    terminal.press("E", "note on 1 order")
    assert b"editor has the terminal" in terminal.sent
    assert sampled.store.rows("SELECT text FROM notes") == [("first line\nsecond [/x]",)]
    assert not list(sampled.path("run").glob("note-*"))
    terminal.press("j", "> ")
