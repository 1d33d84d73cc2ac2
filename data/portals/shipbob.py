"""The portal of ShipBob, dated API: refuses a second order of a reference, and works shipment by shipment.

Sources: the vendor's API description 2026-01 and its pages on errors, rate limits and bulk holds. Its cut-off for
addresses is documented nowhere; here a shipment that is picked, packed or labelled counts as too far.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, LastcallError, ShipmentState
from data.portals import shipbob_changes, shipbob_notices
from data.portals.checks import Step, try_steps
from data.portals.compare import address_differences, line_differences
from data.portals.credentials import Credentials
from data.portals.errors import Ambiguous, PortalError
from data.portals.http import Http
from data.portals.notices import InboundNotice, Notice
from data.portals.outcomes import (
    Absent,
    AmendResult,
    CancelResult,
    Check,
    FindResult,
    Found,
    HoldResult,
    Page,
    Pushed,
    PushResult,
    ReleaseResult,
    RemoteState,
    Several,
    StockLevel,
)
from data.portals.protocol import Caps, Idem, Lookup, Scope, ShipmentOrder
from data.portals.reply import Reply
from data.portals.settle import settle_duplicate
from data.portals.shipbob_api import Api
from data.portals.shipbob_bodies import amend_body, asked_address, asked_lines, inbound_body, order_body, return_body
from data.portals.shipbob_catalogue import Catalogue, stock_levels
from data.portals.shipbob_cursor import read_sweep
from data.portals.shipbob_replies import accepted, before_sending, refused, rows, says_duplicate
from data.portals.shipbob_words import Whole, changes_of, read_order

PAGE = 100
"""Orders asked for at once when polling; the vendor allows 250, whose replies can be longer than we read."""
_CHANGES = {CommandKind.HOLD: '{"reserve_inventory": true}', CommandKind.RELEASE: "{}"}


class ShipBob:
    """Drives one channel of one ShipBob account; implements `Portal`."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        channel: int,
        version: str = "2026-01",
        shipping_method: str = "Standard",
        fulfillment_center: int = 0,
        deadline: float = 20.0,
        max_lag: float = 900.0,
        concurrency: int = 4,
        per_minute: int = 150,
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `channel` is the id of the channel that keeps our orders, `fulfillment_center` that of the only centre that is
        meant, 0 for any; `deadline` and `max_lag` are in seconds. Raises WorkspaceError for an address that is not
        safe.
        """
        self._clock = clock
        self._channel, self._shipping_method, self._center = channel, shipping_method, fulfillment_center
        self._caps = Caps(
            idem=Idem.REJECT_DUPLICATE,
            lookup=Lookup.EXACT,
            deadline=deadline,
            max_lag=max_lag,
            amend_before=ShipmentState.PICKING,
            cancel_before=ShipmentState.PICKING,
            hold_before=ShipmentState.PICKING,
            scope=Scope.SHIPMENT,
            per_minute=per_minute,
            concurrency=concurrency,
            stock=True,
            announce=bool(fulfillment_center),
            returns=bool(fulfillment_center),
        )
        http = Http(url, credentials, clock, deadline=deadline, connections=concurrency)
        self._api = Api(http, version, channel, per_minute)
        self._catalogue = Catalogue(self._api, clock)

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send; raises InputError where the order can't be expressed."""
        return order_body(order, self._shipping_method, self._center)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the exact text that `amend` will send for each shipment of the order."""
        return amend_body(address, last)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return what `hold` or `release` will send but for the shipments' ids, which only ShipBob knows."""
        return _CHANGES.get(kind, "")

    def render_notice(self, notice: Notice) -> str:
        """Return what `notify` will send but for ShipBob's numbers of SKUs and shipments; raises InputError."""
        if isinstance(notice, InboundNotice):
            return inbound_body(notice, self._center)
        return return_body(notice, self._center)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        differences = address_differences(asked_address(body), remote.address or Address())
        return differences + line_differences(asked_lines(body), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order once ShipBob is known to know its SKUs; a duplicate is compared, and proved by looking.

        Raises Permanent naming the lines whose SKU it does not know: it would make up a product.
        """
        with before_sending(f"order {key}"):
            await self._catalogue.check(each.sku for each in asked_lines(body))
        reply = await self._api.ask("POST", "/order", content=body, in_channel=True)
        if reply.ok:
            answer = reply.json()
            if answer.get("reference_id") != key or not isinstance(answer.get("id"), int):
                reply.not_understood(f"it does not name our reference {key}")
            return PushResult(Pushed.CREATED, (str(answer["id"]),))
        if reply.status == 400:
            refused(reply)
        if reply.status != 422:
            reply.not_understood("not a status this portal documents")
        return await self._settle(body, key, reply)

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key, in every channel: references are unique in an account."""
        reply = await self._api.ask("GET", "/order", query={"ReferenceIds": key, "Limit": "10"})
        remotes = [self._own(reply, key, each).remote for each in rows(reply)]
        if not remotes:
            return Absent(utc_text(self._clock.now()))
        return Found(remotes[0]) if len(remotes) == 1 else Several(tuple(remotes))

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address of every shipment of the order, and read all of them back."""
        return await shipbob_changes.amend(self._api, self._show, remote_id, key, body)

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Cancel what is not picked yet; what the order then is decides, not the reply."""
        return await shipbob_changes.cancel(self._api, self._show, remote_id, key)

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Keep every shipment of the order from being picked; one that is held already stays so."""
        return await shipbob_changes.hold(self._api, self._show, remote_id, key, body)

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Take our hold off every shipment; what else holds one is ShipBob's own and stays."""
        return await shipbob_changes.release(self._api, self._show, remote_id, key, body)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult:
        """Announce what will arrive (a WRO) or come back, unless it is there; another under the key is a Conflict."""
        return await shipbob_notices.notify(self._api, self._catalogue, self._show, kind, body, key, self._clock)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Look up what was announced under a key."""
        return await shipbob_notices.find_notice(self._api, kind, key, self._clock)

    async def poll(self, cursor: str) -> Page:
        """Return a page of the channel's orders that changed since a cursor; some of them more than once.

        An order that can't be read is a problem to show, and keeps none of the others back.
        """
        sweep = read_sweep(cursor)
        query = sweep.query() | {"Limit": str(PAGE)}
        reply = await self._api.ask("GET", "/order", query=query, in_channel=True)
        # A full last page leads to one that does not exist.
        orders = [] if reply.status == 404 and sweep.page > 1 else rows(reply)
        states, problems, told = read_page(orders)
        overlap = timedelta(seconds=max(1.0, self._caps.max_lag))
        full = len(orders) >= PAGE
        following = sweep.after(told, full=full, now=self._clock.now(), overlap=overlap)
        return Page(states, following.text(), bool(following.started), problems)

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts: in the one fulfilment centre that is meant, or in all."""
        return await stock_levels(self._api, self._center)

    async def test(self) -> list[Check]:
        """Try the secret, the channel, reading orders and stock, and the words of the settings; nothing is changed."""
        steps: list[Step] = [
            ("answers and accepts the secret", lambda: self._api.ask("GET", "/channel")),
            (f"channel {self._channel} takes orders", self._check_channel),
            ("orders can be read", lambda: self.find("lastcall-test")),
            ("stock can be read", self.stock),
            (f"shipping method {self._shipping_method} is known", self._check_method),
        ]
        if self._center:
            steps.append((f"fulfilment centre {self._center} is known", self._check_center))
        return await try_steps(steps)

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()

    async def _settle(self, body: str, key: str, reply: Reply) -> PushResult:
        """Decide about a 422, which is said of a duplicate and of anything else that is wrong."""
        if not says_duplicate(reply):
            try:
                found = await self.find(key)
            except PortalError as error:
                raise Ambiguous(f"{key} was refused, and whether it exists could not be read: {error}") from error
            if isinstance(found, Absent):
                refused(reply)
        return await settle_duplicate(self, body, key, reply)

    async def _show(self, remote_id: str, key: str) -> Whole:
        """Read one order; raises Permanent where there is none, and what a look-up raises."""
        reply = await self._api.ask("GET", "/order/{id}", {"id": remote_id})
        return self._own(reply, key, accepted(reply).json())

    def _own(self, reply: Reply, key: str, order: Any) -> Whole:
        """Return an order in a reply once it is certain that it is ours."""
        try:
            whole = read_order(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("an order in it can't be read")
        if whole.remote.reference != key:
            reply.not_understood(f"it does not name our reference {key}")
        return whole

    async def _check_channel(self) -> None:
        channels = {each.get("id"): each for each in await self._api.every("/channel", {"RecordsPerPage": "50"})}
        if self._channel not in channels:
            known = ", ".join(str(each) for each in channels) or "none"
            raise LastcallError(f"this secret sees no channel {self._channel}; it sees {known}")
        scopes = [str(each) for each in channels[self._channel].get("scopes") or ()]
        if scopes and not any(each.endswith("write") for each in scopes):
            raise LastcallError(f"this secret may not write there; it may {', '.join(scopes)}")

    async def _check_method(self) -> None:
        reply = await self._api.ask("GET", "/shipping-method", query={"Limit": "250"})
        names = [str(each.get("name")) for each in rows(reply) if isinstance(each, dict)]
        if names and self._shipping_method not in names:
            raise LastcallError(f"ShipBob would make up a new one that ships as Standard; it knows {', '.join(names)}")

    async def _check_center(self) -> None:
        reply = await self._api.ask("GET", "/fulfillment-center")
        names = {each.get("id"): str(each.get("name")) for each in rows(reply) if isinstance(each, dict)}
        if self._center not in names:
            known = ", ".join(f"{number} ({name})" for number, name in names.items()) or "none"
            raise LastcallError(f"there is none with this id; there are {known}")


def read_page(orders: Iterable[Any]) -> tuple[tuple[RemoteState, ...], tuple[str, ...], list[str]]:
    """Read a page: the orders, a line for each that can't be read, and the instants at which they were changed."""
    states: list[RemoteState] = []
    problems: list[str] = []
    told: list[str] = []
    for order in orders:
        try:
            remote = read_order(order).remote
            told += changes_of(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            number = order.get("id") if isinstance(order, dict) else None
            problems.append(f"order {json.dumps(number)} there can't be read")
            continue
        if remote.reference:
            states.append(remote)
        else:
            problems.append(f"order {remote.remote_id} there has no reference")
    return tuple(states), tuple(problems), told
