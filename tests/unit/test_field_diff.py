from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from widgets.cells import wrap
from widgets.field_diff import WIDTH, FieldRow, Mark, diff_lines
from widgets.field_marks import marked_spans, tokens

MEANINGS = [{"ave", "avenue"}, {"strasse", "str"}, {"road", "rd"}, {"street", "st"}]


def equal(left: str, right: str) -> bool:
    return any({left.casefold(), right.casefold()} <= same for same in MEANINGS)


def rows(*fields: tuple[str, str, str, Mark, str | None]) -> list[FieldRow]:
    """Name is the same everywhere unless it is given; fields are (label, old, new, mark, held)."""
    named = fields if fields[0][0] == "name" else (("name", "Sam Rivera", "Sam Rivera", "same", "Sam Rivera"), *fields)
    return [
        FieldRow(label, old, new, mark, held, label in ("postcode", "phone"), equal)
        for label, old, new, mark, held in named
    ]


def same(label: str, value: str) -> tuple[str, str, str, Mark, str | None]:
    return (label, value, value, "same", value)


def filed(label: str, old: str, new: str, mark: Mark) -> tuple[str, str, str, Mark, str | None]:
    return (label, old, new, mark, old)


def newly(label: str, old: str, new: str, mark: Mark) -> tuple[str, str, str, Mark, str | None]:
    return (label, old, new, mark, new)


COSMETIC = rows(
    filed("line1", "123 North Main Street", "123 N. Main St", "cosmetic"),
    filed("line2", "Apartment 4B", "Apt 4B", "cosmetic"),
    filed("city", "SPRINGFIELD", "Springfield", "cosmetic"),
    same("region", "IL"),
    filed("postcode", "62704", "62704-1203", "cosmetic"),
    same("country", "US"),
)
TRANSPOSED = rows(
    filed("line1", "1249 Kirribilli Ave", "1294 Kirribilli Avenue", "move"),
    same("city", "Kirribilli"),
    same("region", "NSW"),
    same("postcode", "2061"),
    same("country", "AU"),
)
UNIT = rows(
    newly("line1", "96 Euston Road", "96 Euston Rd", "cosmetic"),
    newly("line2", "", "Flat 7", "contact"),
    same("city", "London"),
    newly("postcode", "NW1 2DB", "nw12db", "cosmetic"),
    same("country", "GB"),
    newly("phone", "+44 330 333 1144", "0330 333 1144", "cosmetic"),
)
MISSPELT = rows(
    filed("line1", "Kaiserslanterer Straße 100", "Kaiserslauterer Str. 100", "move"),
    same("city", "Homburg"),
    same("postcode", "66424"),
    same("country", "DE"),
)
MOVED = rows(
    filed("line1", "Plaza del Rey 1", "Calle Triana 10, 3º B", "move"),
    filed("city", "Madrid", "Las Palmas de Gran Canaria", "move"),
    filed("region", "Madrid", "Las Palmas", "zone"),
    filed("postcode", "28004", "35002", "zone"),
    same("country", "ES"),
)
REPAIRED = rows(
    same("line1", "12 Elm St"),
    same("city", "Hoboken"),
    same("region", "NJ"),
    filed("postcode", "7030", "07030", "repair"),
    same("country", "US"),
    filed("phone", "2.01555E+09", "+1 201-555-0142", "repair"),
)
JAPANESE = rows(
    same("name", "山田 花子"),
    filed("line1", "道玄坂1丁目2番3号", "道玄坂1丁目2番4号", "move"),
    same("city", "渋谷区"),
    filed("region", "東京都", "Tokyo", "cosmetic"),
    filed("postcode", "150-0043", "1500043", "cosmetic"),
    same("country", "JP"),
)
ARABIC = rows(
    ("line1", "طريق الملك فهد ١٢٣", "طريق الملك فهد 125", "move", None),
    same("city", "الرياض"),
    same("postcode", "12435"),
    same("country", "SA"),
)
THIRD = rows(
    ("line1", "Willy-Brandt-Straße 1", "Willy-Brandt-Straße 1", "same", "Willi Brandt Str 1"),
    filed("line2", "", "2. OG", "contact"),
    same("city", "Berlin"),
    same("postcode", "10557"),
    same("country", "DE"),
)
TERRITORY = rows(
    filed("line1", "Bahnhofplatz 6", "Junkerstraße 86", "move"),
    filed("city", "Konstanz", "Büsingen am Hochrhein", "move"),
    filed("postcode", "78462", "78266", "zone"),
    same("country", "DE"),
)

