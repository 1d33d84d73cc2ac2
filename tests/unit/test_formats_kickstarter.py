from __future__ import annotations

import csv
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.files.read import BadRow, open_tables
from data.intake.format import Format, load_formats, read_format
from data.intake.read import read_records
from data.intake.recognise import by_id, recognise
from data.intake.record import NO_ADDRESS, Context, PledgeRecord
from data.model import Address, InputError, Money, WorkspaceError

GEN_A = (
    "Backer Id,Backer Name,Email,Shipping Country,Shipping Amount,Reward Minimum,Pledge Amount,Pledged At,"
    "Rewards Sent?,Pledged Status,Notes"
)
SURVEY_A = (
    ",Survey Response,Shipping Name,Shipping Address 1,Shipping Address 2,Shipping City,Shipping State,"
    "Shipping Postal Code,Shipping Country Name,Shipping Country Code"
)
GEN_B = (
    "Backer Number,Backer UID,Backer Name,Email,Shipping Country,Shipping Amount,Reward Minimum,Reward ID,"
    "Pledge Amount,Pledged At,Rewards Sent?,Pledged Status,Notes,Twitter"
)
GEN_C = (
    "Backer Number,Backer UID,Backer Name,Email,Shipping Country,Shipping Amount,Reward Title,Reward Minimum,Reward ID,"
    "Pledge Amount,Pledged At,Rewards Sent?,Pledged Status,Notes,Billing State/Province,Billing Country,"
    "Survey Response,Shipping Name,Shipping Address 1,Shipping Address 2,Shipping City,Shipping State,"
    "Shipping Postal Code,Shipping Country Name,Shipping Country Code,Shipping Phone Number,Shipping Delivery Notes"
)
NO_REWARD = (
    "Backer Number,Backer UID,Backer Name,Email,Pledge Amount,Pledged At,Pledged Status,Notes,Billing State/Province,"
    "Billing Country"
)
HEAD_D = (
    "Backer Number,Backer UID,Backer Name,Email,Shipping Country,Shipping Amount,Reward Title,Backing Minimum,"
    "Reward ID,Bonus Support,Pledge Amount,Pledged At,Fulfillment Status,Pledged Status,Notes"
)
SURVEY_D = (
    ",Survey Response,Shipping Name,Shipping Address 1,Shipping Address 2,Shipping City,Shipping State,"
    "Shipping Postal Code,Shipping Country Name,Shipping Country Code,Shipping Phone Number,Shipping Delivery Notes"
)
EXTRAS_D = (
    ",[Addon: 10750435] Flitt Locust Pendant,[Addon: 10753941] MAYA Lorebook,Core Game,Everything in previous tier"
)

SWEDISH_ROW = (
    '"1","1647400540","First Last","first.last@gmail.com","SE","SEK 100.00","Basare","SEK 650.00","6526680",'
    '"SEK 1,000.00","2018/03/28, 10:27","","collected","","","SE","2018/05/26, 14:05","First Last",'
    '"Street 15 Lgh 1302","","Tyresö","Stockholms Län","135 44","Sweden","SE","",""'
)

COUNTRIES = {"SE": "SE", "Sweden": "SE", "US": "US", "DE": "DE", "UK": "GB", "JP": "JP"}
CONTEXT = Context("USD", ZoneInfo("America/New_York"), COUNTRIES.get)


@pytest.fixture(scope="module")
def formats() -> list[Format]:
    return load_formats()


