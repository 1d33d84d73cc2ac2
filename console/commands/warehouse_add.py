"""`lastcall warehouse add`: asks what it needs, writes the warehouse, and tries it; every question is an option too."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from console.output import finish, json_option, narrate
from console.session import Session, pass_session
from data.policy import (
    ANYWHERE,
    IMPORT_VAT,
    PHONES,
    PORTALS,
    RULE_FORMS,
    STOCKS,
    TOPICS,
    WarehousePolicy,
    WarehouseSettings,
)
from data.text import visible

if TYPE_CHECKING:
    from data.dispatch.ask import Reply
    from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked where an option was not given."""

    key: str
    words: str
    portal: bool = False
    """Needed by a portal that is driven over the network."""


_QUESTIONS = (
    Question("name", "Its name"),
    Question("countries", "Countries it serves: two-letter codes with commas, * = everywhere else"),
    Question("portal", f"How it is driven: {', '.join(PORTALS)}"),
    Question("url", "Where its portal answers (https://...)", portal=True),
    Question("secret", "Where the secret is: env:NAME or file:PATH, never the secret itself", portal=True),
    Question("time_zone", "Time zone of its cut-offs and business days"),
    Question("ships_from", "Country its parcels leave, for customs: two letters, may be empty"),
    Question("phone", f"Telephone numbers are: {', '.join(PHONES)}"),
    Question("ioss", "IOSS number for parcels into the EU, may be empty"),
    Question("uk_vat", "British VAT number, may be empty"),
)
_RULES = ("ships_from", "po_box", "phone", "max_lines", "max_units", "stock", "import_vat", "ioss", "uk_vat", "eori")
_LABEL = {"label_lines": "lines", "label_chars": "chars", "charset": "charset"}


