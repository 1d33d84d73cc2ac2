"""Every body that Amazon is sent is valid by its own specification."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, CommandKind, Money
from data.portals.amazon_bodies import Terms
from data.portals.amazon_login import AmazonLogin
from data.portals.amazon_mcf import AmazonMcf
from data.portals.amazon_paths import ORDER, ORDERS, REASONS, STOCK, TRACKING
from data.portals.amazon_returns import request_return
from data.portals.amazon_words import PACKAGES, SHIPMENTS, STATES
from data.portals.notices import ReturnLine, ReturnNotice
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.reply import Reply
from data.portals.secrets import Secret
from tests.specs import example, needs_specs, spec_validator

HOME = Address("Ada Lovelace", "", "100 Main St", "", "Seattle", "WA", "98101", "US", "+1 206 555 0100")
SPEC = "fulfillmentOutbound_2020-07-01.json"
GAME = ShipmentLine("GAME-DLX-EN", "The game", 1, 1200, "9504.40", "CN", "board game", Money(6900, "EUR"))
Check = Callable[[Any], list[str]]
pytestmark = needs_specs("amazon-mcf")


def check(operation: str) -> Check:
    return spec_validator("amazon-mcf", SPEC, operation)


def portal(**terms: Any) -> AmazonMcf:
    url = "https://sellingpartnerapi-na.amazon.com"
    login = AmazonLogin(lambda: Secret("a:b:c"), url, Clock())
    return AmazonMcf(url, login, Clock(), Terms("ATVPDKIKX0DER", **terms))


def order(address: Address = HOME, *lines: ShipmentLine, **changes: Any) -> ShipmentOrder:
    made = {"email": "ada@example.org", "campaign": "Ember Isles", "ordered_at": "2026-10-01T10:00:00Z"} | changes
    return replace(ShipmentOrder("EMBER-000123-1", "123", address, lines or (GAME,)), **made)


ORDERS_SENT = {
    "one line": order(),
    "many lines": order(HOME, *(ShipmentLine(f"SKU-{n}", f"Thing {n}", 1) for n in range(100))),
    "as long as can be": order(HOME, ShipmentLine("S" * 50, "t" * 400, 999), campaign="c" * 900, email="e" * 80 + "@x"),
    "without what may be missing": order(Address("A", "", "B", "", "", "", "1", "DE"), email="", campaign=""),
    "Japanese": order(Address("山田太郎", "株式会社", "神南1-2-3", "", "渋谷区", "東京都", "150-0041", "JP", "+81")),
    "Greek": order(Address("Ελένη", "", "Οδός Ερμού 5", "3ος", "Αθήνα", "", "105 63", "GR"), number="№ 7"),
    "yen": order(HOME, ShipmentLine("GAME", "", 1, value=Money(9800, "JPY"))),
}


@pytest.mark.parametrize("name", ORDERS_SENT)
@pytest.mark.parametrize("terms", [{}, {"hold_first": True, "speed": "Priority", "comment": "Thank you! " * 100}])
def test_every_order_is_a_valid_body(name: str, terms: dict[str, Any]) -> None:
    assert check("createFulfillmentOrder")(json.loads(portal(**terms).render_push(ORDERS_SENT[name]))) == []


def test_an_address_and_a_release_are_valid_updates() -> None:
    update = check("updateFulfillmentOrder")
    for each in ORDERS_SENT.values():
        assert update(json.loads(portal().render_amend(each.address, ""))) == []
    assert update(json.loads(portal().render_amend(Address(), ""))) == []
    assert update(json.loads(portal().render_change(CommandKind.RELEASE, ""))) == []


async def test_a_return_is_a_valid_body() -> None:
    sent: list[str] = []
    shipment = {
        "amazonShipmentId": "D1",
        "fulfillmentShipmentStatus": "SHIPPED",
        "fulfillmentShipmentItem": [{"sellerFulfillmentOrderItemId": "GAME-DLX-EN", "quantity": 2}],
    }
    answers: dict[str, dict[str, Any]] = {
        ORDER: {"fulfillmentShipments": [shipment]},
        REASONS: {"reasonCodeDetails": [{"returnReasonCode": "R1", "description": "Defective"}]},
        f"{ORDER}/return": {"returnItems": [{"sellerReturnItemId": f"RMA-1-{n}"} for n in (1, 2)]},
    }

    async def ask(
        method: str,
        template: str,
        values: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> Reply:
        sent.extend([content] if content else [])
        return Reply(200, "", json.dumps({"payload": answers[template]}).encode(), template)

    notice = ReturnNotice("RMA-1", "K", "K", (ReturnLine("GAME-DLX-EN", 2),), "", "defective")
    await request_return(ask, portal().render_notice(notice), "RMA-1", "")
    (body,) = (json.loads(each) for each in sent)
    assert check("createFulfillmentReturn")(body) == []
    assert [each["amazonShipmentId"] for each in body["items"]] == ["D1", "D1"]


def test_the_example_that_is_right_passes_and_the_one_that_is_wrong_does_not() -> None:
    right, wrong = (
        check("createFulfillmentOrder")(example("amazon-mcf", f"example-create-order-2020-07-01.{kind}.json"))
        for kind in ("valid", "invalid")
    )
    assert right == []
    assert {each.split(":")[0] for each in wrong} == {
        "$.sellerFulfillmentOrderId",
        "$.shippingSpeedCategory",
        "$.destinationAddress",
    }


def test_every_path_and_every_word_is_the_specification_s() -> None:
    spec, stock = example("amazon-mcf", SPEC), example("amazon-mcf", "fbaInventory.json")
    paths = {each.replace("{sellerFulfillmentOrderId}", "{id}") for each in (*spec["paths"], *stock["paths"])}
    assert {ORDERS, ORDER, f"{ORDER}/cancel", f"{ORDER}/return", REASONS, TRACKING, STOCK} <= paths
    words = spec["definitions"]
    assert set(words["FulfillmentOrderStatus"]["enum"]) == set(STATES)
    assert set(words["CurrentStatus"]["enum"]) == set(PACKAGES)
    assert set(words["FulfillmentShipment"]["properties"]["fulfillmentShipmentStatus"]["enum"]) == set(SHIPMENTS)
