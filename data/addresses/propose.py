"""A proposed address: a version of its own and a change that says what it would alter, never an overwrite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from data.addresses.check import check
from data.addresses.compare import Comparison, compare
from data.addresses.findings import Finding
from data.addresses.stored_findings import write_findings
from data.addresses.versions import COLUMNS, add_version, insert, read_address, stamp
from data.model import Address, AddressSource, ChangeState, InputError, Label
from data.orders.stages import settle
from data.store.store import Write

CLOSE_THEMSELVES = frozenset({Label.IDENTICAL})
"""Verdicts that leave a person nothing to decide; the change is kept as `no_change` and counted."""

OPEN = (ChangeState.WAITING, ChangeState.ASKED)
"""States in which a person has yet to decide."""

SAME = "same"
"""The mark of a field that does not differ."""

_FIRST = "no address was on file"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged before the write began, and the version on file it was compared with."""

    from_id: int | None
    comparison: Comparison
    findings: Sequence[Finding] | None = None
    """What the checks say of the proposed address; None leaves it to the check in the background."""


def propose(
    tx: Write,
    order_id: int,
    address: Address,
    source: AddressSource,
    import_id: int | None = None,
    *,
    judged: Judged | None = None,
    again: bool = False,
) -> int | None:
    """Propose an address for an order and return the change's id; None where there is nothing to decide.

    Nothing: a source that repeats what it said last (unless `again`), a cancelled order, and an order without an
    address, which takes this one at once unless it is locked. A change that alters nothing closes itself as
    `no_change`; any other supersedes the one that waits. `judged` saves comparing inside the transaction and holds only
    while the same version is on file. Raises InputError for an order that is not there.
    """
    found = tx.one(
        "SELECT o.backer_id, o.address_id, o.stage, o.locked_at IS NOT NULL OR c.locked_at IS NOT NULL"
        " FROM orders o JOIN campaigns c ON c.id = o.campaign_id WHERE o.id = ?",
        (order_id,),
    )
    if found is None:
        raise InputError(f"there is no order {order_id}")
    backer_id, from_id, stage, late = found
    if stage == "cancelled" or (not again and said_last(tx, order_id, source) == address):
        return None
    on_file = read_address(tx, from_id)
    to_id = add_version(tx, order_id, backer_id, source, address)
    findings = check(address) if judged is None else judged.findings
    if findings is not None:
        write_findings(tx, to_id, findings)
    if (on_file is None or on_file.is_empty()) and not late:
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (to_id, order_id))
        settle(tx, [order_id])
        return None
    verdict = _judge(on_file, address, from_id, judged)
    closed = verdict.label in CLOSE_THEMSELVES
    # The platform's file repeating what is on file does not withdraw what the backer asked for elsewhere.
    supersede(tx, order_id, source if closed else None)
    return insert(
        tx,
        "changes",
        {
            "order_id": order_id,
            "backer_id": backer_id,
            "import_id": import_id,
            "source": source,
            "at": stamp(tx).at,
            "from_id": from_id,
            "to_id": to_id,
            "state": ChangeState.NO_CHANGE if closed else ChangeState.WAITING,
            "late": int(late),
            **verdict_values(verdict),
        },
    )


def verdict_values(verdict: Comparison) -> dict[str, object]:
    """Return a verdict as the columns of `changes` keep it.

    What replaces a right value by an invalid one is kept as material: it must not stand among the repairs.
    """
    return {
        "label": Label.MATERIAL if verdict.worse else verdict.label,
        "level": verdict.level,
        "fields": json.dumps([[each.field, each.mark, each.reason] for each in verdict.fields], ensure_ascii=False),
        "reasons": json.dumps(list(verdict.reasons), ensure_ascii=False),
        "zone_old": verdict.zone_old,
        "zone_new": verdict.zone_new,
    }


def said_last(tx: Write, order_id: int, source: AddressSource) -> Address | None:
    """Return the last version an order got from this source, or None."""
    found = tx.one(
        f"SELECT {COLUMNS} FROM addresses WHERE order_id = ? AND source = ? ORDER BY id DESC LIMIT 1",
        (order_id, source),
    )
    return None if found is None else Address(*found)


def supersede(tx: Write, order_id: int, source: AddressSource | None = None) -> int:
    """Close what waits for a decision on an order (from one source, or from any) because something newer came."""
    return tx.run(
        "UPDATE changes SET state = 'superseded', rev = rev + 1"
        " WHERE order_id = :order AND state IN ('waiting', 'asked') AND source = coalesce(:source, source)",
        {"order": order_id, "source": source},
    )


def judge(on_file: Address | None, address: Address) -> Comparison:
    """Compare with what is on file; a first address repairs its absence, whatever its country."""
    verdict = compare(on_file or Address(), address)
    if on_file is not None and not on_file.is_empty():
        return verdict
    return Comparison(Label.CORRECTION, 2, verdict.fields, (_FIRST,), "", verdict.zone_new)


def judge_ahead(on_file: Address | None, from_id: int | None, address: Address) -> Judged:
    """Compare and check before the write begins, for many at once."""
    return Judged(from_id, judge(on_file, address), check(address))


def _judge(on_file: Address | None, address: Address, from_id: int | None, judged: Judged | None) -> Comparison:
    if judged is not None and judged.from_id == from_id:
        return judged.comparison
    return judge(on_file, address)
