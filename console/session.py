"""What every command is given: the options before the noun, and the workspace they name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from data.store.workspace import Workspace


@dataclass(slots=True)
class Session:
    """One run of the command line."""

    folder: Path | None = None
    claimed: str = ""
    """The person a forced SSH command names (`--as`)."""
    _workspace: Workspace | None = None

    def workspace_folder(self) -> Path:
        """Return the workspace's folder: `--workspace`, else LASTCALL_WORKSPACE, else the platform's data folder."""
        if self.folder is not None:
            return self.folder
        if named := os.environ.get("LASTCALL_WORKSPACE"):
            return Path(named)
        import platformdirs

        return Path(platformdirs.user_data_dir("lastcall"))

    def open(self, program: str = "command line") -> Workspace:
        """Open the workspace once; raises WorkspaceError when it can't be used."""
        if self._workspace is None:
            from data.store.actor import find_actor
            from data.store.workspace import Workspace

            self._workspace = Workspace(self.workspace_folder(), find_actor(program, claimed=self.claimed))
        return self._workspace


pass_session = click.make_pass_decorator(Session)
