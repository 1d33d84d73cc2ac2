"""Amendments, cancels, holds and releases at ShipMonk: each is the whole order sent again, so each is read before.

Sent blindly, an order would come back from a cancel, go on from a hold, or lose what was mended over there. What is
frozen in a body is what was asked for; what was not asked for (the hold, of an amendment; the address, of the others)
stays as the warehouse has it at that moment.
"""

from __future__ import annotations

import json

from data.model import ShipmentState
from data.portals.compare import address_differences, line_differences
from data.portals.errors import Ambiguous
from data.portals.outcomes import (
    AmendResult,
    Applied,
    Cancelled,
    CancelResult,
    Doubtful,
    Held,
    HoldResult,
    Refused,
    Released,
    ReleaseResult,
    RemoteState,
    Requested,
    TooLate,
)
from data.portals.reply import Reply
from data.portals.settle import settle_amend
from data.portals.shipmonk_orders import Orders, held_address, is_whole, with_address_of, with_status_of
from data.portals.shipmonk_replies import words
from data.portals.shipmonk_words import is_cancelling, is_updating, read_address, read_lines

_ORDER = tuple(ShipmentState)
_NOTHING = "nothing is on file that this warehouse has accepted of it, so it can't be sent again"


def reached(remote: RemoteState, state: ShipmentState) -> bool:
    """Tell whether an order has come as far as `state`; an unknown word has not."""
    return remote.status is not None and _ORDER.index(remote.status) >= _ORDER.index(state)


async def amend(orders: Orders, key: str, body: str) -> AmendResult:
    """Change the address and read it back; no trusted reply is `Doubtful`."""
    try:
        remote = await _there(orders, key)
        held = held_address(remote)
        if refused := _gone(remote) or _not_the_same(body, key, remote):
            return Refused(refused, held)
        wanted = read_address(json.loads(body)["ship_to"])
        if not address_differences(wanted, held):
            return Applied(held)
        if reached(remote, ShipmentState.PACKED):
            return TooLate(_stands(remote), held)
        reply = await orders.write(with_status_of(body, remote))
        after = await orders.after(key)
    except Ambiguous as error:
        return Doubtful(str(error))
    late = reached(after, ShipmentState.PACKED)
    said = _stands(after) if late else words(reply)
    return settle_amend(wanted, after, agreed=reply.ok and not late, late=late, words=said)


async def cancel(orders: Orders, key: str, body: str) -> CancelResult:
    """Cancel; what the order then is decides, not the reply."""
    remote = await _there(orders, key)
    if (ended := _cancelled(remote)) is not None:
        return ended
    if reached(remote, ShipmentState.PACKED):
        return TooLate(_stands(remote), remote.address)
    if not is_whole(body, key):
        return Refused(_NOTHING)
    reply = await orders.write(with_address_of(body, remote))
    after = await orders.after(key)
    if (ended := _cancelled(after)) is not None:
        return ended
    if reached(after, ShipmentState.PACKED):
        return TooLate(_stands(after), after.address)
    if not reply.ok:
        return Refused(words(reply))
    if is_updating(after):
        return Requested(_stands(after))
    reply.not_understood(f"it agreed, and yet {_stands(after)}")


async def hold(orders: Orders, key: str, body: str) -> HoldResult:
    """Keep an order from being picked; one that is held already stays so."""
    remote = await _there(orders, key)
    if refused := _gone(remote):
        return Refused(refused)
    if remote.held:
        return Held()
    if reached(remote, ShipmentState.PICKING):
        return TooLate(_stands(remote))
    if refused := _not_the_same(body, key, remote):
        return Refused(refused)
    reply, after = await _write(orders, key, body, remote)
    if after.held:
        return Held()
    if reached(after, ShipmentState.PICKING):
        return TooLate(_stands(after))
    if not reply.ok:
        return Refused(words(reply))
    reply.not_understood(f"it agreed to hold it, and yet {_stands(after)}")


async def release(orders: Orders, key: str, body: str) -> ReleaseResult:
    """Let an order go on; one that is not held is left alone, a cancelled one above all."""
    remote = await _there(orders, key)
    if refused := _gone(remote):
        return Refused(refused)
    if not remote.held:
        return Released()
    if refused := _not_the_same(body, key, remote):
        return Refused(refused)
    reply, after = await _write(orders, key, body, remote)
    if not after.held:
        blocked = after.status is ShipmentState.BLOCKED
        return Released("; ".join(after.exceptions) or _stands(after) if blocked else "")
    if not reply.ok:
        return Refused(words(reply))
    reply.not_understood(f"it agreed to release it, and yet {_stands(after)}")


async def _there(orders: Orders, key: str) -> RemoteState:
    """Return the order before it is changed; raises Ambiguous where there is none: sent again it would be a new one."""
    remote = await orders.before(key)
    if remote is None:
        raise Ambiguous(f"the warehouse does not find {key}")
    return remote


async def _write(orders: Orders, key: str, body: str, remote: RemoteState) -> tuple[Reply, RemoteState]:
    """Send the order with the address it has there; return the reply, and the order as it is then."""
    reply = await orders.write(with_address_of(body, remote))
    return reply, await orders.after(key)


def _gone(remote: RemoteState) -> str:
    """Return why an order can't be changed any more though it has not been packed, or nothing."""
    gone = is_cancelling(remote) or remote.status is ShipmentState.CANCELLED
    return f"{_stands(remote)}: it is not brought back" if gone else ""


def _cancelled(remote: RemoteState) -> CancelResult | None:
    """Return what a cancel has come to, None where there is none."""
    if remote.status is ShipmentState.CANCELLED:
        return Cancelled()
    return Requested(_stands(remote)) if is_cancelling(remote) else None


def _not_the_same(body: str, key: str, remote: RemoteState) -> str:
    """Return why sending an order again would change what is picked, or nothing."""
    if not is_whole(body, key):
        return _NOTHING
    different = line_differences(read_lines(json.loads(body)["items"]), remote.lines)
    return f"its lines were changed over there: {'; '.join(different[:5])}" if different else ""


def _stands(remote: RemoteState) -> str:
    """Say how far an order is, in the warehouse's words."""
    return f"the order is {remote.raw_status}"
