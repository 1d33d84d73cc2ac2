"""ShipMonk's JSON for what this warehouse holds: every field its description promises, most of them empty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from data.portals.sandbox import life

STORE = 1234
"""The one store of this account."""
BUILDING = {"identifier": "SB1", "id": 1, "name": "Sandbox", "warehouse_wms_type": "shipmonk"}
SERVICES = ("Standard", "Express")
"""What a requested shipping service can be mapped to."""
TAX_ID_COUNTRIES = ("BR", "KR", "MX")
FIELDS = {
    "name": "name",
    "company": "company",
    "address1": "street1",
    "address2": "street2",
    "city": "city",
    "region": "state",
    "postcode": "zip",
    "country": "country_code",
    "phone": "phone",
}
"""This warehouse's parts of an address, and what ShipMonk calls them."""

_ACTIONS = (
    "item_mapping", "address", "shipping_mapping", "customs", "at_risk", "routing", "freight_quote", "freight_info",
    "ship_short", "hs_code", "global_e_label", "ship_monk_hazmat_carrier_service_not_available", "automation_rule",
    "pending_b2b_routing", "value_added_service_problem",
)  # fmt: skip
_FULFILLED = (life.SHIPPED, life.DELIVERED, life.RETURNED)
_ASTRAY = ("TRACE OPENED", "LOST", "DAMAGED", "RETURN TO SENDER", "RETURNED TO WAREHOUSE", "DELIVERY ATTEMPTED")


def native_address(ship_to: dict[str, Any]) -> dict[str, str]:
    """Return an address as this warehouse keeps it."""
    return {ours: str(ship_to.get(theirs) or "") for ours, theirs in FIELDS.items()}


def needed(order: dict[str, Any]) -> list[str]:
    """Return the actions that keep an order from being submitted."""
    extra = order["extra"]
    found = ["address"] if order["status"] == life.ADDRESS_QUERY else []
    if extra["requested_shipping_service"] not in SERVICES:
        found.append("shipping_mapping")
    if order["ship_to"]["country"] in TAX_ID_COUNTRIES and extra.get("recipient_tax_id") is None:
        found.append("customs")
    return found


def statuses(order: dict[str, Any], now: float) -> tuple[str, str]:
    """Return an order's `order_status` and `processing_status`."""
    status = order["status"]
    word = "cancelled" if status == life.CANCELLED else "fulfilled" if status in _FULFILLED else "unfulfilled"
    if order["held"]:
        return "onHold", "on_hold"
    if status in (life.RECEIVED, life.ADDRESS_QUERY):
        if needed(order):
            return word, "unable_to_submit"
        submit_at = order["extra"].get("submit_at")
        return word, "queued_to_submit" if submit_at and seconds(submit_at) > now else "submitted"
    if status == life.PICKING:
        return word, "cancellation_requested" if order["complaint"] == life.CANCEL_ASKED else "pick_in_progress"
    if status == life.SHIPPED:
        scans = {parcel["status"] for parcel in order["parcels"]}
        if scans & set(_ASTRAY):
            return word, "undeliverable"
        return word, "awaiting_carrier_processing" if scans == {"COLLECTED"} else "en_route"
    return word, {
        life.BACKORDER: "backorder",
        life.PACKED: "packed",
        life.PART_SHIPPED: "awaiting_pick_up",
        life.DELIVERED: "delivered",
        life.RETURNED: "undeliverable",
        life.CANCELLED: "cancelled",
    }[status]


