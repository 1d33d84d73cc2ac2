"""What a warehouse's label will print, as lines of a detail pane."""

from __future__ import annotations

from textual.content import Content

from data.addresses.label import PrintedLabel, fit
from data.model import Address
from data.policy import Policy
from screens.columns.text import BAD, QUIET, plain
from widgets.detail import Section


def label_section(policy: Policy, code: str | None, address: Address) -> Section | None:
    """Return the label of the order's warehouse, where its limits are known and there is an address."""
    settings = next((each for each in policy.warehouses if each.code == code), None)
    if settings is None or settings.label is None or address.is_empty():
        return None
    return Section(Content.assemble("Label at ", plain(settings.name)), label_lines(fit(address, settings.label)))


def label_lines(label: PrintedLabel) -> list[Content]:
    """Return a label line by line, the backer's own script beside it, and what does not fit."""
    lines = [plain(each) for each in label.printed()]
    lines += [plain(each, QUIET) for each in label.native]
    return lines + [Content.assemble(("! ", BAD), plain(f"{each.field}: {each.message}")) for each in label.problems]
