"""Every body that ShipBob is sent, held against the vendor's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, CommandKind, Money
from data.portals.credentials import SecretHeader
from data.portals.notices import Carton, InboundNotice, Packing, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.secrets import Secret
from data.portals.shipbob import ShipBob
from data.portals.shipbob_bodies import finished_notice, with_shipments
from data.portals.shipbob_words import ORDERS, SHIPMENTS
from tests.specs import SPECS, example, needs_specs, spec_validator

pytestmark = needs_specs("shipbob")

FILE = "shipbob-2026-01-openapi.json"
HOME = Address(
    "Zoë O'Neill", "Été SARL", "1 High Street", "Flat 3", "London", "England", "N1 1AA", "GB", "+442079460018"
)
BARE = Address(name="A", line1="B 1", city="C", country="DE")
PLACES = [
    HOME,
    BARE,
    Address("李小龍", "", "彌敦道 1 號", "3 樓", "九龍", "", "", "HK", "+852 2345 6789"),
    Address("Анна Иванова", "", "ул. Ленина, 5", "", "Москва", "", "101000", "RU", ""),
    Address("محمد علي", "", "شارع الملك 5", "", "الرياض", "", "11564", "SA", ""),
    Address('"<&>\\ O\u2019Neill', "", "\u00a0 / 1 \U0001f3e0", "", "Saint-\u0153", "", "", "FR", ""),
]
GAME = ShipmentLine("GAME", "The game", 1)
LINES = [
    (GAME,),
    tuple(ShipmentLine(f"SKU-{number}", "", number) for number in range(1, 60)),
    (replace(GAME, value=Money(8900, "USD"), weight_g=900, hs_code="950490", origin="CN"),),
    (replace(GAME, value=Money(8900, "EUR")),),
]


def portal(**options: Any) -> ShipBob:
    return ShipBob(
        "https://api.shipbob.com",
        SecretHeader(lambda: Secret("x")),
        Clock(),
        channel=101,
        fulfillment_center=4,
        **options,
    )


def order(address: Address = HOME, lines: tuple[ShipmentLine, ...] = (GAME,), **more: Any) -> ShipmentOrder:
    return ShipmentOrder("EMBER-000001-1", "1001", address, lines, **more)


def check(operation: str) -> Callable[[str], list[str]]:
    validate = spec_validator("shipbob", FILE, operation)
    return lambda body: validate(json.loads(body))


@pytest.mark.parametrize("address", PLACES)
@pytest.mark.parametrize("lines", LINES)
def test_an_order_is_valid(address: Address, lines: tuple[ShipmentLine, ...]) -> None:
    wrong = check("create-order")
    assert wrong(portal().render_push(order(address, lines))) == []
    full = order(
        address, lines, email="zoe@example.org", campaign="Ember Isles", late=True, ordered_at="2026-10-01T10:00:00Z"
    )
    assert wrong(portal(shipping_method="Expedited").render_push(full)) == []


@pytest.mark.parametrize("address", [*PLACES, Address()])
@pytest.mark.parametrize("last", ["", "order", "amendment"])
def test_an_amendment_is_valid_and_keeps_the_email(address: Address, last: str) -> None:
    known = portal().render_push(order(email="zoe@example.org"))
    text = {"": "", "order": known, "amendment": portal().render_amend(HOME, known)}[last]
    body = portal().render_amend(address, text)
    assert check("update-shipment-address")(body) == []
    assert json.loads(body)["email"] == ("zoe@example.org" if last else None)


@pytest.mark.parametrize("packing", Packing)
@pytest.mark.parametrize("count", [1, 3])
def test_an_inbound_shipment_is_valid(packing: Packing, count: int) -> None:
    cartons = (
        Carton("1Z1", (RemoteLine("GAME", 10),), count=count),
        Carton("", (RemoteLine("GAME", 3), RemoteLine("DICE-2", 6), RemoteLine("GAME", 1))),
    )
    ids = {"GAME": 1001, "DICE-2": 1002}
    validate = check("create-warehouse-receiving-order")
    for told in (cartons[:1], cartons):
        body = finished_notice(portal().render_notice(InboundNotice("ASN-1", "2026-12-04", told, packing)), ids, None)
        assert validate(body) == []
        assert len(json.loads(body)["boxes"]) == sum(each.count for each in told)


@pytest.mark.parametrize("action", ReturnAction)
@pytest.mark.parametrize(("tracking", "shipment"), [("1Z9", 555001), ("", None)])
def test_a_return_is_valid(action: ReturnAction, tracking: str, shipment: int | None) -> None:
    notice = ReturnNotice("RMA-1", "EMBER-000001-1", "100001", (ReturnLine("GAME", 2, action),), tracking, "refused")
    body = finished_notice(portal().render_notice(notice), {"GAME": 1001}, shipment)
    assert check("create-return-order")(body) == []
    assert "GAME" not in body


def test_a_cancel_has_no_body() -> None:
    document = example("shipbob", FILE)
    assert "requestBody" not in document["paths"]["/2026-01/order/{orderId}:cancel"]["post"]
    assert portal().render_change(CommandKind.CANCEL, "") == ""


@pytest.mark.parametrize("kind", [CommandKind.HOLD, CommandKind.RELEASE])
def test_a_hold_names_shipments_as_the_other_bulk_requests_do(kind: CommandKind) -> None:
    # This copy of the description has no bulk holds yet; their pages say `shipment_ids` and `reserve_inventory`.
    body = with_shipments(portal().render_change(kind, ""), ["5000010", "5000011"])
    assert check("batch-cancel-shipments")(body) == []
    assert json.loads(body)["shipment_ids"] == [5000010, 5000011]
    assert set(json.loads(body)) <= {"shipment_ids", "reserve_inventory"}


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("create-order", "example-create-order"),
        ("update-shipment-address", "example-update-address"),
        ("create-warehouse-receiving-order", "example-receiving"),
        ("create-return-order", "example-return"),
    ],
)
def test_the_known_good_examples_pass(operation: str, name: str) -> None:
    assert spec_validator("shipbob", FILE, operation)(example("shipbob", f"{name}.valid.json")) == []


def test_the_known_bad_example_and_broken_bodies_are_rejected() -> None:
    validate = spec_validator("shipbob", FILE, "create-order")
    assert validate(example("shipbob", "example-create-order.invalid.json")) != []
    for field in ("reference_id", "products", "recipient", "shipping_method", "type"):
        body = json.loads(portal().render_push(order()))
        del body[field]
        assert validate(body) != []
    wrong = spec_validator("shipbob", FILE, "create-warehouse-receiving-order")
    unfinished = json.loads(
        portal().render_notice(InboundNotice("A", "2026-12-04", (Carton("", (RemoteLine("G", 1),)),)))
    )
    assert wrong(unfinished) != []


def test_every_status_in_the_description_has_a_state() -> None:
    text = (SPECS / "shipbob" / FILE).read_text(encoding="utf-8")
    enums = _enums(json.loads(text))
    orders = next(each for each in enums if "PartiallyFulfilled" in each)
    shipments = next(each for each in enums if "LabeledCreated" in each)
    assert set(orders) <= ORDERS.keys()
    assert set(shipments) <= SHIPMENTS.keys()


def _enums(schema: Any) -> list[list[Any]]:
    if isinstance(schema, dict):
        own = [schema["enum"]] if isinstance(schema.get("enum"), list) else []
        return own + [each for value in schema.values() for each in _enums(value)]
    return [each for value in schema for each in _enums(value)] if isinstance(schema, list) else []
