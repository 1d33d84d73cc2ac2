"""What a reply comes to once the warehouse was asked what it holds: no vendor's word is taken for it."""

from __future__ import annotations

from data.model import Address
from data.portals.compare import address_differences
from data.portals.errors import Ambiguous, Conflict, PortalError
from data.portals.outcomes import (
    AmendResult,
    Applied,
    Doubtful,
    Found,
    Pushed,
    PushResult,
    Refused,
    RemoteState,
    Several,
    TooLate,
)
from data.portals.protocol import Portal
from data.portals.reply import Reply


async def settle_duplicate(portal: Portal, body: str, key: str, reply: Reply) -> PushResult:
    """Decide about a push that was refused as a duplicate: is what exists what was asked for?

    Returns `already`; raises Conflict where something else, or more than one order, is there under the key, Ambiguous
    where that could not be read, NotUnderstood where nothing is there.
    """
    try:
        found = await portal.find(key)
    except PortalError as error:
        # It exists: whatever this look-up ran into must not say that the push was not made, or was refused.
        raise Ambiguous(f"{key} exists at the warehouse and could not be read: {error}") from error
    if isinstance(found, Several):
        ids = tuple(each.remote_id for each in found.remotes)
        raise Conflict(f"{key} exists at the warehouse {len(ids)} times", remote_ids=ids)
    if not isinstance(found, Found):
        reply.not_understood(f"the warehouse says {key} exists, and does not find it")
    ids = (found.remote.remote_id,)
    if differences := portal.matches(body, found.remote):
        raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), ids)
    return PushResult(Pushed.ALREADY, ids, found.remote)


def settle_amend(wanted: Address, remote: RemoteState, *, agreed: bool, late: bool, words: str) -> AmendResult:
    """Decide about an amendment by what is read back afterwards; the reply alone never counts.

    `agreed`: the reply said yes; `late`: the order is too far on; `words`: why not, in the warehouse's words.
    """
    held = remote.address or Address()
    if not address_differences(wanted, held):
        return Applied(held)
    if agreed:
        return Doubtful("the warehouse agreed, and yet holds another address", held)
    return TooLate(words, held) if late else Refused(words, held)
