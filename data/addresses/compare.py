"""Compare two addresses: what must the operator do about a change.

Decided by equality after canonicalisation of each field in its country, never by likeness: `12 Main St` and `120 Main
St` are 95 % alike. What cannot be proven to be the same offline is material.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.addresses.cities import same_city
from data.addresses.countries import country_name
from data.addresses.damage import unmojibaked
from data.addresses.fold import cleaned, folded
from data.addresses.formats import format_of
from data.addresses.names import company_key, same_name
from data.addresses.phones import same_phone
from data.addresses.postcodes import postcode_of, same_postcode
from data.addresses.regions import fits_postcode, is_region_part, region_key
from data.addresses.repairs import city_repair, phone_repair, postcode_repair, region_repair, street_repair
from data.addresses.street import street_of
from data.addresses.street_compare import compare_streets
from data.addresses.territories import Place, place_of
from data.model import ADDRESS_FIELDS, Address, Label

Mark = Literal["same", "cosmetic", "contact", "move", "zone", "repair"]
_LEVEL: dict[str, int] = {"same": 0, "cosmetic": 1, "repair": 2, "contact": 2, "move": 3, "zone": 4}
_WORDS = {"line1": "street", "line2": "street"}
_STREET_MARK: dict[str, Mark] = {"cosmetic": "cosmetic", "contact": "contact", "move": "move"}
_ZONE_FIELDS = ("region", "postcode", "country")


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What the change of one field is."""

    field: str
    mark: Mark
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change of address is, as a whole and field by field."""

    label: Label
    level: int
    """0 nothing, 1 notation, 2 contact or repair, 3 move in the zone, 4 another zone."""
    fields: tuple[FieldVerdict, ...]
    """All fields of `Address`, in their order."""
    reasons: tuple[str, ...]
    """What differs, in words; empty when nothing but notation does."""
    zone_old: str
    zone_new: str
    worse: bool = False
    """What is requested is the invalid value, what is on file its correction; never to be accepted unseen."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the fields whose text differs."""
        return tuple(each.field for each in self.fields if each.mark != "same")

    def mark_of(self, field: str) -> Mark:
        """Return the mark of one field."""
        return next(each.mark for each in self.fields if each.field == field)


def compare(old: Address, new: Address) -> Comparison:
    """Judge a change from `old` (on file) to `new` (requested)."""
    before, after = place_of(old), place_of(new)
    changed = [field for field in ADDRESS_FIELDS if getattr(old, field) != getattr(new, field)]
    if not any(cleaned(getattr(old, field)) != cleaned(getattr(new, field)) for field in changed):
        verdicts = tuple(FieldVerdict(field, "same") for field in ADDRESS_FIELDS)
        return Comparison(Label.IDENTICAL, 0, verdicts, (), before.zone, after.zone)
    found = _Judge(old, new, before, after).verdicts()
    label, level = _label(found)
    worse = label is Label.MATERIAL and _label(_Judge(new, old, after, before).verdicts())[0] is Label.CORRECTION
    if worse:
        # One place, damaged on one side: not material either way round; level and marks stay those of a change.
        label = Label.CORRECTION
    reasons = dict.fromkeys(
        f"{_WORDS.get(each.field, each.field)}: {each.reason}"
        for each in found
        if each.mark not in ("same", "cosmetic") and each.reason
    )
    said = (*(("what is requested is invalid; what is on file is right",) if worse else ()), *reasons)
    return Comparison(label, level, found, said, before.zone, after.zone, worse)


def _label(found: tuple[FieldVerdict, ...]) -> tuple[Label, int]:
    marks = {each.mark for each in found}
    if marks <= {"same", "cosmetic"}:
        return Label.TRIVIAL, 1
    if marks <= {"same", "cosmetic", "repair"}:
        return Label.CORRECTION, 2
    return Label.MATERIAL, max(_LEVEL[mark] for mark in marks)


