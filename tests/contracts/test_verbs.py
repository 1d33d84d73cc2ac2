"""One registry of verbs: every screen answers its own, every key is free, and the pages made from it are fresh."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import click
import pytest
from textual.binding import Binding
from textual.screen import Screen

from console import docs
from console.app import ConsoleApp
from console.cli import COMMANDS, cli
from console.keymap import check_keymap, key_name
from screens.verbs import ALL, EVERYWHERE, MOVES, RESERVED, VERBS, VIEWS, shown_key, verb, verbs_of
from widgets.key_hints import Hint, hint_line
from widgets.record_keys import TABLE_BINDINGS
from widgets.record_table import RecordTable


def screen_of(name: str) -> type[Screen[None]]:
    """Return the class of a screen, by its name in the registry."""
    found: type[Screen[None]] = getattr(importlib.import_module(f"screens.{name}"), f"{name.title()}Screen")
    assert issubclass(found, Screen)
    return found


@pytest.mark.parametrize("name", EVERYWHERE)
def test_every_verb_is_answered_on_each_of_its_screens_or_by_the_app(name: str) -> None:
    screen = screen_of(name)
    unanswered = [
        each.id
        for each in VERBS
        if name in each.screens
        and not callable(getattr(ConsoleApp if each.app else screen, f"action_{each.action}", None))
    ]
    assert unanswered == []


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_screen_binds_its_verbs_under_their_ids_and_no_key_twice(name: str) -> None:
    bound = [each for each in screen_of(name).BINDINGS if isinstance(each, Binding)]
    wanted = {(each.key, each.action, each.id) for each in VERBS if name in each.screens and not each.app}
    assert {(each.key, each.action, each.id) for each in bound if each.id} == wanted
    keys = [key for each in bound for key in each.key.split(",")]
    assert sorted(keys) == sorted(set(keys))


def test_the_verbs_of_the_table_are_the_tables_own_bindings() -> None:
    bindings = [each for each in TABLE_BINDINGS if isinstance(each, Binding)]
    bound = {each.id: each.key for each in bindings if each.id}
    plain = {each.key for each in bindings if not each.id}
    answered = {action.removeprefix("action_") for action in dir(RecordTable) if action.startswith("action_")}
    assert {each.action.partition("(")[0] for each in bindings} <= answered
    assert {each.id: each.key for each in MOVES} == bound
    assert {each.fixed for each in MOVES if each.fixed} <= plain


@pytest.mark.parametrize("name", EVERYWHERE)
def test_no_two_verbs_of_a_screen_share_a_key(name: str) -> None:
    keys = [key for each in verbs_of(name) for key in (each.key, each.fixed) if key]
    assert sorted(keys) == sorted(set(keys))
    assert check_keymap({}) == []


def test_ids_are_unique_keys_can_be_sent_and_none_is_reserved() -> None:
    assert len({each.id for each in ALL}) == len(ALL)
    for each in ALL:
        assert key_name(each.key) == each.key, each.id
        assert each.key not in RESERVED, each.id
        assert each.fixed not in RESERVED, each.id
        assert not each.compensate or verb(each.compensate)


def test_nothing_that_acts_lies_on_enter_or_beside_movement() -> None:
    acting = {each.key for each in VERBS if each.group == "Act"} - {verb("redo").key}
    assert not acting & {"enter", "space", "j", "k", "tab"}
    assert not {key for key in acting if key.startswith(("ctrl+", "alt+"))}


@pytest.mark.parametrize("name", [name for name in EVERYWHERE if name != "overview"])
def test_the_hints_of_a_screen_fit_into_80_columns_whole(name: str) -> None:
    chosen = sorted((each for each in verbs_of(name) if each.hint and each.id != "help"), key=lambda each: each.hint)
    hints = [Hint(shown_key(each.key), each.words.lower()) for each in chosen][:7]
    line = hint_line(hints, 80, Hint("?", "keys")).plain
    assert line.endswith("? keys")
    assert [each.words for each in hints if each.words not in line] == []


def test_the_pages_made_from_the_registry_and_the_command_line_are_fresh() -> None:
    assert docs.main(["--check"]) == 0
    assert {screen for screen, _ in VIEWS.values()} == set(EVERYWHERE)


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from commands(found, f"{path} {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    for path, command in commands(found, name):
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{path} {parameter.opts[0]}"
