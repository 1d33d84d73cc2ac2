"""What can go wrong between this machine and a warehouse, sorted by what may be done next.

Sources: the measured exception classes of httpx 0.28.1 (which of them leave before the request does), and RFC 9110.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.model import LastcallError


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a body that a warehouse does not accept, in the warehouse's words."""

    field: str
    message: str


class PortalError(LastcallError):
    """A warehouse's portal did not do what it was asked; the text is safe to show once it is made visible.

    PortalError
     ├── Retryable           nothing changed over there: the same may be asked again
     │    ├── NotSent        the request never left this machine
     │    └── RateLimited    refused for the moment; has the seconds to wait, for the whole portal
     ├── AuthFailed          the secret is not accepted: stop everything until a person mends it
     ├── Permanent           refused for good, nothing was created; has the fields
     ├── Conflict            it exists already with other contents, or its state forbids it
     └── Ambiguous           it was sent and no reply can be trusted: look up before anything else
          └── NotUnderstood  a reply came and does not say what it must
    """

    http_status: int | None = None
    """The status of the reply that led here, where there was one."""
    reply_head: str = ""
    """The first characters of that reply, without the secret, for the record of the attempt."""


class Retryable(PortalError):
    """Nothing changed at the warehouse, so the same request may be made again later."""


class NotSent(Retryable):
    """The request did not leave this machine."""


class RateLimited(Retryable):
    """The portal asks to wait; the request was not processed."""

    def __init__(self, message: str, wait: float) -> None:
        """Keep the seconds to wait before the portal is asked anything again."""
        super().__init__(message)
        self.wait = wait


class AuthFailed(PortalError):
    """The portal does not accept the secret."""


class Permanent(PortalError):
    """The portal refuses this body and has created nothing."""

    def __init__(self, message: str, fields: tuple[FieldError, ...] = ()) -> None:
        """Keep the fields that were refused, where the portal names them."""
        super().__init__(message)
        self.fields = fields


class Conflict(PortalError):
    """The key exists with other contents, or the state over there forbids the request."""

    def __init__(self, message: str, differences: tuple[str, ...] = (), remote_ids: tuple[str, ...] = ()) -> None:
        """Keep what differs and the warehouse's ids of what exists."""
        super().__init__(message)
        self.differences = differences
        self.remote_ids = remote_ids


class Ambiguous(PortalError):
    """The request was sent and nothing trustworthy came back: it may or may not have been done."""


class NotUnderstood(Ambiguous):
    """A reply came, but it does not say in a readable way that the request was done."""
