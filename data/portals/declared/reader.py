"""Asking a declared portal what it holds: look-ups, single orders, listings, stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.clock import Clock, utc_text
from data.portals.declared.pages import Place, following, start
from data.portals.declared.read import read_lines, read_order
from data.portals.declared.replies import Judged
from data.portals.declared.request import call
from data.portals.declared.shape import Listing, Spec, Telling
from data.portals.errors import NotUnderstood
from data.portals.http import Http
from data.portals.outcomes import Absent, FindResult, Found, Page, RemoteState, Several, StockLevel, Unknown
from data.portals.protocol import Lookup

MOST_PAGES = 50
"""Pages that one look-up goes through; beyond them it can't tell."""


class Reader:
    """Reads what one portal holds; nothing it does changes anything over there."""

    def __init__(self, spec: Spec, options: Mapping[str, str], http: Http, clock: Clock) -> None:
        """Prepare; nothing is read before it is asked for."""
        self._spec, self._options, self._http, self._clock = spec, options, http, clock
        self._names: dict[str, str] | None = None

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key; an answer about other orders only is not understood."""
        rows, more = await self._rows(self._spec.find, {"order.key": key}, key, strict=True)
        ours = [row for row in rows if self._spec.order.reference.text_in(row) == key]
        if len(ours) == 1 and self._spec.find.detail and self._spec.show is not None:
            return Found(await self.show(self._spec.order.id.text_in(ours[0]), key))
        remotes = tuple([await self._order(row) for row in ours])
        if len(remotes) > 1:
            return Several(remotes)
        if more:
            return Unknown(f"more than {MOST_PAGES} pages are listed")
        return Found(remotes[0]) if remotes else Absent(utc_text(self._clock.now()))

    async def show(self, remote_id: str, key: str) -> RemoteState:
        """Return one order that is there; raises NotUnderstood where it is not, or is not ours."""
        show = self._spec.show
        if show is None:
            found = await self.find(key)
            if not isinstance(found, Found) or found.remote.remote_id != remote_id:
                raise NotUnderstood(f"{key}: the warehouse does not show {remote_id} once under it")
            return found.remote
        values = {**self._options, "order.key": key, "remote.id": remote_id}
        judged = Judged(show.verdicts, await call(self._http, show.request, values), key, remote_id)
        order = show.order.search(judged.document) if judged.ok else None
        if not isinstance(order, dict):
            judged.reply.not_understood("it does not show the order")
        for name, request in show.also:
            order[name] = (await call(self._http, request, values)).value()
        remote = await self._order(order)
        if remote.reference != key:
            judged.reply.not_understood(f"it does not name our reference {key}")
        return remote

    async def poll(self, cursor: str) -> Page:
        """Return the next page of what changed; a row that can't be read is a problem to show, and stops nothing."""
        listing = self._spec.poll
        place = start(listing.pages, cursor)
        judged, rows = await self._page(listing, place, {})
        states: list[RemoteState] = []
        problems: list[str] = []
        for row in rows:
            key = self._spec.order.reference.text_in(row)
            try:
                detail = listing.detail and self._spec.show is not None and key
                remote_id = self._spec.order.id.text_in(row)
                states.append(await self.show(remote_id, key) if detail else await self._order(row))
            except NotUnderstood as error:
                problems.append(f"an order in the listing ({key or 'without our key'}) can't be read: {error}")
        # An order without a reference came through another door of the warehouse: nobody here asked for it.
        ours = tuple(each for each in states if each.reference)
        changes = [each.updated_at for each in states]
        place, more = following(listing.pages, place, len(rows), changes, judged.document)
        return Page(ours, place.text(), more, tuple(problems))

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts; raises NotUnderstood where a row can't be read."""
        stock = self._spec.stock
        if stock is None:
            return []
        rows, _ = await self._rows(stock.listing, {}, "")
        levels: list[StockLevel] = []
        for row in rows:
            sku, counts = stock.sku.text_in(row), (stock.on_hand.text_in(row), stock.available.text_in(row))
            if not sku or not all(each.removeprefix("-").isdecimal() for each in counts):
                raise NotUnderstood("the stock has a row without SKU or count")
            levels.append(StockLevel(sku, int(counts[0]), int(counts[1])))
        return levels

    async def find_notice(self, telling: Telling, key: str) -> FindResult:
        """Look up what was announced under a key."""
        rows, more = await self._rows(telling.find, {"notice.key": key}, key)
        remotes: list[RemoteState] = []
        for row in rows:
            if telling.reference.text_in(row) != key:
                continue
            try:
                lines = read_lines(telling.lines, row)
            except ValueError as error:
                raise NotUnderstood(f"what was announced as {key} can't be read: {error}") from None
            remotes.append(RemoteState(key, telling.id.text_in(row), telling.status.text_in(row), None, lines=lines))
        if len(remotes) > 1:
            return Several(tuple(remotes))
        if more:
            return Unknown(f"more than {MOST_PAGES} pages are listed")
        return Found(remotes[0]) if remotes else Absent(utc_text(self._clock.now()))

    async def _rows(
        self, listing: Listing, values: Mapping[str, str], key: str, *, strict: bool = False
    ) -> tuple[list[Any], bool]:
        """Return the rows of all pages, and whether there were more than are gone through.

        `strict` believes no exact look-up that shows other orders and not ours: it did not look for our key.
        """
        place = start(listing.pages)
        found: list[Any] = []
        for _ in range(MOST_PAGES):
            judged, rows = await self._page(listing, place, values, key)
            found += rows
            if strict and self._spec.lookup is Lookup.EXACT and rows:
                keys = {self._spec.order.reference.text_in(row) for row in rows}
                if key not in keys:
                    judged.reply.not_understood(f"it lists orders, and none of them is {key}")
            place, more = following(listing.pages, place, len(rows), [], judged.document)
            if not more:
                return found, False
        return found, True

    async def _page(
        self, listing: Listing, place: Place, values: Mapping[str, str], key: str = ""
    ) -> tuple[Judged, list[Any]]:
        """Ask for one page; a listing that says "there is none" is an empty one."""
        filled = {**self._options, **place.values(listing.pages), **values}
        judged = Judged(listing.verdicts, await call(self._http, listing.request, filled), key)
        if judged.missing:
            return judged, []
        if not judged.ok or judged.document["body"] is None:
            judged.reply.not_understood("not what a listing is answered with")
        rows = listing.rows.search(judged.document)
        if not isinstance(rows, list):
            # Nothing at all is no empty list: whoever believed it would send an order again.
            judged.reply.not_understood(f"{listing.rows.text} is no list")
        return judged, rows

    async def _order(self, row: Any) -> RemoteState:
        names = await self._status_names(self._spec.order.status.text_in(row))
        try:
            return read_order(self._spec.order, self._spec.statuses, names, row)
        except ValueError as error:
            raise NotUnderstood(f"an order of the warehouse can't be read: {error}") from None

    async def _status_names(self, status: str) -> Mapping[str, str]:
        """Return the names of statuses by id, asked for once, and again when an id is new."""
        table = self._spec.statuses.table
        if table is None:
            return {}
        if self._names is None or status not in self._names:
            rows, _ = await self._rows(table.listing, {}, "")
            named = {table.id.text_in(row): table.name.text_in(row) for row in rows}
            self._names = {status: status} | named
        return self._names
