"""Campaigns: found by code or name, added by the first import or by hand, changed by hand."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anyascii import anyascii

from data.clock import utc_text
from data.model import Done, InputError, StaleError
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible

LONGEST_CODE = 12
SETTABLE = ("name", "currency", "time_zone", "ends_at", "lock_notice_at", "lock_at", "closed_at")
"""What a person may change of a campaign; its code is printed on labels and never changes."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign as it is on file; instants are UTC text."""

    id: int
    rev: int
    code: str
    name: str
    platform: str
    currency: str
    time_zone: str
    ends_at: str | None
    lock_notice_at: str | None
    lock_at: str | None
    locked_at: str | None
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """One line of the list of campaigns."""

    campaign: Campaign
    orders: int
    """Every order, cancelled ones too."""
    needs_info: int
    cancelled: int
    late: int
    unmapped: int
    """Platform names that nobody has said what they are."""


_COLUMNS = ", ".join(each.name for each in fields(Campaign))


def list_campaigns(store: Store) -> list[Campaign]:
    """Return every campaign, oldest first."""
    return [Campaign(*row) for row in store.rows(f"SELECT {_COLUMNS} FROM campaigns ORDER BY id")]


def count_campaigns(store: Store) -> list[CampaignCounts]:
    """Return every campaign with how many orders it has; reads every order's stage."""
    counted: dict[int, tuple[int, int, int, int]] = {
        row[0]: (row[1], row[2], row[3], row[4])
        for row in store.rows(
            "SELECT campaign_id, count(*), sum(stage = 'needs_info'), sum(stage = 'cancelled'), sum(late)"
            " FROM orders GROUP BY campaign_id"
        )
    }
    unmapped = dict(store.rows("SELECT campaign_id, count(*) FROM items WHERE mapped_at IS NULL GROUP BY campaign_id"))
    return [
        CampaignCounts(each, *counted.get(each.id, (0, 0, 0, 0)), unmapped.get(each.id, 0))
        for each in list_campaigns(store)
    ]


def look_up_campaign(store: Store, name_or_code: str) -> Campaign | None:
    """Return the campaign with this code (any case) or this name, or None."""
    found = store.one(
        f"SELECT {_COLUMNS} FROM campaigns WHERE code = upper(:words) OR name = :words ORDER BY name = :words DESC",
        {"words": name_or_code.strip()},
    )
    return Campaign(*found) if found else None


def find_campaign(store: Store, name_or_code: str) -> Campaign:
    """Return the campaign with this code or name; raises InputError naming those there are."""
    found = look_up_campaign(store, name_or_code)
    if found is None:
        known = ", ".join(each.code for each in list_campaigns(store)) or "none"
        raise InputError(f"there is no campaign {visible(name_or_code)} (there are: {known})")
    return found


def only_campaign(store: Store) -> Campaign | None:
    """Return the campaign when the workspace has exactly one."""
    found = list_campaigns(store)
    return found[0] if len(found) == 1 else None


def add_campaign(
    ws: Workspace,
    name: str,
    *,
    code: str = "",
    platform: str = "",
    currency: str = "USD",
    time_zone: str = "UTC",
    ends_at: str | None = None,
) -> Done:
    """Add a campaign; its code comes from its name when none is given.

    `ends_at` is UTC text. Raises InputError for a code, currency or time zone that can't be, and for one that is taken.
    """
    with ws.write("campaign.add", f"add campaign {name}") as tx:
        made = insert_campaign(
            tx, name, code=code, platform=platform, currency=currency, time_zone=time_zone, ends_at=ends_at
        )
        found = tx.one("SELECT code FROM campaigns WHERE id = ?", (made,))
        assert found is not None
        tx.words = f"add campaign {found[0]}: {name.strip()}"
    return Done(tx.act, tx.words, done=(made,), made=(made,))


