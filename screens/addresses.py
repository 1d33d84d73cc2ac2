"""Addresses: what backers want changed, what matters most first, each decided by one key with its picture in sight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from data.addresses.changes import read_change
from data.addresses.decide import reject
from data.addresses.review import ReviewRow, read_rows
from data.addresses.versions import read_address
from data.model import Item
from data.orders.rows import OrderRow, order_rows
from data.store.undo import last_undoable
from data.store.watch import seen_of_act
from screens import order_acts, review_acts
from screens.address_form import edit_address
from screens.bindings import bindings_of
from screens.columns.addresses import VERDICTS
from screens.review_list import ReviewScreen
from screens.verbs import ADDRESSES
from widgets.prompts import Confirm, Text

CONFIRM_FROM = 11
"""So many marked changes at once are asked about first."""


class AddressesScreen(ReviewScreen):
    """The queue of changes, and what a person does with them."""

    VIEW = ADDRESSES
    CSS_PATH: ClassVar[list[str | PurePath]] = ["listing.tcss", "addresses.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(ADDRESSES)

    # Decisions.

    def action_address_accept(self) -> None:
        """Accept the marked changes, or else the current one."""
        items = self.some_items()
        shown = self.review.shown
        if shown is not None and shown.too_late and [each.id for each in items] == [shown.change.id]:
            self._accept_late(items, shown.change.number)
        elif len(items) >= CONFIRM_FROM:
            self._accept_many(items)
        elif items:
            self.leave(items)
            self.run_worker(review_acts.accept_changes(self, self.turns, items), name="accept", exit_on_error=False)
            self.repeated = self._accept_again

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def _accept_many(self, items: Sequence[Item]) -> None:
        if await self.prompt.ask(Confirm(Content(f"Accept {order_acts.several(items, 'change')}?"))):
            self.leave(items)
            await review_acts.accept_changes(self, self.turns, items)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def _accept_late(self, items: Sequence[Item], number: str) -> None:
        if await review_acts.decide_too_late(self, self.turns, [(each, number) for each in items]):
            self.leave(())
            self.advance()

    async def _accept_again(self) -> None:
        self.action_address_accept()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_address_accept_all(self) -> None:
        """Accept all in the filter that share the current row's verdict, after their count was typed."""
        row = self.current()
        if row is None:
            return
        words = VERDICTS[row.group][1]
        if await review_acts.accept_all_like(self, self.turns, self.question.filter, row.group, words):
            self.acted()
            self.look_on()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_address_reject(self) -> None:
        """Keep what is on file; the reason may be empty."""
        if not (items := self.some_items()):
            return
        reason = await self.prompt.ask(
            Text(Content(f"Reject {order_acts.several(items, 'change')}, why? (may be empty)"))
        )
        if reason is None:
            return

        async def again() -> None:
            await self._reject(self.some_items(), reason)

        self.repeated = again
        await self._reject(items, reason)

    async def _reject(self, items: Sequence[Item], reason: str) -> None:
        if items:
            self.leave(items)
            await self.turns.take(items, reject, reason)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_address_edit(self) -> None:
        """Edit what is requested, and put that on file instead."""
        row = self.current()
        change = await self.off_thread(read_change, self.ws.store, row.id) if row else None
        if row is None or change is None:
            return
        address = await self.off_thread(read_address, self.ws.store, change.to_id)
        if address is None:
            return
        done = await edit_address(self, Item(row.id, row.rev), address, change=True)
        if done is not None:
            self.advance()
            await review_acts.settle_too_late(self, self.turns, done)

    def action_address_ask(self) -> None:
        """Ask the backers of the marked changes, or else of the current one; copies what to send them."""
        if items := self.some_items():
            self.leave(items)
            self.run_worker(review_acts.ask_backers(self, self.turns, items), name="ask", exit_on_error=False)

    @work(group="undo", exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back the last act once it is done, and go back to the change it was about."""
        await self.turns.wait()
        act = await self.off_thread(last_undoable, self.ws.store, self.ws.actor.session)
        if act is None:
            self.say("nothing of this console is left to undo")
            return
        await self._take_back(act.id)
        seen = await self.off_thread(seen_of_act, self.ws.store, act.id)
        for each in sorted(seen.rows.get("changes", ())):
            if self.table.go_to(each):
                return

    # Verbs on the orders of the changes.

    async def orders(self) -> list[Item]:
        """Return the orders of the marked changes, or else of the current one, each as it was seen."""
        ids = list(self.table.selection())
        seen = {each: row for each in ids if isinstance(row := self.table.row_of(each), ReviewRow)}
        missing = [each for each in ids if each not in seen]
        read = await self.off_thread(read_rows, self.ws.store, missing) if missing else {}
        found = {row.order_id: row.order_rev for row in seen.values()}
        return [*(Item(*each) for each in found.items()), *(Item(row.order_id, 0) for row in read.values())]

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_hold(self) -> None:
        """Hold the orders, or release them."""
        if items := await self.orders():
            order = await self._order(items[0])
            self.did_to_orders(await order_acts.hold_or_release(self, items, bool(order and order.holds)))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_lock(self) -> None:
        """Lock the orders' addresses, or unlock them with a reason."""
        if items := await self.orders():
            order = await self._order(items[0])
            self.did_to_orders(await order_acts.lock_or_unlock(self, items, bool(order and order.locked)))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_raise(self) -> None:
        """Raise an issue about the orders."""
        if items := await self.orders():
            self.did_to_orders(await order_acts.raise_about(self, items))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_note(self) -> None:
        """Write a note on the orders."""
        if items := await self.orders():
            self.did_to_orders(await order_acts.write_note(self, items))

    def did_to_orders(self, again: order_acts.Again | None) -> None:
        """Take the marks away after a verb was done to orders, and keep it for `.`; None when it was not done."""
        if again is None:
            return

        async def repeat() -> None:
            if items := await self.orders():
                await again(items)

        self.acted()
        self.repeated = repeat

    async def _order(self, item: Item) -> OrderRow | None:
        return (await self.off_thread(order_rows, self.ws.store, [item.id])).get(item.id)