def read(
    folder: Path, text: str, name: str = "report.csv", context: Context = CONTEXT
) -> tuple[list[PledgeRecord], list[BadRow]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    tables = open_tables([path])
    found = recognise(tables[0].header, load_formats())
    rows = list(read_records(tables, found.format, context))
    return [row for row in rows if isinstance(row, PledgeRecord)], [row for row in rows if isinstance(row, BadRow)]


@pytest.mark.parametrize(
    ("header", "generation"),
    [
        (GEN_A, "A"),
        (GEN_A + SURVEY_A, "A"),
        (GEN_B, "B"),
        (GEN_C + ",What Is Your Contact Phone Number?", "C"),
        (GEN_C.replace("Shipping Country,Shipping Amount,", ""), "C"),
        (NO_REWARD, "no reward"),
        (HEAD_D + EXTRAS_D + SURVEY_D, "D"),
        (HEAD_D + EXTRAS_D, "D"),
        (GEN_C.upper().replace(",", " , "), "C"),
    ],
)
def test_every_generation_is_recognised_by_its_own_header(formats: list[Format], header: str, generation: str) -> None:
    found = recognise([name.strip() for name in header.split(",")], formats)
    assert (found.format.id, found.generation) == ("kickstarter", generation)
    assert "columns" in found.reason


def test_the_swedish_row_is_read_to_the_last_field(tmp_path: Path) -> None:
    context = Context("SEK", ZoneInfo("Europe/Stockholm"), COUNTRIES.get)
    (record,), bad = read(tmp_path, f"{GEN_C}\n{SWEDISH_ROW}\n", context=context)
    assert not bad
    assert record._replace(row_hash="") == PledgeRecord(
        platform="kickstarter",
        external_id="1647400540:6526680",
        backer_uid="1647400540",
        backer_number="1",
        name="First Last",
        email="first.last@gmail.com",
        tier="Basare",
        reward_id="6526680",
        items=(("tier", "Basare", 1),),
        address=Address("First Last", "", "Street 15 Lgh 1302", "", "Tyresö", "Stockholms Län", "135 44", "SE", ""),
        shipping_country="SE",
        answered=True,
        pledged_at_raw="2018/03/28, 10:27",
        pledged_at="2018-03-28T08:27:00Z",
        amount=Money(100000, "SEK"),
        shipping=Money(10000, "SEK"),
        bonus=None,
        status_raw="collected",
        paid=True,
        cancelled=False,
        notes="",
        answers=(),
        hidden=False,
        row_hash="",
        file="report.csv",
        line=2,
    )


def test_the_oldest_report_knows_its_orders_by_backer_and_tier(tmp_path: Path) -> None:
    row = "77,Ann Lee,ann@mail.example,US,,$25.00 USD,$30.00 USD,2012-01-01 11:13:25 -0500,Sent,collected,"
    survey = ",2012-02-01 10:00:00 -0500,Ann Lee,1 Elm St,,Salem,MA,01970,United States,US"
    (plain,), _ = read(tmp_path, f"{GEN_A}\n{row}\n")
    assert (plain.external_id, plain.items, plain.answered) == ("77:$25.00 USD", (("tier", "$25.00 USD", 1),), False)
    assert (plain.pledged_at, plain.address, plain.shipping_country) == ("2012-01-01T16:13:25Z", NO_ADDRESS, "US")
    (answered,), _ = read(tmp_path, f"{GEN_A}{SURVEY_A}\n{row}{survey}\n", "25.00 USD Dice + Box - May 1 9am.csv")
    assert (answered.external_id, answered.tier) == ("77:Dice + Box", "Dice + Box")
    assert answered.address == Address("Ann Lee", "", "1 Elm St", "", "Salem", "MA", "01970", "US", "")


def test_a_second_generation_row_takes_its_tier_from_the_files_name(tmp_path: Path) -> None:
    row = '3,900,Bo,bo@mail.example,SE,SEK 100.00,SEK 650.00,652,"SEK 1,000.00","2016/03/28, 10:27",,collected,,@bo'
    (named,), _ = read(tmp_path, f"{GEN_B}\n{row}\n", "650.00 SEK Big - Small Box - Oct 25 10pm.csv")
    assert (named.external_id, named.tier) == ("900:652", "Big - Small Box")
    (unnamed,), _ = read(tmp_path, f"{GEN_B}\n{row}\n")
    assert (unnamed.external_id, unnamed.tier) == ("900:652", "Reward 652")


def test_a_backer_without_a_reward_has_an_order_without_lines(tmp_path: Path) -> None:
    row = '9,55,Cy,cy@mail.example,$1.00,"2018/03/28, 10:27",collected,thanks,,US'
    (record,), bad = read(tmp_path, f"{NO_REWARD}\n{row}\n", "No reward - Oct 25 10pm.csv")
    assert (record.external_id, record.tier, record.items, record.notes) == ("55:none", "", (), "thanks")
    assert not bad


def test_item_columns_replace_the_tier_as_lines_and_add_ons_are_always_lines(tmp_path: Path) -> None:
    row = (
        '5,321,Di,di@mail.example,DE,$10.00,All In,$99.00,71,$5.00,"$1,114.00","2024/05/06, 07:08",,collected,,'
        '2,,1,1,"2024/06/01, 10:00",Di,Weg 1,No response,Köln,,50667,Germany,DE,+49 221 1,leave at door'
    )
    (record,), bad = read(tmp_path, f"{HEAD_D}{EXTRAS_D}{SURVEY_D}\n{row}\n")
    assert not bad
    assert record.items == (
        ("addon", "Flitt Locust Pendant", 2),
        ("item", "Core Game", 1),
        ("item", "Everything in previous tier", 1),
    )
    assert (record.tier, record.bonus, record.amount) == ("All In", Money(500, "USD"), Money(111400, "USD"))
    assert (record.address.line2, record.address.phone) == ("", "+49 221 1")
    assert record.answers == (("Shipping Delivery Notes", "leave at door"),)
    header = f"{HEAD_D},[Addon: 10750435] Flitt Locust Pendant{SURVEY_D}"
    cells = row.replace("2,,1,1,", "2,")
    (record,), _ = read(tmp_path, f"{header}\n{cells}\n", "addons.csv")
    assert record.items == (("tier", "All In", 1), ("addon", "Flitt Locust Pendant", 2))


def test_before_the_survey_columns_of_counts_are_items_and_columns_of_words_are_answers(tmp_path: Path) -> None:
    start = '5,321,Di,di@mail.example,DE,,All In,$99.00,71,,$99.00,"2024/05/06, 07:08",,collected,'
    text = f"{HEAD_D},Core Game,Colour,How many?,Year\n{start},1,red,3,2019\n{start},,blue,,2020\n"
    (first, second), _ = read(tmp_path, text)
    assert first.items == (("item", "Core Game", 1),)
    assert first.answers == (("Colour", "red"), ("How many?", "3"), ("Year", "2019"))
    assert second.items == ()


def test_a_quantity_that_is_no_whole_number_is_a_bad_row_with_its_column(tmp_path: Path) -> None:
    start = '5,321,Di,di@mail.example,DE,,All In,$99.00,71,,$99.00,"2024/05/06, 07:08",,collected,,'
    text = f"{HEAD_D},Core Game,Survey Response\n" + "".join(
        f"{start}{count},\n" for count in ("1.5", "-1", "two", "2")
    )
    good, bad = read(tmp_path, text)
    assert [row.line for row in bad] == [2, 3, 4]
    assert bad[0].words() == "report.csv, line 2, Core Game: “1.5” is not a whole number of pieces"
    assert [record.items for record in good] == [(("item", "Core Game", 2),)]


@pytest.mark.parametrize(
    ("status", "paid", "cancelled"),
    [
        ("collected", True, False),
        ("dropped", False, True),
        ("Canceled", False, True),
        ("errored", False, False),
        ("declined", False, False),
        ("pledged", None, False),
        ("", None, False),
    ],
)
def test_a_status_tells_who_has_paid_and_who_has_left(
    tmp_path: Path, status: str, paid: bool | None, cancelled: bool
) -> None:
    (record,), _ = read(tmp_path, f"{GEN_C}\n{SWEDISH_ROW.replace('collected', status)}\n")
    assert (record.paid, record.cancelled, record.status_raw) == (paid, cancelled, status)


def test_bad_cells_name_file_line_and_column_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = [
        SWEDISH_ROW.replace('"1647400540"', '""'),
        SWEDISH_ROW.replace('"1647400540"', '"1.6474E+09"'),
        SWEDISH_ROW.replace("SEK 1,000.00", "lots"),
        SWEDISH_ROW.replace("2018/03/28, 10:27", "4/5/2018 21:06"),
        SWEDISH_ROW,
    ]
    good, bad = read(tmp_path, "\n".join([GEN_C, *rows]))
    assert [(row.line, row.field) for row in bad] == [
        (2, "Backer UID"),
        (3, "Backer UID"),
        (4, "Pledge Amount"),
        (5, "Pledged At"),
    ]
    assert "digits are lost" in bad[1].reason
    assert bad[2].cells == tuple(next(csv.reader(io.StringIO(rows[2]))))
    assert [record.line for record in good] == [6]


def test_the_hash_follows_the_cells_and_not_the_order_of_columns(tmp_path: Path) -> None:
    (first,), _ = read(tmp_path, f"{GEN_C}\n{SWEDISH_ROW}\n")
    names, cells = GEN_C.split(","), next(csv.reader(io.StringIO(SWEDISH_ROW)))
    text = io.StringIO()
    csv.writer(text).writerows([names[::-1], cells[::-1]])
    (turned,), _ = read(tmp_path, text.getvalue(), "turned.csv")
    (moved,), _ = read(tmp_path, f"{GEN_C}\n{SWEDISH_ROW.replace('15 Lgh', '16 Lgh')}\n", "moved.csv")
    assert first.row_hash == turned.row_hash != moved.row_hash
    assert len(first.row_hash) == 32


def test_hidden_characters_are_flagged_and_do_not_turn_an_address_around(tmp_path: Path) -> None:
    row = SWEDISH_ROW.replace("Street 15", "Street\u202e 15\nc/o Bo").replace(
        '"First Last","first', '"First\u200bLast","first'
    )
    (record,), _ = read(tmp_path, f"{GEN_C}\n{row}\n")
    assert record.hidden
    assert record.address.line1 == "Street 15, c/o Bo Lgh 1302"
    assert record.name == "First\u200bLast"
    wide = "みかん\u3000👨\u200d👩\u200d👧"
    (plain,), _ = read(tmp_path, f"{GEN_C}\n{SWEDISH_ROW.replace('Lgh 1302', wide)}\n")
    assert not plain.hidden


def test_zeros_kept_by_a_spreadsheets_wrapper_are_read_and_a_second_column_of_a_name_is_kept(tmp_path: Path) -> None:
    row = SWEDISH_ROW.replace('"135 44"', '"=""01970"""')
    (record,), _ = read(tmp_path, f"{GEN_C},Email\n{row},other@mail.example\n")
    assert record.address.postcode == "01970"
    assert record.answers == (("Email (2)", "other@mail.example"),)


def test_country_codes_are_resolved_and_unknown_ones_stay_as_they_are(tmp_path: Path) -> None:
    rows = [SWEDISH_ROW.replace('"Sweden","SE"', cells) for cells in ('"","UK"', '"Sweden",""', '"Ruritania",""')]
    good, _ = read(tmp_path, "\n".join([GEN_C, *rows]))
    assert [record.address.country for record in good] == ["GB", "SE", "Ruritania"]


def test_an_unknown_header_says_what_came_near(formats: list[Format]) -> None:
    with pytest.raises(InputError, match=r"Kickstarter backer report lacks Pledged Status"):
        recognise(GEN_C.replace("Pledged Status", "State").split(","), formats)
    with pytest.raises(InputError, match="its columns are a, b"):
        recognise(["a", "b"], formats)
    with pytest.raises(InputError, match="has no column Id"):
        by_id(formats, "backerkit", GEN_C.split(","))
    with pytest.raises(InputError, match="there are backerkit, kickstarter"):
        by_id(formats, "indiegogo", GEN_C.split(","))


def test_a_workspaces_own_format_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'id = "shop"\nname = "Shop"\nplatform = "shop"\nrequire = [["Order"], ["Mail"]]\nidentity = [["backer_uid"]]\n'
        '[fields]\nbacker_uid = ["Order"]\nname = ["Who"]\nemail = ["Mail"]\n[extras]\notherwise = "sku"\n'
    )
    found = recognise(["Order", "Who", "Mail", "DICE"], load_formats(tmp_path))
    path = tmp_path / "shop.csv"
    path.write_text("Order,Who,Mail,DICE\n1,Ann,a@mail.example,2\n")
    (record,) = read_records(open_tables([path]), found.format, CONTEXT)
    assert isinstance(record, PledgeRecord)
    assert (record.external_id, record.items, record.paid) == ("1", (("sku", "DICE", 2),), None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (('platform = "p"', "platform = 3"), "f.toml, platform: must be a text"),
        (('require = [["A"]]', "require = []"), "f.toml, require: must be a list"),
        (('name = ["N"]', 'naem = ["N"]'), "f.toml, fields.naem: is not a field"),
        (("[extras]", "colour = 1\n[extras]"), r"f.toml, fields.colour"),
        (('otherwise = "sku"', 'otherwise = "thing"'), "f.toml, extras.otherwise: must be one of"),
        (
            ('otherwise = "sku"', 'patterns = [{ match = "(", kind = "sku" }]'),
            r"extras.patterns\[0\].match: is not a reg",
        ),
        (('id = "f"', 'id = "f"\nidd = "f"'), "f.toml, idd: is not a key"),
        (('id = "f"', 'id = "f'), "f.toml: is not TOML"),
    ],
)
def test_a_format_with_a_slip_is_refused_with_file_and_key(change: tuple[str, str], error: str) -> None:
    text = (
        'id = "f"\nname = "F"\nplatform = "p"\nrequire = [["A"]]\nidentity = [["backer_uid"]]\n'
        '[fields]\nbacker_uid = ["A"]\nname = ["N"]\nemail = ["E"]\n[extras]\notherwise = "sku"\n'
    )
    assert read_format("f.toml", text.encode()).id == "f"
    with pytest.raises(WorkspaceError, match=error):
        read_format("f.toml", text.replace(*change).encode())
