"""Doubtful commands: after the quiet window the warehouse is asked what it holds, and that decides.

What is found as it was asked is accepted. What is absent is sent again, the same bytes under the same key, where the
warehouse keeps doubles out itself or its look-up can be trusted. Everything else waits for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from data.dispatch.sender import Answered, entry_of, read_result
from data.model import Address, CommandKind, CommandState, ShipmentState, WorkspaceError
from data.outbox.claim import Claimed
from data.outbox.record import Outcome
from data.portals.compare import address_differences
from data.portals.errors import AuthFailed, Conflict, PortalError, RateLimited
from data.portals.outcomes import (
    Absent,
    Applied,
    Cancelled,
    FindResult,
    Found,
    Held,
    Pushed,
    PushResult,
    Released,
    RemoteState,
    Several,
    TooLate,
    Unknown,
)
from data.portals.protocol import BatchPortal, Caps, Idem, Lookup, Portal
from data.text import visible

MOST_DOUBTS = 8
"""A command of which so many attempts ended without a trusted answer waits for a person."""

_ORDER = tuple(ShipmentState)
_NOTICES = (CommandKind.ANNOUNCE, CommandKind.RETURN)
"""What makes something of its own over there, as a push does."""


class SendAgain:
    """The warehouse has nothing of it: the same bytes may be sent under the same key."""


async def look_up(
    portal: Portal,
    claimed: Claimed,
    wanted: Address | None,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Answered | SendAgain:
    """Ask what became of a doubtful command; `wanted` is the address an amendment asked for. Never raises.

    `wait` lets seconds pass between two look-ups.
    """
    try:
        found = await _find(portal, claimed)
        if isinstance(found, Absent) and portal.caps.idem is Idem.NONE:
            # Nothing over there keeps a double out: absence is believed when it is seen twice, a quiet window apart.
            await wait(portal.caps.max_lag)
            found = await _find(portal, claimed)
    except Exception as error:
        return undecided(claimed, error)
    match found:
        case Found() if claimed.kind in _NOTICES:
            return read_result(claimed, PushResult(Pushed.ALREADY, (found.remote.remote_id,)), looked_up=True)
        case Found() if claimed.kind is CommandKind.PUSH:
            return _judge_push(portal, claimed, found.remote)
        case Found():
            return _judge(portal.caps, claimed, found.remote, wanted)
        case Several():
            ids = ", ".join(visible(each.remote_id) for each in found.remotes)
            return _person(claimed, f"the warehouse has {len(found.remotes)} orders under {claimed.key}: {ids}")
        case Absent() if claimed.kind not in (CommandKind.PUSH, *_NOTICES):
            return _person(claimed, f"the warehouse does not find {claimed.key}")
        case Absent():
            return _again(claimed, _may_repeat(portal.caps), "it is absent, but this look-up can't be trusted")
        case Unknown():
            return _again(claimed, portal.caps.never_doubles, f"the look-up can't tell: {visible(found.reason)}")


async def look_up_batch(portal: BatchPortal, number: int, claimed: Sequence[Claimed]) -> list[Answered] | SendAgain:
    """Ask whether a whole batch was handed over; one answer for each command, or none of them was."""
    try:
        found = await portal.find_batch(number, [entry_of(each) for each in claimed])
    except Conflict as error:
        return [_person(each, visible(str(error))) for each in claimed]
    except Exception as error:
        return [undecided(each, error) for each in claimed]
    if isinstance(found, Absent):
        return SendAgain()
    return [read_result(each, PushResult(Pushed.ALREADY, (found.file,)), looked_up=True) for each in claimed]


def undecided(claimed: Claimed, error: Exception) -> Answered:
    """Keep a command doubtful because the look-up itself failed."""
    words = visible(str(error) or type(error).__name__)
    outcome = Outcome(claimed, CommandState.DOUBTFUL, f"could not be looked up: {words}", looked_up=True)
    if isinstance(error, RateLimited):
        return Answered(outcome, pause=error.wait)
    if isinstance(error, AuthFailed | WorkspaceError):
        return Answered(outcome, locked_out=True)
    return Answered(outcome, failed=isinstance(error, PortalError))


async def _find(portal: Portal, claimed: Claimed) -> FindResult:
    """Look up what a command made, or would have changed."""
    if claimed.kind in _NOTICES:
        return await portal.find_notice(claimed.kind, claimed.key)
    return await portal.find(claimed.key)


def _judge_push(portal: Portal, claimed: Claimed, remote: RemoteState) -> Answered:
    """Accept what is there as it was asked; anything else under our key is a person's business."""
    if differences := portal.matches(claimed.body, remote):
        words = "; ".join(visible(each) for each in differences[:5])
        return _person(claimed, f"{claimed.key} is there with other contents: {words}")
    return read_result(claimed, PushResult(Pushed.ALREADY, (remote.remote_id,), remote), looked_up=True)


def _judge(caps: Caps, claimed: Claimed, remote: RemoteState, wanted: Address | None) -> Answered | SendAgain:
    """Compare what the warehouse holds with what was asked of an order it has."""
    held = remote.address or Address()
    match claimed.kind:
        case CommandKind.AMEND:
            if wanted is not None and not address_differences(wanted, held):
                return read_result(claimed, Applied(held), looked_up=True)
            limit, late = caps.amend_before, TooLate(f"the order is {visible(remote.raw_status)}", held)
        case CommandKind.CANCEL:
            if remote.status is ShipmentState.CANCELLED:
                return read_result(claimed, Cancelled(), looked_up=True)
            limit, late = caps.cancel_before, TooLate(f"the order is {visible(remote.raw_status)}", held)
        case CommandKind.HOLD:
            if remote.held:
                return read_result(claimed, Held(), looked_up=True)
            limit, late = caps.hold_before, TooLate(f"the order is {visible(remote.raw_status)}")
        case _:
            if not remote.held:
                return read_result(claimed, Released(), looked_up=True)
            return _again(claimed, True, "")
    if limit is None or (remote.status is not None and _ORDER.index(remote.status) >= _ORDER.index(limit)):
        return read_result(claimed, late, looked_up=True)
    return _again(claimed, True, "")


def _may_repeat(caps: Caps) -> bool:
    """Tell whether absence after the quiet window allows the same bytes again."""
    return caps.idem in (Idem.UPSERT, Idem.REJECT_DUPLICATE, Idem.CLIENT_ID) or caps.lookup is Lookup.EXACT


def _again(claimed: Claimed, allowed: bool, otherwise: str) -> Answered | SendAgain:
    if not allowed:
        return _person(claimed, otherwise)
    if claimed.doubts >= MOST_DOUBTS:
        return _person(claimed, f"still not answered after {claimed.doubts} attempts")
    return SendAgain()


def _person(claimed: Claimed, reason: str) -> Answered:
    return Answered(Outcome(claimed, CommandState.PERSON, reason, looked_up=True))
