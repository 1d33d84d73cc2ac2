"""What the address commands share: their options, and the rows a person names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from data.store.workspace import Workspace

campaign_option = click.option("--campaign", "campaign", help="Only this campaign, by code or name.")


def campaign_id(ws: Workspace, campaign: str | None) -> int | None:
    """Return the campaign a person names, or None for all; raises InputError for one there is not."""
    from data.orders.campaigns import find_campaign

    return None if campaign is None else find_campaign(ws.store, campaign).id
