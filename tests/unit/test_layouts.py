"""Layouts of order lists: the ready ones as the centres have them, and what a team's own may say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files.formula import restore
from data.files.write import write_table
from data.model import Address, InputError, Money
from data.portals.layout import Layout
from data.portals.layout_sample import EXAMPLE, sample_table
from data.portals.layout_toml import OWN, PACKAGED, find_layout, list_layouts, read_layout
from data.portals.order_body import order_body, read_order, with_address
from data.portals.order_list import FileTable, check_order, order_tables
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder
from data.store.workspace import Workspace
from tests.conftest import Ran

HOME = Address(
    "Zoë de la Croix", "", 'Flat 3, 1 "High" St', "", "Saint-Étienne", "", "01234", "FR", "+33 4 77 00 00 00"
)
TOKYO = replace(HOME, name="山田 太郎", line1="千代田1-1", city="東京", postcode="0100001", country="JP")
GAME = ShipmentLine("GAME", "The game", 1, 1200, "950440", "CN", "board game", Money(4500, "EUR"))
DICE = ShipmentLine("DICE-2", "Dice", 2, 30, "950490", "CN", "dice", Money(250, "EUR"))
ORDER = ShipmentOrder(
    "LC-7-1", "1007", HOME, (GAME, DICE), "zoe@example.org", "Ember Isles", False, "2026-10-01T10:00:00Z", "EUR"
)

HEADERS = {
    "amazon-mcf": (
        "MerchantFulfillmentOrderID,DisplayableOrderID,DisplayableOrderDate,MerchantSKU,Quantity,"
        "MerchantFulfillmentOrderItemID,GiftMessage,DisplayableComment,PerUnitDeclaredValue,"
        "DisplayableOrderComment,DeliverySLA,AddressName,AddressFieldOne,AddressFieldTwo,AddressFieldThree,"
        "AddressCity,AddressCountryCode,AddressStateOrRegion,AddressPostalCode,AddressPhoneNumber,"
        "NotificationEmail,FulfillmentAction,MarketplaceID"
    ),
    "usps-address-book": (
        "First Name,MI,Last Name,Company,Address 1,Address 2,Address 3,City,State/Province,ZIP/Postal Code,"
        "Country,Urbanization,Phone Number,Fax Number,E Mail,Reference Number,Nickname"
    ),
    "crwn": (
        "Order #,Recipient Full Name,Recipient Email,Recipient Phone,Recipient Company,Address Line 1,"
        "Address Line 2,Address Line 3,City,State,Postal Code,Country Code,Item SKU,Item Name / Title,"
        "Item Quantity,Item Weight (oz)"
    ),
    "spiral-galaxy": (
        "Client Order No.,NAME,EMAIL,TELEPHONE,ADDRESS1,ADDRESS2,CITY,STATE/COUNTY,POSTAL_CODE,COUNTRY,"
        "DICE-2,GAME,Order Value,Carriage,Order Value Currency,Tracking"
    ),
    "china-hk": (
        "Warehouse Name,Reference No.,Recipient Name,Recipient Address Line 1,Recipient Address Line 2,"
        "Recipient City,Recipient State,Recipient Country/Region Code,Recipient Zip Code,Recipient Tel,SKU,"
        "Quantity,Shipping Method,Recipient Email,Special Remarks/Instructions"
    ),
    "missing-ink": (
        "order id,ship_name,ship_address_1,ship_city,ship_state,ship_zipcode,ship_country,product_sku,"
        "product_qty,product_name,ship_attn,ship_email,ship_phone,ship_address_2"
    ),
    "shipwire": (
        "[order_no],[external_id],[order_date],[ship_to_name],[ship_to_address_1],[ship_to_address_2],"
        "[ship_to_city],[ship_to_state],[ship_to_ZIP],[ship_to_country],[ship_to_email],[ship_to_phone],"
        "[sku],[quantity],[shipping_method]"
    ),
    "shippingeasy": (
        "*Order Number,*Item name,Item SKU,Item Quantity,Item unit weight (oz),*Full Name,*Address Line 1,"
        "Address Line 2,*City,State,Postal Code,Country,Company,Email,Phone"
    ),
    "peregrine": (
        "Order ID,Name,Address Line 1,City,Postcode,Country,SKU,Quantity,Line item price,Order total price,"
        "Shipping option,Address Line 2,Address Line 3,County/State,Product Name,Email,Phone"
    ),
    "royal-mail-click-drop": (
        "Order reference,Special instructions,Date,Full name,First Name,Last Name,Company Name,"
        "Address Line 1,Address Line 2,Address Line 3,City,County,Postcode,Country,Email,Phone,Weight,"
        "Package Size,Sub-total,Shipping Cost,Total,Currency Code,Service code,Product SKU,Product name,"
        "Quantity,Unit price,Customs description,Customs code,Country of origin"
    ),
    "lastcall": (
        "key,order number,name,company,address1,address2,city,region,postcode,country,phone,email,sku,title,quantity"
    ),
}
"""Verbatim, but for the character between."""
POSTCODES = {
    "amazon-mcf": "AddressPostalCode",
    "usps-address-book": "ZIP/Postal Code",
    "crwn": "Postal Code",
    "spiral-galaxy": "POSTAL_CODE",
    "china-hk": "Recipient Zip Code",
    "missing-ink": "ship_zipcode",
    "shipwire": "[ship_to_ZIP]",
    "shippingeasy": "Postal Code",
    "peregrine": "Postcode",
    "royal-mail-click-drop": "Postcode",
    "lastcall": "postcode",
}
LATIN_ONLY = {"amazon-mcf", "royal-mail-click-drop"}


def packaged(name: str) -> Layout:
    return find_layout(PACKAGED.parent, name)


def written(layout: Layout, table: FileTable, folder: Path) -> bytes:
    path = folder / "list"
    write_table(
        path,
        table.header,
        table.rows,
        spreadsheet=False,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        newline=layout.newline,
        quote=layout.quote,
    )
    return path.read_bytes()


def own(folder: Path, text: str, name: str = "mine") -> Layout:
    (folder / OWN).mkdir(parents=True, exist_ok=True)
    (folder / OWN / f"{name}.toml").write_text(text, encoding="utf-8")
    return find_layout(folder, name)


def test_every_packaged_layout_has_its_contract(tmp_path: Path) -> None:
    assert {each.name for each in list_layouts(tmp_path)} == HEADERS.keys() == POSTCODES.keys()


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_ready_layout_has_the_centres_header_and_as_many_cells_in_every_row(name: str, tmp_path: Path) -> None:
    layout = packaged(name)
    for address in (HOME, TOKYO):
        order = replace(ORDER, address=address)
        if address is TOKYO and name in LATIN_ONLY:
            with pytest.raises(InputError, match=r"order 1007, column (AddressName|Full name): .* has no “山”"):
                check_order(layout, order)
            continue
        check_order(layout, order)
        content = written(layout, sample_table(layout, order), tmp_path)
        (tmp_path / "list").unlink()
        assert content.endswith(b"\r\n")
        header, *rows = content.decode(layout.encoding).split("\r\n")[:-1]
        assert header.split(layout.delimiter) == HEADERS[name].split(",")
        table = list(
            csv.reader(io.StringIO("\r\n".join([header, *rows])), delimiter=layout.delimiter)
            if layout.quote != "none"
            else (row.split("\t") for row in (header, *rows))
        )
        assert {len(row) for row in table} == {len(header.split(layout.delimiter))}
        at = table[0].index(POSTCODES[name])
        assert table[1][at] == address.postcode
        assert any(address.city in cell for cell in table[1])
        assert any("LC-7-1" in cell for cell in table[1])


def test_a_wide_list_has_a_column_for_each_sku_of_the_batch(tmp_path: Path) -> None:
    layout = packaged("spiral-galaxy")
    other = replace(ORDER, key="LC-8-1", lines=(replace(DICE, quantity=5),))
    entries = [Entry(Action.ADD, each.key, order_body(each)) for each in (ORDER, other)]
    (table,) = order_tables(layout, 1, entries)
    at = table.header.index("DICE-2")
    assert [row[at : at + 2] for row in table.rows] == [("2", "1"), ("5", "")]
    # Columns agreed with the warehouse stay where they are, and nothing else is squeezed in.
    fixed = own(tmp_path, 'base = "spiral-galaxy"\nskus = ["GAME", "MAP", "DICE-2"]\n')
    assert sample_table(fixed, ORDER).rows[0][10:13] == ("1", "", "2")
    with pytest.raises(InputError, match="order 1007: the layout mine has no column for PIN"):
        check_order(fixed, replace(ORDER, lines=(replace(GAME, sku="PIN"),)))
    with pytest.raises(InputError, match="two columns would be called NAME"):
        check_order(layout, replace(ORDER, lines=(replace(GAME, sku="NAME"),)))


def test_rows_after_an_orders_first_carry_only_some_columns() -> None:
    table = sample_table(packaged("peregrine"), ORDER)
    first, second = (dict(zip(table.header, row, strict=True)) for row in table.rows)
    assert (first["Name"], first["Country"], first["Order total price"]) == (HOME.name, "France", "50.00")
    assert {name: cell for name, cell in second.items() if cell} == {
        "Order ID": "LC-7-1",
        "SKU": "DICE-2",
        "Quantity": "2",
        "Line item price": "2.50",
        "Order total price": "50.00",
    }


def test_an_order_in_one_row_lists_its_skus_in_a_cell(tmp_path: Path) -> None:
    layout = own(
        tmp_path,
        """
        rows = "order"
        delimiter = ";"
        newline = "lf"
        quote = "all"
        encoding = "utf-16"
        item = "{line.quantity}x{line.sku}"
        join = " + "
        columns = [
          ["Ref", "{batch.number}/{order.key}"], ["First", "{addr.name:first}"], ["Last", "{addr.name:last}"],
          ["Items", "{order.lines}"], ["On", "{order.ordered_at:date(%d.%m.%y %H:%M)}"], ["State", "{addr.region|-}"],
          ["Kg", "{order.weight_g:kg}"],
        ]
        """,
    )
    (table,) = order_tables(layout, 12, [Entry(Action.ADD, "LC-7-1", order_body(ORDER))])
    content = written(layout, table, tmp_path)
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert content.decode("utf-16") == (
        '"Ref";"First";"Last";"Items";"On";"State";"Kg"\n'
        '"12/LC-7-1";"Zoë";"de la Croix";"1xGAME + 2xDICE-2";"01.10.26 10:00";"-";"1.260"\n'
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line1": "x" * 101}, r"order 1007, column Address Line 1: .* has 101 characters; at most 100 are taken"),
        ({"postcode": ""}, r"order 1007, column Postcode: is empty, and this warehouse needs it"),
        ({"phone": "447700900123"}, r"order 1007, column Phone: 447700900123 has 12 digits; numbers of more than 11"),
        ({"city": "Łódź"}, r"order 1007, column City: cp1252 has no “Ł”"),
        ({"country": "Atlantis"}, r"order 1007, column Country: “Atlantis” is no country"),
        ({"name": "Zo\u202eë"}, r"order 1007, column Full name: holds control or invisible characters"),
        ({"line2": "a\nb"}, r"order 1007, column Address Line 2: holds control or invisible characters"),
    ],
)
def test_what_a_warehouse_can_not_take_is_told_by_order_and_column_and_never_cut(
    change: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        check_order(packaged("royal-mail-click-drop"), replace(ORDER, address=replace(HOME, **change)))


def test_a_list_without_quotes_refuses_what_would_need_them(tmp_path: Path) -> None:
    layout = own(tmp_path, 'delimiter = "|"\nquote = "none"\ncolumns = [["a", "{addr.name}"], ["b", "{line.sku}"]]')
    with pytest.raises(InputError, match="order 1007, column a: has the character that stands between the cells"):
        check_order(layout, replace(ORDER, address=replace(HOME, name="A | B")))
    plain = sample_table(layout, replace(ORDER, address=replace(HOME, name='A "B"')))
    assert written(layout, plain, tmp_path).startswith(b'a|b\r\nA "B"|GAME\r\n')


def test_a_larger_batch_becomes_several_files_and_no_order_is_torn(tmp_path: Path) -> None:
    layout = own(tmp_path, 'base = "lastcall"\nmax_rows = 5\n')
    entries = [Entry(Action.ADD, f"K{at}", order_body(replace(ORDER, key=f"K{at}"))) for at in range(5)]
    tables = order_tables(layout, 1, entries)
    assert [(each.label, [row[0] for row in each.rows]) for each in tables] == [
        ("1of3", ["K0", "K0", "K1", "K1"]),
        ("2of3", ["K2", "K2", "K3", "K3"]),
        ("3of3", ["K4", "K4"]),
    ]
    with pytest.raises(InputError, match="order 1007: has 6 rows; a file takes 5"):
        check_order(layout, replace(ORDER, lines=(GAME,) * 6))


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@'\"＝"), max_size=30))
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(name: str) -> None:
    layout = packaged("spiral-galaxy")
    order = replace(ORDER, address=replace(HOME, name=name or "x"))
    cell = sample_table(layout, order).rows[0][1]
    assert restore(cell) == order.address.name
    assert not cell.startswith(("=", "+", "-", "@", "＝"))
    # A machine gets it as it is.
    assert sample_table(packaged("lastcall"), order).rows[0][2] == order.address.name


def test_a_body_holds_the_whole_order() -> None:
    assert read_order(order_body(ORDER)) == ORDER
    assert read_order(with_address(order_body(ORDER), TOKYO)) == replace(ORDER, address=TOKYO)
    with pytest.raises(InputError, match="not the text of an order"):
        read_order("{}")


def test_a_workspace_changes_a_ready_layout_by_a_few_lines(tmp_path: Path) -> None:
    layout = own(
        tmp_path,
        'base = "amazon-mcf"\n[values]\nDeliverySLA = "Expedited"\nMarketplaceID = "A1PA6795UKMFR9"\n',
        name="amazon-mcf",
    )
    table = sample_table(layout, ORDER)
    cells = dict(zip(table.header, table.rows[0], strict=True))
    assert (cells["DeliverySLA"], cells["MarketplaceID"], cells["AddressName"]) == (
        "Expedited",
        "A1PA6795UKMFR9",
        HOME.name,
    )
    assert ",".join(table.header) == HEADERS["amazon-mcf"]
    assert len(list_layouts(tmp_path)) == len(HEADERS)


GOOD = 'title = "T"\ncolumns = [\n  ["a", "{order.key}"],\n  ["b", "{line.sku}"],\n]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns = = 1", r"mine\.toml: .*line 1"),
        ("title = 'x'", r"mine\.toml, columns: must be a list"),
        (GOOD + 'colour = "red"\n', r"mine\.toml, line 6, colour: there is no such key; known are base, columns"),
        (GOOD + 'encoding = "ebcdic"\n', r"mine\.toml, line 6, encoding: must be one of utf-8, utf-8-sig, latin-1"),
        (GOOD + 'delimiter = "/"\n', r"mine\.toml, line 6, delimiter: must be one of"),
        (GOOD + "max_rows = 0\n", r"mine\.toml, line 6, max_rows: must be a whole number above 0"),
        (GOOD + 'formula_guard = "yes"\n', r"mine\.toml, line 6, formula_guard: must be true or false"),
        (GOOD + 'continuation = ["c"]\n', r"mine\.toml, line 6, continuation: there is no column c"),
        (GOOD + 'skus = ["A"]\n', r"mine\.toml, line 6, skus: no column has a sku_header"),
        (GOOD + 'base = "nothing"\n', r"there is no layout nothing \(there are: amazon-mcf, .*, mine,"),
        (GOOD.replace("{line.sku}", "{line.size}"), r"line 4, columns\[2\]\.value: there is no line\.size; there are"),
        (GOOD.replace("{line.sku}", "{ship.code}"), r"line 4, columns\[2\]\.value: there is no ship\.code"),
        (GOOD.replace("{line.sku}", "{line.sku:cut}"), r"line 4, columns\[2\]\.value: there is no filter “cut”"),
        (GOOD.replace("{line.sku}", "{line.sku"), r"line 4, columns\[2\]\.value: .*a brace stands alone"),
        (GOOD.replace("{line.sku}", "{order.lines}"), r"line 4, columns\[2\]\.value: order\.lines needs to be told"),
        (GOOD.replace('["b",', '["a",'), r"line 3, columns: two columns are called a"),
        (GOOD.replace('["b", "{line.sku}"]', '["b"]'), r"line 4, columns: column 2 must be \[header, value\]"),
        (
            GOOD.replace('["b", "{line.sku}"]', '{header = "b", value = "{line.sku}", wide = 3}'),
            r"line 4, columns\[2\]\.wide: there is no such key",
        ),
        ('rows = "order"\n' + GOOD, r"line 5, columns\[2\]\.value: there is no line\.sku in a row that stands"),
        (
            'columns = [\n  {sku_header = "{line.sku}", value = "{line.quantity}"},\n]',
            r'line 2, columns\[1\]\.sku_header: columns of SKUs need rows = "order"',
        ),
        (GOOD + '[corrections]\nstyle = "mail"\n', r"line 7, corrections\.style: must be one of column, files, none"),
        (GOOD + '[[returns]]\nkey = "a"\n', r"returns\[1\]\.listed: name the column tracking or status"),
        (GOOD + '[[returns]]\nstatus = "a"\n', r"returns\[1\]\.key: name the column that says whose row it is"),
        (
            GOOD + '[[returns]]\nkey = "a"\nstatus = "s"\n[returns.statuses]\n"Out" = "gone"\n',
            r"mine\.toml, line 10, returns\[1\]\.statuses\.Out: must be one of accepted, held",
        ),
    ],
)
def test_what_is_wrong_in_a_layout_is_told_by_file_line_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        own(tmp_path, text)


def test_a_layout_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no layout royal-mail \(there are: amazon-mcf, china-hk"):
        find_layout(tmp_path, "royal-mail")
    with pytest.raises(InputError, match="there is no layout"):
        find_layout(tmp_path, "../layouts/lastcall")
    with pytest.raises(InputError, match=r"gone\.toml"):
        read_layout(tmp_path / "gone.toml", tmp_path)


def test_a_layout_is_shown_with_an_example_order(lastcall: Callable[..., Ran], workspace: Workspace) -> None:
    assert len(lastcall("layouts", "--json").json) == len(HEADERS)
    assert "spiral-galaxy" in lastcall("layouts").out
    for name in HEADERS:
        shown = lastcall("layout", "show", name, "--json").json
        assert any(EXAMPLE.address.postcode in each["cells"] for each in shown)
    ran = lastcall("layout", "show", "peregrine")
    assert (ran.code, "formulas defused" in ran.err) == (0, True)
    own(workspace.folder, GOOD)
    (workspace.folder / OWN / "mine.toml").write_text(GOOD + "colour = 1\n", encoding="utf-8")
    ran = lastcall("layout", "show", "mine")
    assert (ran.code, "mine.toml, line 6, colour" in ran.err) == (2, True)
