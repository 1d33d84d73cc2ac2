"""Every verb once: its key, its words, where it works. Bindings, palette, help and `docs/keys.md` come from here.

Lower case acts on the marked rows or else the current one; UPPER CASE is wider or harder to take back. One verb has one
letter on every screen. Nothing destructive lies on Enter, on ctrl+letter, or beside movement.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.keys import key_to_character

ORDERS, ADDRESSES, DISPATCH, ISSUES, OVERVIEW = "orders", "addresses", "dispatch", "issues", "overview"
LISTS = (ORDERS, ADDRESSES, DISPATCH, ISSUES)
EVERYWHERE = (*LISTS, OVERVIEW)

VIEWS: dict[str, tuple[str, str]] = {
    # key: (screen, title)
    "1": (ORDERS, "Orders"),
    "2": (ADDRESSES, "Addresses"),
    "3": (DISPATCH, "Dispatch"),
    "4": (ISSUES, "Issues"),
    "0": (OVERVIEW, "Overview"),
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a person can do."""

    id: str
    """What a keymap and the palette call it: `order.hold`."""
    key: str
    words: str
    """Two or three words, as the footer has room for."""
    help: str
    screens: tuple[str, ...]
    group: str
    hint: int = 0
    """Place in the footer, from 1; 0 = not there."""
    compensate: str = ""
    """The verb that makes it good where it can't be undone."""
    fixed: str = ""
    """A second key that no keymap takes away."""
    app: bool = False
    """Answered by the app, not by the screen."""

    @property
    def action(self) -> str:
        """The name of the method that does it, without `action_`."""
        return self.id.replace(".", "_")


_MOVE, _LIST, _MARK, _TAKE, _DO, _GO = "Move", "List", "Mark", "Take out", "Act", "Go"

MOVES: tuple[Verb, ...] = (
    Verb("move.down", "j", "Down", "Go one row down.", LISTS, _MOVE, fixed="down"),
    Verb("move.up", "k", "Up", "Go one row up.", LISTS, _MOVE, fixed="up"),
    Verb("move.top", "g", "First", "Go to the first row.", LISTS, _MOVE, fixed="home"),
    Verb("move.bottom", "G", "Last", "Go to the last row.", LISTS, _MOVE, fixed="end"),
    Verb("move.half_down", "ctrl+d", "Half page down", "Go half a page down.", LISTS, _MOVE),
    Verb("move.half_up", "ctrl+u", "Half page up", "Go half a page up.", LISTS, _MOVE),
    Verb("move.page_down", "pagedown", "Page down", "Go a page down.", LISTS, _MOVE),
    Verb("move.page_up", "pageup", "Page up", "Go a page up.", LISTS, _MOVE),
    Verb("move.left", "less_than_sign", "Left", "Show the columns to the left.", LISTS, _MOVE, fixed="left"),
    Verb("move.right", "greater_than_sign", "Right", "Show the columns to the right.", LISTS, _MOVE, fixed="right"),
    Verb("mark.one", "space", "Mark", "Mark the row, or take its mark off, and go down.", LISTS, _MARK),
    Verb("mark.range", "v", "Mark a range", "Start a range of marks; again: finish it.", LISTS, _MARK),
    Verb("mark.all", "asterisk", "Mark all", "Mark every row of the filter; again: none.", LISTS, _MARK),
    Verb("open", "enter", "Open", "Open the row's detail.", LISTS, _GO),
)
"""Answered by the table; they stand here so that help, keymap and docs know them."""

