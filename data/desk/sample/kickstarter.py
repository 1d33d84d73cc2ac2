"""The sample campaign as Kickstarter would report it, in any of the report's four generations."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from data.addresses.countries import country_name
from data.desk.sample.campaign import SampleCampaign, SampleOrder
from data.desk.sample.rewards import ADD_ONS, ITEMS, Tier
from data.files.write import Cell, Written, new_file, write_table
from data.intake.money import money_text
from data.model import Money, exponent

Generation = Literal["A", "B", "C", "D"]
START = date(2026, 5, 4)
"""The sample campaign's first day."""
_EXPORTED = "Oct 25 10pm"

_SURVEY = (
    "Survey Response", "Shipping Name", "Shipping Address 1", "Shipping Address 2", "Shipping City", "Shipping State",
    "Shipping Postal Code", "Shipping Country Name", "Shipping Country Code",
)  # fmt: skip
_UNANSWERED: tuple[Cell, ...] = tuple("" for _ in _SURVEY)
_PHONE = ("Shipping Phone Number", "Shipping Delivery Notes")
_QUESTIONS = ("Which cover do you want?", "Add On: How Many Additional Copies Did You Pledge For?")
_COVERS = ("Day", "Night", "No response")
_A = (
    "Backer Id", "Backer Name", "Email", "Shipping Country", "Shipping Amount", "Reward Minimum", "Pledge Amount",
    "Pledged At", "Rewards Sent?", "Pledged Status", "Notes",
)  # fmt: skip
_B = (
    "Backer Number", "Backer UID", "Backer Name", "Email", "Shipping Country", "Shipping Amount", "Reward Minimum",
    "Reward ID", "Pledge Amount", "Pledged At", "Rewards Sent?", "Pledged Status", "Notes", "Twitter",
)  # fmt: skip
_C = (
    "Backer Number", "Backer UID", "Backer Name", "Email", "Shipping Country", "Shipping Amount", "Reward Title",
    "Reward Minimum", "Reward ID", "Pledge Amount", "Pledged At", "Rewards Sent?", "Pledged Status", "Notes",
    "Billing State/Province", "Billing Country",
)  # fmt: skip
_D = (
    "Backer Number", "Backer UID", "Backer Name", "Email", "Shipping Country", "Shipping Amount", "Reward Title",
    "Backing Minimum", "Reward ID", "Bonus Support", "Pledge Amount", "Pledged At", "Fulfillment Status",
    "Pledged Status", "Notes",
)  # fmt: skip
_NO_REWARD = (
    "Backer Number", "Backer UID", "Backer Name", "Email", "Pledge Amount", "Pledged At", "Pledged Status", "Notes",
    "Billing State/Province", "Billing Country",
)  # fmt: skip


def write_kickstarter(path: Path, campaign: SampleCampaign, generation: Generation = "D") -> Written:
    """Write all tiers as one CSV; raises InputError when the file is there already."""
    rows = (_row(campaign.currency, generation, order) for order in campaign)
    return write_table(path, _header(generation), rows, spreadsheet=False)


def write_kickstarter_zip(path: Path, campaign: SampleCampaign, generation: Generation = "D") -> list[str]:
    """Write a zip of one CSV per tier and one of backers without a reward, as the site hands it out.

    Returns the members' names. Tiers without shipping lack the shipping columns, as they do there (but for the oldest
    generations, which know no tier without). Raises InputError when the file is there already.
    """
    tiers: list[Tier | None] = list(dict.fromkeys(order.tier for order in campaign))
    tiers.sort(key=lambda tier: (tier is None, tier.minimum if tier else 0))
    names: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix=".sample.", dir=path.parent) as folder,
        new_file(path) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for tier in tiers:
            name = _file_name(campaign.currency, tier)
            plain = Path(folder) / f"{len(names)}.csv"
            header, rows = _tier_table(campaign, generation, tier)
            write_table(plain, header, rows, spreadsheet=False)
            archive.write(plain, name)
            plain.unlink()
            names.append(name)
    return names


def _file_name(currency: str, tier: Tier | None) -> str:
    """Name a tier's file: `59.00 USD Keeper - Oct 25 10pm.csv`."""
    if tier is None:
        return f"No reward - {_EXPORTED}.csv"
    amount = money_text(Money(tier.minimum, currency)).removeprefix(f"{currency} ")
    return f"{amount} {currency} {tier.title} - {_EXPORTED}.csv"


