from __future__ import annotations

import csv
import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.clock import HeldClock
from data.model import Address, ParcelStatus, ShipmentState, WorkspaceError
from data.policy import WarehouseSettings
from data.portals import batch_files, delivery
from data.portals.errors import Conflict, NotSent, Permanent
from data.portals.file_drop import FileDrop
from data.portals.outcomes import Absent, Found, HandedOver, Pushed, Unsupported
from data.portals.protocol import Action, BatchPortal, Entry, Idem, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
HOME = Address("=cmd|' /C calc'!A0", "", '1 "High" Street', "Flat, 3", "London", "", "01234", "GB", "+44 20")
Entries = list[Entry]


class Killed(BaseException):
    """Stands for the process's death at one point."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drop" / "DE01"


@pytest.fixture
def portal(folder: Path) -> FileDrop:
    return FileDrop(folder, HeldClock(NOW))


def orders(portal: FileDrop, *keys: str) -> Entries:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    return [
        Entry(Action.ADD, key, portal.render_push(ShipmentOrder(key, f"#{key[-1]}", HOME, lines, "zoe@example.org")))
        for key in keys
    ]


def dropped(folder: Path) -> list[Path]:
    """Return what the warehouse sees."""
    return sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))


def come_in(folder: Path, name: str, text: str, age: float = 60) -> Path:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    path = folder / "in" / name
    path.write_text(text, encoding="utf-8")
    when = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (when, when))
    return path


async def test_a_batch_is_one_file_with_a_row_for_each_line_and_a_manifest(portal: FileDrop, folder: Path) -> None:
    result = await portal.push_batch(12, orders(portal, "K1", "K2"))
    (path,) = dropped(folder)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (path.name,))
    assert path.name == f"batch-12-{digest[:12]}.csv"
    rows = list(csv.DictReader(content.decode("utf-8").splitlines()))
    assert [(row["key"], row["order number"], row["sku"], row["quantity"]) for row in rows] == [
        ("K1", "#1", "GAME", "1"),
        ("K1", "#1", "DICE-2", "2"),
        ("K2", "#2", "GAME", "1"),
        ("K2", "#2", "DICE-2", "2"),
    ]
    # A machine's format: nothing is escaped, nothing is lost.
    assert (rows[0]["name"], rows[0]["address1"], rows[0]["postcode"]) == (HOME.name, HOME.line1, "01234")
    manifest = json.loads((folder / "manifests" / f"batch-12-{digest[:12]}.json").read_bytes())
    assert (manifest["files"], manifest["rows"], manifest["entries"]) == (
        [{"file": path.name, "sha256": digest, "rows": 4}],
        4,
        2,
    )
    assert manifest["columns"] == list(rows[0])


async def test_a_warehouse_with_a_spreadsheet_gets_formulas_defused(folder: Path) -> None:
    settings = WarehouseSettings("DE01", "Berlin", options={"spreadsheet": True})
    portal = portal_for(settings, folder.parent.parent, HeldClock(NOW))
    assert isinstance(portal, FileDrop)
    await portal.push_batch(1, orders(portal, "K1"))
    assert b"\n=cmd" not in dropped(folder)[0].read_bytes()
    assert b",=cmd" not in dropped(folder)[0].read_bytes()


async def test_the_same_batch_again_is_already_there_even_when_the_file_was_taken(
    portal: FileDrop, folder: Path
) -> None:
    pushes = orders(portal, "K1", "K2")
    await portal.push_batch(12, pushes)
    dropped(folder)[0].unlink()
    again = await portal.push_batch(12, pushes)
    assert again.outcome is Pushed.ALREADY
    assert dropped(folder) == []


async def test_a_number_is_never_used_for_other_contents(portal: FileDrop, folder: Path) -> None:
    await portal.push_batch(12, orders(portal, "K1", "K2"))
    before = [(path.name, path.read_bytes()) for path in dropped(folder)]
    for other in (orders(portal, "K1"), orders(portal, "K1", "K3"), orders(portal, "K2", "K1")):
        with pytest.raises(Conflict, match="batch 12"):
            await portal.push_batch(12, other)
        with pytest.raises(Conflict, match="batch 12"):
            await portal.find_batch(12, other)
    assert [(path.name, path.read_bytes()) for path in dropped(folder)] == before


@pytest.mark.parametrize("point", ["before the file", "before the manifest", "before the name", "after the name"])
@pytest.mark.parametrize("taken", [False, True])
async def test_after_a_death_at_any_point_the_batch_is_handed_over_exactly_once(
    portal: FileDrop, folder: Path, monkeypatch: pytest.MonkeyPatch, point: str, taken: bool
) -> None:
    pushes = orders(portal, "K1", "K2")

    def die(*_: object, **__: object) -> None:
        raise Killed

    names = {
        "before the file": (batch_files, "write_table"),
        "before the manifest": (batch_files, "write_bytes"),
        "before the name": (os, "rename"),
        "after the name": (delivery, "sync_folder"),
    }
    with monkeypatch.context() as patched:
        patched.setattr(*names[point], die)
        with pytest.raises(Killed):
            await portal.push_batch(12, pushes)
    seen = [path.name for path in dropped(folder)]
    if taken:
        for path in dropped(folder):
            path.unlink()
    restarted = FileDrop(folder, HeldClock(NOW))
    found = await restarted.find_batch(12, pushes)
    if isinstance(found, Absent):
        assert point != "after the name"
        assert seen == []
        result = await restarted.push_batch(12, pushes)
        assert result.outcome is Pushed.CREATED
        seen = [path.name for path in dropped(folder)]
    assert isinstance(await restarted.find_batch(12, pushes), HandedOver)
    assert len(seen) == 1
    assert (await restarted.push_batch(12, pushes)).outcome is Pushed.ALREADY
    assert [path.name for path in dropped(folder)] in (seen, [])


async def test_a_folder_that_refuses_is_not_sent_and_can_be_tried_again(folder: Path) -> None:
    in_the_way = come_in(folder.parent.parent, "file.csv", "a file where the folder should be")
    portal = FileDrop(in_the_way / "DE01", HeldClock(NOW))
    with pytest.raises(NotSent, match="batch 12"):
        await portal.push_batch(12, orders(portal, "K1"))
    os.unlink(in_the_way)
    assert (await portal.push_batch(12, orders(portal, "K1"))).outcome is Pushed.CREATED


async def test_a_damaged_manifest_stops_everything_rather_than_be_guessed(portal: FileDrop, folder: Path) -> None:
    pushes = orders(portal, "K1")
    await portal.push_batch(12, pushes)
    next((folder / "manifests").iterdir()).write_text("{", encoding="utf-8")
    with pytest.raises(Conflict, match="can't be read"):
        await portal.push_batch(12, pushes)
    with pytest.raises(Conflict, match="can't be read"):
        await portal.find("K1")
    assert [check.ok for check in await portal.test()] == [True, True, False, True]


async def test_an_order_is_found_by_its_key_and_compared_by_its_body(portal: FileDrop) -> None:
    pushes = orders(portal, "K1")
    assert isinstance(await portal.find("K1"), Absent)
    await portal.push_batch(12, pushes)
    found = await portal.find("K1")
    assert isinstance(found, Found)
    assert portal.matches(pushes[0].body, found.remote) == []
    assert portal.matches(pushes[0].body.replace("London", "Leeds"), found.remote) != []


async def test_what_only_people_can_do_says_so(portal: FileDrop) -> None:
    assert isinstance(portal, BatchPortal)
    assert portal.caps.idem is Idem.FILE
    for asked in (portal.amend("f", "K1", "{}"), portal.cancel("f", "K1", ""), portal.hold("f", "K1", "")):
        assert isinstance(await asked, Unsupported)
    with pytest.raises(Permanent, match="whole batches"):
        await portal.push("{}", "K1")
    with pytest.raises(Permanent, match="takes 1"):
        await FileDrop(Path("nowhere"), HeldClock(NOW), batch_max=1).push_batch(1, orders(portal, "A", "B"))


async def test_tracking_comes_back_under_any_names_of_its_columns(portal: FileDrop, folder: Path) -> None:
    await portal.push_batch(12, orders(portal, "K1", "K2"))
    come_in(
        folder,
        "monday.csv",
        "Order No.;Courier;TRACKING  number;Ship Date;Status\n"
        "#1;Brisk Post;'00340434161094;2026-11-20;Dispatched\n"
        "#1;Brisk Post;00340434161095;2026-11-21;Delivered\n"
        "#2;Postwing;;;On-Hold\n",
    )
    page = await portal.poll("")
    first, second = page.states
    assert (first.reference, first.status, first.raw_status) == ("K1", ShipmentState.DELIVERED, "Delivered")
    assert [(each.tracking_number, each.status, each.raw_at) for each in first.parcels] == [
        ("00340434161094", ParcelStatus.IN_TRANSIT, "2026-11-20"),
        ("00340434161095", ParcelStatus.DELIVERED, "2026-11-21"),
    ]
    assert (second.reference, second.status, second.held, second.parcels) == ("K2", ShipmentState.HELD, True, ())
    assert page.problems == ()


async def test_rows_that_can_not_be_placed_are_kept_and_named_by_line(portal: FileDrop, folder: Path) -> None:
    await portal.push_batch(12, orders(portal, "K1", "K2"))
    await portal.push_batch(13, orders(portal, "L1"))
    come_in(
        folder,
        "=odd.csv",
        "Key,Order Number,Tracking Number,Status\n"
        "K1,,JJD0001,shipped\n"
        "K9,,JJD0002,shipped\n"
        "K2,,9.25082E+11,shipped\n"
        ",#1,JJD0003,shipped\n"
        "K2,,,\n"
        "K2,one cell too few\n"
        'K2,,"JJD\u202e0004",shipped\n',
    )
    page = await portal.poll("")
    assert [state.reference for state in page.states] == ["K1"]
    *rows, summary = page.problems
    assert [line.split(":")[0] for line in rows] == [
        "=odd.csv, line 3, key",
        "=odd.csv, line 4, tracking number",
        "=odd.csv, line 5, order number",
        "=odd.csv, line 6, tracking number",
        "=odd.csv, line 7",
        "=odd.csv, line 8, tracking number",
    ]
    assert "6 rows" in summary
    (kept,) = (folder / "in" / "quarantine").iterdir()
    assert kept.name in summary
    table = list(csv.reader(kept.read_text(encoding="utf-8-sig").splitlines()))
    assert table[0] == ["line", "reason", "Key", "Order Number", "Tracking Number", "Status"]
    assert [row[0] for row in table[1:]] == ["3", "4", "5", "6", "7", "8"]


async def test_a_file_is_put_away_only_when_its_cursor_comes_back(portal: FileDrop, folder: Path) -> None:
    await portal.push_batch(12, orders(portal, "K1", "K2"))
    first = come_in(folder, "a.csv", "key,tracking\nK1,T1\n")
    come_in(folder, "b.csv", "key,tracking\nK2,T2\n")
    page = await portal.poll("")
    assert page.more
    # Its reader died before it could store: the same again.
    assert await portal.poll("") == page
    assert first.exists()
    following = await portal.poll(page.cursor)
    assert [state.reference for state in following.states] == ["K2"]
    assert not first.exists()
    last = await portal.poll(following.cursor)
    assert last.states == ()
    assert sorted(path.name for path in (folder / "in" / "done").iterdir()) == ["a.csv", "b.csv"]
    # A table of the same name with other contents is read, and neither is lost.
    come_in(folder, "b.csv", "key,tracking\nK2,T3\n")
    again = await portal.poll(last.cursor)
    assert again.states[0].parcels[0].tracking_number == "T3"
    await portal.poll(again.cursor)
    assert len(list((folder / "in" / "done").iterdir())) == 3


@pytest.mark.parametrize("text", ["", "sku,quantity\nGAME,1\n", "key,notes\nK1,hello\n", "key\x00,tracking\nK1,T1\n"])
async def test_a_file_that_is_no_tracking_table_is_told_and_moved_aside(
    portal: FileDrop, folder: Path, text: str
) -> None:
    await portal.push_batch(12, orders(portal, "K1"))
    come_in(folder, "a.csv", text)
    page = await portal.poll("")
    assert page.states == ()
    assert [problem.split(":")[0].split(",")[0] for problem in page.problems] == ["a.csv"]
    await portal.poll(page.cursor)
    assert (folder / "in" / "refused" / "a.csv").exists()


async def test_a_file_still_on_its_way_is_left_alone(portal: FileDrop, folder: Path) -> None:
    await portal.push_batch(12, orders(portal, "K1"))
    come_in(folder, "young.csv", "key,tracking\nK1,T1\n", age=1)
    come_in(folder, ".hidden.csv", "key,tracking\nK1,T1\n")
    come_in(folder, "a.csv.part", "key,tracking\nK1,T1\n")
    outside = come_in(folder, "outside.dat", "key,tracking\nK1,T1\n")
    (folder / "in" / "link.csv").symlink_to(outside)
    assert (await portal.poll("")).states == ()


def test_the_registry_builds_a_portal_from_the_settings_and_names_what_is_wrong(tmp_path: Path) -> None:
    clock = HeldClock(NOW)
    drop = portal_for(WarehouseSettings("DE01", "Berlin", options={"batch_max": 7}), tmp_path, clock)
    assert drop.caps.batch_max == 7
    # Rendering needs no secret: the one named here does not exist.
    sandbox = WarehouseSettings("US1", "Reno", portal="sandbox", url="http://127.0.0.1:1", secret="env:NOT_THERE")
    made = portal_for(sandbox, tmp_path, clock)
    assert json.loads(made.render_amend(HOME, ""))["address1"] == HOME.line1
    for options, words in (({"speed": 1}, "no such option"), ({"batch_max": "7"}, "whole number")):
        with pytest.raises(WorkspaceError, match=words):
            portal_for(WarehouseSettings("DE01", "Berlin", options=options), tmp_path, clock)
    with pytest.raises(WorkspaceError, match=r"known are .*file, .*sandbox"):
        portal_for(WarehouseSettings("DE01", "Berlin", portal="telex"), tmp_path, clock)
