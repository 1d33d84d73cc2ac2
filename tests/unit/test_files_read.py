from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files.columns import Columns, distinct
from data.files.decode import detect, preview
from data.files.read import BadRow, Record, Table, open_table, open_tables
from data.files.source import Source, sources
from data.files.write import write_table
from data.model import InputError

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "csv-spectrum"


def table(folder: Path, content: bytes | str, name: str = "t.csv", encoding: str | None = None) -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_tables([path], encoding)[0]


def good(rows: Table) -> list[list[str]]:
    return [row.cells for row in rows if isinstance(row, Record)]


def bad(rows: Table) -> list[BadRow]:
    return [row for row in rows if isinstance(row, BadRow)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the csv-spectrum corpus is not beside the repository")
@pytest.mark.parametrize(
    "case", sorted(path.stem for path in (CORPUS / "csvs").glob("*.csv") if path.stem != "location_coordinates")
)
def test_every_csv_spectrum_case_reads_as_its_json_says(case: str) -> None:
    rows = open_table(Source(CORPUS / "csvs" / f"{case}.csv"))
    wanted = json.loads((CORPUS / "json" / f"{case}.json").read_text(encoding="utf-8"))
    assert [dict(zip(rows.header, cells, strict=True)) for cells in good(rows)] == [
        {key: value.replace("\r\n", "\n") if "crlf" not in case else value for key, value in each.items()}
        for each in wanted
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le")],
)
def test_an_encoding_is_recognised_and_its_mark_never_reaches_the_first_header(
    tmp_path: Path, encoding: str, found: str
) -> None:
    rows = table(tmp_path, "Näme;City\r\nÅsa;Tyresö\r\n".encode(encoding))
    assert (rows.encoding.name, rows.delimiter, rows.header) == (found, ";", ("Näme", "City"))
    assert good(rows) == [["Åsa", "Tyresö"]]


def test_a_code_page_is_read_with_a_note_and_can_be_overruled_after_a_preview(tmp_path: Path) -> None:
    content = "Name,City\nZoë,Besançon\n"
    rows = table(tmp_path, content.encode("cp1252"))
    assert good(rows) == [["Zoë", "Besançon"]]
    assert "line 2" in rows.encoding.note
    mac = table(tmp_path, content.encode("mac-roman"), "mac.csv", "mac-roman")
    assert good(mac) == [["Zoë", "Besançon"]]
    shown = preview(mac.source, ["cp1252", "mac-roman", "utf-8"])
    assert shown["mac-roman"] == ["Zoë,Besançon"] != shown["cp1252"]


def test_one_broken_byte_in_a_utf8_file_is_named_instead_of_garbling_every_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv, line 3: byte 0xff .*utf-8"):
        table(tmp_path, "Name\nÅsa\n".encode() + b"B\xffb\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no header"),
        (b"a,b\n1,2\n3,\0\n", "line 3: has a NUL"),
        (b"a,b\n\xed\xa0\x80,2\n\x81\n", "can't be read as cp1252"),
        (b'"a,b\n1,2\n', "the header: a quote opened on line 1 is never closed"),
    ],
)
def test_what_is_no_table_is_refused_with_file_and_line(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=rf"t\.csv.*{reason}"):
        table(tmp_path, content)


def test_rows_are_counted_and_numbered_by_the_physical_line_they_begin_on(tmp_path: Path) -> None:
    rows = table(tmp_path, 'a,b\n1,"x\ny"\n\nshort\n1,2,3\n4,5\n')
    assert [(row.line, row.cells) for row in rows if isinstance(row, Record)] == [(2, ["1", "x\ny"]), (7, ["4", "5"])]
    assert [row.words() for row in bad(rows)] == [
        "t.csv, line 5: has 1 cells where the header has 2",
        "t.csv, line 6: has 3 cells where the header has 2",
    ]
    assert bad(rows)[1].cells == ("1", "2", "3")


def test_an_unclosed_quote_costs_its_own_row_and_no_other(tmp_path: Path) -> None:
    lines = [f"{number},name {number}" for number in range(1, 3000)]
    lines[9] = '10,"never closed'
    rows = table(tmp_path, "id,name\n" + "\n".join(lines) + "\n")
    (row,) = bad(rows)
    assert (row.line, row.cells) == (11, ('10,"never closed\n',))
    assert "never closed" in row.reason
    assert len(good(rows)) == 2998
    assert good(rows)[-1] == ["2999", "name 2999"]


