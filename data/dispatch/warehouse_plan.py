"""The plan of one warehouse, ready to send to the partner: what is still open first, then what was agreed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from data.model import Done, InputError
from data.policy import TOPICS, Agreed, LabelLimits, WarehousePolicy, WarehouseSettings, save_agreed
from data.store.workspace import Workspace
from data.text import has_hidden, visible

LONGEST = 1_000
"""Characters of one thing that was agreed."""
_WIDTH = 78
_PHONE_WORDS = {
    "optional": "not needed",
    "abroad": "needed for parcels abroad",
    "required": "needed on every parcel",
}
_VAT_WORDS = {"seller": "paid by us", "receiver": "paid by the receiver"}
_LABEL_QUESTION = "How many lines and characters do your labels take, and which letters can they print?"
_ORIGIN_QUESTION = "From which country do parcels leave? Customs data depends on it."


@dataclass(frozen=True, slots=True)
class Plan:
    """What a warehouse and we know of each other; nothing secret is in it."""

    code: str
    name: str
    date: str
    """When it was made: UTC, `2026-11-23`."""
    open: tuple[tuple[str, str], ...]
    """What is not agreed or not known, with the question to the partner."""
    agreed: tuple[tuple[str, Agreed], ...]
    """Topics in words, with what was agreed."""
    rules: tuple[tuple[str, str], ...]
    """What we understand of its rules."""
    numbers: tuple[tuple[str, str], ...]
    """Ours, for customs and VAT."""
    contacts: tuple[tuple[str, str], ...]
    """Whom we ask, and about what."""


def warehouse_plan(ws: Workspace, code: str) -> Plan:
    """Return the plan of a warehouse; raises WorkspaceError when there is none of that code."""
    settings = ws.policy.warehouse(code)
    policy = settings.policy
    asked = [(TOPICS[each].words, TOPICS[each].question) for each in settings.open_topics()]
    asked += [("labels", _LABEL_QUESTION)] if settings.label is None else []
    asked += [] if policy.ships_from else [("origin", _ORIGIN_QUESTION)]
    contacts: dict[str, list[str]] = {}
    for topic, agreed in settings.agreement.items():
        if agreed.contact:
            contacts.setdefault(agreed.contact, []).append(TOPICS[topic].words)
    numbers = (("IOSS", policy.ioss), ("British VAT", policy.uk_vat), ("EORI", policy.eori))
    return Plan(
        code=settings.code,
        name=settings.name,
        date=ws.clock.now().date().isoformat(),
        open=tuple(asked),
        agreed=tuple((TOPICS[topic].words, agreed) for topic, agreed in settings.agreement.items()),
        rules=tuple(_rules(settings)),
        numbers=tuple((name, value) for name, value in numbers if value),
        contacts=tuple((who, ", ".join(topics)) for who, topics in contacts.items()),
    )


def plan_text(plan: Plan) -> str:
    """Write a plan as plain text of at most 78 characters a line; every character in it can be seen."""
    return "\n".join(_lines(plan)).rstrip() + "\n"


def agree(ws: Workspace, code: str, topic: str, values: Mapping[str, Any] | None) -> Done:
    """Record what was agreed with a warehouse on a topic: `values` of `Agreed`, over what is recorded; None: nothing.

    Raises WorkspaceError for a warehouse that there is not, InputError for a topic or a text that can't be.
    """
    settings = ws.policy.warehouse(code)
    if topic not in TOPICS:
        raise InputError(f"there is no topic {visible(topic)}; they are {', '.join(TOPICS)}")
    words = f"{TOPICS[topic].words} with {settings.name}"
    if values is None:
        save_agreed(ws.folder, code, topic, None)
        ws.reload_policy()
        return Done(None, f"not agreed any more: {words}")
    found = replace(settings.agreement.get(topic, Agreed("")), **values)
    for each in fields(Agreed):
        _check_text(each.name.replace("_", " "), getattr(found, each.name))
    if not found.agreed.strip():
        raise InputError(f"{TOPICS[topic].words}: say what was agreed")
    save_agreed(ws.folder, code, topic, found)
    ws.reload_policy()
    return Done(None, f"agreed on {words}: {found.line()}")


def _check_text(name: str, value: object) -> None:
    """Refuse text that a reader would not see, or too much of it."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, str) and has_hidden(each):
            raise InputError(f"{name}: it holds line breaks, control or invisible characters: {visible(each)}")
        if isinstance(each, str) and len(each) > LONGEST:
            raise InputError(f"{name}: at most {LONGEST:,} characters, this one has {len(each):,}")


