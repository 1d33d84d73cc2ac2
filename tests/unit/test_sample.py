from __future__ import annotations

import csv
import unicodedata
import zipfile
from collections import Counter
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.addresses.countries import country_code
from data.desk.sample.backerkit import write_backerkit
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import Generation, write_kickstarter, write_kickstarter_zip
from data.desk.sample.rewards import PRODUCTS, mapping
from data.files.read import BadRow, open_tables
from data.intake.format import load_formats
from data.intake.read import read_records
from data.intake.recognise import recognise
from data.intake.record import Context, PledgeRecord
from data.model import Money

CONTEXT = Context("USD", ZoneInfo("America/New_York"), country_code)


def read(path: Path) -> tuple[list[PledgeRecord], list[BadRow]]:
    records: list[PledgeRecord] = []
    bad: list[BadRow] = []
    for table in open_tables([path]):
        for row in read_records([table], recognise(table.header, load_formats()).format, CONTEXT):
            records.append(row) if isinstance(row, PledgeRecord) else bad.append(row)
    return records, bad


@pytest.mark.parametrize("generation", ["A", "B", "C", "D"])
def test_every_generation_written_is_read_back_row_for_row(tmp_path: Path, generation: Generation) -> None:
    campaign = SampleCampaign(600)
    write_kickstarter(tmp_path / "k.csv", campaign, generation)
    records, bad = read(tmp_path / "k.csv")
    assert not bad
    assert [record.backer_uid for record in records] == [order.uid for order in campaign]
    assert [record.amount for record in records] == [Money(order.amount, "USD") for order in campaign]
    for record, order in zip(records, campaign, strict=True):
        assert record.cancelled == (order.status == "dropped")
        if order.address is None or generation == "B":
            assert record.address.is_empty()
        else:
            assert record.address.country == order.address.country
            assert record.address.postcode == order.address.postcode
    assert len({record.external_id for record in records}) == len(records)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first = write_kickstarter(tmp_path / "a.csv", SampleCampaign(300))
    again = write_kickstarter(tmp_path / "b.csv", SampleCampaign(300))
    other = write_kickstarter(tmp_path / "c.csv", SampleCampaign(300, seed=8))
    assert first.sha256 == again.sha256 != other.sha256
    assert list(islice(SampleCampaign(100_000), 300)) == list(SampleCampaign(300))


def test_a_campaign_reaches_sixty_countries_in_their_own_scripts_and_holds_every_known_mess() -> None:
    orders = list(SampleCampaign(20_000))
    addresses = [order.address for order in orders if order.address]
    assert len({order.country for order in orders}) >= 60
    scripts = Counter(
        unicodedata.name(sign).split()[0]
        for each in addresses
        for sign in each.line1
        if sign.isalpha() and ord(sign) > 127
    )
    assert {"LATIN", "CJK", "HANGUL", "ARABIC", "HEBREW", "GREEK", "CYRILLIC", "THAI", "DEVANAGARI"} <= set(scripts)
    assert {order.status for order in orders} == {"collected", "dropped", "errored"}
    assert any(order.country == "US" and len(order.address.postcode) == 4 for order in orders if order.address)
    assert any("PO Box" in each.line1 for each in addresses)
    assert any(len(each.line1) > 60 for each in addresses)
    assert any("\u202e" in each.line1 for each in addresses)
    assert any(not each.phone for each in addresses)
    silent = sum(order.address is None and order.tier is not None and order.tier.physical for order in orders)
    assert 0.04 < silent / len(orders) < 0.1
    twice = Counter(order.uid for order in orders)
    assert 2 in twice.values()


