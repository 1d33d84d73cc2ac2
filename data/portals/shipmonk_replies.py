"""What ShipMonk's replies say: taken, not there, or refused and why.

Its description documents only the replies that are well; refusals are read as leniently as their words allow.
"""

from __future__ import annotations

import json
from typing import Any

from data.portals.errors import FieldError, Permanent
from data.portals.reply import Reply
from data.text import visible

_REFUSED = (400, 413, 422)
_MOST = 10


def accepted(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a 2xx reply; raises Permanent where the body was refused, else NotUnderstood."""
    if reply.status in _REFUSED:
        error = Permanent(words(reply), fields(reply))
        error.http_status, error.reply_head = reply.status, reply.head
        raise error
    if not reply.ok:
        reply.not_understood("not a status this portal documents")
    answer = reply.json()
    status = answer.get("status", 200)
    if isinstance(status, int) and status >= 400:
        reply.not_understood(f"it says status {status} inside")
    return answer


def said(reply: Reply) -> None:
    """Accept a write whose reply says in a message what was done; raises as `accepted`."""
    answer = accepted(reply)
    data = answer.get("data")
    told = data if isinstance(data, dict) else answer
    if not isinstance(told.get("message"), str):
        reply.not_understood("it does not say what was done")


def orders_in(reply: Reply) -> list[Any]:
    """Return the orders in the reply to a look-up by key, none where there is none; raises as `accepted`.

    Nothing found is 404, in the reply or inside it, or no data; a 404 that is no JSON is some other server's.
    """
    if reply.status == 404 or (reply.ok and reply.json().get("status") == 404):
        reply.json()
        return []
    answer = accepted(reply)
    if "data" not in answer:
        reply.not_understood("it has no data")
    data = answer["data"]
    return data if isinstance(data, list) else [data] if data else []


def rows_in(reply: Reply, *path: str) -> list[Any]:
    """Return the list at `path` in a reply; raises as `accepted`."""
    found: Any = accepted(reply)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        reply.not_understood(f"it has no list of {path[-1]}")
    return found


def words(reply: Reply) -> str:
    """Say why a request was refused, in ShipMonk's words."""
    named = fields(reply)
    if named:
        return "; ".join(f"{each.field}: {each.message}" for each in named[:_MOST])
    try:
        answer = json.loads(reply.body)
        told = " ".join(str(answer[name]) for name in ("title", "message", "detail", "error") if answer.get(name))
    except (TypeError, ValueError, AttributeError, RecursionError):
        told = reply.head
    return visible(told or f"status {reply.status}")


def fields(reply: Reply) -> tuple[FieldError, ...]:
    """Return the fields that a refusal names, in either of the shapes in which such servers do."""
    try:
        answer = json.loads(reply.body)
        named = answer.get("violations") or answer.get("errors") or ()
        return tuple(
            FieldError(visible(str(each.get("propertyPath") or each["field"])), visible(str(each["message"])))
            for each in named
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return ()
