"""What is sent to ShipMonk, and what the sandbox says in its place, by ShipMonk's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.clock import Clock
from data.model import Address, CommandKind, InputError, Money, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.notices import Carton, InboundNotice, Notice, Packing, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import RemoteLine, RemoteState
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_bodies import Account
from data.portals.shipmonk_orders import with_address_of, with_status_of
from data.portals.shipmonk_words import CANCELLING, STATES
from tests.specs import Problems, example, needs_specs, spec_validator

pytestmark = needs_specs("shipmonk")
FILE = "shipmonk-v1.024-openapi.json"
ORDER, ORDERS, LIST = (f"{verb} /v1/integrations/{name}" for verb, name in (
    ("POST", "order"), ("GET", "orders"), ("GET", "orders-list"),
))  # fmt: skip
RECEIVING, RETURNS = "POST /v1/integrations/receiving", "POST /v1/integrations/returns"
HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
PLAIN = ShipmentOrder("K-1", "#1", HOME, (ShipmentLine("GAME", "The game", 1),), ordered_at="2026-10-01T10:00:00Z")
ADDRESSES = {
    "whole": HOME,
    "no more than a street": Address(line1="Elm Street 5", country="DE"),
    "Japanese": Address("山田 太郎", "株式会社", "千代田区1-1", "", "東京", "東京都", "100-0001", "JP"),
    "Arabic": Address("محمد علي", "", "شارع الملك", "", "الرياض", "", "11564", "SA"),
    "Cyrillic": Address("Иван Іваненко", "", "вул. Хрещатик, 1", "", "Київ", "", "01001", "UA"),
}


@pytest.fixture(scope="module")
def order_problems() -> Problems:
    return check(ORDER)


def check(operation: str, *, reply: bool = False) -> Problems:
    return spec_validator("shipmonk", FILE, operation, reply=reply)


def portal(url: str = "https://shipmonk.invalid", secret: str = "x") -> ShipMonk:
    told = Account(1234, "SB1")
    return ShipMonk(url, SecretHeader(lambda: Secret(secret), "Api-Key", prefix=""), Clock(), told)


def test_the_description_tells_a_good_order_from_a_bad_one(order_problems: Problems) -> None:
    assert order_problems(example("shipmonk", "example-create-order.valid.json")) == []
    found = order_problems(example("shipmonk", "example-create-order.invalid.json"))
    assert any("order_key" in line for line in found)
    assert any("shipped" in line for line in found)
    assert any("-1" in line for line in found)


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("lines", [1, 3, 200])
def test_orders_and_every_change_of_them_are_valid(address: Address, lines: int, order_problems: Problems) -> None:
    made = replace(
        PLAIN,
        address=address,
        email="zoe@example.org",
        currency="EUR",
        lines=tuple(
            ShipmentLine(f"SKU-{number}", "Gänse & Küken", number, value=Money(1250, "EUR"))
            for number in range(1, lines + 1)
        ),
    )
    shop = portal()
    pushed = shop.render_push(made)
    amended = shop.render_amend(HOME, pushed)
    changes = [
        shop.render_change(kind, amended) for kind in (CommandKind.HOLD, CommandKind.RELEASE, CommandKind.CANCEL)
    ]
    # As it goes out: with the address, or the hold, that the warehouse has.
    there = RemoteState("K-1", "K-1", "onHold on_hold", ShipmentState.HELD, address=address, held=True)
    sent = [with_status_of(amended, there), *(with_address_of(text, there) for text in changes)]
    for text in (pushed, amended, *changes, *sent):
        assert order_problems(json.loads(text)) == []
    assert [json.loads(text)["order_status"] for text in changes] == ["onHold", "unfulfilled", "cancelled"]


@given(
    address=st.builds(Address, *(st.text(max_size=300) for _ in range(7)), st.sampled_from(("DE", "xx", "", "JP"))),
    lines=st.lists(
        st.builds(ShipmentLine, st.text(max_size=300), st.text(max_size=50), st.integers(-1, 10**7)), max_size=4
    ),
    number=st.text(max_size=300),
    email=st.text(max_size=300),
    ordered=st.sampled_from(("2026-10-01T10:00:00Z", "yesterday", "")),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_an_order_is_refused_here_or_valid_there(
    address: Address, lines: list[ShipmentLine], number: str, email: str, ordered: str, order_problems: Problems
) -> None:
    made = replace(PLAIN, address=address, lines=tuple(lines), number=number, email=email, ordered_at=ordered)
    try:
        text = portal().render_push(made)
    except InputError:
        return
    assert order_problems(json.loads(text)) == []


def test_every_word_of_the_description_is_known_or_left_out_on_purpose() -> None:
    words = _enum(example("shipmonk", FILE), "processing_status")
    assert words - STATES.keys() == {CANCELLING, "updating", "fulfilled_by_3rd"}
    assert STATES.keys() <= words


def _enum(part: Any, name: str) -> set[str]:
    """Return every value that fields of this name may have, anywhere in a description of what is read."""
    schemas = part["components"]["schemas"]
    found: set[str] = set()
    for schema in schemas.values():
        field = schema.get("properties", {}).get(name, {})
        named = schemas.get(field.get("$ref", "").rpartition("/")[2], field)
        found |= set(named.get("enum", ()))
    return found


NOTICES: dict[str, Notice] = {
    "parcels": InboundNotice("ASN-1", "2026-12-04", (Carton("1Z1", (RemoteLine("GAME", 10),), 4),)),
    "pallets, everything told": InboundNotice(
        "ASN-2",
        "2026-12-04",
        (Carton("003456789012345678", (RemoteLine("GAME", 10), RemoteLine("DICE", 2)), 4), Carton("", ())),
        Packing.PALLETS,
        "PO-7",
        "Ember Press",
        "Maersk",
        "TR-1",
        "Ever Given",
        "MSKU1234565",
        "BOL-1",
    ),
    "a container": InboundNotice("ASN-3", "2026-12-04", (Carton("", (RemoteLine("GAME", 1),)),), Packing.CONTAINER),
    "a return": ReturnNotice("RMA-1", "K-1", "K-1", (ReturnLine("GAME", 1, ReturnAction.RESTOCK),), "1Z9", "refused"),
    "a bare return": ReturnNotice("RMA-2", "", "", (ReturnLine("GAME", 2, ReturnAction.DISPOSE), ReturnLine("MAT", 1))),
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_announcements_are_valid(notice: Notice) -> None:
    problems = check(RECEIVING if isinstance(notice, InboundNotice) else RETURNS)
    body = json.loads(portal().render_notice(notice))
    assert problems(body) == []
    assert problems({name: value for name, value in body.items() if name != "warehouse"}) != []


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with start(tmp_path_factory.mktemp("shipmonk") / "warehouse.db", dialect="shipmonk") as running:
        running.control("settings", {"exceptions": 0})
        yield running


async def test_what_the_sandbox_answers_is_valid_too(sandbox: SandboxProcess) -> None:
    shop = portal(sandbox.url, sandbox.token.reveal())
    keys = [f"K-{number}" for number in range(4)]
    for key in keys:
        made = replace(PLAIN, key=key)
        await shop.push(shop.render_push(made), key)
    for kind, name in ((CommandKind.ANNOUNCE, "pallets, everything told"), (CommandKind.RETURN, "a return")):
        notice = NOTICES[name]
        await shop.notify(kind, shop.render_notice(notice), notice.key)
    await shop.close()
    for key, fate in zip(keys, ("well", "lost", "well", "split"), strict=True):
        sandbox.control("fate", {"reference": key, "fate": fate})
    list_problems = check(LIST, reply=True)
    seen: set[str] = set()
    shown = {"Api-Key": sandbox.token.reveal()}
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/v1/integrations", headers=shown, trust_env=False) as client:
        for _ in range(40):
            sandbox.control("clock", {"advance": 4 * 3600})
            reply = await client.get("/orders-list", params={"updatedAtStart": "2020-01-01T00:00:00Z"})
            assert list_problems(reply.json()) == []
            seen |= {order["processing_status"] for order in reply.json()["data"]["orders"]}
        assert {"pick_in_progress", "packed", "en_route", "delivered", "undeliverable"} <= seen
        reply = await client.get("/orders", params={"orderKey": keys[0]})
        assert check(ORDERS, reply=True)(reply.json()) == []
        reply = await client.post("/products/search", json={})
        assert check("POST /v1/integrations/products/search", reply=True)(reply.json()) == []
        for path, query in (
            ("/products/search/paginate", {"cursor": str(reply.json()["cursor"])}),
            ("/receivings-list", {"asn": "ASN-2"}),
            ("/returns-list", {"rma": "RMA-1"}),
            ("/warehouses", {}),
        ):
            answer = (await client.get(path, params=query)).json()
            assert check(f"GET /v1/integrations{path}", reply=True)(answer) == [], path
            assert answer["data"], path
