"""Making the portals of the vendors from what `lastcall.toml` says; nothing is read or connected."""

from __future__ import annotations

import re
from pathlib import Path

from data.clock import Clock
from data.model import WorkspaceError
from data.policy import WarehouseSettings
from data.portals.options import PACE, read_options, secret_of
from data.portals.protocol import Portal

# The modules of a vendor, and httpx with them, are loaded for warehouses that are theirs only.


def make_shipbob(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    """Return the portal of a ShipBob account; raises WorkspaceError naming a wrong option."""
    from data.portals.credentials import SecretHeader
    from data.portals.shipbob import ShipBob

    kinds = {"channel": int, "version": str, "shipping_method": str, "fulfillment_center": int}
    options = read_options(settings, kinds | PACE)
    where = f"warehouse.{settings.code}.options"
    if not options.get("channel"):
        raise WorkspaceError(f"{where}.channel is missing: the id of the ShipBob channel that takes our orders")
    if not re.fullmatch(r"20\d\d-\d\d", options.get("version", "2026-01")):
        raise WorkspaceError(f"{where}.version is {options['version']!r}: ShipBob's versions are dated, like 2026-01")
    credentials = SecretHeader(secret_of(settings, folder))
    return ShipBob(settings.url or "https://api.shipbob.com", credentials, clock, **options)


def make_shipmonk(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    """Return the portal of a ShipMonk store; raises WorkspaceError naming a wrong option."""
    from data.portals.credentials import SecretHeader
    from data.portals.shipmonk import ShipMonk
    from data.portals.shipmonk_bodies import Account

    account = {"store_id": int, "warehouse": str, "shipping_service": str, "without_tax_id": bool}
    options = read_options(settings, account | PACE)
    if options.get("store_id", 0) < 1:
        raise WorkspaceError(f"warehouse.{settings.code}.options.store_id: ShipMonk's number of your store is needed")
    told = Account(**{name: options.pop(name) for name in account if name in options})
    credentials = SecretHeader(secret_of(settings, folder), "Api-Key", prefix="")
    return ShipMonk(settings.url, credentials, clock, told, **options)


def make_amazon(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    """Return the portal of Amazon's Multi-Channel Fulfillment; raises WorkspaceError naming a wrong option."""
    from data.portals.amazon_bodies import SPEEDS, Terms
    from data.portals.amazon_login import LOGIN_URL, AmazonLogin
    from data.portals.amazon_mcf import AmazonMcf

    where = f"warehouse.{settings.code}.options"
    words = {"marketplace_id": str, "login_url": str, "shipping_speed": str, "comment": str, "return_reason": str}
    options = read_options(settings, {**words, "hold_first": bool, **PACE})
    if not options.get("marketplace_id"):
        raise WorkspaceError(f"{where}.marketplace_id is missing: Amazon's id of the marketplace, like ATVPDKIKX0DER")
    speed = options.pop("shipping_speed", SPEEDS[0])
    if speed not in SPEEDS:
        raise WorkspaceError(f"{where}.shipping_speed must be one of {', '.join(SPEEDS)}")
    terms = Terms(options.pop("marketplace_id"), speed, options.pop("hold_first", False), options.pop("comment", ""))
    secret, login_url = secret_of(settings, folder), options.pop("login_url", LOGIN_URL)
    login = AmazonLogin(secret, login_url, clock, deadline=options.get("deadline", 20.0))
    return AmazonMcf(settings.url, login, clock, terms, **options)
