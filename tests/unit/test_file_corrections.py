"""What follows a file warehouse's first batch: corrections as delta files, notices of what arrives or comes back."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.clock import HeldClock
from data.dispatch.sender import entry_of
from data.model import Address, CommandKind, InputError
from data.outbox.claim import Claimed
from data.policy import WarehouseSettings
from data.portals import batch_files, delivery
from data.portals.errors import Conflict, NotSent, Permanent
from data.portals.file_drop import FileDrop
from data.portals.notices import Carton, InboundNotice, Packing, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import Absent, Found, HandedOver, Pushed, RemoteLine, Unsupported
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
HOME = Address("Zoë Strüß", "", "Hauptstr. 1", "", "Köln", "", "01234", "DE", "+49 221 1")
LINES = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))


class Killed(BaseException):
    """Stands for the process's death at one point."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drop" / "DE01"


def portal_of(folder: Path, **options: object) -> FileDrop:
    portal = portal_for(WarehouseSettings("DE01", "Berlin", options=options), folder.parent.parent, HeldClock(NOW))
    assert isinstance(portal, FileDrop)
    return portal


def own(folder: Path, text: str) -> FileDrop:
    layouts = folder.parent.parent / "templates" / "layouts"
    layouts.mkdir(parents=True, exist_ok=True)
    (layouts / "mine.toml").write_text(text, encoding="utf-8")
    return portal_of(folder, layout="mine")


def order(key: str, address: Address = HOME) -> ShipmentOrder:
    return ShipmentOrder(key, f"#{key}", address, LINES, "zoe@example.org")


def delta(portal: FileDrop) -> list[Entry]:
    """Return one new order, one that moved, one that is cancelled."""
    first = portal.render_push(order("K1"))
    moved = portal.render_amend(replace(HOME, line1="Neue Str. 2"), first)
    gone = portal.render_change(CommandKind.CANCEL, portal.render_push(order("K2")))
    return [
        Entry(Action.ADD, "K3", portal.render_push(order("K3"))),
        Entry(Action.CHANGE, "K1", moved),
        Entry(Action.CANCEL, "K2", gone),
    ]


def dropped(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of what the warehouse sees, by the files' names."""
    paths = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    return {path.name: list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))) for path in paths}


def staged(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".*")]


async def test_corrections_go_in_a_delta_file_with_an_action_first(folder: Path) -> None:
    portal = portal_of(folder)
    assert portal.caps.corrections
    await portal.push_batch(12, [Entry(Action.ADD, key, portal.render_push(order(key))) for key in ("K1", "K2")])
    result = await portal.push_batch(13, delta(portal))
    first, second = dropped(folder).values()
    assert next(iter(first[0])) == "key"
    assert list(second[0])[:2] == ["action", "key"]
    assert [(row["action"], row["key"], row["address1"], row["sku"]) for row in second] == [
        ("ADD", "K3", "Hauptstr. 1", "GAME"),
        ("ADD", "K3", "Hauptstr. 1", "DICE-2"),
        ("CHANGE", "K1", "Neue Str. 2", "GAME"),
        ("CHANGE", "K1", "Neue Str. 2", "DICE-2"),
        ("CANCEL", "K2", "Hauptstr. 1", "GAME"),
        ("CANCEL", "K2", "Hauptstr. 1", "DICE-2"),
    ]
    (manifest,) = (folder / "manifests").glob("batch-13-*.json")
    keys = json.loads(manifest.read_bytes())["keys"]
    assert {key: each["action"] for key, each in keys.items()} == {"K3": "add", "K1": "change", "K2": "cancel"}
    assert (await portal.push_batch(13, delta(portal))).outcome is Pushed.ALREADY
    assert isinstance(await portal.find_batch(13, delta(portal)), HandedOver)
    # The order is where it was last told of, as it was last told.
    found = await portal.find("K1")
    assert isinstance(found, Found)
    assert found.remote.remote_id == result.remote_ids[0]
    assert portal.matches(delta(portal)[1].body, found.remote) == []
    assert portal.matches(portal.render_push(order("K1")), found.remote) != []


async def test_the_same_keys_with_another_action_are_another_batch(folder: Path) -> None:
    portal = portal_of(folder)
    entries = delta(portal)
    await portal.push_batch(13, entries)
    other = [*entries[:2], replace(entries[2], action=Action.CHANGE)]
    for asked in (portal.push_batch(13, other), portal.find_batch(13, other)):
        with pytest.raises(Conflict, match="batch 13"):
            await asked
    with pytest.raises(Permanent, match="K1 stands in it twice"):
        await portal.push_batch(14, [entries[1], replace(entries[1], action=Action.CANCEL)])


