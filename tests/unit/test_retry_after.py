from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.portals.retry_after import DEFAULT, LONGEST, SHORTEST, wait_seconds

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "25"}, 25.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after": "Mon, 23 Nov 2026 04:06:06 GMT"}, 60.0),
        ({"retry-after": "Mon, 23 Nov 2026 04:06:06"}, 60.0),
        ({"retry-after": "Mon, 23 Nov 2026 05:06:06 +0100"}, 60.0),
        ({"x-retry-after": "25"}, 25.0),
        ({"x-rate-limit-reset": "17"}, 17.0),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90.0),
        ({"retry-after": "5", "x-rate-limit-reset": "40"}, 40.0),
        ({"x-amzn-ratelimit-limit": "0.5"}, 2.0),
        ({"x-amzn-ratelimit-limit": "0.5", "retry-after": "7"}, 7.0),
        ({"x-amzn-ratelimit-limit": "0"}, DEFAULT),
    ],
)
def test_every_dialect_is_read_as_seconds(headers: dict[str, str], seconds: float) -> None:
    assert wait_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", SHORTEST),
        ("Mon, 23 Nov 2026 04:00:00 GMT", SHORTEST),
        ("999999", LONGEST),
        ("Fri, 01 Jan 2100 00:00:00 GMT", LONGEST),
        ("-5", DEFAULT),
        ("nan", DEFAULT),
        ("inf", DEFAULT),
        ("soon", DEFAULT),
        ("", DEFAULT),
        ("Mon, 99 Nov 9999999999 04:00:00 GMT", DEFAULT),
        ("9" * 5000, LONGEST),
    ],
)
def test_what_is_absurd_or_unreadable_becomes_a_sensible_wait(text: str, seconds: float) -> None:
    assert wait_seconds({"retry-after": text}, NOW) == seconds


def test_without_a_header_there_is_a_default() -> None:
    assert wait_seconds({}, NOW) == DEFAULT