def _rules(settings: WarehouseSettings) -> Iterator[tuple[str, str]]:
    """Yield what we understand of a warehouse's rules."""
    policy = settings.policy
    anywhere = "everywhere no other of our warehouses serves"
    yield "Ships to", ", ".join(anywhere if each == "*" else each for each in settings.countries)
    if policy.ships_from:
        yield "Ships from", policy.ships_from
    yield "Time zone of cut-offs", settings.time_zone
    if settings.label is not None:
        yield "Labels", _label_words(settings.label)
    yield "PO boxes", "delivered to" if policy.po_box else "not delivered to"
    yield "Telephone number", _PHONE_WORDS[policy.phone]
    if words := _size_words(policy):
        yield "Largest parcel", words
    yield "VAT and duty on import", _VAT_WORDS[policy.import_vat]


def _label_words(label: LabelLimits) -> str:
    country = {"alpha2": "2 letters", "alpha3": "3 letters", "name": "in full"}[label.country]
    return (
        f"{label.lines} lines of street of {label.line} characters; name {label.name}, company {label.company},"
        f" city {label.city}, region {label.region}, postcode {label.postcode}; letters: {label.charset}"
        f"{', Latin only' if label.latin else ''}; country: {country}"
    )


def _size_words(policy: WarehousePolicy) -> str:
    lines = f"{policy.max_lines} SKUs" if policy.max_lines else ""
    units = f"{policy.max_units} pieces" if policy.max_units else ""
    return ", ".join(each for each in (lines, units) if each)


def _lines(plan: Plan) -> Iterator[str]:
    yield visible(f"Fulfilment plan: {plan.name} ({plan.code}), {plan.date}")
    if plan.open:
        yield from ("", "STILL OPEN: please answer", "")
        for at, (words, question) in enumerate(plan.open, 1):
            yield from _wrapped(f"{at}. {_capital(words)}: ", question)
    if plan.agreed:
        yield from ("", "AGREED", "")
        for words, agreed in plan.agreed:
            yield from _wrapped(f"{_capital(words)}: ", agreed.agreed)
            for name, value in _details(agreed):
                yield from _wrapped(f"  {name}: ", value)
    yield from ("", "YOUR RULES, AS WE UNDERSTAND THEM", "")
    for name, value in plan.rules:
        yield from _wrapped(f"{name}: ", value)
    if plan.numbers:
        yield from ("", "OUR NUMBERS FOR CUSTOMS", "")
        for name, value in plan.numbers:
            yield from _wrapped(f"{name}: ", value)
    if plan.contacts:
        yield from ("", "WHOM WE ASK", "")
        for who, topics in plan.contacts:
            yield from _wrapped(f"{who}: ", topics)


def _details(agreed: Agreed) -> Iterator[tuple[str, str]]:
    """Yield what was agreed besides the sentence itself."""
    found = (
        ("asked for by", agreed.channel),
        ("until", agreed.cut_off),
        ("at the earliest after", f"{agreed.after_days} days" if agreed.after_days else ""),
        ("at the latest within", f"{agreed.within_days} days" if agreed.within_days else ""),
        ("paid by", agreed.who_pays),
        ("evidence", ", ".join(agreed.evidence)),
        ("contact", agreed.contact),
    )
    return ((name, value) for name, value in found if value)


def _wrapped(title: str, text: str) -> list[str]:
    """Break a line at spaces, the rest hanging below its text."""
    hang = " " * min(len(title) - len(title.lstrip()) + 3, 8)
    shown = visible(f"{title}{' '.join(text.split())}")
    return textwrap.wrap(shown, _WIDTH, subsequent_indent=hang, break_on_hyphens=False) or [shown]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
