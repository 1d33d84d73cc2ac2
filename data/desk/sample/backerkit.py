"""The sample campaign as BackerKit would export it: fixed columns, then one column per SKU."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from data.addresses.countries import country_name
from data.desk.sample.campaign import SampleCampaign, SampleOrder
from data.desk.sample.kickstarter import START
from data.desk.sample.rewards import ADD_ONS, PRODUCTS, Tier, mapping
from data.files.write import Cell, Written, write_table
from data.intake.money import money_text
from data.model import Money

_FIXED = (
    "Id", "Service Guid", "Platform", "Reward Id", "Name", "Email", "Address Name", "Address Line 1", "Address Line 2",
    "Address City", "Address State", "Address Country", "Address Postal Code", "Address Phone Number", "Pledge Amount",
    "Pledge Status", "Notes", "Public Notes", "Pledged At", "Survey Answered At", "Full Address", "Full Country",
    "Reward Price", "Reward Description", "Order Placed", "Order ID", "Order Status", "Order Charged", "Charge Token",
    "Funds Added in BackerKit", "Add-on Shipping Subtotal", "Pledge Level Shipping Subtotal", "Total Spent",
)  # fmt: skip
_STATUS = {"collected": "collected", "dropped": "canceled", "errored": "failed"}


def write_backerkit(path: Path, campaign: SampleCampaign, *, example_row: bool = True) -> Written:
    """Write the export, with the example person as its first row; raises InputError when the file is there already."""
    header = (*_FIXED, *(product.sku for product in PRODUCTS))
    return write_table(path, header, _rows(campaign, example_row), spreadsheet=False)


def _rows(campaign: SampleCampaign, example_row: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield every order with a reward, which are all the platform imports."""
    if example_row:
        cells: dict[str, Cell] = {
            "Id": 1,
            "Name": "Example Backer",
            "Email": "backer@example.com",
            "Pledge Status": "collected",
        }
        yield (*(cells.get(name, "") for name in _FIXED), *("" for _ in PRODUCTS))
    for order in campaign:
        if order.tier is not None:
            yield _row(campaign.currency, order, order.tier)


def _row(currency: str, order: SampleOrder, tier: Tier) -> tuple[Cell, ...]:
    """Write one order."""
    address = order.address
    email = f"canceled-{order.email}" if order.status == "dropped" else order.email
    where: tuple[Cell, ...] = ("",) * 8
    full = country = answered = order_id = ""
    if address is not None:
        country = country_name(address.country)
        city = " ".join(part for part in (address.postcode, address.city, address.region) if part)
        full = "\n".join(line for line in (address.name, address.line1, address.line2, city, country) if line)
        answered = _moment(order.day + 60, order.second)
        order_id = str(500_000 + order.place)
        where = (
            address.name, address.line1, address.line2, address.city, address.region, address.country,
            address.postcode, address.phone,
        )  # fmt: skip
    amount = _money(order.amount, currency)
    return (
        4_000_000 + order.place, "", "Kickstarter", tier.reward_id, order.name, email, *where, amount,
        _STATUS[order.status], "", "", _moment(order.day, order.second), answered, full, country,
        _money(tier.minimum, currency), tier.title, answered, order_id, "", "", "", "", "",
        _money(order.shipping, currency), amount, *_skus(tier, order.add_ons),
    )  # fmt: skip


@cache
def _skus(tier: Tier, add_ons: tuple[int, ...]) -> tuple[Cell, ...]:
    """Return the cells under the SKUs' columns."""
    known, counts = mapping(), dict.fromkeys((product.sku for product in PRODUCTS), 0)
    for sku, quantity in known["tier", tier.title]:
        counts[sku] += quantity
    for quantity, (_, name, _) in zip(add_ons, ADD_ONS, strict=True):
        for sku, count in known["addon", name]:
            counts[sku] += quantity * count
    return tuple(count or "" for count in counts.values())


@cache
def _money(minor: int, currency: str) -> str:
    """Write an amount."""
    return money_text(Money(minor, currency))


@cache
def _day(day: int) -> str:
    """Write a day of the campaign."""
    return (START + timedelta(days=day)).isoformat()


def _moment(day: int, second: int) -> str:
    """Write a moment."""
    return f"{_day(day)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} -0400"
