"""A ready text to ask a backer which address is right."""

from __future__ import annotations

from data.addresses.changes import Change
from data.addresses.countries import country_name
from data.addresses.versions import Reads, read_address
from data.model import Address
from data.text import without_hidden


def question(reads: Reads, change: Change) -> str:
    """Return a text to send to the backer: what is on file, what was asked for, and what is wrong with it."""
    found = reads.one(
        "SELECT b.name, c.name FROM orders o JOIN backers b ON b.id = o.backer_id"
        " JOIN campaigns c ON c.id = o.campaign_id WHERE o.id = ?",
        (change.order_id,),
    )
    assert found is not None
    backer, campaign = found
    on_file, proposed = read_address(reads, change.from_id), read_address(reads, change.to_id)
    problems = [
        f"- {message}"
        for (message,) in reads.rows(
            "SELECT message FROM findings WHERE address_id = ? AND severity = 'error' ORDER BY field, code",
            (change.to_id,),
        )
    ]
    parts = [
        f"Hello {without_hidden(backer).strip() or 'there'},",
        f"about your order {change.number} of {campaign}: we were given this address:",
        _indented(proposed),
    ]
    if on_file is not None and not on_file.is_empty():
        parts += ["Until this is settled we have on file:", _indented(on_file)]
    if problems:
        parts += ["This keeps us from sending it:", "\n".join(problems)]
    parts.append("Please answer with the full address your parcel should go to.")
    return "\n\n".join(parts)


def address_lines(address: Address) -> list[str]:
    """Return an address line by line for a letter, the country's name last; empty lines are left out."""
    town = " ".join(part for part in (address.postcode, address.city, address.region) if part)
    lines = [address.name, address.company, address.line1, address.line2, town, country_name(address.country)]
    return [without_hidden(line) for line in lines if line] + ([address.phone] if address.phone else [])


def _indented(address: Address | None) -> str:
    return "\n".join(f"    {line}" for line in address_lines(address or Address()))
