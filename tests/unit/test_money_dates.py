from __future__ import annotations

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.dates import DateOrder, read_instant
from data.intake.money import money_text, read_money
from data.model import InputError, Money

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "campaign", "minor", "currency"),
    [
        ("SEK 1,000.00", "SEK", 100000, "SEK"),
        ("$5.00 USD", "SEK", 500, "USD"),
        ("$5.00 CAD", "USD", 500, "CAD"),
        ("$ 45", "AUD", 4500, "AUD"),
        ("£253.00", "EUR", 25300, "GBP"),
        ("1.234,56 €", "USD", 123456, "EUR"),
        ("CA$ 10.50", "USD", 1050, "CAD"),
        ("¥1,000", "JPY", 1000, "JPY"),
        ("JPY 1,000.00", "USD", 1000, "JPY"),
        ("1.000 €", "EUR", 100000, "EUR"),
        ("1 234,5 kr", "NOK", 123450, "NOK"),
        ("CHF 1'234.50", "EUR", 123450, "CHF"),
        ("BHD 1.234", "USD", 1234, "BHD"),
        ("BHD 1,234.500", "USD", 1234500, "BHD"),
        ("₹1,00,000.00", "INR", 10000000, "INR"),
        ("-$3.00", "USD", -300, "USD"),
        ("45", "GBP", 4500, "GBP"),
        ("1,234,567", "USD", 123456700, "USD"),
        ("0.05", "USD", 5, "USD"),
    ],
)
def test_amounts_are_read_to_the_minor_unit(text: str, campaign: str, minor: int, currency: str) -> None:
    assert read_money(text, campaign) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "campaign"),
    [
        ("$5.00", "EUR"),
        ("100 kr", "EUR"),
        ("¥100", "USD"),
        ("BHD 1,234", "USD"),
        ("0,500", "USD"),
        ("1,00.00", "USD"),
        ("1,2,3", "USD"),
        ("1.5", "JPY"),
        ("€5.00 USD", "USD"),
        ("USD 5 EUR", "USD"),
        ("--5", "USD"),
        ("-$-5", "USD"),
        ("lots", "USD"),
        ("5 apples", "USD"),
        ("1e5", "USD"),
        ("5" * 70, "USD"),
        ("٥", "USD"),
    ],
)
def test_what_can_be_read_two_ways_or_none_is_refused(text: str, campaign: str) -> None:
    with pytest.raises(InputError):
        read_money(text, campaign)


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["USD", "SEK", "JPY", "BHD", "EUR", "KRW", "INR"]),
    st.sampled_from(["USD", "EUR", "JPY"]),
)
def test_every_amount_written_is_read_back_in_any_campaign(minor: int, currency: str, campaign: str) -> None:
    assert read_money(money_text(Money(minor, currency)), campaign) == Money(minor, currency)


@given(st.text(max_size=70))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (lambda: read_money(text, "USD"), lambda: read_instant(text, NEW_YORK)):
        with suppress(InputError):
            read()


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("2018/03/28, 10:27", "", "2018-03-28T14:27:00Z"),
        ("2012-01-01 11:13:25 -0500", "", "2012-01-01T16:13:25Z"),
        ("7/25/2018 21:06", "", "2018-07-26T01:06:00Z"),
        ("25/7/2018 9:06 PM", "", "2018-07-26T01:06:00Z"),
        ("4/5/2018", "mdy", "2018-04-05T04:00:00Z"),
        ("4/5/18", "dmy", "2018-05-04T04:00:00Z"),
        ("4/4/2018", "", "2018-04-04T04:00:00Z"),
        ("25.07.2018 21:06", "", "2018-07-26T01:06:00Z"),
        ("2026-11-23T04:05:06Z", "", "2026-11-23T04:05:06Z"),
        ("2026-11-23T04:05:06.123+05:30", "", "2026-11-22T22:35:06Z"),
        ("2018/01/28, 12:00 am", "", "2018-01-28T05:00:00Z"),
        ("", "", ""),
    ],
)
def test_a_date_without_an_offset_is_read_in_the_campaigns_zone(text: str, order: DateOrder, instant: str) -> None:
    assert read_instant(text, NEW_YORK, order) == instant


@pytest.mark.parametrize(
    "text",
    ["4/5/2018", "2018/02/30", "2018/13/01", "31/31/2018", "yesterday", "43187", "2018-03/28", "1018/03/28", 
     "2018/03/28, 25:00", "2018/03/28, 13:00 pm", "2018-01-01 10:00 +99:00", "2" * 50],
)  # fmt: skip
def test_what_is_no_date_or_two_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_instant(text, NEW_YORK)
