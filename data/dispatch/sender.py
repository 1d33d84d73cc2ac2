"""One attempt of one command: what the portal says, or how it fails, becomes an outcome.

Only what provably did not leave goes back to `planned`. Everything that is not understood is `doubtful`: a look-up
after the quiet window tells, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from data.model import CommandKind, CommandState, WorkspaceError
from data.outbox.claim import Claimed
from data.outbox.record import Outcome
from data.portals.errors import (
    Ambiguous,
    AuthFailed,
    Conflict,
    FieldError,
    NotSent,
    Permanent,
    PortalError,
    RateLimited,
)
from data.portals.outcomes import (
    AmendResult,
    Applied,
    Cancelled,
    CancelResult,
    Doubtful,
    Held,
    HoldResult,
    Partly,
    PushResult,
    Refused,
    Released,
    ReleaseResult,
    RemoteState,
    Requested,
    TooLate,
    Unsupported,
)
from data.portals.protocol import Action, BatchPortal, Entry, Portal
from data.text import visible

_ACTIONS = {CommandKind.AMEND: Action.CHANGE, CommandKind.CANCEL: Action.CANCEL}

Result = PushResult | AmendResult | CancelResult | HoldResult | ReleaseResult


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome with what the portal said, for whoever draws the consequences."""

    outcome: Outcome
    result: Result | None = None
    remote: RemoteState | None = None
    """The order as the warehouse holds it, where it was told."""
    fields: tuple[FieldError, ...] = ()
    pause: float = 0.0
    """Seconds in which the whole portal is asked nothing."""
    failed: bool = False
    """The portal failed to answer as it should; several in a row open the breaker."""
    locked_out: bool = False
    """The secret is not accepted: nothing more is sent until a person mends it."""


async def send_one(portal: Portal, claimed: Claimed) -> Answered:
    """Make one attempt; never raises anything but cancellation."""
    try:
        return read_result(claimed, await _ask(portal, claimed))
    except Exception as error:
        return read_error(claimed, error)


async def send_batch(portal: BatchPortal, number: int, claimed: Sequence[Claimed]) -> list[Answered]:
    """Hand a whole batch over, or find after a doubtful attempt that it was; one answer for each command."""
    try:
        result = await portal.push_batch(number, [entry_of(each) for each in claimed])
    except Exception as error:
        return [read_error(each, error) for each in claimed]
    return [read_result(each, result) for each in claimed]


def entry_of(claimed: Claimed) -> Entry:
    """Return a command as an entry of a batch that is handed over whole: an amendment there is a change."""
    return Entry(_ACTIONS.get(claimed.kind, Action.ADD), claimed.key, claimed.body)


def read_result(claimed: Claimed, result: Result, *, looked_up: bool = False) -> Answered:
    """Say what a portal's answer makes of a command."""
    state, reason, remote_id = CommandState.ACCEPTED, "", ""
    remote: RemoteState | None = None
    match result:
        case PushResult():
            remote_id, remote = result.remote_ids[0], result.state
        case Requested() | Partly():
            reason = f"requested: {result.reason}" if isinstance(result, Requested) else f"in part: {result.reason}"
        case Released() if result.still_held:
            reason = f"still held there: {result.still_held}"
        case TooLate() | Refused() | Unsupported():
            state, reason = CommandState.REJECTED, result.reason
        case Doubtful():
            state, reason = CommandState.DOUBTFUL, result.reason
        case Applied() | Cancelled() | Held() | Released():
            pass
        case _:
            assert_never(result)
    outcome = Outcome(claimed, state, visible(reason), remote_id, looked_up=looked_up)
    return Answered(outcome, result, remote)


def read_error(claimed: Claimed, error: Exception) -> Answered:
    """Say what a failure makes of a command that was being sent."""
    status = error.http_status if isinstance(error, PortalError) else None
    reply = error.reply_head if isinstance(error, PortalError) else ""
    words = visible(str(error) or type(error).__name__)
    # After a doubtful attempt nothing but a look-up proves that the warehouse has nothing.
    unsent = CommandState.DOUBTFUL if claimed.doubts else CommandState.PLANNED

    def outcome(state: CommandState) -> Outcome:
        return Outcome(claimed, state, words, http_status=status, reply=reply)

    if isinstance(error, RateLimited):
        return Answered(outcome(unsent), pause=error.wait)
    if isinstance(error, AuthFailed | WorkspaceError):
        # The secret can't be read, or is not accepted.
        return Answered(outcome(unsent), locked_out=True)
    if isinstance(error, NotSent):
        return Answered(outcome(unsent), failed=True)
    if isinstance(error, Permanent):
        return Answered(outcome(CommandState.REJECTED), fields=error.fields)
    if isinstance(error, Conflict):
        return Answered(outcome(CommandState.DOUBTFUL))
    if isinstance(error, Ambiguous):
        return Answered(outcome(CommandState.DOUBTFUL), failed=True)
    return Answered(outcome(CommandState.DOUBTFUL), failed=True)


async def _ask(portal: Portal, claimed: Claimed) -> Result:
    match claimed.kind:
        case CommandKind.PUSH:
            return await portal.push(claimed.body, claimed.key)
        case CommandKind.AMEND:
            return await portal.amend(claimed.remote_id, claimed.key, claimed.body)
        case CommandKind.CANCEL:
            return await portal.cancel(claimed.remote_id, claimed.key, claimed.body)
        case CommandKind.HOLD:
            return await portal.hold(claimed.remote_id, claimed.key, claimed.body)
        case CommandKind.RELEASE:
            return await portal.release(claimed.remote_id, claimed.key, claimed.body)
        case CommandKind.ANNOUNCE | CommandKind.RETURN:
            return await portal.notify(claimed.kind, claimed.body, claimed.key)
        case _:
            assert_never(claimed.kind)
