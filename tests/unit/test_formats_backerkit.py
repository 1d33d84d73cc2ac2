from __future__ import annotations

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

from data.files.read import BadRow, open_tables
from data.intake.format import load_formats
from data.intake.read import read_records
from data.intake.recognise import recognise
from data.intake.record import Context, PledgeRecord
from data.model import Address, Money

HEADER = [
    "Id", "Service Guid", "Platform", "Reward Id", "Name", "Email", "Address Name", "Address Line 1",
    "Address Line 2", "Address City", "Address State", "Address Country", "Address Postal Code",
    "Address Phone Number", "Pledge Amount", "Pledge Status", "Notes", "Public Notes", "Pledged At",
    "Survey Answered At", "Full Address", "Full Country", "Reward Price", "Reward Description", "Order Placed",
    "Order ID", "Order Status", "Order Charged", "Charge Token", "Funds Added in BackerKit",
    "Add-on Shipping Subtotal", "Pledge Level Shipping Subtotal", "Total Spent",
]  # fmt: skip
CONTEXT = Context("USD", ZoneInfo("UTC"), {"DE": "DE", "Germany": "DE"}.get)


def row(**changes: str) -> dict[str, str]:
    cells = dict.fromkeys(HEADER, "")
    cells |= {
        "Id": "7001", "Platform": "Kickstarter", "Reward Id": "12", "Name": "Ann Lee", "Email": "ann@mail.example",
        "Address Name": "Ann Lee", "Address Line 1": "Weg 1", "Address City": "Köln", "Address Country": "DE",
        "Address Postal Code": "50667", "Address Phone Number": "+49 221 1", "Pledge Amount": "$1,045.00",
        "Pledge Status": "collected", "Pledged At": "2017-11-02 10:00:00 UTC", "Survey Answered At": "2017-12-01 09:00",
        "Full Address": "Ann Lee\nWeg 1\n50667 Köln\nGermany", "Full Country": "Germany",
        "Reward Description": "Big Box",
        "Order ID": "881", "Pledge Level Shipping Subtotal": "$12.5", "DICE-2": "2", "BOX": "", "MAT": "0",
    }  # fmt: skip
    return cells | changes


def read(folder: Path, *rows: dict[str, str]) -> tuple[list[PledgeRecord], list[BadRow]]:
    path = folder / "backerkit.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    tables = open_tables([path])
    found = recognise(tables[0].header, load_formats())
    assert (found.format.id, found.generation) == ("backerkit", "2017")
    read = list(read_records(tables, found.format, CONTEXT))
    return [each for each in read if isinstance(each, PledgeRecord)], [
        each for each in read if isinstance(each, BadRow)
    ]


def test_a_row_is_read_with_its_skus_and_its_address_of_several_lines(tmp_path: Path) -> None:
    (record, second), bad = read(tmp_path, row(), row(Id="7002", BOX="1"))
    assert not bad
    assert (record.external_id, record.platform, record.tier, record.line) == ("7001", "backerkit", "Big Box", 2)
    assert record.items == (("sku", "DICE-2", 2),)
    assert record.address == Address("Ann Lee", "", "Weg 1", "", "Köln", "", "50667", "DE", "+49 221 1")
    assert (record.amount, record.shipping, record.paid) == (Money(104500, "USD"), Money(1250, "USD"), True)
    assert (record.answered, record.pledged_at) == (True, "2017-11-02T10:00:00Z")
    assert dict(record.answers) == {"Platform": "Kickstarter", "Order ID": "881"}
    assert not record.hidden
    assert (second.line, second.items) == (6, (("sku", "DICE-2", 2), ("sku", "BOX", 1)))


def test_cancelled_backers_are_found_by_the_mark_in_their_email_and_failed_ones_are_unpaid(tmp_path: Path) -> None:
    (gone, failed), _ = read(
        tmp_path, row(Email="canceled-ann@mail.example"), row(Id="7002", **{"Pledge Status": "failed"})
    )
    assert (gone.cancelled, gone.paid) == (True, True)
    assert (failed.cancelled, failed.paid) == (False, False)


def test_an_example_person_is_kept_out_of_the_first_row_only(tmp_path: Path) -> None:
    example = row(Name="Example Backer", Email="jane@example.com")
    good, bad = read(tmp_path, example, row(), row(Id="7003", Name="Example Backer", Email="real@example.com"))
    assert [record.external_id for record in good] == ["7001", "7003"]
    assert [(each.line, each.field) for each in bad] == [(2, "Email")]
    assert "looks like the platform's example" in bad[0].reason


def test_a_column_added_by_the_platform_since_is_kept_as_an_answer_and_not_counted(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, row(**{"Tax Number": "IOSS", "Backer Number": "40213", "PIN": "3"}))
    assert record.items == (("sku", "DICE-2", 2), ("sku", "PIN", 3))
    assert dict(record.answers)["Backer Number"] == "40213"
    assert dict(record.answers)["Tax Number"] == "IOSS"
