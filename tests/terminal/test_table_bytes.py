from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.pseudo_terminal import QUIET, Terminal

APP = Path(__file__).with_name("record_table_app.py")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    running = Terminal([str(APP), "100000"])
    try:
        running.until("> KS-000001")
        yield running
    finally:
        running.write("q")
        running.ended()


def test_a_cursor_move_costs_at_most_600_bytes_a_page_10_000_and_idling_none(terminal: Terminal) -> None:
    moves = [len(terminal.press("j", f"> KS-{number:06}")) for number in range(2, 12)]
    page = [len(terminal.press("\x1b[6~", f"> KS-{number:06}")) for number in (34, 57, 80, 103)]
    jump = len(terminal.press("G", "> KS-100000"))
    back = len(terminal.press("g", "> KS-000001"))
    idle = terminal.read(6 * QUIET)
    print(f"cursor {moves}, page {page}, end {jump}, top {back}, idle {len(idle)}")
    assert max(moves) <= 600
    assert max(*page, jump, back) <= 10_000
    assert idle == b""
