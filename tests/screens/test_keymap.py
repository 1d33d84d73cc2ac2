from __future__ import annotations

from pathlib import Path

import pytest

from console.keymap import check_keymap, key_name, named_keys
from console.settings import Settings, load_settings
from data.model import WorkspaceError
from data.store.workspace import Workspace
from screens.orders import OrdersScreen
from tests.conftest import MakeOrder
from tests.screens.console_seat import seated


def test_every_problem_of_a_keymap_is_told_with_its_verb() -> None:
    problems = check_keymap({"order.hodl": "p", "sort": "ctrl+s", "filter": "altgr+q", "undo": "f5", "copy": ""})
    assert problems == [
        "keys.order.hodl: there is no such verb (did you mean order.hold?)",
        "keys.sort: ctrl+s is taken by terminals or by lastcall itself",
        "keys.filter: 'altgr+q' is not a key",
        "keys.undo: f5 is taken by terminals or by lastcall itself",
        "keys.copy: '' is not a key",
    ]


def test_two_verbs_of_one_screen_cannot_share_a_key_but_may_swap() -> None:
    (problem,) = check_keymap({"order.cancel": "x"})
    assert problem == "x would be both order.cancel and export on the screen orders"
    assert check_keymap({"sort": "j"}) != []
    assert check_keymap({"sort": "down"}) != []
    assert check_keymap({"sort": "x", "export": "o"}) == []
    # Resolve is of Issues, retry of Dispatch: no screen has both.
    assert check_keymap({"issue.resolve": "k", "move.up": "r"}) != []
    assert check_keymap({"batch.check": "t"}) == []


@pytest.mark.parametrize(
    ("written", "name"), [("/", "slash"), ("slash", "slash"), ("!", "exclamation_mark"), ("Q", "Q")]
)
def test_a_key_may_be_written_as_its_sign_or_by_its_name(written: str, name: str) -> None:
    assert key_name(written) == name
    assert named_keys({"filter": written}) == {"filter": name}


def test_settings_that_make_no_sense_are_refused_with_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text, words in (
        ("[keys]\nsort = 3\n", "keys.sort must be text"),
        ("colour = true\n", "unknown key 'colour'"),
        ("mouse = 'no'\n", "mouse"),
        ("keys = [\n", "settings.toml"),
    ):
        path.write_text(text)
        with pytest.raises(WorkspaceError, match=words) as refused:
            load_settings(path)
        assert str(path) in str(refused.value)
    path.write_text("theme = 'light'\n[keys]\nsort = '='\n")
    assert load_settings(path) == Settings(theme="light", keys={"sort": "="})


async def test_a_moved_key_works_shows_in_hints_help_and_palette_and_the_old_one_is_gone(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order()
    settings = Settings(keys={"order.hold": "H", "filter": "="})
    async with seated(workspace, OrdersScreen, "1", settings=settings) as seat:
        assert seat.lines[-1].startswith("= filter  H hold")
        await seat.press("p")
        assert not seat.screen.prompt.asking
        await seat.press("H")
        await seat.until_asked("Hold 1 order")
        await seat.press("escape")
        await seat.until(lambda: not seat.screen.prompt.asking)
        await seat.press("equals_sign")
        await seat.until_asked("/")
        await seat.press("escape", "question_mark", "G", "pageup")
        await seat.until_shown("H            Hold orders")
        await seat.press("escape", "colon")
        await seat.press(*"hold")
        await seat.until_shown("Hold  H")
