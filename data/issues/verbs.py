"""What a person does with an issue: raise, take, wait for, snooze, resolve, reopen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from data.clock import utc_text
from data.issues.replacement import make_replacement
from data.model import Done, InputError, IssueState, IssueType, Item, Refusal
from data.orders import notes
from data.orders.chosen import campaign_of, counted
from data.orders.stale import moved_words
from data.store.store import Write
from data.store.workspace import Workspace

OPEN = (IssueState.NEW, IssueState.TRIAGE, IssueState.WAITING)
WAITING_ON = ("backer", "warehouse", "carrier")
RESOLUTIONS = ("replacement", "refund", "claim", "nothing")
LONGEST = 200
"""Characters of a title."""

Values = dict[str, object]


def raise_issue(ws: Workspace, orders: Sequence[Item], type_: IssueType, title: str, note: str = "") -> Done:
    """Raise an issue about each order, as it is; `made` has the issues' ids.

    Raises InputError for a title that is empty or longer than `LONGEST` characters.
    """
    if not title.strip():
        raise InputError("an issue needs a few words on what is wrong")
    if len(title.strip()) > LONGEST:
        raise InputError(f"an issue's title has at most {LONGEST} characters: the rest belongs into a note")
    made: list[int] = []
    refused: list[Refusal] = []
    done: list[int] = []
    with ws.write("issue.raise", f"raise an issue: {type_}", campaign=campaign_of(ws.store, orders)) as tx:
        for order in dict.fromkeys(orders):
            found = tx.one("SELECT campaign_id, backer_id, number FROM orders WHERE id = ?", (order.id,))
            if found is None:
                refused.append(Refusal(order.id, f"#{order.id}", "there is no such order"))
                continue
            shipment = tx.one(
                "SELECT max(s.id) FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id WHERE l.order_id = ?",
                (order.id,),
            )
            issue = tx.insert(
                "issues",
                {
                    "campaign_id": found[0],
                    "order_id": order.id,
                    "backer_id": found[1],
                    "shipment_id": shipment[0] if shipment else None,
                    "type": str(type_),
                    "state": str(IssueState.NEW),
                    "title": title.strip(),
                    "raised_at": utc_text(ws.clock.now()),
                    "raised_by": ws.actor.user,
                },
            )
            made.append(issue)
            done.append(order.id)
            if note.strip():
                _note(tx, ws, issue, note)
        # The title may say something of a person: it stays with the issue and out of the log.
        tx.words = f"raise {counted(len(made), 'issue')}: {type_}"
    return Done(tx.act or None, tx.words, done=tuple(done), refused=tuple(refused), made=tuple(made))


def take(ws: Workspace, issues: Sequence[Item], user: str | None = None) -> Done:
    """Assign issues to a person, by default the one who acts; `user` empty gives them back."""
    who = ws.actor.user if user is None else user

    def change(tx: Write, issue: _Issue) -> Values:
        state = IssueState.TRIAGE if issue.state == IssueState.NEW and who else issue.state
        return {"assigned_to": who, "state": str(state)}

    return _each(ws, "issue.take", f"assign to {who or 'nobody'}", issues, change)


def wait(ws: Workspace, issues: Sequence[Item], on: str) -> Done:
    """Say who issues wait for: backer, warehouse, carrier; empty brings them back to triage."""
    if on and on not in WAITING_ON:
        raise InputError(f"an issue waits for {', '.join(WAITING_ON)}, not for {on!r}")
    state = IssueState.WAITING if on else IssueState.TRIAGE
    words = f"wait for the {on}" if on else "stop waiting"
    return _each(ws, "issue.wait", words, issues, lambda tx, issue: {"state": str(state), "waiting_on": on})


def snooze(ws: Workspace, issues: Sequence[Item], until: datetime | None) -> Done:
    """Put issues away until an instant to come; None brings them back. Raises InputError for one that is past."""
    if until is not None and until <= ws.clock.now():
        raise InputError("the date to wake it is past")
    at = utc_text(until) if until else None
    words = f"snooze until {at}" if at else "wake"
    return _each(ws, "issue.snooze", words, issues, lambda tx, issue: {"snoozed_until": at})


def note(ws: Workspace, issues: Sequence[Item], text: str) -> Done:
    """Write a note on issues, open or not, whatever has happened to them since they were seen.

    Raises InputError for an empty text, or one of more than `notes.LONGEST` characters.
    """
    if not text.strip():
        raise InputError("a note needs some text")
    if len(text.strip()) > notes.LONGEST:
        raise InputError(f"a note has at most {notes.LONGEST:,} characters, this one has {len(text.strip()):,}")

    def change(tx: Write, issue: _Issue) -> Values:
        _note(tx, ws, issue.id, text)
        return {}

    return _each(ws, "issue.note", "note", [Item(each.id, 0) for each in issues], change, closed_too=True)


def resolve(
    ws: Workspace,
    issues: Sequence[Item],
    resolution: str,
    *,
    text: str = "",
    cost_minor: int | None = None,
    currency: str = "",
) -> Done:
    """Resolve issues: `replacement` makes an order that replaces, `refund` and `claim` record a cost, `nothing` closes.

    `cost_minor` is in minor units of `currency`. `made` has the ids of replacement orders. An order with an open
    replacement gets no second one.
    """
    if resolution not in RESOLUTIONS:
        raise InputError(f"an issue is resolved by {', '.join(RESOLUTIONS)}, not by {resolution!r}")
    if cost_minor is not None and len(currency) != 3:
        raise InputError("a cost needs the three letters of its currency")
    made: list[int] = []

    def change(tx: Write, issue: _Issue) -> Values:
        values: Values = {
            "state": str(IssueState.RESOLVED),
            "resolution": resolution,
            "resolved_at": utc_text(ws.clock.now()),
            "waiting_on": "",
        }
        if cost_minor is not None:
            values |= {"cost_minor": cost_minor, "currency": currency.upper()}
        if resolution == "replacement":
            values["replacement_id"] = make_replacement(tx, ws.clock, issue.order_id, issue.id)
            made.append(int(str(values["replacement_id"])))
        if text.strip():
            _note(tx, ws, issue.id, text)
        return values

    done = _each(ws, "issue.resolve", f"resolve by {resolution}", issues, change)
    return Done(done.act, done.words, done.done, done.refused, made=tuple(made))


def reopen(ws: Workspace, issues: Sequence[Item]) -> Done:
    """Take resolved issues up again; a replacement that was made stays."""

    def change(tx: Write, issue: _Issue) -> Values | str:
        if issue.state in OPEN:
            return "it is open"
        again = tx.one(
            "SELECT o.id FROM issues i JOIN issues o ON o.rule = i.rule AND o.shipment_id = i.shipment_id"
            " AND o.parcel_id IS i.parcel_id AND o.id <> i.id AND o.state NOT IN ('resolved', 'closed')"
            " WHERE i.id = ? AND i.rule <> ''",
            (issue.id,),
        )
        if again is not None:
            return f"the same trouble is open as issue {again[0]}"
        return {"state": str(IssueState.TRIAGE), "resolution": "", "resolved_at": None}

    return _each(ws, "issue.reopen", "reopen", issues, change, closed_too=True)


class _Issue:
    """An issue as a verb sees it."""

    def __init__(self, row: tuple[object, ...]) -> None:
        self.id, self.rev, self.order_id = (int(str(each)) for each in row[:3])
        self.state = IssueState(str(row[3]))
        self.number = str(row[4])


def _each(
    ws: Workspace,
    verb: str,
    words: str,
    items: Sequence[Item],
    change: Callable[[Write, _Issue], Values | str],
    *,
    closed_too: bool = False,
) -> Done:
    """Change each issue that is as it was seen; a text from `change` refuses it."""
    done: list[int] = []
    refused: list[Refusal] = []
    with ws.write(verb, words) as tx:
        for item in dict.fromkeys(items):
            found = tx.one(
                "SELECT i.id, i.rev, i.order_id, i.state, o.number FROM issues i JOIN orders o ON o.id = i.order_id"
                " WHERE i.id = ?",
                (item.id,),
            )
            if found is None:
                refused.append(Refusal(item.id, f"#{item.id}", "there is no such issue"))
                continue
            issue = _Issue(found)
            name = f"issue {issue.id} of order {issue.number}"
            if item.rev and item.rev != issue.rev:
                by = moved_words(tx, "issues", item.id) or "by somebody"
                refused.append(Refusal(item.id, name, f"it has moved since you saw it ({by})"))
                continue
            if not closed_too and issue.state not in OPEN:
                refused.append(Refusal(item.id, name, f"it is {issue.state}"))
                continue
            try:
                values = change(tx, issue)
            except InputError as error:
                values = str(error)
            if isinstance(values, str):
                refused.append(Refusal(item.id, name, values))
                continue
            if values:
                tx.update("issues", issue.id, issue.rev, values)
            done.append(item.id)
        tx.words = f"{words}: {counted(len(done), 'issue')}"
    return Done(tx.act or None, tx.words, done=tuple(done), refused=tuple(refused))


def _note(tx: Write, ws: Workspace, issue: int, text: str) -> None:
    """Write a note on an issue, kept with its order and backer."""
    tx.run(
        "INSERT INTO notes(order_id, backer_id, issue_id, at, user, text)"
        " SELECT order_id, backer_id, id, ?, ?, ? FROM issues WHERE id = ?",
        (utc_text(ws.clock.now()), ws.actor.user, text.strip(), issue),
    )
