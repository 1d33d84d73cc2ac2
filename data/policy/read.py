"""Reading `lastcall.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.model import WorkspaceError
from data.policy.agreement import read_agreement
from data.policy.allocation import read_allocation
from data.policy.keys import choice, flag, only, section, text, texts, whole
from data.policy.label import read_label
from data.policy.rules import read_rules
from data.policy.settings import ANYWHERE, FILE_NAME, PORTALS, Policy, WarehouseSettings


def load_policy(folder: Path) -> Policy:
    """Read a workspace's `lastcall.toml`; raises WorkspaceError naming file and key."""
    path = folder / FILE_NAME
    try:
        with path.open("rb") as stream:
            document = tomllib.load(stream)
    except FileNotFoundError:
        return Policy()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path}: {error}") from error
    return read_policy(path, document)


def read_policy(path: Path, document: Mapping[str, Any]) -> Policy:
    """Read what `path` says; raises WorkspaceError naming file and key."""
    for key in document.keys() - {"warehouse", "policy", "allocation"}:
        known = "[warehouse.CODE], [policy] and [allocation]"
        raise WorkspaceError(f"{path}: unknown section [{key}]; known are {known}")
    warehouses = section(path, document.get("warehouse", {}), "warehouse")
    general = section(path, document.get("policy", {}), "policy")
    return Policy(
        warehouses=tuple(_read_warehouse(path, code, table) for code, table in warehouses.items()),
        approve=flag(path, general, "policy.approve", False),
        stuck_days=whole(path, general, "policy.stuck_days", 15),
        allocation=read_allocation(path, document.get("allocation", {}), warehouses),
    )


def _read_warehouse(path: Path, code: str, found: Any) -> WarehouseSettings:
    where = f"warehouse.{code}"
    if not re.fullmatch(r"[A-Z0-9]{1,12}", code):
        raise WorkspaceError(f"{path}: [{where}]: a warehouse's code is 1-12 capital letters and digits")
    table = section(path, found, where)
    known = {"name", "countries", "portal", "url", "secret", "time_zone", "options", "label", "policy", "agreement"}
    only(path, table, where, known)
    countries = texts(path, table, f"{where}.countries", r"[A-Z]{2}|\*", 'two-letter codes, or ["*"]')
    portal = choice(path, table, f"{where}.portal", PORTALS, "file")
    secret = text(path, table, f"{where}.secret")
    if secret and not re.match(r"(env|file):.", secret):
        raise WorkspaceError(f"{path}: {where}.secret must say where the secret is: env:NAME or file:PATH")
    options = table.get("options", {})
    if not isinstance(options, dict):
        raise WorkspaceError(f"{path}: {where}.options must be a section")
    return WarehouseSettings(
        code=code,
        name=text(path, table, f"{where}.name", code),
        countries=countries if "countries" in table else (ANYWHERE,),
        portal=portal,
        url=text(path, table, f"{where}.url"),
        secret=secret,
        time_zone=text(path, table, f"{where}.time_zone", "UTC"),
        options=options,
        label=read_label(path, where, table["label"]) if "label" in table else None,
        policy=read_rules(path, where, table.get("policy", {})),
        agreement=read_agreement(path, where, table.get("agreement", {})),
    )
