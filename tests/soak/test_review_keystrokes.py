"""A form's 554 answers on 6,200 backers, decided by a person at the keys of a real terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from benchmarks.reviewer import FILTER, expected, prepare, work_through
from data.addresses.review import ReviewRows
from data.addresses.review_fields import Group
from data.store.workspace import Workspace

ORDERS, UPDATES = 6_200, 554
MOST_KEYS = 1.3

pytestmark = pytest.mark.soak


def test_half_a_thousand_updates_are_decided_with_few_more_keys_than_decisions(
    workspace: Workspace, record_property: Callable[[str, object], None]
) -> None:
    result = prepare(workspace, ORDERS, UPDATES)
    assert (result.orders, result.rejected) == (UPDATES, ())
    assert result.no_change + len(result.changes) == UPDATES
    source = ReviewRows(workspace.store, FILTER)
    ids = source.ids()
    assert sorted(ids) == sorted(result.changes)
    rows = [row for start in range(0, len(ids), 100) for row in source.rows(ids[start : start + 100]).values()]
    notation = {row.id for row in rows if row.group == Group.TRIVIAL}
    assert result.no_change > UPDATES / 3
    assert result.no_change + len(notation) > UPDATES / 2

    worked = work_through(workspace, result.no_change)

    states = dict(workspace.store.rows("SELECT id, state FROM changes WHERE state <> 'no_change'"))
    alone = [each for each in ids if each not in notation]
    assert {each: states[each] for each in alone} == {each: expected(at) for at, each in enumerate(alone, 1)}
    assert {states[each] for each in notation} == {"accepted"}
    assert worked.one_by_one + worked.at_once + result.no_change == UPDATES
    assert worked.per_decision <= MOST_KEYS
    tally = Counter(states.values())
    for name, value in (
        ("closed themselves", result.no_change),
        ("notation, accepted at once", worked.at_once),
        ("decided one by one", worked.one_by_one),
        ("keys for each of those", f"{worked.per_decision:.2f}"),
        ("rejected", tally["rejected"]),
        ("asked", tally["asked"]),
    ):
        record_property(name, value)
