"""Addresses on file that the checks find fault with."""

from __future__ import annotations

from dataclasses import dataclass

from data.store.store import Store

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding about the address an order has on file."""

    order_id: int
    number: str
    name: str
    country: str
    stage: str
    field: str
    code: str
    severity: str
    message: str
    repair: str | None


def list_faults(store: Store, campaign_id: int | None = None, severity: str = "error", limit: int = -1) -> list[Fault]:
    """Return the findings of one severity on addresses on file of orders that are not cancelled, by order."""
    return [
        Fault(*row)
        for row in store.rows(
            "SELECT o.id, o.number, a.name, a.country, o.stage, f.field, f.code, f.severity, f.message, f.repair"
            " FROM findings f JOIN orders o ON o.address_id = f.address_id JOIN addresses a ON a.id = f.address_id"
            " WHERE f.severity = :severity AND o.stage <> 'cancelled'"
            " AND o.campaign_id = coalesce(:campaign, o.campaign_id) ORDER BY o.id, f.field, f.code LIMIT :limit",
            {"severity": severity, "campaign": campaign_id, "limit": limit},
        )
    ]
