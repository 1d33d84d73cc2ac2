"""Flats and floors pulled out of street lines: what is left is the building (rule N10)."""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.fold import folded
from data.addresses.formats import format_of
from data.addresses.tables import table, word_set

HASH_IS_UNIT = word_set("US CA AU NZ GB IE SG MY HK PH IN ZA PR VI GU AS MP JE GG IM")
"""Countries where `#` stands before a flat; elsewhere it stands before the house number (`Calle 28 # 13A-15`)."""
SLASH_UNIT = frozenset(("AU", "NZ"))
HYPHEN_UNIT = frozenset(("CA",))
BARE_UNIT = word_set("US CA AU NZ GB IE SG PR")
"""Countries that write the house number first: a lone number in a later line is a flat."""
_MARKERS = word_set("no nr n num nro numero # №")
_VALUE = re.compile(r"[^\W\d_]{0,3}\d{1,6}[^\W\d_]{0,9}(?:-\d{1,5}[^\W\d_]?)?|[^\W\d_]")
_SLASH = re.compile(r"(?:u|unit|flat)?(\d{1,5}[a-z]?)/(\d{1,5}[a-z]?(?:-\d{1,5}[a-z]?)?)", re.ASCII)
_HYPHEN = re.compile(r"(\d{1,5}[a-z]?)-(\d{1,6}[a-z]?)", re.ASCII)
_GLUED = re.compile(r"(apt|ste|unit|flat|rm|whg|кв|kv|app|appt)(\d{1,5}[a-z]?)")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th|er|eme)?", re.ASCII)
_ORDINAL_E = re.compile(r"(\d{1,3})(?:er|eme|e)?", re.ASCII)
_E_ORDINALS = word_set("FR BE LU MC NL CH CA GP MQ GF RE YT NC PF")
_FLOOR_FIRST = frozenset(
    (
        "level",
        "lvl",
        "floor",
        "fl",
        "flr",
        "piso",
        "planta",
        "etage",
        "et",
        "etaj",
        "kat",
        "этаж",
        "эт",
        "andar",
        "piano",
    )
)
Tokens = list[str]


@lru_cache(maxsize=300)
def _words(country: str) -> tuple[frozenset[str], frozenset[str]]:
    made = []
    for kind in ("unit", "floor"):
        rows = table("units.toml")[kind]
        languages = ("all", *format_of(country).languages)
        made.append(frozenset(folded(word) for language in languages for word in rows.get(language, "").split()))
    return made[0], made[1]


def is_unit_word(token: str, country: str) -> bool:
    """Tell whether a folded word stands before the number of a flat in the country: `m` in Poland, `кв` in Russia."""
    return token in _words(country)[0]


def bare(value: str) -> str:
    """Return the value of a flat or a house number without leading zeros and inner hyphens before letters: 04b → 4b."""
    return value.lstrip("0") or value


def extract_units(
    segment: Tokens, country: str, first: bool, follows_number: bool
) -> tuple[Tokens, list[tuple[str, str]]]:
    """Split the tokens of one segment into what names the building and its flats and floors.

    `first` marks the first segment of a line; `follows_number` says that a house number came before this segment.
    Returns the rest and (class, value) in order, class `unit` or `floor`.
    """
    unit_words, floor_words = _words(country)
    rest: Tokens = []
    found: list[tuple[str, str]] = []
    tokens = list(segment)
    if tokens and first:
        head = _split_head(tokens, country)
        if head:
            found.append(("unit", bare(head[0])))
            tokens[0] = head[1]
    if len(tokens) == 1 and follows_number and country in BARE_UNIT and _VALUE.fullmatch(tokens[0]):
        return [], [*found, ("unit", bare(tokens[0]))]
    ordinal = _ORDINAL_E if country in _E_ORDINALS else _ORDINAL
    index = 0
    while index < len(tokens):
        token = tokens[index]
        after = index + 1
        while after < len(tokens) and tokens[after] in _MARKERS and token != "#":
            after += 1
        value = tokens[after] if after < len(tokens) else ""
        if (
            token in floor_words
            and index
            and rest
            and rest[-1] == tokens[index - 1]
            and (number := ordinal.fullmatch(rest[-1]))
            and (len(rest) > 1 or follows_number or not value or not value[0].isdigit())
        ):
            # `5th floor`, `2. OG`: the number stands before; a house number alone before it is no floor.
            rest.pop()
            found.append(("floor", bare(number[1])))
            index += 1
            continue
        if token in floor_words & _FLOOR_FIRST and value and _VALUE.fullmatch(value) and value[0].isdigit():
            found.append(("floor", bare(value)))
            index = after + 1
            continue
        if (glued := _GLUED.fullmatch(token)) and glued[1] in unit_words:
            found.append(("unit", bare(glued[2])))
            index += 1
            continue
        is_word = token in unit_words or (token == "#" and country in HASH_IS_UNIT)
        # Short words are also initials and parts of names: they count only before a digit.
        if is_word and value and _VALUE.fullmatch(value) and (value[0].isdigit() or len(token) > 2 or token == "#"):
            number_value = value
            if (
                after + 1 < len(tokens)
                and value.isdigit()
                and len(tokens[after + 1]) == 1
                and tokens[after + 1].isalpha()
            ):
                number_value += tokens[after + 1]
                after += 1
            elif len(value) == 1 and value.isalpha() and after + 1 < len(tokens) and tokens[after + 1].isdigit():
                number_value += f"-{tokens[after + 1]}"
                after += 1
            found.append(("unit", bare(number_value)))
            index = after + 1
            continue
        rest.append(token)
        index += 1
    return rest, found


def _split_head(tokens: Tokens, country: str) -> tuple[str, str] | None:
    """Read `4/12 King St` (AU, NZ) and `4-123 Main St` (CA) as flat and house number."""
    if len(tokens) < 2:
        return None
    pattern = _SLASH if country in SLASH_UNIT else _HYPHEN if country in HYPHEN_UNIT else None
    found = pattern.fullmatch(tokens[0]) if pattern else None
    return (found[1], found[2]) if found else None
