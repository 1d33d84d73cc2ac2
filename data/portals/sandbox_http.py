"""The portal of the sandbox warehouse's HTTP system: rejects duplicates, amends until picking, reads its own writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from data.clock import Clock, utc_text
from data.model import Address, LastcallError, ShipmentState
from data.portals.compare import address_differences, line_differences
from data.portals.errors import Ambiguous, Conflict, PortalError
from data.portals.http import Http
from data.portals.outcomes import (
    Absent,
    AmendResult,
    Applied,
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
from data.portals.sandbox_replies import accepted, words
from data.portals.sandbox_words import address_body, read_address, read_lines, read_order
from data.portals.secrets import Secret

PAGE = 200
"""Orders asked for at once when polling."""


class SandboxHttp:
    """Drives one sandbox warehouse; implements `Portal`."""

    def __init__(
        self,
        url: str,
        secret: Callable[[], Secret],
        clock: Clock,
        *,
        idem: Idem = Idem.REJECT_DUPLICATE,
        deadline: float = 10.0,
        max_lag: float = 0.2,
        concurrency: int = 8,
        per_minute: int = 60_000,
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `idem` is `none` for a warehouse that takes a second order under the same reference; `deadline` and `max_lag`
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
        )
        self._http = Http(url, secret, clock, deadline=deadline, connections=concurrency)

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

    def render_amend(self, address: Address) -> str:
        """Return the exact text that `amend` will send."""
        return json.dumps(address_body(address), ensure_ascii=False)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        asked = json.loads(body)
        differences = address_differences(read_address(asked["ship_to"]), remote.address or Address())
        return differences + line_differences(read_lines(asked["lines"]), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order; a duplicate with the same recipient and lines is `already`, another is a Conflict."""
        reply = await self._http.ask("POST", "/orders", content=body)
        if reply.status == 409:
            return await self._already(body, key, reply)
        answer = accepted(reply)
        remote_id = answer.get("id")
        if answer.get("reference") != key or not isinstance(remote_id, str) or not remote_id:
            reply.not_understood(f"it does not name our reference {key}")
        return PushResult(Pushed.CREATED, (remote_id,))

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
        held = remote.address or Address()
        if not address_differences(read_address(json.loads(body)), held):
            return Applied(held)
        if reply.ok:
            return Doubtful("the warehouse agreed, and yet holds another address", held)
        if reply.status == 409:
            return TooLate(words(reply), held)
        return Refused(words(reply), held)

    async def cancel(self, remote_id: str, key: str) -> CancelResult:
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

    async def hold(self, remote_id: str, key: str) -> HoldResult:
        """Keep an order from being picked; one that is held already stays so."""
        reply = await self._http.ask("POST", "/orders/{id}/hold", {"id": remote_id})
        if reply.status == 409:
            return TooLate(words(reply))
        if not reply.ok:
            return Refused(words(reply))
        if self._own(reply, key).get("held") is not True:
            reply.not_understood("it does not say that the order is held")
        return Held()

    async def release(self, remote_id: str, key: str) -> ReleaseResult:
        """Let an order go on."""
        reply = await self._http.ask("POST", "/orders/{id}/release", {"id": remote_id})
        if not reply.ok:
            return Refused(words(reply))
        answer = self._own(reply, key)
        if answer.get("held") is not False:
            reply.not_understood("it does not say that the order is released")
        return Released(str(answer.get("complaint", "")))

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
        checks: list[Check] = []
        steps: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("answers and accepts the secret", self._ping),
            ("orders can be read", lambda: self._search("lastcall-test")),
            ("stock can be read", self.stock),
        )
        for name, step in steps:
            try:
                await step()
            except LastcallError as error:
                checks.append(Check(name, False, str(error)))
            else:
                checks.append(Check(name, True, "yes"))
        return checks

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def _ping(self) -> None:
        reply = await self._http.ask("GET", "/ping")
        if accepted(reply).get("warehouse") != "sandbox":
            reply.not_understood("this is not a sandbox warehouse")

    async def _already(self, body: str, key: str, reply: Reply) -> PushResult:
        """Decide about a duplicate: is what exists what was asked for?"""
        try:
            remotes = await self._search(key)
        except PortalError as error:
            # It exists: whatever this look-up ran into must not say that the push was not made, or was refused.
            raise Ambiguous(f"{key} exists at the warehouse and could not be read: {error}") from error
        if not remotes:
            reply.not_understood(f"the warehouse says {key} exists, and does not find it")
        ids = tuple(remote.remote_id for remote in remotes)
        differences = self.matches(body, remotes[0])
        if len(remotes) > 1 or differences:
            raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), ids)
        return PushResult(Pushed.ALREADY, ids, remotes[0])

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