async def test_a_warehouse_can_take_a_file_for_each_action_with_its_own_columns(folder: Path) -> None:
    portal = portal_of(folder, layout="missing-ink")
    result = await portal.push_batch(13, delta(portal))
    files = dropped(folder)
    assert [name.rsplit("-", 1)[0] for name in files] == ["batch-13-add", "batch-13-cancel", "batch-13-change"]
    assert {tuple(row[0]) for row in files.values()} == {tuple(next(iter(files.values()))[0])}
    assert [rows[0]["order id"] for rows in files.values()] == ["K3", "K2", "K1"]
    assert sorted(result.remote_ids) == sorted(files)
    # A batch without corrections is one file.
    await portal.push_batch(14, delta(portal)[:1])
    assert len(dropped(folder)) == 4


async def test_a_warehouse_can_have_the_action_in_a_column_of_every_list(folder: Path) -> None:
    portal = own(
        folder,
        'columns = [["id", "{order.key}"], ["do", "{action}"], ["sku", "{line.sku}"]]\n'
        '[corrections]\nadd = "N"\nchange = "U"\ncancel = "D"\n',
    )
    await portal.push_batch(1, delta(portal)[:1])
    await portal.push_batch(2, delta(portal))
    assert [[row["do"] for row in rows] for rows in dropped(folder).values()] == [
        ["N", "N"],
        ["N", "N", "U", "U", "D", "D"],
    ]


async def test_a_warehouse_that_takes_no_corrections_is_told_to_be_asked(folder: Path) -> None:
    portal = portal_of(folder, layout="amazon-mcf")
    assert not portal.caps.corrections
    with pytest.raises(Permanent, match="ask the people there"):
        await portal.push_batch(13, delta(portal))
    assert dropped(folder) == {}
    assert isinstance(await portal.amend("f", "K1", ""), Unsupported)


async def test_a_layout_that_was_spoilt_hands_nothing_over_until_it_is_mended(folder: Path) -> None:
    portal = own(folder, 'columns = [["id", "{order.key}"], ["street", "{addr.line1}"], ["sku", "{line.sku}"]]')
    entries = delta(portal)
    narrow = own(
        folder,
        'columns = [["id", "{order.key}"], ["sku", "{line.sku}"],'
        ' {header = "street", value = "{addr.line1}", width = 3}]',
    )
    with pytest.raises(InputError, match=r"order #K4, column street: “Hauptstr. 1” has 11 characters"):
        narrow.render_push(order("K4"))
    with pytest.raises(NotSent, match="batch 13: not handed over: order #K3, column street"):
        await narrow.push_batch(13, entries)
    assert dropped(folder) == {}
    assert isinstance(await narrow.find_batch(13, entries), Absent)
    assert (await portal.push_batch(13, entries)).outcome is Pushed.CREATED


@pytest.mark.parametrize("kills", range(1, 11))
@pytest.mark.parametrize("taken", [False, True])
async def test_several_files_are_each_handed_over_once_whatever_dies_when(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kills: int, taken: bool
) -> None:
    portal = portal_of(folder, layout="missing-ink")
    entries = delta(portal)
    consumed: list[str] = []

    def consume() -> None:
        for name in dropped(folder):
            consumed.append(name)
            (folder / name).unlink()

    steps = iter(range(1, 100))
    with monkeypatch.context() as patched:
        for module, name in (
            (batch_files, "write_table"),
            (batch_files, "write_bytes"),
            (os, "rename"),
            (delivery, "sync_folder"),
        ):
            real = getattr(module, name)

            def die(*args: object, real: object = real, **given: object) -> object:
                if next(steps) == kills:
                    raise Killed
                assert callable(real)
                return real(*args, **given)

            patched.setattr(module, name, die)
        with pytest.raises(Killed):
            await portal.push_batch(13, entries)
    if taken:
        consume()
    restarted = portal_of(folder, layout="missing-ink")
    if isinstance(await restarted.find_batch(13, entries), Absent):
        assert (await restarted.push_batch(13, entries)).outcome is Pushed.CREATED
    assert isinstance(await restarted.find_batch(13, entries), HandedOver)
    assert (await restarted.push_batch(13, entries)).outcome is Pushed.ALREADY
    consume()
    assert len(consumed) == len(set(consumed)) == 3
    assert staged(folder) == []


