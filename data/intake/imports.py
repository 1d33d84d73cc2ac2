"""Bringing in a platform's files: read, compared and staged first, then merged in one act."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.clock import utc_text
from data.intake.baskets import UnknownName
from data.intake.merge import merge
from data.intake.merging import Merging, merging
from data.intake.rejects import Reject, first_rejects, write_rejects
from data.intake.stage import Progress, Report, Staged, Stopped, read_files
from data.intake.staging import Staging, open_staging
from data.model import InputError, StoppedError
from data.orders.campaigns import Campaign, look_up_campaign, only_campaign
from data.stock.items import NameMap
from data.stock.mapping import make_skus as make_skus_of
from data.stock.mapping import map_names
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do."""

    format: str
    reason: str
    """Why the files were recognised as that."""
    campaign: str
    """Its code, or in a dry run its name where the import would make it."""
    rows: int
    """Data rows read, rejected ones too."""
    created: int
    updated: int
    """Orders that something but the address changed of."""
    unchanged: int
    changes: int
    """Address changes that wait for a decision."""
    rejected: int
    reject_file: str
    """Path, or empty."""
    hidden: int
    """Rows read that have characters a person would not see."""
    unknown_names: tuple[UnknownName, ...]
    rejects: tuple[Reject, ...]
    """The first rejected rows."""
    notes: tuple[str, ...]
    """What a person should know of how the files were read."""
    dry_run: bool
    act: int | None
    """The act to undo, or None when nothing was written."""


def import_files(
    ws: Workspace,
    paths: Sequence[Path],
    campaign: str | None = None,
    *,
    format_name: str | None = None,
    encoding: str | None = None,
    late: bool = False,
    dry_run: bool = False,
    make_skus: bool = False,
    maps: Sequence[NameMap] = (),
    report: Report | None = None,
    stopped: Stopped | None = None,
) -> ImportResult:
    """Bring in files of one platform; a campaign that is not there is made.

    `campaign` is a name or a code; None means the only one there is. `late` marks the orders made as late, as a lock
    does. `maps` and `make_skus` say what names ship. Raises InputError for files that can't be read, StoppedError when
    stopped before the merge, StaleError when what was compared has moved; in each case nothing is imported.
    """
    found = _campaign(ws, campaign)
    if found is not None and not dry_run:
        _map_known_names(ws, found, maps, make_skus)
    with open_staging(ws.path("imports")) as staging:
        staged = read_files(
            ws,
            staging,
            paths,
            found,
            format_name=format_name,
            encoding=encoding,
            maps=maps,
            make_skus=make_skus,
            report=report,
            stopped=stopped,
        )
        rejects = first_rejects(staging, staged.tables)
        act, reject_file = 0, ""
        if not dry_run:
            act, reject_file = _commit(ws, staging, staged, campaign or "", late, report, stopped)
    named = found or (look_up_campaign(ws.store, campaign or "") if not dry_run else None)
    return ImportResult(
        format=staged.format,
        reason=staged.reason,
        campaign=named.code if named else campaign or "",
        rows=staged.rows,
        created=staged.created,
        updated=staged.updated,
        unchanged=staged.unchanged,
        changes=staged.changes,
        rejected=staged.rejected,
        reject_file=reject_file,
        hidden=staged.hidden,
        unknown_names=staged.unknown_names,
        rejects=rejects,
        notes=(
            *(f"{each.name} {each.encoding.note}" for each in staged.tables if each.encoding.note),
            *_other_platforms(ws, staged, found),
        ),
        dry_run=dry_run,
        act=act or None,
    )


def _commit(
    ws: Workspace,
    staging: Staging,
    staged: Staged,
    campaign: str,
    late: bool,
    report: Report | None,
    stopped: Stopped | None,
) -> tuple[int, str]:
    """Merge, and put the reject file in its place; returns the act and the file."""
    rejects = write_rejects(staging, staged.tables, utc_text(ws.clock.now())) if staged.rejected else None
    kept = ws.path("imports") / rejects.name if rejects else None
    staging.finish()
    act = 0
    if not staged.nothing:

        def waiting(other: Merging | None) -> bool:
            if report is not None:
                report(Progress("waiting", staged.rows, 1.0, other.words() if other else ""))
            return stopped is not None and stopped()

        with merging(ws, staged.created + staged.counts["known"], waiting):
            if stopped is not None and stopped():
                raise StoppedError("stopped: nothing was imported")
            if report is not None:
                report(Progress("merging", staged.rows, 1.0))
            act = merge(ws, staged, campaign, late=late, reject_file=kept.name if kept else "")
    if rejects is not None and kept is not None:
        # Only now, so that an import that was stopped or killed leaves no file; the same files make it again.
        os.replace(rejects, kept)
    return act, str(kept or "")


def _campaign(ws: Workspace, name: str | None) -> Campaign | None:
    """Return the campaign to import into, or None when it is to be made; raises InputError when none is said."""
    if name is not None:
        if not name.strip():
            raise InputError("a campaign needs a name")
        return look_up_campaign(ws.store, name)
    found = only_campaign(ws.store)
    if found is None:
        raise InputError("say which campaign the files belong to: --campaign NAME")
    return found


def _other_platforms(ws: Workspace, staged: Staged, campaign: Campaign | None) -> list[str]:
    """Say that the campaign has orders of another platform: the same people may stand in both, and would get two."""
    if campaign is None or not staged.created:
        return []
    others = ws.store.rows(
        "SELECT DISTINCT source FROM orders WHERE campaign_id = ? AND kind = 'pledge' AND source <> ? ORDER BY source",
        (campaign.id, staged.platform),
    )
    return [
        f"campaign {campaign.code} has orders from {source} too: look for people who stand in both"
        for (source,) in others
    ]


def _map_known_names(ws: Workspace, campaign: Campaign, maps: Sequence[NameMap], make_skus: bool) -> None:
    """Map what the campaign has already, so that orders on file take it over too."""
    if maps:
        there = {
            (row[0], row[1])
            for row in ws.store.rows("SELECT kind, name FROM items WHERE campaign_id = ?", (campaign.id,))
        }
        names = {name for _, name in there}
        known = [each for each in maps if ((each.kind, each.name) in there if each.kind else each.name in names)]
        if known:
            map_names(ws, campaign.id, known)
    if make_skus:
        make_skus_of(ws, campaign.id)
