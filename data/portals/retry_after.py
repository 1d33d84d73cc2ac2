"""How long a portal asks to wait: every dialect of it met so far, brought to seconds within reason.

Sources: RFC 9110 section 10.2.3 (Retry-After: seconds or HTTP-date); the developer pages of ShipBob (x-retry-after,
seconds), of ShipStation v1 (X-Rate-Limit-Reset, seconds to the end of the window; elsewhere a Unix time) and of
Amazon's Selling Partner API (x-amzn-RateLimit-Limit, requests a second: it says no time to wait).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST = 0.5
"""Seconds; a portal that says "at once" is still not hammered."""
LONGEST = 3600.0
"""Seconds; a portal that says more is asked again after an hour."""
DEFAULT = 30.0
"""Seconds, where the portal does not say, or says what can't be read."""

_NAMES = ("retry-after", "x-retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_RATE = "x-amzn-ratelimit-limit"
_UNIX_TIME = 1_000_000_000.0


def wait_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds to wait before the portal is asked again; `headers` have lower-case names.

    The longest of several readable headers counts; the result is between `SHORTEST` and `LONGEST`.
    """
    told = [seconds for name in _NAMES if (seconds := _seconds(headers.get(name, ""), now)) is not None]
    if not told and (rate := _seconds(headers.get(_RATE, ""), now)):
        told = [1 / rate]
    return min(max(max(told, default=DEFAULT), SHORTEST), LONGEST)


def _seconds(text: str, now: datetime) -> float | None:
    """Read one value: a number of seconds, a Unix time, or an HTTP-date; None where it is none of them."""
    text = text.strip()[:64]
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return _until_date(text, now)
    if not math.isfinite(number) or number < 0:
        return None
    return number - now.timestamp() if number >= _UNIX_TIME else number


def _until_date(text: str, now: datetime) -> float | None:
    """Return the seconds until an HTTP-date; one without a zone is UTC, as RFC 9110 says of every HTTP-date."""
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return (then - now).total_seconds()
