from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.pseudo_terminal import Terminal

APP = Path(__file__).with_name("crashing_app.py")
TOKEN = b"tok-4711-canary"


@pytest.mark.parametrize("key", ["x", "w"])
def test_a_crash_leaves_a_clean_terminal_and_a_report_without_secrets(tmp_path: Path, key: str) -> None:
    terminal = Terminal([str(APP), str(tmp_path / "run")])
    terminal.until("ready to crash")
    terminal.write(key)
    assert terminal.ended() == 1
    last = terminal.sent[terminal.sent.rindex(b"\x1b[?1049l") :]
    assert b"\x1b[?25h" in last
    assert b"lastcall has stopped: ValueError" in last
    assert TOKEN not in terminal.sent
    assert b"]0;title" not in terminal.sent.replace("␛]0;title".encode(), b"")
    (report,) = (tmp_path / "run").iterdir()
    assert report.name.encode() in last.replace(b"\r\n", b"")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert "action_crash" in text
    assert TOKEN.decode() not in text


def test_a_crash_that_cannot_be_reported_in_a_file_is_told_whole(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    terminal = Terminal([str(APP), str(tmp_path / "run")])
    terminal.until("ready to crash")
    terminal.write("x")
    assert terminal.ended() == 1
    assert b"action_crash" in terminal.sent
    assert TOKEN not in terminal.sent