class _Judge:
    """One comparison under way: the two addresses, their places, and the country whose rules hold for both."""

    def __init__(self, old: Address, new: Address, before: Place, after: Place) -> None:
        self.old, self.new = old, new
        self.before, self.after = before, after
        self.country = after.country or before.country
        self.abroad = bool(before.country and after.country and before.country != after.country)
        """Whether the countries differ: what is left behind follows rules of its own, so no repair is seen in it."""

    def verdicts(self) -> tuple[FieldVerdict, ...]:
        """Return the verdict of every field, in their order."""
        found: dict[str, FieldVerdict] = {}
        for field in ADDRESS_FIELDS:
            if field not in found:
                found.update({each.field: each for each in self._judged(field)})
        if self._other_zone():
            self._mark_zone(found)
        return tuple(found[field] for field in ADDRESS_FIELDS)

    def _judged(self, field: str) -> tuple[FieldVerdict, ...]:
        if field in ("line1", "line2"):
            return self._lines()
        one, other = getattr(self.old, field), getattr(self.new, field)
        if cleaned(one) == cleaned(other):
            return (FieldVerdict(field, "same"),)
        match field:
            case "name":
                return (self._name(),)
            case "company":
                return (self._company(),)
            case "city":
                return (self._city(),)
            case "region":
                return (self._region(),)
            case "postcode":
                return (self._postcode(),)
            case "country":
                return (self._country(),)
        return (self._phone(),)

    def _name(self) -> FieldVerdict:
        one, other = self.old.name, self.new.name
        repaired = unmojibaked(one)
        if repaired and same_name(repaired, other, self.country):
            return FieldVerdict("name", "repair", "wrong encoding put right")
        if one and other and same_name(one, other, self.country):
            return FieldVerdict("name", "cosmetic", "same name in another notation")
        return FieldVerdict("name", "contact", f"recipient {_change(one, other)}")

    def _company(self) -> FieldVerdict:
        one, other = self.old.company, self.new.company
        repaired = unmojibaked(one)
        if repaired and company_key(repaired, self.country) == company_key(other, self.country):
            return FieldVerdict("company", "repair", "wrong encoding put right")
        if company_key(one, self.country) == company_key(other, self.country):
            return FieldVerdict("company", "cosmetic", "same company in another notation")
        return FieldVerdict("company", "contact", f"company {_change(one, other)}")

    def _lines(self) -> tuple[FieldVerdict, ...]:
        old, new = self.old, self.new
        lines = ("line1", "line2")
        differ = [field for field in lines if cleaned(getattr(old, field)) != cleaned(getattr(new, field))]
        if not differ:
            return tuple(FieldVerdict(field, "same") for field in lines)
        verdict = compare_streets(
            street_of(old.line1, old.line2, self.country), street_of(new.line1, new.line2, self.country), self.country
        )
        mark: Mark = "cosmetic"
        reason = verdict.reason
        if verdict.mark != "cosmetic" or any(unmojibaked(line) for line in (old.line1, old.line2)):
            repair = None if self.abroad else street_repair(old, new, self.country)
            mark = "repair" if repair else _STREET_MARK[verdict.mark]
            reason = repair or reason
        return tuple(
            FieldVerdict(field, "same")
            if field not in differ
            else FieldVerdict(field, self._line_mark(field, mark), reason)
            for field in lines
        )

    def _line_mark(self, field: str, mark: Mark) -> Mark:
        """A line that alone is only another notation gets the quiet mark, so that the eye falls on the other one."""
        if mark == "cosmetic":
            return mark
        one, other = (
            street_of(getattr(self.old, field), "", self.country),
            street_of(getattr(self.new, field), "", self.country),
        )
        quiet = compare_streets(one, other, self.country).mark == "cosmetic"
        both = all(cleaned(getattr(self.old, each)) != cleaned(getattr(self.new, each)) for each in ("line1", "line2"))
        return "cosmetic" if quiet and both else mark

    def _city(self) -> FieldVerdict:
        one, other = self.old.city, self.new.city
        repaired = unmojibaked(one)
        if one and other and not repaired and same_city(one, other, self.country):
            return FieldVerdict("city", "cosmetic", "same city in another notation")
        if not self.abroad and (words := city_repair(self.old, self.new, self.country)):
            return FieldVerdict("city", "repair", words)
        return FieldVerdict("city", "move", f"{one or '(empty)'}->{other or '(empty)'}")

    def _region(self) -> FieldVerdict:
        one, other, country = self.old.region, self.new.region, self.country
        reason = f"{one or '(empty)'}->{other or '(empty)'}"
        if not is_region_part(country) or self._region_is_territory():
            return FieldVerdict("region", "cosmetic", "not part of the postal address")
        if one and other and region_key(one, country) == region_key(other, country):
            return FieldVerdict("region", "cosmetic", "same region in another notation")
        same_code = bool(self.new.postcode) and same_postcode(self.old.postcode, self.new.postcode, country)
        optional = "region" not in format_of(country).required
        if not (one and other) and same_code and optional:
            return FieldVerdict("region", "cosmetic", "the postcode tells the region")
        if not self.abroad and (words := region_repair(self.old, self.new, country)):
            return FieldVerdict("region", "repair", words)
        if not other and same_code and fits_postcode(one, self.new.postcode, country):
            return FieldVerdict("region", "contact", f"region removed: {one}")
        return FieldVerdict("region", "move", reason)

    def _region_is_territory(self) -> bool:
        """`US` with region PR and `PR` without are one place."""
        if self.before.country != self.after.country or self.before.stated == self.after.stated:
            return False
        names = {folded(self.old.region), folded(self.new.region)} - {""}
        return all(region_key(name, self.before.stated) in (self.country, name) for name in names) and len(names) == 1

    def _postcode(self) -> FieldVerdict:
        one, other, country = self.old.postcode, self.new.postcode, self.country
        before, after = postcode_of(one, country), postcode_of(other, country)
        same = bool(before.key) and before.key == after.key
        if same and before.valid == after.valid:
            return FieldVerdict("postcode", "cosmetic", "same postcode in another notation")
        if not self.abroad and (words := postcode_repair(self.old, self.new, country)):
            return FieldVerdict("postcode", "repair", words)
        if not one and after.valid:
            return FieldVerdict("postcode", "contact", f"postcode added: {after.printed}")
        return FieldVerdict("postcode", "move", f"{one or '(empty)'}->{other or '(empty)'}")

    def _country(self) -> FieldVerdict:
        before, after = self.before, self.after
        if before.country and before.country == after.country:
            if before.stated == "CN" and after.stated != "CN":
                return FieldVerdict("country", "repair", f"{country_name(after.country)} was written as China")
            return FieldVerdict("country", "cosmetic", "same territory in another notation")
        if not before.country and after.country and not self.old.country.strip():
            return FieldVerdict("country", "repair", "country was missing")
        if not before.country and after.country:
            return FieldVerdict("country", "repair", f"{self.old.country} names no country")
        if not before.country and folded(self.old.country) == folded(self.new.country):
            return FieldVerdict("country", "cosmetic", "same text in another notation")
        return FieldVerdict("country", "zone", f"{before.country or '(unknown)'}->{after.country or '(unknown)'}")

    def _phone(self) -> FieldVerdict:
        one, other = self.old.phone, self.new.phone
        if one and other and same_phone(one, other, self.country):
            return FieldVerdict("phone", "cosmetic", "same number in another notation")
        if not self.abroad and (words := phone_repair(one, other, self.country)):
            return FieldVerdict("phone", "repair", words)
        return FieldVerdict("phone", "contact", f"phone {_change(one, other)}")

    def _other_zone(self) -> bool:
        if not self.before.country:
            return False
        return self.before.zone != self.after.zone or self.before.country != self.after.country

    def _mark_zone(self, found: dict[str, FieldVerdict]) -> None:
        """Raise what decides the zone to the zone's mark; if nothing of it differs by itself, the country is named."""
        raised = [field for field in _ZONE_FIELDS if found[field].mark in ("move", "zone", "repair", "contact")]
        if not raised:
            raised = [field for field in _ZONE_FIELDS if found[field].mark != "same"] or ["city"]
        for field in raised:
            reason = found[field].reason or f"zone {self.before.zone}->{self.after.zone}"
            found[field] = FieldVerdict(field, "zone", reason)


def _change(one: str, other: str) -> str:
    return "changed" if one.strip() and other.strip() else "added" if other.strip() else "removed"
