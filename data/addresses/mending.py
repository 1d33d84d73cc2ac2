"""What the findings on an address propose in its place, and whether that is sure enough to be taken unseen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.addresses.check import check
from data.addresses.compare import compare
from data.addresses.findings import Finding, Severity
from data.addresses.regions import fits_postcode
from data.addresses.territories import place_of
from data.model import Address, Label

_SURE = frozenset(
    {
        "city_postcode_swapped",
        "email_in_address",
        "excel",
        "mojibake",
        "phone_excel",
        "postcode_excel",
        "postcode_in_city",
        "postcode_lost_zero",
        "postcode_missing",
    }
)
"""Codes whose repair follows from what was written; a country that was guessed is none of them."""
_CONTRADICTS = frozenset({"region_postcode", "region_unknown", "country_territory"})
"""What is found in a repaired address shows that the repair may be wrong (addresses.md 5: the ZIP must lie in the
state)."""
_SEPARATORS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Mending:
    """What the findings on one address come to."""

    address: Address
    """With every repair in its place."""
    codes: tuple[str, ...]
    """Of the findings that have a repair, each once."""
    fields: tuple[str, ...]
    """Fields that a repair alters."""
    missing: tuple[Finding, ...]
    """Errors that nothing here repairs."""

    @property
    def whole(self) -> bool:
        """Tell whether there is a repair, and no error without one."""
        return bool(self.codes) and not self.missing


def mending_of(address: Address, findings: Sequence[Finding]) -> Mending:
    """Put the repairs of errors and warnings into an address; the first finding of a field counts."""
    repairs: dict[str, str] = {}
    codes: dict[str, None] = {}
    missing: list[Finding] = []
    for each in sorted(findings, key=lambda each: each.severity is not Severity.ERROR):
        if each.severity is Severity.INFO or each.field in repairs:
            continue
        if each.repair is not None:
            repairs[each.field] = each.repair
            codes[each.code] = None
        elif each.severity is Severity.ERROR:
            missing.append(each)
    left = tuple(each for each in missing if each.field not in repairs)
    return Mending(replace(address, **repairs), tuple(codes), tuple(repairs), left)


def is_sure(address: Address, mending: Mending) -> bool:
    """Tell whether a repair may be accepted with others without being looked at.

    It repairs every error, follows from what was written, stays in the zone, and nothing found in the repaired address
    speaks against it. A zero that was put back counts only where the postcode then lies in the region that was written.
    """
    if not mending.whole or not _SURE.issuperset(mending.codes):
        return False
    mended = mending.address
    verdict = compare(address, mended)
    if verdict.label is not Label.CORRECTION or verdict.worse or verdict.zone_old != verdict.zone_new:
        return False
    if any(each.severity is Severity.ERROR or each.code in _CONTRADICTS for each in check(mended)):
        return False
    return "postcode" not in mending.fields or _was_written(address, mended) or _lies_in_region(mended)


def _was_written(address: Address, mended: Address) -> bool:
    """Tell whether the postcode stands in what was written, none of its characters made up or left out."""
    code = _bare(mended.postcode)
    return code in (_bare(address.city), _bare(address.postcode)) or (
        not address.postcode.strip() and code in _bare(address.city)
    )


def _lies_in_region(address: Address) -> bool:
    return fits_postcode(address.region, address.postcode, place_of(address).country) is True


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()
