"""ShipMonk's JSON for what is announced to it and what it counts: every field its description promises."""

from __future__ import annotations

from typing import Any

from data.portals.sandbox import life
from data.portals.sandbox.shipmonk_words import BUILDING, instant


def receiving_shown(number: int, told: dict[str, Any], updated: float) -> dict[str, Any]:
    """Return a receiving as "Retrieve List of Receivings" shows it."""
    at = instant(life.instant(updated))
    lines = [
        {"product": _product(line["sku"]), "expected_quantity": line["expected_quantity"], "received_quantity": 0}
        for line in told["items"]
    ]
    where = {"carton_key": None, "loose_units_pallet_key": None, "lot": None, "line_key": None}
    return {
        "id": number,
        "warehouse": told["warehouse"],
        "receiving_key": told.get("receiving_key"),
        "asn": told["asn"],
        "bol_number": told.get("bol_number"),
        "supplier_name": told["supplier_name"],
        "handling_unit_type": told["handling_unit_type"],
        "handling_unit_quantity": told.get("handling_unit_quantity") or 0,
        "estimated_delivery": told["estimated_delivery"],
        "description": told.get("description"),
        "status": "awaiting",
        "created_at": at,
        "updated_at": at,
        "arrived_at": None,
        "received_at": None,
        "items": [line | {"receiving_details": []} for line in lines],
        "receiving_lines": [line | where for line in lines],
        "custom_data": [],
        "cartons": [],
        "pallets": [],
    }


def return_shown(number: int, told: dict[str, Any], updated: float) -> dict[str, Any]:
    """Return a return as "Retrieve List of Returns" shows it."""
    at = instant(life.instant(updated))
    tracking = told.get("tracking_number")
    return {
        "id": number,
        "warehouse": told["warehouse"],
        "order_key": told.get("order_key"),
        "store_id": told["store_id"],
        "rma": told["rma"],
        "tracking_number": tracking,
        "tracking_numbers": [tracking] if tracking else [],
        "status": "status_created",
        "return_reason": told["return_reason"],
        "note": told.get("note"),
        "created_at": at,
        "updated_at": at,
        "received_at": None,
        "items": [
            {
                "product": _product(line["sku"]),
                "expected_quantity": line["expected_quantity"],
                "received_quantity": 0,
                "receiving_details": [],
                "desired_action": line["desired_action"],
            }
            for line in told["items"]
        ],
        "custom_data": [],
        "source": "shipmonk",
    }


def product_shown(number: int, level: dict[str, Any], now: float) -> dict[str, Any]:
    """Return a product as the inventory search shows it."""
    at = instant(life.instant(now))
    free, on_hand = level["available"], level["on_hand"]
    place = {
        "quantity_final": on_hand,
        "quantity_available": free,
        "quantity_on_hand": on_hand,
        "quarantined_quantity": 0,
        "quantity_unavailable": 0,
        "quantity_by_lot": [],
        "warehouse": {name: BUILDING[name] for name in ("id", "name", "identifier")},
    }
    return {
        "id": number,
        "sku": level["sku"],
        "name": level["sku"],
        "created_at": at,
        "updated_at": at,
        "inventory_on_hand_last_updated_at": at,
        "is_active": True,
        "product_type": "unit",
        "type": "pick_and_pack",
        "replacement_cost": None,
        "replacement_cost_currency": None,
        "inventory": {
            "quantity_total_final": on_hand,
            "quantity_total_available": free,
            "quantity_total_on_hand": on_hand,
            "quantity_total_quarantined": 0,
            "quantity_total_unavailable": 0,
            "locations": [place],
        },
        "hs_code": None,
        "hs_codes": [],
        "barcodes": [],
        "country_code": None,
        "stock_out_days": 0,
        "custom_data": [],
        "weight": None,
        "dimensions": None,
        "product_bundles": [],
        "product_handling_units": None,
    }


def building_shown() -> dict[str, Any]:
    """Return the one building as "Retrieve List of Warehouses" shows it."""
    parts = ("name", "company", "street1", "street2", "street3", "city", "state", "postal_code", "phone", "country")
    address = dict.fromkeys(parts) | {"residential": False, "verified": True}
    return BUILDING | {"timezone": "UTC", "enabled": True, "address": address}


def _product(sku: str) -> dict[str, Any]:
    return {"id": 1, "sku": sku, "name": sku}