def test_a_workers_commands_are_entries() -> None:
    def claimed(kind: CommandKind) -> Claimed:
        return Claimed(1, kind, "K1", "{}", 1, "c", 1, 1, None, "f")

    made: Sequence[tuple[CommandKind, Action]] = (
        (CommandKind.PUSH, Action.ADD),
        (CommandKind.AMEND, Action.CHANGE),
        (CommandKind.CANCEL, Action.CANCEL),
    )
    for kind, action in made:
        assert entry_of(claimed(kind)) == Entry(action, "K1", "{}")


ADVICE = InboundNotice(
    "IN-1", "2026-12-03", (Carton("SSCC1", (RemoteLine("GAME", 10), RemoteLine("DICE-2", 40)), 24),), Packing.PALLETS
)
BACK = ReturnNotice("RT-1", "K1", "batch-1.csv", (ReturnLine("GAME", 1, ReturnAction.RESTOCK),), "T1", "=moved")


async def test_an_advice_is_a_numbered_file_that_is_handed_over_once(folder: Path) -> None:
    portal = portal_of(folder)
    assert (portal.caps.announce, portal.caps.returns) == (True, True)
    body = portal.render_notice(ADVICE)
    assert isinstance(await portal.find_notice(CommandKind.ANNOUNCE, "IN-1"), Absent)
    result = await portal.notify(CommandKind.ANNOUNCE, body, "IN-1")
    ((name, rows),) = dropped(folder).items()
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (name,))
    assert name.startswith("advice-1-")
    assert [(row["advice"], row["expected on"], row["packing"], row["carton"]) for row in rows] == [
        ("IN-1", "2026-12-03", "pallets", "SSCC1")
    ] * 2
    assert [(row["sku"], row["cartons alike"], row["pieces in each"], row["pieces in all"]) for row in rows] == [
        ("GAME", "24", "10", "240"),
        ("DICE-2", "24", "40", "960"),
    ]
    (folder / name).unlink()
    assert (await portal.notify(CommandKind.ANNOUNCE, body, "IN-1")).outcome is Pushed.ALREADY
    assert dropped(folder) == {}
    found = await portal.find_notice(CommandKind.ANNOUNCE, "IN-1")
    assert isinstance(found, Found)
    assert (found.remote.reference, found.remote.remote_id) == ("IN-1", name)
    later = portal.render_notice(replace(ADVICE, expected_on="2026-12-04"))
    with pytest.raises(Conflict, match="IN-1 was handed over"):
        await portal.notify(CommandKind.ANNOUNCE, later, "IN-1")
    second = await portal.notify(CommandKind.ANNOUNCE, portal.render_notice(replace(ADVICE, key="IN-2")), "IN-2")
    assert second.remote_ids[0].startswith("advice-2-")


async def test_a_return_is_told_with_what_is_to_become_of_it_and_formulas_are_defused(folder: Path) -> None:
    portal = portal_of(folder, layout="peregrine")
    await portal.notify(CommandKind.RETURN, portal.render_notice(BACK), "RT-1")
    assert isinstance(await portal.find_notice(CommandKind.ANNOUNCE, "RT-1"), Absent)
    ((name, (row,)),) = dropped(folder).items()
    assert name.startswith("return-1-")
    assert (row["order key"], row["sku"], row["pieces"], row["action"]) == ("K1", "GAME", "1", "restock")
    assert row["reason"] == "'=moved"
    with pytest.raises(InputError, match="column reason: holds control"):
        portal.render_notice(replace(BACK, reason="a\x1b]0;b"))
    with pytest.raises(InputError, match="nothing in it"):
        portal.render_notice(replace(BACK, lines=()))


@pytest.mark.parametrize("point", ["write_table", "write_bytes", "rename", "sync_folder"])
async def test_after_a_death_at_any_point_a_notice_is_handed_over_exactly_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    portal = portal_of(folder)
    body = portal.render_notice(ADVICE)

    def die(*_: object, **__: object) -> None:
        raise Killed

    module = {"rename": os, "sync_folder": delivery}.get(point, batch_files)
    with monkeypatch.context() as patched:
        patched.setattr(module, point, die)
        with pytest.raises(Killed):
            await portal.notify(CommandKind.ANNOUNCE, body, "IN-1")
    restarted = portal_of(folder)
    seen = list(dropped(folder))
    found = await restarted.find_notice(CommandKind.ANNOUNCE, "IN-1")
    assert isinstance(found, Found) == bool(seen) == (point == "sync_folder")
    await restarted.notify(CommandKind.ANNOUNCE, body, "IN-1")
    assert len(dropped(folder)) == 1
