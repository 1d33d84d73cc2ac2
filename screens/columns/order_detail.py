"""Everything about one order as lines of a detail pane."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from textual.content import Content

from data.clock import ago, from_text
from data.model import Money
from data.orders.alike import AlikeOrder
from data.orders.detail import AddressVersion, LineDetail, OrderDetail, ShipmentDetail
from data.text import visible_lines
from screens.columns.text import BAD, GOOD, QUIET, WARN, plain, stage_cell
from widgets.detail import Section


def order_sections(detail: OrderDetail, now: datetime) -> list[Section]:
    """Return the sections of an order's detail; empty ones are left out."""
    order = detail.order
    found = [
        Section(Content.assemble("Order ", plain(order.number), "  ", stage_cell(order.stage)), _head(detail)),
        Section(Content("Items"), [_line(each) for each in detail.lines]),
        Section(Content("Holds"), [_hold(each.kind, each.reason) for each in detail.holds if not each.released_at]),
        Section(Content("May be the same person as"), [line for each in detail.alike for line in _alike(each)]),
        Section(Content("Addresses"), [line for each in detail.addresses for line in _address(each, now)]),
        Section(Content("Shipments"), [line for each in detail.shipments for line in _shipment(each)]),
        Section(
            Content("Issues"),
            [plain(f"{each.state}  {each.type.replace('_', ' ')}: {each.title}") for each in detail.issues],
        ),
        Section(Content("Notes"), [line for each in detail.notes for line in _note(each.at, each.user, each.text)]),
        Section(Content("Answers"), [plain(f"{question}: {answer}") for question, answer in detail.answers]),
        Section(
            Content("On its way"),
            [plain(f"{each.at[:16].replace('T', ' ')}  {each.words}") for each in detail.timeline],
        ),
        Section(
            Content("Journal"),
            [
                Content.assemble(
                    plain(f"{each.at[:16].replace('T', ' ')}  {each.user}: {each.words}"),
                    (" (undone)" if each.undone else "", QUIET),
                )
                for each in detail.journal
            ],
        ),
    ]
    return [each for each in found if each.lines]


def _head(detail: OrderDetail) -> list[Content]:
    order = detail.order
    lines = [plain(f"{order.name} <{order.email}>" if order.email else order.name)]
    facts = [order.tier, order.warehouse or "", detail.platform_status]
    if order.amount_minor is not None:
        facts.append(f"{order.currency} {Money(order.amount_minor, order.currency).digits()}")
    lines.append(plain(" · ".join(each for each in facts if each)))
    flags = [
        words
        for words, on in (
            ("locked", order.locked),
            ("late", order.late),
            ("not paid", not order.paid),
            ("cancel asked for", order.cancel_asked),
            (f"priority {order.priority}", bool(order.priority)),
            (f"replaces {detail.parent}", bool(detail.parent)),
        )
        if on
    ]
    if flags:
        lines.append(plain(" · ".join(flags), WARN))
    return lines


def why_section(lines: Iterable[str]) -> Section:
    """Return why an order is where it is."""
    return Section(Content("Why here"), [plain(each) for each in lines])


def _line(line: LineDetail) -> Content:
    title = line.title or line.name
    if line.sku is None:
        return Content.assemble(f"{line.quantity} x ", plain(title), ("  ? not mapped to a SKU", WARN))
    return Content.assemble(
        f"{line.quantity} x ",
        plain(line.sku),
        "  ",
        plain(title if title != line.sku else "", QUIET),
        plain(f"  to {line.warehouse}" if line.warehouse else "", WARN),
    )


def _hold(kind: str, reason: str) -> Content:
    return Content.assemble((f"! {kind}", WARN), "  ", plain(reason))


def _alike(other: AlikeOrder) -> Iterable[Content]:
    words = {"possible": "D?  M merges for shipping", "merged": "=   in one parcel", "meant": "meant"}[other.state]
    yield Content.assemble(plain(f"{other.number}  {other.name}"), "  ", stage_cell(other.stage))
    yield Content.assemble("  ", (words, WARN if other.state == "possible" else QUIET), plain(f"  {other.why}", QUIET))


def _address(version: AddressVersion, now: datetime) -> Iterable[Content]:
    marks = [words for words, on in (("on file", version.on_file), ("proposed", version.proposed)) if on] + [
        f"held by {code}" for code in version.held_by
    ]
    age = ago(from_text(version.at), now) if version.at.endswith("Z") else ""
    yield Content.assemble(
        (", ".join(marks) or "earlier", GOOD if version.on_file else QUIET), (f"  {version.source} {age}", QUIET)
    )
    yield plain(f"  {version.address.name}, {version.address.one_line()}")
    if version.address.phone:
        e164 = version.e164 if version.e164 != version.address.phone else ""
        yield Content.assemble("  ", plain(version.address.phone), "  ", plain(e164, QUIET))
    for _, severity, message in version.findings:
        sign, style = ("!", BAD) if severity == "error" else ("~", WARN)
        yield Content.assemble((f"  {sign} ", style), plain(message))


def _shipment(shipment: ShipmentDetail) -> Iterable[Content]:
    batch = f" batch {shipment.batch}" if shipment.batch is not None else ""
    raw = f" ({shipment.raw_status})" if shipment.raw_status else ""
    yield plain(f"{shipment.key}  {shipment.warehouse}{batch}: {shipment.state}{raw}")
    if shipment.problem:
        yield Content.assemble(("  ! ", BAD), plain(shipment.problem))
    for parcel in shipment.parcels:
        words = f"{parcel.carrier} {parcel.tracking_number}: {parcel.status.replace('_', ' ')}"
        yield plain(f"  {words}{f' ({parcel.raw_status})' if parcel.raw_status else ''}")


def _note(at: str, user: str, text: str) -> Iterable[Content]:
    yield Content.styled(f"{at[:16].replace('T', ' ')}  {user}", QUIET)
    for line in visible_lines(text):
        yield Content(f"  {line}")