NAME = "  name     Sam Rivera                    Sam Rivera                    =both"
PICTURES = {
    "abbreviations, case and ZIP+4 are no marks inside": (
        COSMETIC,
        f"""
{NAME}
~ line1    123 North Main Street         123 N. Main St                =file
~ line2    Apartment 4B                  Apt 4B                        =file
~ city     SPRINGFIELD                   Springfield                   =file
  region   IL                            IL                            =both
~ postcode 62704                         62704-1203                    =file
  country  US                            US                            =both
""",
    ),
    "a transposed house number is marked whole": (
        TRANSPOSED,
        f"""
{NAME}
! line1    [1249] Kirribilli Ave         {{1294}} Kirribilli Avenue      =file
  city     Kirribilli                    Kirribilli                    =both
  region   NSW                           NSW                           =both
  postcode 2061                          2061                          =both
  country  AU                            AU                            =both
""",
    ),
    "a unit is added and a phone written otherwise": (
        UNIT,
        f"""
{NAME}
~ line1    96 Euston Road                96 Euston Rd                  =new
> line2    (empty)                       {{Flat 7}}                      =new
  city     London                        London                        =both
~ postcode NW1 2DB                       nw12db                        =new
  country  GB                            GB                            =both
~ phone    +44 330 333 1144              0330 333 1144                 =new
""",
    ),
    "a misspelt word is marked inside": (
        MISSPELT,
        f"""
{NAME}
! line1    Kaisersla[n]terer Straße 100  Kaisersla{{u}}terer Str. 100    =file
  city     Homburg                       Homburg                       =both
  postcode 66424                         66424                         =both
  country  DE                            DE                            =both
""",
    ),
    "a whole move replaces values": (
        MOVED,
        f"""
{NAME}
! line1    [Plaza del Rey 1]             {{Calle Triana 10, 3º B}}       =file
! city     [Madrid]                      {{Las Palmas de Gran Canaria}}  =file
!!region   [Madrid]                      {{Las Palmas}}                  =file
!!postcode [28004]                       {{35002}}                       =file
  country  ES                            ES                            =both
""",
    ),
    "an invalid value is repaired": (
        REPAIRED,
        f"""
{NAME}
  line1    12 Elm St                     12 Elm St                     =both
  city     Hoboken                       Hoboken                       =both
  region   NJ                            NJ                            =both
+ postcode [7030]                        {{07030}}                       =file
  country  US                            US                            =both
+ phone    [2.01555E+09]                 {{+1 201-555-0142}}             =file
""",
    ),
    "Japanese is compared by characters and padded by cells": (
        JAPANESE,
        """
  name     山田 花子                     山田 花子                     =both
! line1    道玄坂1丁目2番[3号]           道玄坂1丁目2番{4号}           =file
  city     渋谷区                        渋谷区                        =both
~ region   東京都                        Tokyo                         =file
~ postcode 150-0043                      1500043                       =file
  country  JP                            JP                            =both
""",
    ),
    "Arabic takes full lines and its numbers are listed": (
        ARABIC,
        f"""
{NAME}
! line1    old: طريق الملك فهد ١٢٣
           new: طريق الملك فهد 125
           numbers: 123 → 125   words same
  city     الرياض                        الرياض                        =both
  postcode 12435                         12435                         =both
  country  SA                            SA                            =both
""",
    ),
    "a third value at the warehouse has a line of its own": (
        THIRD,
        f"""
{NAME}
  line1    Willy-Brandt-Straße 1         Willy-Brandt-Straße 1         ≠ ↓
           warehouse has: Willi Brandt Str 1
> line2    (empty)                       {{2. OG}}                       =file
  city     Berlin                        Berlin                        =both
  postcode 10557                         10557                         =both
  country  DE                            DE                            =both
""",
    ),
    "another territory of one country is told apart": (
        TERRITORY,
        f"""
{NAME}
! line1    [Bahnhofplatz 6]              {{Junkerstraße 86}}             =file
! city     [Konstanz]                    {{Büsingen am Hochrhein}}       =file
!!postcode [78462]                       {{78266}}                       =file
  country  DE                            DE                            =both
""",
    ),
}


def text_of(lines: list[Content]) -> list[str]:
    return [line.plain.rstrip() for line in lines]


@pytest.mark.parametrize("name", PICTURES)
def test_the_difference_is_drawn_as_in_the_ten_pictures(name: str) -> None:
    fields, picture = PICTURES[name]
    drawn = text_of(diff_lines(fields, Content("MATERIAL level 3"), old_title="ON FILE (locked)"))
    head = "  field    ON FILE (locked)              REQUESTED                     WHSE"
    assert drawn == [head, "-" * 77, *picture.strip("\n").split("\n"), "-" * 77, "MATERIAL level 3"]


