"""Comparing two addresses beside checking one, in one process over the same sample."""

from __future__ import annotations

import statistics
import time

from benchmarks.report import Line, ratio_line
from data.addresses.check import check
from data.addresses.compare import compare
from data.desk.sample.campaign import SampleCampaign
from data.model import Address

PAIRS = 3_000
ROUNDS = 5


def measure(orders: int) -> list[Line]:
    """Compare addresses with what became of them, half of them changed, and check each; the median round counts."""
    before = SampleCampaign(min(orders, PAIRS))
    after = before.updated(changed=0.5, late=0)
    pairs = [
        (old.address, new.address)
        for old, new in zip(before, after, strict=True)
        if old.address is not None and new.address is not None
    ]
    _compare_all(pairs), _check_all(pairs)
    rounds = [(_compare_all(pairs), _check_all(pairs)) for _ in range(ROUNDS)]
    compared = statistics.median(each[0] for each in rounds)
    checked = statistics.median(each[1] for each in rounds)
    return [ratio_line(f"compare two addresses, {len(pairs):,} times", 3, compared, checked, "one check")]


def _compare_all(pairs: list[tuple[Address, Address]]) -> float:
    start = time.perf_counter()
    for old, new in pairs:
        compare(old, new)
    return time.perf_counter() - start


def _check_all(pairs: list[tuple[Address, Address]]) -> float:
    start = time.perf_counter()
    for _, new in pairs:
        check(new)
    return time.perf_counter() - start
