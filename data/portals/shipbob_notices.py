"""What ShipBob is told besides orders: goods that will arrive (a WRO) and parcels that come back.

It takes the same WRO twice, so what is there under our key is looked up before one is made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from data.clock import Clock, utc_text
from data.model import CommandKind
from data.portals.compare import line_differences
from data.portals.errors import Conflict
from data.portals.outcomes import Absent, FindResult, Found, Pushed, PushResult, RemoteLine, RemoteState, Several
from data.portals.reply import Reply
from data.portals.shipbob_api import Api
from data.portals.shipbob_bodies import finished_notice, notice_lines
from data.portals.shipbob_catalogue import Catalogue
from data.portals.shipbob_changes import Show
from data.portals.shipbob_replies import accepted, before_sending, rows

_MOST = 50


@dataclass(frozen=True, slots=True)
class _Room:
    """Where one kind of notice is kept, and under which names."""

    path: str
    filter: str
    reference: str
    in_channel: bool
    lines: str
    quantity: str


_ROOMS = {
    CommandKind.ANNOUNCE: _Room(
        "/receiving",
        "PurchaseOrderNumbers",
        "purchase_order_number",
        False,
        "inventory_quantities",
        "expected_quantity",
    ),
    CommandKind.RETURN: _Room("/return", "ReferenceIds", "reference_id", True, "inventory", "quantity"),
}


async def notify(
    api: Api, catalogue: Catalogue, show: Show, kind: CommandKind, body: str, key: str, clock: Clock
) -> PushResult:
    """Tell of an inbound shipment or a return that is not there yet.

    What is there with the same lines is `already`, with others a Conflict. Raises Permanent naming the SKUs that
    ShipBob does not know, and what `Http.ask` raises.
    """
    with before_sending(f"notice {key}"):
        found = await find_notice(api, kind, key, clock)
    if isinstance(found, Several):
        ids = tuple(each.remote_id for each in found.remotes)
        raise Conflict(f"{key} exists at the warehouse {len(ids)} times", remote_ids=ids)
    if isinstance(found, Found):
        return _already(body, key, found.remote)
    lines = notice_lines(body)
    with before_sending(f"notice {key}"):
        ids_of = await catalogue.inventory_ids(each.sku for each in lines)
        shipment = await _shipment_of(show, body, lines)
    room = _ROOMS[kind]
    content = finished_notice(body, ids_of, shipment)
    reply = await api.ask("POST", room.path, content=content, in_channel=room.in_channel)
    answer = accepted(reply).json()
    if answer.get(room.reference) != key or not isinstance(answer.get("id"), int):
        reply.not_understood(f"it does not name our reference {key}")
    return PushResult(Pushed.CREATED, (str(answer["id"]),))


async def find_notice(api: Api, kind: CommandKind, key: str, clock: Clock) -> FindResult:
    """Look up what was announced under a key; raises what a look-up raises."""
    room = _ROOMS[kind]
    reply = await api.ask("GET", room.path, query={room.filter: key, "Limit": str(_MOST)})
    told = rows(reply)
    # Whether the filter takes part of a number for the whole is not documented.
    ours = [each for each in told if isinstance(each, dict) and each.get(room.reference) == key]
    if not ours and len(told) >= _MOST:
        reply.not_understood(f"it lists {len(told)} notices that are not {key}")
    remotes = tuple(_read(reply, room, each) for each in ours)
    if not remotes:
        return Absent(utc_text(clock.now()))
    return Found(remotes[0]) if len(remotes) == 1 else Several(remotes)


def _already(body: str, key: str, remote: RemoteState) -> PushResult:
    if differences := line_differences(notice_lines(body), remote.lines):
        ids = (remote.remote_id,)
        raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), ids)
    return PushResult(Pushed.ALREADY, (remote.remote_id,), remote)


async def _shipment_of(show: Show, body: str, lines: tuple[RemoteLine, ...]) -> int | None:
    """Return ShipBob's shipment that a return is of: the order's only one, or the only one that holds all its SKUs."""
    told = json.loads(body)
    if not told.get("order_id"):
        return None
    parts = (await show(told["order_id"], told["order_key"])).live
    skus = {each.sku for each in lines}
    fits = [each for each in parts if len(parts) == 1 or skus <= {line.sku for line in each.lines}]
    return int(fits[0].id) if len(fits) == 1 else None


def _read(reply: Reply, room: _Room, notice: dict[str, Any]) -> RemoteState:
    try:
        return RemoteState(
            reference=str(notice[room.reference]),
            remote_id=str(notice["id"]),
            raw_status=str(notice.get("status") or ""),
            status=None,
            lines=tuple(_read_line(each, room.quantity) for each in notice.get(room.lines) or ()),
            updated_at=str(notice.get("last_updated_date") or notice.get("insert_date") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        reply.not_understood("a notice in it can't be read")


def _read_line(line: dict[str, Any], quantity: str) -> RemoteLine:
    """Read a line; one without a SKU stands under ShipBob's number of it."""
    number = line.get("inventory_id") or line.get("id")
    return RemoteLine(str(line.get("sku") or f"inventory {number}"), int(line[quantity]))
