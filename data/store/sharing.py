"""Who may open the workspace's files: its owner alone, or the group whose folder it is; whatever the umask says."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

PRIVATE_FILE, SHARED_FILE = 0o600, 0o660
PRIVATE_FOLDER, SHARED_FOLDER = 0o700, 0o2770
"""Setgid on a shared folder hands its group on to what is made inside."""


def is_shared(folder: Path) -> bool:
    """Tell whether a folder is a group's."""
    return bool(folder.stat().st_mode & 0o020)


def file_mode(folder: Path) -> int:
    """Return the mode of files in a folder."""
    return SHARED_FILE if is_shared(folder) else PRIVATE_FILE


def open_file(path: Path, flags: int) -> int:
    """Open a file that is made, if it is not there, with the mode of its folder; raises OSError."""
    mode = file_mode(path.parent)
    descriptor = os.open(path, flags | os.O_CLOEXEC, mode)
    # The umask has had its say, and only the owner may overrule it.
    if flags & os.O_CREAT and os.fstat(descriptor).st_uid == os.getuid():
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, mode)
    return descriptor


def make_folder(path: Path) -> Path:
    """Make a folder in a workspace's folder, as shared as that is; return it."""
    if not path.is_dir():
        mode = SHARED_FOLDER if is_shared(path.parent) else PRIVATE_FOLDER
        path.mkdir(mode=mode, exist_ok=True)
        os.chmod(path, mode)
    return path


def make_folders(path: Path) -> Path:
    """Make a folder with those above it that are missing, each as shared as the one it is in; return it."""
    if not path.parent.is_dir():
        make_folders(path.parent)
    return make_folder(path)


def give_to_group(folder: Path, group: str) -> None:
    """Make an empty folder a group's; raises LookupError for a group there is not, OSError where one may not."""
    shutil.chown(folder, group=group)
    os.chmod(folder, SHARED_FOLDER)
