"""`lastcall campaigns` and `lastcall campaign`: list, add and change campaigns."""

from __future__ import annotations

import dataclasses

import click

from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session


@click.command("campaigns")
@click.option("--filter", "text", default="", help="Only campaigns whose code or name has these words.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@json_option
@pass_session
def campaigns(session: Session, text: str, limit: int | None, as_json: bool) -> None:
    """List campaigns with how many orders each has."""
    from data.orders.campaigns import count_campaigns

    words = text.casefold().split()
    found = [
        each
        for each in count_campaigns(session.open().store)
        if all(word in f"{each.campaign.code} {each.campaign.name}".casefold() for word in words)
    ][:limit]
    if as_json:
        print_json(
            [
                {
                    **dataclasses.asdict(each.campaign),
                    **{key: value for key, value in dataclasses.asdict(each).items() if key != "campaign"},
                }
                for each in found
            ]
        )
        return
    print_table(
        ("code", "name", "orders", "needs info", "cancelled", "late", "unmapped", "ends", "locked"),
        (
            (
                each.campaign.code,
                each.campaign.name,
                each.orders,
                each.needs_info,
                each.cancelled,
                each.late,
                each.unmapped,
                each.campaign.ends_at,
                each.campaign.locked_at,
            )
            for each in found
        ),
    )


@click.group("campaign")
def campaign() -> None:
    """Add and change campaigns."""


@campaign.command("add")
@click.argument("name")
@click.option("--code", default="", help="1-12 capital letters and digits; else made from the name.")
@click.option("--platform", default="", help="Where it ran: kickstarter, backerkit, ...")
@click.option("--currency", default="USD", show_default=True, help="ISO 4217; settles amounts that don't say theirs.")
@click.option("--time-zone", default="UTC", show_default=True, help="Dates without one of their own are read in it.")
@click.option("--end", help="When it ended: 2026-11-30, or 2026-11-30 20:00, in its time zone.")
@json_option
@pass_session
def add(
    session: Session,
    name: str,
    code: str,
    platform: str,
    currency: str,
    time_zone: str,
    end: str | None,
    as_json: bool,
) -> None:
    """Add the campaign NAME."""
    from data.orders.campaigns import add_campaign, read_deadline

    ws = session.open()
    ends_at = read_deadline(end, time_zone) if end else None
    done = add_campaign(ws, name, code=code, platform=platform, currency=currency, time_zone=time_zone, ends_at=ends_at)
    finish(done, as_json)


@campaign.command("set")
@click.argument("campaign")
@click.option("--name", help="What it is called.")
@click.option("--currency", help="ISO 4217; settles amounts that don't say theirs.")
@click.option("--time-zone", help="Dates without one of their own are read in it.")
@click.option("--end", help="When it ended: 2026-11-30, or 2026-11-30 20:00, in its time zone; `none` takes it away.")
@click.option("--lock-notice", help="When backers are told of the last call; as --end.")
@click.option("--lock-at", help="The deadline of the last call; as --end.")
@json_option
@pass_session
def set_(
    session: Session,
    campaign: str,
    name: str | None,
    currency: str | None,
    time_zone: str | None,
    end: str | None,
    lock_notice: str | None,
    lock_at: str | None,
    as_json: bool,
) -> None:
    """Change CAMPAIGN, named by code or name."""
    from data.orders.campaigns import find_campaign, read_deadline, set_campaign

    ws = session.open()
    found = find_campaign(ws.store, campaign)
    values: dict[str, str | None] = {
        key: value
        for key, value in (("name", name), ("currency", currency), ("time_zone", time_zone))
        if value is not None
    }
    zone = time_zone or found.time_zone
    for key, text in (("ends_at", end), ("lock_notice_at", lock_notice), ("lock_at", lock_at)):
        if text is not None:
            values[key] = None if text == "none" else read_deadline(text, zone)
    if not values:
        raise click.UsageError("say what to change")
    finish(set_campaign(ws, found, values), as_json)
