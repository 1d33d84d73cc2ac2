"""`lastcall warehouse add` in a terminal asks for what it needs and refuses at once what can't be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.policy import WarehousePolicy, load_policy
from data.store.workspace import init_workspace
from tests.terminal.pseudo_terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_workspace(tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def add(folder: Path) -> Start:
    """Return a function that starts the command with some arguments."""

    def start(*arguments: str) -> Terminal:
        return Terminal(["-m", "console", "--workspace", str(folder), "warehouse", "add", *arguments])

    return start


def test_everything_of_a_new_warehouse_is_asked_and_it_is_tried(add: Start, folder: Path) -> None:
    terminal = add()
    terminal.until("Its code")
    terminal.press("eu1\r", "Its name:")
    terminal.press("\r", "Its name:")
    terminal.press("Cedar Mills\r", "Countries it serves")
    terminal.press("de,fr\r", "How it is driven")
    terminal.press("carrier pigeon\r", "it is one of sandbox, file")
    terminal.press("file\r", "Time zone")
    terminal.press("Europe/Berlin\r", "Country its parcels leave")
    terminal.press("Germany\r", "it must be a two-letter country code")
    terminal.press("de\r", "Telephone numbers are")
    terminal.press("abroad\r", "IOSS number")
    terminal.press("\r", "British VAT")
    terminal.write("\r")
    assert terminal.ended() == 0
    assert b"ok  batches can be written: yes" in terminal.sent
    found = load_policy(folder).warehouse("EU1")
    assert (found.name, found.countries, found.portal) == ("Cedar Mills", ("DE", "FR"), "file")
    assert (found.time_zone, found.policy) == ("Europe/Berlin", WarehousePolicy(ships_from="DE", phone="abroad"))


def test_only_what_the_portal_needs_is_asked_where_the_rest_was_said(add: Start, folder: Path) -> None:
    terminal = add("US1", "--name", "Harbor", "--portal", "sandbox", "--no-test")
    terminal.until("Where its portal answers")
    terminal.press("http://127.0.0.1:9\r", "Where the secret is")
    terminal.press("hunter2\r", "say where it is: env:NAME or file:PATH")
    terminal.write("env:US1_TOKEN\r")
    assert terminal.ended() == 0
    found = load_policy(folder).warehouse("US1")
    assert (found.url, found.secret, found.countries) == ("http://127.0.0.1:9", "env:US1_TOKEN", ("*",))


def test_nothing_is_asked_where_everything_needed_was_said(add: Start, folder: Path) -> None:
    assert add("EU1", "--name", "Cedar", "--no-test").ended() == 0
    assert load_policy(folder).warehouse("EU1").name == "Cedar"


def test_who_leaves_in_the_middle_has_added_nothing(add: Start, folder: Path) -> None:
    terminal = add("EU1")
    terminal.until("Its name")
    terminal.write("\x03")
    assert terminal.ended() == 1
    assert load_policy(folder).warehouses == ()
