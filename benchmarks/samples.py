"""The sample campaigns every part measures on: made once through the import, kept in a folder of the temporary files.

A changed schema or sample makes them anew; deleting the folder `lastcall-benchmarks-*` frees the space.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from hashlib import blake2b
from pathlib import Path

from benchmarks.report import say
from data.desk import sample
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.intake.imports import import_files
from data.store import schema
from data.store.actor import Actor
from data.store.workspace import DATABASE, Workspace, init_workspace

CAMPAIGN = "Ember Isles"
SMALL = 1_000
"""Orders of the campaign that the large one is compared with."""


@cache
def folder() -> Path:
    """Return the folder that keeps the samples of this schema; the first call makes it."""
    digest = blake2b(digest_size=6)
    for package in (sample, schema):
        for source in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(source.read_bytes())
    found = Path(tempfile.gettempdir()) / f"lastcall-benchmarks-{os.getuid()}-{digest.hexdigest()}"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def sample_file(orders: int) -> Path:
    """Return a Kickstarter file of so many orders; raises OSError where it can't be written."""
    found = folder() / f"orders-{orders}.csv"
    if not found.exists():
        say(f"writing a file of {orders:,} orders …")
        partial = found.with_suffix(f".{os.getpid()}.part")
        write_kickstarter(partial, SampleCampaign(orders))
        os.replace(partial, found)
    return found


def sample_workspace(orders: int) -> Path:
    """Return the folder of a workspace with so many orders, imported in one act. Only read it: others measure on it."""
    found = folder() / f"workspace-{orders}"
    if not found.exists():
        file = sample_file(orders)
        say(f"importing {orders:,} orders …")
        partial = folder() / f"workspace-{orders}.{os.getpid()}.part"
        shutil.rmtree(partial, ignore_errors=True)
        init_workspace(partial)
        ws = Workspace(partial, Actor("bench", "benchmark"))
        import_files(ws, [file], CAMPAIGN, make_skus=True)
        # What a night of running has done to any workspace: the log folded in, the planner's numbers there.
        ws.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ws.close()
        os.replace(partial, found)
    return found


def copied_workspace(orders: int, to: Path) -> Path:
    """Return a copy of a sample workspace at `to` that may be written."""
    shutil.copytree(sample_workspace(orders), to)
    return to


def database(workspace: Path) -> Path:
    """Return the database file of a workspace."""
    return workspace / DATABASE
