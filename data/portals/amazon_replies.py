"""What Amazon's replies say: done, or refused and why."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from data.portals.errors import FieldError, Permanent
from data.portals.reply import Reply
from data.text import visible

REFUSED = (400, 404, 409, 413, 422)
"""Statuses that say that nothing was done."""
_ABSENT = re.compile(r"not found|not exist|no such|unknown (?:order|fulfillment)|could not be found", re.IGNORECASE)
_FIELD = re.compile(r"\b(?:parameter|field|property)\s+'?([A-Za-z.\[\]0-9]+)'?")


def done(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a 2xx reply without errors; raises Permanent or NotUnderstood for another."""
    if not reply.ok:
        refuse(reply)
    answer = reply.json()
    if answer.get("errors"):
        reply.not_understood("it says yes, and holds errors")
    return answer


def payload(reply: Reply) -> dict[str, Any]:
    """Return what a reading was answered with; raises as `done`."""
    found = done(reply).get("payload")
    if not isinstance(found, dict):
        reply.not_understood("it has no payload")
    return found


def refuse(reply: Reply) -> NoReturn:
    """Raise Permanent for a documented refusal, NotUnderstood for another reply."""
    if reply.status not in REFUSED:
        reply.not_understood("not a status this portal documents")
    error = Permanent(words(reply), _fields(reply))
    error.http_status, error.reply_head = reply.status, reply.head
    raise error


def is_absent(reply: Reply) -> bool:
    """Tell whether a reading says that there is no such thing.

    The model says 404; which status a live one gives is not documented, so a 400 in those words counts as well. A
    mistake here costs nothing: Amazon itself refuses a second order under the same id.
    """
    return reply.status == 404 or (reply.status == 400 and _ABSENT.search(words(reply)) is not None)


def words(reply: Reply) -> str:
    """Say why a request was refused, in Amazon's words."""
    said = [
        f"{each.get('code')}: {each.get('message')}" + (f" ({each['details']})" if each.get("details") else "")
        for each in _errors(reply)
    ]
    return visible("; ".join(said[:10]) or reply.head or f"status {reply.status}")


def _fields(reply: Reply) -> tuple[FieldError, ...]:
    """Return the fields that a refusal names, as far as its sentences do."""
    found: list[FieldError] = []
    for each in _errors(reply):
        message = visible(str(each.get("message") or ""))
        if named := _FIELD.search(message):
            found.append(FieldError(named[1], message))
    return tuple(found)


def _errors(reply: Reply) -> list[dict[str, Any]]:
    try:
        errors = json.loads(reply.body)["errors"]
        return [each for each in errors if isinstance(each, dict)]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []
