"""Addresses: what backers want changed and what the checks object to, each decided by one key, its picture in sight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from data.addresses.changes import read_change
from data.addresses.decide import reject
from data.addresses.detail import ReviewDetail
from data.addresses.fault_detail import FaultDetail
from data.addresses.faulty import read_faulty
from data.addresses.review_rows import ReviewRow, read_rows
from data.addresses.versions import read_address
from data.model import Address, Item
from data.orders.rows import OrderRow, order_rows
from data.store.store import Store
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
    """The queue, and what a person does with it."""

    VIEW = ADDRESSES
    CSS_PATH: ClassVar[list[str | PurePath]] = ["listing.tcss", "addresses.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(ADDRESSES)

    # Decisions.

    def action_address_accept(self) -> None:
        """Accept the marked changes and repairs, or else the current one."""
        items = self.some_items()
        shown = self.review.shown if [each.id for each in items] == [self.review.record] else None
        if isinstance(shown, FaultDetail) and not shown.can_accept:
            self.say(f"{shown.faulty.number} stays: {shown.outcome}")
        elif isinstance(shown, ReviewDetail) and shown.too_late:
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
        """Accept all in the filter that share the current row's verdict or repair, after their count was typed."""
        row = self.current()
        if row is None:
            return
        if row.kind == "finding":
            done = await review_acts.accept_repairs_like(self, self.turns, self.question.filter, row)
        else:
            words = VERDICTS[row.group][1]
            done = await review_acts.accept_all_like(self, self.turns, self.question.filter, row.group, words)
        if done:
            self.acted()
            self.look_on()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_address_reject(self) -> None:
        """Keep what is on file; the reason may be empty."""
        if not (items := self.some_items()):
            return
        if all(each.id < 0 for each in items):
            self.say("nobody asked for a change here: e edits, @ asks the backer, p holds the order")
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
        """Edit what is requested, or what is on file and faulty, and put that on file instead."""
        row = self.current()
        if row is None:
            return
        address = await self.off_thread(_edited, self.ws.store, row.id)
        if address is None:
            return
        change = row.kind == "change"
        item = Item(row.id, row.rev) if change else Item(row.order_id, row.order_rev)
        done = await edit_address(self, item, address, change=change)
        if done is not None:
            self.advance()
            await review_acts.settle_too_late(self, self.turns, done)

    def action_address_ask(self) -> None:
        """Ask the backers of the marked rows, or else of the current one; copies what to send them."""
        if items := self.some_items():
            self.leave(items)
            self.run_worker(review_acts.ask_backers(self, self.turns, items), name="ask", exit_on_error=False)

    @work(group="undo", exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back the last act once it is done, and go back to the row it was about."""
        await self.turns.wait()
        act = await self.off_thread(last_undoable, self.ws.store, self.ws.actor.session)
        if act is None:
            self.say("nothing of this console is left to undo")
            return
        await self._take_back(act.id)
        seen = await self.off_thread(seen_of_act, self.ws.store, act.id)
        orders = sorted(seen.rows.get("orders", ()))
        for each in (*sorted(seen.rows.get("changes", ())), *(-order for order in orders)):
            if self.table.go_to(each):
                return

    # Verbs on the orders of the rows.

    async def orders(self) -> list[Item]:
        """Return the orders of the marked rows, or else of the current one, each as it was seen."""
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
    async def action_order_merge(self) -> None:
        """Merge the orders for shipping, mark them as meant, or separate them."""
        if items := await self.orders():
            self.did_to_orders(await order_acts.merge_or_separate(self, items))

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


def _edited(store: Store, record: int) -> Address | None:
    """Return the address that an edit of a row begins from: requested, or on file."""
    if record < 0:
        faulty = read_faulty(store, -record)
        return faulty.address if faulty else None
    change = read_change(store, record)
    return read_address(store, change.to_id) if change else None
