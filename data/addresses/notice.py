"""The notice of the last call: when the lock will take hold, of a whole campaign or of some of its orders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from data.addresses.lock import campaign_lock
from data.addresses.versions import stamp
from data.clock import utc_text
from data.model import Done, InputError, Item, Refusal, Stage
from data.orders.chosen import campaign_of, choose, counted
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import visible

_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}


def read_hours(text: str) -> float:
    """Read how long a notice runs: `48h`, `2d`, `1w`, in hours; raises InputError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{visible(text)}: write a time like 48h, 2d or 1w")
    return int(found.group(1)) * _HOURS[found.group(2)]


def give_notice(ws: Workspace, campaign_id: int, hours: float) -> Done:
    """Record that the lock takes hold `hours` from this moment; raises InputError where it has taken hold already."""
    now = ws.clock.now()
    deadline = utc_text(now + timedelta(hours=hours))
    with ws.write("address.notice", "give notice of the lock", campaign=campaign_id) as tx:
        code = _unlocked(tx, campaign_id)
        tx.run(
            "UPDATE campaigns SET lock_notice_at = ?, lock_at = ?, rev = rev + 1 WHERE id = ?",
            (utc_text(now), deadline, campaign_id),
        )
        tx.words = f"give notice: {code} locks at {deadline}"
    return Done(tx.act or None, tx.words)


def give_segment_notice(ws: Workspace, items: Sequence[Item], hours: float, segment: str) -> Done:
    """Record that some orders lock `hours` from this moment; `segment` says in words which they are.

    A later notice takes the place of an earlier one. Orders that are locked already are passed over, cancelled and
    moved ones refused. `made` are the notices, one for each campaign. Raises InputError where a campaign is locked.
    """
    deadline = utc_text(ws.clock.now() + timedelta(hours=hours))
    made: dict[int, int] = {}
    done: list[int] = []
    with ws.write("address.notice", "give notice of the lock", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        for each in chosen:
            if each.stage is Stage.CANCELLED:
                refused.append(Refusal(each.id, each.number, "it is cancelled"))
            elif not each.locked:
                if each.campaign_id not in made:
                    made[each.campaign_id] = _add(tx, each.campaign_id, deadline, segment)
                tx.run("UPDATE orders SET notice_id = ?, rev = rev + 1 WHERE id = ?", (made[each.campaign_id], each.id))
                done.append(each.id)
        tx.words = f"give notice: {counted(len(done), 'address')} lock{'s' * (len(done) == 1)} at {deadline}"
    words = tx.words if done else "nothing to give notice of"
    return Done(tx.act or None, words, tuple(done), tuple(refused), made=tuple(made.values()))


def _add(tx: Write, campaign_id: int, deadline: str, segment: str) -> int:
    _unlocked(tx, campaign_id)
    return tx.insert(
        "notices",
        {"campaign_id": campaign_id, "at": stamp(tx).at, "lock_at": deadline, "segment": segment},
    )


def _unlocked(tx: Write, campaign_id: int) -> str:
    """Return the code of a campaign that is not locked yet; raises InputError for another."""
    code, locked_at = campaign_lock(tx, campaign_id)
    if locked_at is not None:
        raise InputError(f"{code} has been locked since {locked_at}")
    return code
