"""Returns to Amazon: one item for each unit, with the shipment it left in and a reason out of Amazon's own list.

Source: the Selling Partner API's model fulfillmentOutbound 2020-07-01 (createFulfillmentReturn, listReturnReasonCodes).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from data.portals.amazon_paths import ORDER, REASONS, Ask
from data.portals.amazon_replies import is_absent, payload
from data.portals.errors import Conflict, FieldError, Permanent
from data.portals.outcomes import Pushed, PushResult
from data.text import visible


async def request_return(ask: Ask, body: str, key: str, reason: str) -> PushResult:
    """Announce what `return_body` wrote; what Amazon has of it already is not asked for twice.

    `reason` is the code for a return whose own reason is not one of Amazon's. Raises Permanent where Amazon takes none
    of it, Conflict where it takes a part, and what `Http.ask` raises.
    """
    told = json.loads(body)
    order_key, items = str(told["sellerFulfillmentOrderId"]), told["items"]
    reply = await ask("GET", ORDER, {"id": order_key})
    if is_absent(reply):
        raise Permanent(f"Amazon has no order {order_key}")
    order = payload(reply)
    try:
        there = {str(each["sellerReturnItemId"]) for each in order.get("returnItems") or ()}
        missing = [each for each in items if each["sellerReturnItemId"] not in there]
        left = _left(order)
    except (KeyError, TypeError, ValueError, AttributeError):
        reply.not_understood("the order in it can't be read")
    if not missing:
        return PushResult(Pushed.ALREADY, (key,))
    _give_shipments(missing, left)
    for sku in dict.fromkeys(each["sellerFulfillmentOrderItemId"] for each in missing):
        mine = [each for each in missing if each["sellerFulfillmentOrderItemId"] == sku]
        code = await _reason_code(ask, order_key, sku, (str(mine[0].get("returnComment") or ""), reason))
        for each in mine:
            each["returnReasonCode"] = code
    content = json.dumps({"items": missing}, ensure_ascii=False)
    reply = await ask("PUT", f"{ORDER}/return", {"id": order_key}, content=content)
    answer = payload(reply)
    try:
        taken = {str(each["sellerReturnItemId"]) for each in answer.get("returnItems") or ()}
        refused = [_refusal(each) for each in answer.get("invalidReturnItems") or ()]
    except (KeyError, TypeError, AttributeError):
        reply.not_understood("what it says of the items can't be read")
    if refused and not taken | there:
        raise Permanent("; ".join(f"{each.field}: {each.message}" for each in refused), tuple(refused))
    if refused:
        differences = tuple(f"{each.field}: {each.message}" for each in refused)
        raise Conflict(f"Amazon takes a part of {key}: {'; '.join(differences)}", differences, (key,))
    if not taken.issuperset(each["sellerReturnItemId"] for each in missing):
        reply.not_understood("it does not name every item that comes back")
    return PushResult(Pushed.CREATED, (key,))


def _left(order: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each item of an order the shipments its units left in, one entry for each that can come back."""
    coming = Counter(
        (str(each["sellerFulfillmentOrderItemId"]), str(each["amazonShipmentId"]))
        for each in order.get("returnItems") or ()
    )
    left: dict[str, list[str]] = {}
    for shipment in order.get("fulfillmentShipments") or ():
        if shipment["fulfillmentShipmentStatus"] != "SHIPPED":
            continue
        for item in shipment["fulfillmentShipmentItem"]:
            sku, where = str(item["sellerFulfillmentOrderItemId"]), str(shipment["amazonShipmentId"])
            units = int(item["quantity"])
            already = min(units, coming[sku, where])
            coming[sku, where] -= already
            left.setdefault(sku, []).extend([where] * (units - already))
    return left


def _give_shipments(items: Iterable[dict[str, Any]], left: dict[str, list[str]]) -> None:
    """Write into each item the shipment it left in; raises Permanent for those that have not left."""
    wrong: list[FieldError] = []
    for each in items:
        sku = each["sellerFulfillmentOrderItemId"]
        if left.get(sku):
            each["amazonShipmentId"] = left[sku].pop(0)
        else:
            wrong.append(FieldError(visible(sku), "so many of it have not left, or come back already"))
    if wrong:
        raise Permanent("; ".join(f"{each.field}: {each.message}" for each in wrong), tuple(wrong))


async def _reason_code(ask: Ask, order_key: str, sku: str, wanted: Iterable[str]) -> str:
    """Return Amazon's code for the first reason that is one, by its code or its description."""
    reply = await ask("GET", REASONS, query={"sellerSku": sku, "sellerFulfillmentOrderId": order_key})
    try:
        details = payload(reply).get("reasonCodeDetails") or ()
        codes = {str(each["returnReasonCode"]): str(each["description"]) for each in details}
    except (KeyError, TypeError, AttributeError):
        reply.not_understood("the reasons in it can't be read")
    known = {name.casefold(): code for code, text in codes.items() for name in (code, text)}
    for reason in wanted:
        if code := known.get(reason.strip().casefold()):
            return code
    listed = ", ".join(f"{code} ({text})" for code, text in list(codes.items())[:20])
    raise Permanent(f"Amazon wants one of its reasons for a return of {visible(sku)}: {visible(listed)}")


def _refusal(item: Mapping[str, Any]) -> FieldError:
    why = item["invalidItemReason"]
    said = f"{why['invalidItemReasonCode']}: {why['description']}"
    return FieldError(visible(str(item["sellerFulfillmentOrderItemId"])), visible(said))
