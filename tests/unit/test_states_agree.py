"""What a module says of the states and what the database enforces are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlite_utils.utils import sqlite3

from data.model import (
    BatchState,
    ChangeState,
    CommandKind,
    CommandState,
    HoldKind,
    IssueState,
    IssueType,
    Label,
    OrderKind,
    ParcelStatus,
    ShipmentState,
    Stage,
)
from data.orders.stages import MOVES as STAGE_MOVES
from data.outbox.states import LIVE, MOVES
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment


def test_the_triggers_edges_are_those_of_the_outbox(workspace: Workspace) -> None:
    sql = workspace.store.value("SELECT sql FROM sqlite_master WHERE name = 'commands_move'")
    edges = set(re.findall(r"'(\w+)>(\w+)'", sql))
    assert edges == {(old.value, new.value) for old, allowed in MOVES.items() for new in allowed}
    assert set(MOVES) == set(CommandState)


def test_the_database_refuses_every_other_move(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    shipment = make_shipment(make_order())

    def insert(state: CommandState) -> int:
        with workspace.write("test", "plan") as tx:
            return tx.insert(
                "commands",
                {
                    "warehouse": "EU1",
                    "kind": "push",
                    "shipment_id": shipment,
                    "key": "K",
                    "body": "{}",
                    "body_sha": "",
                    "state": state.value,
                },
            )

    for old in CommandState:
        for new in CommandState:
            command = insert(old)
            sql = "UPDATE commands SET state = ?, rev = rev + 1 WHERE id = ?"
            if new in MOVES[old] or new is old:
                with workspace.write("test", "move") as tx:
                    assert tx.run(sql, (new.value, command)) == 1
            else:
                with (
                    pytest.raises(sqlite3.IntegrityError, match="a command cannot move that way"),
                    workspace.write("test", "move") as tx,
                ):
                    tx.run(sql, (new.value, command))
            with workspace.write("test", "clear") as tx:
                tx.run("DELETE FROM commands")


def test_one_live_command_of_a_kind_is_what_the_index_allows(workspace: Workspace) -> None:
    sql = workspace.store.value("SELECT sql FROM sqlite_master WHERE name = 'commands_live'")
    assert set(re.findall(r"'(\w+)'", sql)) == {each.value for each in LIVE}


@pytest.mark.parametrize(
    ("table", "column", "states"),
    [
        ("orders", "kind", OrderKind),
        ("orders", "stage", Stage),
        ("holds", "kind", HoldKind),
        ("changes", "state", ChangeState),
        ("changes", "label", Label),
        ("batches", "state", BatchState),
        ("shipments", "state", ShipmentState),
        ("parcels", "status", ParcelStatus),
        ("commands", "kind", CommandKind),
        ("commands", "state", CommandState),
        ("issues", "type", IssueType),
        ("issues", "state", IssueState),
    ],
)
def test_every_check_lists_exactly_the_states_of_the_model(
    workspace: Workspace, table: str, column: str, states: type[Stage]
) -> None:
    sql = workspace.store.value("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
    listed = re.search(rf"{column} TEXT NOT NULL CHECK \({column} IN \(([^)]*)\)", sql)
    assert listed is not None
    assert re.findall(r"'(\w+)'", listed.group(1)) == [each.value for each in states]


def test_the_table_of_stages_names_every_stage_and_no_move_to_itself() -> None:
    assert set(STAGE_MOVES) == set(Stage)
    assert all(stage not in moves for stage, moves in STAGE_MOVES.items())
