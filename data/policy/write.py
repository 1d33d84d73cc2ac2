"""Writing into `lastcall.toml`: one warehouse or one topic at a time, everything else kept (comments are lost)."""

from __future__ import annotations

import fcntl
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from data.model import WorkspaceError
from data.policy.agreement import Agreed
from data.policy.label import COUNTRY_FORMS, SIZES, LabelLimits
from data.policy.read import read_policy
from data.policy.rules import WarehousePolicy
from data.policy.settings import FILE_NAME, WarehouseSettings

Document = dict[str, Any]


def save_warehouse(
    folder: Path,
    settings: WarehouseSettings,
    *,
    rules: Mapping[str, Any] | None = None,
    label: Mapping[str, Any] | None = None,
) -> None:
    """Write one warehouse into `lastcall.toml`, or change it there.

    Of its rules, label and agreement only what differs from the defaults is written over what the file says; `rules`
    and `label` are keys of those sections to write whatever they say. The options of another portal are dropped.
    Raises WorkspaceError, leaving the file alone, when it can't be written or what would be written can't be read back.
    """

    def change(document: Document) -> None:
        entry = document.setdefault("warehouse", {}).setdefault(settings.code, {})
        if settings.options or settings.portal != entry.get("portal", settings.portal):
            entry.pop("options", None)
        entry |= {"name": settings.name, "countries": list(settings.countries), "portal": settings.portal}
        for key in ("url", "secret", "time_zone"):
            _put(entry, key, getattr(settings, key))
        _merge(entry, "options", dict(settings.options))
        _merge(entry, "policy", _rules_table(settings.policy) | dict(rules or {}))
        if settings.label is not None:
            entry.setdefault("label", {})
        _merge(entry, "label", _label_table(settings.label or LabelLimits()) | dict(label or {}))
        for topic, agreed in settings.agreement.items():
            entry.setdefault("agreement", {})[topic] = _agreed_table(agreed)

    _edit(folder, change)


def save_agreed(folder: Path, code: str, topic: str, agreed: Agreed | None) -> None:
    """Write what was agreed with a warehouse on one topic; None: it is not agreed any more.

    Raises WorkspaceError, leaving the file alone, for a warehouse or a topic that there is not.
    """

    def change(document: Document) -> None:
        entry = document.get("warehouse", {}).get(code)
        if entry is None:
            raise WorkspaceError(f"there is no warehouse {code} in {FILE_NAME}")
        topics = entry.setdefault("agreement", {})
        if agreed is None:
            topics.pop(topic, None)
        else:
            topics[topic] = _agreed_table(agreed)
        if not topics:
            del entry["agreement"]

    _edit(folder, change)


def _edit(folder: Path, change: Callable[[Document], None]) -> None:
    """Change the document and put it in place once it is known to be readable; two editors wait for each other."""
    import tomli_w

    path = folder / FILE_NAME
    partial = path.with_name(f".{FILE_NAME}.part")
    try:
        with _alone(folder):
            document: Document = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            read_policy(path, document)
            change(document)
            read_policy(path, document)
            with partial.open("wb") as stream:
                tomli_w.dump(document, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if path.exists():
                os.chmod(partial, path.stat().st_mode & 0o777)
            os.replace(partial, path)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path}: {error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's kernel lock: nobody else edits the file meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put(entry: Document, key: str, value: object) -> None:
    """Write a value, or take the key away where there is none."""
    if value:
        entry[key] = value
    else:
        entry.pop(key, None)


def _merge(entry: Document, key: str, values: Document) -> None:
    """Write values over those of a section, which is made where there are some."""
    if values:
        entry[key] = entry.get(key, {}) | values


def _rules_table(policy: WarehousePolicy) -> Document:
    """Return the rules that differ from the defaults."""
    plain = WarehousePolicy()
    found = {each.name: getattr(policy, each.name) for each in fields(WarehousePolicy)}
    return {key: value for key, value in found.items() if value != getattr(plain, key)}


def _label_table(label: LabelLimits) -> Document:
    """Return the limits that differ from the defaults, by the keys of the file."""
    plain = LabelLimits()
    forms = {form: asked for asked, form in COUNTRY_FORMS.items()}
    found: Document = {key: getattr(label, name) for key, name in SIZES.items()}
    found |= {"charset": label.charset, "latin": label.latin, "country": forms[label.country]}
    defaults = {key: getattr(plain, name) for key, name in SIZES.items()}
    defaults |= {"charset": plain.charset, "latin": plain.latin, "country": forms[plain.country]}
    return {key: value for key, value in found.items() if value != defaults[key]}


def _agreed_table(agreed: Agreed) -> Document:
    """Return what was agreed without the keys that say nothing."""
    found = asdict(agreed) | {"evidence": list(agreed.evidence)}
    return {key: value for key, value in found.items() if value}