def order_shown(order: dict[str, Any], now: float) -> dict[str, Any]:
    """Return an order as "Get Order" shows it."""
    extra = order["extra"]
    word, processing = statuses(order, now)
    parcels = order["parcels"]
    first = parcels[0] if parcels else {}
    tax = extra.get("recipient_tax_id")
    return {
        "order_key": order["reference"],
        "order_number": order["order_number"],
        "order_type": "direct_to_consumer",
        "store": {"id": STORE, "name": "Sandbox store"},
        "warehouse": BUILDING,
        "trading_partner": None,
        "ordered_at": extra["ordered_at"],
        "customer_email": extra.get("customer_email"),
        "shipping_method": None,
        "requested_shipping_service": extra["requested_shipping_service"],
        "shipping_paid": 0.0,
        "tax_paid": 0.0,
        "order_costs": dict.fromkeys(
            (
                "estimated_shipping_related_charges",
                "estimated_packaging_material_charges",
                "estimated_pick_and_pack_charges",
            )
        ),
        "ship_from": None,
        "ship_to": {theirs: order["ship_to"].get(ours) or None for ours, theirs in FIELDS.items()}
        | {"email": extra.get("customer_email"), "residential": None},
        "order_status": word,
        "processing_status": processing,
        "items": [_item(line, extra, processing) for line in order["lines"]],
        "attributes": [],
        "currency_code": extra.get("currency_code") or "USD",
        "references": [],
        "custom_data": [],
        "special_requirements": None,
        "actions_required": dict.fromkeys(_ACTIONS, False) | dict.fromkeys(needed(order), True),
        "master_tracking_number": first.get("tracking_number"),
        "tracking_url": first.get("tracking_url"),
        "returns": [],
        "packages": [_package(number, parcel) for number, parcel in enumerate(parcels, 1)],
        "tax_id": None,
        "recipient_tax_id": None if tax is None else _tax_id(tax),
        "shipment_data": _shipment(first) if word == "fulfilled" else None,
        "order_parts": None,
        "shipped_at": instant(order["updated_at"]) if word == "fulfilled" else None,
        "updated_at": instant(order["updated_at"]),
        "order_size": "regular",
        "extra_data": [],
        "serial_numbers": [],
        "gift_message": extra.get("gift_message"),
        "gift_from": extra.get("gift_from"),
        "customer_notes": extra.get("customer_notes"),
        "order_detail_url": f"https://app.sandbox.invalid/orders/{order['id']}",
    }


def instant(text: str) -> str:
    """Write an instant as ShipMonk does, with an offset in digits."""
    return text.replace("Z", "+00:00")


def seconds(text: str) -> float:
    """Read an instant with its offset, in seconds since 1970; raises ValueError for anything else."""
    then = datetime.fromisoformat(text)
    if then.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return then.astimezone(UTC).timestamp()


def _item(line: dict[str, Any], extra: dict[str, Any], processing: str) -> dict[str, Any]:
    told = extra["items"].get(line["sku"], {})
    short = line["quantity"] if processing == "backorder" else 0
    return {
        "line_key": told.get("line_key"),
        "sku": line["sku"],
        "name": told.get("name"),
        "quantity": line["quantity"],
        "price": told.get("price"),
        "image_url": None,
        "fulfilled_quantity": None,
        "source": "imported",
        "products": [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "backordered_quantity": short,
                "lot": None,
                "other_potential_lots": [],
            }
        ],
    }


def _package(number: int, parcel: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "tracking_number": parcel["tracking_number"],
        "tracking_url": parcel["tracking_url"],
        "weight_lb": None,
        "pallet_weight_lb": None,
        "pallet_number": None,
        "box_number": None,
        "carton_labels": [],
        "packed_products": [line | {"lots": []} for line in parcel["lines"]],
        "packing_group": None,
        "packed_items": [line | {"line_key": None} for line in parcel["lines"]],
    }


def _shipment(parcel: dict[str, Any]) -> dict[str, Any]:
    names = (
        "service", "carrier_alpha_code", "carrier_trans_method_code", "bill_of_lading_number",
        "master_bill_of_lading_number", "load_number", "authorization_number", "estimated_shipping_cost", "routing",
    )  # fmt: skip
    told = {"carrier": parcel.get("carrier"), "carrier_tracking_url": parcel.get("tracking_url")}
    return dict.fromkeys(names) | told


def _tax_id(told: dict[str, Any]) -> dict[str, Any]:
    country = {"code": told["issuing_country_id"], "name": None}
    return {"tax_id_type": told["type"], "value": told["value"], "issuing_country": country}
