"""A portal's reply, read whole and not yet believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from data.portals.errors import NotUnderstood


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply read whole: its status is 2xx or a 4xx whose meaning the portal's own module knows."""

    status: int
    head: str
    body: bytes
    words: str
    """The request, as errors name it."""

    @property
    def ok(self) -> bool:
        """Tell whether the status is 2xx, which alone proves nothing."""
        return 200 <= self.status < 300

    def value(self) -> Any:
        """Return the body as whatever JSON it is; raises NotUnderstood where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            self.not_understood("the reply is not JSON")

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises NotUnderstood for anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            self.not_understood("the reply is not a JSON object")
        return value

    def not_understood(self, why: str) -> NoReturn:
        """Raise NotUnderstood with the reply's status and head kept."""
        error = NotUnderstood(f"{self.words}: {self.status}, {why}")
        error.http_status, error.reply_head = self.status, self.head
        raise error
