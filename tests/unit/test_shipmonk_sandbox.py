"""The sandbox warehouse in ShipMonk's tongue, asked as somebody who knows only ShipMonk would ask it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock, utc_text
from data.portals.credentials import SecretHeader
from data.portals.errors import AuthFailed
from data.portals.http import Http
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from tests.sending import creations

ROOT = "/v1/integrations"
BEGIN = 1_795_000_000
ITEM: dict[str, Any] = {"sku": "GAME", "quantity": 1, "name": "The game", "price": 49.0, "line_key": "K-1-1"}
BODY: dict[str, Any] = {
    "store_id": 1234,
    "order_number": "#1",
    "order_key": "K-1",
    "order_status": "unfulfilled",
    "ordered_at": "2026-10-01T10:00:00+00:00",
    "requested_shipping_service": "Standard",
    "customer_notes": "ring twice",
    "gift_message": "for you",
    "ship_to": {"name": "Anna", "street1": "Elm Street 5", "city": "Berlin", "zip": "10115", "country_code": "DE"},
    "items": [ITEM],
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "warehouse.db", dialect="shipmonk") as running:
        running.control("settings", {"exceptions": 0})
        running.control("clock", {"at": BEGIN})
        yield running


class Customer:
    """Somebody with the key."""

    def __init__(self, url: str, secret: Secret) -> None:
        self.http = Http(url, SecretHeader(lambda: secret, "Api-Key", prefix=""), Clock())

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reply = await self.http.ask("POST", f"{ROOT}{path}", content=json.dumps(body))
        return reply.status, reply.json()

    async def order(self, **changes: Any) -> str:
        status, answer = await self.post("/order", BODY | changes)
        assert status == 200
        return str(answer["message"])

    async def shown(self) -> dict[str, Any]:
        reply = await self.http.ask("GET", f"{ROOT}/orders", query={"orderKey": "K-1", "storeId": "1234"})
        found: dict[str, Any] = reply.json()["data"]
        return found

    async def words(self) -> tuple[str, str]:
        shown = await self.shown()
        return shown["order_status"], shown["processing_status"]


@pytest.fixture
async def customer(sandbox: SandboxProcess) -> AsyncIterator[Customer]:
    made = Customer(sandbox.url, sandbox.token)
    yield made
    await made.http.close()


async def test_what_is_stored_once_is_ignored_later_and_nobody_is_told(
    customer: Customer, sandbox: SandboxProcess
) -> None:
    assert await customer.order() == "Order was created."
    said = await customer.order(
        order_number="#2",
        ordered_at="2026-12-01T10:00:00+00:00",
        customer_notes="do not ring",
        gift_message="",
        customer_email="anna@example.org",
        items=[ITEM | {"name": "Another game", "price": 1.0, "line_key": "other", "quantity": 3}],
    )
    shown = await customer.shown()
    assert said == "Order was updated."
    kept = ("order_number", "ordered_at", "customer_notes", "gift_message")
    assert [shown[name] for name in kept] == [BODY[name] for name in kept]
    item = shown["items"][0]
    assert (item["name"], item["price"], item["line_key"], item["quantity"]) == ("The game", 49.0, "other", 3)
    assert shown["customer_email"] == "anna@example.org"
    assert creations(sandbox) == {"K-1": 1}


async def test_while_it_is_picked_the_lines_stay_and_once_packed_everything_does(
    customer: Customer, sandbox: SandboxProcess
) -> None:
    await customer.order()
    for word, streets in (("pick_in_progress", "Oak Lane 9"), ("packed", "Oak Lane 9")):
        while (await customer.words())[1] != word:
            sandbox.control("clock", {"advance": 1500})
        ship_to = BODY["ship_to"] | {"street1": f"Oak Lane {9 if word != 'packed' else 10}"}
        await customer.order(items=[ITEM | {"quantity": 7}], ship_to=ship_to, order_status="onHold")
        shown = await customer.shown()
        assert (shown["items"][0]["quantity"], shown["ship_to"]["street1"]) == (1, streets)
        assert shown["order_status"] == "unfulfilled"


async def test_an_order_waits_for_its_instant_and_can_be_put_off(customer: Customer, sandbox: SandboxProcess) -> None:
    later, sooner = "2027-06-01T00:00:00+00:00", "2026-12-01T00:00:00+00:00"
    await customer.order(submit_at=later)
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert await customer.words() == ("unfulfilled", "queued_to_submit")
    assert (await customer.post("/submit-order", {"order_key": "K-1", "store_id": 1234, "submit_at": sooner}))[0] == 200
    assert await customer.words() == ("unfulfilled", "submitted")
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert (await customer.words())[0] == "fulfilled"
    assert (await customer.post("/submit-order", {"order_key": "K-9", "store_id": 1234, "submit_at": sooner}))[0] == 404
    assert (await customer.post("/submit-order", {"order_key": "K-1", "store_id": 1234, "submit_at": "soon"}))[0] == 422


async def test_an_order_can_be_made_held_or_cancelled_and_taken_up_again(
    customer: Customer, sandbox: SandboxProcess
) -> None:
    await customer.order(order_status="onHold")
    sandbox.control("clock", {"advance": 86_400})
    assert await customer.words() == ("onHold", "on_hold")
    await customer.order(order_status="cancelled")
    assert await customer.words() == ("cancelled", "cancelled")
    await customer.order(order_status="cancelled")
    await customer.order()
    assert await customer.words() == ("unfulfilled", "submitted")
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert (await customer.words())[0] == "fulfilled"
    assert creations(sandbox) == {"K-1": 1}


async def test_what_must_be_done_keeps_it_back_until_it_is_done(customer: Customer, sandbox: SandboxProcess) -> None:
    sandbox.control("settings", {"exceptions": 0})
    await customer.order(requested_shipping_service="By owl", ship_to=BODY["ship_to"] | {"country_code": "KR"})
    sandbox.control("clock", {"advance": 30 * 86_400})
    needed = (await customer.shown())["actions_required"]
    assert {name for name, needs in needed.items() if needs} == {"shipping_mapping", "customs"}
    assert await customer.words() == ("unfulfilled", "unable_to_submit")
    tax_id = {"type": "PCCC", "value": "P123456789012", "issuing_country_id": "KR"}
    await customer.order(ship_to=BODY["ship_to"] | {"country_code": "KR"}, recipient_tax_id=tax_id)
    assert await customer.words() == ("unfulfilled", "submitted")
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert (await customer.words())[0] == "fulfilled"


async def test_a_new_address_answers_the_question_about_the_old_one(
    customer: Customer, sandbox: SandboxProcess
) -> None:
    await customer.order()
    sandbox.control("fate", {"reference": "K-1", "fate": "address_query"})
    sandbox.control("clock", {"advance": 86_400})
    assert (await customer.shown())["actions_required"]["address"] is True
    await customer.order()
    assert await customer.words() == ("unfulfilled", "unable_to_submit")
    await customer.order(ship_to=BODY["ship_to"] | {"street1": "Oak Lane 9"})
    assert await customer.words() == ("unfulfilled", "submitted")
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert (await customer.words())[0] == "fulfilled"


async def test_the_list_is_bounded_by_instants_both_included_and_sorted_by_number(
    customer: Customer, sandbox: SandboxProcess
) -> None:
    async def listed(**query: str) -> list[str]:
        reply = await customer.http.ask("GET", f"{ROOT}/orders-list", query=query)
        return [each["order_key"] for each in reply.json()["data"]["orders"]]

    for number in (1, 2, 3):
        await customer.order(order_key=f"K-{number}")
        sandbox.control("clock", {"advance": 10})
    first, last = (utc_text(datetime.fromtimestamp(BEGIN + seconds, UTC)) for seconds in (0, 10))
    assert await listed() == ["K-1", "K-2", "K-3"]
    assert await listed(sortOrder="DESC", pageSize="2") == ["K-3", "K-2"]
    assert await listed(pageSize="2", page="2") == ["K-3"]
    assert await listed(updatedAtStart=first, updatedAtEnd=last) == ["K-1", "K-2"]
    assert await listed(updatedAtStart=last) == ["K-2", "K-3"]
    assert await listed(updatedAtStart=last, page="101") == []
    reply = await customer.http.ask("GET", f"{ROOT}/orders-list", query={"pageSize": "101"})
    assert reply.status == 422


async def test_a_wrong_body_is_refused_field_by_field(customer: Customer, sandbox: SandboxProcess) -> None:
    wrong = BODY | {
        "store_id": 1,
        "order_status": "shipped",
        "ordered_at": "2026-10-01",
        "submit_at": "soon",
        "warehouse": "XX9",
        "ship_to": {"name": "x" * 256},
        "items": [{"sku": "", "quantity": -1}],
    }
    status, answer = await customer.post("/order", wrong)
    assert status == 422
    assert {each["propertyPath"] for each in answer["violations"]} == {
        "store_id",
        "order_status",
        "ordered_at",
        "submit_at",
        "warehouse",
        "ship_to.name",
        "items[0].sku",
        "items[0].quantity",
    }
    for path in ("/receiving", "/returns"):
        assert (await customer.post(path, {"warehouse": "SB1", "items": []}))[0] == 422
    assert creations(sandbox) == {}
    stranger = Customer(sandbox.url, Secret("wrong"))
    with pytest.raises(AuthFailed):
        await stranger.order()
    await stranger.http.close()
