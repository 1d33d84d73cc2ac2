"""Who stays silent after the notice of the last call: listed, written to a file to mail, and recorded as reminded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.addresses.last_call import Asked, Reason, days_since, read_asked, silent_ids
from data.clock import utc_text
from data.desk.last_call import Mailing, Tally, deadline_words
from data.exports.mailing import Letter, write_mailing
from data.model import Done, InputError
from data.orders.campaigns import Campaign, list_campaigns
from data.orders.chosen import counted
from data.orders.rows import OrderRows
from data.store.store import Store
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PastReminder:
    """One list that was made before."""

    campaign: str
    """Its campaign's code."""
    at: str
    segment: str
    """The filter it was made with; empty for everybody."""
    orders: int
    file: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """Who has not answered, the list to mail, and the reminders before this one."""

    mailing: Mailing
    letters: tuple[Letter, ...]
    before: tuple[PastReminder, ...]
    """Since each campaign's notice, the oldest first."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """When an order's backer was told, and until when an answer counts."""

    at: str
    lock_at: str | None


def remind(ws: Workspace, campaign_id: int | None = None, filter_text: str = "", segment: str = "") -> Reminded:
    """List who has not answered since the notice, write the list to mail, and record that it was made.

    Not answered: no usable address, or asked about a change without an answer. `segment` says in words what the filter
    is. Raises InputError where no notice was given, FilterError for a filter that can't be read.
    """
    campaigns = [each for each in list_campaigns(ws.store) if campaign_id in (None, each.id)]
    chosen = None if not filter_text else set(OrderRows(ws.store, filter_text, campaign_id=campaign_id).ids(_go_on))
    letters: list[Letter] = []
    before: list[PastReminder] = []
    told = False
    for campaign in campaigns:
        segments = _notices(ws.store, campaign)
        if campaign.lock_notice_at is None and not segments:
            continue
        told = True
        first = min(each.at for each in (*segments.values(), _Notice(campaign.lock_notice_at or "9", None)))
        past = [each for each in _past(ws.store, campaign) if each.at >= first]
        before += past
        runs = [each.at for each in past if each.segment in ("", segment)]
        ids = [each for each in silent_ids(ws.store, campaign.id) if chosen is None or each in chosen]
        for asked in read_asked(ws.store, ids):
            letter = _letter(ws, campaign, segments, asked, runs)
            if letter is not None:
                letters.append(letter)
    if not told:
        raise InputError("no notice was given: lastcall address lock --notice 48h")
    return Reminded(_recorded(ws, campaigns, letters, segment), tuple(letters), tuple(before))


def _recorded(ws: Workspace, campaigns: Sequence[Campaign], letters: Sequence[Letter], segment: str) -> Mailing:
    """Write the list and record it, a row for each campaign in it; the list goes when it can't be recorded."""
    tally = Tally()
    kept = list(tally.count(letters))
    if not kept:
        return tally.mailing(Done(None, "nobody to remind"), "")
    exported = write_mailing(ws, "reminder", kept, reminder=True)
    try:
        with ws.write("address.remind", "remind backers", campaign=kept[0].asked.campaign_id) as tx:
            at = utc_text(ws.clock.now())
            for each in campaigns:
                orders = sum(letter.asked.campaign_id == each.id for letter in kept)
                if orders:
                    tx.insert(
                        "reminders",
                        {
                            "campaign_id": each.id,
                            "at": at,
                            "segment": segment,
                            "orders": orders,
                            "file": exported.path.name,
                        },
                    )
            tx.words = f"remind the backers of {counted(len(kept), 'order')}"
    except BaseException:
        exported.path.unlink()
        raise
    done = Done(tx.act or None, tx.words, tuple(each.asked.order_id for each in kept))
    return tally.mailing(done, str(exported.path))


def _letter(
    ws: Workspace, campaign: Campaign, segments: dict[int, _Notice], asked: Asked, runs: Sequence[str]
) -> Letter | None:
    """Return the reminder of one order; None for one that no notice reached, or that has only to confirm."""
    whole = _Notice(campaign.lock_notice_at, campaign.lock_at) if campaign.lock_notice_at is not None else None
    notices = [each for each in (whole, segments.get(asked.notice_id or 0)) if each is not None]
    if asked.reason is Reason.CONFIRM or not notices:
        return None
    since = max(max(each.at for each in notices), asked.asked_at or "")
    deadline = min((each.lock_at for each in notices if each.lock_at is not None), default=None)
    return Letter(
        asked,
        campaign.name,
        deadline_words(deadline, campaign.time_zone),
        days_since(since, ws.clock.now()),
        sum(at >= since for at in runs),
    )


def _notices(store: Store, campaign: Campaign) -> dict[int, _Notice]:
    return {
        row[0]: _Notice(row[1], row[2])
        for row in store.rows("SELECT id, at, lock_at FROM notices WHERE campaign_id = ?", (campaign.id,))
    }


def _past(store: Store, campaign: Campaign) -> list[PastReminder]:
    return [
        PastReminder(campaign.code, *row)
        for row in store.rows(
            "SELECT at, segment, orders, file FROM reminders WHERE campaign_id = ? ORDER BY at, id", (campaign.id,)
        )
    ]


def _go_on() -> bool:
    return False