def _tier_table(
    campaign: SampleCampaign, generation: Generation, tier: Tier | None
) -> tuple[tuple[str, ...], Iterator[tuple[Cell, ...]]]:
    """Return the header and rows of one tier's file."""
    whole = _header(generation)
    wanted: tuple[str, ...] = whole
    if tier is None and generation in "CD":
        wanted = _NO_REWARD
    elif tier is not None and not tier.physical and generation in "CD":
        wanted = tuple(name for name in whole[: whole.index("Notes") + 1] if not name.startswith("Shipping"))
    elif tier is not None and generation == "D":
        others = set(ITEMS) - {name for name, _ in tier.items}
        wanted = tuple(name for name in whole if name not in others)
    positions = tuple(whole.index(name) if name in whole else None for name in wanted)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for order in campaign:
            if order.tier is tier:
                row = _row(campaign.currency, generation, order)
                yield tuple("" if at is None else row[at] for at in positions)

    return wanted, rows()


@cache
def _header(generation: Generation) -> tuple[str, ...]:
    """Return a generation's header."""
    if generation == "A":
        return _A + _SURVEY
    if generation == "B":
        return _B
    if generation == "C":
        return _C + _SURVEY + _PHONE + _QUESTIONS
    return _D + tuple(f"[Addon: {number}] {name}" for number, name, _ in ADD_ONS) + ITEMS + _SURVEY + _PHONE


def _row(currency: str, generation: Generation, order: SampleOrder) -> tuple[Cell, ...]:
    """Write one order as a row of the whole table."""
    tier, address = order.tier, order.address
    country = order.country if order.shipping else ""
    shipping = _money(order.shipping, currency, generation) if order.shipping else ""
    minimum = _money(tier.minimum, currency, generation) if tier else ""
    reward = tier.reward_id if tier else ""
    title = tier.title if tier else ""
    amount, at = _money(order.amount, currency, generation), _moment(order.day, order.second, generation)
    survey: tuple[Cell, ...] = _UNANSWERED
    if address is not None:
        answered = _moment(order.day + 60, order.second, generation)
        survey = (
            answered, address.name, address.line1, address.line2, address.city, address.region, address.postcode,
            country_name(address.country), address.country,
        )  # fmt: skip
    if generation == "A":
        return (
            order.uid, order.name, order.email, country, shipping, minimum, amount, at, "", order.status, "", *survey
        )  # fmt: skip
    start = (order.number, order.uid, order.name, order.email, country, shipping)
    if generation == "B":
        return (*start, minimum, reward, amount, at, "", order.status, "", "")
    phone = (address.phone if address else "", "")
    if generation == "C":
        answers = (_COVERS[order.second % 3], sum(order.add_ons) or "No response") if address else ("", "")
        reward_cells = (title, minimum, reward, amount, at, "", order.status, "", "", order.country)
        return (*start, *reward_cells, *survey, *phone, *answers)
    bonus = _money(order.bonus, currency, generation) if order.bonus else ""
    middle = (title, minimum, reward, bonus, amount, at, "", order.status, "")
    return (*start, *middle, *(quantity or "" for quantity in order.add_ons), *_items(tier), *survey, *phone)


@cache
def _items(tier: Tier | None) -> tuple[Cell, ...]:
    """Return a tier's cells under the items' columns."""
    counts = dict(tier.items) if tier else {}
    return tuple(counts.get(name, "") for name in ITEMS)


@cache
def _money(minor: int, currency: str, generation: Generation) -> str:
    """Write an amount as the generation does."""
    text = money_text(Money(minor, currency))
    if currency == "USD":
        text = "$" + text.removeprefix("USD ")
        return f"{text} USD" if generation == "A" else text
    if generation == "A" and exponent(currency) == 2:
        return f"{text.removeprefix(currency + ' ')} {currency}"
    return text


@cache
def _day(day: int, generation: Generation) -> str:
    """Write a day of the campaign."""
    moment = START + timedelta(days=day)
    return moment.isoformat() if generation == "A" else moment.strftime("%Y/%m/%d,")


def _moment(day: int, second: int, generation: Generation) -> str:
    """Write a moment as the generation does."""
    minutes, rest = divmod(second, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return (
        f"{_day(day, generation)} {clock}:{rest:02} -0400" if generation == "A" else f"{_day(day, generation)} {clock}"
    )
