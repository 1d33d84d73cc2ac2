"""The portal of Amazon's Multi-Channel Fulfillment: orders under ids of our own, addresses that move only on hold.

Source: the Selling Partner API's models fulfillmentOutbound 2020-07-01 (that of 2026-07-04 can't change an address) and
fbaInventory v1.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, InputError, ShipmentState
from data.portals.amazon_bodies import Terms, amend_body, push_body, read_address, read_items, release_body, return_body
from data.portals.amazon_feed import AmazonFeed, read_reply
from data.portals.amazon_login import AmazonLogin
from data.portals.amazon_paths import ORDER, ORDERS, STOCK
from data.portals.amazon_replies import REFUSED, done, is_absent, payload, refuse, words
from data.portals.amazon_returns import request_return
from data.portals.bucket import Bucket
from data.portals.checks import Step, try_steps
from data.portals.compare import address_differences, line_differences
from data.portals.errors import Ambiguous, AuthFailed, Conflict, NotSent, Permanent, PortalError, RateLimited
from data.portals.http import Http
from data.portals.notices import InboundNotice, Notice
from data.portals.outcomes import (
    Absent,
    AmendResult,
    Cancelled,
    CancelResult,
    Check,
    Doubtful,
    FindResult,
    Found,
    Held,
    HoldResult,
    Page,
    Pushed,
    PushResult,
    Refused,
    Released,
    ReleaseResult,
    RemoteState,
    Requested,
    StockLevel,
    TooLate,
    Unknown,
    Unsupported,
)
from data.portals.protocol import Caps, Idem, Lookup, ShipmentOrder, is_key
from data.portals.reply import Reply
from data.portals.settle import settle_amend, settle_duplicate

BURST = 30
"""Requests of one operation that Amazon lets through at once."""
_STOCK_BUCKET = (2.0, 2)
_SHOWS_AFTER = 1.0
"""Seconds after which an order that was taken is looked for once more."""
_ON_HOLD = "Amazon changes an address only while the order is on hold, which it must be from its creation (hold_first)"
_NO_HOLD = "Amazon puts an order on hold only when it is created (hold_first); this one can still be cancelled"
_NOTHING_INBOUND = "inbound shipments to Amazon are planned in Seller Central, step by step"
_RETURNS_APART = "Amazon lists returns only with their order"
_TOO_FAR = (
    ShipmentState.PICKING,
    ShipmentState.PACKED,
    ShipmentState.PART_SHIPPED,
    ShipmentState.SHIPPED,
    ShipmentState.DELIVERED,
    ShipmentState.RETURNED,
    ShipmentState.CANCELLED,
)


class AmazonMcf:
    """Drives one seller's Multi-Channel Fulfillment in one marketplace; implements `Portal`."""

    def __init__(
        self,
        url: str,
        login: AmazonLogin,
        clock: Clock,
        terms: Terms,
        *,
        return_reason: str = "",
        deadline: float = 20.0,
        max_lag: float = 900.0,
        concurrency: int = 4,
        per_minute: int = 120,
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `return_reason` is Amazon's code for returns that name none of Amazon's; `deadline` and `max_lag` are in
        seconds. Raises WorkspaceError for an address that is not safe.
        """
        self._clock, self._login, self._terms, self._return_reason = clock, login, terms, return_reason
        self._caps = Caps(
            idem=Idem.CLIENT_ID,
            lookup=Lookup.EXACT,
            deadline=deadline,
            max_lag=max_lag,
            amend_before=ShipmentState.PICKING if terms.hold_first else None,
            cancel_before=ShipmentState.PICKING,
            hold_before=ShipmentState.PICKING if terms.hold_first else None,
            per_minute=per_minute,
            concurrency=concurrency,
            stock=True,
            returns=True,
        )
        self._buckets = {STOCK: Bucket(*_STOCK_BUCKET)}
        self._feed = AmazonFeed(self._ask, self._order, clock)
        self._http = Http(url, login, clock, deadline=deadline, connections=concurrency)

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send; raises InputError where Amazon can't be asked for it."""
        return push_body(order, self._terms)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the exact text that `amend` will send."""
        return amend_body(address)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return what `release` will send; the others have no body."""
        return release_body() if kind is CommandKind.RELEASE else ""

    def render_notice(self, notice: Notice) -> str:
        """Return what `notify` will send of a return, less what only Amazon knows; raises InputError for another."""
        if isinstance(notice, InboundNotice):
            raise InputError(_NOTHING_INBOUND)
        return return_body(notice)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        asked = json.loads(body)
        differences = address_differences(read_address(asked["destinationAddress"]), remote.address or Address())
        return differences + line_differences(read_items(asked["items"]), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order and read it back, for Amazon's yes names nothing.

        How a refused duplicate looks is not documented: whatever is refused is looked up before it is believed.
        """
        reply = await self._ask("POST", ORDERS, content=body)
        if reply.ok:
            done(reply)
            return await self._created(reply, body, key)
        if reply.status not in REFUSED:
            refuse(reply)
        try:
            found = await self.find(key)
        except PortalError as error:
            raise Ambiguous(f"{key} was refused, and whether it exists could not be read: {error}") from error
        if isinstance(found, Absent):
            refuse(reply)
        return await settle_duplicate(self, body, key, reply)

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key, without what its carriers say."""
        reply = await self._get(key)
        if is_absent(reply):
            return Absent(utc_text(self._clock.now()))
        if reply.status == 400:
            return Unknown(words(reply))
        return Found(read_reply(reply, _own(reply, key)))

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address of an order on hold, and read it back; one that is not on hold is refused unasked."""
        remote = await self._look(key)
        wanted = read_address(json.loads(body)["destinationAddress"])
        late = remote.status in _TOO_FAR
        if not remote.held:
            why = f"the order is {remote.raw_status}" if late else _ON_HOLD
            return settle_amend(wanted, remote, agreed=False, late=late, words=why)
        agreed, why = await self._update(key, body)
        try:
            remote = await self._show(key)
        except PortalError as error:
            return Doubtful(f"the address could not be read back: {error}")
        if agreed is None and address_differences(wanted, remote.address or Address()):
            return Doubtful(why, remote.address)
        return settle_amend(wanted, remote, agreed=bool(agreed), late=remote.status in _TOO_FAR, words=why)

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Cancel an order that nobody has begun to pick, and read back whether it is."""
        reply = await self._ask("PUT", f"{ORDER}/cancel", {"id": key})
        try:
            remote = await self._show(key)
        except PortalError as error:
            raise Ambiguous(f"whether {key} is cancelled could not be read: {error}") from error
        if remote.status is ShipmentState.CANCELLED:
            return Cancelled()
        if reply.ok:
            done(reply)
            return Requested(f"Amazon has agreed, and the order is {remote.raw_status}")
        if remote.status in _TOO_FAR:
            return TooLate(words(reply), remote.address)
        return Refused(words(reply), remote.address)

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Tell whether an order is on hold, which is all that can be done once it exists."""
        remote = await self._look(key)
        if remote.held:
            return Held()
        return TooLate(f"the order is {remote.raw_status}") if remote.status in _TOO_FAR else Refused(_NO_HOLD)

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Let an order on hold go, and read back that it does."""
        remote = await self._look(key)
        if remote.status is ShipmentState.CANCELLED:
            return TooLate(f"the order is {remote.raw_status}: Amazon cancels what is on hold for 14 days")
        if not remote.held:
            return Released()
        agreed, why = await self._update(key, body)
        try:
            remote = await self._show(key)
        except PortalError as error:
            raise Ambiguous(f"whether {key} is released could not be read: {error}") from error
        if not remote.held:
            return Released()
        if agreed is None or agreed:
            raise Ambiguous(f"{key} is still on hold: {why}")
        return Refused(why)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult | Unsupported:
        """Tell of what comes back; inbound shipments are not told of here."""
        if kind is not CommandKind.RETURN:
            return Unsupported(_NOTHING_INBOUND)
        return await request_return(self._ask, body, key, self._return_reason)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Say that a return can't be found by its key; telling of it again finds what is there."""
        return Unknown(_RETURNS_APART if kind is CommandKind.RETURN else _NOTHING_INBOUND)

    async def poll(self, cursor: str) -> Page:
        """Return the orders that changed after a cursor, each read with its packages."""
        return await self._feed.poll(cursor)

    async def stock(self) -> list[StockLevel]:
        """Return what Amazon counts; what is reserved for orders, or moved between its centres, is on hand."""
        levels: list[StockLevel] = []
        query = {
            "details": "true",
            "granularityType": "Marketplace",
            "granularityId": self._terms.marketplace,
            "marketplaceIds": self._terms.marketplace,
        }
        while True:
            reply = await self._ask("GET", STOCK, query=query)
            try:
                levels += [_level(row) for row in payload(reply)["inventorySummaries"]]
                token = (done(reply).get("pagination") or {}).get("nextToken")
            except (KeyError, TypeError, ValueError, AttributeError):
                reply.not_understood("the stock can't be read")
            if not token:
                return levels
            query["nextToken"] = str(token)

    async def test(self) -> list[Check]:
        """Try the login, reading orders and stock; nothing is changed."""
        steps: tuple[Step, ...] = (
            ("the login gives a token", self._login.headers),
            ("orders can be read", self._feed.try_list),
            ("stock can be read", self.stock),
        )
        return await try_steps(steps)

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()
        await self._login.close()

    async def _ask(
        self,
        method: str,
        template: str,
        values: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> Reply:
        """Make one request; reading waits for its operation's turn, for writing whoever sends keeps the pace."""
        if method == "GET":
            made = Bucket(self._caps.per_minute / 60, BURST)
            await self._buckets.setdefault(template, made).turn()
        return await self._http.ask(method, template, values, query=query, content=content)

    async def _get(self, key: str) -> Reply:
        """Read an order, found or not; raises Permanent for an id that Amazon takes for another's (it answers 403)."""
        if not is_key(key):
            raise Permanent(f"Amazon finds no order under an id like {key!r}")
        return await self._ask("GET", ORDER, {"id": key})

    async def _order(self, key: str) -> tuple[Reply, dict[str, Any]] | None:
        """Read an order once it is certain that it is ours; None where there is none."""
        reply = await self._get(key)
        return None if is_absent(reply) else (reply, _own(reply, key))

    async def _show(self, key: str) -> RemoteState:
        reply = await self._get(key)
        return read_reply(reply, _own(reply, key))

    async def _look(self, key: str) -> RemoteState:
        """Read an order before anything is asked of it; where that fails, nothing was asked."""
        try:
            return await self._show(key)
        except (AuthFailed, Permanent, RateLimited):
            raise
        except PortalError as error:
            raise NotSent(f"nothing was asked: {error}") from None

    async def _created(self, reply: Reply, body: str, key: str) -> PushResult:
        """Read back what Amazon says it has taken."""
        try:
            found = await self.find(key)
            if not isinstance(found, Found):
                await asyncio.sleep(_SHOWS_AFTER)
                found = await self.find(key)
        except PortalError as error:
            raise Ambiguous(f"Amazon has taken {key}, and it could not be read back: {error}") from error
        if not isinstance(found, Found):
            reply.not_understood(f"Amazon has taken {key}, and does not show it")
        if differences := self.matches(body, found.remote):
            raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), (key,))
        return PushResult(Pushed.CREATED, (key,), found.remote)

    async def _update(self, key: str, body: str) -> tuple[bool | None, str]:
        """Change an order on hold; return whether Amazon agreed, None where it can't be told, and its words.

        It was read a moment ago with the same token: 403 is about this change, not about the secret.
        """
        try:
            reply = await self._ask("PUT", ORDER, {"id": key}, content=body)
            if reply.ok:
                done(reply)
        except Ambiguous as error:
            return None, str(error)
        except AuthFailed as error:
            return False, f"Amazon forbids the change: {error.reply_head or error}"
        return reply.ok, words(reply)


def _own(reply: Reply, key: str) -> dict[str, Any]:
    """Return the order in a reply once it is certain that it is ours."""
    found = payload(reply)
    order = found.get("fulfillmentOrder")
    if not isinstance(order, dict) or order.get("sellerFulfillmentOrderId") != key:
        reply.not_understood(f"it does not name our reference {key}")
    return found


def _level(row: Mapping[str, Any]) -> StockLevel:
    details = row.get("inventoryDetails") or {}
    available = int(details.get("fulfillableQuantity") or 0)
    reserved = int((details.get("reservedQuantity") or {}).get("totalReservedQuantity") or 0)
    return StockLevel(str(row["sellerSku"]), available + reserved, available)
