"""Which warehouses may take an order, the preferred one first, and why each may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from data.policy import ANYWHERE, Policy, WarehouseSettings


@dataclass(frozen=True, slots=True)
class Candidate:
    """A warehouse that may take an order."""

    warehouse: str
    why: str
    """`rule 1 (ES-CN)`, `it names DE`, `no warehouse names PE, and it serves everywhere else`."""


def candidates(policy: Policy, country: str, zone: str, skus: Collection[str]) -> tuple[Candidate, ...]:
    """Return the warehouses that serve an order, in order of preference.

    First the one of the first rule that is met; then those that name the country, then those that serve everywhere,
    each by priority and then as the file has them. A rule does not make a warehouse serve a country.
    """
    found: dict[str, str] = {}
    rule = _first_rule(policy, country, zone, skus)
    if rule is not None and _serves(policy, policy.allocation.rules[rule].warehouse, country):
        found[policy.allocation.rules[rule].warehouse] = rule_words(policy, rule)
    preferred = sorted(policy.warehouses, key=lambda each: -each.policy.priority)
    named = [each for each in preferred if each.serves(country)]
    for each in named:
        found.setdefault(each.code, f"it names {country}")
    for each in preferred:
        if ANYWHERE in each.countries:
            others = "it serves everywhere" if named else f"no warehouse names {country}, and it serves everywhere else"
            found.setdefault(each.code, others)
    return tuple(Candidate(*each) for each in found.items())


def passed_rule(policy: Policy, country: str, zone: str, skus: Collection[str]) -> str:
    """Say which rule would have decided if its warehouse served the country; empty where none would."""
    rule = _first_rule(policy, country, zone, skus)
    if rule is None or _serves(policy, policy.allocation.rules[rule].warehouse, country):
        return ""
    return (
        f"{rule_words(policy, rule)} does not count: {policy.allocation.rules[rule].warehouse} does not serve {country}"
    )


def rule_words(policy: Policy, at: int) -> str:
    """Name a rule by its place in the file and what it asks: `rule 2 (US-PR, GAME)`."""
    rule = policy.allocation.rules[at]
    asked = [", ".join(each) for each in (rule.countries, rule.zones, rule.skus) if each]
    return f"rule {at + 1}" + (f" ({'; '.join(asked)})" if asked else "")


def serves(settings: WarehouseSettings, country: str) -> bool:
    """Tell whether a warehouse ships to a country, by name or because it serves everywhere."""
    return settings.serves(country) or ANYWHERE in settings.countries


def asks_for_zones(policy: Policy) -> bool:
    """Tell whether addresses must be read to know where orders go."""
    return any(each.zones for each in policy.allocation.rules)


def asked_skus(policy: Policy) -> frozenset[str]:
    """Return the SKUs that rules go by."""
    return frozenset(sku for each in policy.allocation.rules for sku in each.skus)


def _first_rule(policy: Policy, country: str, zone: str, skus: Collection[str]) -> int | None:
    for at, rule in enumerate(policy.allocation.rules):
        if _meets(rule.countries, (country,)) and _meets(rule.zones, (zone,)) and _meets(rule.skus, skus):
            return at
    return None


def _meets(asked: Sequence[str], has: Collection[str]) -> bool:
    return not asked or any(each in has for each in asked)


def _serves(policy: Policy, code: str, country: str) -> bool:
    return any(serves(each, country) for each in policy.warehouses if each.code == code)
