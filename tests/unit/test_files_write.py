from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files.formula import defuse, restore
from data.files.write import safe_name, write_bytes, write_json_lines, write_table
from data.model import InputError


def test_a_written_file_is_private_complete_and_known_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    written = write_table(path, ("sku", "quantity"), [("DICE-2", 3), ("BOX", None)], spreadsheet=False)
    assert path.read_bytes() == b"sku,quantity\r\nDICE-2,3\r\nBOX,\r\n"
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (written.rows, written.size, path.stat().st_mode & 0o777) == (2, path.stat().st_size, 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]


def test_nothing_is_written_over_and_a_link_is_not_followed(tmp_path: Path) -> None:
    there, link = tmp_path / "there.csv", tmp_path / "link.csv"
    there.write_text("keep")
    link.symlink_to(tmp_path / "elsewhere.csv")
    for path in (there, link):
        with pytest.raises(InputError, match="is there already"):
            write_bytes(path, b"new")
    assert there.read_text() == "keep"
    assert not (tmp_path / "elsewhere.csv").exists()


def test_a_file_that_appears_while_another_is_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "race.csv"

    def rows() -> Iterator[tuple[str]]:
        path.write_text("theirs")
        yield ("ours",)

    with pytest.raises(InputError, match="is there already"):
        write_table(path, ("a",), rows(), spreadsheet=False)
    assert path.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_interrupted_file_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[str]]:
        for number in range(2_000):
            yield (str(number),)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_table(tmp_path / "half.csv", ("a",), rows(), spreadsheet=False)
    assert list(tmp_path.iterdir()) == []


def test_formulas_are_defused_for_spreadsheets_and_left_alone_for_machines(tmp_path: Path) -> None:
    row = ("=1+1", "+49 30 1", "-5", "@x", "\tx", "\rx", "＝1", " =1", "'s-Hertogenbosch", "'=1", "plain", -5)
    sheet = write_table(tmp_path / "sheet.csv", None, [row], spreadsheet=True)
    machine = write_table(tmp_path / "machine.csv", None, [row], spreadsheet=False)
    with sheet.path.open(encoding="utf-8", newline="") as stream:
        assert stream.read(1) == "\ufeff"
        (cells,) = csv.reader(stream)
    assert cells[:8] == [f"'{cell}" for cell in row[:8]]
    assert cells[8:] == ["'s-Hertogenbosch", "''=1", "plain", "-5"]
    with machine.path.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == [str(cell) for cell in row]


@given(st.text(st.sampled_from("'=+-@\t\r \n＝a1"), max_size=6))
def test_defusing_can_always_be_undone(text: str) -> None:
    assert restore(defuse(text)) == text
    assert not defuse(text).lstrip().startswith(("=", "+", "-", "@", "＝"))


def test_a_character_the_encoding_lacks_is_named_with_row_and_column(tmp_path: Path) -> None:
    rows = [("1", "Åsa")] * 600 + [("2", "北京")]
    with pytest.raises(InputError, match=r"mcf\.txt, row 601, name: iso-8859-1 has no “北”"):
        write_table(tmp_path / "mcf.txt", ("id", "name"), rows, kind="tsv", spreadsheet=False, encoding="iso-8859-1")
    assert list(tmp_path.iterdir()) == []


def test_json_lines_keep_their_text(tmp_path: Path) -> None:
    written = write_json_lines(tmp_path / "x.jsonl", [{"name": "Åsa\n"}, {"n": 1}])
    lines = written.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"name": "Åsa\n"}, {"n": 1}]


def test_a_safe_name_has_no_way_out_of_its_folder() -> None:
    assert safe_name("batch-12", "DE01", extension="csv") == "batch-12_DE01.csv"
    assert safe_name("../..", "-rf *\x1b[31m\u202e", extension="csv") == "rf_31m.csv"
    assert safe_name("北京", extension="csv") == "file.csv"
    assert len(safe_name("x" * 300, extension="csv")) == 64
