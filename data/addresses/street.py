"""Street lines made comparable: numbers, words, flats, boxes, care-of (rules N3 to N11, N20)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from data.addresses.boxes import find_box, is_locker
from data.addresses.fold import UMLAUT_COUNTRIES, cleaned, folded
from data.addresses.tables import word_set
from data.addresses.units import HASH_IS_UNIT, extract_units, is_unit_word
from data.addresses.words import ordinal

LONGEST = 500
"""Lines longer than this are compared as they are, without reading them."""
_NUMBER_SIGN = re.compile(r"\b[nN]\s?\.?\s?[ºª°]\s{0,2}(?=\d)|№\s{0,2}|\b[nN]r?[oO]?\.\s{0,2}(?=\d)")
_FLOOR_SIGN = re.compile(
    r"(?<![\d/])(\d{1,2})\.?\s?[ºª°](?!\s?de\b)\s{0,2}(?:(izq|izqda|izquierda|dcha|drcha|derecha|der|esq|esquerdo|dto|direito|centro|[A-Za-z])\b\.?)?"
)
_CARE_OF = re.compile(
    r"(?:(?<=\s)|(?<=[,;(])|^)(?:c/o|c\.o\.|care of|attn|att|attention|z\.? ?h[d.]\.?n?\.?|zhd|zu handen"
    r"|p/a|chez|a l'attention de)"
    r"[:.\s]\s?(?P<who>[^,;]{1,80})"
)
_JAPANESE = (
    (re.compile(r"(\d{1,4})\s?丁目\s?"), r"\1-"),
    (re.compile(r"(\d{1,5})\s?番地?\s?(?:の\s?)?(?=\d)"), r"\1-"),
    (re.compile(r"(\d{1,5})\s?(?:番地|番)(?!\w)"), r"\1"),
    (re.compile(r"(\d{1,5})\s?号(?!室|線|棟|館)"), r"\1 "),
    (re.compile(r"(\d)-(?=\D|$)"), r"\1 "),
)
_KANJI_NUMBER = re.compile(r"([一二三四五六七八九十]{1,3})(?=丁目|番|号)")
_KANJI = {each: number for number, each in enumerate("一二三四五六七八九", start=1)}
_EAST_ASIA = frozenset(("JP", "CN", "TW", "KR", "HK", "MO"))
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_INNER_STOP = re.compile(r"(?<=[^\W\d_]{2})\.(?=[^\W\d_]{3})|\.(?=\d)")
_OTHER_STOPS = re.compile(r"[.'\"]")
_RANGE = re.compile(r"(?<=\d)\s?([-/])\s?(?=\d)|(?<=\d[a-z])\s?([-/])\s?(?=\d)")
_DIGIT_LETTER = re.compile(r"(?<=\d)(?=[^\W\d_a-z\u0370-\u052f])|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=\d)")
_TOKEN = re.compile(r"#|(?:\d+[^\W\d_]?|[^\W\d_]\d+)(?:[-/]\d+[^\W\d_]?(?![^\W\d_]))+(?!\w)|[\w\u0900-\u0fff]+|[,;|]")
_STRASSE = re.compile(r"([^\W\d_]{2,})(?:strasse|str)")
_PLATZ = re.compile(r"([^\W\d_]{4,})(?:platz|pl)")
_STRAAT = re.compile(r"([^\W\d_]{3,})(?:straat|str)")
_STRASSE_COUNTRIES = word_set("DE AT CH LU LI")
_STRAAT_COUNTRIES = frozenset(("NL", "BE"))
_LETTERED = word_set("DE AT CH LI NL DK NO SE FI PL CZ GB IE BE LU AX FO")
_MARKERS = word_set("no nr nro num numero hausnummer hnr")
_DOM_COUNTRIES = word_set("RU UA BY KZ KG UZ MD")
_DOM = word_set("д дом d dom буд bud будинок")
_ENGLISH = word_set("US CA AU NZ GB IE PR")
_DIRECTION_PAIRS = {("n", "e"): "ne", ("n", "w"): "nw", ("s", "e"): "se", ("s", "w"): "sw"}
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


@dataclass(frozen=True, slots=True)
class Street:
    """Two street lines as they are understood."""

    lines: tuple[tuple[tuple[str, ...], ...], ...]
    """Tokens by line and segment (what commas part), without flats, box and care-of."""
    units: tuple[tuple[str, str], ...]
    """Flats and floors as (class, value), in order."""
    boxes: tuple[str, ...]
    """Numbers of PO boxes; an empty text for a box without a number."""
    care_of: tuple[str, ...]
    kind: str
    """`street`, `box`, `street and box`, `locker`, or empty."""
    whole: str
    """The folded text, for what is too long to be read."""

    @property
    def segments(self) -> tuple[tuple[str, ...], ...]:
        """Tokens by segment, both lines."""
        return tuple(segment for line in self.lines for segment in line)

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in order."""
        return tuple(token for line in self.lines for segment in line for token in segment)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Tokens with a digit, in order."""
        return tuple(token for token in self.tokens if any(each.isdigit() for each in token))


def _kanji_number(text: str) -> str:
    tens, ten, ones = text.partition("十")
    if not ten:
        return str(_KANJI[text]) if len(text) == 1 else text
    return str((_KANJI.get(tens, 1) if tens else 1) * 10 + (_KANJI.get(ones, 0) if ones else 0))


def _plain(line: str, country: str) -> str:
    """Fold one line and write its numbers one way; commas stay."""
    text = _NUMBER_SIGN.sub("no ", cleaned(line))
    text = _FLOOR_SIGN.sub(lambda found: f" | floor {found[1]}{found[2] or ''} |", text)
    text = folded(text, country in UMLAUT_COUNTRIES)
    if country in _EAST_ASIA and _CJK.search(text):
        text = _KANJI_NUMBER.sub(lambda found: _kanji_number(found[1]), text)
        for pattern, written in _JAPANESE:
            text = pattern.sub(written, text)
    return text


def _tokens(text: str, country: str) -> list[str]:
    text = _OTHER_STOPS.sub("", _INNER_STOP.sub(" ", text)).replace("&", " and ")
    text = _DIGIT_LETTER.sub(" ", _RANGE.sub(lambda found: found[1] or found[2], text))
    found = _TOKEN.findall(text)
    made: list[str] = []
    for index, token in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else ""
        if following[:1].isdigit() and (token in _MARKERS or (country in _DOM_COUNTRIES and token in _DOM)):
            continue
        if token == "#" and country not in HASH_IS_UNIT:
            continue
        if token[0].isalpha() and token[:-1].rstrip("0123456789") in _MARKERS and token[-1].isdigit():
            token = token.lstrip("abcdefghijklmnopqrstuvwxyz")
        pattern = _STRASSE if country in _STRASSE_COUNTRIES else _STRAAT if country in _STRAAT_COUNTRIES else None
        if pattern and (split := pattern.fullmatch(token)):
            made += [split[1], "strasse" if country in _STRASSE_COUNTRIES else "straat"]
            continue
        if country in _STRASSE_COUNTRIES and (split := _PLATZ.fullmatch(token)):
            made += [split[1], "platz"]
            continue
        if len(token) == 1 and token.isalpha() and made:
            before_value = following[:1].isdigit() and is_unit_word(token, country)
            if country in _LETTERED and made[-1].isdigit() and len(made[-1]) <= 4 and not before_value:
                made[-1] += token
                continue
            if country in _ENGLISH and (pair := _DIRECTION_PAIRS.get((made[-1], token))):
                made[-1] = pair
                continue
        made.append(ordinal(token, country))
    return made


def _split(tokens: list[str]) -> list[list[str]]:
    segments: list[list[str]] = [[]]
    for token in tokens:
        if token in ",;|":
            segments.append([])
        else:
            segments[-1].append(token)
    return [segment for segment in segments if segment]


@lru_cache(maxsize=2048)
def street_of(line1: str, line2: str, country: str) -> Street:
    """Read two street lines by the rules of a country (alpha-2, after promotion)."""
    whole = folded(f"{line1} {line2}")
    if len(line1) + len(line2) > LONGEST:
        return Street(((tuple(whole.split()),),), (), (), (), "street", whole)
    lines: list[tuple[tuple[str, ...], ...]] = []
    units: list[tuple[str, str]] = []
    boxes: list[str] = []
    care_of: list[str] = []
    locker = False
    numbered = False
    for line in (line1, line2):
        text = _plain(line, country)
        while found := _CARE_OF.search(text):
            care_of.append(" ".join(_tokens(found["who"], country)))
            text = f"{text[: found.start()]} , {text[found.end() :]}"
        locker = locker or is_locker(text, country)
        while box := find_box(text, country):
            boxes.append(box.number)
            text = f"{text[: box.start]} , {text[box.end :]}"
        segments: list[tuple[str, ...]] = []
        for index, segment in enumerate(_split(_tokens(text, country))):
            rest, more = extract_units(segment, country, index == 0, numbered)
            units += more
            if rest:
                numbered = numbered or any(each[0].isdigit() for each in rest)
                segments.append(tuple(_LEADING_ZEROS.sub("", each) for each in rest))
        if segments:
            lines.append(tuple(segments))
    kind = "locker" if locker else "street" if lines else ""
    if boxes:
        kind = "street and box" if kind else "box"
    return Street(tuple(lines), tuple(units), tuple(boxes), tuple(care_of), kind, whole)


def has_number(street: Street) -> bool:
    """Tell whether a house number or anything like one is there: a digit, a box, a number written out at the start."""
    return bool(street.numbers or street.boxes or street.units)