@click.command()
@click.argument("code", required=False)
@click.option("--name", help="What people call it.")
@click.option("--countries", help="Two-letter codes with commas; * (the default) = everywhere else.")
@click.option("--portal", help=f"How it is driven: {', '.join(PORTALS)}; file by default.")
@click.option("--url", help="Where its portal answers.")
@click.option("--secret", help="Where the secret is: env:NAME or file:PATH; never the secret itself.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="What only its portal understands.")
@click.option("--time-zone", help="Its business days and cut-offs are counted there; UTC by default.")
@click.option("--ships-from", help="The country its parcels leave: customs depends on it.")
@click.option("--po-box/--no-po-box", default=None, help="Whether its carriers deliver to PO boxes.")
@click.option("--phone", type=click.Choice(PHONES), help="When a parcel must have a telephone number.")
@click.option("--max-lines", type=click.IntRange(min=1), help="SKUs in one parcel, at most.")
@click.option("--max-units", type=click.IntRange(min=1), help="Pieces in one parcel, at most.")
@click.option("--stock", type=click.Choice(STOCKS), help="Whether batches are checked against its stock.")
@click.option("--import-vat", type=click.Choice(IMPORT_VAT), help="Who pays VAT on import.")
@click.option("--ioss", help="IOSS number: IM and ten digits.")
@click.option("--uk-vat", help="British VAT number: GB and nine or twelve digits.")
@click.option("--eori", help="EORI number.")
@click.option("--priority", type=int, help="Of several that could take an order, the highest is preferred.")
@click.option("--label-lines", type=click.IntRange(min=1), help="Lines of street its labels have.")
@click.option("--label-chars", type=click.IntRange(min=1), help="Characters in such a line.")
@click.option("--charset", help="What its labels print: ascii, latin-1, cp1252, utf-8, ...")
@click.option("--no-test", is_flag=True, help="Don't let its worker try it.")
@json_option
@pass_session
def add(
    session: Session, /, code: str | None, options: tuple[str, ...], no_test: bool, as_json: bool, **given: Any
) -> None:
    """Write a warehouse into `lastcall.toml`, or change it there, and let its worker try it.

    In a terminal it asks for what is needed and not given. What is not said of a warehouse that is there already stays.
    Ends with 1 where something does not work yet; the warehouse is written all the same.
    """
    from data.dispatch.ask import ask, wait_for
    from data.dispatch.warehouse_rows import add_warehouse
    from data.model import InputError

    ws = session.open()
    asking = sys.stdin.isatty()
    if not code:
        if not asking:
            raise InputError("which warehouse? Give its code, like EU1")
        code = _prompt("Its code: 1-12 capital letters and digits, like EU1", "")
    code = code.strip().upper()
    known = ws.policy.find(code)
    values = {key: value for key, value in given.items() if value is not None}
    if asking:
        values |= _ask(known or WarehouseSettings(code, ""), values, whole=known is None and "name" not in values)
    if known is None and not values.get("name"):
        raise InputError(f"what do people call {visible(code)}? Give --name")
    settings = _settings(known or WarehouseSettings(code, ""), values, options)
    rules = {key: values[key] for key in (*_RULES, "priority") if key in values}
    label = {key: values[name] for name, key in _LABEL.items() if name in values}
    done = add_warehouse(ws, settings, rules={key: _upper(key, each) for key, each in rules.items()}, label=label)
    reply = None if no_test else wait_for(ws, ask(ws, [code], "test"))[0]
    finish(done, as_json, {"test": reply, "open": ws.policy.warehouse(code).open_topics()})
    if not as_json:
        print_reply(reply)
    _say_open(ws, code)
    if reply is not None and not reply.ok:
        raise SystemExit(1)


def print_reply(reply: Reply | None) -> None:
    """Print what a worker's test said, a line for each thing it tried."""
    for line in reply.words.split("\n") if reply is not None else ():
        click.echo(visible(line))


def _ask(known: WarehouseSettings, values: dict[str, Any], *, whole: bool) -> dict[str, str]:
    """Ask for what was not given: everything of a new warehouse without a name, else only what its portal needs."""
    found: dict[str, str] = {}
    for each in _QUESTIONS:
        portal = str(found.get("portal") or values.get("portal") or known.portal)
        wanted = portal != "file" if each.portal else whole
        if each.key in values or not wanted or (each.portal and getattr(known, each.key) and not whole):
            continue
        default = _default(known, each.key)
        if (answer := _prompt(each.words, default, _checked(each.key))) != default:
            found[each.key] = answer
    return found


def _prompt(words: str, default: str, check: Callable[[str], str] | None = None) -> str:
    """Ask on standard error, so that standard output stays one document."""
    return str(click.prompt(words, default=default, value_proc=check, show_default=bool(default), err=True))


def _checked(key: str) -> Callable[[str], str]:
    """Return what refuses an answer that can't be, so that it is asked again at once."""

    def check(answer: str) -> str:
        answer = _upper(key, answer.strip())
        if answer and key in RULE_FORMS and not re.fullmatch(RULE_FORMS[key][0], answer):
            raise click.BadParameter(f"it must be {RULE_FORMS[key][1]}")
        known = {"portal": PORTALS, "phone": PHONES}.get(key)
        if known is not None and answer not in known:
            raise click.BadParameter(f"it is one of {', '.join(known)}")
        if key == "name" and not answer:
            raise click.BadParameter("it needs a name")
        if key == "secret" and answer and not answer.startswith(("env:", "file:")):
            raise click.BadParameter("say where it is: env:NAME or file:PATH")
        return answer

    return check


def _default(known: WarehouseSettings, key: str) -> str:
    """Return what a question is answered with by Enter alone."""
    found = getattr(known.policy, key) if key in _RULES else getattr(known, key)
    return ",".join(found) if isinstance(found, tuple) else str(found)


def _settings(known: WarehouseSettings, values: dict[str, Any], options: tuple[str, ...]) -> WarehouseSettings:
    """Return the settings as they will be; a portal's options stay as long as the portal does."""
    plain: dict[str, Any] = {
        key: values[key].strip() for key in ("name", "portal", "url", "secret", "time_zone") if key in values
    }
    if "countries" in values:
        served = tuple(each.strip().upper() for each in values["countries"].split(",") if each.strip())
        plain["countries"] = served or (ANYWHERE,)
    same = plain.get("portal", known.portal) == known.portal
    plain["options"] = {**(known.options if same else {}), **dict(map(_option, options))}
    # Label, rules and agreement are written by their keys alone.
    return replace(known, label=None, policy=WarehousePolicy(), agreement={}, **plain)


def _option(text: str) -> tuple[str, Any]:
    """Read KEY=VALUE, the value as TOML where it is some, else as text."""
    import tomllib

    from data.model import InputError

    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        raise InputError(f"--option {visible(text)}: it is KEY=VALUE")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value


def _upper(key: str, value: Any) -> Any:
    """Write codes and numbers as they are written."""
    return value.strip().upper() if key in RULE_FORMS else value


def _say_open(ws: Workspace, code: str) -> None:
    """Say what is still to be agreed."""
    if topics := ws.policy.warehouse(code).open_topics():
        narrate(f"not agreed: {', '.join(TOPICS[each].words for each in topics)}")
        narrate(f"lastcall warehouse plan {code} prints what to ask, lastcall warehouse agree {code} keeps the answers")