def test_an_undoubled_quote_is_reported_and_reading_goes_on(tmp_path: Path) -> None:
    rows = table(tmp_path, '"a","b"\n"1","5" scale"\n"2","ok"\n')
    assert [row.line for row in bad(rows)] == [2]
    assert good(rows) == [["2", "ok"]]


def test_a_name_of_a_megabyte_is_a_bad_row_and_no_crash(tmp_path: Path) -> None:
    rows = table(tmp_path, "a,b\n1," + "x" * 1_100_000 + "\n2,y\n")
    assert [(row.line, row.reason) for row in bad(rows)] == [(2, "a cell has more than 1,048,576 characters")]
    assert good(rows) == [["2", "y"]]


@pytest.mark.parametrize(
    ("content", "delimiter", "width"),
    [
        ("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", ";", 3),
        ('a,b\n"x;y;z",1\n"x;y;z",2\n', ",", 2),
        ("a\tb\n1, 2\t3\n", "\t", 2),
        ("a|b\n1|2\n", "|", 2),
        ("sep=;\r\na;b\r\n1;2\r\n", ";", 2),
        ("only\nx\n", ",", 1),
    ],
)
def test_a_delimiter_is_what_cuts_every_row_alike(tmp_path: Path, content: str, delimiter: str, width: int) -> None:
    rows = table(tmp_path, content)
    assert (rows.delimiter, len(rows.header)) == (delimiter, width)
    assert not bad(rows)
    assert good(rows)


def test_a_zip_gives_one_table_a_member_in_a_stable_order(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p/59.00 USD Box - Oct 25 10pm.csv", "a,b\n1,2\n")
        archive.writestr("p/No reward - Oct 25 10pm.csv", "a,b\n3,4\n")
        archive.writestr("p/1.00 USD Thanks - Oct 25 10pm.csv", "")
        archive.writestr("__MACOSX/p/._x.csv", "junk")
        archive.writestr("p/read me.pdf", "junk")
    tables = open_tables([path])
    assert [each.source.file_name for each in tables] == [
        "59.00 USD Box - Oct 25 10pm.csv",
        "No reward - Oct 25 10pm.csv",
    ]
    assert [good(each) for each in tables] == [[["1", "2"]], [["3", "4"]]]


def test_a_zip_bomb_a_workbook_and_a_damaged_zip_are_refused(tmp_path: Path) -> None:
    bomb, book, torn = tmp_path / "bomb.zip", tmp_path / "book.xlsx", tmp_path / "torn.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", b"0" * (20 << 20))
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with zipfile.ZipFile(torn, "w") as archive:
        archive.writestr("x.csv", "a,b\n" + "1,2\n" * 99)
    torn.write_bytes(torn.read_bytes().replace(b"1,2\n1,2", b"1,2\n9,2", 1))
    for path, reason in ((bomb, "zip bomb"), (book, "save it as CSV"), (torn, "damaged")):
        with pytest.raises(InputError, match=reason):
            open_tables([path])


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "no.csv", "no.csv: can't be read"), (tmp_path, "is not a file")):
        with pytest.raises(InputError, match=reason):
            sources([path])
    with pytest.raises(InputError, match="not an encoding"):
        table(tmp_path, "a\n1\n", encoding="rot13")


def test_columns_are_found_whatever_their_case_and_twins_are_kept_apart() -> None:
    columns = Columns(("Order No.", "item  SKU", "Item SKU", "Colour"))
    assert columns.find(("Sku", "ITEM sku")) == 1
    assert columns.all(("Item SKU",)) == [1, 2]
    assert columns.unknown(("order no.", "Item SKU")) == [3]
    assert distinct(("A", "a", "A (2)", "b")) == ("A", "a (2)", "A (2) (2)", "b")


CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), st.sampled_from(["csv", "tsv"]))
def test_what_is_written_for_machines_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], kind: str
) -> None:
    path = tmp_path_factory.mktemp("round") / "t.csv"
    written = write_table(path, ("a", "b", "c"), rows, kind="tsv" if kind == "tsv" else "csv", spreadsheet=False)
    delimiter = "\t" if kind == "tsv" else ","
    assert written.rows == len(rows)
    assert good(open_table(Source(path), "utf-8", delimiter)) == rows


def test_detection_counts_lines_of_every_kind(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        path = tmp_path / "lines.csv"
        path.write_bytes(end.join(("a,b", "1,2", "3,4")).encode())
        assert detect(Source(path)).lines == 3
        assert good(open_table(Source(path))) == [["1", "2"], ["3", "4"]]
