"""Editing an address on the prompt line, field by field: what is on file stands there, Enter keeps it."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from data.addresses.edit import edit, edit_order
from data.model import ADDRESS_FIELDS, Address, Done, Item
from screens.base import BaseScreen
from screens.choices import choose
from widgets.prompts import Confirm, Text

_KEYS = dict(zip("nc12yrzkp", ADDRESS_FIELDS, strict=True))
_SHORT = {
    "company": "co",
    "line1": "line",
    "line2": "line",
    "region": "reg",
    "postcode": "zip",
    "country": "ctry",
    "phone": "tel",
}
"""So that all fields stand on one line of 80 cells."""


async def edit_address(screen: BaseScreen, item: Item, address: Address, *, change: bool = False) -> Done | None:
    """Edit fields until the person says so, then decide; `item` is an order, or with `change` a change.

    Returns what came of it, or None when nothing was done.
    """
    edited = address
    while True:
        offers = {
            key: f"{_SHORT.get(name, name)}{'*' if getattr(edited, name) != getattr(address, name) else ''}"
            for key, name in _KEYS.items()
        }
        key = await screen.prompt.ask(choose("Edit", offers | {"s": "save"}))
        if key is None:
            if edited == address or await screen.prompt.ask(Confirm(Content("Leave without saving?"))):
                return None
            continue
        if key == "s":
            break
        name = _KEYS[key]
        text = await screen.prompt.ask(Text(Content(name), value=getattr(edited, name)))
        if text is not None:
            edited = replace(edited, **{name: text.strip()})
    if edited == address:
        screen.say("nothing was changed")
        return None
    return await screen.do(edit if change else edit_order, item, edited)
