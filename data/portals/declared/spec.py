"""Reading a portal's TOML file: every mistake in it is found here, with file, line and key, before anything is sent."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path

from data.model import ADDRESS_FIELDS, ParcelStatus, ShipmentState, WorkspaceError
from data.portals.declared import names
from data.portals.declared.keys import Keys, Source
from data.portals.declared.sections import (
    Headers,
    read_auth,
    read_change,
    read_creation,
    read_limits,
    read_lines,
    read_listing,
    read_option,
    read_show,
)
from data.portals.declared.shape import (
    Lines,
    Parcels,
    Reading,
    Sent,
    Spec,
    Statuses,
    StatusTable,
    Stock,
    Telling,
)
from data.portals.protocol import Idem, Lookup
from data.text import visible

FOLDER = "portals"
"""The workspace's folder of portals of its own."""


def find_spec(folder: Path, name: str) -> Spec:
    """Return the portal `NAME.toml` of the workspace in `folder`, else the one of that name that ships.

    Raises WorkspaceError naming those there are, or naming file, line and key of what is wrong.
    """
    packaged = Path(str(resources.files("data.portals.declared")))
    for where in (folder / FOLDER, packaged):
        path = where / f"{name}.toml"
        if name == Path(name).name and path.is_file():
            return load_spec(path)
    known = sorted({path.stem for where in (folder / FOLDER, packaged) for path in where.glob("*.toml")})
    raise WorkspaceError(
        f"there is no portal {visible(name)} in {FOLDER}/, and none ships (there are: {', '.join(map(visible, known))})"
    )


