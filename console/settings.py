"""A person's own settings: theme, mouse, keys. They live in the user's config folder, not in the workspace."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.model import WorkspaceError

FILE_NAME = "settings.toml"
THEMES = ("dark", "light", "ansi")


@dataclass(frozen=True, slots=True)
class Settings:
    """What one person has chosen."""

    theme: str = ""
    """`dark`, `light` or `ansi`; empty = what the terminal suggests."""
    mouse: bool = True
    wide_from: int = 100
    """Columns from which the detail stands beside the list."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Verb id to key, for those that were moved."""


def settings_path() -> Path:
    """Return where this person's settings are kept."""
    import platformdirs

    return Path(platformdirs.user_config_dir("lastcall")) / FILE_NAME


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings, or the defaults where there are none; raises WorkspaceError naming file and key."""
    path = path or settings_path()
    try:
        with path.open("rb") as stream:
            document = tomllib.load(stream)
    except FileNotFoundError:
        return Settings()
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"{path}: {error}") from error
    known = {"theme": str, "mouse": bool, "wide_from": int, "keys": dict}
    for key, value in document.items():
        if key not in known:
            raise WorkspaceError(f"{path}: unknown key {key!r}; known are {', '.join(known)}")
        if not isinstance(value, known[key]):
            raise WorkspaceError(f"{path}: {key} must be {_kind(known[key])}")
    if document.get("theme", "dark") not in THEMES:
        raise WorkspaceError(f"{path}: theme is {document['theme']!r}; known are {', '.join(THEMES)}")
    keys = document.get("keys", {})
    for name, value in keys.items():
        if not isinstance(value, str):
            raise WorkspaceError(f"{path}: keys.{name} must be text")
    return Settings(**document)


def _kind(kind: type) -> str:
    """Name a type as a person writing TOML knows it."""
    return {str: "text", bool: "true or false", int: "a whole number", dict: "a section"}[kind]
