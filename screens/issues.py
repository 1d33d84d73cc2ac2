"""Issues: what went wrong, oldest first, each taken by somebody, put to whom it waits for, and resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from data.clock import from_text
from data.dispatch.ask import ask
from data.intake.money import read_money
from data.issues.agreed import issue_agreed
from data.issues.rows import ISSUE_FIELDS, IssueRow, IssueRows, issue_notes, issue_rows
from data.issues.verbs import note, resolve, snooze, take, wait
from data.model import InputError, IssueState
from data.orders.conditions import context_of
from data.orders.detail import order_detail
from data.orders.rows import order_rows
from data.text import visible
from screens.bindings import bindings_of
from screens.choices import choose
from screens.columns.issues import issue_columns, issue_sections
from screens.columns.order_detail import order_sections
from screens.listing import Question
from screens.order_acts import Again, ask_note, do_again, read_day, several
from screens.verbs import ISSUES
from screens.work import WorkScreen
from widgets.detail import Section
from widgets.prompts import Fault, Text
from widgets.record_columns import Column

_WAIT = {"b": "backer", "w": "warehouse", "c": "carrier", "n": ""}
_RESOLVE = {"r": "replacement", "f": "refund", "c": "claim", "n": "nothing"}


class IssuesScreen(WorkScreen):
    """The list of issues."""

    VIEW = ISSUES
    CSS_PATH = "listing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(ISSUES)
    SORTS: ClassVar[Mapping[str, str]] = {
        "age": "age",
        "due": "due",
        "type": "type",
        "state": "state",
        "assigned": "whose",
        "name": "backer",
        "country": "to",
        "warehouse": "warehouse",
    }
    FIELDS = ISSUE_FIELDS
    TABLES: ClassVar[frozenset[str]] = frozenset({"issues", "notes", "orders", "shipments", "parcels", "holds"})
    NEW_ROWS: ClassVar[str] = "issues"

    def columns(self) -> Sequence[Column]:
        """Return the columns of the queue."""
        return issue_columns(self.ws.clock)

    def source(self, question: Question) -> IssueRows:
        """Return the issues of a question."""
        return IssueRows(self.ws.store, question.filter, question.sort, question.descending, self.shell.campaign_id)

    def read_detail(self, record: int) -> Sequence[Section]:
        """Return an issue's facts and notes, then everything about its order."""
        row = issue_rows(self.ws.store, [record]).get(record)
        if row is None:
            return [Section(None, [Content("this issue is gone")])]
        notes = issue_notes(self.ws.store, record)
        now = self.ws.clock.now()
        sections = issue_sections(row, notes, now, issue_agreed(self.ws.policy, row))
        order = order_detail(self.ws.store, row.order_id)
        if order is not None:
            told = set(notes)
            others = tuple(each for each in order.notes if (each.at, each.user, each.text) not in told)
            sections += order_sections(replace(order, notes=others), now)
        return sections

    def reference(self, row: object) -> str:
        """Return the number of the issue's order."""
        assert isinstance(row, IssueRow)
        return row.order_number

    def copies(self, row: object) -> Mapping[str, tuple[str, str]]:
        """Return what can be copied of an issue."""
        assert isinstance(row, IssueRow)
        found = {
            "n": ("number", row.order_number),
            "e": ("e-mail", row.email),
            "t": ("tracking", row.tracking),
            "w": ("what", row.title),
        }
        return {key: value for key, value in found.items() if value[1]}

    def is_open(self, row: object) -> bool:
        """Tell whether an issue needs somebody here: it waits for nobody else, or too long, and is not put away."""
        assert isinstance(row, IssueRow)
        now = self.ws.clock.now()
        if row.snoozed_until and from_text(row.snoozed_until) > now:
            return False
        overdue = row.state == IssueState.WAITING and bool(row.due_at) and from_text(row.due_at or "") <= now
        return overdue or row.state in (IssueState.NEW, IssueState.TRIAGE)

    # Verbs.

    def current(self) -> IssueRow | None:
        """Return the row under the cursor, if it has been read."""
        row = self.table.row
        return row if isinstance(row, IssueRow) else None

    def settled(self, again: Again | None) -> None:
        """Take the marks away after a verb that puts issues aside, and go to the next that needs somebody."""
        marked = self.table.marked_count
        self.did(again)
        if again is not None and not marked:
            self.look_on()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_take(self) -> None:
        """Make issues mine; what is mine already is given back."""
        if items := self.some_items():
            row = self.current()
            mine = row is not None and row.assigned_to == self.ws.actor.user
            self.did(await do_again(self, items, take, "" if mine else None))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_wait(self) -> None:
        """Say who has to act before it goes on."""
        if not (items := self.some_items()):
            return
        offers = {key: on or "nobody" for key, on in _WAIT.items()}
        chosen = await self.prompt.ask(choose(f"{several(items, 'issue').capitalize()}: wait for", offers))
        if chosen is not None:
            self.settled(await do_again(self, items, wait, _WAIT[chosen]))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_snooze(self) -> None:
        """Put issues away until a day in the campaign's zone; what is away comes back."""
        if not (items := self.some_items()):
            return
        row = self.current()
        if row is not None and row.snoozed_until and from_text(row.snoozed_until) > self.ws.clock.now():
            self.did(await do_again(self, items, snooze, None))
            return
        words = Content(f"Snooze {several(items, 'issue')} until (2026-12-01, 7d, 3w)")
        answer = await self.prompt.ask(Text(words, value="7d"))
        if answer is None:
            return
        context = await self.off_thread(context_of, self.ws.store, self.shell.campaign_id)
        try:
            until = read_day(answer, self.ws.clock, context.zone)
        except InputError as error:
            self.complain(error)
            return
        self.settled(await do_again(self, items, snooze, until))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_resolve(self) -> None:
        """Resolve issues: how, at what cost, and what the others should know."""
        if not (items := self.some_items()):
            return
        chosen = await self.prompt.ask(choose(f"Resolve {several(items, 'issue')} by", _RESOLVE))
        if chosen is None:
            return
        cost = ""
        currency = await self._currency()
        if _RESOLVE[chosen] != "nothing":
            question = f"Cost{' of each' if len(items) > 1 else ''} in {currency or 'EUR 15.00'} (may be empty)"
            answer = await self.prompt.ask(Text(Content(question), check=lambda text: _cost_fault(text, currency)))
            if answer is None:
                return
            cost = answer.strip()
        text = await self.prompt.ask(Text(Content("What should the others know? (may be empty)")))
        if text is None:
            return
        money = read_money(cost, currency) if cost else None
        self.settled(
            await do_again(
                self,
                items,
                resolve,
                _RESOLVE[chosen],
                text=text,
                cost_minor=money.minor if money else None,
                currency=money.currency if money else "",
            )
        )

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_note(self) -> None:
        """Write a note on issues."""
        if items := self.some_items():
            text = await ask_note(self, f"Note on {several(items, 'issue')}")
            if text is not None:
                self.did(await do_again(self, items, note, text))

    @work(exclusive=True, group="verb", exit_on_error=False)
    async def action_sync(self) -> None:
        """Ask the warehouses of the marked issues, or else of the current one, what happened."""
        rows = await self.off_thread(issue_rows, self.ws.store, list(self.table.selection())[:100])
        known = {each.code for each in self.ws.policy.warehouses}
        codes = sorted({each.warehouse for each in rows.values()} & known)
        if not codes:
            self.say("no warehouse has it: there is nobody to ask")
            return
        asked = await self.off_thread(ask, self.ws, codes, "poll")
        notes = "".join(f"  ! {each.warehouse}: {each.note}" for each in asked if each.note)
        self.say(f"asked {', '.join(codes)}; what is answered shows here{notes}")

    async def _currency(self) -> str:
        """Return the currency of the current issue's order."""
        row = self.current()
        if row is None:
            return ""
        order = (await self.off_thread(order_rows, self.ws.store, [row.order_id])).get(row.order_id)
        return order.currency if order else ""


def _cost_fault(text: str, currency: str) -> Fault | None:
    try:
        money = read_money(text.strip(), currency)
    except InputError as error:
        return Fault(Content(visible(str(error))))
    return Fault(Content("a cost is not negative")) if money and money.minor < 0 else None
