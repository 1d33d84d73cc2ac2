"""The doctor's look at the terminal: what the console can draw, and whether copied text reaches the clipboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data.desk.doctor_check import Check

_POOR = {"": "it is not set", "dumb": "it can't place the cursor", "unknown": "nobody knows what it can do"}


def terminal_checks(environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what the environment says of the terminal."""
    term = environ.get("TERM", "")
    if term in _POOR:
        yield Check(
            "terminal",
            False,
            f"TERM={term}: {_POOR[term]}; the console won't open, the commands work",
            "open a terminal, or: export TERM=xterm-256color",
        )
    else:
        colours = "truecolor" if environ.get("COLORTERM") in ("truecolor", "24bit") else "its palette's colours"
        yield Check("terminal", True, f"{term}, {'no colour (NO_COLOR)' if environ.get('NO_COLOR') else colours}")
    named = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if named.lower().replace("-", "").endswith("utf8"):
        yield Check("locale", True, named)
    else:
        yield Check(
            "locale",
            False,
            f"{named or 'none is set'}: names in other scripts would be garbled",
            "export LC_ALL=C.UTF-8 (over SSH: let SendEnv pass LANG LC_*)",
        )
    if "TMUX" in environ:
        yield Check(
            "clipboard", True, "in tmux; copying reaches your clipboard only with: tmux set -g set-clipboard on"
        )
    elif "STY" in environ:
        yield Check("clipboard", True, "in screen, which keeps copied text to itself: see the file in exports/ instead")
    elif "SSH_CONNECTION" in environ:
        yield Check("clipboard", True, "over SSH; copying needs a terminal that takes OSC 52, else see exports/")
