"""One row of the queue as a list shows it: a change, or an address on file with findings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from data.addresses.faulty import Faulty, read_all_faulty
from data.addresses.findings import Severity
from data.addresses.propose import SAME
from data.addresses.review_fields import GROUP_SQL, Group
from data.addresses.versions import marks, read_addresses
from data.model import ChangeState
from data.store.store import Store

Kind = Literal["change", "finding"]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One change, or one address on file with findings."""

    id: int
    """Of the change; of the order, with a minus before it, where it is a finding."""
    kind: Kind
    rev: int
    order_id: int
    order_rev: int
    number: str
    campaign: str
    name: str
    email: str
    state: str
    """Of an address with findings: waiting, asked, accepted once nothing is wrong any more, superseded where nothing
    is to be decided, or the state of the change that will settle it."""
    label: str
    level: int
    group: str
    fields: tuple[str, ...]
    """Names of the fields that differ, or that have findings."""
    reasons: tuple[str, ...]
    zone_old: str
    zone_new: str
    country_old: str
    country_new: str
    old: str
    """On file when it was compared, in one line."""
    new: str
    """What is requested; with the repairs in their place where it is a finding, and empty where there is none."""
    late: bool
    source: str
    at: str
    stage: str
    warehouse: str
    answer: str
    codes: tuple[str, ...] = ()
    """Of the findings that have a repair."""


def read_rows(store: Store, ids: Sequence[int], *, warnings: bool = False) -> dict[int, ReviewRow]:
    """Return rows by id; with `warnings` an address that has no error but a warning waits too."""
    changes, faults = [each for each in ids if each > 0], [-each for each in ids if each < 0]
    return _read_changes(store, changes) | (_read_faults(store, faults, warnings) if faults else {})


_CHANGE_SQL = f"""
SELECT c.id, c.rev, c.order_id, o.rev, o.number, g.code, b.name, b.email, c.state, c.label, c.level, {GROUP_SQL},
  c.fields, c.reasons, c.zone_old, c.zone_new, c.from_id, c.to_id, c.late, c.source, c.at, o.stage,
  coalesce(o.warehouse, ''), c.answer
FROM changes c JOIN orders o ON o.id = c.order_id JOIN campaigns g ON g.id = o.campaign_id
JOIN backers b ON b.id = o.backer_id WHERE c.id IN ({{ids}})
"""
_FAULT_SQL = """
SELECT o.id, g.code, b.name, b.email, o.late, a.source, a.at, coalesce(o.warehouse, '')
FROM orders o JOIN campaigns g ON g.id = o.campaign_id JOIN backers b ON b.id = o.backer_id
JOIN addresses a ON a.id = o.address_id WHERE o.id IN ({ids})
"""


def _read_changes(store: Store, ids: Sequence[int]) -> dict[int, ReviewRow]:
    found = store.rows(_CHANGE_SQL.format(ids=marks(ids)), list(ids))
    versions = read_addresses(store, (each for row in found for each in row[16:18]))
    rows: dict[int, ReviewRow] = {}
    for row in found:
        old, new = versions.get(row[16]), versions[row[17]]
        rows[row[0]] = ReviewRow(
            row[0],
            "change",
            *row[1:12],
            *(
                tuple(field for field, mark, _reason in json.loads(row[12]) if mark != SAME),
                tuple(json.loads(row[13])),
                *row[14:16],
                old.country if old else "",
                new.country,
                old.one_line() if old else "",
                new.one_line(),
                bool(row[18]),
                *row[19:24],
            ),
        )
    return rows


def _read_faults(store: Store, order_ids: Sequence[int], warnings: bool) -> dict[int, ReviewRow]:
    faults = read_all_faulty(store, order_ids)
    rows: dict[int, ReviewRow] = {}
    for order_id, campaign, name, email, late, source, at, warehouse in store.rows(
        _FAULT_SQL.format(ids=marks(order_ids)), list(order_ids)
    ):
        if (faulty := faults.get(order_id)) is None:
            continue
        mending, seen = faulty.mending, [each for each in faulty.findings if each.severity is not Severity.INFO]
        rows[-order_id] = ReviewRow(
            id=-order_id,
            kind="finding",
            rev=faulty.rev,
            order_id=order_id,
            order_rev=faulty.rev,
            number=faulty.number,
            campaign=campaign,
            name=name,
            email=email,
            state=_state(faulty, warnings),
            label="",
            level=0,
            group=Group.ERROR if faulty.errors else Group.WARNING,
            fields=tuple(dict.fromkeys(each.field for each in seen)),
            reasons=tuple(f"{each.field}: {each.message}" for each in seen),
            zone_old="",
            zone_new="",
            country_old=faulty.address.country,
            country_new=faulty.address.country,
            old=faulty.address.one_line(),
            new=mending.address.one_line() if mending.codes else "",
            late=bool(late),
            source=source,
            at=at,
            stage=faulty.stage,
            warehouse=warehouse,
            answer="",
            codes=mending.codes,
        )
    return rows


def _state(faulty: Faulty, warnings: bool) -> str:
    if faulty.under_way not in ("", ChangeState.WAITING):
        return faulty.under_way
    if not faulty.errors and not (warnings and faulty.warnings):
        return ChangeState.ACCEPTED
    if faulty.settled:
        return ChangeState.SUPERSEDED
    return ChangeState.ASKED if faulty.asked else ChangeState.WAITING
