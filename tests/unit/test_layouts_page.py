"""The page on layouts says what the code does."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from data.clock import Clock
from data.policy import load_policy
from data.portals import layout_toml, text_template
from data.portals.layout_sample import EXAMPLE, sample_table
from data.portals.order_values import LINE_PATHS, ORDER_PATHS
from data.portals.registry import portal_for
from tests.unit.test_layouts import HEADERS, own

DOCS = Path(__file__).parents[2] / "docs" / "layouts.md"


def test_the_page_names_every_layout_key_value_and_filter() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for name in HEADERS:
        assert f"| `{name}` |" in page
    for key in layout_toml.KEYS - {"corrections", "returns"}:
        assert f"`{key}`" in page, key
    for name in text_template.PLAIN:
        assert f"`{name}`" in page, name
    for path in ORDER_PATHS | LINE_PATHS:
        assert f"{{{path}}}" in page or f"`{path.partition('.')[2]}`" in page, path


def test_the_layouts_on_the_page_are_read(tmp_path: Path) -> None:
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    told = [textwrap.dedent(each) for each in blocks if "[warehouse" not in each and "drop/" not in each]
    whole, changed, corrections, returns = told
    layout = own(tmp_path, whole)
    assert (layout.title, sample_table(layout, EXAMPLE).rows[1][3:]) == ("Cedar Mills", ("FRA", "DICE-2", "2"))
    assert sample_table(own(tmp_path, changed), EXAMPLE).rows[0][-1] == "A1PA6795UKMFR9"
    assert own(tmp_path, whole + corrections).corrections.style == "column"
    assert [each.glob for each in own(tmp_path, whole + returns).returns] == ["ack*.csv", "tracking-*.csv"]


def test_the_settings_on_the_page_are_read(tmp_path: Path) -> None:
    page = DOCS.read_text(encoding="utf-8")
    for block in re.findall(r"(?:^    .*\n)+", page, re.MULTILINE):
        if "[warehouse" in block:
            (tmp_path / "lastcall.toml").write_text(textwrap.dedent(block), encoding="utf-8")
            (settings,) = load_policy(tmp_path).warehouses
            assert portal_for(settings, tmp_path, Clock()).caps.corrections
