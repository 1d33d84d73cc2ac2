"""Orders: every promise to every person, how far it has come, and what holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from data.dispatch.batch_rows import open_batches
from data.dispatch.batches import add_to_batch, create_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.why_here import explain
from data.exports.export import Exported, export_rows
from data.exports.templates import Format, find_template
from data.model import InputError, Item, Stage
from data.orders.detail import order_detail
from data.orders.fields import ORDER_FIELDS
from data.orders.flags import set_priority
from data.orders.rows import OrderRow, OrderRows
from data.text import visible
from screens import order_acts
from screens.address_form import edit_address
from screens.allocation import allocate_orders
from screens.bindings import bindings_of
from screens.choices import choose
from screens.columns.label import label_section
from screens.columns.order_detail import order_sections, why_section
from screens.columns.orders import order_columns
from screens.listing import Question
from screens.verbs import ORDERS
from screens.work import WorkScreen
from widgets.detail import Section
from widgets.prompts import ConfirmCount, Text
from widgets.record_columns import Column

_DECIDED = (Stage.CANCELLED, Stage.DELIVERED, Stage.SHIPPED)


class OrdersScreen(WorkScreen):
    """The list of orders."""

    VIEW = ORDERS
    CSS_PATH = "listing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(ORDERS)
    SORTS: ClassVar[Mapping[str, str]] = {
        "number": "number",
        "name": "name",
        "country": "country",
        "stage": "stage",
        "ordered": "date",
        "amount": "amount",
        "warehouse": "warehouse",
        "tier": "tier",
        "priority": "priority",
        "email": "e-mail",
    }
    FIELDS = ORDER_FIELDS
    TABLES: ClassVar[frozenset[str]] = frozenset(
        {"orders", "order_lines", "holds", "changes", "issues", "shipments", "parcels", "backers", "addresses", "notes"}
    )
    NEW_ROWS: ClassVar[str] = "orders"

    def columns(self) -> Sequence[Column]:
        """Return the order list's columns."""
        return order_columns(self.ws.clock.now())

    def source(self, question: Question) -> OrderRows:
        """Return the orders of a question."""
        return OrderRows(self.ws.store, question.filter, question.sort, question.descending, self.shell.campaign_id)

    def read_detail(self, record: int) -> Sequence[Section]:
        """Return everything about one order."""
        found = order_detail(self.ws.store, record)
        if found is None:
            return [Section(None, [Content("this order is gone")])]
        sections = order_sections(found, self.ws.clock.now())
        label = label_section(self.ws.policy, found.order.warehouse, found.order.address)
        why = why_section(explain(self.ws.store, self.ws.policy, record))
        return [*sections[:2], *([] if label is None else [label]), why, *sections[2:]]

    def write_out(self, ids: Sequence[int] | None, form: Format, path: Path) -> Exported:
        """Write orders by the template `orders`."""
        template = find_template(self.ws.path("templates"), "orders")
        chosen = ids if ids is not None else self.source(self.question)
        return export_rows(self.ws, template, chosen, path, form=form)

    def reference(self, row: object) -> str:
        """Return an order's number."""
        assert isinstance(row, OrderRow)
        return row.number

    def copies(self, row: object) -> Mapping[str, tuple[str, str]]:
        """Return what can be copied of an order."""
        assert isinstance(row, OrderRow)
        found = {
            "n": ("number", row.number),
            "e": ("e-mail", row.email),
            "a": ("address", ", ".join(part for part in (row.address.name, row.address.one_line()) if part)),
            "t": ("tracking", " ".join(row.tracking)),
        }
        return {key: value for key, value in found.items() if value[1]}

    def is_open(self, row: object) -> bool:
        """Tell whether an order waits for a person."""
        assert isinstance(row, OrderRow)
        waits = row.stage == Stage.NEEDS_INFO or bool(row.holds or row.issues or row.changes)
        return waits and row.stage not in _DECIDED

    # Verbs.

    def current(self) -> OrderRow | None:
        """Return the row under the cursor, if it has been read."""
        row = self.table.row
        return row if isinstance(row, OrderRow) else None

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_hold(self) -> None:
        """Hold orders, or release them."""
        row = self.current()
        if items := self.some_items():
            self.did(await order_acts.hold_or_release(self, items, bool(row and row.holds)))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_lock(self) -> None:
        """Lock addresses, or unlock them with a reason."""
        row = self.current()
        if items := self.some_items():
            self.did(await order_acts.lock_or_unlock(self, items, bool(row and row.locked)))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_merge(self) -> None:
        """Merge orders for shipping, mark them as meant, or separate them."""
        if items := self.some_items():
            self.did(await order_acts.merge_or_separate(self, items))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_note(self) -> None:
        """Write a note."""
        if items := self.some_items():
            self.did(await order_acts.write_note(self, items))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_issue_raise(self) -> None:
        """Raise an issue."""
        if items := self.some_items():
            self.did(await order_acts.raise_about(self, items))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_priority(self) -> None:
        """Send orders first, or last."""
        items = self.some_items()
        if not items:
            return
        answer = await self.prompt.ask(Text(Content(f"Priority of {order_acts.several(items)} (-9 to 9)"), value="1"))
        if answer is None:
            return
        try:
            priority = int(answer)
        except ValueError:
            self.complain(InputError("a priority is a number from -9 to 9"))
            return
        self.did(await order_acts.do_again(self, items, set_priority, priority))

    @work(group="allocate", exit_on_error=False)
    async def action_order_allocate(self) -> None:
        """Give the marked orders, or all that are ready, to warehouses; shows the result before anything is written."""
        if self.long_work is not None:
            self.say(f"{self.long_work.words} still: {self.shell.key('back')} stops it")
            return
        marked = [each.id for each in self.items()] if self.table.marked_count else None
        self.did(await allocate_orders(self, marked))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_add(self) -> None:
        """Put orders into a draft batch of their warehouse, or into one that is made for them."""
        items, row = self.some_items(), self.current()
        if not items or row is None:
            return
        if row.warehouse is None:
            self.complain(InputError(f"order {visible(row.number)} has no warehouse yet: allocate it first"))
            return
        ids = [each.id for each in items]
        drafts = await self.off_thread(open_batches, self.ws.store, row.warehouse)
        choices = {"n": f"new for {row.warehouse}", "e": "new, before the lock"}
        choices |= {str(at): f"batch {each.number}" for at, each in enumerate(drafts[:9], 1)}
        chosen = await self.prompt.ask(choose(f"{order_acts.several(items)} into", choices))
        if chosen is None:
            return
        if chosen in ("n", "e"):
            done = await self.do(create_batch, row.campaign_id, row.warehouse, ids=ids, early=chosen == "e")
        else:
            batch = drafts[int(chosen) - 1]
            done = await self.do(add_to_batch, Item(batch.id, batch.rev), ids)
        if done is not None:
            self.acted()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_order_cancel(self) -> None:
        """Cancel orders after their count was typed; a warehouse that has them is asked."""
        items = self.some_items()
        if not items:
            return
        question = Content(f"Cancel {order_acts.several(items)}?")
        if not await self.prompt.ask(ConfirmCount(question, count=len(items), verb="cancel")):
            return
        reason = await self.prompt.ask(Text(Content("Why?")))
        if reason and await self.do(cancel_orders, items, reason):
            self.acted()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_address_edit(self) -> None:
        """Edit the address of the current order."""
        row = self.current()
        if row is None:
            self.say("nothing to edit: the list is empty")
        else:
            await edit_address(self, Item(row.id, row.rev), row.address)