VERBS: tuple[Verb, ...] = (
    # Lists
    Verb("filter", "slash", "Filter", "Narrow the list while you type.", LISTS, _LIST, hint=1),
    Verb("sort", "o", "Sort", "Order the list by a column.", LISTS, _LIST),
    Verb("sort.reverse", "O", "Reverse", "Turn the order round.", LISTS, _LIST),
    Verb("last_call", "L", "Last call", "Give notice, remind who has not answered, or lock.", (OVERVIEW,), _DO),
    Verb("fresh", "f", "Fresh", "Read the list anew: others' work comes in.", EVERYWHERE, _LIST),
    Verb("view.next", "right_square_bracket", "Next view", "Show the next saved view.", LISTS, _LIST),
    Verb("view.previous", "left_square_bracket", "Previous view", "Show the previous saved view.", LISTS, _LIST),
    Verb("view.save", "w", "Save view", "Keep filter, order and columns under a name.", LISTS, _LIST),
    Verb("next.open", "n", "Next open", "Go to the next row that needs a decision.", LISTS, _MOVE),
    Verb("next.open_back", "N", "Previous open", "Go to the previous row that needs a decision.", LISTS, _MOVE),
    Verb(
        "back", "q", "Back", "Close prompt, close detail, clear marks, clear filter.", EVERYWHERE, _GO, fixed="escape"
    ),
    Verb("pane.next", "tab", "Other pane", "Go to the other pane.", LISTS, _GO),
    # Acting on orders
    Verb("order.hold", "p", "Hold", "Hold orders, or release what holds them.", (ORDERS, ADDRESSES), _DO, hint=3),
    Verb("order.lock", "l", "Lock", "Lock orders' addresses, or unlock with a reason.", (ORDERS, ADDRESSES), _DO),
    Verb("order.priority", "exclamation_mark", "Priority", "Send these orders first.", (ORDERS,), _DO),
    Verb("order.allocate", "d", "Allocate", "Give orders to warehouses.", (ORDERS,), _DO, hint=4),
    Verb("batch.add", "b", "Batch", "Put orders into a batch.", (ORDERS,), _DO, hint=5),
    Verb("order.cancel", "C", "Cancel order", "Cancel orders; the warehouse is asked.", (ORDERS,), _DO),
    Verb("order.merge", "M", "Merge", "Merge orders of one person for shipping.", (ORDERS, ADDRESSES), _DO),
    Verb("issue.raise", "i", "Issue", "Raise an issue about an order.", (ORDERS, ADDRESSES), _DO),
    Verb("address.edit", "e", "Edit", "Edit the address.", (ORDERS, ADDRESSES), _DO),
    Verb("note", "E", "Note", "Write a note about the order.", (ORDERS, ADDRESSES, ISSUES), _DO),
    # Address review
    Verb("address.accept", "a", "Accept", "Accept the change, or the repair.", (ADDRESSES,), _DO, hint=2),
    Verb(
        "address.accept_all",
        "A",
        "Accept all like it",
        "Accept all in the filter with this verdict, or this repair.",
        (ADDRESSES,),
        _DO,
    ),
    Verb("address.reject", "r", "Reject", "Keep what is on file.", (ADDRESSES,), _DO, hint=3),
    Verb("address.ask", "at", "Ask", "Ask the backer; copies a text.", (ADDRESSES,), _DO, hint=5),
    Verb("skip", "s", "Skip", "Leave it and go to the next.", (ADDRESSES,), _DO, hint=4),
    # Dispatch
    Verb(
        "batch.create",
        "b",
        "New batch",
        "Make a batch for a warehouse from everything allocated to it.",
        (DISPATCH,),
        _DO,
        hint=2,
    ),
    Verb(
        "batch.send",
        "S",
        "Send",
        "Send the batch to its warehouse.",
        (DISPATCH,),
        _DO,
        hint=3,
        compensate="order.cancel",
    ),
    Verb("batch.delta", "D", "Delta", "Make a batch of what has come about since this one.", (DISPATCH,), _DO),
    Verb("batch.approve", "P", "Proof", "Show the proof sheet of a batch; again: approve it.", (DISPATCH,), _DO),
    Verb("batch.check", "a", "Check", "Check the batch against its warehouse's rules.", (DISPATCH,), _DO, hint=2),
    Verb("worker.stop", "h", "Stop/resume", "Stop sending to this warehouse, or go on.", (DISPATCH,), _DO, hint=4),
    Verb(
        "command.retry",
        "r",
        "Retry",
        "Decide what of this batch waits for you, or try at once what waits.",
        (DISPATCH,),
        _DO,
        hint=5,
    ),
    Verb("batch.retry_all", "R", "Retry all", "Try at once what waits in the marked batches.", (DISPATCH,), _DO),
    Verb("sync", "s", "Sync", "Ask the warehouse what happened.", (DISPATCH, ISSUES), _DO),
    # Issues
    Verb("issue.take", "t", "Take", "Make it mine.", (ISSUES,), _DO, hint=2),
    Verb("issue.wait", "W", "Wait for", "Say who it waits for: backer, warehouse, carrier.", (ISSUES,), _DO),
    Verb("issue.snooze", "z", "Snooze", "Put it away until a date.", (ISSUES,), _DO, hint=4),
    Verb("issue.resolve", "r", "Resolve", "Resolve by replacement, refund, or nothing.", (ISSUES,), _DO, hint=3),
    # Taking out
    Verb("copy", "y", "Copy", "Copy the reference.", LISTS, _TAKE),
    Verb("copy.more", "Y", "Copy more", "Copy the row, the address or the e-mail.", LISTS, _TAKE),
    Verb("export", "x", "Export", "Write the marked rows, or else the filter, to a file.", LISTS, _TAKE, hint=6),
    Verb("export.again", "X", "Export again", "Export once more in the same form.", LISTS, _TAKE),
    # History
    Verb("undo", "u", "Undo", "Take back the last act of this console.", EVERYWHERE, _DO, hint=7),
    Verb("redo", "ctrl+r", "Redo", "Take the last undo back.", EVERYWHERE, _DO),
    Verb(
        "repeat", "full_stop", "Repeat", "Do the last verb again, with its answers.", (ORDERS, ADDRESSES, ISSUES), _DO
    ),
    # The app
    Verb("view.last", "minus", "Back to", "Go to the screen before.", EVERYWHERE, _GO, app=True),
    Verb("campaign", "c", "Campaign", "Choose the campaign the lists show.", EVERYWHERE, _GO),
    Verb("palette", "colon", "Palette", "Find a verb by its name.", EVERYWHERE, _GO, fixed="ctrl+p", app=True),
    Verb("help", "question_mark", "Keys", "Show the keys of this screen.", EVERYWHERE, _GO, hint=8, app=True),
    *(
        Verb(f"view.{screen}", key, title, f"Go to {title}.", EVERYWHERE, _GO, app=True)
        for key, (screen, title) in VIEWS.items()
    ),
)

