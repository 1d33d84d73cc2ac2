"""What changed at Amazon since a cursor, each order read with its packages, no faster than Amazon lets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from data.clock import Clock, utc_text
from data.portals.amazon_cursor import AT_ONCE, Cursor, instant, read_cursor
from data.portals.amazon_paths import ORDERS, TRACKING, Ask
from data.portals.amazon_replies import payload
from data.portals.amazon_words import MOVING, Tracks, has_arrived, package_numbers, read_order
from data.portals.outcomes import Page, RemoteState
from data.portals.protocol import is_key
from data.portals.reply import Reply

Order = Callable[[str], Awaitable[tuple[Reply, dict[str, Any]] | None]]
"""Reads the order under a key, None where there is none."""


class AmazonFeed:
    """Reads the list of changes, and remembers which orders need no more reading."""

    def __init__(self, ask: Ask, order: Order, clock: Clock) -> None:
        """Read by `ask`, single orders by `order`."""
        self._ask, self._order, self._clock = ask, order, clock
        self._arrived: dict[str, str] = {}
        self._arriving: tuple[str, dict[str, str]] = ("", {})

    async def poll(self, cursor: str) -> Page:
        """Return the orders that changed after a cursor, or some of them, with the cursor of the rest."""
        if cursor == self._arriving[0]:
            # Asked with the cursor that came with them: they are stored.
            self._arrived |= self._arriving[1]
        now = self._clock.now()
        at = read_cursor(cursor, now).begin(now)
        strangers: tuple[RemoteState, ...] = ()
        if not at.left:
            at, strangers = await self._list(at)
        states = [each for key in at.left[:AT_ONCE] if (each := await self._followed(key)) is not None]
        at = at.read()
        arrived = {each.reference: instant(each.updated_at) for each in states if has_arrived(each)}
        self._arriving = at.text(), arrived
        return Page((*strangers, *states), at.text(), at.running)

    async def try_list(self) -> None:
        """Ask for changes since this moment, to see whether the list can be read at all."""
        now = self._clock.now()
        await self._page(Cursor(utc_text(now), swept=utc_text(now)).begin(now))

    async def _page(self, at: Cursor) -> tuple[Reply, dict[str, Any] | None]:
        """Return the list's next page, None where its token is no longer good."""
        query = {"nextToken": at.token} if at.token else {"queryStartDate": at.start}
        reply = await self._ask("GET", ORDERS, query=query)
        return reply, None if at.token and reply.status == 400 else payload(reply)

    async def _list(self, at: Cursor) -> tuple[Cursor, tuple[RemoteState, ...]]:
        """Read the list's next page; return what to read of it, and those that can't be ours as they stand there."""
        reply, page = await self._page(at)
        if page is None:
            # The list begins again: what is read twice does no harm.
            reply, page = await self._page(replace(at, token=""))
        keys: list[str] = []
        strangers: list[RemoteState] = []
        newest, token = "", ""
        try:
            for row in (page or {}).get("fulfillmentOrders") or ():
                key, changed = str(row["sellerFulfillmentOrderId"]), instant(row["statusUpdatedDate"])
                newest = max(newest, changed)
                fresh = not changed or changed >= at.since
                if not is_key(key):
                    strangers += [read_order({"fulfillmentOrder": row})] * fresh
                elif self._arrived.get(key, "") != changed and (fresh or row["fulfillmentOrderStatus"] in MOVING):
                    keys.append(key)
            token = str((page or {}).get("nextToken") or "")
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("an order in it can't be read")
        return at.took(tuple(keys), newest, token), tuple(strangers)

    async def _followed(self, key: str) -> RemoteState | None:
        """Read an order with what its carriers say, or None where it is gone since it was listed."""
        found = await self._order(key)
        if found is None:
            return None
        reply, order = found
        tracks: dict[int, Mapping[str, Any]] = {}
        for number in _numbers(reply, order):
            said = await self._ask("GET", TRACKING, query={"packageNumber": str(number)})
            if said.ok:
                tracks[number] = payload(said)
        return read_reply(reply, order, tracks)


def read_reply(reply: Reply, order: Mapping[str, Any], tracks: Tracks | None = None) -> RemoteState:
    """Read the order in a reply; raises NotUnderstood where it can't be read."""
    try:
        return read_order(order, tracks)
    except (KeyError, TypeError, ValueError, AttributeError):
        reply.not_understood("the order in it can't be read")


def _numbers(reply: Reply, order: Mapping[str, Any]) -> list[int]:
    try:
        return package_numbers(order)
    except (KeyError, TypeError, ValueError, AttributeError):
        reply.not_understood("the packages in it can't be read")