def test_a_zip_of_tiers_gives_the_same_orders_as_one_file(tmp_path: Path) -> None:
    campaign = SampleCampaign(500).updated(late=20)
    names = write_kickstarter_zip(tmp_path / "tiers.zip", campaign)
    write_kickstarter(tmp_path / "one.csv", campaign)
    assert "59.00 USD Keeper - Oct 25 10pm.csv" in names
    assert "69.00 USD Keeper - Oct 25 10pm.csv" in names
    with zipfile.ZipFile(tmp_path / "tiers.zip") as archive:
        assert archive.testzip() is None
    split, bad = read(tmp_path / "tiers.zip")
    whole, _ = read(tmp_path / "one.csv")
    assert not bad

    def told(records: list[PledgeRecord]) -> dict[str, object]:
        return {
            each.external_id: (each.address, set(each.items), each.paid)
            for each in records
            if each.tier != "Kind Words"
        }

    assert told(split) == told(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "tiers.zip"]


def test_backerkits_file_reads_back_and_counts_what_the_tiers_hold(tmp_path: Path) -> None:
    campaign = SampleCampaign(400)
    write_backerkit(tmp_path / "b.csv", campaign)
    records, bad = read(tmp_path / "b.csv")
    assert [row.line for row in bad] == [2]
    orders = [order for order in campaign if order.tier]
    assert len(records) == len(orders)
    known = mapping()
    for record, order in zip(records, orders, strict=True):
        assert order.tier is not None
        wanted: Counter[str] = Counter()
        for sku, count in known["tier", order.tier.title]:
            wanted[sku] += count
        for quantity, name in zip(
            order.add_ons, ("Brass Dice Set", "Neoprene Playmat", "Art Book", "Sleeves (100)"), strict=True
        ):
            for sku, count in known["addon", name]:
                wanted[sku] += quantity * count
        assert {sku: quantity for _, sku, quantity in record.items} == {sku: n for sku, n in wanted.items() if n}


def test_every_item_tier_and_add_on_of_the_files_is_mapped_to_products(tmp_path: Path) -> None:
    known, skus = mapping(), {product.sku for product in PRODUCTS}
    for generation in ("C", "D"):
        path = tmp_path / f"{generation}.csv"
        write_kickstarter(path, SampleCampaign(300).updated(late=30), "C" if generation == "C" else "D")
        for record in read(path)[0]:
            for kind, name, _ in record.items:
                assert {sku for sku, _ in known[kind, name]} <= skus
    assert sum(count for _, count in known["item", "Everything in Captain"]) == 3


def test_a_later_version_changes_a_share_of_the_orders_and_adds_late_ones(tmp_path: Path) -> None:
    campaign = SampleCampaign(4000)
    later = campaign.updated(changed=0.1, late=50)
    before, after = list(campaign), list(later)
    assert len(after) == len(campaign) + 50 == len(later)
    changes = Counter(order.change for order in after)
    assert {"reworded", "corrected", "moved", "abroad", "answered", "paid", "late"} <= set(changes)
    assert 0.05 < (changes["reworded"] + changes["moved"] + changes["abroad"] + changes["corrected"]) / 4000 < 0.12
    for old, new in zip(before, after, strict=False):
        assert (old.uid, old.tier) == (new.uid, new.tier)
        assert (new.change != "") == (old._replace(change="") != new._replace(change=""))
        if new.change == "abroad":
            assert old.address is not None
            assert new.address is not None
            assert old.address.country != new.address.country
    write_kickstarter(tmp_path / "1.csv", campaign)
    write_kickstarter(tmp_path / "2.csv", later)
    hashes = {record.external_id: record.row_hash for record in read(tmp_path / "1.csv")[0]}
    moved = [record for record in read(tmp_path / "2.csv")[0] if hashes.get(record.external_id) != record.row_hash]
    assert len(moved) == sum(order.change != "" for order in after)


def test_no_made_up_mail_can_reach_anyone(tmp_path: Path) -> None:
    write_kickstarter(tmp_path / "k.csv", SampleCampaign(500))
    with (tmp_path / "k.csv").open(encoding="utf-8", newline="") as stream:
        mails = [row["Email"] for row in csv.DictReader(stream)]
    assert all(mail.endswith(".example") and mail.isascii() for mail in mails)
    assert len(set(mails)) >= len(mails) - 5
