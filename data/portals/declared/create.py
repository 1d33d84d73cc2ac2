"""Making something at a warehouse, and believing that it was made only when the reply says so of our key."""

from __future__ import annotations

from data.portals.declared.replies import Judged
from data.portals.declared.request import call
from data.portals.declared.shape import Creation
from data.portals.declared.template import Values
from data.portals.http import Http
from data.portals.outcomes import Pushed, PushResult


async def create(http: Http, creation: Creation, values: Values, body: str, key: str) -> Judged:
    """Ask for it; raises what `Http.ask` raises."""
    return Judged(creation.verdicts, await call(http, creation.request, values, body), key)


def made(creation: Creation, judged: Judged, key: str) -> PushResult:
    """Return what it came to; raises Permanent or NotUnderstood where the reply is not a yes about our key."""
    if not judged.ok:
        judged.refuse()
    if creation.reference is not None and creation.reference.text_in(judged.document) != key:
        judged.reply.not_understood(f"it does not name our reference {key}")
    found = creation.ids.search(judged.document)
    ids = tuple(str(each) for each in (found if isinstance(found, list) else [found]) if _is_id(each))
    if not ids:
        judged.reply.not_understood("it has no id of what was made")
    updated = creation.updated is not None and creation.updated.holds(judged.document)
    return PushResult(Pushed.UPDATED if updated else Pushed.CREATED, ids)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)
