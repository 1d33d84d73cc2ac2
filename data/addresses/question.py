"""A ready text to ask a backer which address is right."""

from __future__ import annotations

from collections.abc import Iterable

from data.addresses.changes import Change
from data.addresses.countries import country_name
from data.addresses.faulty import Faulty
from data.addresses.findings import Severity
from data.addresses.versions import Reads, read_address
from data.model import Address
from data.text import without_hidden

_CLOSING = "Please answer with the full address your parcel should go to."


def question(reads: Reads, change: Change) -> str:
    """Return a text to send to the backer: what is on file, what was asked for, and what is wrong with it."""
    backer, campaign = _addressee(reads, change.order_id)
    on_file, proposed = read_address(reads, change.from_id), read_address(reads, change.to_id)
    parts = [
        _greeting(backer),
        f"about your order {change.number} of {campaign}: we were given this address:",
        _indented(proposed),
    ]
    if on_file is not None and not on_file.is_empty():
        parts += ["Until this is settled we have on file:", _indented(on_file)]
    problems = reads.rows(
        "SELECT field, message FROM findings WHERE address_id = ? AND severity = 'error' ORDER BY field, code",
        (change.to_id,),
    )
    if problems:
        parts += ["This keeps us from sending it:", _problems(problems)]
    return "\n\n".join([*parts, _CLOSING])


def question_about(reads: Reads, faulty: Faulty) -> str:
    """Return a text to send to the backer: what is on file, and what is wrong with it."""
    backer, campaign = _addressee(reads, faulty.order_id)
    worst = Severity.ERROR if faulty.errors else Severity.WARNING
    problems = [(each.field, each.message) for each in faulty.findings if each.severity is worst]
    return "\n\n".join(
        [
            _greeting(backer),
            f"about your order {faulty.number} of {campaign}: we have this address on file:",
            _indented(faulty.address),
            "This keeps us from sending it:" if faulty.errors else "We are not sure about this:",
            _problems(problems),
            _CLOSING,
        ]
    )


def address_lines(address: Address) -> list[str]:
    """Return an address line by line for a letter, the country's name last; empty lines are left out."""
    town = " ".join(part for part in (address.postcode, address.city, address.region) if part)
    lines = [address.name, address.company, address.line1, address.line2, town, country_name(address.country)]
    return [without_hidden(line) for line in lines if line] + ([address.phone] if address.phone else [])


def _addressee(reads: Reads, order_id: int) -> tuple[str, str]:
    """Return the names of the backer and of the campaign."""
    found = reads.one(
        "SELECT b.name, c.name FROM orders o JOIN backers b ON b.id = o.backer_id"
        " JOIN campaigns c ON c.id = o.campaign_id WHERE o.id = ?",
        (order_id,),
    )
    assert found is not None
    return found[0], found[1]


def _greeting(backer: str) -> str:
    return f"Hello {without_hidden(backer).strip() or 'there'},"


def _problems(problems: Iterable[tuple[str, str]]) -> str:
    """List what is wrong, without the advice that is meant for the operator."""
    return "\n".join(f"- {field}: {message.partition('; ask the backer')[0]}" for field, message in problems)


def _indented(address: Address | None) -> str:
    return "\n".join(f"    {line}" for line in address_lines(address or Address()))
