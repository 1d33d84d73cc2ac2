"""The last call as one piece of work: notice is given and the list to mail is written; then those who stay silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from data.addresses.check_run import run_checks
from data.addresses.last_call import Asked, callable_ids, read_asked
from data.addresses.notice import give_notice, give_segment_notice
from data.clock import from_text, utc_text
from data.exports.mailing import Letter, write_mailing
from data.model import Done, Item, StoppedError
from data.orders.campaigns import Campaign, list_campaigns
from data.store.workspace import Workspace

Stopped = Callable[[], bool]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Mailing:
    """What was recorded, and the list to mail that goes with it."""

    done: Done
    path: str
    """The file; empty where there was nobody to write to."""
    reasons: dict[str, int]
    """People by why they are written to."""
    without_email: int
    """Of those, how many have no e-mail address."""


def notice_campaign(
    ws: Workspace,
    campaign_id: int,
    hours: float,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda done, total: None,
) -> Mailing:
    """Give notice that a campaign locks in `hours`, and write the list to mail.

    Addresses that no check has seen are checked first; `progress` is told of that. Raises InputError where the campaign
    is locked already, StoppedError when `stopped` says so: nothing is recorded then.
    """
    _check(ws, stopped, progress)
    return _mailed(ws, callable_ids(ws.store, campaign_id), hours, lambda: give_notice(ws, campaign_id, hours))


def notice_segment(
    ws: Workspace,
    items: Sequence[Item],
    hours: float,
    segment: str,
    stopped: Stopped = lambda: False,
    progress: Progress = lambda done, total: None,
) -> Mailing:
    """Give notice that some orders lock in `hours`, and write the list to mail; raises as `notice_campaign`."""
    _check(ws, stopped, progress)
    ids = list(dict.fromkeys(each.id for each in items))
    return _mailed(ws, ids, hours, lambda: give_segment_notice(ws, items, hours, segment))


def deadline_words(instant: str | None, time_zone: str) -> str:
    """Write a deadline as a backer reads it: `2026-11-25 10:00 Europe/Berlin`; nothing where there is none."""
    return f"{from_text(instant).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M} {time_zone}" if instant else ""


class Tally:
    """Counts letters by reason while they are written."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.reasons: Counter[str] = Counter()
        self.without_email = 0

    def count(self, letters: Iterable[Letter]) -> Iterator[Letter]:
        """Yield the letters on."""
        for each in letters:
            self.reasons[each.asked.reason.value] += 1
            self.without_email += not each.asked.email
            yield each

    def mailing(self, done: Done, path: str) -> Mailing:
        """Return what came of it."""
        return Mailing(done, path, dict(sorted(self.reasons.items())), self.without_email)


def _check(ws: Workspace, stopped: Stopped, progress: Progress) -> None:
    """Check what is not checked yet: what is asked of a backer follows from it."""
    if run_checks(ws, stopped, progress).stopped:
        raise StoppedError("stopped: no notice was given")


def _mailed(ws: Workspace, ids: Sequence[int], hours: float, record: Callable[[], Done]) -> Mailing:
    """Write the list, then record the notice; the list goes when the notice can't be recorded."""
    campaigns = {each.id: each for each in list_campaigns(ws.store)}
    deadline = utc_text(ws.clock.now() + timedelta(hours=hours))
    tally = Tally()
    exported = write_mailing(
        ws, "last-call", tally.count(_letter(each, campaigns, deadline) for each in read_asked(ws.store, ids))
    )
    try:
        done = record()
    except BaseException:
        exported.path.unlink()
        raise
    if done.act is None or not exported.rows:
        exported.path.unlink()
        return Mailing(done, "", {}, 0)
    return tally.mailing(done, str(exported.path))


def _letter(asked: Asked, campaigns: dict[int, Campaign], deadline: str) -> Letter:
    campaign = campaigns[asked.campaign_id]
    return Letter(asked, campaign.name, deadline_words(deadline, campaign.time_zone))