def test_marks_carry_a_colour_beside_their_brackets_and_equal_rows_are_dim() -> None:
    lines = diff_lines(TRANSPOSED)
    styled = {(line.plain[span.start : span.end], str(span.style)) for line in lines for span in line.spans}
    assert {("[1249]", "$error strike"), ("{1294}", "$success bold"), ("! ", "$error bold")} <= styled
    assert any(str(span.style) == "dim" for span in lines[4].spans)


def test_the_warehouse_is_told_on_a_right_to_left_row_too() -> None:
    row = FieldRow("line1", "طريق ١", "طريق 2", "move", held="طريق 2")
    drawn = text_of(diff_lines([row]))
    assert drawn[2].endswith("=new")
    assert drawn[4].strip() == "numbers: 1 → 2   words same"


def test_a_long_value_is_wrapped_and_never_cut() -> None:
    row = FieldRow("line1", "Schwarzwälder Hochstraße 1234, Hinterhaus links", "Elm Street 5", "move", held="Elm")
    drawn = text_of(diff_lines([row], Content("street: other street/house number; " * 4)))
    assert drawn[2:5] == [
        "! line1    [Schwarzwälder Hochstraße     {Elm Street 5}                ≠ ↓",
        "           1234, Hinterhaus links]",
        "           warehouse has: Elm",
    ]
    assert max(map(len, drawn)) <= WIDTH


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        ("Elm Street 12", "Elm Street 21", ["12"], ["21"]),
        ("Elm Street 12", "Elm Street 12a", ["12"], ["12a"]),
        ("Elm Street 12, Oak Quarter", "Elm Street 12 - Oak Quarter", [], []),
        ("Long Elm Street of the North 5", "Long Oak Avenue of the North 5", ["Elm Street"], ["Oak Avenue"]),
        ("Hillside Terrace Main 4", "Hilside Terrace Main 4", ["l"], []),
        ("", "Flat 7", [], ["Flat 7"]),
    ],
)
def test_numbers_are_whole_words_are_joined_and_punctuation_is_never_marked(
    old: str, new: str, gone: list[str], come: list[str]
) -> None:
    left, right = marked_spans(old, new, False, equal)
    assert [old[span.start : span.end] for span in left] == gone
    assert [new[span.start : span.end] for span in right] == come


def test_text_is_split_into_numbers_words_characters_and_separators() -> None:
    assert tokens("12a Elm-St 12th 丁目3号 서울") == [
        *("12a", " ", "Elm", "-", "St", " ", "12", "th", " ", "丁", "目", "3号", " ", "서울")
    ]


VALUES = st.text(st.sampled_from("ab 12,-é道3号طñ👨‍👩‍👧[]{}"), max_size=70)


@given(VALUES, VALUES, st.sampled_from(["same", "cosmetic", "contact", "move", "zone", "repair"]), VALUES | st.none())
def test_no_line_is_wider_than_the_picture_and_no_text_is_lost(
    old: str, new: str, mark: Mark, held: str | None
) -> None:
    lines = diff_lines([FieldRow("line1", old, new, mark, held, equal_tokens=equal)], Content(old))
    assert max(cell_len(line.plain) for line in lines) <= WIDTH
    shown = "".join(line.plain for line in lines)
    for value in (old, new, held or ""):
        assert all(shown.count(character) >= value.count(character) for character in set(value) if character != " ")


@given(st.text(st.sampled_from("abc 123道花"), max_size=60), st.integers(6, 30))
def test_wrapping_keeps_every_character_but_spaces_and_no_number_in_two(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Content(text), width)]
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    numbers = re.findall(r"\d+", text)
    if max(map(len, numbers), default=0) <= width:
        assert re.findall(r"\d+", " ".join(lines)) == numbers


def test_very_long_values_are_marked_between_what_they_share_at_both_ends() -> None:
    head, tail = "flat 4 " * 400, " 10115 Berlin" * 200
    gone, come = marked_spans(f"{head}5 north{tail}", f"{head}7 south{tail}", False, equal)
    assert [f"{head}5 north{tail}"[span.start : span.end] for span in gone] == ["5 north"]
    assert [f"{head}7 south{tail}"[span.start : span.end] for span in come] == ["7 south"]


def test_wrapping_loses_nothing_of_a_very_long_value() -> None:
    for text in ("x" * 3_000, "山田" * 900, "e\u0301\u0302\u0303\u0304" * 500, "12 Elm " * 400 + "."):
        lines = wrap(Content(text), 29)
        assert "".join(line.plain for line in lines).replace(" ", "") == text.replace(" ", "")
        assert max(line.cell_length for line in lines) <= 29
