"""Announcing what will arrive or come back: once, also where nothing over there keeps a second one out."""

from __future__ import annotations

from data.portals.compare import line_differences
from data.portals.declared.body import parsed
from data.portals.declared.create import create, made
from data.portals.declared.read import read_lines
from data.portals.declared.reader import Reader
from data.portals.declared.shape import Telling
from data.portals.declared.template import Values
from data.portals.errors import Ambiguous, Conflict, NotUnderstood, PortalError
from data.portals.http import Http
from data.portals.outcomes import Absent, Found, Pushed, PushResult, RemoteState, Several, Unknown


async def announce(http: Http, reader: Reader, options: Values, telling: Telling, body: str, key: str) -> PushResult:
    """Announce it; what is there with the same lines is `already`, anything else under the key a Conflict.

    Where the portal refuses no duplicates it is looked for before, and where its reply does not name our key, after.
    Raises what `Http.ask` raises.
    """
    if telling.create.verdicts.duplicate is None:
        match await reader.find_notice(telling, key):
            case Found(remote):
                return _same(telling, body, key, remote)
            case Several(remotes):
                ids = tuple(each.remote_id for each in remotes)
                raise Conflict(f"{key} exists at the warehouse {len(ids)} times", remote_ids=ids)
            case Unknown(reason):
                raise NotUnderstood(f"{key}: not announced, for the look-up before it can't tell: {reason}")
            case Absent():
                pass
    judged = await create(http, telling.create, {**options, "notice.key": key}, body, key)
    result = None if judged.duplicate else made(telling.create, judged, key)
    if result is not None and telling.create.reference is not None:
        return result
    try:
        there = await reader.find_notice(telling, key)
    except PortalError as error:
        raise Ambiguous(f"{key} exists at the warehouse and could not be read: {error}") from error
    if not isinstance(there, Found):
        judged.reply.not_understood(f"the warehouse says {key} exists, and does not show it once")
    already = _same(telling, body, key, there.remote)
    return result or already


def _same(telling: Telling, body: str, key: str, remote: RemoteState) -> PushResult:
    """Return `already` for what is there as it was asked for; raises Conflict for anything else."""
    if differences := line_differences(read_lines(telling.sent, parsed(body)), remote.lines):
        raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), (remote.remote_id,))
    return PushResult(Pushed.ALREADY, (remote.remote_id,), remote)
