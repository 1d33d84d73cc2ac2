"""What people and spreadsheets do to addresses: the mess every campaign's file is full of, put in on purpose."""

from __future__ import annotations

from dataclasses import replace

from data.desk.sample.places import Place
from data.model import Address

_ABBREVIATIONS = (
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("straße", "str."),
    ("Calle", "C/"),
    ("avenue", "av."),
    ("Avda.", "Avenida"),
    ("ulica", "ul."),
    ("Rd", "Road"),
    ("Ave", "Avenue"),
)


def mess_up(address: Address, place: Place, draw: int) -> Address:
    """Spoil about one address in seven; `draw` is a random number of 32 bits."""
    if address.postcode.startswith("0") and draw % 4 == 0:
        # A spreadsheet has eaten the zeros.
        address = replace(address, postcode=address.postcode.lstrip("0") or "0")
    kind, number = (draw >> 4) % 1000, (draw >> 14) % 900 + 1
    if kind < 20:
        return replace(address, name=address.name.upper(), line1=address.line1.upper(), city=address.city.upper())
    if kind < 34:
        return replace(address, name=address.name.lower(), line1=address.line1.lower(), city=address.city.lower())
    if kind < 54:
        return replace(address, line1=place.box.format(n=number), line2="")
    if kind < 60:
        return replace(address, line1=f"{address.line1}, rear entrance through the courtyard, ring twice, ask for Sam")
    if kind < 70:
        return replace(address, phone="555-555-1212" if number % 2 else "1-234-567-8900")
    if kind < 82:
        return replace(address, phone="")
    if kind < 86:
        return replace(address, phone="4.47E+11")
    if kind < 92:
        street, _, house = address.line1.rpartition(" ")
        return replace(address, line1=house, line2=street) if street else address
    if kind < 98:
        return replace(address, name=f"{address.name[:1]} {address.name.rpartition(' ')[2]}")
    if kind < 104:
        return replace(address, city=f"{address.city} ", line1=f" {address.line1}")
    if kind < 106:
        return replace(address, name=f"{address.name[:2]}\u200b{address.name[2:]}")
    if kind < 108:
        return replace(address, line1=f"\u202e{address.line1}")
    if kind < 109:
        return replace(address, line2="\x1b[31mPLEASE RING\x1b[0m")
    if kind < 110:
        return replace(address, name=f"[/b]{address.name}")
    if kind < 111:
        return replace(address, line2='=HYPERLINK("http://click.example","parcel")')
    if kind < 113:
        return replace(
            address, line1=f"{address.line1}\n{address.line2 or place.second[0].format(n=1, m=2, L='B')}", line2=""
        )
    if kind < 116:
        return replace(address, city="", postcode=f"{address.postcode} {address.city}".strip())
    if kind < 119:
        return replace(address, region="")
    if kind < 120:
        return replace(address, name=_garbled(address.name), city=_garbled(address.city))
    return address


def reword(address: Address, draw: int) -> Address:
    """Say the same address in other words, so that a person would see no change."""
    choice = draw % 4
    if choice == 0 and address.line1 != address.line1.upper():
        return replace(address, line1=address.line1.upper(), city=address.city.upper())
    if choice <= 1:
        for long, short in _ABBREVIATIONS:
            if long in address.line1:
                return replace(address, line1=address.line1.replace(long, short, 1))
    if choice == 2 and address.phone != (compact := address.phone.replace(" ", "").replace("-", "")):
        return replace(address, phone=compact)
    return replace(address, line1=f"{address.line1},", city=f"{address.city} ")


def _garbled(text: str) -> str:
    """Read UTF-8 as the code page 1252, as a spreadsheet does; text it can't garble stays."""
    try:
        return text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return text