def load_spec(path: Path) -> Spec:
    """Read one file, anew when it has changed; raises WorkspaceError as `read_spec`."""
    try:
        status = path.stat()
        return _loaded(path, status.st_mtime_ns, status.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{visible(path.name)}: can't be read: {visible(str(error))}") from None


@lru_cache(maxsize=32)
def _loaded(path: Path, changed_ns: int, size: int) -> Spec:
    """Read one file as it stands: a verb over a thousand orders asks for their warehouse's portal a thousand times."""
    return read_spec(path.name, path.read_text(encoding="utf-8"))


def read_spec(name: str, text: str) -> Spec:
    """Read a portal from the text of a file called `name`, and try it on a sample order.

    Raises WorkspaceError naming file, line and key.
    """
    from data.portals.declared.check import check_spec

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{visible(name)}: is not TOML: {visible(str(error))}") from None
    source = Source(name, text.replace("\r\n", "\n"))
    spec = _read(Keys(source, document), name.removesuffix(".toml"))
    check_spec(source, spec)
    return spec


def _read(top: Keys, name: str) -> Spec:
    portal, options = top.section("portal"), top.section("options")
    known = {each: read_option(options.section(each)) for each in options.names()}
    option = frozenset(f"option.{each}" for each in known)
    order = _order(top.section("order"))
    remote = names.REMOTE | option
    headers = portal.templates("headers", option)
    spec = Spec(
        name=name,
        title=portal.text("name", name),
        url=portal.text("url", ""),
        idem=Idem(portal.choice("idem", [each for each in Idem if each is not Idem.FILE])),
        lookup=Lookup(portal.choice("lookup", list(Lookup), Lookup.EXACT)),
        options=known,
        limits=read_limits(top.section("limits")),
        auth=read_auth(top.section("auth"), names.LOGIN | option),
        order=order,
        sent=_sent(top.section("sent"), order),
        statuses=_statuses(top, option, headers),
        push=read_creation(
            top.section("push"), names.KEY | option, names.ORDER | names.ADDRESS | option, names.LINE | option, headers
        ),
        find=read_listing(top.section("find"), names.KEY | names.PAGES | option, headers),
        show=top.optional("show", lambda keys: read_show(keys, remote, headers)),
        amend=top.optional(
            "amend", lambda keys: read_change(keys, remote, names.KEY | names.ADDRESS | option, headers)
        ),
        cancel=top.optional("cancel", lambda keys: read_change(keys, remote, names.KEY | option, headers)),
        hold=top.optional("hold", lambda keys: read_change(keys, remote, names.KEY | option, headers)),
        release=top.optional("release", lambda keys: read_change(keys, remote, names.KEY | option, headers)),
        poll=read_listing(top.section("poll"), names.PAGES | option, headers),
        stock=top.optional("stock", lambda keys: _stock(keys, option, headers)),
        announce=top.optional("announce", lambda keys: _telling(keys, names.INBOUND, option, headers)),
        returns=top.optional("return", lambda keys: _telling(keys, names.RETURN, option, headers)),
    )
    for each in ("portal", "limits", "order", "sent", "push", "find", "poll"):
        if each not in top and each not in ("limits", "sent"):
            raise top.error(each, "is missing")
    if (spec.hold is None) != (spec.release is None):
        raise top.error("hold" if spec.hold else "release", "hold and release are given together, or neither")
    portal.refuse_unread()
    top.refuse_unread()
    return spec


def _order(keys: Keys) -> Reading:
    address = keys.section("address")
    for each in address.names():
        if each not in ADDRESS_FIELDS:
            raise address.error(each, f"is no field of an address; known are {', '.join(ADDRESS_FIELDS)}")
    found = Reading(
        reference=keys.expression("reference"),
        id=keys.expression("id"),
        status=keys.expression("status"),
        address={each: address.expression(each) for each in address.names()},
        lines=read_lines(keys.section("lines")),
        parcels=keys.optional("parcels", _parcels),
        exceptions=keys.find("exceptions"),
        held=keys.find("held"),
        updated_at=keys.find("updated_at"),
    )
    keys.refuse_unread()
    return found


def _parcels(keys: Keys) -> Parcels:
    return Parcels(
        rows=keys.expression("rows"),
        carrier=keys.expression("carrier", "''"),
        tracking_number=keys.expression("tracking_number"),
        tracking_url=keys.expression("tracking_url", "''"),
        status=keys.expression("status", "''"),
        at=keys.expression("at", "''"),
    )


def _sent(keys: Keys, order: Reading) -> Sent:
    """Read where our bodies have what orders have; what is not given stands where the warehouse has it."""
    address = keys.section("address")
    for each in address.names():
        if each not in order.address:
            raise address.error(each, "is not read in [order.address], so it can't be compared")
    lines = keys.section("lines")
    found = Sent(
        reference=keys.find("reference") or order.reference,
        address=dict(order.address) | {each: address.expression(each) for each in address.names()},
        lines=Lines(
            lines.find("rows") or order.lines.rows,
            lines.find("sku") or order.lines.sku,
            lines.find("quantity") or order.lines.quantity,
        ),
    )
    lines.refuse_unread()
    keys.refuse_unread()
    return found


def _statuses(top: Keys, option: frozenset[str], headers: Headers) -> Statuses:
    keys, parcels = top.section("status"), top.section("parcel_status")
    words, default = keys.section("map"), keys.choice("default", ["unknown", *ShipmentState], "unknown")
    found = Statuses(
        states={each.casefold(): ShipmentState(words.choice(each, list(ShipmentState))) for each in words.names()},
        default=None if default == "unknown" else ShipmentState(default),
        parcels={each.casefold(): ParcelStatus(parcels.choice(each, list(ParcelStatus))) for each in parcels.names()},
        table=keys.optional("table", lambda inside: _status_table(inside, option, headers)),
    )
    keys.refuse_unread()
    return found


def _status_table(keys: Keys, option: frozenset[str], headers: Headers) -> StatusTable:
    return StatusTable(read_listing(keys, option, headers, whole=False), keys.expression("id"), keys.expression("name"))


def _stock(keys: Keys, option: frozenset[str], headers: Headers) -> Stock:
    on_hand = keys.expression("on_hand")
    return Stock(
        listing=read_listing(keys, names.PAGES | option, headers, whole=False),
        sku=keys.expression("sku"),
        on_hand=on_hand,
        available=keys.find("available") or on_hand,
    )


def _telling(keys: Keys, known: frozenset[str], option: frozenset[str], headers: Headers) -> Telling:
    """Read an announcement; how it is looked up stands under `find`, for one that is in doubt must be found again."""
    create = read_creation(
        keys, names.NOTICE_KEY | option, known | option, names.NOTICE_LINE | option, headers, whole=False
    )
    if "find" not in keys:
        raise keys.error("find", "is missing")
    find = keys.section("find")
    lines = read_lines(find.section("lines"))
    sent = keys.section("sent")
    made = Telling(
        create=create,
        find=read_listing(find, names.NOTICE_KEY | names.PAGES | option, headers, whole=False),
        reference=find.expression("reference"),
        id=find.expression("id"),
        status=find.expression("status", "''"),
        lines=lines,
        sent=Lines(
            sent.find("rows") or lines.rows, sent.find("sku") or lines.sku, sent.find("quantity") or lines.quantity
        ),
    )
    find.refuse_unread()
    sent.refuse_unread()
    return made
