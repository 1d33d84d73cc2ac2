"""A form's export becomes changes of the right orders; what can't be placed is named with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.addresses.updates import import_updates
from data.model import Address, InputError, StoppedError
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
HEADER = "Timestamp,Email Address,Backer Number,Address Line 1,Address Line 2,City,State,Zip,Country\n"


def written(tmp_path: Path, *rows: str, header: str = HEADER) -> list[Path]:
    path = tmp_path / "form.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return [path]


def requested(workspace: Workspace) -> list[tuple[object, ...]]:
    return workspace.store.rows(
        "SELECT o.number, c.state, a.line1, a.country, a.phone FROM changes c JOIN orders o ON o.id = c.order_id"
        " JOIN addresses a ON a.id = c.to_id ORDER BY c.id"
    )


def test_rows_find_their_orders_by_mail_or_number_and_the_last_of_a_backer_counts(
    workspace: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(address=HOME, email="Anna@Example.org")
    make_order(address=HOME, email="mira@example.org")
    files = written(
        tmp_path,
        "1,anna@example.org,,Lindenallee 10,,Hamburg,,20259,Germany",
        "2,,#1002,Elm Street 5,,Berlin,,10115,Deutschland",
        "3,ANNA@example.org ,1001,Lindenallee 12,,Hamburg,,20259,Germany",
    )
    result = import_updates(workspace, files)
    assert (result.rows, result.orders, len(result.changes), result.no_change, result.replaced) == (3, 2, 1, 1, 1)
    assert requested(workspace) == [
        ("1001", "waiting", "Lindenallee 12", "DE", HOME.phone),
        ("1002", "no_change", "Elm Street 5", "DE", HOME.phone),
    ]
    again = import_updates(workspace, files)
    assert (again.act, again.repeated, again.changes) == (None, 2, ())


def test_what_cannot_be_placed_is_rejected_with_its_line_and_the_rest_goes_in(
    workspace: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(address=HOME, email="anna@example.org")
    make_order(address=HOME, email="mira@example.org")
    result = import_updates(
        workspace,
        written(
            tmp_path,
            "1,nobody@example.org,,Lindenallee 12,,Hamburg,,20259,DE",
            "2,anna@example.org,1002,Lindenallee 12,,Hamburg,,20259,DE",
            "3,anna@example.org,,,,,,,DE",
            "4,,,Lindenallee 12,,Hamburg,,20259,DE",
            "5,anna@example.org,too short",
            "6,mira@example.org,,Lindenallee 12,,Hamburg,,20259,DE",
        ),
    )
    assert [(each.line, each.field) for each in result.rejected] == [
        (2, "email"),
        (3, "email"),
        (4, "line1"),
        (5, "number"),
        (6, ""),
    ]
    assert "another person" in result.rejected[1].reason
    assert (result.rows, [row[0] for row in requested(workspace)]) == (6, ["1002"])


def test_a_mail_that_two_campaigns_know_needs_the_campaign(
    workspace: Workspace, make_order: MakeOrder, campaign: int, tmp_path: Path
) -> None:
    with workspace.write("campaign.add", "add") as tx:
        other = tx.insert("campaigns", {"code": "OTHER", "name": "Other"})
    make_order(address=HOME, email="anna@example.org")
    make_order(address=HOME, email="anna@example.org", campaign_id=other)
    files = written(tmp_path, "1,anna@example.org,,Lindenallee 12,,Hamburg,,20259,DE")
    assert "several campaigns" in import_updates(workspace, files).rejected[0].reason
    assert len(import_updates(workspace, files, campaign).changes) == 1


def test_a_first_address_is_taken_and_a_stopped_reading_leaves_nothing(
    workspace: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(address=None, email="anna@example.org")
    files = written(tmp_path, "1,anna@example.org,,Lindenallee 12,,Hamburg,,20259,DE")
    with pytest.raises(StoppedError):
        import_updates(workspace, files, stopped=lambda: True)
    assert workspace.store.value("SELECT count(*) FROM addresses") == 0
    assert import_updates(workspace, files).first == 1
    assert workspace.store.value("SELECT address_id IS NOT NULL FROM orders") == 1


def test_a_file_that_says_not_who_or_where_is_refused_whole(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"form\.csv: no column says who"):
        import_updates(workspace, written(tmp_path, "x", header="Address\n"))
    with pytest.raises(InputError, match=r"form\.csv: no column has the address"):
        import_updates(workspace, written(tmp_path, "x", header="Email\n"))