ALL: tuple[Verb, ...] = (*MOVES, *VERBS)

SYSTEM_KEYS = {"ctrl+l": "Draw the screen anew", "ctrl+z": "Put lastcall in the background", "ctrl+q": "Leave"}
"""Keys that no keymap changes."""

RESERVED = frozenset(
    {"ctrl+a", "ctrl+b", "ctrl+c", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+s", "ctrl+left_square_bracket"}
    | set(SYSTEM_KEYS)
    | {f"f{number}" for number in range(1, 13)}
)
"""Keys that multiplexers and terminals take, or that are another key on the wire: never bound."""

_SHOWN = {
    "slash": "/",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "asterisk": "*",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "exclamation_mark": "!",
    "at": "@",
    "full_stop": ".",
    "minus": "-",
    "colon": ":",
    "question_mark": "?",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "escape": "esc",
}


def shown_key(key: str) -> str:
    """Return a key as a person reads it on the keyboard."""
    if key in _SHOWN:
        return _SHOWN[key]
    sign = key_to_character(key)
    return key if sign is None or not sign.isprintable() or sign.isspace() else sign


def verbs_of(screen: str) -> list[Verb]:
    """Return the verbs of one screen, in the registry's order."""
    return [verb for verb in ALL if screen in verb.screens]


def verb(verb_id: str) -> Verb:
    """Return the verb with this id; raises KeyError."""
    for each in ALL:
        if each.id == verb_id:
            return each
    raise KeyError(verb_id)
