"""Moments as platforms write them, read in the campaign's zone where they carry none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from data.clock import utc_text
from data.model import InputError
from data.text import visible

DateOrder = Literal["", "mdy", "dmy"]
"""How `4/5/2026` is read; empty refuses it, as nothing in it tells."""

_TIME = (
    r"(?:[T, ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)? ?(?P<half>[AaPp][Mm])?"
    r" ?(?P<offset>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _TIME, re.ASCII)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[/.])(?P<next>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _TIME, re.ASCII
)
_WITH_SECONDS = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:[0-5]\d(?:Z| ?[+-][\d:]+| UTC)?", re.ASCII)
_LONGEST = 40


def read_instant(text: str, zone: ZoneInfo, order: DateOrder = "") -> str:
    """Read a date, with or without a time, and return UTC text (`clock.utc_text`); an empty one stays empty.

    Without an offset of its own it is read in `zone`; without a time it is that day's midnight there. Raises InputError
    for what is no date, and for a day and month that `order` does not tell apart.
    Forms: `2018/03/28, 10:27`, `2012-01-01 11:13:25 -0500`, `7/25/2018 21:06`, `25.07.2018`.
    """
    if not text:
        return ""
    if len(text) > _LONGEST:
        raise InputError(f"“{visible(text[:20])}…” is not a date")
    if _WITH_SECONDS.fullmatch(text):
        # Every offset is whole minutes since 1990, so minutes are remembered and seconds put back.
        return f"{_read(text[:16] + text[19:], zone, order)[:17]}{text[17:19]}Z"
    return _read(text, zone, order)


@lru_cache(maxsize=100_000)
def _read(text: str, zone: ZoneInfo, order: DateOrder) -> str:
    """Read a date that is there."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    elif found := _YEAR_LAST.fullmatch(text):
        month, day = _month_and_day(found, order, text)
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    else:
        raise InputError(f"“{visible(text)}” is not a date")
    if not 1990 <= year <= 2100:
        raise InputError(f"“{visible(text)}”: the year can't be right")
    try:
        local = datetime(
            year,
            month,
            day,
            _hour(found),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            tzinfo=_zone(found, zone),
        )
    except ValueError as error:
        raise InputError(f"“{visible(text)}” is not a date: {error}") from error
    return utc_text(local)


def _month_and_day(found: re.Match[str], order: DateOrder, text: str) -> tuple[int, int]:
    """Tell month and day apart; dots are only used day first."""
    first, following = int(found["first"]), int(found["next"])
    if found["mark"] == "." or order == "dmy":
        return following, first
    if order == "mdy" or first == following or following > 12:
        return first, following
    if first > 12:
        return following, first
    raise InputError(f"“{visible(text)}”: which is the day and which the month can't be told; say the order")


def _hour(found: re.Match[str]) -> int:
    """Return the hour of 24."""
    hour = int(found["hour"] or 0)
    if not found["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("hour must be in 1..12 with am or pm")
    return hour % 12 + (12 if found["half"].lower() == "pm" else 0)


def _zone(found: re.Match[str], zone: ZoneInfo) -> ZoneInfo | timezone:
    """Return the offset the text carries, else the campaign's zone."""
    offset = found["offset"]
    if not offset:
        return zone
    if offset in ("Z", "UTC"):
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
