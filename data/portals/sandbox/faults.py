"""Rules by which the warehouse misbehaves: on which request, how, how often."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

BEFORE = frozenset({"429", "500", "redirect", "drop_before", "delay_commit"})
"""Faults that strike before the request is worked; `delay_commit` hangs up at once and works it seconds later."""
AFTER = frozenset(
    {
        "500_after",  # worked and durable, answered with 500
        "slow",  # worked and durable, answered seconds later
        "drop_after",  # worked and durable, connection closed without a reply
        "reset_after",  # the same with a TCP reset
        "truncate",  # the reply stops half way
        "drip",  # the reply comes a byte at a time, `seconds` apart
        "not_http",  # the reply is not HTTP
        "garbage",  # 2xx with a body that is not JSON
        "compressed",  # a body in an encoding nobody asked for
        "huge",  # a body longer than any order
        "other_reference",  # 2xx that names another order
    }
)


@dataclass(slots=True)
class Fault:
    """One rule; `times` counts down, and None means for ever."""

    on: str
    """Method and path as the routes name it: `POST /orders`, `GET /orders/{id}`, or `*`."""
    fault: str
    times: int | None = None
    probability: float = 1.0
    seconds: float = 0.0


class Faults:
    """The rules in force; the first that fits a request strikes."""

    def __init__(self, seed: int) -> None:
        """Start with none; `seed` makes probabilities repeatable."""
        self._rules: list[Fault] = []
        self._random = random.Random(seed)
        self.struck: dict[str, int] = {}
        """How often each fault has struck."""

    def replace(self, rules: list[Any]) -> list[str]:
        """Put these rules in place of all others; returns what is wrong, and then changes nothing."""
        made: list[Fault] = []
        wrong: list[str] = []
        for index, rule in enumerate(rules):
            try:
                made.append(_read(rule))
            except (TypeError, ValueError, KeyError) as error:
                wrong.append(f"rule {index}: {error}")
        if not wrong:
            self._rules = made
        return wrong

    def strike(self, on: str) -> Fault | None:
        """Return the fault for a request, and count it."""
        for rule in self._rules:
            if rule.on not in (on, "*") or rule.times == 0:
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
            self.struck[rule.fault] = self.struck.get(rule.fault, 0) + 1
            return rule
        return None


def _read(rule: Any) -> Fault:
    """Read one rule; raises ValueError, TypeError or KeyError saying what is wrong."""
    if not isinstance(rule, dict):
        raise ValueError("must be an object")
    if unknown := rule.keys() - {"on", "fault", "times", "probability", "seconds"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    name = str(rule["fault"])
    if name not in BEFORE | AFTER:
        raise ValueError(f"fault {name!r}; known are {', '.join(sorted(BEFORE | AFTER))}")
    times = rule.get("times")
    return Fault(
        on=str(rule["on"]),
        fault=name,
        times=None if times is None else int(times),
        probability=float(rule.get("probability", 1.0)),
        seconds=float(rule.get("seconds", 0.0)),
    )
