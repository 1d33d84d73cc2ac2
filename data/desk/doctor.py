"""What is wrong with a set-up, and how to mend it: the program, the workspace, its warehouses, the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from sqlite_utils.utils import sqlite3

from data.desk.doctor_check import Check
from data.desk.doctor_terminal import terminal_checks
from data.desk.doctor_workspace import workspace_checks
from data.store.connect import wal_is_safe

PYTHONS = ((3, 11), (3, 14))
"""The first version that works and the first that was not tried."""


def examine(folder: Path, environ: Mapping[str, str]) -> list[Check]:
    """Look at everything a workspace in `folder` needs; changes nothing, and what it can't see it says."""
    return [*_program(), *workspace_checks(folder, environ), *terminal_checks(environ)]


def _program() -> list[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    first, untried = PYTHONS
    fits = first <= sys.version_info[:2] < untried
    checks = [
        Check(
            "Python",
            fits,
            version,
            "" if fits else f"use Python {first[0]}.{first[1]} or later, before {untried[0]}.{untried[1]}",
        )
    ]
    library = f"{sqlite3.sqlite_version} (by {sqlite3.__name__.partition('.')[0]})"
    if wal_is_safe():
        checks.append(Check("SQLite", True, f"{library}, with a write-ahead log"))
    else:
        checks.append(
            Check(
                "SQLite",
                False,
                f"{library} can corrupt a write-ahead log that two processes write, so there is none:"
                " readers wait for writers",
                "install pysqlite3, or a Python whose SQLite is 3.51.3 or later",
            )
        )
    extra = all(find_spec(name) is not None for name in ("starlette", "uvicorn"))
    checks.append(Check("sandbox", True, "installed" if extra else 'not installed: pip install ".[sandbox]" for demo'))
    return checks