def insert_campaign(
    tx: Write,
    name: str,
    *,
    code: str = "",
    platform: str = "",
    currency: str = "USD",
    time_zone: str = "UTC",
    ends_at: str | None = None,
) -> int:
    """Insert a campaign in the caller's act and return its id; raises InputError as `add_campaign` does."""
    name = _checked_name(name)
    taken = {row[0] for row in tx.rows("SELECT code FROM campaigns")}
    if code and not re.fullmatch(rf"[A-Z0-9]{{1,{LONGEST_CODE}}}", code):
        raise InputError(f"campaign code {visible(code)}: it is 1-{LONGEST_CODE} capital letters and digits")
    if code in taken:
        raise InputError(f"there is a campaign {code} already")
    if tx.one("SELECT 1 FROM campaigns WHERE name = ?", (name,)):
        raise InputError(f"there is a campaign named {visible(name)} already")
    return tx.insert(
        "campaigns",
        {
            "code": code or derive_code(name, taken),
            "name": name,
            "platform": platform,
            "currency": checked_currency(currency),
            "time_zone": checked_zone(time_zone),
            "ends_at": ends_at,
        },
    )


def set_campaign(ws: Workspace, campaign: Campaign, values: Mapping[str, str | None]) -> Done:
    """Change some of `SETTABLE`; instants are UTC text or None.

    Raises InputError for a value that can't be, StaleError when somebody else changed the campaign meanwhile.
    """
    checked = dict(values)
    if unknown := checked.keys() - set(SETTABLE):
        raise InputError(f"a campaign has no {', '.join(sorted(unknown))} to set")
    if checked.get("currency") is not None:
        checked["currency"] = checked_currency(str(checked["currency"]))
    if checked.get("time_zone") is not None:
        checked["time_zone"] = checked_zone(str(checked["time_zone"]))
    if checked.get("name") is not None:
        checked["name"] = _checked_name(str(checked["name"]))
    changed = {key: value for key, value in checked.items() if value != getattr(campaign, key)}
    if not changed:
        return Done(None, f"campaign {campaign.code} is that already")
    words = f"change campaign {campaign.code}: {', '.join(changed)}"
    with ws.write("campaign.set", words, campaign=campaign.id) as tx:
        if tx.one("SELECT 1 FROM campaigns WHERE name = ? AND id <> ?", (changed.get("name"), campaign.id)):
            raise InputError(f"there is a campaign named {visible(str(changed['name']))} already")
        if not tx.update("campaigns", campaign.id, campaign.rev, dict(changed)):
            raise StaleError(f"somebody else changed campaign {campaign.code} meanwhile: look again")
    return Done(tx.act, words, done=(campaign.id,))


def derive_code(name: str, taken: Container[str]) -> str:
    """Make a code of 1-12 capital letters and digits from a name, another than those taken.

    Whole words are taken while they fit, so that "Ember Isles: Second Printing" becomes EMBERISLES.
    """
    words = re.findall(r"[A-Z0-9]+", anyascii(name).upper()) or ["C1"]
    code: str = words[0][:LONGEST_CODE]
    for word in words[1:]:
        if len(code) + len(word) > LONGEST_CODE:
            break
        code += word
    number, candidate = 1, code
    while candidate in taken:
        number += 1
        candidate = f"{code[: LONGEST_CODE - len(str(number))]}{number}"
    return candidate


def read_deadline(text: str, time_zone: str) -> str:
    """Read `2026-11-30` (the end of that day) or `2026-11-30 20:00` in a campaign's time zone as UTC text.

    Raises InputError for anything else.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{visible(text)}: a date like 2026-11-30, or 2026-11-30 20:00") from error
    if len(text.strip()) <= len("2026-11-30"):
        instant = datetime.combine(instant.date(), time(23, 59, 59))
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(checked_zone(time_zone)))
    try:
        return utc_text(instant)
    except (OverflowError, ValueError) as error:
        raise InputError(f"{visible(text)}: a date out of every calendar") from error


def checked_currency(text: str) -> str:
    """Return an ISO 4217 code in capitals; raises InputError for what can't be one."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise InputError(f"currency {visible(text)}: it is three letters, like EUR")
    return text.upper()


def checked_zone(text: str) -> str:
    """Return the name of a time zone that the machine knows; raises InputError for another."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"time zone {visible(text)}: it is a name like Europe/Berlin") from error
    return text


def _checked_name(name: str) -> str:
    """Return a campaign's name without space around it; raises InputError for none."""
    if not name.strip():
        raise InputError("a campaign needs a name")
    return name.strip()
