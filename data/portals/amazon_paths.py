"""Where Amazon's operations are, and how they are asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol

from data.portals.reply import Reply

_OUTBOUND = "/fba/outbound/2020-07-01"
ORDERS = f"{_OUTBOUND}/fulfillmentOrders"
ORDER = f"{ORDERS}/{{id}}"
REASONS = f"{_OUTBOUND}/returnReasonCodes"
TRACKING = f"{_OUTBOUND}/tracking"
STOCK = "/fba/inventory/v1/summaries"


class Ask(Protocol):
    """Make one request at Amazon, in its operation's turn."""

    def __call__(
        self,
        method: str,
        template: str,
        values: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> Awaitable[Reply]:
        """Return the reply; raises as `Http.ask`."""
        ...
