"""The portal of the sandbox warehouse's HTTP system: amends until picking, reads its own writes, is of any class."""

from __future__ import annotations

import json
from typing import Any

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, ShipmentState
from data.portals.checks import Step, try_steps
from data.portals.compare import address_differences, line_differences
from data.portals.credentials import Credentials
from data.portals.errors import Ambiguous, Conflict, PortalError
from data.portals.http import Http
from data.portals.notices import Notice
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
    Partly,
    Pushed,
    PushResult,
    Refused,
    Released,
    ReleaseResult,
    RemoteState,
    Requested,
    Several,
    StockLevel,
    TooLate,
)
from data.portals.protocol import Caps, Idem, Lookup, ShipmentOrder
from data.portals.reply import Reply
from data.portals.sandbox_notices import notice_body, notice_lines, read_notice
from data.portals.sandbox_replies import accepted, created, is_duplicate, words
from data.portals.sandbox_words import address_body, read_address, read_lines, read_order
from data.portals.settle import settle_amend, settle_duplicate

PAGE = 200
"""Orders asked for at once when polling."""
DUPLICATES = {
    "refuse": Idem.REJECT_DUPLICATE,
    "update": Idem.UPSERT,
    "client": Idem.CLIENT_ID,
    "accept": Idem.NONE,
}
"""What a second order under the same reference comes to, as the warehouse's setting names it."""
_ROOMS = {CommandKind.ANNOUNCE: "/inbound", CommandKind.RETURN: "/returns"}


