"""What a label will print within a warehouse's limits: wrapped at words, never cut, in letters its printer has.

Rules: the limits in characters are the carriers' (UPS 3 x 35, DHL Express 3 x 45, USPS 2 x 50; the defaults are what
all take). Printers replace what they lack by `?`, and connectors that cut lines lose flats, so what does not fit is a
problem for a person. Japanese, Chinese, Korean, Arabic, Hebrew, Thai and Indic text is never romanised: it would be
misread.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields

from data.addresses.countries import country_alpha3, country_name
from data.addresses.fold import cleaned, folded, script_of
from data.addresses.territories import place_of
from data.addresses.units import HASH_IS_UNIT, is_unit_word
from data.model import Address
from data.policy import LabelLimits

_EQUAL_SIGNS = str.maketrans(
    {"°": "º", "№": "No", "\u2018": "'", "\u2019": "'", "\u2013": "-", "\u2014": "-", "“": '"', "”": '"', "…": "..."}
)


@dataclass(frozen=True, slots=True)
class LabelProblem:
    """Why a field can't be printed as it is."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """What will be printed, the same in its own script, and what stands in the way; not sent while it has any."""

    name: str
    company: str
    lines: tuple[str, ...]
    city: str
    region: str
    postcode: str
    country: str
    native: tuple[str, ...]
    """Name, company, street, city and region as the backer wrote them, where the printed ones differ."""
    problems: tuple[LabelProblem, ...]

    def printed(self) -> tuple[str, ...]:
        """Return the label line by line, without empty ones."""
        town = " ".join(each for each in (self.city, self.region, self.postcode) if each)
        return tuple(each for each in (self.name, self.company, *self.lines, town, self.country) if each)


def overflow(address: Address, limits: LabelLimits) -> str:
    """Say what keeps an address off a label, field by field; nothing where it fits."""
    return "; ".join(f"{each.field}: {each.message}" for each in fit(address, limits).problems)


def fit(address: Address, limits: LabelLimits) -> PrintedLabel:
    """Fit an address to the limits of a label.

    Every letter and digit of the address is printed, in the charset's letters, or a problem names what is not.
    """
    found: list[LabelProblem] = []
    place = place_of(address)
    printed = {
        field: _written(field, getattr(address, field), limits, found)
        for field in ("name", "company", "line1", "line2", "city", "region", "postcode")
    }
    lines = _lines(printed["line1"], printed["line2"], place.country, limits, found)
    postcode = printed["postcode"]
    if len(postcode) > limits.postcode:
        postcode = postcode.replace("-", "").replace(" ", "")
    values = {
        "name": printed["name"],
        "company": printed["company"],
        "city": printed["city"],
        "region": printed["region"],
    }
    for field, value in (*values.items(), ("postcode", postcode)):
        most: int = getattr(limits, field)
        if len(value) > most:
            found.append(LabelProblem(field, f"{len(value)} characters, {most} fit; too long by “{value[most:]}”"))
    country = place.country
    if not country:
        found.append(LabelProblem("country", "no country that can be printed"))
    shown = {"name": country_name(country), "alpha2": country, "alpha3": country_alpha3(country)}[limits.country]
    written = [cleaned(getattr(address, each.name)) for each in fields(address) if each.name in printed]
    native = (
        tuple(each for each in written if each)
        if any(cleaned(getattr(address, field)) != value for field, value in printed.items())
        else ()
    )
    return PrintedLabel(
        values["name"],
        values["company"],
        lines,
        values["city"],
        values["region"],
        postcode,
        shown,
        native,
        tuple(found),
    )


def _written(field: str, value: str, limits: LabelLimits, found: list[LabelProblem]) -> str:
    """Write text in the charset: only what it lacks is transliterated, and only where the script allows."""
    text = cleaned(value)
    if _fits(text, limits):
        return text
    made: list[str] = []
    lacking: list[str] = []
    for character in text:
        written = character if _fits(character, limits) else _letters(character, limits)
        if written is None:
            lacking.append(character)
        else:
            made.append(written)
    if lacking:
        shown = "".join(dict.fromkeys(lacking))
        advice = (
            "ask the backer for it in Latin letters" if script_of(shown) == "other" else "not in the printer's letters"
        )
        found.append(LabelProblem(field, f"“{shown}” can't be printed; {advice}"))
        return text
    return " ".join("".join(made).split())


def _fits(text: str, limits: LabelLimits) -> bool:
    if limits.latin and script_of(text) != "latin":
        return False
    try:
        text.encode(limits.charset)
    except UnicodeEncodeError:
        return False
    return True


def _letters(character: str, limits: LabelLimits) -> str | None:
    """Return one character in the charset's letters, or None where that would be wrong, lossy or impossible."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    equal = character.translate(_EQUAL_SIGNS)
    if equal != character and _fits(equal, limits):
        return equal
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and _fits(plain, limits):
        return plain
    if script_of(character) == "other" or not (character.isalpha() or unicodedata.combining(character)):
        return None
    from anyascii import anyascii

    # Apostrophes stand for soft and hard signs; carriers' checks refuse them.
    latin = str(anyascii(character)).replace("'", "")
    if not latin and character.casefold() in "ьъ":
        return ""
    return latin if latin and latin.isascii() and latin.isalpha() else None


def _lines(line1: str, line2: str, country: str, limits: LabelLimits, found: list[LabelProblem]) -> tuple[str, ...]:
    """Keep the two lines where they fit; else wrap them at words, a flat with its word, a number with its street."""
    given = tuple(line for line in (line1, line2) if line)
    if len(given) <= limits.lines and all(len(line) <= limits.line for line in given):
        return given
    each = [piece for line in given for piece in _wrapped(line, country, limits.line)]
    made = each if len(each) <= limits.lines else _wrapped(", ".join(given), country, limits.line)
    for piece in made:
        if len(piece) > limits.line:
            words = f"“{piece}” has {len(piece)} characters and no place to break; {limits.line} fit on a line"
            found.append(LabelProblem("line1", words))
    if len(made) > limits.lines:
        over = " / ".join(made[limits.lines :])
        found.append(LabelProblem("line1", f"needs {len(made)} lines, {limits.lines} fit; too long by “{over}”"))
    return tuple(made)


def _wrapped(text: str, country: str, width: int) -> list[str]:
    """Break text into lines at spaces; pieces that belong together stay together while they fit."""
    made: list[str] = []
    for piece in _pieces(text, country):
        for part in [piece] if len(piece) <= width else piece.split():
            if made and len(made[-1]) + 1 + len(part) <= width:
                made[-1] = f"{made[-1]} {part}"
            else:
                made.append(part)
    return made


def _pieces(text: str, country: str) -> list[str]:
    """Split at spaces; a number stays with the word before it, a leading number and a flat's word with the next."""
    pieces: list[str] = []
    words = text.split()
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        plain = folded(before).strip(".,:")
        joined = (index == 1 and before[:1].isdigit()) or is_unit_word(plain, country)
        joined = joined or (plain == "#" and country in HASH_IS_UNIT)
        joined = joined or (word[:1].isdigit() and not before.endswith(",") and not before[:1].isdigit())
        if pieces and joined:
            pieces[-1] = f"{pieces[-1]} {word}"
        else:
            pieces.append(word)
    return pieces
