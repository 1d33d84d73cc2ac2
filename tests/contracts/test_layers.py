"""What may know what: textual stays out of `data` and of every command but those that open the console."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.cli import COMMANDS

_ROOT = Path(__file__).parents[2]
_OPEN_CONSOLE = {"demo"}


def run_clean(code: str) -> str:
    """Run code in an interpreter that has imported nothing of ours, and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_all_of_data_is_imported_without_textual_or_what_stands_above() -> None:
    found = run_clean(
        "import importlib, pkgutil, sys, data\n"
        "names = [each.name for each in pkgutil.walk_packages(data.__path__, 'data.')]\n"
        "for name in names:\n"
        "    if not name.endswith('__main__'):\n"
        "        importlib.import_module(name)\n"
        "print(len(names), *sorted({each.partition('.')[0] for each in sys.modules} & {'textual', 'widgets',"
        " 'screens', 'console'}))"
    )
    count, *headed = found.split()
    assert int(count) > 30
    assert headed == []


def test_no_command_but_the_console_loads_textual() -> None:
    names = [name for name in COMMANDS if name not in _OPEN_CONSOLE]
    found = run_clean(
        "import sys\n"
        "from console.cli import cli, run\n"
        f"missing = [name for name in {names!r} if run([name, '--help']) != 0]\n"
        "print('LOADED', *missing, *sorted({each.partition('.')[0] for each in sys.modules} & {'textual'}))"
    )
    assert found.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("command", [["orders", "--json"], ["log"], ["views"], ["export"], ["batches"], ["campaigns"]])
def test_a_command_that_runs_loads_neither_textual_nor_an_http_client(tmp_path: Path, command: list[str]) -> None:
    folder = str(tmp_path / "workspace")
    found = run_clean(
        "import sys\n"
        "from console.cli import run\n"
        f"codes = [run(['--workspace', {folder!r}, 'init']), run(['--workspace', {folder!r}, *{command!r}])]\n"
        "print(codes, *sorted({each.partition('.')[0] for each in sys.modules} & {'textual', 'rich', 'httpx'}))"
    )
    assert found.splitlines()[-1] == "[0, 0]"


def test_one_sqlite_library_is_loaded() -> None:
    found = run_clean(
        "import importlib, pkgutil, sys, data\n"
        "for each in pkgutil.walk_packages(data.__path__, 'data.'):\n"
        "    if not each.name.endswith('__main__'):\n"
        "        importlib.import_module(each.name)\n"
        "from sqlite_utils.utils import sqlite3\n"
        "ours = {'pysqlite3', 'sqlite3'} & set(sys.modules)\n"
        "print(sqlite3.__name__, *sorted(ours))"
    )
    name, *loaded = found.split()
    assert name in loaded
