"""What every test may ask for: a workspace on a clock that stands still, orders in it, and the command line."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest

from data.clock import HeldClock, utc_text
from data.model import Address
from data.orders.stages import settle
from data.store.actor import Actor
from data.store.store import Write
from data.store.workspace import Workspace, init_workspace


def _settings() -> list[str]:
    """Name the variables that steer us or Textual; those of the snapshot plugin are its own."""
    return [
        each
        for each in os.environ
        if each == "NO_COLOR"
        or (each.startswith(("TEXTUAL_", "LASTCALL_")) and not each.startswith("TEXTUAL_SNAPSHOT"))
    ]


# Textual reads its variables when it is imported, which is before any fixture runs.
for _name in _settings():
    del os.environ[_name]
os.environ["TEXTUAL_ANIMATIONS"] = "none"

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOME = Address(
    name="Anna Lindqvist",
    line1="Elm Street 5",
    city="Berlin",
    postcode="10115",
    country="DE",
    phone="+49 30 901820",
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the operator's own settings out of every test."""
    for name in _settings():
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(scope="session")
def _empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made once and copied for each test; nobody opens it."""
    folder = tmp_path_factory.mktemp("empty") / "workspace"
    init_workspace(folder)
    return folder


@pytest.fixture
def clock() -> HeldClock:
    """A clock that stands at 2026-11-23 09:00 UTC until it is moved."""
    return HeldClock(START)


@pytest.fixture
def actor() -> Actor:
    """The person at the keyboard."""
    return Actor(user="dana", program="console", session="dana-1")


@pytest.fixture
def workspace(tmp_path: Path, _empty_workspace: Path, clock: HeldClock, actor: Actor) -> Iterator[Workspace]:
    """An open, empty workspace of `actor` on `clock`."""
    folder = tmp_path / "workspace"
    shutil.copytree(_empty_workspace, folder)
    ws = Workspace(folder, actor, clock)
    yield ws
    ws.close()


class OpenAs(Protocol):
    """Open the same workspace as somebody else."""

    def __call__(self, user: str, program: str = "console") -> Workspace: ...


@pytest.fixture
def open_as(workspace: Workspace, clock: HeldClock) -> Iterator[OpenAs]:
    """Open the workspace as another person, on a connection of their own."""
    opened: list[Workspace] = []

    def open_(user: str, program: str = "console") -> Workspace:
        opened.append(Workspace(workspace.folder, Actor(user=user, program=program, session=f"{user}-1"), clock))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def campaign(workspace: Workspace) -> int:
    """The id of the campaign EMBER, on Kickstarter, in euros, in Berlin."""
    with workspace.write("campaign.add", "add campaign Ember Isles") as tx:
        return tx.insert(
            "campaigns",
            {
                "code": "EMBER",
                "name": "Ember Isles",
                "platform": "kickstarter",
                "currency": "EUR",
                "time_zone": "Europe/Berlin",
            },
        )


def ensure_product(tx: Write, sku: str, *, physical: bool = True) -> None:
    """Insert the product if it is missing."""
    tx.run("INSERT OR IGNORE INTO products(sku, title, physical) VALUES (?, ?, ?)", (sku, sku.title(), int(physical)))


def ensure_warehouse(tx: Write, code: str) -> None:
    """Insert the warehouse if it is missing."""
    tx.run("INSERT OR IGNORE INTO warehouses(code, name) VALUES (?, ?)", (code, f"Warehouse {code}"))


MakeOrder = Callable[..., int]
"""Put an order into the workspace; every keyword of `make_order` has a default that makes it `ready`."""
MakeShipment = Callable[..., int]
"""Put a shipment of an order into the workspace."""


@pytest.fixture
def make_order(workspace: Workspace, campaign: int) -> MakeOrder:
    """Return a function that puts one settled order into the workspace and returns its id.

    `lines` are (SKU, quantity), a SKU of None being a name that is not mapped; `address=None` is a survey without an
    answer; the same `uid` twice is the same backer.
    """
    numbers = count(1001)
    default_campaign = campaign

    def make(
        *,
        number: str | None = None,
        name: str = "Anna Lindqvist",
        email: str | None = None,
        uid: str | None = None,
        kind: str = "pledge",
        tier: str = "Base game",
        country: str | None = None,
        address: Address | None = HOME,
        lines: Sequence[tuple[str | None, int]] = (("GAME", 1),),
        paid: bool = True,
        late: bool = False,
        locked: bool = False,
        warehouse: str | None = None,
        priority: int = 0,
        holds: Sequence[str] = (),
        parent_id: int | None = None,
        ordered_at: str | None = "2026-10-01T10:00:00Z",
        amount_minor: int | None = 6900,
        currency: str = "EUR",
        source: str = "kickstarter",
        external_id: str | None = None,
        campaign_id: int | None = None,
    ) -> int:
        number = number or str(next(numbers))
        campaign_id = campaign_id or default_campaign
        at = utc_text(workspace.clock.now())
        with workspace.write("test.order", f"add order {number}", campaign=campaign_id) as tx:
            uid = uid or f"uid-{number}"
            found = tx.one("SELECT id FROM backers WHERE campaign_id = ? AND uid = ?", (campaign_id, uid))
            backer_id = (
                int(found[0])
                if found
                else tx.insert(
                    "backers",
                    {
                        "campaign_id": campaign_id,
                        "platform": source,
                        "uid": uid,
                        "number": number,
                        "name": name,
                        "email": f"backer{number}@example.org" if email is None else email,
                    },
                )
            )
            if warehouse is not None:
                ensure_warehouse(tx, warehouse)
            order_id = tx.insert(
                "orders",
                {
                    "campaign_id": campaign_id,
                    "backer_id": backer_id,
                    "kind": kind,
                    "source": source,
                    "external_id": external_id or f"{uid}:{number}",
                    "number": number,
                    "tier": tier,
                    "stage": "needs_info",
                    "paid": int(paid),
                    "currency": currency,
                    "units": sum(quantity for _, quantity in lines),
                    "amount_minor": amount_minor,
                    "ordered_at": ordered_at,
                    "parent_id": parent_id,
                    "warehouse": warehouse,
                    "priority": priority,
                    "locked_at": at if locked else None,
                    "late": int(late),
                },
            )
            if address is not None:
                values: dict[str, object] = asdict(address)
                values["name"] = name if address is HOME else address.name
                values["country"] = country or address.country
                address_id = tx.insert(
                    "addresses",
                    {"order_id": order_id, "backer_id": backer_id, "source": "import", "at": at, **values},
                )
                tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (address_id, order_id))
            for sku, quantity in lines:
                if sku is not None:
                    ensure_product(tx, sku)
                tx.insert(
                    "order_lines",
                    {"order_id": order_id, "sku": sku, "name": (sku or "mystery add-on").lower(), "quantity": quantity},
                )
            for hold in holds:
                tx.insert("holds", {"order_id": order_id, "kind": hold, "reason": "a test says so", "placed_at": at})
            settle(tx, [order_id])
        return order_id

    return make


@pytest.fixture
def make_shipment(workspace: Workspace) -> MakeShipment:
    """Return a function that puts a shipment of an order's lines into the workspace, settles, and returns its id.

    `quantities` says how much of each line goes, in the lines' order; all of it by default.
    """

    def make(
        order_id: int,
        *,
        warehouse: str = "EU1",
        state: str = "draft",
        key: str | None = None,
        batch_id: int | None = None,
        quantities: Sequence[int] | None = None,
    ) -> int:
        with workspace.write("test.shipment", f"add a shipment of order {order_id}") as tx:
            ensure_warehouse(tx, warehouse)
            found = tx.one("SELECT campaign_id, backer_id, address_id FROM orders WHERE id = ?", (order_id,))
            assert found is not None
            campaign_id, backer_id, address_id = found
            number = tx.rows("SELECT count(*) FROM shipments")[0][0] + 1
            shipment_id = tx.insert(
                "shipments",
                {
                    "campaign_id": campaign_id,
                    "backer_id": backer_id,
                    "batch_id": batch_id,
                    "warehouse": warehouse,
                    "key": key or f"LC-{order_id}-{number}",
                    "state": "draft",
                    "address_id": address_id,
                },
            )
            lines = tx.rows(
                "SELECT id, sku, quantity FROM order_lines WHERE order_id = ? AND sku IS NOT NULL ORDER BY id",
                (order_id,),
            )
            for at, (line_id, sku, ordered) in enumerate(lines):
                quantity = ordered if quantities is None else quantities[at]
                if quantity:
                    tx.insert(
                        "shipment_lines",
                        {
                            "shipment_id": shipment_id,
                            "order_id": order_id,
                            "order_line_id": line_id,
                            "sku": sku,
                            "quantity": quantity,
                        },
                    )
            tx.run(
                "UPDATE orders SET warehouse = ?, rev = rev + 1 WHERE id = ? AND warehouse IS NOT ?",
                (warehouse, order_id, warehouse),
            )
            settle(tx, [order_id])
            if state != "draft":
                tx.run("UPDATE shipments SET state = ?, rev = rev + 1 WHERE id = ?", (state, shipment_id))
                settle(tx, [order_id])
        return shipment_id

    return make


@pytest.fixture
def make_parcel(workspace: Workspace) -> Callable[..., int]:
    """Return `make(shipment_id, tracking_number, status="in_transit", carrier="DHL") -> id of the parcel`."""

    def make(
        shipment_id: int, tracking_number: str = "JD0001", status: str = "in_transit", carrier: str = "DHL"
    ) -> int:
        with workspace.write("test.parcel", f"add parcel {tracking_number}") as tx:
            backer = tx.one("SELECT backer_id FROM shipments WHERE id = ?", (shipment_id,))
            assert backer is not None
            return tx.insert(
                "parcels",
                {
                    "shipment_id": shipment_id,
                    "backer_id": backer[0],
                    "carrier": carrier,
                    "tracking_number": tracking_number,
                    "status": status,
                    "shipped_at": utc_text(workspace.clock.now()),
                },
            )

    return make


@dataclass(frozen=True)
class Ran:
    """How one command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def lastcall(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Return `run(*arguments, stdin="") -> Ran`: the command line in this process, on the test's workspace."""
    from console.cli import run

    def run_(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = run(["--workspace", str(workspace.folder), *arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_
