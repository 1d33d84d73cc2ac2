"""Check one address offline: what can't be labelled or delivered is an error, all else a warning or a hint.

Errors are required parts, postcode format, placeholders, lost digits, city and postcode exchanged, an e-mail address
in a street, an unresolved country, a Packstation without its number. Region, ZIP against state, house number, PO box
never are; a telephone number only where a spreadsheet threw its digits away.
"""

from __future__ import annotations

from data.addresses.check_place import country_findings, postcode_findings, region_findings, required_findings
from data.addresses.check_street import contact_findings, street_findings
from data.addresses.check_text import text_findings
from data.addresses.findings import Finding, Severity
from data.addresses.territories import place_of
from data.model import Address

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(address: Address) -> tuple[Finding, ...]:
    """Return what is found, errors first; an address without errors can be labelled and, it seems, delivered."""
    place = place_of(address)
    found = [*country_findings(address, place), *text_findings(address)]
    if place.country:
        found += required_findings(address, place)
        found += postcode_findings(address, place)
        found += region_findings(address, place)
        found += street_findings(address, place)
    elif not (address.line1.strip() or address.line2.strip()):
        found.append(Finding("line1", "line1_missing", Severity.ERROR, "no street"))
    found += contact_findings(address, place)
    return tuple(sorted(found, key=lambda each: _ORDER[each.severity]))


def has_error(findings: tuple[Finding, ...]) -> bool:
    """Tell whether anything found keeps the address from being labelled or delivered."""
    return any(each.severity is Severity.ERROR for each in findings)
