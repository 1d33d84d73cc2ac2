"""How two streets differ: the same door in another notation, another flat, or another place (rules N5 to N11, N20)."""

from __future__ import annotations

from dataclasses import dataclass

from data.addresses.fold import script_of
from data.addresses.names import same_name
from data.addresses.street import Street
from data.addresses.tables import word_set
from data.addresses.words import heads, same_words

_DIRECTIONS = word_set(
    "north south east west northeast northwest southeast southwest nord sud est ouest norte sur este oeste ost syd vest"
)
Segments = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class StreetVerdict:
    """What a change of street lines means."""

    mark: str
    """`same`, `cosmetic`, `contact` or `move`."""
    reason: str


def compare_streets(old: Street, new: Street, country: str) -> StreetVerdict:
    """Judge two streets of one country; equality after canonicalisation, never likeness."""
    if old == new:
        return StreetVerdict("cosmetic", "same street in another notation")
    if old.kind != new.kind and not (old.kind in ("", "street") and new.kind in ("", "street")):
        return StreetVerdict("move", f"{old.kind or 'nothing'} -> {new.kind or 'nothing'}")
    if old.boxes != new.boxes:
        return StreetVerdict("move", "other PO box")
    if not _same_building(old, new, country):
        return _other_building(old, new, country)
    if detail := _units_differ(old.units, new.units):
        return StreetVerdict("contact", detail)
    if not _same_care_of(old.care_of, new.care_of, country):
        return StreetVerdict("contact", _added_or_removed("care of", bool(old.care_of), bool(new.care_of)))
    return StreetVerdict("cosmetic", "same street in another notation")


def _added_or_removed(what: str, before: bool, after: bool) -> str:
    return f"{what} {'changed' if before and after else 'added' if after else 'removed'}"


def _units_differ(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> str:
    """Return in words how flats and floors differ, or an empty text; flats and floors may change places."""
    for kind, word in (("unit", "unit"), ("floor", "floor")):
        before = [value for each, value in old if each == kind]
        after = [value for each, value in new if each == kind]
        if before != after:
            return _added_or_removed(word, bool(before), bool(after))
    return ""


def _same_care_of(old: tuple[str, ...], new: tuple[str, ...], country: str) -> bool:
    return len(old) == len(new) and all(same_name(a, b, country) for a, b in zip(old, new, strict=True))


def _movable(lines: tuple[Segments, ...]) -> bool:
    """Tell whether lines or segments may change places: each with a digit has a word, so no numbers are exchanged."""
    return all(_self_standing(segment) for line in lines for segment in line)


def _self_standing(segment: tuple[str, ...]) -> bool:
    has_digit = any(any(each.isdigit() for each in token) for token in segment)
    return not has_digit or any(len(token) > 1 and not any(each.isdigit() for each in token) for token in segment)


def _same_building(old: Street, new: Street, country: str) -> bool:
    if same_words(old.tokens, new.tokens, country):
        return True
    if not (_movable(old.lines) and _movable(new.lines)):
        return False
    if len(new.lines) == 2:
        exchanged = tuple(token for line in reversed(new.lines) for segment in line for token in segment)
        if same_words(old.tokens, exchanged, country):
            return True
    return len(old.segments) == len(new.segments) > 1 and not _unmatched(old.segments, new.segments, country)


def _unmatched(wanted: Segments, given: Segments, country: str) -> Segments:
    """Return the segments of `wanted` that have no partner of their own in `given`."""
    left = list(given)
    missing: list[tuple[str, ...]] = []
    for segment in wanted:
        partner = next((each for each in left if same_words(segment, each, country)), None)
        if partner is None:
            missing.append(segment)
        else:
            left.remove(partner)
    return tuple(missing)


def _other_building(old: Street, new: Street, country: str) -> StreetVerdict:
    if {"other", "latin"} == {script_of(old.whole), script_of(new.whole)}:
        return StreetVerdict("move", "another script; cannot be proven to be the same")
    missing = _unmatched(old.segments, new.segments, country)
    surplus = _unmatched(new.segments, old.segments, country)
    kept = len(old.segments) - len(missing)
    if kept and _has_place(old, new, missing, surplus) and bool(missing) != bool(surplus):
        extra = "; ".join(" ".join(segment) for segment in missing or surplus)
        return StreetVerdict("contact", f"delivery detail {'removed' if missing else 'added'}: {extra}")
    if _only_direction_moved(old.tokens, new.tokens, country):
        return StreetVerdict("contact", "direction stands elsewhere in the street's name; look")
    if old.numbers != new.numbers and same_words(_words(old), _words(new), country):
        return StreetVerdict("move", "other house number")
    return StreetVerdict("move", "other street or house number")


def _has_place(old: Street, new: Street, missing: Segments, surplus: Segments) -> bool:
    """Tell whether the part both share still names a place: it has a number, or what differs has none."""
    fuller = old if missing else new
    extra = missing or surplus
    shared = [segment for segment in fuller.segments if segment not in extra]
    numbers = [token for segment in shared for token in segment if any(each.isdigit() for each in token)]
    return bool(numbers) or not any(any(each.isdigit() for each in token) for segment in extra for token in segment)


def _words(street: Street) -> tuple[str, ...]:
    return tuple(token for token in street.tokens if not any(each.isdigit() for each in token))


def _is_direction(token: str, country: str) -> bool:
    return bool((heads(token, country) or frozenset({token})) & _DIRECTIONS)


def _only_direction_moved(old: tuple[str, ...], new: tuple[str, ...], country: str) -> bool:
    first = [token for token in old if _is_direction(token, country)]
    second = [token for token in new if _is_direction(token, country)]
    if not first or len(first) != len(second) or not same_words(tuple(first), tuple(second), country):
        return False
    rest = tuple(token for token in old if token not in first)
    return same_words(rest, tuple(token for token in new if token not in second), country)
