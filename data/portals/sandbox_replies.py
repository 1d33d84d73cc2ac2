"""What the sandbox warehouse's replies say: taken, or refused and why."""

from __future__ import annotations

import json
from typing import Any

from data.portals.errors import FieldError, Permanent
from data.portals.reply import Reply
from data.text import visible


def accepted(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a 2xx reply; raises Permanent or NotUnderstood for another."""
    if reply.ok:
        return reply.json()
    if reply.status in (400, 404, 413, 422):
        error = Permanent(words(reply), _fields(reply))
        error.http_status, error.reply_head = reply.status, reply.head
        raise error
    reply.not_understood("not a status this portal documents")


def created(reply: Reply, key: str) -> str:
    """Return the warehouse's id of what was made under our key; raises Permanent or NotUnderstood for another reply."""
    answer = accepted(reply)
    remote_id = answer.get("id")
    if answer.get("reference") != key or not isinstance(remote_id, str) or not remote_id:
        reply.not_understood(f"it does not name our reference {key}")
    return remote_id


def is_duplicate(reply: Reply) -> bool:
    """Tell whether a request was refused because its reference exists, in either of the warehouse's ways to say so."""
    return reply.status == 409 or (reply.status == 400 and b'"id_taken"' in reply.body)


def _fields(reply: Reply) -> tuple[FieldError, ...]:
    """Return the fields a refusal names."""
    try:
        named = json.loads(reply.body)["errors"]
        return tuple(FieldError(visible(str(each["field"])), visible(str(each["message"]))) for each in named)
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()


def words(reply: Reply) -> str:
    """Say why a request was refused, in the warehouse's words."""
    fields = _fields(reply)
    if fields:
        return "; ".join(f"{each.field}: {each.message}" for each in fields[:10])
    try:
        answer = json.loads(reply.body)
        said = " ".join(str(answer[name]) for name in ("error", "status") if name in answer)
    except (TypeError, ValueError, RecursionError):
        said = reply.head
    return visible(said or f"status {reply.status}")