class SandboxHttp:
    """Drives one sandbox warehouse; implements `Portal`."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        idem: Idem = Idem.REJECT_DUPLICATE,
        deadline: float = 10.0,
        max_lag: float = 0.2,
        concurrency: int = 8,
        per_minute: int = 60_000,
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `idem` is what the warehouse is set to do with a second order under the same reference; `deadline` and `max_lag`
        are in seconds. Raises WorkspaceError for an address that is not safe.
        """
        self._clock = clock
        self._caps = Caps(
            idem=idem,
            lookup=Lookup.EXACT,
            deadline=deadline,
            max_lag=max_lag,
            amend_before=ShipmentState.PICKING,
            cancel_before=ShipmentState.PACKED,
            hold_before=ShipmentState.PICKING,
            per_minute=per_minute,
            concurrency=concurrency,
            stock=True,
            announce=True,
            returns=True,
        )
        self._http = Http(url, credentials, clock, deadline=deadline, connections=concurrency)

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send."""
        body = {
            "reference": order.key,
            "order_number": order.number,
            "email": order.email,
            "campaign": order.campaign,
            "late": order.late,
            "ship_to": address_body(order.address),
            "lines": [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in order.lines],
        }
        return json.dumps(body, ensure_ascii=False)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the exact text that `amend` will send."""
        return json.dumps(address_body(address), ensure_ascii=False)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return nothing: the path says it all."""
        return ""

    def render_notice(self, notice: Notice) -> str:
        """Return the exact text that `notify` will send."""
        return json.dumps(notice_body(notice), ensure_ascii=False)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        asked = json.loads(body)
        differences = address_differences(read_address(asked["ship_to"]), remote.address or Address())
        return differences + line_differences(read_lines(asked["lines"]), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order; a duplicate with the same recipient and lines is `already`, another is a Conflict."""
        reply = await self._http.ask("POST", "/orders", content=body)
        if is_duplicate(reply):
            return await settle_duplicate(self, body, key, reply)
        remote_id = created(reply, key)
        return PushResult(Pushed.CREATED if reply.status == 201 else Pushed.UPDATED, (remote_id,))

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key."""
        remotes = await self._search(key)
        if not remotes:
            return Absent(utc_text(self._clock.now()))
        return Found(remotes[0]) if len(remotes) == 1 else Several(tuple(remotes))

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address and read it back; whatever the reply says, what is read back is what counts."""
        try:
            reply = await self._http.ask("PUT", "/orders/{id}/address", {"id": remote_id}, content=body)
        except Ambiguous as error:
            return Doubtful(str(error))
        try:
            remote = await self._show(remote_id, key)
        except PortalError as error:
            return Doubtful(f"the address could not be read back: {error}")
        wanted = read_address(json.loads(body))
        return settle_amend(wanted, remote, agreed=reply.ok, late=reply.status == 409, words=words(reply))

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Cancel; what the order then is decides, not the reply."""
        reply = await self._http.ask("POST", "/orders/{id}/cancel", {"id": remote_id})
        if reply.status == 409:
            remote = await self._show(remote_id, key)
            return TooLate(words(reply), remote.address)
        if not reply.ok:
            return Refused(words(reply))
        answer = self._own(reply, key)
        if answer["status"] == "CANCELLED":
            return Cancelled()
        if gone := read_lines(answer.get("cancelled_lines")):
            return Partly(gone, "the rest had left")
        return Requested(str(answer.get("complaint", "")))

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Keep an order from being picked; one that is held already stays so."""
        reply = await self._http.ask("POST", "/orders/{id}/hold", {"id": remote_id})
        if reply.status == 409:
            return TooLate(words(reply))
        if not reply.ok:
            return Refused(words(reply))
        if self._own(reply, key).get("held") is not True:
            reply.not_understood("it does not say that the order is held")
        return Held()

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Let an order go on."""
        reply = await self._http.ask("POST", "/orders/{id}/release", {"id": remote_id})
        if not reply.ok:
            return Refused(words(reply))
        answer = self._own(reply, key)
        if answer.get("held") is not False:
            reply.not_understood("it does not say that the order is released")
        return Released(str(answer.get("complaint", "")))

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult:
        """Announce what will arrive or come back; a duplicate with the same lines is `already`, another a Conflict."""
        reply = await self._http.ask("POST", _ROOMS[kind], content=body)
        if not is_duplicate(reply):
            return PushResult(Pushed.CREATED, (created(reply, key),))
        try:
            found = await self.find_notice(kind, key)
        except PortalError as error:
            raise Ambiguous(f"{key} exists at the warehouse and could not be read: {error}") from error
        if not isinstance(found, Found):
            reply.not_understood(f"the warehouse says {key} exists, and does not show it once")
        ids = (found.remote.remote_id,)
        if differences := line_differences(notice_lines(body), found.remote.lines):
            raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), ids)
        return PushResult(Pushed.ALREADY, ids, found.remote)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Look up what was announced under a key."""
        reply = await self._http.ask("GET", _ROOMS[kind], query={"reference": key})
        notices = accepted(reply).get("notices")
        if not isinstance(notices, list):
            reply.not_understood("it has no list of notices")
        try:
            remotes = [read_notice(each) for each in notices]
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("a notice in it can't be read")
        if not remotes:
            return Absent(utc_text(self._clock.now()))
        return Found(remotes[0]) if len(remotes) == 1 else Several(tuple(remotes))

    async def poll(self, cursor: str) -> Page:
        """Return the orders that changed after a cursor."""
        reply = await self._http.ask("GET", "/orders", query={"updated_since": cursor, "limit": str(PAGE)})
        answer = accepted(reply)
        following = answer.get("next")
        if not isinstance(following, str):
            reply.not_understood("it has no cursor")
        return Page(tuple(self._orders(reply, answer)), following, answer.get("more") is True)

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts."""
        reply = await self._http.ask("GET", "/stock")
        try:
            rows = accepted(reply)["stock"]
            return [StockLevel(str(row["sku"]), int(row["on_hand"]), int(row["available"])) for row in rows]
        except (KeyError, TypeError, ValueError):
            reply.not_understood("the stock can't be read")

    async def test(self) -> list[Check]:
        """Try the connection, the token, reading orders and stock; nothing is changed."""
        steps: tuple[Step, ...] = (
            ("answers and accepts the secret", self._ping),
            ("orders can be read", lambda: self._search("lastcall-test")),
            ("stock can be read", self.stock),
        )
        return await try_steps(steps)

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def _ping(self) -> None:
        reply = await self._http.ask("GET", "/ping")
        if accepted(reply).get("warehouse") != "sandbox":
            reply.not_understood("this is not a sandbox warehouse")

    async def _search(self, key: str) -> list[RemoteState]:
        reply = await self._http.ask("GET", "/orders", query={"reference": key})
        remotes = self._orders(reply, accepted(reply))
        if any(remote.reference != key for remote in remotes):
            reply.not_understood(f"it lists orders that are not {key}")
        return remotes

    async def _show(self, remote_id: str, key: str) -> RemoteState:
        reply = await self._http.ask("GET", "/orders/{id}", {"id": remote_id})
        return self._read(reply, self._own(reply, key))

    def _own(self, reply: Reply, key: str) -> dict[str, Any]:
        """Return the order in a reply once it is certain that it is ours."""
        answer = accepted(reply)
        if answer.get("reference") != key or not isinstance(answer.get("status"), str):
            reply.not_understood(f"it does not name our reference {key}")
        return answer

    def _orders(self, reply: Reply, answer: dict[str, Any]) -> list[RemoteState]:
        orders = answer.get("orders")
        if not isinstance(orders, list):
            reply.not_understood("it has no list of orders")
        return [self._read(reply, order) for order in orders]

    def _read(self, reply: Reply, order: Any) -> RemoteState:
        try:
            return read_order(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("an order in it can't be read")
