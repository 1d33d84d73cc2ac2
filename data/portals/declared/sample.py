"""What a declared portal would send for a sample order: shown to a person before any of it is sent."""

from __future__ import annotations

from collections.abc import Mapping

from data.model import Address, CommandKind, Money
from data.portals.declared.body import write_amend, write_change, write_notice, write_push
from data.portals.declared.pages import start
from data.portals.declared.request import request_line
from data.portals.declared.shape import Listing, Spec
from data.portals.notices import Carton, InboundNotice, ReturnLine, ReturnNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder

ADDRESS = Address(
    "Zoë Q. Sample",
    "Sample Press",
    "1 High Street",
    "Flat 3",
    "London",
    "Greater London",
    "N1 1AA",
    "GB",
    "02079460018",
)
ELSEWHERE = Address("Zoë Q. Sample", "", "Rue de l'Été 5", "", "Genève", "GE", "1201", "CH", "0227300111")
ORDER = ShipmentOrder(
    key="SAMPLE-000001-1",
    number="1001",
    address=ADDRESS,
    lines=(
        ShipmentLine("GAME", "The game", 1, 900, "950490", "DE", "Board game", Money(4900, "EUR")),
        ShipmentLine("DICE-2", "Two dice", 2, 40, "950490", "DE", "Dice", Money(600, "EUR")),
    ),
    email="zoe@example.org",
    campaign="Sample",
    ordered_at="2026-11-23T09:00:00Z",
    currency="EUR",
)
INBOUND = InboundNotice(
    "SAMPLE-ASN-1",
    "2026-12-04",
    (Carton("1Z999", (RemoteLine("GAME", 10),), 4),),
    purchase_order="PO-7",
    supplier="Acme",
)
RETURN = ReturnNotice("SAMPLE-RMA-1", ORDER.key, "12345", (ReturnLine("GAME", 1),), "1Z998", "refused")
REMOTE_ID = "12345"


def sample(spec: Spec, options: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return, for each thing the portal can be asked, the request line and the body ('' for none) of a sample order.

    `options` are a warehouse's; one without a default that is not set stands as its example. Raises InputError where
    the sample can't be expressed.
    """
    filled = option_values(spec, options)
    on_order = {**filled, "order.key": ORDER.key, "remote.id": REMOTE_ID}
    push = write_push(spec, filled, ORDER)
    shown = [(request_line(spec.push.request, on_order), push), _listed(spec.find, on_order)]
    if spec.show is not None:
        shown += [
            (request_line(each, on_order), "")
            for each in (spec.show.request, *(request for _, request in spec.show.also))
        ]
    if spec.amend is not None:
        shown.append((request_line(spec.amend.request, on_order), write_amend(spec, filled, ELSEWHERE, push)))
    for change in (spec.cancel, spec.hold, spec.release):
        if change is not None:
            shown.append((request_line(change.request, on_order), write_change(spec, change, filled, push)))
    shown.append(_listed(spec.poll, filled))
    if spec.stock is not None:
        shown.append(_listed(spec.stock.listing, filled))
    for kind, telling in ((CommandKind.ANNOUNCE, spec.announce), (CommandKind.RETURN, spec.returns)):
        if telling is not None:
            notice = INBOUND if kind is CommandKind.ANNOUNCE else RETURN
            values = {**filled, "notice.key": notice.key}
            shown.append((request_line(telling.create.request, values), write_notice(telling, filled, notice)))
            shown.append(_listed(telling.find, values))
    return shown


def option_values(spec: Spec, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the values of all options; one that is not set has its default, or else stands as its example."""
    given = given or {}
    return {
        f"option.{name}": given.get(name, option.example if option.default is None else option.default)
        for name, option in spec.options.items()
    }


def _listed(listing: Listing, values: Mapping[str, str]) -> tuple[str, str]:
    return request_line(listing.request, {**values, **start(listing.pages).values(listing.pages)}), ""
