"""What ShipBob's replies say: taken, or refused and why. It has four shapes of refusal, all of them read here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from data.portals.errors import Ambiguous, AuthFailed, FieldError, NotSent, Permanent, PortalError, RateLimited
from data.portals.reply import Reply
from data.text import visible

_MOST = 10
"""Fields of a refusal that are told."""
_GENERAL = ("message", "detail", "title", "code")
_NO_FIELDS = {*_GENERAL, "type", "status", "instance", "stackTrace", "details"}


def accepted(reply: Reply) -> Reply:
    """Return a 2xx reply; raises Permanent for what the vendor documents as refused, NotUnderstood for another."""
    if reply.ok:
        return reply
    if reply.status in (400, 404, 422):
        refused(reply)
    reply.not_understood("not a status this portal documents")


def refused(reply: Reply) -> NoReturn:
    """Raise Permanent with the fields that a reply refuses."""
    error = Permanent(words(reply), fields(reply))
    error.http_status, error.reply_head = reply.status, reply.head
    raise error


def rows(reply: Reply) -> list[Any]:
    """Return the list that a reply is, or that stands in its `items`; raises NotUnderstood for another.

    A list that is refused says something of how it was asked for, and nothing of any order.
    """
    if not reply.ok:
        reply.not_understood(words(reply))
    value = _json(reply)
    if isinstance(value, dict):
        value = value.get("items")
    if not isinstance(value, list):
        reply.not_understood("it has no list")
    return value


def says_duplicate(reply: Reply) -> bool:
    """Tell whether a refusal speaks of a reference that exists: which proves nothing, but forbids to call it absent."""
    said = reply.body.decode("utf-8", "replace").casefold()
    return "duplicate" in said or ("already" in said and "reference" in said)


def fields(reply: Reply) -> tuple[FieldError, ...]:
    """Return the fields a refusal names; those of products are called lines, as ours are."""
    answer = _json(reply)
    if not isinstance(answer, dict):
        return ()
    errors = answer.get("errors")
    named = errors if isinstance(errors, dict) else answer
    return tuple(
        FieldError(visible(_field(str(name))), visible(str(message)))
        for name, messages in named.items()
        if name not in _NO_FIELDS
        for message in (messages if isinstance(messages, list) else [messages])
        if message
    )


def words(reply: Reply) -> str:
    """Say why a request was refused, in the vendor's words."""
    if told := fields(reply):
        return "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in told[:_MOST])
    answer = _json(reply)
    said = [str(answer[name]) for name in _GENERAL if answer.get(name)] if isinstance(answer, dict) else []
    return visible(": ".join(reversed(said)) if said else reply.head or f"status {reply.status}")


def error_words(error: Any) -> str:
    """Say what an `error` inside of a 2xx reply says."""
    if not isinstance(error, dict):
        return visible(str(error)) if error else "no reason was given"
    return visible(": ".join(str(error[name]) for name in ("code", "message") if error.get(name)))


@contextmanager
def before_sending(what: str) -> Iterator[None]:
    """Say of a look-up that fails before the request itself that nothing was sent."""
    try:
        yield
    except (RateLimited, AuthFailed, NotSent, Permanent):
        raise
    except PortalError as error:
        raise NotSent(f"{what}: not sent, for what goes before it failed: {error}") from None


@contextmanager
def after_sending(what: str) -> Iterator[None]:
    """Say of a look-up that fails after the request that what became of the request is not known."""
    try:
        yield
    except PortalError as error:
        raise Ambiguous(f"{what} was sent, and what came of it could not be read: {error}") from error


def _field(name: str) -> str:
    """Name a field so that whoever reads it can tell lines from parts of the address."""
    return f"lines{name[8:]}" if name.casefold().startswith("products") else name


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
