"""What Amazon is sent, and how its words are read, without asking it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from data.model import Address, InputError, ParcelStatus, ShipmentState
from data.portals.amazon_bodies import read_address
from data.portals.amazon_words import PACKAGES, SHIPMENTS, STATES, read_order
from data.portals.protocol import ShipmentLine
from tests.amazon import AWAY, HOME, offline, order


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": replace(HOME, postcode="")}, "a postcode"),
        ({"address": replace(HOME, name="")}, "a name"),
        ({"address": replace(HOME, line1="")}, "the street"),
        ({"address": replace(HOME, country="")}, "a country"),
        ({"ordered_at": "yesterday"}, "the date"),
        ({"lines": (ShipmentLine("GAME", "", 1000),)}, "999 units in an order of one SKU"),
        ({"lines": (ShipmentLine("GAME", "", 150), ShipmentLine("DICE", "", 1))}, "150 units in an order of several"),
        ({"lines": tuple(ShipmentLine(f"S{n}", "", 1) for n in range(101))}, "100 lines"),
        ({"lines": (ShipmentLine("S" * 51, "", 1),)}, "no line of 1"),
        ({"lines": ()}, "1 to 100 lines"),
    ],
)
def test_what_amazon_is_known_to_refuse_is_not_rendered(changes: dict[str, Any], words: str) -> None:
    made = order()
    with pytest.raises(InputError, match=words):
        offline().render_push(replace(made, **changes))


def test_the_limits_themselves_are_rendered_and_lines_of_one_sku_are_one() -> None:
    one = json.loads(offline().render_push(order(lines=(ShipmentLine("GAME", "", 900), ShipmentLine("GAME", "", 99)))))
    assert [(item["sellerSku"], item["quantity"]) for item in one["items"]] == [("GAME", 999)]
    several = (ShipmentLine("GAME", "", 149), ShipmentLine("DICE", "", 1))
    assert len(json.loads(offline().render_push(order(lines=several)))["items"]) == 2


@pytest.mark.parametrize("number", ["№ 5", "", "9" * 41])
def test_a_number_that_amazon_can_not_print_gives_way_to_the_key(number: str) -> None:
    made = order(number=number)
    assert json.loads(offline().render_push(made))["displayableOrderId"] == made.key


@pytest.mark.parametrize("address", [HOME, AWAY, replace(AWAY, name=""), replace(HOME, country="JP", city="渋谷区")])
def test_an_address_is_read_back_as_it_was_written(address: Address) -> None:
    written = json.loads(offline().render_push(order(address=address)))["destinationAddress"]
    assert read_address(written) == address
    assert ("city" in written) is (address.country != "JP")


def test_every_word_of_amazon_s_is_known_and_another_is_kept() -> None:
    assert (len(STATES), len(SHIPMENTS), len(PACKAGES)) == (9, 4, 18)
    told = {
        "fulfillmentOrder": {"sellerFulfillmentOrderId": "K", "fulfillmentOrderStatus": "Teleported"},
        "fulfillmentOrderItems": [{"sellerSku": "GAME", "quantity": 1}],
        "fulfillmentShipments": [
            {
                "fulfillmentShipmentStatus": "BEAMED",
                "fulfillmentShipmentItem": [],
                "fulfillmentShipmentPackage": [{"packageNumber": 1, "carrierCode": "X", "trackingNumber": "T"}],
            }
        ],
    }
    remote = read_order(told, {1: {"currentStatus": "LOST_IN_SPACE"}})
    assert (remote.raw_status, remote.status, remote.address) == ("Teleported", None, None)
    assert (remote.parcels[0].raw_status, remote.parcels[0].status) == ("LOST_IN_SPACE", ParcelStatus.UNKNOWN)


def test_an_order_that_ended_with_less_than_all_says_what_is_missing() -> None:
    told = {
        "fulfillmentOrder": {"sellerFulfillmentOrderId": "K", "fulfillmentOrderStatus": "CompletePartialled"},
        "fulfillmentOrderItems": [
            {"sellerSku": "GAME", "quantity": 2, "cancelledQuantity": 0, "unfulfillableQuantity": 1},
            {"sellerSku": "DICE", "quantity": 1, "cancelledQuantity": 1, "unfulfillableQuantity": 0},
        ],
    }
    remote = read_order(told)
    assert remote.status is ShipmentState.PART_SHIPPED
    assert remote.exceptions == ("GAME: 1 unfulfillable", "DICE: 1 cancelled")
